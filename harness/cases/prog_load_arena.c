// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD of programs with arenas. */
#include <unistd.h>

#include "catalogue.h"
#include "map_shape.h"
#include "progs.h"

/* PLACE: where user space would map it; 0 where it does not say. */
static int make_arena(void **state, uint64_t place)
{
	struct shaped shaped;
	int fd;

	shape_need(state, SHAPE_ARENA, &shaped);
	shaped.attr.map_extra = place;
	fd = need(state, "BPF_MAP_CREATE of an arena",
		  bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	return fd;
}

/* A program that refers to both. */
static int load_with(int one, int two)
{
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, one),
		LD_MAP_FD(BPF_REG_1, two),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, COUNT_OF(insns));
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret;
}

void prog_load__two_arenas(void **state)
{
	int one = make_arena(state, 1ull << 44);
	int two = make_arena(state, 1ull << 45);
	int same = load_with(one, one), ret = load_with(one, two);

	close(one);
	close(two);
	expect_ok(state, "a program with one arena, twice", same);
	expect_errno(state, ret);
}

void prog_load__arena_without_place(void **state)
{
	int fd = make_arena(state, 0), ret = load_with(fd, fd);

	close(fd);
	expect_errno(state, ret);
}
