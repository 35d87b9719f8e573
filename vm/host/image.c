/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Tells the kernel images of the architectures apart, and readies those that
 * are no bzImage of x86. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "seal.h"
#include "vm.h"

/* Offsets in a bzImage: Documentation/arch/x86/boot.rst */
enum {
	X86_MAGIC = 0x202,
	X86_XLOADFLAGS = 0x236,
	X86_KERNEL_64 = 1, /* bit of xloadflags, set since 3.8 */
};
/* A magic and the place where it stands. */
static const struct {
	const char *magic;
	size_t len, at;
} magics[] = {
	[IMAGE_X86] = {"HdrS", 4, X86_MAGIC},
	/* Documentation/arch/arm64/booting.rst */
	[IMAGE_ARM64] = {"ARM\x64", 4, 56},
	/* arch/s390/boot/head.S, ep_address */
	[IMAGE_S390] = {"S390EP", 6, 0x10008},
	/* Documentation/arch/riscv/boot-image-header.rst, magic2 */
	[IMAGE_RISCV] = {"RSC\x05", 4, 56},
};

bool image_is(const struct elf_file *f, enum image_kind kind)
{
	const size_t at = magics[kind].at, len = magics[kind].len;

	return f->size >= at + len &&
	       !memcmp(f->map + at, magics[kind].magic, len);
}

const struct arch *image_arch(const struct elf_file *f)
{
	const struct arch *arch;
	bool wide;
	size_t i;

	for (i = 0; (arch = arch_nth(i)); i++) {
		if (!image_is(f, arch->image))
			continue;
		if (arch->image != IMAGE_X86)
			return arch;
		wide = f->size > X86_XLOADFLAGS &&
		       f->map[X86_XLOADFLAGS] & X86_KERNEL_64;
		if (arch->wide == wide)
			return arch;
	}
	return elf_is_kernel(f) ? arch_of_elf(f) : NULL;
}

static uint16_t le16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

/* Bytes that the sections of an image for EFI say there are; 0: it is none.
 * The header's own size counts memory that the file leaves out. */
static uint64_t pe_extent(const struct elf_file *f)
{
	const uint64_t pe = f->size > 64 && !memcmp(f->map, "MZ", 2)
				    ? le32(f->map + 60)
				    : f->size;
	uint64_t at, end, most = 0;
	unsigned n;

	if (pe + 24 > f->size || memcmp(f->map + pe, "PE\0\0", 4))
		return 0;
	at = pe + 24 + le16(f->map + pe + 20);
	for (n = le16(f->map + pe + 6); n && at + 40 <= f->size; n--) {
		end = (uint64_t)le32(f->map + at + 16) + le32(f->map + at + 20);
		most = end > most ? end : most;
		at += 40;
	}
	return most;
}

/* The image that is packed in f, as a memfd: all of it, or the payload of an
 * EFI zboot image (drivers/firmware/efi/libstub/zboot-header.S). */
static int unpack(const struct elf_file *f)
{
	uint64_t off = 0, len = f->size;

	if (f->size > 64 && !memcmp(f->map, "MZ\0\0zimg", 8)) {
		off = le32(f->map + 8);
		len = le32(f->map + 12);
		if (off + len > f->size)
			return -ENOEXEC;
	}
	return unpack_memory(f->map + off, len, 0);
}

static int unpack_image(const struct elf_file *f, const struct arch *arch,
			const char *path, const struct why *why)
{
	struct elf_file inner = {NULL, 0};
	const struct arch *its;
	char name[64];
	int fd = unpack(f), ret;

	if (fd < 0 && fd != -ENOEXEC)
		return fault(why, fd, "%s: unpacking it into memory: %s", path,
			     strerror(-fd));
	ret = path_fmt(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (fd >= 0 && !ret)
		ret = elf_open(&inner, name);
	its = image_arch(fd >= 0 ? &inner : f);
	if (fd >= 0 && !ret && its == arch)
		goto out_close;
	ret = fault(why, -ENOEXEC,
		    its ? "%s: a kernel of %s, and the guest is %s (--arch)"
			: "%s: no kernel that we know of",
		    path, its ? its->name : "", arch->name);
out_close:
	elf_close(&inner);
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

int image_load(const struct elf_file *f, const struct arch *arch,
	       const char *path, struct kernel *kernel, const struct why *why)
{
	int ret;

	kernel->elf = false;
	if (!image_is(f, arch->image)) {
		ret = unpack_image(f, arch, path, why);
	} else {
		ret = check_whole(path, "image", f->size, pe_extent(f), why);
		if (!ret)
			ret = seal_open(path);
		if (ret < 0 && ret != -ENOEXEC)
			ret = fault(why, ret, "%s: %s", path, strerror(-ret));
	}
	kernel->fd = ret < 0 ? -1 : ret;
	return ret < 0 ? ret : 0;
}
