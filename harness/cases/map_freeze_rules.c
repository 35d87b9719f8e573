// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_FREEZE: what can be frozen, and what a frozen map is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"

static int freeze(int fd)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	return bpfsys_map_freeze(&attr);
}

/* Since 6.5 the descriptor's mode is checked, from which freezing takes the
 * right to write: map_freeze(). Before, RET is OLD. */
static void judge_mode(void **state, int ret, int old)
{
	if (kernel_offers(state, "bpf_attr.path_fd", BPFSYS_KV(6, 5)) ||
	    ret == -EPERM) {
		expect_errno(state, ret);
		return;
	}
	expect_error(state, "BPF_MAP_FREEZE before 6.5", old, ret);
	skip_case(state, "before 6.5 the descriptor's mode is not checked: %s",
		  old ? bpfsys_errno_name(old) : "success");
}

void map_freeze__frozen_twice(void **state)
{
	int ret, fd = shape_make(state, SHAPE_ARRAY);

	need(state, "BPF_MAP_FREEZE", freeze(fd));
	ret = freeze(fd);
	close(fd);
	judge_mode(state, ret, EBUSY);
}

void map_freeze__read_only(void **state)
{
	int fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_RDONLY);
	int ret = freeze(fd);

	close(fd);
	judge_mode(state, ret, 0);
}

void map_freeze__struct_ops(void **state)
{
	int fd = shape_make_needed(state, SHAPE_STRUCT_OPS);
	int ret = freeze(fd);

	close(fd);
	expect_errno(state, ret);
}

/* All types but struct_ops. */
void map_freeze__types(void **state)
{
	size_t count;
	const struct map_shape *shapes = map_shapes(&count);
	struct typed map;

	for (size_t i = 0; i < count; i++) {
		if (shapes[i].type == SHAPE_STRUCT_OPS ||
		    !typed_make(&map, state, (enum map_number)shapes[i].type))
			continue;
		expect_ok(state, shapes[i].name, freeze(map.fd));
		expect_error(state, shapes[i].name, EPERM,
			     typed_call(&map, bpfsys_map_update_elem, 0, 1, 0));
		expect_error(state, shapes[i].name, EPERM,
			     typed_call(&map, bpfsys_map_delete_elem, 0, 0, 0));
		typed_drop(&map);
	}
}

static int fd_of_id(uint32_t id)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id;
	return bpfsys_map_get_fd_by_id(&attr);
}

/* The map is frozen, not the descriptor. */
void map_freeze__every_fd(void **state)
{
	struct typed map;
	int other;

	typed_need(&map, state, SHAPE_HASH);
	typed_put(&map, 1, 1);
	other = need(state, "BPF_MAP_GET_FD_BY_ID",
		     fd_of_id(id_of_map(state, map.fd)));
	need(state, "BPF_MAP_FREEZE", freeze(map.fd));
	close(map.fd);
	map.fd = other;
	expect_error(state, "update through a descriptor from before", EPERM,
		     typed_call(&map, bpfsys_map_update_elem, 1, 2, 0));
	map.fd = need(state, "BPF_MAP_GET_FD_BY_ID",
		      fd_of_id(id_of_map(state, other)));
	close(other);
	expect_error(state, "update through a new descriptor", EPERM,
		     typed_call(&map, bpfsys_map_update_elem, 1, 2, 0));
	expect_ok(state, "lookup in a frozen map",
		  typed_call(&map, bpfsys_map_lookup_elem, 1, 0, 0));
	expect_u64(state, "value in the frozen map", 1, map.value[0]);
	expect_ok(state, "next key of a frozen map",
		  typed_call(&map, bpfsys_map_get_next_key, 99, 0, 0));
	typed_drop(&map);
}

/* Programs go on writing. */
void map_freeze__programs_write(void **state)
{
	uint64_t counters[COUNTERS];
	int map = make_counters(state);
	const struct bpf_insn insns[] = {LD_MAP_VALUE(BPF_REG_1, map, 0),
					 COUNT_AT(BPF_REG_1, 0),
					 MOV64_IMM(BPF_REG_0, 0), EXIT()};
	int prog = make_hook_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, insns,
				  COUNT_OF(insns));

	need(state, "BPF_MAP_FREEZE", freeze(map));
	run_on_packet(state, prog, 3);
	read_counters(state, map, counters);
	close(prog);
	close(map);
	expect_u64(state, "counter of a program in a frozen map", 3,
		   counters[0]);
}

/* The line of /proc/self/fdinfo, 0 and then 1. */
static bool says_frozen(void **state, int fd, const char *line)
{
	char path[64], text[1024];
	ssize_t n;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	need(state, "open of fdinfo", info < 0 ? -errno : 0);
	n = read(info, text, sizeof(text) - 1);
	close(info);
	need(state, "read of fdinfo", n < 0 ? -errno : 0);
	text[n] = '\0';
	return strstr(text, line);
}

void map_freeze__fdinfo(void **state)
{
	int fd = shape_make(state, SHAPE_ARRAY);

	expect_true(state, "fdinfo says frozen: 0",
		    says_frozen(state, fd, "frozen:\t0\n"));
	need(state, "BPF_MAP_FREEZE", freeze(fd));
	expect_true(state, "fdinfo says frozen: 1",
		    says_frozen(state, fd, "frozen:\t1\n"));
	close(fd);
}
