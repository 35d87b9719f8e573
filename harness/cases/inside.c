// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Calls from inside the kernel, by programs of BPF_PROG_TYPE_SYSCALL. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inside.h"
#include "kernel.h"

/* r6 = the area; r1, r2 = the name in it and its size. */
#define TAKE_NAME(fd, size)                                                \
	LD_MAP_VALUE(BPF_REG_6, (fd), 0), MOV64_REG(BPF_REG_1, BPF_REG_6), \
		ADD64_IMM(BPF_REG_1, AREA(text)),                          \
		MOV64_IMM(BPF_REG_2, (int32_t)(size))
#define AREA(field) ((int16_t)offsetof(struct inside_area, field))

static int make_area(struct inside *in, void **state)
{
	if (kernel_has_btf() &&
	    !kernel_has_enumerator("bpf_prog_type", "BPF_PROG_TYPE_SYSCALL"))
		skip_case(state, "enum bpf_prog_type has no "
				 "BPF_PROG_TYPE_SYSCALL");
	in->state = state;
	in->map_fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4,
			      sizeof(struct inside_area), 1, BPF_F_MMAPABLE);
	in->area = mmap(NULL, sizeof(struct inside_area),
			PROT_READ | PROT_WRITE, MAP_SHARED, in->map_fd, 0);
	need(state, "mmap of an array", in->area == MAP_FAILED ? -errno : 0);
	return in->map_fd;
}

static void load(struct inside *in, const struct bpf_insn *insns,
		 uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, count);
	attr.prog_flags = BPF_F_SLEEPABLE;
	in->prog_fd = load_prog(in->state, &attr);
}

void inside_make_sys_bpf(struct inside *in, void **state)
{
	int fd = make_area(in, state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_6, fd, 0),
		STX(BPF_DW, BPF_REG_6, BPF_REG_6, AREA(base)),
		LDX(BPF_W, BPF_REG_1, BPF_REG_6, AREA(cmd)),
		LDX(BPF_W, BPF_REG_3, BPF_REG_6, AREA(size)),
		MOV64_IMM(BPF_REG_0, 1),
		JMP_IMM(BPF_JLT, BPF_REG_3, 1, 6),
		JMP_IMM(BPF_JGT, BPF_REG_3, sizeof(union argument), 5),
		MOV64_REG(BPF_REG_2, BPF_REG_6),
		ADD64_IMM(BPF_REG_2, AREA(attr)),
		CALL_HELPER(BPF_FUNC_sys_bpf),
		STX(BPF_DW, BPF_REG_6, BPF_REG_0, AREA(ret)),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	load(in, insns, COUNT_OF(insns));
	/* So that base is known; the command is none. */
	in->area->cmd = UINT16_MAX;
	in->area->size = 1;
	inside_run(in);
}

void inside_make_sys_close(struct inside *in, void **state)
{
	int fd = make_area(in, state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_6, fd, 0),
		LDX(BPF_W, BPF_REG_1, BPF_REG_6, AREA(cmd)),
		CALL_HELPER(BPF_FUNC_sys_close),
		STX(BPF_DW, BPF_REG_6, BPF_REG_0, AREA(ret)),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	load(in, insns, COUNT_OF(insns));
}

void inside_make_find(struct inside *in, void **state, uint32_t name_size,
		      int32_t flags)
{
	int fd = make_area(in, state);
	const struct bpf_insn insns[] = {
		TAKE_NAME(fd, name_size),
		LDX(BPF_W, BPF_REG_3, BPF_REG_6, AREA(cmd)),
		MOV64_IMM(BPF_REG_4, flags),
		CALL_HELPER(BPF_FUNC_btf_find_by_name_kind),
		STX(BPF_DW, BPF_REG_6, BPF_REG_0, AREA(ret)),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	load(in, insns, COUNT_OF(insns));
}

void inside_make_lookup(struct inside *in, void **state, uint32_t name_size,
			int32_t flags)
{
	int fd = make_area(in, state);
	const struct bpf_insn insns[] = {
		TAKE_NAME(fd, name_size),
		MOV64_IMM(BPF_REG_3, flags),
		MOV64_REG(BPF_REG_4, BPF_REG_10),
		ADD64_IMM(BPF_REG_4, -8),
		ST_IMM(BPF_DW, BPF_REG_4, 0, -1),
		CALL_HELPER(BPF_FUNC_kallsyms_lookup_name),
		STX(BPF_DW, BPF_REG_6, BPF_REG_0, AREA(ret)),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
		STX(BPF_DW, BPF_REG_6, BPF_REG_1, AREA(result)),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	load(in, insns, COUNT_OF(insns));
}

void inside_drop(struct inside *in)
{
	munmap(in->area, sizeof(*in->area));
	close(in->map_fd);
	close(in->prog_fd);
}

int64_t inside_run(struct inside *in)
{
	struct bpfsys_prog_test_run_attr attr;

	in->area->ret = INT64_MIN;
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)in->prog_fd;
	need(in->state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	expect_u64(in->state, "the program's result", 0, attr.retval);
	return in->area->ret;
}

int inside_call(struct inside *in, uint32_t cmd, uint32_t size)
{
	in->area->cmd = cmd;
	in->area->size = size;
	return (int)inside_run(in);
}

uint64_t inside_ptr(const struct inside *in, const void *p)
{
	return in->area->base +
	       (uint64_t)((const char *)p - (const char *)in->area);
}
