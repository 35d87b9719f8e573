// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Iterators whose program writes much: what an object may have, and which
 * program it is. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "iter_walks.h"
#include "links.h"

/* The first size that is too large for what is written of one object: 8 pages,
 * kernel/bpf/bpf_iter.c, bpf_seq_read(). */
static int32_t too_much(void)
{
	return (int32_t)(8 * sysconf(_SC_PAGESIZE));
}

/* Over an array's elements: of the first, FIRST bytes are written, of the
 * others OTHER. */
static int make_writer(void **state, int32_t first, int32_t other)
{
	uint32_t target = need_func_id(state, "bpf_iter_bpf_map_elem"), size;
	int16_t seq = need_offset(state, "bpf_iter_meta.seq", &size);
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		LDX(BPF_DW, BPF_REG_5, BPF_REG_1, 16),
		LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 24),
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_5, 0, 8),
		JMP_IMM(BPF_JEQ, BPF_REG_2, 0, 7),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_6, seq),
		LDX(BPF_W, BPF_REG_4, BPF_REG_5, 0),
		MOV64_IMM(BPF_REG_3, first),
		JMP_IMM(BPF_JEQ, BPF_REG_4, 0, 1),
		MOV64_IMM(BPF_REG_3, other),
		CALL_HELPER(BPF_FUNC_seq_write),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
			     target, insns, COUNT_OF(insns));
}

/* An array of two elements, as large as may be written of one. */
static int make_array(void **state)
{
	return make_map(state, BPF_MAP_TYPE_ARRAY, 4, (uint32_t)too_much(), 2,
			0);
}

/* What one read of FD gives: a size, or a negative errno. */
static int read_once(int fd)
{
	static uint8_t bytes[1 << 20];
	ssize_t ret = read(fd, bytes, sizeof(bytes));

	return ret < 0 ? -errno : (int)ret;
}

static void expect_size(void **state, const char *what, int want, int got)
{
	expect_ok(state, what, got);
	expect_u64(state, what, (uint64_t)want, (uint64_t)got);
}

/* A walk with FIRST bytes of the first element, and OTHER of the second. */
static int begin_walk(void **state, int32_t first, int32_t other)
{
	int map_fd = make_array(state);
	int prog_fd = make_writer(state, first, other);
	int link_fd = link_to_map(state, prog_fd, map_fd);
	int fd = make_iter(state, link_fd);

	close(link_fd);
	close(prog_fd);
	close(map_fd);
	return fd;
}

void iter_create__largest_object(void **state)
{
	const int32_t large = too_much() - 1;
	int fd = begin_walk(state, large, large);

	expect_size(state, "the first object", large, read_once(fd));
	expect_size(state, "the second object", large, read_once(fd));
	expect_size(state, "the end", 0, read_once(fd));
	close(fd);
}

void iter_create__too_large_object(void **state)
{
	const int32_t large = too_much();
	int fd = begin_walk(state, large, 8);

	expect_error(state, "the first object", E2BIG, read_once(fd));
	expect_error(state, "the first object again", E2BIG, read_once(fd));
	close(fd);
	fd = begin_walk(state, 8, large);
	expect_size(state, "what comes before it", 8, read_once(fd));
	expect_error(state, "the second object", E2BIG, read_once(fd));
	close(fd);
}

/* An open iterator holds the program that it was made with. */
void link_update__iter_open(void **state)
{
	int map_fd = make_array(state), old, new, link_fd;
	int prog_fd = make_writer(state, 8, 8);
	int other_fd = make_writer(state, 24, 24);

	link_fd = link_to_map(state, prog_fd, map_fd);
	old = make_iter(state, link_fd);
	close(prog_fd);
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(link_fd, other_fd));
	new = make_iter(state, link_fd);
	close(other_fd);
	close(link_fd);
	close(map_fd);
	expect_size(state, "what is read of the iterator made before", 2 * 8,
		    read_once(old));
	expect_size(state, "what is read of the iterator made behind", 2 * 24,
		    read_once(new));
	close(old);
	close(new);
}
