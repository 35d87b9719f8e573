/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Unpacking packages: what is in them stays where it was to be unpacked, or
 * they are refused. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../host/vm.h"

static char dir[] = "/tmp/bpfvm-deb-XXXXXX";
static char deb[64], out[64], beside[64], line[512];
static const struct why why = {line, sizeof(line)};

struct entry {
	const char *name;
	mode_t type;	/* AE_IFREG, AE_IFDIR, AE_IFLNK */
	const char *to; /* where a link leads */
	bool hard;
};

static void put_entry(struct archive *a, const struct entry *entry)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, entry->name);
	archive_entry_set_filetype(e, entry->type);
	archive_entry_set_perm(e, entry->type == AE_IFDIR ? 0755 : 0644);
	if (entry->hard)
		archive_entry_set_hardlink(e, entry->to);
	else if (entry->to)
		archive_entry_set_symlink(e, entry->to);
	archive_entry_set_size(e, entry->to || entry->type != AE_IFREG ? 0 : 1);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	if (!entry->to && entry->type == AE_IFREG)
		assert_int_equal(archive_write_data(a, "x", 1), 1);
	archive_entry_free(e);
}

static size_t make_tar(char *buf, size_t size, const struct entry *entries,
		       size_t n)
{
	struct archive *a = archive_write_new();
	size_t used = 0, i;

	archive_write_set_format_gnutar(a);
	assert_int_equal(archive_write_open_memory(a, buf, size, &used),
			 ARCHIVE_OK);
	for (i = 0; i < n; i++)
		put_entry(a, &entries[i]);
	archive_write_close(a);
	archive_write_free(a);
	return used;
}

/* Makes deb of them. */
static void make_deb(const struct entry *entries, size_t n)
{
	static char tar[65536];
	size_t len = make_tar(tar, sizeof(tar), entries, n);
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	archive_write_set_format_ar_svr4(a);
	assert_int_equal(archive_write_open_filename(a, deb), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_pathname(e, "debian-binary");
	archive_entry_set_size(e, 4);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, "2.0\n", 4), 4);
	archive_entry_set_pathname(e, "data.tar");
	archive_entry_set_size(e, (la_int64_t)len);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, tar, len), len);
	archive_entry_free(e);
	archive_write_close(a);
	archive_write_free(a);
}

static int unpack(const struct entry *entries, size_t n)
{
	remove_tree(out);
	assert_int_equal(mkdir(out, 0700), 0);
	make_deb(entries, n);
	*line = 0;
	return deb_unpack(deb, out, &why);
}

static bool is_there(const char *where, const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", where, name);
	return !lstat(path, &st);
}

#define N(array) (sizeof(array) / sizeof(*(array)))

/* As where lib is a link to usr/lib, and both are used. */
static void links_inside(void **state)
{
	static const struct entry entries[] = {
		{"usr/lib/", AE_IFDIR, NULL, false},
		{"lib", AE_IFLNK, "usr/lib", false},
		{"lib/", AE_IFDIR, NULL, false},
		{"lib/modules/file", AE_IFREG, NULL, false},
		{"hard", AE_IFREG, "lib/modules/file", true},
		{"gone", AE_IFLNK, "/no/such/place", false},
		{"gone", AE_IFREG, NULL, false},
		{"...", AE_IFREG, NULL, false},
	};

	(void)state;
	assert_int_equal(unpack(entries, N(entries)), 0);
	assert_true(is_there(out, "usr/lib/modules/file"));
	assert_true(is_there(out, "hard"));
	assert_true(is_there(out, "gone"));
	assert_true(is_there(out, "..."));
}

