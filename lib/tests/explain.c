// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What explanations say: of every row of the table, of attrs that point to a
 * cause, and of bytes that nobody has thought of. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/explain.h>

#include "explain.h"
#include "rows.h"

#define TEXT_SIZE 65536

static char text[TEXT_SIZE];

/* What is said of ATTR on a kernel whose union ends at ATTR_SIZE. */
static const char *said_of(unsigned int cmd, const void *attr,
			   unsigned int size, int err, int attr_size)
{
	const struct kernel kernel = {attr_size, 1};

	assert_true(bpfsys_explain_on(&kernel, cmd, attr, size, err, text,
				      sizeof(text)) < TEXT_SIZE);
	return text;
}

static unsigned int lines(const char *of)
{
	unsigned int n = 1;

	while ((of = strchr(of, '\n')))
		of++, n++;
	return n;
}

static bool starts(const char *of, const char *with)
{
	return strncmp(of, with, strlen(with)) == 0;
}

/* LINE of TEXT is exactly, or starts with, the errno and the condition. */
static bool has_cause(const char *of, const char *name, const char *condition)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s: %s", name, condition);
	while (of && !starts(of, line)) {
		of = strchr(of, '\n');
		of += of != NULL;
	}
	return of;
}

static void every_row_is_found(void **state)
{
	size_t rows = 0;

	(void)state;
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		size_t count;
		const struct bpfsys_errno_row *row =
			bpfsys_abi_errnos(cmd, &count);

		for (size_t i = 0; i < count; i++, rows++) {
			bpfsys_explain(nr, NULL, 0, -row[i].err, text,
				       sizeof(text));
			if (!has_cause(text, bpfsys_errno_name(row[i].err),
				       row[i].condition))
				fail_msg("%s/%s is not in: %s", cmd->id,
					 row[i].name, text);
		}
	}
	assert_true(rows > 800);
}

/* The first row of an errno is what strerrno says, of either sign, with the
 * flag of the five-argument form and without. */
static void strerrno(void **state)
{
	(void)state;
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		size_t count;
		const struct bpfsys_errno_row *row =
			bpfsys_abi_errnos(bpfsys_abi_command(nr), &count);

		for (size_t i = 0; i < count; i++) {
			size_t first = 0;

			while (row[first].err != row[i].err)
				first++;
			assert_string_equal(bpfsys_strerrno(nr, -row[i].err),
					    row[first].condition);
			assert_string_equal(
				bpfsys_strerrno(nr | BPFSYS_COMMON_ATTRS,
						row[i].err),
				row[first].condition);
		}
	}
	assert_non_null(strstr(bpfsys_strerrno(BPFSYS_MAP_LOOKUP_BATCH, 524),
			       "no batch operations"));
	assert_non_null(strstr(bpfsys_strerrno(9999, ENOSYS), "seccomp"));
	assert_string_equal(bpfsys_strerrno(0, 4000),
			    "not documented for this command");
	assert_string_equal(bpfsys_strerrno(0, INT_MIN),
			    "not documented for this command");
}

/* No hint names a row twice apart, so that all of a row's are found. */
static void hints_stand_together(void **state)
{
	size_t found = 0, count;

	(void)state;
	static const char *const all[] = {
#define HINT(cmd, name, ...) #cmd "/" #name,
#include "abi/all.def"
	};

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		size_t rows;
		const struct bpfsys_errno_row *row =
			bpfsys_abi_errnos(bpfsys_abi_command(nr), &rows);

		for (size_t i = 0; i < rows; i++) {
			bpfsys_row_hints(&row[i], &count);
			found += count;
		}
	}
	assert_int_equal(found, sizeof(all) / sizeof(all[0]));
}

static void past_the_union(void **state)
{
	struct bpfsys_prog_load_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.insn_cnt = 2;
	attr.prog_token_fd = 5;
	assert_string_equal(
		said_of(BPFSYS_PROG_LOAD, &attr, 168, E2BIG, 144),
		"E2BIG: prog_token_fd (offset 144) is set, this kernel's "
		"bpf_attr ends at 144; first in 6.9");
	/* A kernel that has it, and one of which nothing is known. */
	said_of(BPFSYS_PROG_LOAD, &attr, 168, E2BIG, 168);
	assert_null(strstr(text, "prog_token_fd"));
	said_of(BPFSYS_PROG_LOAD, &attr, 168, E2BIG, -EPERM);
	assert_non_null(strstr(text, "E2BIG: prog_token_fd (offset 144) is "
				     "set, and bpf_attr of older kernels ends "
				     "before it; first in 6.9"));
	assert_true(lines(text) > 1);
	/* What has no name, and a size that is none. */
	assert_string_equal(
		said_of(BPFSYS_PROG_LOAD, &attr,
			(unsigned int)getpagesize() + 1, E2BIG, 144),
		getpagesize() == 4096 ? "E2BIG: size is 4097, more than a page "
					"of 4096"
				      : text);
}

