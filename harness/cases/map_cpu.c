// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_F_CPU and BPF_F_ALL_CPUS, with which values of per-CPU maps are one, and
 * which came in 6.19. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"

#define F_CPU	   8ULL	 /* BPF_F_CPU */
#define F_ALL_CPUS 16ULL /* BPF_F_ALL_CPUS */
#define ON(cpu)	   (F_CPU | (uint64_t)(cpu) << 32)

static const enum map_number types[] = {SHAPE_PERCPU_ARRAY, SHAPE_PERCPU_HASH,
					SHAPE_LRU_PERCPU_HASH};

/* Where the kernel's BTF does not know the flag, the flag is refused. */
static void need_cpu_flags(void **state)
{
	struct typed map;
	int ret;

	if (kernel_has_constant("BPF_F_ALL_CPUS"))
		return;
	typed_need(&map, state, SHAPE_PERCPU_ARRAY);
	ret = typed_call(&map, bpfsys_map_update_elem, 0, 1, F_ALL_CPUS);
	typed_drop(&map);
	expect_error(state, "BPF_F_ALL_CPUS before 6.19", EINVAL, ret);
	skip_case(state, "no BPF_F_ALL_CPUS: EINVAL");
}

/* FN with FLAGS on each per-CPU map with an element 0. */
static void refuse_flags(void **state, elem_fn *fn, uint64_t flags)
{
	struct run *run = *state;
	struct typed map;
	int ret;

	need_cpu_flags(state);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		typed_need(&map, state, types[i]);
		typed_put(&map, 0, 1);
		ret = typed_call(&map, fn, 0, 1, flags);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

void map_lookup_elem__no_such_cpu(void **state)
{
	refuse_flags(state, bpfsys_map_lookup_elem, ON(kernel_possible_cpus()));
	refuse_flags(state, bpfsys_map_lookup_elem, ON(UINT32_MAX));
}

void map_update_elem__no_such_cpu(void **state)
{
	refuse_flags(state, bpfsys_map_update_elem, ON(kernel_possible_cpus()));
	refuse_flags(state, bpfsys_map_update_elem, ON(UINT32_MAX));
}

void map_lookup_elem__all_cpus(void **state)
{
	refuse_flags(state, bpfsys_map_lookup_elem, F_ALL_CPUS);
}

void map_lookup_elem__cpu_without_flag(void **state)
{
	refuse_flags(state, bpfsys_map_lookup_elem, 1ULL << 32);
}

void map_update_elem__cpu_without_flag(void **state)
{
	refuse_flags(state, bpfsys_map_update_elem, 1ULL << 32);
	refuse_flags(state, bpfsys_map_update_elem, F_ALL_CPUS | 1ULL << 32);
}

void map_update_elem__cpu_and_all(void **state)
{
	refuse_flags(state, bpfsys_map_update_elem, ON(0) | F_ALL_CPUS);
}

/* Maps that have one value for all CPUs. */
static void refuse_single(void **state, elem_fn *fn)
{
	static const enum map_number single[] = {SHAPE_HASH, SHAPE_ARRAY,
						 SHAPE_LRU_HASH, SHAPE_LPM_TRIE,
						 SHAPE_RHASH};
	const struct typed_try try = {fn, 0, 1, ON(0)};

	refuse_types(state, single, COUNT_OF(single), &try);
}

void map_lookup_elem__cpu_of_single(void **state)
{
	refuse_single(state, bpfsys_map_lookup_elem);
}

void map_update_elem__cpu_of_single(void **state)
{
	refuse_single(state, bpfsys_map_update_elem);
}

/* The value of each CPU, which lie 8 bytes apart; all were 5. */
static void expect_values(struct typed *map, uint32_t cpus, uint32_t last)
{
	expect_ok(map->state, "lookup of all values",
		  typed_call(map, bpfsys_map_lookup_elem, 0, 0, 0));
	for (uint32_t cpu = 0; cpu < cpus; cpu++)
		expect_u64(map->state, "value of a CPU",
			   cpu == cpus - 1 ? last : 5, map->value[2 * cpu]);
}

/* One value goes to all CPUs, then another to the last one. */
void map_update_elem__cpu_values(void **state)
{
	uint32_t cpus = kernel_possible_cpus();
	struct typed map;

	need_cpu_flags(state);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		typed_need(&map, state, types[i]);
		expect_ok(state, "update with BPF_F_ALL_CPUS",
			  typed_call(&map, bpfsys_map_update_elem, 0, 5,
				     F_ALL_CPUS));
		expect_values(&map, cpus, 5);
		expect_ok(state, "update with BPF_F_CPU",
			  typed_call(&map, bpfsys_map_update_elem, 0, 6,
				     ON(cpus - 1)));
		expect_values(&map, cpus, 6);
		expect_ok(state, "lookup with BPF_F_CPU",
			  typed_call(&map, bpfsys_map_lookup_elem, 0, 0,
				     ON(cpus - 1)));
		expect_u64(state, "value of the last CPU", 6, map.value[0]);
		expect_u64(state, "memory behind one value", 0, map.value[2]);
		typed_drop(&map);
	}
}
