/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Modules out of a build tree, as they are and in each compression that Linux
 * installs them with. */
#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpfvm/bpfvm.h"
#include "vmtest.h"

#define PROBE built("tests/guest_probe")

static const char *const dirs[] = {"", "/arch", "/arch/x86", "/arch/x86/boot"};
#define N_DIRS (sizeof(dirs) / sizeof(*dirs))
#define IMAGE  "/arch/x86/boot/bzImage"

struct kind {
	const char *file;
	int (*filter)(struct archive *a);
};

static const struct kind kinds[] = {
	{"/bpfvm-provoke.ko", archive_write_add_filter_none},
	{"/bpfvm-provoke.ko.gz", archive_write_add_filter_gzip},
	{"/bpfvm-provoke.ko.xz", archive_write_add_filter_xz},
	{"/bpfvm-provoke.ko.zst", archive_write_add_filter_zstd},
};

static char tree[] = "/tmp/bpfvm-tree-XXXXXX";
static char module[PATH_MAX];

static const char *in_tree(const char *sub)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s", tree, sub);
	return path;
}

static int make_tree(void **state)
{
	char image[4096], why[256], *slash;
	size_t i;

	(void)state;
	if (!mkdtemp(tree) ||
	    bpfvm_kernel_resolve("debian:6.12", image, sizeof(image), why,
				 sizeof(why)))
		return -1;
	for (i = 1; i < N_DIRS; i++)
		if (mkdir(in_tree(dirs[i]), 0755))
			return -1;
	if (symlink(image, in_tree(IMAGE)))
		return -1;
	/* The module is built for the package that the image is out of. */
	slash = strrchr(image, '/');
	*slash = 0;
	snprintf(module, sizeof(module), "%.200s/%.400s/bpfvm_provoke.ko",
		 built("tests/module"), strrchr(image, '/') + 1);
	return 0;
}

static int drop_tree(void **state)
{
	size_t i;

	(void)state;
	unlink(in_tree(IMAGE));
	for (i = N_DIRS; i; i--)
		if (rmdir(in_tree(dirs[i - 1])))
			return -1;
	return 0;
}

static void compress(const struct kind *kind, const char *to)
{
	static char data[8 << 20];
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	FILE *from = fopen(module, "re");
	size_t len;

	if (!from)
		fail_msg("%s: run make setup-test", module);
	len = fread(data, 1, sizeof(data), from);
	fclose(from);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(kind->filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, to), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	archive_entry_free(e);
	assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

/* By the file that a module which is there has: writing to it succeeds. */
static void loads(void **state)
{
	const char *args[] = {"--module",
			      "bpfvm_provoke",
			      tree,
			      "--",
			      PROBE,
			      "write",
			      "/sys/module/bpfvm_provoke/uevent",
			      "add",
			      NULL};
	const struct kind *kind = *state;
	struct vmtest t;

	compress(kind, in_tree(kind->file));
	vm_whole(&t, args);
	unlink(in_tree(kind->file));
	assert_string_equal(t.err_buf, "");
	assert_int_equal(t.status, 0);
	vm_clean(&t);
}

static void cut_short(void **state)
{
	const char *args[] = {"--module", "bpfvm_provoke", tree, "--",
			      PROBE,	  "status",	   NULL};
	const char *path = in_tree(kinds[3].file);
	struct vmtest t;

	(void)state;
	compress(&kinds[3], path);
	assert_int_equal(truncate(path, 1000), 0);
	vm_whole(&t, args);
	unlink(in_tree(kinds[3].file));
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "bpfvm: ");
	assert_said(&t, kinds[3].file);
	vm_clean(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"plain", loads, NULL, NULL, (void *)(uintptr_t)&kinds[0]},
		{"gz", loads, NULL, NULL, (void *)(uintptr_t)&kinds[1]},
		{"xz", loads, NULL, NULL, (void *)(uintptr_t)&kinds[2]},
		{"zst", loads, NULL, NULL, (void *)(uintptr_t)&kinds[3]},
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests_name("vm_modtree", tests, make_tree,
					   drop_tree) != 0;
}