static void past_the_last_field(void **state)
{
	struct bpfsys_map_elem_attr attr;
	struct bpfsys_map_create_attr create;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.flags = 1;
	assert_string_equal(said_of(BPFSYS_MAP_FREEZE, &attr, 32, EINVAL, 144),
			    "EINVAL: flags (offset 24) is set past the last "
			    "field of BPF_MAP_FREEZE, map_fd, which ends at 4");
	/* A field that came: likely where the kernel may be older, out of the
	 * question where it is newer. */
	memset(&create, 0, sizeof(create));
	create.map_type = 30;
	create.value_size = 4;
	create.max_entries = 1;
	create.map_extra = 1;
	said_of(BPFSYS_MAP_CREATE, &create, 92, EINVAL, 120);
	assert_non_null(strstr(text, "map_extra (offset 64) is set, which "
				     "kernels before 5.16 take for "
				     "BPF_MAP_CREATE only as zero"));
	said_of(BPFSYS_MAP_CREATE, &create, 92, EINVAL, 168);
	assert_null(strstr(text, "map_extra (offset 64) is set"));
}

static void unknown_command(void **state)
{
	static const struct kernel lacks = {120, 0},
				   asked_in_vain = {0, -EPERM};
	struct bpfsys_token_create_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	bpfsys_explain_on(&lacks, BPFSYS_TOKEN_CREATE, &attr, 8, EINVAL, text,
			  sizeof(text));
	assert_string_equal(text, "EINVAL: this kernel does not have "
				  "BPF_TOKEN_CREATE; first in 6.9");
	bpfsys_explain_on(&asked_in_vain, BPFSYS_TOKEN_CREATE, &attr, 8, EINVAL,
			  text, sizeof(text));
	assert_true(lines(text) > 1);
	assert_non_null(strstr(text, "the kernel does not have "
				     "BPF_TOKEN_CREATE; first in 6.9"));
	said_of(BPFSYS_TOKEN_CREATE, &attr, 8, EINVAL, 152);
	assert_null(strstr(text, "does not have"));
}

static void attr_ranks(void **state)
{
	struct bpfsys_map_create_attr create;
	struct bpfsys_map_elem_attr elem;

	(void)state;
	/* A hash map without keys: that, first. */
	memset(&create, 0, sizeof(create));
	create.map_type = 1;
	create.value_size = 8;
	create.max_entries = 1;
	said_of(BPFSYS_MAP_CREATE, &create, 92, EINVAL, 168);
	assert_true(starts(text, "EINVAL: key_size of a hash map is 0 "
				 "(map_type=1 BPF_MAP_TYPE_HASH, key_size=0)"));
	assert_null(strstr(text, "an array"));
	assert_null(strstr(text, "map_name"));
	/* A type that is newer than the kernel may be. */
	create.map_type = 33;
	said_of(BPFSYS_MAP_CREATE, &create, 92, EINVAL, 144);
	assert_non_null(
		strstr(text, "map_type=33 BPF_MAP_TYPE_ARENA, first in 6.9"));
	/* A descriptor that none can be; one that may be closed. */
	memset(&elem, 0, sizeof(elem));
	elem.map_fd = UINT32_MAX;
	assert_string_equal(said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, EBADF,
				    168),
			    "EBADF: map_fd is not open (map_fd=-1)");
	elem.map_fd = 7;
	said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, EBADF, 168);
	assert_true(starts(text, "EBADF: map_fd is not open (map_fd=7)\n"));
	assert_non_null(strstr(text, "the map takes descriptors"));
	/* A flag points to what it is about. */
	elem.flags = 1;
	said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, EEXIST, 168);
	assert_true(starts(text, "EEXIST: flags is BPF_NOEXIST and the key is "
				 "there (flags=0x1)"));
	elem.flags = 2;
	assert_null(
		strstr(said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, EEXIST, 168),
		       "BPF_NOEXIST"));
	assert_string_equal(
		said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, ECANCELED, 168),
		"ECANCELED: not documented for BPF_MAP_UPDATE_ELEM with such "
		"an attr");
}

/* The kernel reads what lies past a short size as zero, and so do we, not what
 * stands there. */
static void short_sizes(void **state)
{
	struct bpfsys_map_elem_attr elem;

	(void)state;
	memset(&elem, 0xff, sizeof(elem));
	elem.map_fd = 7;
	said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 4, EINVAL, 168);
	assert_null(strstr(text, "flags is more"));
	said_of(BPFSYS_MAP_UPDATE_ELEM, &elem, 32, EINVAL, 168);
	assert_non_null(strstr(text, "flags is more"));
}

