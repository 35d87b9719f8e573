/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The architectures of guests: all that differs between them is here. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "vm.h"

/* guest/init of each, put into the library by init_blob.S; of size 0 where
 * there was no compiler for it. */
#define INIT(arch)                                \
	extern const uint8_t bpfvm_init_##arch[]; \
	extern const uint64_t bpfvm_init_##arch##_size
INIT(x86_64);
INIT(i386);
INIT(arm64);
INIT(s390x);
INIT(riscv64);

/* Console and control are chardevs of these names. Of the drivers only such
 * as Debian's kernels have built in are used: with initramfs and devtmpfs
 * nothing else is asked of a kernel.
 *
 * The order in which x86's -serial come is that of its ports. The others have
 * one UART that is always there; a second one is a 16550 on PCI, but s390x
 * knows no UART at all: SCLP for the console, and a port of virtio-serial.
 *
 * no_timer_check: the check panics now and then on a loaded host.
 * tsc=reliable: nothing else that a clone has is from the same moment, so the
 * watchdog that compares clocks would find fault with that. The HPET goes for
 * the same reason, and because clones have one device less to load.
 * nr_uarts: kernels configured with one would lack our channel.
 * erms, fsrm: the kernel copies by "rep movsb" where it is said to be fast, and
 * TCG does that byte by byte: without, pipes are twice as fast, and a boot
 * takes less, too. */
#define X86_CPU "max,-erms,-fsrm"
#define SERIAL	"-serial", "chardev:console"
#define X86_LINE                                                     \
	"console=ttyS0 no_timer_check tsc=reliable 8250.nr_uarts=4 " \
	"BPFVM_CONTROL=/dev/ttyS1"
#define X86_DEVICES SERIAL, "-serial", "chardev:control"
#define PCI_DEVICES SERIAL, "-device", "pci-serial,chardev=control"
#define INIT_OF(arch) \
	.init = bpfvm_init_##arch, .init_size = &bpfvm_init_##arch##_size

static const struct arch all[] = {
	{
		.name = "x86_64",
		.other = "amd64",
		.debian = "amd64",
		.triplet = "x86_64-linux-gnu",
		.flavour = "cloud-amd64",
		.machine = EM_X86_64,
		.wide = true,
		.image = IMAGE_X86,
		.tree = {"arch/x86/boot/bzImage", "vmlinux"},
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.board = "q35,hpet=off",
		.cpu = X86_CPU,
		.line = X86_LINE,
		.devices = {X86_DEVICES},
		.bulk = true,
		INIT_OF(x86_64),
	},
	{
		.name = "i386",
		.other = "i686",
		.debian = "i386",
		.triplet = "i386-linux-gnu",
		.flavour = "686-pae",
		.machine = EM_386,
		.image = IMAGE_X86,
		.tree = {"arch/x86/boot/bzImage", "vmlinux"},
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.board = "q35,hpet=off",
		.cpu = X86_CPU,
		.line = X86_LINE,
		.devices = {X86_DEVICES},
		.bulk = true,
		INIT_OF(i386),
	},
	{
		.name = "arm64",
		.other = "aarch64",
		.debian = "arm64",
		.triplet = "aarch64-linux-gnu",
		.flavour = "cloud-arm64",
		.machine = EM_AARCH64,
		.wide = true,
		.image = IMAGE_ARM64,
		.tree = {"arch/arm64/boot/Image", "arch/arm64/boot/Image.gz",
			 "arch/arm64/boot/vmlinuz.efi"},
		.qemu = "qemu-system-aarch64",
		.qemu_package = "qemu-system-arm",
		.board = "virt",
		.cpu = "max,pauth-impdef=on",
		.line = "console=ttyAMA0 8250.nr_uarts=4 "
			"BPFVM_CONTROL=/dev/ttyS0",
		.devices = {PCI_DEVICES},
		INIT_OF(arm64),
	},
	{
		.name = "s390x",
		.other = "s390",
		.debian = "s390x",
		.triplet = "s390x-linux-gnu",
		.flavour = "s390x",
		.machine = EM_S390,
		.wide = true,
		.big = true,
		.image = IMAGE_S390,
		.tree = {"arch/s390/boot/bzImage"},
		.qemu = "qemu-system-s390x",
		.qemu_package = "qemu-system-s390x",
		.board = "s390-ccw-virtio",
		.cpu = "max",
		.line = "console=ttysclp0 BPFVM_CONTROL=/dev/vport0p1",
		.devices = {SERIAL, "-device", "virtio-serial-ccw", "-device",
			    "virtserialport,chardev=control"},
		.module =
			"virtio_console", /* of Debian's, built in from 6.12 */
		INIT_OF(s390x),
	},
	{
		.name = "riscv64",
		.other = "riscv",
		.debian = "riscv64",
		.triplet = "riscv64-linux-gnu",
		.flavour = "riscv64",
		.machine = EM_RISCV,
		.wide = true,
		.image = IMAGE_RISCV,
		.tree = {"arch/riscv/boot/Image", "arch/riscv/boot/Image.gz",
			 "arch/riscv/boot/vmlinuz.efi"},
		.qemu = "qemu-system-riscv64",
		.qemu_package = "qemu-system-riscv",
		.board = "virt",
		/* A saved guest of "max" does not resume (QEMU 10.0). */
		.cpu = "rv64",
		.line = "console=ttyS0 8250.nr_uarts=4 "
			"BPFVM_CONTROL=/dev/ttyS1",
		.devices = {PCI_DEVICES},
		INIT_OF(riscv64),
	},
};

#define N_ARCHS (sizeof(all) / sizeof(*all))

const struct arch *arch_native(void)
{
	return &all[0];
}

const struct arch *arch_nth(size_t n)
{
	return n < N_ARCHS ? &all[n] : NULL;
}

const char *bpfvm_arch_name(size_t n)
{
	return n < N_ARCHS ? all[n].name : NULL;
}

const struct arch *arch_of_elf(const struct elf_file *elf)
{
	size_t i;

	for (i = 0; i < N_ARCHS; i++) {
		if (elf_is_of(elf, &all[i]))
			return &all[i];
	}
	return NULL;
}

const struct arch *arch_find(const char *name, const struct why *why)
{
	char known[128] = "";
	size_t i;

	for (i = 0; i < N_ARCHS; i++) {
		if (!name || !strcmp(name, all[i].name) ||
		    !strcmp(name, all[i].other))
			return &all[i];
	}
	for (i = 0; i < N_ARCHS; i++) {
		strcat(known, i ? ", " : "");
		strcat(known, all[i].name);
	}
	fault(why, -EINVAL, "unknown architecture %s: want one of %s", name,
	      known);
	return NULL;
}

const char *bpfvm_arch_find(const char *name, char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	const struct arch *arch = arch_find(name, &why);

	return arch ? arch->name : NULL;
}

bool arch_is_native(const struct arch *arch)
{
	return arch == arch_native();
}

int arch_file(char *path, size_t size, const char *name,
	      const struct arch *arch)
{
	return arch_is_native(arch)
		       ? path_fmt(path, size, "%s", name)
		       : path_fmt(path, size, "%s-%s", name, arch->name);
}

int arch_check_init(const struct arch *arch, const struct why *why)
{
	if (*arch->init_size)
		return 0;
	return fault(why, -ENOSYS,
		     "this bpfvm was built without an init for %s: make "
		     "setup-cross installs the compiler and builds it anew",
		     arch->name);
}
