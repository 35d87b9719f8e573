// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How a syscall program finds types and symbols of the kernel by name. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "catalogue.h"
#include "inside.h"
#include "kernel.h"
#include "sysctl.h"

/* bpf_btf_find_by_name_kind(NAME, SIZE, KIND, FLAGS) */
static int64_t find(void **state, const char *name, uint32_t size,
		    uint32_t kind, int32_t flags)
{
	struct inside in;
	int64_t ret;

	inside_make_find(&in, state, size, flags);
	strcpy(in.area->text, name);
	in.area->cmd = kind;
	ret = inside_run(&in);
	inside_drop(&in);
	return ret;
}

void prog_test_run__inside_find_type(void **state)
{
	static const char type[] = "task_struct", function[] = "bpf_prog_put";
	uint32_t struct_id = need_struct_id(state, type);
	uint32_t func_id = need_func_id(state, function);

	expect_u64(state, "the struct's id", struct_id,
		   (uint64_t)find(state, type, sizeof(type), BTF_KIND_STRUCT,
				  0));
	expect_u64(state, "the function's id", func_id,
		   (uint64_t)find(state, function, sizeof(function),
				  BTF_KIND_FUNC, 0));
	expect_error(state, "a struct as a function", ENOENT,
		     (int)find(state, type, sizeof(type), BTF_KIND_FUNC, 0));
	expect_error(state, "no such struct", ENOENT,
		     (int)find(state, "task_struck", sizeof(type),
			       BTF_KIND_STRUCT, 0));
	expect_error(state, "a flag", EINVAL,
		     (int)find(state, type, sizeof(type), BTF_KIND_STRUCT, 1));
	expect_error(state, "a name without its end", EINVAL,
		     (int)find(state, type, sizeof(type) - 1, BTF_KIND_STRUCT,
			       0));
	expect_error(state, "an empty name", EINVAL,
		     (int)find(state, "", 1, BTF_KIND_STRUCT, 0));
}

/* bpf_kallsyms_lookup_name(NAME, SIZE, FLAGS, ADDRESS) */
static int look_up(void **state, const char *name, uint32_t size, int32_t flags,
		   uint64_t *address)
{
	struct inside in;
	int ret;

	inside_make_lookup(&in, state, size, flags);
	strcpy(in.area->text, name);
	ret = (int)inside_run(&in);
	*address = in.area->result;
	inside_drop(&in);
	return ret;
}

/* The first in /proc/kallsyms of that name; 0: there is none. */
static uint64_t kallsyms(void **state, const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	uint64_t address, found = 0;
	char symbol[512], line[1024];

	need(state, "open of /proc/kallsyms", file ? 0 : -errno);
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %*c %511s", &address, symbol) ==
			    2 &&
		    strcmp(symbol, name) == 0)
			found = address;
	fclose(file);
	return found;
}

static void need_lookup(void **state)
{
	if (kernel_has_btf() &&
	    !kernel_has_constant("BPF_FUNC_kallsyms_lookup_name"))
		skip_case(state, "the kernel's BTF has no "
				 "BPF_FUNC_kallsyms_lookup_name");
}

void prog_test_run__inside_find_symbol(void **state)
{
	static const char name[] = "bpf_prog_put";
	uint64_t want, address;

	need_lookup(state);
	want = kallsyms(state, name);
	expect_true(state, "/proc/kallsyms has bpf_prog_put", want != 0);
	expect_u64(state, "bpf_kallsyms_lookup_name", 0,
		   (uint64_t)look_up(state, name, sizeof(name), 0, &address));
	expect_u64(state, "the symbol's address", want, address);
	expect_error(state, "no such symbol", ENOENT,
		     look_up(state, "bpf_prog_pot", sizeof(name), 0, &address));
	expect_u64(state, "the address of no symbol", 0, address);
	expect_error(state, "a flag", EINVAL,
		     look_up(state, name, sizeof(name), 1, &address));
	expect_u64(state, "the address with a flag", 0, address);
	expect_error(state, "a name without its end", EINVAL,
		     look_up(state, name, sizeof(name) - 1, 0, &address));
	expect_error(state, "an empty name", EINVAL,
		     look_up(state, "", 1, 0, &address));
}

