/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Carries the guests' init inside the library: of those architectures for
 * which there is a compiler, the others are empty. */
	.macro init arch:req
	.globl bpfvm_init_\arch, bpfvm_init_\arch\()_size
	.balign 16
bpfvm_init_\arch:
	.endm
	.macro endinit arch:req
.Lend_\arch:
	.balign 8
bpfvm_init_\arch\()_size:
	.quad .Lend_\arch - bpfvm_init_\arch
	.endm

	.section .rodata
	init x86_64
	.incbin INIT_x86_64
	endinit x86_64
	init i386
#ifdef INIT_i386
	.incbin INIT_i386
#endif
	endinit i386
	init arm64
#ifdef INIT_arm64
	.incbin INIT_arm64
#endif
	endinit arm64
	init s390x
#ifdef INIT_s390x
	.incbin INIT_s390x
#endif
	endinit s390x
	init riscv64
#ifdef INIT_riscv64
	.incbin INIT_riscv64
#endif
	endinit riscv64
	.section .note.GNU-stack, "", @progbits
