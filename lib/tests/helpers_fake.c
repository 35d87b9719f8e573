// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The helpers before a kernel that does at will what a real one does once in a
 * while: linked with --wrap=bpfsys. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#define LAST_ID 5
#define GONE	3

/* What a batch is answered with, in turn; count is left alone where it is
 * AS_IT_WAS. */
#define AS_IT_WAS UINT32_MAX

struct answer {
	int ret;
	uint32_t count;
};

static const struct answer *answers;
static struct bpfsys_map_info map;
static uint32_t asked[8]; /* elements there was room for */
static bool went_on[8];	  /* from where the last one ended */
static unsigned int batches;
static int open_says;

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size);

static int batch(struct bpfsys_map_batch_attr *attr)
{
	const struct answer *answer = &answers[batches];

	if (!attr->count)
		return 0;
	assert_true(batches < 8);
	asked[batches] = attr->count;
	went_on[batches++] = attr->in_batch != 0;
	if (answer->count == AS_IT_WAS)
		return answer->ret;
	attr->count = answer->count;
	/* As much as kernels write. */
	memset((void *)(uintptr_t)attr->out_batch, 1, 4);
	memset((void *)(uintptr_t)attr->keys, 1,
	       (size_t)attr->count * map.key_size);
	memset((void *)(uintptr_t)attr->values, 1,
	       (size_t)attr->count * map.value_size);
	return answer->ret;
}

static int next_id(struct bpfsys_get_id_attr *attr)
{
	if (attr->start_id >= LAST_ID)
		return -ENOENT;
	attr->next_id = attr->start_id + 1;
	return 0;
}

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	struct bpfsys_obj_info_attr *info = attr;

	(void)size;
	switch (cmd) {
	case BPFSYS_OBJ_GET_INFO_BY_FD:
		memcpy((void *)(uintptr_t)info->info, &map, sizeof(map));
		return 0;
	case BPFSYS_MAP_LOOKUP_BATCH:
		return batch(attr);
	case BPFSYS_MAP_GET_NEXT_ID:
		return next_id(attr);
	case BPFSYS_MAP_GET_FD_BY_ID:
		if (open_says)
			return open_says;
		return ((struct bpfsys_get_id_attr *)attr)->map_id == GONE
			       ? -ENOENT
			       : 100;
	default:
		fail_msg("command %u", cmd);
		return -EINVAL;
	}
}

static void begin(struct bpfsys_walk *walk, const struct answer *with)
{
	memset(&map, 0, sizeof(map));
	map.type = 1;
	map.key_size = 1;
	map.value_size = 3;
	map.max_entries = 100;
	answers = with;
	batches = 0;
	assert_int_equal(bpfsys_walk_begin(walk, 3), 0);
	walk->room = 4;
}

/* A bucket of 20 after one of 3: the room grows, the walk goes on behind what
 * it has, and no element is lost. */
static void grows_in_the_middle(void **state)
{
	static const struct answer with[] = {{0, 3},
					     {-ENOSPC, 0},
					     {-ENOSPC, 0},
					     {-ENOSPC, 0},
					     {-ENOENT, 20}};
	struct bpfsys_walk walk;
	int ret;

	(void)state;
	begin(&walk, with);
	assert_true(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(walk.count, 3);
	assert_true(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(walk.count, 20);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, 0);
	assert_int_equal(batches, 5);
	assert_int_equal(asked[1], 4);
	assert_int_equal(asked[4], 32);
	assert_false(went_on[0]);
	assert_true(went_on[1]);
	assert_true(went_on[4]);
	bpfsys_walk_end(&walk);
}

/* What was read before the kernel gave up is handed out, even a full batch;
 * then the error, if it stays; and the walk goes on. */
static void errors_behind_elements(void **state)
{
	static const struct answer with[] = {
		{-EBUSY, 4},  {-EBUSY, 0},  {-EINTR, 2},
		{-ENOMEM, 0}, {-ENOENT, 0},
	};
	struct bpfsys_walk walk;
	int ret;

	(void)state;
	begin(&walk, with);
	assert_true(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(walk.count, 4);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, -EBUSY);
	assert_int_equal(walk.count, 0);
	assert_true(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(walk.count, 2);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, -ENOMEM);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, 0);
	assert_int_equal(batches, 5);
	bpfsys_walk_end(&walk);
}

/* After EFAULT nothing is known: count is as it was, and no batch. */
static void fault_ends_it(void **state)
{
	static const struct answer with[] = {{-EFAULT, AS_IT_WAS}};
	struct bpfsys_walk walk;
	int ret;

	(void)state;
	begin(&walk, with);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, -EFAULT);
	assert_int_equal(walk.count, 0);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(batches, 1);
	bpfsys_walk_end(&walk);
}

static void vanished_ids(void **state)
{
	static const uint32_t want[] = {1, 2, 4, 5};
	uint32_t id = 0;

	(void)state;
	open_says = 0;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(bpfsys_open_next(BPFSYS_OBJECT_MAP, &id), 100);
		assert_int_equal(id, want[i]);
	}
	assert_int_equal(bpfsys_open_next(BPFSYS_OBJECT_MAP, &id), -ENOENT);
}

/* One that may not be opened is named, and the caller may go on behind it. */
static void forbidden_id(void **state)
{
	uint32_t id = 0;

	(void)state;
	open_says = -EPERM;
	assert_int_equal(bpfsys_open_next(BPFSYS_OBJECT_MAP, &id), -EPERM);
	assert_int_equal(id, 1);
	open_says = 0;
	assert_int_equal(bpfsys_open_next(BPFSYS_OBJECT_MAP, &id), 100);
	assert_int_equal(id, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_in_the_middle),
		cmocka_unit_test(errors_behind_elements),
		cmocka_unit_test(fault_ends_it),
		cmocka_unit_test(vanished_ids),
		cmocka_unit_test(forbidden_id),
	};

	return cmocka_run_group_tests_name("lib helpers_fake", tests, NULL,
					   NULL);
}
