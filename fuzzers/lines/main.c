// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi-lines: which lines of the kernel's source KCOV has seen. */
#include <argp.h>
#include <errno.h>
#include <error.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/grow.h"
#include "lines/points.h"

struct options {
	const char *under; /* what is counted */
	const char *list;  /* the file that is shown, or NULL */
	const char *tree;
	char **pcs;
	int n_pcs;
};

static void take_pc(struct pcs *pcs, uint32_t pc)
{
	pcs->at = grow(pcs->at, pcs->n, &pcs->room, sizeof(*pcs->at));
	if (!pcs->at)
		error(2, ENOMEM, "PCs");
	pcs->at[pcs->n++] = pc;
}

/* Hexadecimal offsets from _stext, one a line. */
static void read_pcs(const char *path, struct pcs *pcs)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char line[64], *end;
	unsigned int n = 0;

	if (!f)
		error(2, errno, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		const unsigned long pc = strtoul(line, &end, 16);

		n++;
		if (end == line || (*end && *end != '\n') || pc > UINT32_MAX)
			error(2, 0,
			      "%s:%u: not a hexadecimal offset from _stext",
			      path, n);
		take_pc(pcs, (uint32_t)pc);
	}
	if (ferror(f))
		error(2, errno, "%s", path);
	if (f != stdin)
		fclose(f);
}

static void print_row(const char *file, size_t reached, size_t lines)
{
	printf("%6zu of %6zu  %5.1f %%  %s\n", reached, lines,
	       100.0 * (double)reached / (double)lines, file);
}

static void print_table(const struct points *p)
{
	size_t i, from = 0, reached = 0, all = 0;

	for (i = 0; i < p->n; i++) {
		reached += p->at[i].reached;
		if (i + 1 < p->n && !strcmp(p->at[i].file, p->at[i + 1].file))
			continue;
		print_row(p->at[i].file, reached, i + 1 - from);
		all += reached;
		reached = 0;
		from = i + 1;
	}
	print_row("all lines", all, p->n);
	print_row("instrumentation points", p->reached, p->calls);
}

static const struct line *find_line(const struct points *p, const char *file,
				    unsigned int line)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i].line == line && !strcmp(p->at[i].file, file))
			return &p->at[i];
	return NULL;
}

/* "+" was reached, "-" was not, " " is nothing that KCOV tells apart from the
 * line before. */
static void print_listing(const struct options *o, const struct points *p)
{
	char path[PATH_MAX], *text = NULL;
	const struct line *line;
	unsigned int n = 0;
	size_t room = 0;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/source/%s", o->tree, o->list) >=
	    (int)sizeof(path))
		error(2, ENAMETOOLONG, "%s", o->tree);
	f = fopen(path, "re");
	if (!f)
		error(2, errno, "%s", path);
	while (getline(&text, &room, f) >= 0) {
		line = find_line(p, o->list, ++n);
		printf("%c%5u %s",
		       !line	       ? ' '
		       : line->reached ? '+'
				       : '-',
		       n, text);
	}
	free(text);
	fclose(f);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'u':
		o->under = arg;
		return 0;
	case 'l':
		o->list = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->tree = state->argv[state->next];
		o->pcs = state->argv + state->next + 1;
		o->n_pcs = state->argc - state->next - 1;
		return 0;
	case ARGP_KEY_END:
		if (!o->tree || o->n_pcs < 1)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"under", 'u', "PATH", 0, "count files of PATH (kernel/bpf/)",
		 0},
		{"list", 'l', "FILE", 0,
		 "show FILE with marks: + reached, - not; no table", 0},
		{0}};
	static const struct argp argp = {
		.options = options,
		.parser = take,
		.args_doc = "TREE PCS...",
		.doc = "Which lines of the kernel that was built in TREE were "
		       "reached, of those that KCOV can tell? PCS are files of "
		       "hexadecimal offsets from _stext, one a line, as bpfabi "
		       "fuzz keeps them; - is standard input.",
	};
	struct options o = {.under = "kernel/bpf/"};
	struct pcs pcs = {0};
	struct points points;
	char path[PATH_MAX];
	const char *why;
	int i;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (i = 0; i < o.n_pcs; i++)
		read_pcs(o.pcs[i], &pcs);
	if (pcs.n)
		qsort(pcs.at, pcs.n, sizeof(*pcs.at), pcs_ascending);
	snprintf(path, sizeof(path), "%s/vmlinux", o.tree);
	if (points_read(path, o.list ? o.list : o.under, &pcs, &points, &why))
		error(2, 0, "%s: %s", path, why);
	if (o.list)
		print_listing(&o, &points);
	else
		print_table(&points);
	points_free(&points);
	free(pcs.at);
	return 0;
}
