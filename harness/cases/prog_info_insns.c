// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of programs: instructions come back as they could be
 * loaded, with ids of maps for their descriptors, whatever the kernel made of
 * them: kernel/bpf/syscall.c, bpf_insn_prepare_dump(). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "kernel.h"
#include "prog_info.h"
#include "sysctl.h"

union dump {
	struct bpf_insn insns[ARRAY_ROOM / sizeof(struct bpf_insn)];
	uint8_t bytes[ARRAY_ROOM];
};

static void check_insn(void **state, const char *what, struct bpf_insn want,
		       const struct bpf_insn *got)
{
	expect_mem(state, what, &want, got, sizeof(want));
}

/* A call's imm depends on the kernel: that aside. */
static void check_call(void **state, const char *what, uint8_t src, int16_t off,
		       const struct bpf_insn *got)
{
	check_insn(state, what, INSN(BPF_JMP | BPF_CALL, 0, src, off, got->imm),
		   got);
}

static void check_maps(struct two_funcs *two, const struct bpf_insn *got)
{
	void **state = two->state;
	int32_t hash_id = (int32_t)id_of_map(state, two->hash_fd);
	int32_t array_id = (int32_t)id_of_map(state, two->array_fd);

	check_insn(state, "the map's instruction",
		   INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD,
			0, hash_id),
		   &got[TWO_FUNCS_MAP]);
	check_insn(state, "its second half", INSN(0, 0, 0, 0, 0),
		   &got[TWO_FUNCS_MAP + 1]);
	check_insn(state, "the value's instruction",
		   INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1,
			BPF_PSEUDO_MAP_VALUE, 0, array_id),
		   &got[TWO_FUNCS_VALUE]);
	check_insn(state, "its second half", INSN(0, 0, 0, 0, TWO_FUNCS_OFFSET),
		   &got[TWO_FUNCS_VALUE + 1]);
}

static void check_rest(struct two_funcs *two, const struct bpf_insn *got)
{
	check_call(two->state, "the call of a helper", 0, 0,
		   &got[TWO_FUNCS_HELPER]);
	check_call(two->state, "the call of sub()", BPF_PSEUDO_CALL,
		   TWO_FUNCS_SECOND - TWO_FUNCS_CALL - 1, &got[TWO_FUNCS_CALL]);
	for (int i = TWO_FUNCS_EXIT; i < TWO_FUNCS_INSNS; i++)
		check_insn(two->state, "an instruction that is left alone",
			   two->insns[i], &got[i]);
}

void obj_get_info_by_fd__xlated_insns(void **state)
{
	struct two_funcs two;
	union dump dump;
	uint32_t n;

	make_two_funcs(&two, state);
	n = check_array(state, two.prog_fd, XLATED, &dump);
	expect_u64(state, "xlated_prog_len", sizeof(two.insns), n);
	check_maps(&two, dump.insns);
	check_rest(&two, dump.insns);
	expect_true(state, "the helper's call says which",
		    dump.insns[TWO_FUNCS_HELPER].imm != 0);
	drop_two_funcs(&two);
}

/* Where the kernel's addresses are not for the caller's eyes, calls do not say
 * where they go; all else is there. */
void obj_get_info_by_fd__xlated_calls_hidden(void **state)
{
	int64_t was = turn_switch(state, KPTR_RESTRICT, 1);
	struct two_funcs two;
	union dump dump;
	int fd;

	make_two_funcs(&two, state);
	fd = open_without_syslog(state, two.prog_fd);
	get_array(state, fd, XLATED, &dump);
	turn_switch(state, KPTR_RESTRICT, was);
	close(fd);
	check_maps(&two, dump.insns);
	check_rest(&two, dump.insns);
	drop_two_funcs(&two);
	expect_u64(state, "the helper's call", 0,
		   (uint32_t)dump.insns[TWO_FUNCS_HELPER].imm);
	expect_u64(state, "the call of sub()", 0,
		   (uint32_t)dump.insns[TWO_FUNCS_CALL].imm);
}

/* With the interpreter, calls between functions and the arrays of machine code
 * are others. */
