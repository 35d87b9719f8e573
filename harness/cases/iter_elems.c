// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Iterators over the elements of a map: each is met once, with its key and its
 * value, then the end, and the program is told where it is. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "iter_walks.h"
#include "kernel.h"

/* What the program writes for an element, with its value of 8 bytes, or 8 for
 * each CPU, behind it; and for the end of the walk, without one. */
struct record {
	uint64_t key, seq_num, session_id;
};

#define THE_END UINT64_MAX
/* An element whose value has this bit is to be met again. */
#define AGAIN (1ull << 63)

#define ELEMENTS  64
#define MOST_CPUS 64

/* A map, and an iterator's program and link. */
struct elems {
	void **state;
	int map_fd, prog_fd, link_fd;
	uint32_t words; /* of 8 bytes, that an element has */
};

/* struct bpf_iter__bpf_map_elem: meta, map, key, value, of 8 bytes each. */
static int make_writer(void **state, uint32_t words)
{
	uint32_t target = need_func_id(state, "bpf_iter_bpf_map_elem"), size;
	int16_t seq = need_offset(state, "bpf_iter_meta.seq", &size);
	int16_t session = need_offset(state, "bpf_iter_meta.session_id", &size);
	int16_t number = need_offset(state, "bpf_iter_meta.seq_num", &size);
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_7, BPF_REG_1, 0),
		LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 16),
		LDX(BPF_DW, BPF_REG_8, BPF_REG_1, 24),
		LDX(BPF_DW, BPF_REG_6, BPF_REG_7, seq),
		LDX(BPF_DW, BPF_REG_3, BPF_REG_7, session),
		STX(BPF_DW, BPF_REG_10, BPF_REG_3, -8),
		LDX(BPF_DW, BPF_REG_3, BPF_REG_7, number),
		STX(BPF_DW, BPF_REG_10, BPF_REG_3, -16),
		ST_IMM(BPF_DW, BPF_REG_10, -24, -1),
		JMP_IMM(BPF_JEQ, BPF_REG_2, 0, 2),
		LDX(BPF_W, BPF_REG_3, BPF_REG_2, 0),
		STX(BPF_DW, BPF_REG_10, BPF_REG_3, -24),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -24),
		MOV64_IMM(BPF_REG_3, 24),
		CALL_HELPER(BPF_FUNC_seq_write),
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_8, 0, 6),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		MOV64_REG(BPF_REG_2, BPF_REG_8),
		MOV64_IMM(BPF_REG_3, (int32_t)(8 * words)),
		CALL_HELPER(BPF_FUNC_seq_write),
		LDX(BPF_DW, BPF_REG_0, BPF_REG_8, 0),
		ALU64_IMM(BPF_RSH, BPF_REG_0, 63),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
			     target, insns, COUNT_OF(insns));
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool is_array(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static void make_elems(struct elems *elems, void **state, uint32_t type,
		       uint32_t count)
{
	elems->state = state;
	elems->words = is_per_cpu(type) ? kernel_possible_cpus() : 1;
	need(state, "no more CPUs than there is room for",
	     elems->words > MOST_CPUS ? -E2BIG : 0);
	elems->map_fd = make_map(state, type, 4, 8, count, 0);
	elems->prog_fd = make_writer(state, elems->words);
	elems->link_fd = link_to_map(state, elems->prog_fd, elems->map_fd);
}

static void drop_elems(struct elems *elems)
{
	close(elems->link_fd);
	close(elems->prog_fd);
	close(elems->map_fd);
}

static uint64_t word_of(uint32_t key, uint32_t word)
{
	return (key + 1) * 1000ull + word;
}

static void put_all(struct elems *elems)
{
	for (uint32_t key = 0; key < ELEMENTS; key++) {
		uint64_t value[MOST_CPUS];

		for (uint32_t word = 0; word < elems->words; word++)
			value[word] = word_of(key, word);
		put_elem(elems->state, elems->map_fd, &key, value);
	}
}

/* Reads FD to its end, STEP bytes at a time; how many there were. */
static size_t read_all(void **state, int fd, size_t step, uint8_t *into,
		       size_t room)
{
	size_t used = 0;
	ssize_t n = 1;

	while (n > 0 && used < room) {
		n = read(fd, into + used,
			 used + step < room ? step : room - used);
		used += n > 0 ? (size_t)n : 0;
	}
	expect_ok(state, "read of the iterator", n < 0 ? -errno : 0);
	expect_u64(state, "read behind the end", 0,
		   (uint64_t)read(fd, into, 1));
	return used;
}

/* The records at BYTES are of every element, once, and of the end. */
static void check_all(struct elems *elems, bool in_order, const uint8_t *bytes,
		      size_t size)
{
	const size_t step = sizeof(struct record) + 8 * elems->words;
	void **state = elems->state;
	bool met[ELEMENTS] = {false};
	uint64_t value[MOST_CPUS];
	struct record first, record;

	expect_u64(state, "bytes", ELEMENTS * step + sizeof(record), size);
	memcpy(&first, bytes, sizeof(first));
	for (uint32_t i = 0; i < ELEMENTS; i++) {
		memcpy(&record, bytes + i * step, sizeof(record));
		memcpy(value, bytes + i * step + sizeof(record),
		       8 * elems->words);
		expect_range(state, "key", 0, ELEMENTS - 1, record.key);
		expect_true(state, "a key is met once", !met[record.key]);
		met[record.key] = true;
		if (in_order)
			expect_u64(state, "key", i, record.key);
		for (uint32_t word = 0; word < elems->words; word++)
			expect_u64(state, "value",
				   word_of((uint32_t)record.key, word),
				   value[word]);
		expect_u64(state, "seq_num", i, record.seq_num);
		expect_u64(state, "session_id", first.session_id,
			   record.session_id);
	}
	memcpy(&record, bytes + ELEMENTS * step, sizeof(record));
	expect_u64(state, "what comes last", THE_END, record.key);
}

/* In reads of a word, of a record, and of all; the last walk outlives what it
 * was made of. */
static void walk(void **state, uint32_t type)
{
	static uint8_t bytes[ELEMENTS * 8 * (3 + MOST_CPUS) + 64];
	const size_t steps[] = {8, 0, sizeof(bytes)};
	uint64_t sessions[COUNT_OF(steps)];
	struct elems elems;

	make_elems(&elems, state, type, ELEMENTS);
	put_all(&elems);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		int fd = make_iter(state, elems.link_fd);
		size_t step = steps[i] ? steps[i] : 24 + 8 * elems.words;

		if (i == COUNT_OF(steps) - 1)
			drop_elems(&elems);
		check_all(&elems, is_array(type), bytes,
			  read_all(state, fd, step, bytes, sizeof(bytes)));
		memcpy(&sessions[i], bytes + 16, 8);
		close(fd);
	}
	expect_true(state, "each walk has a session_id of its own",
		    sessions[0] != sessions[1] && sessions[1] != sessions[2]);
}