static void odd_arguments(void **state)
{
	char small[8];
	int whole;

	(void)state;
	bpfsys_explain(12345, "abcd", 4, EINVAL, text, sizeof(text));
	assert_string_equal(text, "EINVAL: command 12345 is not in the table");
	bpfsys_explain(BPFSYS_MAP_FREEZE, NULL, 0, 0, text, sizeof(text));
	assert_string_equal(text, "no error");
	bpfsys_explain(BPFSYS_MAP_FREEZE, NULL, 0, INT_MIN, text, sizeof(text));
	assert_string_equal(text, "errno 2147483647: not documented for "
				  "BPF_MAP_FREEZE");
	whole = bpfsys_explain(BPFSYS_MAP_FREEZE, NULL, 0, EPERM, NULL, 0);
	assert_int_equal(whole, bpfsys_explain(BPFSYS_MAP_FREEZE, NULL, 0,
					       EPERM, text, sizeof(text)));
	assert_int_equal(whole, strlen(text));
	memset(small, 'x', sizeof(small));
	assert_int_equal(bpfsys_explain(BPFSYS_MAP_FREEZE, NULL, 0, EPERM,
					small, 7),
			 whole);
	assert_memory_equal(small, "EPERM:\0x", 8);
	errno = EDOM;
	bpfsys_explain(BPFSYS_MAP_FREEZE, "", 1, EINVAL, text, sizeof(text));
	assert_int_equal(errno, EDOM);
}

/* A page with nothing readable behind it. */
static uint8_t *edge;

static int make_edge(void **state)
{
	size_t page = (size_t)getpagesize();
	uint8_t *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (at == MAP_FAILED || mprotect(at + page, page, PROT_NONE) != 0)
		return -1;
	edge = at + page;
	return 0;
}

/* Any bytes, of any size, that end where memory does: as the kernel, nothing is
 * read past the size; what is said is printable and as long as promised. */
static void any_bytes(void **state)
{
	static const int errs[] = {EINVAL, E2BIG,  EBADF, EFAULT,
				   EPERM,  ENOENT, 524,	  EEXIST};
	unsigned int seed = 20;

	(void)state;
	for (unsigned int round = 0; round < 40000; round++) {
		unsigned int size = (unsigned int)rand_r(&seed) % 200;
		unsigned int cmd = (unsigned int)rand_r(&seed) % 41;
		int attr_size = (rand_r(&seed) % 22) * 8;
		int err = errs[rand_r(&seed) % 8], density = rand_r(&seed) % 8;
		struct kernel kernel = {attr_size, rand_r(&seed) % 3 - 1};
		int len;

		for (unsigned int i = 0; i < size; i++)
			edge[-1 - (int)i] = rand_r(&seed) % 8 <= density
						    ? (uint8_t)rand_r(&seed)
						    : 0;
		len = bpfsys_explain_on(&kernel, cmd, edge - size, size, err,
					text, sizeof(text));
		assert_true(len > 0 && len < TEXT_SIZE);
		assert_int_equal(strlen(text), len);
		for (int i = 0; i < len; i++)
			assert_true(text[i] == '\n' ||
				    (text[i] >= ' ' && text[i] <= '~'));
	}
}

static void calls_are_shown(void **state)
{
	struct bpfsys_map_create_attr attr;
	struct bpfsys_call call = {
		.cmd = BPFSYS_MAP_CREATE | BPFSYS_COMMON_ATTRS,
		.size = 92,
		.attr = &attr,
		.bytes = &attr,
		.n_bytes = 92,
		.ret = -EINVAL,
	};

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = 1;
	attr.map_flags = 64;
	memcpy(attr.map_name, "a\"\n", 3);
	attr.map_token_fd = -1;
	bpfsys_show_call(&call, text, sizeof(text));
	assert_string_equal(text,
			    "bpf(BPF_MAP_CREATE|BPF_COMMON_ATTRS, "
			    "{map_type=1, map_flags=0x40, "
			    "map_name=\"a\\x22\\x0a\", map_token_fd=-1}, 92) "
			    "= -1 EINVAL");
	call.n_bytes = 4;
	call.cmd = 77;
	call.attr = NULL;
	call.ret = 3;
	bpfsys_show_call(&call, text, sizeof(text));
	assert_string_equal(text, "bpf(77, (nil), 92) = 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found),
		cmocka_unit_test(strerrno),
		cmocka_unit_test(hints_stand_together),
		cmocka_unit_test(past_the_union),
		cmocka_unit_test(past_the_last_field),
		cmocka_unit_test(unknown_command),
		cmocka_unit_test(attr_ranks),
		cmocka_unit_test(short_sizes),
		cmocka_unit_test(odd_arguments),
		cmocka_unit_test_setup(any_bytes, make_edge),
		cmocka_unit_test(calls_are_shown),
	};

	return cmocka_run_group_tests_name("lib explain", tests, NULL, NULL);
}
