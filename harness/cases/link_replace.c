// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Links of programs to functions of other programs: extensions, which take a
 * function's place, and programs that are called before it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "prog_info.h"

#define REPLACED 42

enum { LINK_TRACING = 2 };

/* Two loads of the same program, and an extension of the first. */
struct replace {
	struct two_funcs two;
	int other_fd, ext_fd;
	struct bpfsys_link_create_attr attr;
};

static void make_replace(void **state, struct replace *replace)
{
	struct bpfsys_prog_load_attr attr;

	make_two_funcs(&replace->two, state);
	need_jited(state, replace->two.prog_fd);
	replace->other_fd = load_two_funcs(&replace->two);
	fill_replacement(&replace->two, replace->two.prog_fd, REPLACED, &attr);
	replace->ext_fd = load_prog(state, &attr);
	memset(&replace->attr, 0, sizeof(replace->attr));
	replace->attr.prog_fd = (uint32_t)replace->ext_fd;
}

static void drop_replace(struct replace *replace)
{
	close(replace->ext_fd);
	close(replace->other_fd);
	drop_two_funcs(&replace->two);
}

static uint32_t run(void **state, int prog_fd)
{
	return run_on_packet(state, prog_fd, 1);
}

/* The target's id stands where that of the kernel's BTF does otherwise. */
static void check_info(struct replace *replace, int fd, int target_fd)
{
	void **state = replace->two.state;
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_TRACING, info.type);
	expect_u64(state, "info: prog_id", id_of_prog(state, replace->ext_fd),
		   info.prog_id);
	expect_u64(state, "info: attach_type", 0, info.tracing.attach_type);
	expect_field(state, "bpf_link_info.tracing.target_obj_id",
		     BPFSYS_KV(5, 13), "info: target_obj_id",
		     id_of_prog(state, target_fd), info.tracing.target_obj_id);
	expect_field(state, "bpf_link_info.tracing.target_btf_id",
		     BPFSYS_KV(5, 13), "info: target_btf_id", TWO_FUNCS_SUB,
		     info.tracing.target_btf_id);
}

static void name_target(struct replace *replace, int target_fd)
{
	replace->attr.target_fd = (uint32_t)target_fd;
	replace->attr.target_btf_id = TWO_FUNCS_SUB;
}

/* A link to TARGET_FD, or where that is -1 to what was named at load. */
static void check_replace(struct replace *replace, int target_fd)
{
	void **state = replace->two.state;
	int at = target_fd < 0 ? replace->two.prog_fd : target_fd, fd;

	expect_u64(state, "retval before", TWO_FUNCS_RESULT, run(state, at));
	fd = bpfsys_link_create(&replace->attr);
	expect_ok(state, "BPF_LINK_CREATE of an extension", fd);
	check_info(replace, fd, at);
	expect_u64(state, "retval with the extension", REPLACED,
		   run(state, at));
	close(fd);
	expect_u64(state, "retval behind the close", TWO_FUNCS_RESULT,
		   run(state, at));
}

void link_create__extension(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	check_replace(&replace, -1);
	drop_replace(&replace);
}

/* The target that was named at load, named again; then another, and again. */
void link_create__extension_targets(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	name_target(&replace, replace.two.prog_fd);
	check_replace(&replace, replace.two.prog_fd);
	name_target(&replace, replace.other_fd);
	check_replace(&replace, replace.other_fd);
	name_target(&replace, replace.two.prog_fd);
	check_replace(&replace, replace.two.prog_fd);
	drop_replace(&replace);
}

/* Another target at once: that of the load is left alone. */
void link_create__extension_other_target(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	name_target(&replace, replace.other_fd);
	check_replace(&replace, replace.other_fd);
	expect_u64(state, "retval of the target that was named at load",
		   TWO_FUNCS_RESULT, run(state, replace.two.prog_fd));
	drop_replace(&replace);
}

/* The call is refused by the case's row, and the function is still its own. */
static void judge_replace(struct replace *replace)
{
	void **state = replace->two.state;
	int ret = bpfsys_link_create(&replace->attr);

	close_if_fd(ret);
	expect_u64(state, "retval behind a refused link", TWO_FUNCS_RESULT,
		   run(state, replace->two.prog_fd));
	drop_replace(replace);
	skip_where_forgotten(state, ret);
	expect_errno(state, ret);
}

void link_create__extension_again(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	close(need(state, "BPF_LINK_CREATE",
		   bpfsys_link_create(&replace.attr)));
	judge_replace(&replace);
}

void link_create__extension_target_closed(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	name_target(&replace, CLOSED_FD);
	judge_replace(&replace);
}

void link_create__extension_no_program(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	name_target(&replace, replace.two.hash_fd);
	judge_replace(&replace);
}

void link_create__extension_no_function(void **state)
{
	struct replace replace;

	make_replace(state, &replace);
	name_target(&replace, replace.other_fd);
	replace.attr.target_btf_id = TWO_FUNCS_PROTO;
	judge_replace(&replace);
}

