/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Maps, programs, BTF and places to attach, made for a case. Each ends the case
 * when it cannot be made. */
#ifndef BPFABI_OBJECTS_H
#define BPFABI_OBJECTS_H

#include <linux/bpf.h>

#include "witness.h"

/* A map; sizes in bytes. Returns its descriptor. */
int make_map(void **state, uint32_t type, uint32_t key_size,
	     uint32_t value_size, uint32_t max_entries, uint32_t flags);

/* Stores VALUE under KEY; both as large as the map's. */
void put_elem(void **state, int map_fd, const void *key, const void *value);

/* A program of COUNT instructions, GPL. Returns its descriptor. */
int make_prog(void **state, uint32_t type, uint32_t expected_attach_type,
	      const struct bpf_insn *insns, uint32_t count);

/* r0 = RESULT; exit */
int make_trivial_prog(void **state, uint32_t type,
		      uint32_t expected_attach_type, int32_t result);

/* BTF of one type, a 4-byte int called "int" with id 1. */
int make_btf(void **state);

/* The bytes of that BTF, in *SIZE. */
const void *btf_blob(uint32_t *size);

/* A fresh directory of the cgroup2 hierarchy: world->dir and world->dir_fd. */
void make_cgroup(struct world *world);

/* The id of the object behind FD. */
uint32_t id_of_map(void **state, int fd);
uint32_t id_of_prog(void **state, int fd);
uint32_t id_of_btf(void **state, int fd);
uint32_t id_of_link(void **state, int fd);

typedef int get_id_fn(const struct bpfsys_get_id_attr *attr);

/* A descriptor of the object with ID, as GET answers. */
int open_id(get_id_fn *get, uint32_t id);
/* Whether there is none: objects are freed a while after their end, for which
 * it waits, 5 s at most. */
bool is_gone(get_id_fn *get, uint32_t id);

/* BPF_OBJ_GET_INFO_BY_FD of FD into the SIZE bytes at INFO, which are taken as
 * they are: as it answers; or it has to succeed, and the info_len that came
 * back is returned. */
int ask_info(int fd, void *info, uint32_t size);
uint32_t get_info(void **state, int fd, void *info, uint32_t size);

/* Instructions. */
#define INSN(code_, dst, src, off_, imm_)    \
	((struct bpf_insn){.code = (code_),  \
			   .dst_reg = (dst), \
			   .src_reg = (src), \
			   .off = (off_),    \
			   .imm = (imm_)})
#define MOV64_IMM(dst, imm) \
	INSN(BPF_ALU64 | BPF_MOV | BPF_K, (dst), 0, 0, (imm))
#define MOV64_REG(dst, src) \
	INSN(BPF_ALU64 | BPF_MOV | BPF_X, (dst), (src), 0, 0)
#define ADD64_IMM(dst, imm) \
	INSN(BPF_ALU64 | BPF_ADD | BPF_K, (dst), 0, 0, (imm))
#define LDX(width, dst, src, off) \
	INSN(BPF_LDX | BPF_MEM | (width), (dst), (src), (off), 0)
#define STX(width, dst, src, off) \
	INSN(BPF_STX | BPF_MEM | (width), (dst), (src), (off), 0)
#define ST_IMM(width, dst, off, imm) \
	INSN(BPF_ST | BPF_MEM | (width), (dst), 0, (off), (imm))
#define JMP_IMM(op, dst, imm, off) \
	INSN(BPF_JMP | (op) | BPF_K, (dst), 0, (off), (imm))
#define JMP_REG(op, dst, src, off) \
	INSN(BPF_JMP | (op) | BPF_X, (dst), (src), (off), 0)
#define CALL_HELPER(func) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, (func))
#define EXIT()		  INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Two instructions. */
#define LD_MAP_FD(dst, fd)                                                  \
	INSN(BPF_LD | BPF_DW | BPF_IMM, (dst), BPF_PSEUDO_MAP_FD, 0, (fd)), \
		INSN(0, 0, 0, 0, 0)

#endif
