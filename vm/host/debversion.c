/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Debian's package versions and kernel package names, without apt. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* dpkg's order of characters: ~ before the end, letters before the rest. */
static int order(int c)
{
	if (isdigit(c))
		return 0;
	if (isalpha(c))
		return c;
	if (c == '~')
		return -1;
	return c ? c + 256 : 0;
}

/* verrevcmp() of dpkg: text and numbers by turns. */
static int compare_part(const char *a, const char *b)
{
	int diff;

	while (*a || *b) {
		while ((*a && !isdigit((unsigned char)*a)) ||
		       (*b && !isdigit((unsigned char)*b))) {
			diff = order((unsigned char)*a) -
			       order((unsigned char)*b);
			if (diff)
				return diff;
			a += *a != 0;
			b += *b != 0;
		}
		a += strspn(a, "0");
		b += strspn(b, "0");
		diff = 0;
		while (isdigit((unsigned char)*a) &&
		       isdigit((unsigned char)*b)) {
			if (!diff)
				diff = *a - *b;
			a++;
			b++;
		}
		if (isdigit((unsigned char)*a))
			return 1;
		if (isdigit((unsigned char)*b))
			return -1;
		if (diff)
			return diff;
	}
	return 0;
}

struct version {
	unsigned long epoch;
	char upstream[128];
	const char *revision;
};

static void split(const char *s, struct version *v)
{
	const char *colon = strchr(s, ':');
	char *dash;

	v->epoch = colon ? strtoul(s, NULL, 10) : 0;
	snprintf(v->upstream, sizeof(v->upstream), "%s", colon ? colon + 1 : s);
	dash = strrchr(v->upstream, '-');
	v->revision = dash ? dash + 1 : "";
	if (dash)
		*dash = 0;
}

int debian_compare(const char *a, const char *b)
{
	struct version x, y;
	int diff;

	split(a, &x);
	split(b, &y);
	if (x.epoch != y.epoch)
		return x.epoch < y.epoch ? -1 : 1;
	diff = compare_part(x.upstream, y.upstream);
	return diff ? diff : compare_part(x.revision, y.revision);
}

bool debian_version_matches(const char *version, const char *want)
{
	size_t n = strlen(want);

	return n && !strncmp(version, want, n) &&
	       !isalnum((unsigned char)version[n]);
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n > t && !strcmp(s + n - t, tail);
}

/* "6.1.0-56" and "6.12.117+deb12", but not "6.12", which is in the name of a
 * meta package, nor "6.1.0-56-rt", another flavour. */
static bool is_abi(const char *name, size_t len)
{
	const char *dash = memchr(name, '-', len);
	const size_t version = dash ? (size_t)(dash - name) : len;
	size_t i;

	for (i = version; i + 1 < len; i++) {
		if (name[i] == '-' && isalpha((unsigned char)name[i + 1]))
			return false;
	}
	return isdigit((unsigned char)*name) &&
	       memchr(name, '.', version) != memrchr(name, '.', version);
}

int debian_image_rank(const struct arch *arch, const char *package)
{
	/* From 6.19 on linux-image-* is empty: the image is in linux-binary-*,
	 * which older releases lack. */
	static const struct {
		const char *head, *tail;
	} kinds[] = {
		{"linux-image-", "-unsigned"},
		{"linux-image-", ""},
		{"linux-binary-unsigned-", ""},
		{"linux-binary-", ""},
	};
	size_t i, n;
	const char *rest;
	char tail[64];

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		n = strlen(kinds[i].head);
		if (strncmp(package, kinds[i].head, n) ||
		    path_fmt(tail, sizeof(tail), "-%s%s", arch->flavour,
			     kinds[i].tail) ||
		    !ends_with(package, tail))
			continue;
		rest = package + n;
		if (strlen(rest) > strlen(tail) &&
		    is_abi(rest, strlen(rest) - strlen(tail)))
			return i + 1;
	}
	return 0;
}
