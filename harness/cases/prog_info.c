// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of programs: how each array is handed over. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "prog_info.h"

#define AT(field) offsetof(struct bpfsys_prog_info, field)

static const struct {
	const char *name;
	size_t pointer, count;
	uint32_t size;	 /* of one element */
	size_t rec_size; /* where that is told, or 0 */
} arrays[PROG_ARRAYS] = {
	[MAP_IDS] = {"map_ids", AT(map_ids), AT(nr_map_ids), 4, 0},
	[XLATED] = {"xlated_prog_insns", AT(xlated_prog_insns),
		    AT(xlated_prog_len), 1, 0},
	[JITED] = {"jited_prog_insns", AT(jited_prog_insns), AT(jited_prog_len),
		   1, 0},
	[KSYMS] = {"jited_ksyms", AT(jited_ksyms), AT(nr_jited_ksyms), 8, 0},
	[FUNC_LENS] = {"jited_func_lens", AT(jited_func_lens),
		       AT(nr_jited_func_lens), 4, 0},
	[FUNC_INFO] = {"func_info", AT(func_info), AT(nr_func_info),
		       sizeof(struct bpf_func_info), AT(func_info_rec_size)},
	[LINE_INFO] = {"line_info", AT(line_info), AT(nr_line_info),
		       sizeof(struct bpf_line_info), AT(line_info_rec_size)},
	[JITED_LINES] = {"jited_line_info", AT(jited_line_info),
			 AT(nr_jited_line_info), 8,
			 AT(jited_line_info_rec_size)},
	[TAGS] = {"prog_tags", AT(prog_tags), AT(nr_prog_tags), BPFSYS_TAG_SIZE,
		  0},
};

static void set_u32(struct bpfsys_prog_info *info, size_t at, uint32_t value)
{
	memcpy((uint8_t *)info + at, &value, sizeof(value));
}

static uint32_t get_u32(const struct bpfsys_prog_info *info, size_t at)
{
	uint32_t value;

	memcpy(&value, (const uint8_t *)info + at, sizeof(value));
	return value;
}

const char *array_name(enum prog_array which)
{
	return arrays[which].name;
}

uint32_t array_count(const struct bpfsys_prog_info *info, enum prog_array which)
{
	return get_u32(info, arrays[which].count);
}

uint64_t array_pointer(const struct bpfsys_prog_info *info,
		       enum prog_array which)
{
	uint64_t pointer;

	memcpy(&pointer, (const uint8_t *)info + arrays[which].pointer,
	       sizeof(pointer));
	return pointer;
}

void want_array(struct bpfsys_prog_info *info, enum prog_array which,
		const void *room, uint32_t count)
{
	uint64_t pointer = bpfsys_ptr(room);

	set_u32(info, arrays[which].count, count);
	memcpy((uint8_t *)info + arrays[which].pointer, &pointer,
	       sizeof(pointer));
	if (arrays[which].rec_size)
		set_u32(info, arrays[which].rec_size, arrays[which].size);
}

/* Room for COUNT, 0x5a behind it and in it; returns how many there are. */
static uint32_t get_some(void **state, int fd, enum prog_array which,
			 void *room, uint32_t count)
{
	struct bpfsys_prog_info info;

	memset(room, 0x5a, ARRAY_ROOM);
	memset(&info, 0, sizeof(info));
	want_array(&info, which, count ? room : NULL, count);
	expect_ok(state, arrays[which].name, ask_info(fd, &info, sizeof(info)));
	expect_u64(state, "the pointer, which stays",
		   count ? bpfsys_ptr(room) : 0, array_pointer(&info, which));
	return array_count(&info, which);
}

uint32_t get_array(void **state, int fd, enum prog_array which, void *room)
{
	return get_some(state, fd, which, room,
			ARRAY_ROOM / arrays[which].size);
}

