/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Kernel images as users give them. Input: the file. It is loaded for a guest
 * of each architecture, and all that is read of ELF files is asked of it. */
#include <elf.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

#define STRINGS_MOST 16

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	scratch_dir();
	return 0;
}

/* What is said of a failure is about this file. */
static void check_why(const char *why, const char *path)
{
	must(strstr(why, path));
}

/* QEMU will be given it: it has to be what it was taken for. */
static void check_kernel(const struct arch *arch, const struct kernel *kernel)
{
	struct elf_file f;
	char path[64];

	must(kernel->fd >= 0);
	must(!path_fmt(path, sizeof(path), "/proc/self/fd/%d", kernel->fd));
	must(!elf_open(&f, path));
	/* A file can be an image of x86 and of another one at once. */
	must(image_arch(&f) == arch ||
	     (arch->image != IMAGE_X86 && image_is(&f, arch->image)));
	must(!kernel->elf || elf_has_pvh(&f));
	must(!kernel->elf || arch->image == IMAGE_X86);
	elf_close(&f);
}

static void load(const char *path, const struct arch *arch)
{
	struct kernel kernel = {-1, false};
	char text[512] = "";
	const struct why why = {text, sizeof(text)};
	int ret = kernel_load(arch, path, &kernel, &why);

	must(ret <= 0);
	if (ret) {
		check_why(text, path);
		return;
	}
	check_kernel(arch, &kernel);
	close(kernel.fd);
}

static void unpack(const char *path)
{
	char text[512] = "";
	int fd = bpfvm_kernel_vmlinux(path, text, sizeof(text));

	if (fd < 0)
		check_why(text, path);
	else
		close(fd);
}

/* A string that is given out ends in the file. */
static void check_string(const struct elf_file *f, const char *s)
{
	const char *end = (const char *)f->map + f->size;

	must(s >= (const char *)f->map && s < end);
	must(memchr(s, 0, end - s));
}

static void ask(const struct elf_file *f)
{
	static const int64_t tags[] = {DT_NEEDED, DT_RUNPATH, DT_RPATH};
	const struct arch *its = arch_of_elf(f);
	const char *s = elf_interp(f);

	if (s)
		check_string(f, s);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		for (unsigned int n = 0; n < STRINGS_MOST; n++) {
			s = elf_dynamic(f, tags[i], n);
			if (!s)
				break;
			check_string(f, s);
		}
	must(elf_is(f) == elf_same_arch(f, f));
	must(!its || elf_is_of(f, its));
	must(!elf_is_kernel(f) || !elf_interp(f));
	must(!elf_has_pvh(f) || elf_is_kernel(f));
	if (elf_is(f))
		elf_extent(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int before = scratch_next_fd();
	const struct arch *arch;
	struct elf_file f;
	char path[64];
	int fd = scratch_memfd(data, size, path);

	for (size_t i = 0; (arch = arch_nth(i)); i++)
		load(path, arch);
	unpack(path);
	must(!elf_open(&f, path));
	ask(&f);
	elf_close(&f);
	close(fd);
	must(scratch_next_fd() == before);
	return 0;
}