/* A function's place is taken once. */
void link_create__extension_taken(void **state)
{
	struct bpfsys_link_create_attr attr;
	struct bpfsys_prog_load_attr load;
	struct replace replace;
	int ext_fd, first, ret;

	make_replace(state, &replace);
	fill_replacement(&replace.two, replace.two.prog_fd, 1, &load);
	ext_fd = load_prog(state, &load);
	first = need(state, "BPF_LINK_CREATE",
		     bpfsys_link_create(&replace.attr));
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)ext_fd;
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	expect_u64(state, "retval behind a refused link", REPLACED,
		   run(state, replace.two.prog_fd));
	close(first);
	close(ext_fd);
	drop_replace(&replace);
	expect_errno(state, ret);
}

/* A program that counts the calls of sub(). */
static int load_before(struct two_funcs *two, int counters_fd)
{
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_TRACING, insns, COUNT_OF(insns));
	attr.expected_attach_type = BPF_TRACE_FENTRY;
	attr.attach_prog_fd = (uint32_t)two->prog_fd;
	attr.attach_btf_id = TWO_FUNCS_SUB;
	return load_prog(two->state, &attr);
}

/* Another target than at load is for extensions alone. */
void link_create__target_of_tracing(void **state)
{
	int map_fd = make_counters(state), ret;
	struct replace replace;

	make_replace(state, &replace);
	close(replace.ext_fd);
	replace.ext_fd = load_before(&replace.two, map_fd);
	replace.attr.prog_fd = (uint32_t)replace.ext_fd;
	replace.attr.attach_type = BPF_TRACE_FENTRY;
	name_target(&replace, replace.other_fd);
	ret = bpfsys_link_create(&replace.attr);
	close_if_fd(ret);
	drop_replace(&replace);
	close(map_fd);
	expect_errno(state, ret);
}

void raw_tracepoint_open__fentry_of_program(void **state)
{
	uint64_t counters[COUNTERS];
	int map_fd = make_counters(state), prog_fd, fd;
	struct two_funcs two;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	prog_fd = load_before(&two, map_fd);
	run(state, two.prog_fd);
	fd = open_program(prog_fd, NULL);
	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN at a program", fd);
	expect_u64(state, "retval", TWO_FUNCS_RESULT, run(state, two.prog_fd));
	close(fd);
	run(state, two.prog_fd);
	read_counters(state, map_fd, counters);
	close(prog_fd);
	drop_two_funcs(&two);
	close(map_fd);
	expect_u64(state, "runs while it is attached", 1, counters[0]);
}

/* The target was kept for the first link alone. */
void raw_tracepoint_open__program_again(void **state)
{
	int map_fd = make_counters(state), prog_fd, ret;
	struct two_funcs two;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	prog_fd = load_before(&two, map_fd);
	close(need(state, "BPF_RAW_TRACEPOINT_OPEN",
		   open_program(prog_fd, NULL)));
	ret = open_program(prog_fd, NULL);
	close_if_fd(ret);
	close(prog_fd);
	drop_two_funcs(&two);
	close(map_fd);
	skip_where_forgotten(state, ret);
	expect_errno(state, ret);
}

/* Kernels that let a program be both extended and called from an array answer
 * RET, without an error. */
static void need_exclusion(void **state, int ret)
{
	uint32_t offset, size;

	if (kernel_member("bpf_prog_aux.is_extended", &offset, &size))
		return;
	expect_ok(state, "a program both extended and in an array", ret);
	skip_case(state, "the kernel's BTF has no bpf_prog_aux.is_extended");
}

/* BPF_MAP_UPDATE_ELEM of an array of programs with the target. */
static int put_target(struct replace *replace, int array_fd)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 0, value = (uint32_t)replace->two.prog_fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)array_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	return bpfsys_map_update_elem(&attr);
}

void map_update_elem__extended_program(void **state)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	struct replace replace;
	int link_fd, ret, again;

	make_replace(state, &replace);
	link_fd = need(state, "BPF_LINK_CREATE",
		       bpfsys_link_create(&replace.attr));
	ret = put_target(&replace, map_fd);
	close(link_fd);
	again = put_target(&replace, map_fd);
	drop_replace(&replace);
	close(map_fd);
	expect_ok(state, "an update behind the link", again);
	need_exclusion(state, ret);
	expect_errno(state, ret);
}

void link_create__extension_of_called(void **state)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	struct replace replace;
	int ret;

	make_replace(state, &replace);
	need(state, "BPF_MAP_UPDATE_ELEM", put_target(&replace, map_fd));
	ret = bpfsys_link_create(&replace.attr);
	close_if_fd(ret);
	drop_replace(&replace);
	close(map_fd);
	need_exclusion(state, ret);
	expect_errno(state, ret);
}
