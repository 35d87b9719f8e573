/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Tells kernel images from other files, whole ones from truncated ones, and
 * gets the ELF out of a bzImage: QEMU starts that a third faster. */
#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seal.h"
#include "vm.h"

/* A vmlinux with everything built in stays far below. */
#define VMLINUX_MOST (1024UL * 1024 * 1024)

/* Documentation/arch/x86/boot.rst: offsets in the setup header */
enum {
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	VERSION = 0x206,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	HEADER_END = 0x250,
};

uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_bzimage(const struct elf_file *f)
{
	return f->size >= HEADER_END && image_is(f, IMAGE_X86);
}

static uint64_t protected_mode(const struct elf_file *f)
{
	unsigned sects = f->map[SETUP_SECTS];

	return (uint64_t)((sects ? sects : 4) + 1) * 512;
}

/* The compressed vmlinux; false if the image is too old to say. */
static bool payload(const struct elf_file *f, uint64_t *off, uint64_t *len)
{
	*off = protected_mode(f) + le32(f->map + PAYLOAD_OFFSET);
	*len = le32(f->map + PAYLOAD_LENGTH);
	/* 2.08 brought the fields. */
	return f->map[VERSION] >= 8 && *len;
}

/* Bytes that a whole image has. */
static uint64_t bzimage_extent(const struct elf_file *f)
{
	uint64_t off, len, end;

	end = protected_mode(f) + (uint64_t)le32(f->map + SYSSIZE) * 16;
	if (payload(f, &off, &len) && off + len > end)
		end = off + len;
	return end;
}

static struct archive *open_payload(const uint8_t *data, size_t len)
{
	struct archive *a = archive_read_new();