static void ways_out(void **state)
{
	static const struct entry ways[][2] = {
		{{"a", AE_IFLNK, "../beside", false},
		 {"a/new", AE_IFREG, NULL, false}},
		{{"a", AE_IFLNK, "../beside", false},
		 {"a/new/", AE_IFDIR, NULL, false}},
		{{"a", AE_IFLNK, "../beside", false},
		 {"a/", AE_IFDIR, NULL, false}},
		{{"a", AE_IFLNK, "../beside", false},
		 {"b", AE_IFREG, "a/kept", true}},
		{{"a", AE_IFREG, NULL, false},
		 {"b", AE_IFREG, "../beside/kept", true}},
		{{"a", AE_IFREG, NULL, false},
		 {"../beside/new", AE_IFREG, NULL, false}},
		{{"a", AE_IFREG, NULL, false},
		 {"b/c/../../../beside/new", AE_IFREG, NULL, false}},
	};
	char kept[128];
	struct stat st;
	size_t i;

	(void)state;
	snprintf(kept, sizeof(kept), "%s/kept", beside);
	for (i = 0; i < N(ways); i++) {
		assert_int_equal(unpack(ways[i], 2), -EPERM);
		assert_non_null(strstr(line, "leads out of"));
		assert_false(is_there(beside, "new"));
		assert_int_equal(stat(kept, &st), 0);
		assert_int_equal(st.st_nlink, 1);
		assert_int_equal(stat(beside, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0700);
	}
}

/* A kernel's package under a new identity; path: of its image. */
static void resolve(const char *name, char *path)
{
	const struct entry image = {"boot/vmlinuz-1", AE_IFREG, NULL, false};

	snprintf(deb, sizeof(deb), "%s/%s", dir, name);
	if (access(deb, F_OK))
		make_deb(&image, 1);
	assert_int_equal(bpfvm_kernel_resolve(deb, path, PATH_MAX, line,
					      sizeof(line)),
			 0);
}

static void put_old(const char *name, time_t age)
{
	const struct timespec then = {time(NULL) - age, 0};
	const struct timespec times[] = {then, then};
	char path[128];

	snprintf(path, sizeof(path), "%s/bpfsys/unpacked/%s", dir, name);
	assert_true(!mkdir(path, 0700) || errno == EEXIST);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* What is in the cache's directory of images; old: is made so. */
static unsigned count(bool old)
{
	char path[128];
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bpfsys/unpacked", dir);
	d = opendir(path);
	assert_non_null(d);
	while ((de = readdir(d))) {
		if (*de->d_name == '.')
			continue;
		n++;
		if (old)
			put_old(de->d_name, 7200);
	}
	closedir(d);
	return n;
}

/* One that is used is not the one that goes, though it be the oldest, and
 * nothing that its user sees of it changes. */
static void used_ones_stay(void **state)
{
	char first[PATH_MAX], again[PATH_MAX], other[PATH_MAX], name[32];
	struct stat before, after;
	unsigned i;

	(void)state;
	setenv("XDG_CACHE_HOME", dir, 1);
	resolve("first.deb", first);
	assert_int_equal(count(true), 1);
	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "old%u", i);
		put_old(name, 3600);
	}
	assert_int_equal(stat(first, &before), 0);
	resolve("first.deb", again);
	assert_string_equal(first, again);
	resolve("second.deb", other);
	assert_int_equal(stat(first, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_memory_equal(&before.st_mtim, &after.st_mtim,
			    sizeof(before.st_mtim));
	assert_memory_equal(&before.st_ctim, &after.st_ctim,
			    sizeof(before.st_ctim));
	assert_int_equal(count(false), 8);
}

/* However many there are, if others may be about to boot them. */
static void young_ones_stay(void **state)
{
	char path[PATH_MAX], name[32];
	unsigned i;

	(void)state;
	count(true);
	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "young%u.deb", i);
		resolve(name, path);
	}
	assert_int_equal(count(false), 12);
}

/* What a killed process was writing; not what another one writes. */
static void remains(void **state)
{
	char path[PATH_MAX], at[64];

	(void)state;
	put_old(".tmp-dead", 3600);
	put_old(".tmp-alive", 1);
	resolve("third.deb", path);
	snprintf(at, sizeof(at), "%s/bpfsys/unpacked", dir);
	assert_false(is_there(at, ".tmp-dead"));
	assert_true(is_there(at, ".tmp-alive"));
}

static int set_up(void **state)
{
	char kept[128];
	FILE *f;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(deb, sizeof(deb), "%s/a.deb", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(beside, sizeof(beside), "%s/beside", dir);
	snprintf(kept, sizeof(kept), "%s/kept", beside);
	if (mkdir(beside, 0700))
		return -1;
	f = fopen(kept, "w");
	return f ? fclose(f) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_inside),
		cmocka_unit_test(ways_out),
		cmocka_unit_test(used_ones_stay),
		cmocka_unit_test(young_ones_stay),
		cmocka_unit_test(remains),
	};

	return cmocka_run_group_tests_name("vm_deb", tests, set_up,
					   tear_down) != 0;
}
