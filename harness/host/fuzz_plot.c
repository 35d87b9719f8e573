// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Coverage over time, as one HTML page that needs nothing else. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpfabi.h"
#include "fuzz_watch.h"

/* The drawing, in units of SVG. */
enum { WIDTH = 860, HEIGHT = 420, LEFT = 70, TOP = 20, RIGHT = 20, BELOW = 40 };

struct row {
	double seconds, execs, pcs;
};

struct curve {
	const char *name;
	struct row *rows;
	size_t n;
};

static const char *const colours[] = {"#1f6fb4", "#c8501e", "#2c8a4b",
				      "#8250a0", "#a58000", "#555555"};

static int read_curve(struct curve *curve, const char *path)
{
	size_t len;
	char *text = (char *)file_read(path, 64 << 20, &len), *line, *rest;
	struct row row;

	curve->name = path;
	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct row *rows;

		if (sscanf(line, "%lf,%lf,%lf", &row.seconds, &row.execs,
			   &row.pcs) != 3 ||
		    !isfinite(row.seconds) || !isfinite(row.pcs))
			continue;
		rows = realloc(curve->rows, (curve->n + 1) * sizeof(*rows));
		if (!rows) {
			free(text);
			return -ENOMEM;
		}
		curve->rows = rows;
		rows[curve->n++] = row;
	}
	free(text);
	return curve->n ? 0 : -ENODATA;
}

/* The next of 1, 2, 5, 10, 20, ... from which TICKS reach MOST. */
static double tick_of(double most, int ticks)
{
	const double least = most / ticks;
	double unit = pow(10, floor(log10(least)));

	if (unit < 1)
		unit = 1;
	for (;; unit *= 10) {
		if (unit >= least)
			return unit;
		if (unit * 2 >= least)
			return unit * 2;
		if (unit * 5 >= least)
			return unit * 5;
	}
}

static double x_of(double seconds, double most)
{
	return LEFT + seconds / most * (WIDTH - LEFT - RIGHT);
}

static double y_of(double pcs, double most)
{
	return HEIGHT - BELOW - pcs / most * (HEIGHT - TOP - BELOW);
}

static void print_axes(FILE *out, double seconds, double pcs)
{
	const double minutes = seconds >= 300 ? 60 : 1;
	const double dx = tick_of(seconds / minutes, 8) * minutes;
	const double dy = tick_of(pcs, 6);

	for (double t = 0; t <= seconds; t += dx)
		fprintf(out,
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f"
			"</text>\n",
			x_of(t, seconds), HEIGHT - BELOW + 18, t / minutes);
	for (double p = 0; p <= pcs; p += dy)
		fprintf(out,
			"<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
			"class=\"grid\"/><text x=\"%d\" y=\"%.1f\" "
			"text-anchor=\"end\">%.0f</text>\n",
			LEFT, WIDTH - RIGHT, y_of(p, pcs), y_of(p, pcs),
			LEFT - 8, y_of(p, pcs) + 4, p);
	fprintf(out,
		"<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
		"<text transform=\"translate(14 %d) rotate(-90)\" "
		"text-anchor=\"middle\">PCs of the kernel</text>\n",
		(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4,
		minutes > 1 ? "minutes" : "seconds", HEIGHT / 2);
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		if (strchr("<>&\"'", *text) || (unsigned char)*text < ' ')
			fprintf(out, "&#%d;", (unsigned char)*text);
		else
			fputc(*text, out);
}

static void print_curve(FILE *out, const struct curve *curve, size_t at,
			double seconds, double pcs)
{
	fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" points=\"",
		colours[at % (sizeof(colours) / sizeof(*colours))]);
	for (size_t i = 0; i < curve->n; i++)
		fprintf(out, "%.1f,%.1f ",
			x_of(curve->rows[i].seconds, seconds),
			y_of(curve->rows[i].pcs, pcs));
	fputs("\"><title>", out);
	print_escaped(out, curve->name);
	fputs("</title></polyline>\n", out);
}

static void print_table(FILE *out, const struct curve *curves, size_t n)
{
	fputs("<table><tr><th></th><th>campaign</th><th>seconds</th>"
	      "<th>inputs</th><th>PCs</th></tr>\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		const struct row *last = &curves[i].rows[curves[i].n - 1];

		fprintf(out, "<tr><td style=\"color:%s\">&#9632;</td><td>",
			colours[i % (sizeof(colours) / sizeof(*colours))]);
		print_escaped(out, curves[i].name);
		fprintf(out,
			"</td><td>%.0f</td><td>%.0f</td><td>%.0f</td></tr>\n",
			last->seconds, last->execs, last->pcs);
	}
	fputs("</table>\n", out);
}

static void print_page(FILE *out, const struct curve *curves, size_t n)
{
	double seconds = 1, pcs = 1;

	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < curves[i].n; r++) {
			seconds = fmax(seconds, curves[i].rows[r].seconds);
			pcs = fmax(pcs, curves[i].rows[r].pcs);
		}
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
		"charset=\"utf-8\"><title>Coverage over time</title><style>\n"
		"body{font:14px sans-serif;max-width:%dpx;margin:2em auto;"
		"color:#222;background:#fff}\n"
		"svg{width:100%%}text{font-size:12px;fill:#444}"
		".grid{stroke:#ddd}polyline{stroke-width:2}\n"
		"td,th{padding:2px 12px;text-align:right}"
		"td:nth-child(2),th:nth-child(2){text-align:left}\n"
		"</style></head><body><h1>Coverage over time</h1>\n"
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"PCs of the kernel over time\">\n",
		WIDTH, WIDTH, HEIGHT);
	print_axes(out, seconds, pcs);
	for (size_t i = 0; i < n; i++)
		print_curve(out, &curves[i], i, seconds, pcs);
	fputs("</svg>\n", out);
	print_table(out, curves, n);
	fputs("</body></html>\n", out);
}

static int write_page(const char *path, const struct curve *curves, size_t n)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return -ENOMEM;
	print_page(out, curves, n);
	ret = fclose(out) == 0 ? file_write(path, text, size) : -ENOMEM;
	free(text);
	return ret;
}

int plot_write(const char *out, char *const *csv, size_t n)
{
	struct curve *curves = calloc(n, sizeof(*curves));
	const char *at = out;
	int ret = curves ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = read_curve(&curves[i], csv[i]);
		at = csv[i];
	}
	if (ret == 0) {
		ret = write_page(out, curves, n);
		at = out;
	}
	for (size_t i = 0; curves && i < n; i++)
		free(curves[i].rows);
	free(curves);
	if (ret == 0)
		return STATUS_HOLDS;
	complain("%s: %s", at,
		 ret == -ENODATA ? "no rows of seconds,execs,pcs"
				 : strerror(-ret));
	return STATUS_NO_VERDICT;
}