/* Whom /proc/kallsyms shows no addresses, it is not told one. */
void prog_test_run__inside_symbol_hidden(void **state)
{
	static const char name[] = "bpf_prog_put";
	uint64_t address;
	char before;
	int ret;

	need_lookup(state);
	before = sysctl_swap(state, KPTR_RESTRICT, '2');
	ret = look_up(state, name, sizeof(name), 0, &address);
	sysctl_swap(state, KPTR_RESTRICT, before);
	expect_error(state, "a symbol with kptr_restrict 2", EPERM, ret);
	expect_u64(state, "its address", 0, address);
}

void prog_load__sys_bpf_without_perfmon(void **state)
{
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -8, 0),
		MOV64_IMM(BPF_REG_1, BPFSYS_MAP_CREATE),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -8),
		MOV64_IMM(BPF_REG_3, 8),
		CALL_HELPER(BPF_FUNC_sys_bpf),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	close(load_prog(state, &attr));
	drop_caps(state, CAP_BIT(CAP_PERFMON) | CAP_BIT(CAP_SYS_ADMIN));
	ret = bpfsys_prog_load(&attr);
	regain_caps(state);
	close_if_fd(ret);
	expect_errno(state, ret);
}

static int load_syscall(const struct bpf_insn *insns, uint32_t count)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, count);
	attr.prog_flags = BPF_F_SLEEPABLE;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret;
}

static int read_context(uint8_t width, int16_t offset)
{
	const struct bpf_insn insns[] = {
		LDX(width, BPF_REG_0, BPF_REG_1, offset),
		EXIT(),
	};

	return load_syscall(insns, COUNT_OF(insns));
}

void prog_load__syscall_context(void **state)
{
	struct inside in;

	inside_make_sys_close(&in, state);
	inside_drop(&in);
	expect_ok(state, "the byte at 32767", read_context(BPF_B, 0x7fff));
	expect_errno(state, read_context(BPF_B, -1));
	expect_errno(state, read_context(BPF_DW, -8));
}

/* Since 7.1 a program may read its context at any place, also one that it
 * computes. */
void prog_load__syscall_context_places(void **state)
{
	const struct bpf_insn computed[] = {
		LDX(BPF_W, BPF_REG_2, BPF_REG_1, 0),
		ALU64_IMM(BPF_AND, BPF_REG_2, 7),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0),
		LDX(BPF_B, BPF_REG_0, BPF_REG_1, 0),
		EXIT(),
	};
	const uint8_t widths[] = {BPF_H, BPF_W, BPF_DW};
	struct inside in;
	int ret;

	inside_make_sys_close(&in, state);
	inside_drop(&in);
	ret = load_syscall(computed, COUNT_OF(computed));
	if (ret < 0)
		expect_error(state, "a computed place", EACCES, ret);
	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		int at_one = read_context(widths[i], 1);

		expect_ok(state, "a number at 8", read_context(widths[i], 8));
		if (ret < 0)
			expect_error(state, "a number at 1", EACCES, at_one);
		else
			expect_ok(state, "a number at 1", at_one);
	}
}

/* Helpers that any program has, and those of tracing; none of the network. */
void prog_load__syscall_helpers(void **state)
{
	static const struct {
		int32_t func;
		const char *name;
	} helpers[] = {
		{BPF_FUNC_ktime_get_ns, "bpf_ktime_get_ns"},
		{BPF_FUNC_get_current_pid_tgid, "bpf_get_current_pid_tgid"},
		{BPF_FUNC_redirect, "bpf_redirect"},
	};
	struct inside in;
	int ret;

	inside_make_sys_close(&in, state);
	inside_drop(&in);
	for (size_t i = 0; i < COUNT_OF(helpers); i++) {
		const struct bpf_insn insns[] = {
			CALL_HELPER(helpers[i].func),
			MOV64_IMM(BPF_REG_0, 0),
			EXIT(),
		};

		ret = load_syscall(insns, COUNT_OF(insns));
		if (i == 2)
			expect_error(state, helpers[i].name, EINVAL, ret);
		else
			expect_ok(state, helpers[i].name, ret);
	}
}
