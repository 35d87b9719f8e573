// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE: the shapes of arrays. */
#include <errno.h>
#include <limits.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_shape.h"

void map_create__array_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},	  {KEY_SIZE, 3},
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},
		{MAX_ENTRIES, 0}, {ADD_FLAGS, BPF_F_PRESERVE_ELEMS},
	};

	refuse_each(state, SHAPE_ARRAY, wrong, COUNT_OF(wrong));
}

void map_create__array_value_too_large(void **state)
{
	static const struct map_change wrong[] = {
		{VALUE_SIZE, INT_MAX + 1U},
		{VALUE_SIZE, UINT32_MAX},
	};

	refuse_each(state, SHAPE_ARRAY, wrong, COUNT_OF(wrong));
}

/* Elements of nearly 4 GiB together, which is as much as 5.10 counts; more on a
 * machine that has as much. */
void map_create__out_of_memory(void **state)
{
	struct shaped shaped;
	struct sysinfo info;

	shape_need(state, SHAPE_ARRAY, &shaped);
	shaped.attr.value_size = 1U << 20;
	shaped.attr.max_entries = 4095;
	need(state, "sysinfo", sysinfo(&info) ? -errno : 0);
	if ((uint64_t)info.totalram * info.mem_unit > 3ULL << 30) {
		shaped.attr.value_size = INT_MAX;
		shaped.attr.max_entries = UINT32_MAX;
	}
	refuse_create(state, "more elements than memory", &shaped.attr);
}

void map_create__percpu_array_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 3},
		{KEY_SIZE, 8},
		{VALUE_SIZE, 0},
		{MAX_ENTRIES, 0},
		{ADD_FLAGS, BPF_F_MMAPABLE},
		{ADD_FLAGS, BPF_F_INNER_MAP},
		{ADD_FLAGS, BPF_F_PRESERVE_ELEMS},
	};

	refuse_each(state, SHAPE_PERCPU_ARRAY, wrong, COUNT_OF(wrong));
}

#define PERCPU_MOST (32U << 10) /* PCPU_MIN_UNIT_SIZE */

void map_create__percpu_array_value_too_large(void **state)
{
	static const struct map_change wrong[] = {
		{VALUE_SIZE, PERCPU_MOST + 1},
		{VALUE_SIZE, PERCPU_MOST + 8},
	};

	skip_before_5_11(state, SHAPE_PERCPU_ARRAY, wrong, COUNT_OF(wrong),
			 ENOMEM);
	refuse_each(state, SHAPE_PERCPU_ARRAY, wrong, COUNT_OF(wrong));
}

void map_create__fd_array_shape(void **state)
{
	static const enum map_number types[] = {SHAPE_PROG_ARRAY,
						SHAPE_PERF_EVENT_ARRAY,
						SHAPE_CGROUP_ARRAY,
						SHAPE_ARRAY_OF_MAPS};
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},
		{VALUE_SIZE, 0},
		{VALUE_SIZE, 8},
		{MAX_ENTRIES, 0},
		{ADD_FLAGS, BPF_F_RDONLY_PROG},
		{ADD_FLAGS, BPF_F_WRONLY_PROG},
		{ADD_FLAGS, BPF_F_MMAPABLE},
	};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		refuse_each(state, types[i], wrong, COUNT_OF(wrong));
}

void map_create__reuseport_array_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},  {VALUE_SIZE, 5},
		{VALUE_SIZE, 16}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_REUSEPORT_SOCKARRAY, wrong, COUNT_OF(wrong));
}

void map_create__insn_array_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},
		{VALUE_SIZE, 8},  {VALUE_SIZE, 24},
		{MAX_ENTRIES, 0}, {ADD_FLAGS, BPF_F_RDONLY_PROG},
		{NUMA_NODE, 0},
	};

	refuse_each(state, SHAPE_INSN_ARRAY, wrong, COUNT_OF(wrong));
}

/* Both kinds of map-in-map, with INNER_FD. */
static void refuse_inner(void **state, int inner_fd)
{
	static const enum map_number types[] = {SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS};
	struct shaped shaped;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		shape_need(state, types[i], &shaped);
		shaped.attr.inner_map_fd = (uint32_t)inner_fd;
		refuse_create(state, map_shape(types[i])->name, &shaped.attr);
		shape_drop(&shaped);
	}
}

/* Descriptor 0 is not a map. */
void map_create__inner_not_a_map(void **state)
{
	refuse_inner(state, 0);
}

void map_create__inner_nested(void **state)
{
	int array = shape_make(state, SHAPE_ARRAY_OF_MAPS);
	int hash = shape_make(state, SHAPE_HASH_OF_MAPS);

	refuse_inner(state, array);
	refuse_inner(state, hash);
	close_if_fd(array);
	close_if_fd(hash);
}

void map_create__inner_unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_PROG_ARRAY,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE,
						SHAPE_STRUCT_OPS,
						SHAPE_INSN_ARRAY};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int fd = shape_make(state, types[i]);

		if (fd >= 0)
			refuse_inner(state, fd);
		close_if_fd(fd);
	}
}
