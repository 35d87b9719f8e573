// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of links that have a name: raw tracepoints and
 * iterators here, events in link_info_events.c. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "link_info.h"
#include "links.h"

#define TRACEPOINT "task_newtask"

static void want_name(struct bpfsys_link_info *info, struct name_at at,
		      const void *room, uint32_t length)
{
	uint64_t pointer = bpfsys_ptr(room);

	memset(info, 0, sizeof(*info));
	memcpy((uint8_t *)info + at.pointer, &pointer, sizeof(pointer));
	memcpy((uint8_t *)info + at.length, &length, sizeof(length));
}

static uint32_t length_of(const struct bpfsys_link_info *info,
			  struct name_at at)
{
	uint32_t length;

	memcpy(&length, (const uint8_t *)info + at.length, sizeof(length));
	return length;
}

void check_name(void **state, int fd, struct name_at at, const char *name)
{
	uint32_t whole = (uint32_t)strlen(name) + 1;
	struct bpfsys_link_info info;
	char room[256];

	for (uint32_t length = whole; length <= whole + 1; length++) {
		memset(room, 0x5a, sizeof(room));
		want_name(&info, at, room, length);
		expect_ok(state, "info with room for the name",
			  ask_info(fd, &info, sizeof(info)));
		expect_mem(state, "the name", name, room, whole);
		expect_u64(state, "the byte behind it", 0x5a,
			   (uint8_t)room[whole]);
		expect_u64(state, "the length of the name", whole,
			   length_of(&info, at));
	}
	want_name(&info, at, NULL, 0);
	expect_ok(state, "info without room for the name",
		  ask_info(fd, &info, sizeof(info)));
	expect_u64(state, "the length of the name", whole,
		   length_of(&info, at));
}

/* INFO is refused by the case's row, and stays. */
static void judge_info(void **state, int fd, struct bpfsys_link_info *info)
{
	struct bpfsys_link_info before = *info;

	expect_errno(state, ask_info(fd, info, sizeof(*info)));
	expect_mem(state, "the info, which stays", &before, info,
		   sizeof(before));
}

void judge_half_name(void **state, int fd, struct name_at at)
{
	struct bpfsys_link_info info;
	char room[256];

	want_name(&info, at, room, 0);
	judge_info(state, fd, &info);
	want_name(&info, at, NULL, sizeof(room));
	judge_info(state, fd, &info);
}

void judge_short_name(void **state, int fd, struct name_at at, const char *name)
{
	uint32_t whole = (uint32_t)strlen(name) + 1;
	struct bpfsys_link_info info;
	char room[256];

	for (uint32_t length = 1; length < whole; length++) {
		memset(room, 0x5a, sizeof(room));
		want_name(&info, at, room, length);
		judge_info(state, fd, &info);
		expect_mem(state, "what there is room for", name, room,
			   length - 1);
		expect_u64(state, "the NUL behind it", 0, room[length - 1]);
		expect_u64(state, "the byte behind that", 0x5a,
			   (uint8_t)room[length]);
	}
}

void judge_unwritable_name(void **state, int fd, struct name_at at)
{
	struct bpfsys_link_info info;

	want_name(&info, at, (void *)BAD_ADDRESS, 256);
	judge_info(state, fd, &info);
	/* What is cut off, too. */
	want_name(&info, at, (void *)BAD_ADDRESS, 2);
	judge_info(state, fd, &info);
	want_name(&info, at, (void *)BAD_ADDRESS, 1);
	judge_info(state, fd, &info);
}

#define TP_NAME NAME_AT(raw_tracepoint.tp_name, raw_tracepoint.tp_name_len)

static int open_link(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	int fd = open_raw_tracepoint(state, TRACEPOINT, prog_fd);

	close(prog_fd);
	return fd;
}

void obj_get_info_by_fd__tracepoint_name(void **state)
{
	int fd = open_link(state);

	check_name(state, fd, TP_NAME, TRACEPOINT);
	close(fd);
}

void obj_get_info_by_fd__tracepoint_half(void **state)
{
	int fd = open_link(state);

	judge_half_name(state, fd, TP_NAME);
	close(fd);
}

void obj_get_info_by_fd__tracepoint_short(void **state)
{
	int fd = open_link(state);

	judge_short_name(state, fd, TP_NAME, TRACEPOINT);
	close(fd);
}

void obj_get_info_by_fd__tracepoint_unwritable(void **state)
{
	int fd = open_link(state);

	judge_unwritable_name(state, fd, TP_NAME);
	close(fd);
}

void obj_get_info_by_fd__tracepoint_cookie(void **state)
{
	struct bpfsys_raw_tracepoint_attr attr;
	struct bpfsys_link_info info;
	int prog_fd, fd;

	if (!kernel_offers(state, "bpf_attr.raw_tracepoint.cookie",
			   BPFSYS_KV(6, 10)))
		skip_case(state, "bpf_attr has no raw_tracepoint.cookie");
	prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	memset(&attr, 0, sizeof(attr));
	attr.name = bpfsys_ptr(TRACEPOINT);
	attr.prog_fd = (uint32_t)prog_fd;
	attr.cookie = 0x0123456789abcdef;
	fd = need(state, "BPF_RAW_TRACEPOINT_OPEN",
		  bpfsys_raw_tracepoint_open(&attr));
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	close(prog_fd);
	expect_field(state, "bpf_link_info.raw_tracepoint.cookie",
		     BPFSYS_KV(6, 19), "info: cookie", attr.cookie,
		     info.raw_tracepoint.cookie);
}

#define ITER_NAME NAME_AT(iter.target_name, iter.target_name_len)

typedef void judge_fn(void **state, int fd, struct name_at at);

/* JUDGE on a link of an iterator over maps. */
static void on_iter(void **state, judge_fn *judge)
{
	struct hook hook;
	int fd;

	hook_iter(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	judge(state, fd, ITER_NAME);
	close(fd);
	hook_drop(&hook);
}

static void check_iter(void **state, int fd, struct name_at at)
{
	check_name(state, fd, at, "bpf_map");
}

static void judge_short_iter(void **state, int fd, struct name_at at)
{
	judge_short_name(state, fd, at, "bpf_map");
}

void obj_get_info_by_fd__iter_name(void **state)
{
	on_iter(state, check_iter);
}

void obj_get_info_by_fd__iter_half(void **state)
{
	on_iter(state, judge_half_name);
}

void obj_get_info_by_fd__iter_short(void **state)
{
	on_iter(state, judge_short_iter);
}

void obj_get_info_by_fd__iter_unwritable(void **state)
{
	on_iter(state, judge_unwritable_name);
}
