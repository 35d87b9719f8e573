/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the library's tests in a VM make maps and programs of. */
#ifndef BPFSYS_TESTS_GUEST_H
#define BPFSYS_TESTS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/bpf.h>

#define INSN(code, dst, src, off, imm)   \
	{                                \
		code, dst, src, off, imm \
	}
#define MOV_IMM(dst, imm) INSN(0xb7, dst, 0, 0, imm)
#define EXIT		  INSN(0x95, 0, 0, 0, 0)

/* Each asserts that it succeeds. */
int new_map(uint32_t type, uint32_t key_size, uint32_t value_size,
	    uint32_t entries);
void put(int map, const void *key, const void *value);
void drop(int map, const void *key);
/* bpf(BPF_PROG_LOAD) of COUNT instructions; a negative errno. */
int load(uint32_t type, const struct bpf_insn *insns, uint32_t count);
/* One that returns 0, with MAPS, COUNT of them, in its instructions. */
int load_with_maps(const int *maps, uint32_t count);
uint32_t map_id(int map);
/* In a child without capabilities: what FN returns. */
int unprivileged(int (*fn)(void));
/* The number of open descriptors. */
unsigned int open_fds(void);

#endif
