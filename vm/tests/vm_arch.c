/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What tells architectures apart, without a VM: names, kernel images, programs
 * and where their libraries are. */
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
#include <unistd.h>
#include <cmocka.h>

#include "../host/vm.h"

static char dir[] = "/tmp/bpfvm-arch-XXXXXX";
static char line[512];
static const struct why why = {line, sizeof(line)};

static const char *in_dir(const char *name)
{
	static char path[4][160];
	static unsigned next;
	char *buf = path[next++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", dir, name);
	return buf;
}

static void write_file(const char *name, const void *data, size_t len)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      0755);

	assert_int_equal(write_all(fd, data, len), 0);
	close(fd);
}

static const struct arch *arch(const char *name)
{
	line[0] = 0;
	return arch_find(name, &why);
}

static void names(void **state)
{
	size_t i;

	(void)state;
	assert_ptr_equal(arch(NULL), arch_native());
	assert_ptr_equal(arch("amd64"), arch("x86_64"));
	assert_ptr_equal(arch("aarch64"), arch("arm64"));
	assert_null(arch("vax"));
	assert_string_equal(line, "unknown architecture vax: want one of "
				  "x86_64, i386, arm64, s390x, riscv64");
	for (i = 0; bpfvm_arch_name(i); i++)
		assert_string_equal(arch(bpfvm_arch_name(i))->name,
				    bpfvm_arch_name(i));
	assert_int_equal(i, 5);
}

