/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Carries the guest's init inside the library. */
	.section .rodata
	.globl bpfvm_init, bpfvm_init_size
	.balign 16
bpfvm_init:
	.incbin BPFVM_INIT
.Lend:
	.balign 8
bpfvm_init_size:
	.quad .Lend - bpfvm_init
	.section .note.GNU-stack, "", @progbits