	if (!a)
		return NULL;
	archive_read_support_format_raw(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_filter_zstd(a);
	if (archive_read_open_memory(a, data, len) == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	return NULL;
}

/* size: what it has to be, or 0 */
static int unpack(struct archive *a, int fd, uint64_t size)
{
	const uint64_t most = size ? size : VMLINUX_MOST;
	struct archive_entry *e;
	uint64_t total = 0;
	const void *block;
	la_int64_t at;
	size_t len;
	int ret;

	if (archive_read_next_header(a, &e) != ARCHIVE_OK)
		return -ENOEXEC;
	for (;;) {
		ret = archive_read_data_block(a, &block, &len, &at);
		if (ret == ARCHIVE_EOF)
			return !size || total == size ? 0 : -ENOEXEC;
		if (ret != ARCHIVE_OK || len > most - total)
			return -ENOEXEC;
		ret = write_all(fd, block, len);
		if (ret)
			return ret;
		total += len;
	}
}

int unpack_memory(const uint8_t *data, size_t len, uint64_t size)
{
	struct archive *a = open_payload(data, len);
	int fd, ret;

	if (!a)
		return -ENOEXEC;
	fd = memfd_create("bpfvm-vmlinux", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ret = fd < 0 ? -errno : unpack(a, fd, size);
	if (!ret)
		ret = seal_memfd(fd);
	archive_read_free(a);
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

/* The vmlinux inside, as a memfd. -ENOEXEC: packed in a way we do not know,
 * which is no reason not to boot the bzImage. */
static int unpack_payload(const struct elf_file *f)
{
	uint64_t off, len, size;

	if (!payload(f, &off, &len) || len < 8 || off + len > f->size)
		return -ENOEXEC;
	/* Its last four bytes say the size: gzip's own trailer does, after
	 * the others scripts/Makefile.lib appends them. */
	size = le32(f->map + off + len - 4);
	if (!size || size > VMLINUX_MOST)
		return -ENOEXEC;
	if (memcmp(f->map + off, "\x1f\x8b", 2))
		len -= 4;
	return unpack_memory(f->map + off, len, size);
}

static int fd_path(char *path, size_t size, int fd)
{
	return path_fmt(path, size, "/proc/self/fd/%d", fd);
}

/* With KASAN the way in by PVH ends in a triple fault: what it runs is not kept
 * from looking at a shadow that is not there yet. Seen on: 6.12. */
static bool has_kasan(const struct elf_file *f)
{
	static const char word[] = "BUG: KASAN: ";

	return f->map && memmem(f->map, f->size, word, sizeof(word) - 1);
}

static int load_bzimage(const struct elf_file *f, const char *path,
			struct kernel *kernel, const struct why *why)
{
	char inner[64];
	struct elf_file elf;
	int fd;

	fd = unpack_payload(f);
	if (fd == -ENOSPC || fd == -ENOMEM || fd == -EMFILE)
		return fault(why, fd, "%s: unpacking it into memory: %s", path,
			     strerror(-fd));
	if (fd >= 0) {
		fd_path(inner, sizeof(inner), fd);
		kernel->elf = !elf_open(&elf, inner) && elf_has_pvh(&elf) &&
			      image_arch(&elf) == image_arch(f) &&
			      !has_kasan(&elf);
		elf_close(&elf);
		kernel->fd = fd;
		if (kernel->elf)
			return 0;
		close(fd);
	}
	kernel->elf = false;
	kernel->fd = seal_open(path);
	return kernel->fd < 0 ? fault(why, kernel->fd, "%s: %s", path,
				      strerror(-kernel->fd))
			      : 0;
}

int check_whole(const char *path, const char *what, uint64_t there,
		uint64_t wanted, const struct why *why)
{
	if (there >= wanted)
		return 0;
	return fault(why, -ENOEXEC,
		     "%s: truncated %s: %llu bytes there, %llu expected; "
		     "copy or build it again",
		     path, what, (unsigned long long)there,
		     (unsigned long long)wanted);
}

static int not_a_kernel(const struct elf_file *f, const char *path,
			const struct why *why)
{
	if (!f->size)
		return fault(why, -ENOEXEC, "%s: empty file, not a kernel",
			     path);
	if (image_arch(f))
		return fault(why, -ENOEXEC, "%s: a kernel of %s (--arch)", path,
			     image_arch(f)->name);
	if (elf_is(f))
		return fault(why, -ENOEXEC,
			     "%s: an ELF file, but not an x86-64 vmlinux",
			     path);
	return fault(why, -ENOEXEC,
		     "%s: not a kernel (wanted a bzImage, a vmlinux or a .deb)",
		     path);
}

/* Fills *f and says whether it is a whole kernel. */
static int open_image(struct elf_file *f, const char *path,
		      const struct why *why)
{
	int ret = elf_open(f, path);

	if (ret)
		return fault(why, ret, "kernel %s: %s", path, strerror(-ret));
	if (is_bzimage(f))
		ret = check_whole(path, "bzImage", f->size, bzimage_extent(f),
				  why);
	else if (elf_is_kernel(f))
		ret = check_whole(path, "vmlinux", f->size, elf_extent(f), why);
	else
		ret = not_a_kernel(f, path, why);
	if (ret)
		elf_close(f);
	return ret;
}

static int load_foreign(const struct arch *arch, const char *path,
			struct kernel *kernel, const struct why *why)
{
	struct elf_file f;
	int ret = elf_open(&f, path);

	if (ret)
		return fault(why, ret, "kernel %s: %s", path, strerror(-ret));
	ret = f.size ? image_load(&f, arch, path, kernel, why)
		     : not_a_kernel(&f, path, why);
	elf_close(&f);
	return ret;
}

static int load_x86(const struct arch *arch, const char *path,
		    struct kernel *kernel, const struct why *why)
{
	struct elf_file f;
	int ret = open_image(&f, path, why);

	if (ret)
		return ret;
	if (image_arch(&f) != arch) {
		ret = fault(why, -ENOEXEC,
			    "%s: a kernel of %s, and the guest is %s (--arch)",
			    path, image_arch(&f)->name, arch->name);
		elf_close(&f);
		return ret;
	}
	if (is_bzimage(&f)) {
		ret = load_bzimage(&f, path, kernel, why);
	} else if (!elf_has_pvh(&f)) {
		ret = fault(why, -ENOEXEC,
			    "%s: vmlinux without a PVH entry (CONFIG_PVH is "
			    "off); use its bzImage",
			    path);
	} else {
		kernel->elf = true;
		kernel->fd = seal_open(path);
		if (kernel->fd < 0)
			ret = fault(why, kernel->fd, "%s: %s", path,
				    strerror(-kernel->fd));
	}
	elf_close(&f);
	return ret;
}

int kernel_load(const struct arch *arch, const char *path,
		struct kernel *kernel, const struct why *why)
{
	return (arch->image == IMAGE_X86 ? load_x86 : load_foreign)(
		arch, path, kernel, why);
}

int bpfvm_kernel_vmlinux(const char *path, char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	struct elf_file f;
	int ret = open_image(&f, path, &why);

	if (ret)
		return ret;
	if (is_bzimage(&f)) {
		ret = unpack_payload(&f);
		if (ret < 0)
			fault(&why, ret, "%s: cannot unpack its vmlinux: %s",
			      path, strerror(-ret));
	} else {
		ret = open(path, O_RDONLY | O_CLOEXEC);
		if (ret < 0)
			ret = fault(&why, -errno, "%s: %s", path,
				    strerror(errno));
	}
	elf_close(&f);
	return ret;
}