static void kernel_packages(void **state)
{
	static const struct {
		const char *arch, *package;
	} good[] = {
		{"i386", "linux-image-6.1.0-50-686-pae"},
		{"arm64", "linux-binary-7.3.4+deb13-cloud-arm64"},
		{"s390x", "linux-image-6.12.107+deb13-s390x"},
		{"riscv64", "linux-image-6.12.107+deb13-riscv64"},
	};
	static const struct {
		const char *arch, *package;
	} bad[] = {
		{"i386", "linux-image-6.1.0-50-rt-686-pae"},
		{"i386", "linux-image-686-pae"},
		{"i386", "linux-image-6.1.0-50-686"},
		{"arm64", "linux-image-6.1.0-56-arm64"},
		{"arm64", "linux-image-6.12-cloud-arm64"},
		{"s390x", "linux-image-s390x"},
		{"s390x", "linux-image-6.12.107+deb13-riscv64"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(debian_image_rank(arch(good[i].arch),
					      good[i].package) > 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(debian_image_rank(arch(bad[i].arch),
						   bad[i].package),
				 0);
}

#define IMAGE 0x12000

static void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

/* Images as far as their headers go; those for EFI have one section that ends
 * with the file. */
static void make_image(uint8_t *p, const char *name)
{
	memset(p, 0, IMAGE);
	if (!strcmp(name, "s390x")) {
		memcpy(p + 0x10008, "S390EP", 6);
		return;
	}
	memcpy(p, "MZ", 2);
	memcpy(p + 56, strcmp(name, "arm64") ? "RSC\x05" : "ARM\x64", 4);
	put32(p + 60, 64);
	memcpy(p + 64, "PE\0\0", 4);
	put32(p + 64 + 6, 1);
	put32(p + 64 + 24 + 16, 0x10000);
	put32(p + 64 + 24 + 20, IMAGE - 0x10000);
}

static int load(const char *name, const char *file)
{
	struct kernel k = {-1, true};
	int ret;

	line[0] = 0;
	ret = kernel_load(arch(name), in_dir(file), &k, &why);
	assert_true(ret ? k.fd < 0 : k.fd >= 0);
	if (k.fd >= 0) {
		assert_false(k.elf);
		close(k.fd);
	}
	return ret;
}

static void images(void **state)
{
	static const char *const all[] = {"arm64", "s390x", "riscv64"};
	static uint8_t image[IMAGE];
	size_t i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		make_image(image, all[i]);
		write_file("Image", image, IMAGE);
		for (k = 0; k < 3; k++) {
			assert_int_equal(load(all[k], "Image"),
					 i == k ? 0 : -ENOEXEC);
			if (i != k)
				assert_non_null(strstr(line, "a kernel of "));
		}
		assert_int_equal(load("x86_64", "Image"), -ENOEXEC);
		assert_non_null(strstr(line, all[i]));
		write_file("Image", image, IMAGE - 1);
		/* s390x has no header that says how long it is. */
		assert_int_equal(load(all[i], "Image"),
				 strcmp(all[i], "s390x") ? -ENOEXEC : 0);
	}
	write_file("Image", "text\n", 5);
	assert_int_equal(load("arm64", "Image"), -ENOEXEC);
	assert_non_null(strstr(line, "no kernel that we know of"));
	write_file("Image", "", 0);
	assert_int_equal(load("arm64", "Image"), -ENOEXEC);
	assert_non_null(strstr(line, "empty file"));
}

/* data as one gzip stream; returns its length */
static size_t gzip(const uint8_t *data, size_t len, uint8_t *out, size_t size)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	archive_write_set_format_raw(a);
	archive_write_add_filter_gzip(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open_memory(a, out, size, &used),
			 ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	return used;
}

static void packed_images(void **state)
{
	static uint8_t image[IMAGE], packed[2 * IMAGE] = "MZ\0\0zimg";
	size_t len;

	(void)state;
	make_image(image, "riscv64");
	len = gzip(image, IMAGE, packed + 64, sizeof(packed) - 64);
	write_file("Image.gz", packed + 64, len);
	assert_int_equal(load("riscv64", "Image.gz"), 0);
	assert_int_equal(load("arm64", "Image.gz"), -ENOEXEC);
	assert_non_null(strstr(line, "a kernel of riscv64"));
	write_file("Image.gz", packed + 64, len / 2);
	assert_int_equal(load("riscv64", "Image.gz"), -ENOEXEC);
	put32(packed + 8, 64);
	put32(packed + 12, len);
	write_file("vmlinuz.efi", packed, 64 + len);
	assert_int_equal(load("riscv64", "vmlinuz.efi"), 0);
	write_file("vmlinuz.efi", packed, 64 + len - 1);
	assert_int_equal(load("riscv64", "vmlinuz.efi"), -ENOEXEC);
}

/* A big-endian program of s390x that needs libx.so, loader and all. */
static void write_s390x(const char *name, bool dynamic)
{
	static const char text[32] = "\0/lib/ld64.so.1\0libx.so";
	struct file {
		Elf64_Ehdr head;
		Elf64_Phdr load, interp, dyn;
		Elf64_Dyn entry[3];
		char text[sizeof(text)];
	} f;
	const uint64_t str = offsetof(struct file, text);

	memset(&f, 0, sizeof(f));
	memcpy(f.head.e_ident, ELFMAG, SELFMAG);
	f.head.e_ident[EI_CLASS] = ELFCLASS64;
	f.head.e_ident[EI_DATA] = ELFDATA2MSB;
	f.head.e_type = htobe16(ET_DYN);
	f.head.e_machine = htobe16(EM_S390);
	f.head.e_phoff = htobe64(sizeof(f.head));
	f.head.e_phentsize = htobe16(sizeof(Elf64_Phdr));
	f.head.e_phnum = htobe16(dynamic ? 3 : 1);
	f.load.p_type = htobe32(PT_LOAD);
	f.load.p_filesz = htobe64(sizeof(f));
	f.interp.p_type = htobe32(PT_INTERP);
	f.interp.p_offset = htobe64(str + 1);
	f.interp.p_filesz = htobe64(15);
	f.dyn.p_type = htobe32(PT_DYNAMIC);
	f.dyn.p_offset = htobe64(offsetof(struct file, entry));
	f.dyn.p_filesz = htobe64(sizeof(f.entry));
	f.entry[0].d_tag = htobe64(DT_NEEDED);
	f.entry[0].d_un.d_val = htobe64(16);
	f.entry[1].d_tag = htobe64(DT_STRTAB);
	f.entry[1].d_un.d_val = htobe64(str);
	memcpy(f.text, text, sizeof(text));
	write_file(name, &f, sizeof(f));
}

static void programs(void **state)
{
	(void)state;
	write_s390x("program", false);
	assert_int_equal(program_fits(in_dir("program"), arch("s390x"), &why),
			 0);
	assert_int_equal(program_fits(in_dir("program"), arch("x86_64"), &why),
			 -ENOEXEC);
	assert_non_null(strstr(line, "a program for s390x, and the guest is "
				     "x86_64"));
	assert_int_equal(program_fits("/proc/self/exe", arch("arm64"), &why),
			 -ENOEXEC);
	assert_int_equal(program_fits("/proc/self/exe", arch(NULL), &why), 0);
}

static int bring(void *ctx, const char *host, const char *guest)
{
	char *all = ctx;

	assert_non_null(strstr(host, "/bpfsys/sysroot/s390x/"));
	strcat(all, guest);
	strcat(all, " ");
	return 0;
}

static void libraries_of_a_sysroot(void **state)
{
	char root[200], all[512] = "";

	(void)state;
	assert_int_equal(setenv("XDG_CACHE_HOME", dir, 1), 0);
	write_s390x("program", true);
	assert_int_equal(elf_deps(in_dir("program"), arch("s390x"), bring, all,
				  &why),
			 -ENOENT);
	assert_non_null(strstr(line, "/lib/ld64.so.1, and libraries of s390x "
				     "cannot come from the host"));
	snprintf(root, sizeof(root), "%s",
		 in_dir("bpfsys/sysroot/s390x/usr/lib/s390x-linux-gnu"));
	assert_int_equal(make_dirs(root), 0);
	assert_int_equal(make_dirs(in_dir("bpfsys/sysroot/s390x/lib")), 0);
	write_s390x("bpfsys/sysroot/s390x/lib/ld64.so.1", false);
	assert_int_equal(elf_deps(in_dir("program"), arch("s390x"), bring, all,
				  &why),
			 -ENOENT);
	assert_non_null(strstr(line, "libx.so, and libraries"));
	write_s390x("bpfsys/sysroot/s390x/usr/lib/s390x-linux-gnu/libx.so",
		    false);
	*all = 0;
	assert_int_equal(elf_deps(in_dir("program"), arch("s390x"), bring, all,
				  &why),
			 0);
	assert_string_equal(all, "/lib/ld64.so.1 "
				 "/usr/lib/s390x-linux-gnu/libx.so ");
}

static int group_setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	return remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(kernel_packages),
		cmocka_unit_test(images),
		cmocka_unit_test(packed_images),
		cmocka_unit_test(programs),
		cmocka_unit_test(libraries_of_a_sysroot),
	};

	return cmocka_run_group_tests_name("vm_arch", tests, group_setup,
					   group_teardown);
}
