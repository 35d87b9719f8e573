// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: a program's own BTF: where its functions and lines are, and
 * what is to be relocated. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"

/* int main(void), in one file. */
enum { ID_INT = 1, ID_PROTO, ID_MAIN };
enum { STR_INT = 1, STR_MAIN = 5, STR_FILE = 10, STR_LINE = 14, STR_END = 24 };

static const struct {
	struct btf_header header;
	struct btf_type type_int;
	uint32_t encoding;
	struct btf_type type_proto;
	struct btf_type type_main;
	char strings[STR_END];
} int_main = {
	.header = {.magic = BTF_MAGIC,
		   .version = BTF_VERSION,
		   .hdr_len = sizeof(struct btf_header),
		   .type_len = 3 * sizeof(struct btf_type) + 4,
		   .str_off = 3 * sizeof(struct btf_type) + 4,
		   .str_len = STR_END},
	.type_int = {.name_off = STR_INT,
		     .info = BTF_KIND_INT << 24,
		     .size = 4},
	.encoding = BTF_INT_SIGNED << 24 | 32,
	.type_proto = {.info = BTF_KIND_FUNC_PROTO << 24, .type = ID_INT},
	.type_main = {.name_off = STR_MAIN,
		      .info = BTF_KIND_FUNC << 24,
		      .type = ID_PROTO},
	.strings = "\0int\0main\0f.c\0return 1;",
};

/* Records, and room behind each for a kernel that knows more. */
struct program {
	struct bpfsys_prog_load_attr attr;
	int btf_fd;
	struct {
		struct bpf_func_info func;
		uint32_t tail;
	} funcs[2];
	struct {
		struct bpf_line_info line;
		uint32_t tail;
	} lines[2];
};

static const struct bpf_insn wide[] = {
	INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_0, 0, 0, 1),
	INSN(0, 0, 0, 0, 0),
	EXIT(),
};

static void make_program(void **state, struct program *prog)
{
	struct bpfsys_btf_load_attr btf;

	memset(&btf, 0, sizeof(btf));
	btf.btf = bpfsys_ptr(&int_main);
	btf.btf_size = sizeof(int_main);
	memset(prog, 0, sizeof(*prog));
	fill_prog(&prog->attr, BPF_PROG_TYPE_SOCKET_FILTER, wide,
		  COUNT_OF(wide));
	prog->btf_fd = need(state, "BPF_BTF_LOAD", bpfsys_btf_load(&btf));
	prog->funcs[0].func.type_id = ID_MAIN;
	prog->lines[0].line.file_name_off = STR_FILE;
	prog->lines[0].line.line_off = STR_LINE;
	prog->lines[0].line.line_col = 7 << 10 | 3;
	prog->lines[1].line = prog->lines[0].line;
	prog->lines[1].line.insn_off = 2;
	prog->attr.prog_btf_fd = (uint32_t)prog->btf_fd;
	prog->attr.func_info = bpfsys_ptr(prog->funcs);
	prog->attr.func_info_cnt = 1;
	prog->attr.func_info_rec_size = sizeof(prog->funcs[0]);
	prog->attr.line_info = bpfsys_ptr(prog->lines);
	prog->attr.line_info_cnt = 2;
	prog->attr.line_info_rec_size = sizeof(prog->lines[0]);
}

static void judge_program(void **state, struct program *prog)
{
	int ret = bpfsys_prog_load(&prog->attr);

	close_if_fd(ret);
	close(prog->btf_fd);
	expect_errno(state, ret);
}

static void check_func_info(void **state, const struct program *prog,
			    struct bpfsys_prog_info *info, int fd)
{
	struct bpf_func_info func;

	memset(info, 0, sizeof(*info));
	memset(&func, 0x7f, sizeof(func));
	info->nr_func_info = 1;
	info->func_info_rec_size = sizeof(func);
	info->func_info = bpfsys_ptr(&func);
	get_info(state, fd, info, sizeof(*info));
	expect_u64(state, "info: btf_id", id_of_btf(state, prog->btf_fd),
		   info->btf_id);
	expect_u64(state, "info: nr_func_info", 1, info->nr_func_info);
	expect_mem(state, "info: func_info", &prog->funcs[0].func, &func,
		   sizeof(func));
}

