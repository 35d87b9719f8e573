/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Programs that leave traces, the cgroup that they attach to, and what newer
 * kernels call the constants that our <linux/bpf.h> lacks. */
#ifndef BPFABI_HOOKS_H
#define BPFABI_HOOKS_H

#include "objects.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	BPFABI_F_TOKEN_FD = 1 << 16, /* BPF_F_TOKEN_FD */
	BPFABI_TCX_INGRESS = 46,     /* BPF_TCX_INGRESS */
	BPFABI_STREAM_STDOUT = 1,    /* BPF_STREAM_STDOUT */
	BPFABI_STREAM_STDERR = 2,    /* BPF_STREAM_STDERR */
};

/* More instructions; objects.h has the others. */
#define ALU64_IMM(op, dst, imm) \
	INSN(BPF_ALU64 | (op) | BPF_K, (dst), 0, 0, (imm))
#define CALL_KFUNC(btf_id) \
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, (btf_id))
/* Two instructions: the address of byte OFFSET of an array's first value. */
#define LD_MAP_VALUE(dst, fd, offset)                                          \
	INSN(BPF_LD | BPF_DW | BPF_IMM, (dst), BPF_PSEUDO_MAP_VALUE, 0, (fd)), \
		INSN(0, 0, 0, 0, (offset))
/* Three: adds 1 to the 8 bytes at REG + OFFSET, through r0. */
#define COUNT_AT(reg, offset)                                             \
	LDX(BPF_DW, BPF_REG_0, (reg), (offset)), ADD64_IMM(BPF_REG_0, 1), \
		STX(BPF_DW, (reg), BPF_REG_0, (offset))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A GPL program of COUNT instructions into ATTR, all else zero. */
void fill_prog(struct bpfsys_prog_load_attr *attr, uint32_t type,
	       const struct bpf_insn *insns, uint32_t count);

/* Loads it. Skips the case where the kernel has no programs of the type, that
 * is, where the smallest one is EINVAL too. */
int load_prog(void **state, struct bpfsys_prog_load_attr *attr);

/* Both, for programs that need no more. */
int make_hook_prog(void **state, uint32_t type, const struct bpf_insn *insns,
		   uint32_t count);

/* r0 = RESULT; exit */
int make_verdict_prog(void **state, uint32_t type, int32_t result);

/* An array of one value, COUNTERS numbers of 8 bytes, for LD_MAP_VALUE. */
#define COUNTERS 8
int make_counters(void **state);
void read_counters(void **state, int map_fd, uint64_t counters[COUNTERS]);

/* A raw tracepoint program for task_newtask: of the tasks that this process
 * makes it counts in counter 0, and keeps the clone flags in counter 1. */
int make_newtask_prog(void **state, int counters_fd);

/* The same for a program of type and expected ATTACH_TYPE that is for BTF_ID, a
 * function or tracepoint of the kernel. */
int make_btf_prog(void **state, uint32_t type, uint32_t attach_type,
		  uint32_t btf_id, const struct bpf_insn *insns,
		  uint32_t count);

/* BPF_RAW_TRACEPOINT_OPEN of PROG_FD, as it answers. NAME is NULL for programs
 * that said at load where they go. */
int open_program(int prog_fd, const char *name);

/* Attaches PROG_FD to the raw tracepoint NAME; a link. */
int open_raw_tracepoint(void **state, const char *name, int prog_fd);

/* Makes a child that ends at once, and reaps it. */
void make_child(void **state);

/* Runs a program on packets REPEAT times, on 64 zero bytes; what it returned.
 */
uint32_t run_on_packet(void **state, int prog_fd, uint32_t repeat);

/* The BTF id of a kernel function, typedef or struct; skips the case where the
 * kernel has no BTF, or not this one. */
uint32_t need_func_id(void **state, const char *name);
uint32_t need_typedef_id(void **state, const char *name);
uint32_t need_struct_id(void **state, const char *name);

/* The hook that cases on cgroups use. Not the first attach type, which is 0:
 * a call whose attach_type is cut short must reach another hook. */
#define CGROUP_HOOK BPF_CGROUP_INET_EGRESS

/* A cgroup, and two programs for CGROUP_HOOK (prog_fd, prog2_fd). */
void make_cgroup_hook(struct world *world);

/* A cgroup in that of the directory PARENT, for CHILD (only state is set); and
 * its end. */
void make_cgroup_in(struct world *child, const char *parent);
void drop_cgroup(struct world *child);

/* For arm(): from the second call on, a link of the second program (link_fd)
 * hangs at CGROUP_HOOK, too. The first program at a hook of all cgroups patches
 * the kernel's text, which takes long. */
void keep_cgroup_hook(struct world *world);

/* BPF_PROG_ATTACH and _DETACH of PROG_FD, as they answer. */
int attach_cgroup(struct world *world, int prog_fd, uint32_t flags);
int detach_cgroup(struct world *world, int prog_fd);

/* Detaches whatever of the two programs hangs on hooks of the cgroup, also on
 * the one that an attach_type cut to 0 means. */
void clear_cgroup(struct world *world);

/* A link of PROG_FD to CGROUP_HOOK, as LINK_CREATE answers. */
int link_cgroup(struct world *world, int prog_fd);

/* How many programs hang on CGROUP_HOOK; the first ROOM ids at IDS. */
uint32_t query_cgroup(struct world *world, uint32_t *ids, uint32_t room);

/* The inode number of the cgroup: its id. */
uint64_t id_of_cgroup(struct world *world);

#endif