void iter_create__elems(void **state)
{
	walk(state, BPF_MAP_TYPE_HASH);
	walk(state, BPF_MAP_TYPE_ARRAY);
}

void iter_create__cpu_elems(void **state)
{
	walk(state, BPF_MAP_TYPE_PERCPU_HASH);
	walk(state, BPF_MAP_TYPE_PERCPU_ARRAY);
}

static void put(struct elems *elems, uint32_t key, uint64_t value)
{
	put_elem(elems->state, elems->map_fd, &key, &value);
}

/* One read gives the elements FIRST to LAST, and the end where END says so. */
static void expect_read(void **state, const char *what, int fd, uint32_t first,
			uint32_t last, bool end)
{
	struct {
		struct record record;
		uint64_t value;
	} elems[4];
	const size_t n = last - first + 1;
	const size_t size =
		n * sizeof(elems[0]) + (end ? sizeof(struct record) : 0);
	ssize_t ret;

	memset(elems, 0, sizeof(elems));
	ret = read(fd, elems, sizeof(elems));
	expect_ok(state, what, ret < 0 ? -errno : 0);
	expect_u64(state, what, size, (uint64_t)ret);
	for (size_t i = 0; i < n; i++) {
		expect_u64(state, "key", first + i, elems[i].record.key);
		expect_u64(state, "seq_num", first + i,
			   elems[i].record.seq_num);
		expect_u64(state, "value", word_of((uint32_t)(first + i), 0),
			   elems[i].value);
	}
	if (end)
		expect_u64(state, "what comes last", THE_END,
			   elems[n].record.key);
}

static void expect_again(void **state, const char *what, int fd)
{
	uint64_t words[64];
	ssize_t ret = read(fd, words, sizeof(words));

	expect_error(state, what, EAGAIN, ret < 0 ? -errno : 0);
}

/* What the program wrote for the element is not read. */
void iter_create__retried(void **state)
{
	struct elems elems;
	int fd;

	make_elems(&elems, state, BPF_MAP_TYPE_ARRAY, 3);
	put(&elems, 0, AGAIN);
	put(&elems, 1, word_of(1, 0));
	put(&elems, 2, word_of(2, 0));
	fd = make_iter(state, elems.link_fd);
	expect_again(state, "the first element, to be met again", fd);
	expect_again(state, "and again", fd);
	put(&elems, 0, word_of(0, 0));
	put(&elems, 1, AGAIN);
	expect_read(state, "what is before the second", fd, 0, 0, false);
	expect_again(state, "the second element, to be met again", fd);
	put(&elems, 1, word_of(1, 0));
	expect_read(state, "the second and third", fd, 1, 2, true);
	expect_u64(state, "read behind the end", 0,
		   (uint64_t)read(fd, &elems.words, 1));
	close(fd);
	drop_elems(&elems);
}
