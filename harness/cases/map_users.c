// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What is in a map for its users alone: the programs of a program array go with
 * the last descriptor or pin, whoever else holds the map, and a perf event with
 * the open file that stored it. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "catalogue.h"
#include "links.h"
#include "map_elem.h"
#include "pin.h"

/* A program, which is also in the first slot of the array that it holds. */
struct held {
	int prog_fd, map_fd;
	uint32_t prog_id, map_id;
};

static void make_held(struct held *held, void **state)
{
	struct bpfsys_prog_bind_map_attr bind;
	uint32_t key = 0;

	held->prog_fd =
		make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	held->prog_id = id_of_prog(state, held->prog_fd);
	held->map_fd = make_map(state, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	held->map_id = id_of_map(state, held->map_fd);
	put_elem(state, held->map_fd, &key, &held->prog_fd);
	memset(&bind, 0, sizeof(bind));
	bind.prog_fd = (uint32_t)held->prog_fd;
	bind.map_fd = (uint32_t)held->map_fd;
	need(state, "BPF_PROG_BIND_MAP", bpfsys_prog_bind_map(&bind));
}

/* Whether the slot becomes empty, which a worker of the kernel's sees to. The
 * descriptor is open until then: an array that loses its last user again while
 * that is still to be done is never freed, as prog_array_map_clear() takes a
 * reference for work that is queued already (kernel/bpf/arraymap.c). */
static bool is_cleared(void **state, const struct held *held)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	int fd = need(state, "BPF_MAP_GET_FD_BY_ID of the array",
		      open_id(bpfsys_map_get_fd_by_id, held->map_id));
	uint32_t key = 0, value;
	int ret = 0;

	for (int i = 0; i < 500 && ret == 0; i++) {
		ret = lookup_value(fd, &key, &value);
		if (ret == 0)
			nanosleep(&moment, NULL);
	}
	close(fd);
	return ret == -ENOENT;
}

/* A program that holds an array is none of its users. */
void prog_bind_map__programs_cleared(void **state)
{
	struct held held;

	make_held(&held, state);
	close(held.map_fd);
	expect_true(state, "the array has no program any more",
		    is_cleared(state, &held));
	close(held.prog_fd);
}

/* Each would keep the other. */
void prog_bind_map__cycle(void **state)
{
	struct held held;

	make_held(&held, state);
	close(held.prog_fd);
	close(held.map_fd);
	expect_true(state, "the program is gone",
		    is_gone(bpfsys_prog_get_fd_by_id, held.prog_id));
	expect_true(state, "the array is gone",
		    is_gone(bpfsys_map_get_fd_by_id, held.map_id));
}

/* What is pinned has a user. Arrays are cleared in the order in which they lose
 * theirs, so that another, which has none, says when this one had its turn. */
static void expect_kept(void **state, const struct held *held, const char *path)
{
	struct held other;
	uint32_t key = 0, value = 0;
	int fd, ret;

	make_held(&other, state);
	close(other.map_fd);
	expect_true(state, "an array without users has no program any more",
		    is_cleared(state, &other));
	close(other.prog_fd);
	fd = get_pinned(state, path, 0);
	ret = lookup_value(fd, &key, &value);
	close(fd);
	expect_ok(state, "lookup in a pinned array", ret);
	expect_u64(state, "id of the program in a pinned array", held->prog_id,
		   value);
}

void obj_pin__keeps_programs(void **state)
{
	struct held held;
	const char *path;

	make_held(&held, state);
	path = pin_object(state, held.map_fd, "array");
	close(held.map_fd);
	expect_kept(state, &held, path);
	/* The descriptor that got it is closed again. */
	expect_kept(state, &held, path);
	close(held.prog_fd);
	unlink(path);
	expect_true(state, "the program is gone with the array's pin",
		    is_gone(bpfsys_prog_get_fd_by_id, held.prog_id));
}

/* Two descriptors of a perf event array that were opened one by one, and an
 * event. */
struct events {
	int first_fd, second_fd, event_fd;
};

static void make_events(struct events *events, void **state, uint32_t flags)
{
	struct perf_event_attr event;

	events->first_fd =
		make_map(state, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, flags);
	events->second_fd = need(state, "BPF_MAP_GET_FD_BY_ID",
				 open_id(bpfsys_map_get_fd_by_id,
					 id_of_map(state, events->first_fd)));
	memset(&event, 0, sizeof(event));
	events->event_fd = open_own_event(state, &event);
}

static int delete_event(int map_fd, uint32_t key)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	return bpfsys_map_delete_elem(&attr);
}

/* How deleting slots 0 and 1 through the second descriptor ends, when the first
 * one, which stored 0, is closed. */
static void judge_events(void **state, uint32_t flags, int want)
{
	const uint32_t keys[] = {0, 1};
	struct events events;
	int first, second;

	make_events(&events, state, flags);
	put_elem(state, events.first_fd, &keys[0], &events.event_fd);
	put_elem(state, events.second_fd, &keys[1], &events.event_fd);
	close(events.event_fd);
	close(events.first_fd);
	first = delete_event(events.second_fd, keys[0]);
	second = delete_event(events.second_fd, keys[1]);
	close(events.second_fd);
	expect_error(state, "delete of an event whose descriptor is closed",
		     want, first);
	expect_error(state, "delete of an event whose descriptor is open", 0,
		     second);
}

void map_update_elem__event_of_descriptor(void **state)
{
	judge_events(state, 0, ENOENT);
}

void map_create__preserve_elems(void **state)
{
	judge_events(state, BPF_F_PRESERVE_ELEMS, 0);
}