/* What the program brought comes back by BPF_OBJ_GET_INFO_BY_FD. */
void prog_load__btf_info(void **state)
{
	struct bpfsys_prog_info info;
	struct bpf_line_info lines[2];
	struct program prog;
	int fd;

	make_program(state, &prog);
	fd = bpfsys_prog_load(&prog.attr);
	expect_ok(state, "BPF_PROG_LOAD with BTF", fd);
	check_func_info(state, &prog, &info, fd);
	memset(&info, 0, sizeof(info));
	info.nr_line_info = 2;
	info.line_info_rec_size = sizeof(lines[0]);
	info.line_info = bpfsys_ptr(lines);
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	close(prog.btf_fd);
	expect_u64(state, "info: nr_line_info", 2, info.nr_line_info);
	expect_mem(state, "info: line_info[0]", &prog.lines[0].line, &lines[0],
		   sizeof(lines[0]));
	expect_mem(state, "info: line_info[1]", &prog.lines[1].line, &lines[1],
		   sizeof(lines[1]));
	expect_u64(state, "func_info_rec_size, which was good",
		   sizeof(prog.funcs[0]), prog.attr.func_info_rec_size);
}

/* Records may be as small as the first kernel's and as large as 252 bytes. */
void prog_load__record_sizes(void **state)
{
	uint8_t records[2][252];
	struct program prog;

	make_program(state, &prog);
	memset(records, 0, sizeof(records));
	memcpy(records[0], &prog.lines[0].line, sizeof(prog.lines[0].line));
	memcpy(records[1], &prog.lines[1].line, sizeof(prog.lines[1].line));
	prog.attr.func_info_rec_size = 8;
	prog.attr.line_info = bpfsys_ptr(records);
	prog.attr.line_info_rec_size = sizeof(records[0]);
	expect_load(state, "func_info_rec_size 8, line_info_rec_size 252",
		    &prog.attr);
	memset(records[0], 0, sizeof(records[0]));
	memcpy(records[0], &prog.funcs[0].func, sizeof(prog.funcs[0].func));
	prog.attr.func_info = bpfsys_ptr(records);
	prog.attr.func_info_rec_size = sizeof(records[0]);
	prog.attr.line_info_cnt = 0;
	expect_load(state, "func_info_rec_size 252", &prog.attr);
	close(prog.btf_fd);
}

void prog_load__closed_btf_fd(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.attr.prog_btf_fd = CLOSED_FD;
	judge_program(state, &prog);
}

void prog_load__not_btf(void **state)
{
	struct program prog;
	int map_fd = make_counters(state);

	make_program(state, &prog);
	prog.attr.prog_btf_fd = (uint32_t)map_fd;
	judge_program(state, &prog);
	close(map_fd);
}

void prog_load__kernel_btf(void **state)
{
	struct bpfsys_get_id_attr get;
	struct program prog;
	int fd;

	memset(&get, 0, sizeof(get));
	if (bpfsys_btf_get_next_id(&get) != 0)
		skip_case(state, "the kernel's BTF has no id: "
				 "BPF_BTF_GET_NEXT_ID finds none");
	/* The kernel's own is the first. */
	get.btf_id = get.next_id;
	get.next_id = 0;
	fd = need(state, "BPF_BTF_GET_FD_BY_ID", bpfsys_btf_get_fd_by_id(&get));
	make_program(state, &prog);
	prog.attr.prog_btf_fd = (uint32_t)fd;
	judge_program(state, &prog);
	close(fd);
}

void prog_load__func_info_rec_size(void **state)
{
	const uint32_t sizes[] = {0, 4, 7, 10, 256, 4096};
	struct program prog;

	make_program(state, &prog);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		prog.attr.func_info_rec_size = sizes[i];
		judge_load(state, &prog.attr);
	}
	close(prog.btf_fd);
}

/* The kernel's size of a record comes back. */
void prog_load__func_info_tail(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.funcs[0].tail = 1;
	judge_program(state, &prog);
	expect_u64(state, "func_info_rec_size", sizeof(prog.funcs[0].func),
		   prog.attr.func_info_rec_size);
}

void prog_load__unreadable_func_info(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.attr.func_info = BAD_ADDRESS;
	prog.attr.func_info_rec_size = 8;
	judge_program(state, &prog);
}

void prog_load__func_info_count(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.funcs[1].func.insn_off = 2;
	prog.funcs[1].func.type_id = ID_MAIN;
	prog.attr.func_info_cnt = 2;
	judge_program(state, &prog);
}

