/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The parts of libbpfvm that need no VM. */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <endian.h>
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

#include "../host/vm.h"

static char dir[] = "/tmp/bpfvm-host-XXXXXX";
static char line[512];
static const struct why why = {line, sizeof(line)};

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *buf = path[next++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", dir, name);
	return buf;
}

static void write_file(const char *name, const void *data, size_t len)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      0644);

	assert_int_equal(write_all(fd, data, len), 0);
	close(fd);
}

/* A bzImage as far as its header goes: 1 MiB by what it says. */
static void write_bzimage(size_t len)
{
	static uint8_t image[1024 * 1024];

	memset(image, 0, sizeof(image));
	image[0x1f1] = 3;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x207] = 0x02;
	image[0x236] = 0x01; /* 64 bit */
	/* (1 MiB - 4 sectors) / 16 */
	image[0x1f4] = 0x80;
	image[0x1f5] = 0xff;
	write_file("bzImage", image, len);
}

static int load(const char *name, struct kernel *k)
{
	line[0] = 0;
	k->fd = -1;
	return kernel_load(arch_native(), in_dir(name), k, &why);
}

static void bzimage_truncated(void **state)
{
	struct kernel k;

	(void)state;
	write_bzimage(1024 * 1024);
	assert_int_equal(load("bzImage", &k), 0);
	assert_false(k.elf);
	close(k.fd);
	write_bzimage(1024 * 1024 - 1);
	assert_int_equal(load("bzImage", &k), -ENOEXEC);
	assert_non_null(strstr(line, "bzImage: truncated bzImage: 1048575 "
				     "bytes there, 1048576 expected"));
}

static void not_kernels(void **state)
{
	struct kernel k;

	(void)state;
	write_file("text", "hello\n", 6);
	assert_int_equal(load("text", &k), -ENOEXEC);
	assert_non_null(strstr(line, "text: not a kernel"));
	write_file("empty", "", 0);
	assert_int_equal(load("empty", &k), -ENOEXEC);
	assert_non_null(strstr(line, "empty: empty file"));
	assert_int_equal(load("missing", &k), -ENOENT);
	assert_non_null(strstr(line, "missing: No such file"));
	assert_int_equal(kernel_load(arch_native(), "/proc/self/exe", &k, &why),
			 -ENOEXEC);
	assert_non_null(strstr(line, "an ELF file, but not"));
}

/* What would be a vmlinux but for its byte order. */
static void big_endian(void **state)
{
	Elf64_Ehdr eh;
	struct kernel k;

	(void)state;
	memset(&eh, 0, sizeof(eh));
	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2MSB;
	eh.e_type = htobe16(ET_EXEC);
	eh.e_machine = htobe16(EM_X86_64);
	write_file("big", &eh, sizeof(eh));
	assert_int_equal(load("big", &k), -ENOEXEC);
	assert_non_null(strstr(line, "big: an ELF file, but not an x86-64"));
}

