// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Checks KTAP by the rules of the kernel's Documentation/dev-tools/ktap.rst:
 * version line, plan, results numbered from 1, subtests indented by two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_ktap.h"

struct parser {
	const char *at;
	char line[4096];
	struct ktap_seen *seen;
};

/* The next line, without taking it; false at the end. */
static int peek(struct parser *p)
{
	const char *end = strchr(p->at, '\n');

	if (!*p->at)
		return 0;
	assert_non_null(end); /* the last line is ended */
	assert_true((size_t)(end - p->at) < sizeof(p->line));
	memcpy(p->line, p->at, (size_t)(end - p->at));
	p->line[end - p->at] = '\0';
	return 1;
}

static void take(struct parser *p)
{
	p->at = strchr(p->at, '\n') + 1;
}

static int is_diagnostic(const char *line)
{
	return line[0] == '#' && (line[1] == ' ' || !line[1]);
}

static void check_result(struct parser *p, const char *line,
			 unsigned long number)
{
	const int not_ok = strncmp(line, "not ok ", 7) == 0;
	const char *rest = line + (not_ok ? 7 : 3), *directive;
	char *end;

	if (!not_ok && strncmp(line, "ok ", 3) != 0)
		fail_msg("not a result line: %s", line);
	assert_int_equal(strtoul(rest, &end, 10), number);
	assert_true(end[0] == ' ' && end[1] && end[1] != ' ');
	directive = strstr(end, " # ");
	if (directive && strncmp(directive, " # SKIP", 7) == 0)
		p->seen->skips++;
	if (directive && strncmp(directive, " # XFAIL", 8) == 0)
		p->seen->xfails++;
	p->seen->tests++;
	p->seen->not_ok += (unsigned int)not_ok;
}

/* Lines indented by INDENT, to the first that is indented less. */
static void check_level(struct parser *p, size_t indent)
{
	unsigned long plan = 0, number = 0;
	int have_plan = 0;

	assert_true(peek(p));
	assert_string_equal(p->line + indent, "KTAP version 1");
	take(p);
	while (peek(p)) {
		const char *line = p->line + indent;
		size_t blanks = strspn(p->line, " ");

		if (blanks < indent)
			break;
		if (blanks == indent + 2) {
			assert_true(have_plan);
			p->seen->subtests++;
			check_level(p, indent + 2);
			continue;
		}
		assert_int_equal(blanks, indent);
		take(p);
		if (is_diagnostic(line))
			continue;
		if (!have_plan) {
			char *end;

			assert_int_equal(strncmp(line, "1..", 3), 0);
			plan = strtoul(line + 3, &end, 10);
			assert_true(!*end || strncmp(end, " # SKIP", 7) == 0);
			have_plan = 1;
			continue;
		}
		check_result(p, line, ++number);
	}
	assert_true(have_plan);
	assert_int_equal(number, plan);
}

void ktap_check(const char *text, struct ktap_seen *seen)
{
	struct parser p = {.at = text, .seen = seen};

	memset(seen, 0, sizeof(*seen));
	check_level(&p, 0);
	assert_int_equal(*p.at, 0);
}