uint32_t check_array(void **state, int fd, enum prog_array which, void *room)
{
	uint32_t n = get_array(state, fd, which, room);
	uint32_t size = arrays[which].size;
	uint8_t some[ARRAY_ROOM], untouched[ARRAY_ROOM];

	expect_range(state, arrays[which].name, 1, ARRAY_ROOM / size - 1, n);
	memset(untouched, 0x5a, sizeof(untouched));
	for (uint32_t count = 0; count <= n + 1; count++) {
		size_t end = (count < n ? count : n) * (size_t)size;

		expect_u64(state, "how many there are", n,
			   get_some(state, fd, which, some, count));
		expect_mem(state, "what there is room for", room, some, end);
		expect_mem(state, "memory behind it", untouched, some + end,
			   sizeof(some) - end);
	}
	return n;
}

void need_jited(void **state, int fd)
{
	struct bpfsys_prog_info info;
	char value[64];

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	if (info.jited_prog_len)
		return;
	fdinfo_value(state, fd, "prog_jited", value, sizeof(value));
	expect_mem(state, "fdinfo: prog_jited of what has no jited_prog_len",
		   "0", value, 2);
	skip_case(state, "programs are interpreted here: fdinfo says "
			 "prog_jited 0, and jited_prog_len is 0");
}

/* Whether a program has no such array, for its info says that it is empty. */
static bool lacks_array(int fd, enum prog_array which)
{
	struct bpfsys_prog_info info;

	memset(&info, 0, sizeof(info));
	return ask_info(fd, &info, sizeof(info)) == 0 &&
	       array_count(&info, which) == 0;
}

static void judge_unwritable(void **state, int fd)
{
	struct bpfsys_prog_info info, before;

	for (enum prog_array which = 0; which < PROG_ARRAYS; which++) {
		if (lacks_array(fd, which))
			continue;
		memset(&info, 0, sizeof(info));
		want_array(&info, which, (void *)BAD_ADDRESS, 1);
		before = info;
		expect_errno(state, ask_info(fd, &info, sizeof(info)));
		expect_mem(state, "info, which stays", &before, &info,
			   sizeof(info));
	}
}

/* Programs of one function and of several are told of by code of their own. */
void obj_get_info_by_fd__prog_array_unwritable(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	struct two_funcs two;

	judge_unwritable(state, fd);
	close(fd);
	make_two_funcs(&two, state);
	judge_unwritable(state, two.prog_fd);
	drop_two_funcs(&two);
}

static void judge_rec_size(void **state, enum prog_array which)
{
	const uint32_t sizes[] = {0, 1, 4, 7, 12, 20, UINT32_MAX};
	uint8_t room[64];
	struct two_funcs two;

	make_two_funcs(&two, state);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct bpfsys_prog_info info;

		memset(&info, 0, sizeof(info));
		want_array(&info, which, room, 1);
		set_u32(&info, arrays[which].rec_size, sizes[i]);
		expect_errno(state, ask_info(two.prog_fd, &info, sizeof(info)));
		if (!sizes[i])
			continue;
		/* The same where none is asked for. */
		want_array(&info, which, NULL, 0);
		set_u32(&info, arrays[which].rec_size, sizes[i]);
		expect_errno(state, ask_info(two.prog_fd, &info, sizeof(info)));
	}
	drop_two_funcs(&two);
}

void obj_get_info_by_fd__func_info_rec_size(void **state)
{
	judge_rec_size(state, FUNC_INFO);
}

void obj_get_info_by_fd__line_info_rec_size(void **state)
{
	judge_rec_size(state, LINE_INFO);
}

void obj_get_info_by_fd__jited_line_info_rec_size(void **state)
{
	judge_rec_size(state, JITED_LINES);
}

/* Whoever asks for no records need not know their size, and learns it. */
void obj_get_info_by_fd__rec_sizes(void **state)
{
	struct bpfsys_prog_info info;
	struct two_funcs two;

	make_two_funcs(&two, state);
	memset(&info, 0, sizeof(info));
	get_info(state, two.prog_fd, &info, sizeof(info));
	drop_two_funcs(&two);
	expect_u64(state, "func_info_rec_size", sizeof(struct bpf_func_info),
		   info.func_info_rec_size);
	expect_u64(state, "line_info_rec_size", sizeof(struct bpf_line_info),
		   info.line_info_rec_size);
	expect_u64(state, "jited_line_info_rec_size", sizeof(uint64_t),
		   info.jited_line_info_rec_size);
}
