// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What becomes of a timer or a reference in a value that goes away; and that
 * neither is seen or written from outside. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"
#include "fields_live.h"
#include "kernel.h"
#include "test_run.h"

#define DELAY_NS 300000000

static void sleep_ns(uint64_t ns)
{
	struct timespec time = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};

	nanosleep(&time, NULL);
}

typedef void event_fn(struct live *live);

static void delete_element(struct live *live)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)live->map_fd;
	attr.key = bpfsys_ptr(&key);
	need(live->state, "BPF_MAP_DELETE_ELEM", bpfsys_map_delete_elem(&attr));
}

static void update_element(struct live *live)
{
	live_store(live, 1, 0);
}

/* The program goes on holding the map. */
static void close_map(struct live *live)
{
	close(live->map_fd);
	live->map_fd = -1;
}

/* The timer goes off, and then once more, but where EVENT comes between. A
 * machine that is too slow to get there in time gets another chance. */
static void judge_timer(void **state, enum map_number type, event_fn *event)
{
	struct live live;
	uint64_t start, fired;

	for (int tries = 0; tries < 5; tries++) {
		live_make_timer(&live, state, type, DELAY_NS);
		expect_u64(state, "bpf_timer_init", 0,
			   (uint64_t)live_set(&live));
		for (int i = 0; i < 1000 && !live_fired(&live); i++)
			sleep_ns(10000000);
		expect_u64(state, "times that the timer went off", 1,
			   live_fired(&live));
		start = test_run_now_ns();
		expect_error(state, "bpf_timer_init once more", EBUSY,
			     live_set(&live));
		event(&live);
		if (test_run_now_ns() - start < DELAY_NS / 2)
			break;
		live_drop(&live);
	}
	sleep_ns(DELAY_NS + DELAY_NS / 3);
	fired = live_fired(&live);
	live_drop(&live);
	expect_u64(state, "times that the timer went off in the end", 1, fired);
}

void map_delete_elem__timer(void **state)
{
	judge_timer(state, SHAPE_HASH, delete_element);
}

void map_update_elem__timer(void **state)
{
	judge_timer(state, SHAPE_HASH, update_element);
}

void map_update_elem__timer_of_array(void **state)
{
	judge_timer(state, SHAPE_ARRAY, update_element);
}

void map_create__timer_of_closed(void **state)
{
	judge_timer(state, SHAPE_ARRAY, close_map);
}

/* The element's data and nothing of its field comes back. */
static void expect_hidden(struct live *live, uint64_t data, size_t size)
{
	static const uint8_t nothing[16];
	struct live_value value;

	live_look_up(live, &value);
	expect_u64(live->state, "data before the field", data, value.data);
	expect_mem(live->state, "the field", nothing, value.field, size);
	if (size < sizeof(value.field))
		expect_u64(live->state, "the byte behind the value", 0x5a,
			   value.field[size]);
}

/* What an update has in the place of the timer is no timer. */
void map_lookup_elem__timer_hidden(void **state)
{
	const enum map_number types[] = {SHAPE_HASH, SHAPE_ARRAY,
					 SHAPE_LRU_HASH};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct live live;

		live_make_timer(&live, state, types[i], DELAY_NS);
		live_store(&live, 7, 0x41);
		expect_hidden(&live, 7, 16);
		expect_u64(state, "bpf_timer_init", 0,
			   (uint64_t)live_set(&live));
		expect_hidden(&live, 7, 16);
		live_drop(&live);
	}
}

/* The map and the program that holds it. */
static void close_all(struct live *live)
{
	close_if_fd(live->map_fd);
	close_if_fd(live->set_fd);
	live->map_fd = live->set_fd = -1;
}

/* It may take the kernel a moment to release what is gone. */
static uint32_t references_after(struct live *live, uint32_t want)
{
	for (int i = 0; i < 500 && live_references(live) != want; i++)
		sleep_ns(10000000);
	return live_references(live);
}

/* Newer kernels keep a reference until the element's memory is used again, or
 * the map is gone: bpf_obj_cancel_fields() instead of bpf_obj_free_fields(). */
static bool keeps_references(void)
{
	return kernel_func_id("bpf_obj_cancel_fields") > 0;
}

/* The reference is counted, and no more after EVENT, or else after the map. */
static void judge_reference(void **state, enum map_number type, event_fn *event)
{
	struct live live;
	uint32_t before, after;

	live_make_reference(&live, state, type);
	before = live_references(&live);
	expect_u64(state, "the program that stores a reference", 0,
		   (uint64_t)live_set(&live));
	expect_u64(state, "references with the stored one", before + 1,
		   live_references(&live));
	expect_u64(state, "the program that replaces the reference",
		   LIVE_REPLACED, (uint64_t)live_set(&live));
	expect_u64(state, "references with the one in its place", before + 1,
		   live_references(&live));
	event(&live);
	if (!keeps_references())
		expect_u64(state, "references without the element", before,
			   references_after(&live, before));
	else
		expect_range(state, "references without the element", before,
			     before + 1, live_references(&live));
	close_all(&live);
	after = references_after(&live, before);
	live_drop(&live);
	expect_u64(state, "references without the map", before, after);
}

void map_delete_elem__reference(void **state)
{
	judge_reference(state, SHAPE_HASH, delete_element);
	judge_reference(state, SHAPE_LRU_HASH, delete_element);
}

void map_update_elem__reference(void **state)
{
	judge_reference(state, SHAPE_HASH, update_element);
	judge_reference(state, SHAPE_ARRAY, update_element);
}

void map_create__reference_of_closed(void **state)
{
	judge_reference(state, SHAPE_HASH, close_all);
	judge_reference(state, SHAPE_ARRAY, close_all);
}

void map_lookup_elem__reference_hidden(void **state)
{
	const enum map_number types[] = {SHAPE_HASH, SHAPE_ARRAY,
					 SHAPE_LRU_HASH};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct live live;

		live_make_reference(&live, state, types[i]);
		live_store(&live, 8, 0x41);
		expect_hidden(&live, 8, 8);
		expect_u64(state, "the program that stores a reference", 0,
			   (uint64_t)live_set(&live));
		expect_hidden(&live, 8, 8);
		live_drop(&live);
	}
}

/* What the program finds in an element: nothing, or what it has put there. */
static void judge_object(void **state, enum map_number type, event_fn *event)
{
	struct live live;

	live_make_object(&live, state, type);
	expect_u64(state, "the program that stores an object", 0,
		   (uint64_t)live_set(&live));
	expect_hidden(&live, 0, 8);
	expect_u64(state, "the program that finds its object", LIVE_REPLACED,
		   (uint64_t)live_set(&live));
	event(&live);
	if (!keeps_references()) {
		live_store(&live, 1, 0x41);
		expect_u64(state, "the program that finds nothing", 0,
			   (uint64_t)live_set(&live));
	}
	live_drop(&live);
}

void map_update_elem__object(void **state)
{
	judge_object(state, SHAPE_HASH, update_element);
	judge_object(state, SHAPE_ARRAY, update_element);
	judge_object(state, SHAPE_HASH, delete_element);
}