void prog_load__func_info_offset(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.funcs[0].func.insn_off = 2;
	judge_program(state, &prog);
}

void prog_load__func_info_type(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.funcs[0].func.type_id = ID_INT;
	judge_load(state, &prog.attr);
	prog.funcs[0].func.type_id = ID_MAIN + 1;
	judge_program(state, &prog);
}

void prog_load__line_info_rec_size(void **state)
{
	const uint32_t sizes[] = {0, 12, 15, 18, 256, 4096};
	struct program prog;

	make_program(state, &prog);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		prog.attr.line_info_rec_size = sizes[i];
		judge_load(state, &prog.attr);
	}
	close(prog.btf_fd);
}

void prog_load__line_info_tail(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[1].tail = 1;
	judge_program(state, &prog);
	expect_u64(state, "line_info_rec_size", sizeof(prog.lines[0].line),
		   prog.attr.line_info_rec_size);
}

void prog_load__unreadable_line_info(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.attr.line_info = BAD_ADDRESS;
	prog.attr.line_info_rec_size = 16;
	judge_program(state, &prog);
}

void prog_load__line_info_order(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[1].line.insn_off = 0;
	judge_program(state, &prog);
}

void prog_load__line_info_first(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[0].line.insn_off = 2;
	prog.attr.line_info_cnt = 1;
	judge_program(state, &prog);
}

void prog_load__line_info_beyond(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[1].line.insn_off = COUNT_OF(wide);
	judge_program(state, &prog);
}

/* Instruction 1 is the second half of the one before. */
void prog_load__line_info_half(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[1].line.insn_off = 1;
	judge_program(state, &prog);
}

void prog_load__line_info_string(void **state)
{
	struct program prog;

	make_program(state, &prog);
	prog.lines[1].line.line_off = STR_END;
	judge_load(state, &prog.attr);
	prog.lines[1].line.line_off = STR_LINE;
	prog.lines[1].line.file_name_off = STR_END;
	judge_program(state, &prog);
}

#define CORE_RELOS "bpf_attr.core_relo_rec_size", BPFSYS_KV(5, 17)

/* struct bpf_core_relo: insn_off, type_id, access_str_off, kind. */
struct core_relo {
	uint32_t insn_off, type_id, access_str_off, kind, tail;
};

/* The size of int, into the immediate of instruction 0. */
static void make_relocation(void **state, struct program *prog,
			    struct core_relo *relo)
{
	if (!kernel_offers(state, CORE_RELOS))
		skip_field(state, "prog_load", "core_relos");
	make_program(state, prog);
	memset(relo, 0, sizeof(*relo));
	relo->type_id = ID_INT;
	relo->access_str_off = STR_INT + 3; /* "" */
	relo->kind = 1000;
	prog->attr.core_relos = bpfsys_ptr(relo);
	prog->attr.core_relo_cnt = 1;
	prog->attr.core_relo_rec_size = sizeof(*relo);
}

void prog_load__core_relo_kind(void **state)
{
	struct core_relo relo;
	struct program prog;

	make_relocation(state, &prog, &relo);
	judge_program(state, &prog);
}

void prog_load__core_relo_rec_size(void **state)
{
	const uint32_t sizes[] = {0, 12, 15, 18, 256, 4096};
	struct core_relo relo;
	struct program prog;

	make_relocation(state, &prog, &relo);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		prog.attr.core_relo_rec_size = sizes[i];
		judge_load(state, &prog.attr);
	}
	close(prog.btf_fd);
}

void prog_load__core_relo_tail(void **state)
{
	struct core_relo relo;
	struct program prog;

	make_relocation(state, &prog, &relo);
	relo.tail = 1;
	judge_program(state, &prog);
	expect_u64(state, "core_relo_rec_size", sizeof(relo) - 4,
		   prog.attr.core_relo_rec_size);
}

void prog_load__unreadable_core_relos(void **state)
{
	struct core_relo relo;
	struct program prog;

	make_relocation(state, &prog, &relo);
	prog.attr.core_relos = BAD_ADDRESS;
	prog.attr.core_relo_rec_size = 16;
	judge_program(state, &prog);
}

void prog_load__core_relo_offset(void **state)
{
	struct core_relo relo;
	struct program prog;

	make_relocation(state, &prog, &relo);
	relo.insn_off = 4;
	judge_load(state, &prog.attr);
	relo.insn_off = sizeof(wide);
	judge_program(state, &prog);
}