/* QEMU opens it anew as nobody, who may not. */
static void secret_image(void **state)
{
	char image[4096] = "", link[64], to[64] = "";
	struct kernel k;

	(void)state;
	if (geteuid() != 0)
		skip();
	memcpy(image + 56, "ARM\x64", 4);
	write_file("Image", image, sizeof(image));
	assert_int_equal(chmod(in_dir("Image"), 0600), 0);
	assert_int_equal(kernel_load(arch_find("arm64", &why), in_dir("Image"),
				     &k, &why),
			 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", k.fd);
	assert_true(readlink(link, to, sizeof(to) - 1) > 0);
	assert_non_null(strstr(to, "memfd:"));
	close(k.fd);
}

static int resolve(const char *spec, char *path)
{
	line[0] = 0;
	return bpfvm_kernel_resolve(spec, path, PATH_MAX, line, sizeof(line));
}

static void specs(void **state)
{
	char path[PATH_MAX], tree[128];

	(void)state;
	snprintf(tree, sizeof(tree), "%s", in_dir("linux"));
	assert_int_equal(mkdir(tree, 0755), 0);
	assert_int_equal(resolve(tree, path), -ENOENT);
	assert_non_null(strstr(line, "built? no arch/x86/boot/bzImage"));
	write_file("linux/vmlinux", "x", 1);
	assert_int_equal(resolve(tree, path), 0);
	assert_non_null(strstr(path, "/linux/vmlinux"));
	assert_int_equal(make_dirs(in_dir("linux/arch/x86/boot")), 0);
	write_file("linux/arch/x86/boot/bzImage", "x", 1);
	assert_int_equal(resolve(tree, path), 0);
	assert_non_null(strstr(path, "/linux/arch/x86/boot/bzImage"));
	assert_int_equal(resolve(in_dir("nothing"), path), -ENOENT);
	assert_int_equal(resolve("debian:../etc", path), -EINVAL);
	assert_int_equal(resolve("debian:", path), -EINVAL);
	write_file("bad.deb", "!<arch>\ndebian-binary   junk", 28);
	assert_true(resolve(in_dir("bad.deb"), path) < 0);
	assert_non_null(strstr(line, "bad.deb"));
}

static void versions(void **state)
{
	(void)state;
	assert_true(debian_version_matches("6.1.192-2", "6.1"));
	assert_true(debian_version_matches("6.1.192-2", "6.1.192"));
	assert_true(debian_version_matches("7.3.4-1~bpo13+1", "7.3.4-1"));
	assert_false(debian_version_matches("6.12.117-1", "6.1"));
	assert_false(debian_version_matches("6.1.192-2", "6.1.19"));
	assert_false(debian_version_matches("6.1.192-2", ""));
	assert_true(debian_compare("6.12.9-1", "6.12.117-1") < 0);
	assert_true(debian_compare("6.12.95-1~bpo12+1", "6.12.95-1") < 0);
	assert_true(debian_compare("1:1.0-1", "2.0-1") > 0);
	assert_true(debian_compare("1.0~rc1-1", "1.0-1") < 0);
	assert_true(debian_compare("1.01-1", "1.1-1") == 0);
	assert_true(debian_compare("1.0-1", "1.0-1+deb12u1") < 0);
}

static int rank(const char *package)
{
	return debian_image_rank(arch_native(), package);
}

static void image_packages(void **state)
{
	(void)state;
	assert_true(rank("linux-image-6.1.0-56-cloud-amd64") > 0);
	assert_true(rank("linux-image-6.1.0-56-cloud-amd64") >
		    rank("linux-image-6.1.0-56-cloud-amd64-unsigned"));
	assert_true(rank("linux-binary-7.3.4+deb13-cloud-amd64") >
		    rank("linux-binary-unsigned-7.3.4+deb13-cloud-amd64"));
	assert_true(rank("linux-binary-unsigned-7.3.4+deb13-cloud-amd64") >
		    rank("linux-image-7.3.4+deb13-cloud-amd64"));
	assert_int_equal(rank("linux-image-6.1.0-56-cloud-amd64-dbg"), 0);
	assert_int_equal(rank("linux-image-cloud-amd64"), 0);
	assert_int_equal(rank("linux-image-6.12-cloud-amd64"), 0);
	assert_int_equal(rank("linux-image-6.1.0-56-amd64"), 0);
}

/* Names and sizes in a built archive; -1: not there. */
static la_int64_t member(int fd, const char *name, mode_t *mode)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	la_int64_t size = -1;

	archive_read_support_format_cpio(a);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(archive_read_open_fd(a, fd, 65536), ARCHIVE_OK);
	while (size < 0 && archive_read_next_header(a, &e) == ARCHIVE_OK) {
		if (strcmp(archive_entry_pathname(e), name))
			continue;
		size = archive_entry_size(e);
		*mode = archive_entry_mode(e);
	}
	archive_read_free(a);
	return size;
}

static void initramfs_holds_all(void **state)
{
	const struct bpfvm_file files[] = {{in_dir("text"), "/etc/some/text"}};
	struct program prog;
	mode_t mode;
	int fd;

	(void)state;
	write_file("text", "hello\n", 6);
	assert_int_equal(program_find("sh", &prog, &why), 0);
	fd = initramfs_build(arch_native(), &prog, files, 1, &why);
	assert_true(fd >= 0);
	assert_true(member(fd, "init", &mode) > 1000);
	assert_int_equal(mode, S_IFREG | 0755);
	assert_int_equal(member(fd, "dev/console", &mode), 0);
	assert_true(S_ISCHR(mode));
	assert_int_equal(member(fd, "etc/some/text", &mode), 6);
	assert_true(member(fd, prog.guest + 1, &mode) > 0);
	assert_true(member(fd, "lib64/ld-linux-x86-64.so.2", &mode) > 0);
	assert_int_equal(member(fd, "no/such/file", &mode), -1);
	close(fd);
}

