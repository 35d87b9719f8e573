// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Iterators: each meets what is there, once, and what it is told to. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "iter_walks.h"
#include "kernel.h"

const struct walk walk_maps = {"bpf_iter_bpf_map", {"bpf_map.id"}};
static const struct walk progs = {"bpf_iter_bpf_prog",
				  {"bpf_prog.aux", "bpf_prog_aux.id"}};
static const struct walk links = {"bpf_iter_bpf_link", {"bpf_link.id"}};

int16_t need_offset(void **state, const char *path, uint32_t *size)
{
	uint32_t offset;

	if (!kernel_member(path, &offset, size))
		skip_case(state, "the kernel's BTF has no %s", path);
	return (int16_t)offset;
}

/* r3 = the number of the object at *(r1 + 8); the end of the walk has none. */
int make_walker(void **state, const struct walk *walk)
{
	uint32_t target = need_func_id(state, walk->target), size;
	int16_t seq = need_offset(state, "bpf_iter_meta.seq", &size);
	int16_t first = need_offset(state, walk->member[0], &size);
	int16_t second = walk->member[1]
				 ? need_offset(state, walk->member[1], &size)
				 : -1;
	uint8_t width = size == 8 ? BPF_DW : BPF_W;
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_3, BPF_REG_1, 8),
		JMP_IMM(BPF_JEQ, BPF_REG_3, 0, 10),
		LDX(second < 0 ? width : BPF_DW, BPF_REG_3, BPF_REG_3, first),
		second < 0 ? MOV64_REG(BPF_REG_3, BPF_REG_3)
			   : LDX(width, BPF_REG_3, BPF_REG_3, second),
		ST_IMM(BPF_DW, BPF_REG_10, -8, 0),
		STX(width, BPF_REG_10, BPF_REG_3, -8),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, 0),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, seq),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -8),
		MOV64_IMM(BPF_REG_3, 8),
		CALL_HELPER(BPF_FUNC_seq_write),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_TRACING, insns, COUNT_OF(insns));
	attr.expected_attach_type = BPF_TRACE_ITER;
	attr.attach_btf_id = target;
	return load_prog(state, &attr);
}

int link_walker(int prog_fd, const union target *target)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.attach_type = BPF_TRACE_ITER;
	attr.iter_info = bpfsys_ptr(target);
	attr.iter_info_len = target ? sizeof(*target) : 0;
	return bpfsys_link_create(&attr);
}

int link_to_map(void **state, int prog_fd, int map_fd)
{
	union target target;

	memset(&target, 0, sizeof(target));
	target.map.fd = (uint32_t)map_fd;
	return need(state, "BPF_LINK_CREATE of the iterator",
		    link_walker(prog_fd, &target));
}

int make_iter(void **state, int link_fd)
{
	struct bpfsys_iter_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)link_fd;
	return need(state, "BPF_ITER_CREATE", bpfsys_iter_create(&attr));
}

void read_walk(void **state, int link_fd, size_t step, struct numbers *numbers)
{
	int fd = make_iter(state, link_fd);
	ssize_t n = 0;

	numbers->n = 0;
	while (numbers->n + step <= COUNT_OF(numbers->all) &&
	       (n = read(fd, numbers->all + numbers->n, step * 8)) > 0)
		numbers->n += (size_t)n / 8;
	expect_ok(state, "read of the iterator", n < 0 ? -errno : 0);
	expect_u64(state, "read at the iterator's end", 0, (uint64_t)n);
	close(fd);
}

void walk_all(void **state, const struct walk *walk, const union target *target,
	      struct numbers *numbers)
{
	int prog_fd = make_walker(state, walk);
	int link_fd = link_walker(prog_fd, target);

	expect_ok(state, "BPF_LINK_CREATE of the iterator", link_fd);
	read_walk(state, link_fd, 64, numbers);
	close(link_fd);
	close(prog_fd);
}

unsigned int times(const struct numbers *numbers, uint64_t number)
{
	unsigned int found = 0;

	for (size_t i = 0; i < numbers->n; i++)
		found += numbers->all[i] == number;
	return found;
}

/* Ids come in their order. */
static void expect_growing(void **state, const struct numbers *numbers)
{
	for (size_t i = 1; i < numbers->n; i++)
		expect_range(state, "id after the last one",
			     numbers->all[i - 1] + 1, UINT32_MAX,
			     numbers->all[i]);
}

