// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of programs: what is in each array, and in the fields
 * that only some programs have. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "prog_info.h"

/* Elements of any array: the largest is an instruction's byte by byte. */
union room {
	uint8_t bytes[ARRAY_ROOM];
	uint32_t u32[ARRAY_ROOM / 4];
	uint64_t u64[ARRAY_ROOM / 8];
	struct bpf_func_info funcs[ARRAY_ROOM / sizeof(struct bpf_func_info)];
	struct bpf_line_info lines[ARRAY_ROOM / sizeof(struct bpf_line_info)];
};

void obj_get_info_by_fd__map_ids(void **state)
{
	struct two_funcs two;
	union room room;
	uint32_t n, hash_id, array_id;

	make_two_funcs(&two, state);
	n = check_array(state, two.prog_fd, MAP_IDS, &room);
	hash_id = id_of_map(state, two.hash_fd);
	array_id = id_of_map(state, two.array_fd);
	drop_two_funcs(&two);
	expect_u64(state, "nr_map_ids", 2, n);
	expect_u64(state, "map_ids[0]", hash_id, room.u32[0]);
	expect_u64(state, "map_ids[1]", array_id, room.u32[1]);
}

void obj_get_info_by_fd__func_info(void **state)
{
	struct two_funcs two;
	union room room;
	uint32_t n;

	make_two_funcs(&two, state);
	n = check_array(state, two.prog_fd, FUNC_INFO, &room);
	drop_two_funcs(&two);
	expect_u64(state, "nr_func_info", COUNT_OF(two.funcs), n);
	expect_mem(state, "func_info", two.funcs, room.funcs,
		   sizeof(two.funcs));
}

void obj_get_info_by_fd__line_info(void **state)
{
	struct two_funcs two;
	union room room;
	uint32_t n;

	make_two_funcs(&two, state);
	n = check_array(state, two.prog_fd, LINE_INFO, &room);
	drop_two_funcs(&two);
	expect_u64(state, "nr_line_info", TWO_FUNCS_LINES, n);
	expect_mem(state, "line_info", two.lines, room.lines,
		   sizeof(two.lines));
}

/* The machine code is that of all functions, one behind the other. */
void obj_get_info_by_fd__jited_insns(void **state)
{
	union room code, lens;
	struct two_funcs two;
	uint32_t n;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	n = check_array(state, two.prog_fd, JITED, &code);
	get_array(state, two.prog_fd, FUNC_LENS, &lens);
	drop_two_funcs(&two);
	expect_u64(state, "jited_prog_len, of both functions",
		   (uint64_t)lens.u32[0] + lens.u32[1], n);
	expect_true(state, "the code of the functions differs",
		    lens.u32[0] != lens.u32[1] ||
			    memcmp(code.bytes, code.bytes + lens.u32[0],
				   lens.u32[1]) != 0);
}

/* A program of one function is its own. */
static uint32_t only_jited_len(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	struct bpfsys_prog_info info;
	union room lens;
	uint32_t n = check_array(state, fd, FUNC_LENS, &lens);

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "nr_jited_func_lens of one function", 1, n);
	expect_u64(state, "jited_func_lens[0] of one function",
		   info.jited_prog_len, lens.u32[0]);
	return lens.u32[0];
}

void obj_get_info_by_fd__jited_func_lens(void **state)
{
	struct two_funcs two;
	union room lens;
	uint32_t n;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	n = check_array(state, two.prog_fd, FUNC_LENS, &lens);
	drop_two_funcs(&two);
	expect_u64(state, "nr_jited_func_lens", 2, n);
	expect_range(state, "jited_func_lens[1], less than of main()", 1,
		     lens.u32[0] - 1, lens.u32[1]);
	expect_range(state, "the length of one function", 1, lens.u32[0],
		     only_jited_len(state));
}

void obj_get_info_by_fd__jited_ksyms(void **state)
{
	struct two_funcs two;
	union room syms, one;
	uint32_t n;
	int fd;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	n = check_array(state, two.prog_fd, KSYMS, &syms);
	fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	expect_u64(state, "nr_jited_ksyms of one function", 1,
		   check_array(state, fd, KSYMS, &one));
	close(fd);
	drop_two_funcs(&two);
	expect_u64(state, "nr_jited_ksyms", 2, n);
	expect_true(state, "three functions have three addresses",
		    syms.u64[0] && syms.u64[1] && one.u64[0] &&
			    syms.u64[0] != syms.u64[1] &&
			    syms.u64[0] != one.u64[0] &&
			    syms.u64[1] != one.u64[0]);
}