static void check_interpreted(struct two_funcs *two)
{
	void **state = two->state;
	struct bpfsys_prog_info info;
	union dump dump;

	expect_fdinfo_u64(state, two->prog_fd, "prog_jited", 0);
	memset(&info, 0, sizeof(info));
	get_info(state, two->prog_fd, &info, sizeof(info));
	expect_u64(state, "jited_prog_len", 0, info.jited_prog_len);
	expect_u64(state, "nr_jited_ksyms", 1, info.nr_jited_ksyms);
	expect_u64(state, "nr_jited_func_lens", 1, info.nr_jited_func_lens);
	expect_u64(state, "nr_jited_line_info", 0, info.nr_jited_line_info);
	expect_u64(state, "nr_prog_tags", 1, info.nr_prog_tags);
	expect_u64(state, "nr_func_info", 2, info.nr_func_info);
	expect_u64(state, "nr_line_info", TWO_FUNCS_LINES, info.nr_line_info);
	expect_u64(state, "xlated_prog_len", sizeof(two->insns),
		   get_array(state, two->prog_fd, XLATED, &dump));
	check_maps(two, dump.insns);
	check_rest(two, dump.insns);
}

void obj_get_info_by_fd__interpreted(void **state)
{
	struct two_funcs two;
	int64_t was;

	prepare_two_funcs(&two, state);
	was = turn_switch(state, JIT_ENABLE, 0);
	two.prog_fd = bpfsys_prog_load(&two.attr);
	turn_switch(state, JIT_ENABLE, was);
	need(state, "BPF_PROG_LOAD without a JIT", two.prog_fd);
	check_interpreted(&two);
	drop_two_funcs(&two);
}

/* The kernel turns it into an instruction of its own. */
void obj_get_info_by_fd__xlated_tail_call(void **state)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_2, map_fd),
		MOV64_IMM(BPF_REG_3, 0),
		CALL_HELPER(BPF_FUNC_tail_call),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int fd = make_hook_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, insns,
				COUNT_OF(insns));
	union dump dump;
	uint32_t n = get_array(state, fd, XLATED, &dump);

	close(fd);
	close(map_fd);
	expect_u64(state, "xlated_prog_len", sizeof(insns), n);
	check_insn(state, "the tail call", insns[3], &dump.insns[3]);
	check_insn(state, "the instruction behind it", insns[4],
		   &dump.insns[4]);
}

/* Reads through a pointer that need not be good, which the kernel marks. */
void obj_get_info_by_fd__xlated_probe(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, 0),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int fd = make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			       need_func_id(state, "bpf_fentry_test7"), insns,
			       COUNT_OF(insns));
	union dump dump;
	uint32_t n = get_array(state, fd, XLATED, &dump);
	close(fd);
	expect_u64(state, "xlated_prog_len", sizeof(insns), n);
	check_insn(state, "the read", insns[1], &dump.insns[1]);
}

#define ADDR_SPACE_CAST(dst, src) \
	INSN(BPF_ALU64 | BPF_MOV | BPF_X, (dst), (src), 1, 1)

static int make_arena(void **state)
{
	struct bpfsys_map_create_attr attr;
	int fd;

	if (!kernel_has_constant("BPF_MAP_TYPE_ARENA"))
		skip_case(state, "the kernel's BTF has no BPF_MAP_TYPE_ARENA");
	memset(&attr, 0, sizeof(attr));
	attr.map_type = 33; /* BPF_MAP_TYPE_ARENA */
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	attr.map_extra = 1ull << 32; /* where user space would map it */
	fd = bpfsys_map_create(&attr);
	if (fd == -EOPNOTSUPP)
		skip_case(state, "no arenas here: BPF_MAP_CREATE is "
				 "EOPNOTSUPP");
	return need(state, "BPF_MAP_CREATE of an arena", fd);
}

/* Reads and writes in an arena, which the kernel marks. */
void obj_get_info_by_fd__xlated_arena(void **state)
{
	int map_fd = make_arena(state);
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, map_fd),
		MOV64_IMM(BPF_REG_2, 0),
		ADDR_SPACE_CAST(BPF_REG_2, BPF_REG_2),
		LDX(BPF_W, BPF_REG_3, BPF_REG_2, 4),
		STX(BPF_B, BPF_REG_2, BPF_REG_3, 8),
		ST_IMM(BPF_H, BPF_REG_2, 16, 1),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int fd = make_hook_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, insns,
				COUNT_OF(insns));
	union dump dump;
	uint32_t n = get_array(state, fd, XLATED, &dump);

	close(fd);
	close(map_fd);
	expect_u64(state, "xlated_prog_len", sizeof(insns), n);
	check_insn(state, "the read", insns[4], &dump.insns[4]);
	check_insn(state, "the write", insns[5], &dump.insns[5]);
	check_insn(state, "the write of a constant", insns[6], &dump.insns[6]);
}