/* Of what is in the archive, the bytes of name's last entry. */
static size_t content(int fd, const char *name, char *buf, size_t size)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	la_ssize_t n = 0;

	archive_read_support_format_cpio(a);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(archive_read_open_fd(a, fd, 65536), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		if (!strcmp(archive_entry_pathname(e), name))
			n = archive_read_data(a, buf, size - 1);
	}
	archive_read_free(a);
	assert_true(n >= 0);
	buf[n] = 0;
	return n;
}

/* The loader is asked for, too, as another file. */
static void asked_before_found(void **state)
{
	const struct bpfvm_file files[] = {
		{in_dir("text"), "/lib64/ld-linux-x86-64.so.2"}};
	struct program prog;
	char buf[16];
	int fd;

	(void)state;
	write_file("text", "hello\n", 6);
	assert_int_equal(program_find("sh", &prog, &why), 0);
	fd = initramfs_build(arch_native(), &prog, files, 1, &why);
	assert_true(fd >= 0);
	content(fd, "lib64/ld-linux-x86-64.so.2", buf, sizeof(buf));
	assert_string_equal(buf, "hello\n");
	close(fd);
}

/* But not a link of a directory that was asked for. */
static void found_before_link(void **state)
{
	struct bpfvm_file tree = {in_dir("tree"), "/lib64"};
	struct program prog;
	char buf[16];
	int fd;

	(void)state;
	assert_int_equal(mkdir(tree.host, 0755), 0);
	assert_int_equal(
		symlink("/nowhere", in_dir("tree/ld-linux-x86-64.so.2")), 0);
	assert_int_equal(program_find("sh", &prog, &why), 0);
	fd = initramfs_build(arch_native(), &prog, &tree, 1, &why);
	assert_true(fd >= 0);
	assert_true(content(fd, "lib64/ld-linux-x86-64.so.2", buf,
			    sizeof(buf)) > 4);
	assert_memory_equal(buf, "\177ELF", 4);
	close(fd);
}