void iter_create__maps(void **state)
{
	static struct numbers numbers;
	uint32_t ids[3];
	int fds[3];

	for (size_t i = 0; i < 3; i++) {
		fds[i] = make_counters(state);
		ids[i] = id_of_map(state, fds[i]);
	}
	walk_all(state, &walk_maps, NULL, &numbers);
	expect_growing(state, &numbers);
	for (size_t i = 0; i < 3; i++) {
		expect_u64(state, "times that a map is met", 1,
			   times(&numbers, ids[i]));
		close(fds[i]);
	}
}

void iter_create__programs(void **state)
{
	static struct numbers numbers;
	uint32_t ids[3];
	int fds[3];

	for (size_t i = 0; i < 3; i++) {
		fds[i] = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER,
					   (int32_t)i);
		ids[i] = id_of_prog(state, fds[i]);
	}
	walk_all(state, &progs, NULL, &numbers);
	expect_growing(state, &numbers);
	for (size_t i = 0; i < 3; i++) {
		expect_u64(state, "times that a program is met", 1,
			   times(&numbers, ids[i]));
		close(fds[i]);
	}
	walk_all(state, &progs, NULL, &numbers);
	for (size_t i = 0; i < 3; i++)
		expect_u64(state, "times that a closed program is met", 0,
			   times(&numbers, ids[i]));
}

/* Of the links there is that of the walk itself. */
void iter_create__links(void **state)
{
	static struct numbers numbers;
	int prog_fd = make_walker(state, &links), link_fd, other_fd;
	uint32_t id, other;

	link_fd = link_walker(prog_fd, NULL);
	expect_ok(state, "BPF_LINK_CREATE of the iterator", link_fd);
	other_fd = link_walker(prog_fd, NULL);
	expect_ok(state, "BPF_LINK_CREATE once more", other_fd);
	id = id_of_link(state, link_fd);
	other = id_of_link(state, other_fd);
	read_walk(state, link_fd, 64, &numbers);
	expect_growing(state, &numbers);
	expect_u64(state, "times that its link is met", 1, times(&numbers, id));
	expect_u64(state, "times that another link is met", 1,
		   times(&numbers, other));
	close(other_fd);
	read_walk(state, link_fd, 64, &numbers);
	expect_u64(state, "times that a closed link is met", 0,
		   times(&numbers, other));
	close(link_fd);
	close(prog_fd);
}

/* Whatever the size of the reads, the walk is the same. */
void iter_create__small_reads(void **state)
{
	static struct numbers at_once, one_by_one;
	int prog_fd = make_walker(state, &walk_maps), link_fd, fds[9];
	uint32_t ids[9];

	for (size_t i = 0; i < 9; i++) {
		fds[i] = make_counters(state);
		ids[i] = id_of_map(state, fds[i]);
	}
	link_fd = link_walker(prog_fd, NULL);
	expect_ok(state, "BPF_LINK_CREATE of the iterator", link_fd);
	read_walk(state, link_fd, 64, &at_once);
	read_walk(state, link_fd, 1, &one_by_one);
	close(link_fd);
	close(prog_fd);
	for (size_t i = 0; i < 9; i++) {
		expect_u64(state, "times in a large read", 1,
			   times(&at_once, ids[i]));
		expect_u64(state, "times in small reads", 1,
			   times(&one_by_one, ids[i]));
		close(fds[i]);
	}
}

/* An iterator is read and nothing else. */
void iter_create__as_file(void **state)
{
	struct bpfsys_iter_create_attr attr;
	int fd, prog_fd = make_walker(state, &walk_maps);
	uint64_t number = 0;

	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)link_walker(prog_fd, NULL);
	fd = need(state, "BPF_ITER_CREATE", bpfsys_iter_create(&attr));
	close((int)attr.link_fd);
	close(prog_fd);
	expect_u64(state, "FD_CLOEXEC of the iterator", FD_CLOEXEC,
		   (uint64_t)fcntl(fd, F_GETFD));
	expect_u64(state, "access mode of the iterator", O_RDONLY,
		   (uint64_t)(fcntl(fd, F_GETFL) & O_ACCMODE));
	expect_error(state, "write", EBADF,
		     write(fd, &number, 8) < 0 ? -errno : 0);
	expect_error(state, "lseek", ESPIPE,
		     lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0);
	close(fd);
}
