// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A program of two functions that has something in every array of its info. */
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "two_funcs.h"

enum { STR_INT = 1, STR_MAIN = 5, STR_SUB = 10, STR_LINE = 14, STR_END = 20 };

static const struct {
	struct btf_header header;
	struct btf_type type_int;
	uint32_t encoding;
	struct btf_type proto, main, sub;
	char strings[STR_END];
} functions = {
	.header = {.magic = BTF_MAGIC,
		   .version = BTF_VERSION,
		   .hdr_len = sizeof(struct btf_header),
		   .type_len = 4 * sizeof(struct btf_type) + 4,
		   .str_off = 4 * sizeof(struct btf_type) + 4,
		   .str_len = STR_END},
	.type_int = {.name_off = STR_INT,
		     .info = BTF_KIND_INT << 24,
		     .size = 4},
	.encoding = BTF_INT_SIGNED << 24 | 32,
	.proto = {.info = BTF_KIND_FUNC_PROTO << 24, .type = TWO_FUNCS_INT},
	.main = {.name_off = STR_MAIN,
		 .info = BTF_KIND_FUNC << 24 | BTF_FUNC_GLOBAL,
		 .type = TWO_FUNCS_PROTO},
	.sub = {.name_off = STR_SUB,
		.info = BTF_KIND_FUNC << 24 | BTF_FUNC_GLOBAL,
		.type = TWO_FUNCS_PROTO},
	.strings = "\0int\0main\0sub\0lines",
};

static void fill_insns(struct two_funcs *two)
{
	const struct bpf_insn insns[] = {
		CALL_HELPER(BPF_FUNC_ktime_get_ns),
		LD_MAP_FD(BPF_REG_1, two->hash_fd),
		LD_MAP_VALUE(BPF_REG_1, two->array_fd, TWO_FUNCS_OFFSET),
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
		     TWO_FUNCS_SECOND - TWO_FUNCS_CALL - 1),
		EXIT(),
		MOV64_IMM(BPF_REG_0, TWO_FUNCS_RESULT),
		EXIT(),
	};

	_Static_assert(sizeof(insns) == sizeof(two->insns), "TWO_FUNCS_INSNS");
	memcpy(two->insns, insns, sizeof(insns));
}

static void fill_records(struct two_funcs *two)
{
	static const uint32_t at[] = {0, TWO_FUNCS_EXIT, TWO_FUNCS_SECOND};

	two->funcs[0].type_id = TWO_FUNCS_MAIN;
	two->funcs[1].insn_off = TWO_FUNCS_SECOND;
	two->funcs[1].type_id = TWO_FUNCS_SUB;
	for (uint32_t i = 0; i < TWO_FUNCS_LINES; i++) {
		two->lines[i].insn_off = at[i];
		two->lines[i].file_name_off = STR_LINE;
		two->lines[i].line_off = STR_LINE;
		two->lines[i].line_col = (i + 1) << 10 | i;
	}
}

void prepare_two_funcs(struct two_funcs *two, void **state)
{
	struct bpfsys_btf_load_attr btf;

	memset(two, 0, sizeof(*two));
	two->state = state;
	two->prog_fd = -1;
	two->hash_fd = make_map(state, BPF_MAP_TYPE_HASH, 4, 4, 1, 0);
	two->array_fd = make_counters(state);
	memset(&btf, 0, sizeof(btf));
	btf.btf = bpfsys_ptr(&functions);
	btf.btf_size = sizeof(functions);
	two->btf_fd = need(state, "BPF_BTF_LOAD", bpfsys_btf_load(&btf));
	fill_insns(two);
	fill_records(two);
	fill_prog(&two->attr, BPF_PROG_TYPE_SOCKET_FILTER, two->insns,
		  COUNT_OF(two->insns));
	two->attr.prog_btf_fd = (uint32_t)two->btf_fd;
	two->attr.func_info = bpfsys_ptr(two->funcs);
	two->attr.func_info_cnt = COUNT_OF(two->funcs);
	two->attr.func_info_rec_size = sizeof(two->funcs[0]);
	two->attr.line_info = bpfsys_ptr(two->lines);
	two->attr.line_info_cnt = COUNT_OF(two->lines);
	two->attr.line_info_rec_size = sizeof(two->lines[0]);
}

int load_two_funcs(struct two_funcs *two)
{
	return need(two->state, "BPF_PROG_LOAD of two functions",
		    bpfsys_prog_load(&two->attr));
}

void make_two_funcs(struct two_funcs *two, void **state)
{
	prepare_two_funcs(two, state);
	two->prog_fd = load_two_funcs(two);
}

void drop_two_funcs(struct two_funcs *two)
{
	close_if_fd(two->prog_fd);
	close(two->btf_fd);
	close(two->array_fd);
	close(two->hash_fd);
}

/* Its only function is main(), which has the type of sub(). */
void fill_replacement(struct two_funcs *two, int target_fd, int32_t result,
		      struct bpfsys_prog_load_attr *attr)
{
	static struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};

	insns[0].imm = result;
	fill_prog(attr, BPF_PROG_TYPE_EXT, insns, COUNT_OF(insns));
	attr->prog_btf_fd = (uint32_t)two->btf_fd;
	attr->func_info = bpfsys_ptr(two->funcs);
	attr->func_info_cnt = 1;
	attr->func_info_rec_size = sizeof(two->funcs[0]);
	attr->attach_prog_fd = (uint32_t)target_fd;
	attr->attach_btf_id = TWO_FUNCS_SUB;
}

int open_without_syslog(void **state, int prog_fd)
{
	struct bpfsys_get_id_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id_of_prog(state, prog_fd);
	drop_caps(state, CAP_BIT(CAP_SYSLOG));
	fd = bpfsys_prog_get_fd_by_id(&attr);
	regain_caps(state);
	return need(state, "BPF_PROG_GET_FD_BY_ID", fd);
}