/* The first line of a function is where the function is, others are in it. */
void obj_get_info_by_fd__jited_line_info(void **state)
{
	union room at, syms, lens;
	struct two_funcs two;
	uint32_t n;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	n = check_array(state, two.prog_fd, JITED_LINES, &at);
	get_array(state, two.prog_fd, KSYMS, &syms);
	get_array(state, two.prog_fd, FUNC_LENS, &lens);
	drop_two_funcs(&two);
	expect_u64(state, "nr_jited_line_info", TWO_FUNCS_LINES, n);
	expect_u64(state, "the first line, at main()", syms.u64[0], at.u64[0]);
	expect_range(state, "the second line, in main()", syms.u64[0] + 1,
		     syms.u64[0] + lens.u32[0] - 1, at.u64[1]);
	expect_u64(state, "the third line, at sub()", syms.u64[1], at.u64[2]);
}

/* A tag is of the instructions: the second function's is that of a program that
 * has no others. */
void obj_get_info_by_fd__prog_tags(void **state)
{
	struct bpfsys_prog_info info;
	union room tags, one;
	struct two_funcs two;
	uint32_t n;
	int fd;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	n = check_array(state, two.prog_fd, TAGS, &tags);
	fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER,
			       TWO_FUNCS_RESULT);
	expect_u64(state, "nr_prog_tags of one function", 1,
		   check_array(state, fd, TAGS, &one));
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	drop_two_funcs(&two);
	expect_mem(state, "prog_tags[0] of one function", info.tag, one.bytes,
		   BPFSYS_TAG_SIZE);
	expect_u64(state, "nr_prog_tags", 2, n);
	expect_mem(state, "prog_tags[1]", one.bytes,
		   tags.bytes + BPFSYS_TAG_SIZE, BPFSYS_TAG_SIZE);
	expect_true(state, "prog_tags[0] is another",
		    memcmp(tags.bytes, one.bytes, BPFSYS_TAG_SIZE) != 0);
}

/* The uid is that of whoever loads, as whoever asks sees it. */
void obj_get_info_by_fd__created_by_uid(void **state)
{
	struct bpfsys_prog_info info;
	int fd;

	need(state, "setresuid", setresuid(4711, 0, 0) != 0 ? -1 : 0);
	fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	need(state, "setresuid", setresuid(0, 0, 0) != 0 ? -1 : 0);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "created_by_uid", 4711, info.created_by_uid);
}

#define ATTACH_BTF_ID "bpf_prog_info.attach_btf_id", BPFSYS_KV(6, 0)

/* The first BTF is the kernel's own; 0: it has no id yet. */
static uint32_t kernel_btf_obj_id(void)
{
	struct bpfsys_get_id_attr get;

	memset(&get, 0, sizeof(get));
	bpfsys_btf_get_next_id(&get);
	return get.next_id;
}

/* A program for a kernel function, in the kernel's BTF. */
void obj_get_info_by_fd__attach_btf_id(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};
	uint32_t func_id = need_func_id(state, "bpf_fentry_test1");
	int fd = make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			       func_id, insns, COUNT_OF(insns));
	struct bpfsys_prog_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_field(state, ATTACH_BTF_ID, "attach_btf_id", func_id,
		     info.attach_btf_id);
	expect_field(state, ATTACH_BTF_ID, "attach_btf_obj_id",
		     kernel_btf_obj_id(), info.attach_btf_obj_id);
	expect_u64(state, "btf_id, as it brought none", 0, info.btf_id);
}

/* A program for a function of another program, in that program's BTF. */
void obj_get_info_by_fd__attach_to_prog(void **state)
{
	struct bpfsys_prog_load_attr attr;
	struct bpfsys_prog_info info;
	struct two_funcs two;
	uint32_t btf_id;
	int fd;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	fill_replacement(&two, two.prog_fd, 1, &attr);
	fd = load_prog(state, &attr);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	btf_id = id_of_btf(state, two.btf_fd);
	drop_two_funcs(&two);
	expect_u64(state, "btf_id", btf_id, info.btf_id);
	expect_field(state, ATTACH_BTF_ID, "attach_btf_id", TWO_FUNCS_SUB,
		     info.attach_btf_id);
	expect_field(state, ATTACH_BTF_ID, "attach_btf_obj_id", btf_id,
		     info.attach_btf_obj_id);
}