static int build_two(const char *one, const char *two, const char *at)
{
	const struct bpfvm_file files[] = {{one, "/data/x"}, {two, at}};
	struct program prog;
	int fd;

	line[0] = 0;
	assert_int_equal(program_find("sh", &prog, &why), 0);
	fd = initramfs_build(arch_native(), &prog, files, 2, &why);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static void asked_twice(void **state)
{
	char other[128];

	(void)state;
	write_file("text", "hello\n", 6);
	write_file("other", "other\n", 6);
	snprintf(other, sizeof(other), "%s", in_dir("other"));
	assert_int_equal(build_two(in_dir("text"), in_dir("text"), "/data/x"),
			 0);
	assert_int_equal(build_two(in_dir("text"), other, "/data/y"), 0);
	assert_int_equal(build_two(in_dir("text"), other, "/data/x"), -EEXIST);
	assert_non_null(strstr(line, "/data/x is to be /tmp/bpfvm-host-"));
	assert_non_null(strstr(line, "/text, and /tmp/bpfvm-host-"));
	assert_non_null(strstr(line, "/other, too"));
	assert_int_equal(build_two(in_dir("text"), other, "/data/x/y"),
			 -EEXIST);
	assert_int_equal(build_two(in_dir("text"), other, "/tmp"), -EEXIST);
	assert_non_null(strstr(line, "/tmp is to be a directory, and "));
	assert_int_equal(build_two(in_dir("text"), other, "/init"), -EEXIST);
	assert_non_null(strstr(line, "/init is to be bpfvm's init, and "));
}

static void initramfs_faults(void **state)
{
	const struct bpfvm_file missing = {in_dir("nothing"), NULL};
	const struct bpfvm_file relative = {"/etc", "etc"};
	struct program prog;

	(void)state;
	assert_int_equal(program_find("sh", &prog, &why), 0);
	assert_int_equal(initramfs_build(arch_native(), &prog, &missing, 1,
					 &why),
			 -ENOENT);
	assert_non_null(strstr(line, "nothing: No such file"));
	assert_int_equal(initramfs_build(arch_native(), &prog, &relative, 1,
					 &why),
			 -EINVAL);
}

static void programs(void **state)
{
	struct program prog;

	(void)state;
	assert_int_equal(program_find("no-such-command-x", &prog, &why),
			 -ENOENT);
	assert_non_null(strstr(line, "not found in PATH"));
	assert_int_equal(program_find("/etc/passwd", &prog, &why), -EACCES);
	assert_int_equal(program_find("/tmp", &prog, &why), -EACCES);
	/* The guest has its own /proc. */
	assert_int_equal(program_find("/proc/self/exe", &prog, &why), 0);
	assert_string_equal(prog.guest, "/bin/exe");
}

struct seen {
	char all[8192];
};

static int bring(void *ctx, const char *host, const char *guest)
{
	struct seen *s = ctx;

	assert_string_equal(host, guest);
	strcat(s->all, guest);
	strcat(s->all, "\n");
	return 0;
}

static void library_closure(void **state)
{
	struct seen s = {""};

	(void)state;
	assert_int_equal(
		elf_deps("/proc/self/exe", arch_native(), bring, &s, &why), 0);
	assert_non_null(strstr(s.all, "/ld-linux"));
	assert_non_null(strstr(s.all, "/libc.so.6\n"));
	assert_non_null(strstr(s.all, "/libcmocka.so"));
	/* What libarchive needs, not this program. */
	assert_non_null(strstr(s.all, "/liblzma.so"));
}

static void script_interpreter(void **state)
{
	struct seen s = {""};

	(void)state;
	write_file("script", "#!/bin/sh -e\nexit 0\n", 20);
	assert_int_equal(
		elf_deps(in_dir("script"), arch_native(), bring, &s, &why), 0);
	assert_non_null(strstr(s.all, "/bin/sh\n"));
	assert_non_null(strstr(s.all, "/libc.so.6\n"));
	s.all[0] = 0;
	write_file("script", "#!/no/such/shell\n", 17);
	assert_int_equal(elf_deps(in_dir("script"), arch_native(), bring, &s,
				  &why),
			 -ENOENT);
}

/* Every truncation of a program, and every byte of its headers gone wrong:
 * an error or not, but no crash. */
static void damaged_elf(void **state)
{
	static uint8_t buf[8192];
	struct seen s;
	size_t i;
	int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(read(fd, buf, sizeof(buf)), sizeof(buf));
	close(fd);
	for (i = 0; i < 1024; i += 3) {
		s.all[0] = 0;
		write_file("elf", buf, i * 8);
		elf_deps(in_dir("elf"), arch_native(), bring, &s, &why);
		buf[i] ^= 0xff;
		s.all[0] = 0;
		write_file("elf", buf, sizeof(buf));
		elf_deps(in_dir("elf"), arch_native(), bring, &s, &why);
		buf[i] ^= 0xff;
	}
}

static void console_is_bounded(void **state)
{
	char path[PATH_MAX], data[4096];
	struct console con;
	struct stat st;
	int i;

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(console_init(&con), 0);
	console_add(&con, "[    0.1] first\n", 16);
	for (i = 0; i < 4096; i++)
		console_add(&con, data, sizeof(data));
	console_add(&con,
		    "\n[    1.2][    T1] Kernel panic - not syncing: "
		    "why\r\n",
		    53);
	assert_string_equal(con.panic, "why");
	assert_string_equal(con.last, "Kernel panic - not syncing: why");
	assert_int_equal(
		console_save(&con, in_dir("log"), path, sizeof(path), &why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 2 * CONSOLE_KEEP, 2 * CONSOLE_KEEP + 100);
	assert_true(console_save(&con, "/no/such/dir/log", path, sizeof(path),
				 &why) < 0);
	assert_string_equal(path, "");
	console_free(&con);
}

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(dir) || setenv("XDG_CACHE_HOME", dir, 1);
}

static int tear_down(void **state)
{
	(void)state;
	return remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bzimage_truncated),
		cmocka_unit_test(not_kernels),
		cmocka_unit_test(big_endian),
		cmocka_unit_test(secret_image),
		cmocka_unit_test(specs),
		cmocka_unit_test(versions),
		cmocka_unit_test(image_packages),
		cmocka_unit_test(initramfs_holds_all),
		cmocka_unit_test(asked_before_found),
		cmocka_unit_test(found_before_link),
		cmocka_unit_test(asked_twice),
		cmocka_unit_test(initramfs_faults),
		cmocka_unit_test(programs),
		cmocka_unit_test(library_closure),
		cmocka_unit_test(script_interpreter),
		cmocka_unit_test(damaged_elf),
		cmocka_unit_test(console_is_bounded),
	};

	return cmocka_run_group_tests_name("vm_host", tests, set_up,
					   tear_down) != 0;
}
