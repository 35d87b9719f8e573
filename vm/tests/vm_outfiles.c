/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files out of a guest that means ill: nothing is written but where it was
 * asked for, and no more than was allowed. */
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
#include <unistd.h>
#include <cmocka.h>

#include "../host/outfiles.h"
#include "../host/vm.h"

static char dir[] = "/tmp/bpfvm-out-XXXXXX";
static char target[64];
static struct bpfvm_config cfg;
static struct outfiles o;
static unsigned said;

static const struct bpfvm_file file = {target, "/data"};

static void note(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
	said++;
}

static const char *at(const char *name)
{
	static char path[4][4400];
	static unsigned next;
	char *buf = path[next++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", dir, name);
	return buf;
}

static void fresh(uint64_t most)
{
	outfiles_end(&o);
	said = 0;
	bpfvm_config_init(&cfg);
	cfg.out_files = &file;
	cfg.n_out_files = 1;
	cfg.out_max = most;
	cfg.note = note;
	remove_tree(dir);
	assert_int_equal(mkdir(dir, 0755), 0);
	snprintf(target, sizeof(target), "%s/to", dir);
	outfiles_init(&o, &cfg);
}

static int take(uint8_t type, const void *data, size_t len)
{
	const struct proto_frame f = {type, len, data};

	return outfiles_take(&o, &cfg, &f);
}

static int begin(uint32_t which, uint32_t mode, const char *path, size_t len)
{
	uint8_t buf[PROTO_PAYLOAD];

	proto_put32(buf, which);
	proto_put32(buf + 4, mode);
	memcpy(buf + 8, path, len);
	return take(PROTO_OUT_BEGIN, buf, 8 + len);
}

static int item(uint32_t mode, const char *path)
{
	return begin(0, mode, path, strlen(path));
}

static int end(uint32_t err)
{
	uint8_t buf[4];

	proto_put32(buf, err);
	return take(PROTO_OUT_END, buf, 4);
}

static void a_tree(void **state)
{
	struct stat st;

	(void)state;
	fresh(0);
	assert_int_equal(item(S_IFDIR | 0755, ""), 0);
	assert_int_equal(item(S_IFDIR | 0, "sub"), 0);
	assert_int_equal(item(S_IFREG | 06755, "sub/file"), 0);
	assert_int_equal(take(PROTO_OUT_DATA, "abc", 3), 0);
	assert_int_equal(take(PROTO_OUT_DATA, "de", 2), 0);
	assert_int_equal(end(0), 0);
	assert_int_equal(stat(at("to/sub/file"), &st), 0);
	assert_int_equal(st.st_size, 5);
	/* No setuid, whatever the guest says. */
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(said, 0);
}

static void into_a_directory(void **state)
{
	(void)state;
	fresh(0);
	assert_int_equal(mkdir(target, 0755), 0);
	outfiles_init(&o, &cfg);
	assert_int_equal(item(S_IFDIR | 0755, ""), 0);
	assert_int_equal(item(S_IFREG | 0644, "file"), 0);
	assert_int_equal(access(at("to/data/file"), F_OK), 0);
}

static void names_that_lead_out(void **state)
{
	static const char *const bad[] = {"/etc/passwd", "..", "../x",
					  "sub/../../x", ".",  "sub/.",
					  "sub//x",	 "/",  "sub/",
					  "sub/..",	 "//"};
	char longer[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fresh(0);
		assert_int_equal(item(S_IFDIR | 0755, ""), 0);
		assert_int_equal(item(S_IFDIR | 0755, "sub"), 0);
		assert_int_equal(item(S_IFREG | 0644, bad[i]), -EPROTO);
		assert_int_equal(access(at("x"), F_OK), -1);
	}
	fresh(0);
	assert_int_equal(item(S_IFDIR | 0755, ""), 0);
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(begin(0, S_IFREG, longer, sizeof(longer)), -EPROTO);
	assert_int_equal(begin(0, S_IFREG, "a\0b", 3), -EPROTO);
	assert_int_equal(begin(1, S_IFREG, "a", 1), -EPROTO);
	assert_int_equal(take(PROTO_OUT_BEGIN, "1234567", 7), -EPROTO);
}

static void links_are_not_followed(void **state)
{
	struct stat st;

	(void)state;
	fresh(0);
	assert_int_equal(mkdir(at("secret"), 0755), 0);
	assert_int_equal(item(S_IFDIR | 0755, ""), 0);
	assert_int_equal(symlink(at("secret"), at("to/dir")), 0);
	assert_int_equal(symlink(at("secret/new"), at("to/file")), 0);
	assert_int_equal(item(S_IFREG | 0644, "dir/x"), -ENOTDIR);
	assert_non_null(strstr(o.why, "--out: /data/dir/x: "));
	fresh(0);
	assert_int_equal(mkdir(at("secret"), 0755), 0);
	assert_int_equal(item(S_IFDIR | 0755, ""), 0);
	assert_int_equal(symlink(at("secret/new"), at("to/file")), 0);
	assert_int_equal(item(S_IFREG | 0644, "file"), 0);
	assert_int_equal(end(0), 0);
	assert_int_equal(lstat(at("to/file"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	/* Fails if something was put there. */
	assert_int_equal(rmdir(at("secret")), 0);
	/* The guest's own are left out, and its devices. */
	assert_int_equal(item(S_IFLNK | 0777, "link"), 0);
	assert_int_equal(item(S_IFCHR | 0777, "dev"), 0);
	assert_int_equal(said, 2);
	assert_int_equal(lstat(at("to/link"), &st), -1);
}

static void a_limit(void **state)
{
	static char data[PROTO_PAYLOAD];
	char name[16];
	unsigned i;
	int ret = 0;

	(void)state;
	fresh(1 << 20);
	assert_int_equal(item(S_IFREG | 0644, ""), 0);
	for (i = 0; i < 1000 && !ret; i++)
		ret = take(PROTO_OUT_DATA, data, sizeof(data));
	assert_int_equal(ret, -EFBIG);
	assert_int_equal(i, 256);
	assert_non_null(strstr(o.why, "--out-max"));
	/* Empty ones cost, too, and complaints are few. */
	fresh(1 << 20);
	for (i = 0, ret = 0; i < 1000 && !ret; i++) {
		snprintf(name, sizeof(name), "%u", i);
		ret = item(S_IFLNK, name);
	}
	assert_int_equal(ret, -EFBIG);
	assert_int_equal(i, 257);
	assert_true(said <= 8);
}

static void out_of_order(void **state)
{
	(void)state;
	fresh(0);
	assert_int_equal(take(PROTO_OUT_DATA, "a", 1), -EPROTO);
	assert_int_equal(end(0), -EPROTO);
	assert_int_equal(item(S_IFREG | 0644, ""), 0);
	assert_int_equal(take(PROTO_OUT_DATA, "", 0), -EPROTO);
	assert_int_equal(item(S_IFREG | 0644, ""), -EPROTO);
	assert_int_equal(take(PROTO_OUT_END, "a", 1), -EPROTO);
	assert_int_equal(end(ENOENT), 0);
	assert_int_equal(said, 1);
	assert_int_equal(item(0, ""), 0);
	assert_int_equal(take(PROTO_OUT_DATA, "a", 1), -EPROTO);
	assert_int_equal(end(ENOENT), 0);
	/* No parent was ever sent. */
	fresh(0);
	assert_int_equal(item(S_IFREG | 0644, "a/b"), -ENOENT);
}

static void asked_wrongly(void **state)
{
	struct bpfvm_file f = {NULL, "relative"};
	char line[512];
	const struct why why = {line, sizeof(line)};

	(void)state;
	fresh(0);
	assert_int_equal(outfiles_check(&cfg, &why), 0);
	cfg.out_files = &f;
	assert_int_equal(outfiles_check(&cfg, &why), -EINVAL);
	f.guest = "/";
	assert_int_equal(outfiles_check(&cfg, &why), -EINVAL);
	f.guest = "/a/..";
	assert_int_equal(outfiles_check(&cfg, &why), -EINVAL);
	f.guest = "/a";
	f.host = at("missing/x");
	assert_int_equal(outfiles_check(&cfg, &why), -ENOENT);
	assert_non_null(strstr(line, "--out /a: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree),
		cmocka_unit_test(into_a_directory),
		cmocka_unit_test(names_that_lead_out),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(a_limit),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(asked_wrongly),
	};
	int ret;

	o.fd = -1;
	if (!mkdtemp(dir))
		return 1;
	ret = cmocka_run_group_tests_name("vm_outfiles", tests, NULL, NULL);
	outfiles_end(&o);
	remove_tree(dir);
	return ret != 0;
}
