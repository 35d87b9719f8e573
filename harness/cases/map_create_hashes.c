// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE: the shapes of hashes and tries. */
#include <errno.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_shape.h"

#define PERCPU_MOST (32U << 10) /* PCPU_MIN_UNIT_SIZE */

void map_create__percpu_hash_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},
		{VALUE_SIZE, 0},
		{MAX_ENTRIES, 0},
		{ADD_FLAGS, BPF_F_NO_COMMON_LRU},
	};

	refuse_each(state, SHAPE_PERCPU_HASH, wrong, COUNT_OF(wrong));
}

void map_create__percpu_hash_value_too_large(void **state)
{
	static const struct map_change wrong[] = {
		{VALUE_SIZE, PERCPU_MOST + 1},
		{VALUE_SIZE, PERCPU_MOST + 8},
	};

	skip_before_5_11(state, SHAPE_PERCPU_HASH, wrong, COUNT_OF(wrong),
			 ENOMEM);
	refuse_each(state, SHAPE_PERCPU_HASH, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_LRU_PERCPU_HASH, wrong, COUNT_OF(wrong));
}

void map_create__lru_hash_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},
		{VALUE_SIZE, 0},
		{MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_LRU_HASH, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_LRU_PERCPU_HASH, wrong, COUNT_OF(wrong));
}

void map_create__lru_no_prealloc(void **state)
{
	static const struct map_change wrong[] = {
		{ADD_FLAGS, BPF_F_NO_PREALLOC},
	};

	refuse_each(state, SHAPE_LRU_HASH, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_LRU_PERCPU_HASH, wrong, COUNT_OF(wrong));
}

void map_create__hash_too_many(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_PERCPU_HASH,
						SHAPE_LRU_HASH,
						SHAPE_LRU_PERCPU_HASH,
						SHAPE_HASH_OF_MAPS};
	static const struct map_change wrong[] = {
		{MAX_ENTRIES, 1U << 31},
		{MAX_ENTRIES, (1U << 31) + 1},
		{MAX_ENTRIES, UINT32_MAX},
	};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		refuse_each(state, types[i], wrong, COUNT_OF(wrong));
}

#define KEY 4U

/* The value_size with which an element is as large as the largest kmalloc():
 * 4 MiB where pages are 4 KiB. HEAD is the struct at the element's beginning,
 * which the kernel's BTF knows. */
static uint32_t most_kmalloc(void **state, const char *head)
{
	uint32_t size = head ? kernel_struct_size(head) : 0;

	if (sysconf(_SC_PAGESIZE) != 4096)
		skip_case(state, "the largest kmalloc() is known for pages of "
				 "4 KiB");
	if (head && !size)
		skip_case(state, "the kernel's BTF has no struct %s", head);
	return (4U << 20) - size;
}

void map_create__element_too_large(void **state)
{
	uint32_t most = most_kmalloc(state, "htab_elem") - KEY;
	const struct map_change wrong[] = {{VALUE_SIZE, most}};

	refuse_each(state, SHAPE_HASH, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_LRU_HASH, wrong, COUNT_OF(wrong));
}

void map_create__largest_element(void **state)
{
	uint32_t most = most_kmalloc(state, "htab_elem") - KEY;
	const struct map_change right[] = {{VALUE_SIZE, most - 1}};

	skip_before_5_11(state, SHAPE_HASH, right, COUNT_OF(right), E2BIG);
	accept_each(state, SHAPE_HASH, right, COUNT_OF(right));
}

void map_create__rhash_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},
		{VALUE_SIZE, 0},
		{MAX_ENTRIES, 0},
		{DROP_FLAGS, BPF_F_NO_PREALLOC},
		{ADD_FLAGS, BPF_F_ZERO_SEED},
		{ADD_FLAGS, BPF_F_NO_COMMON_LRU},
		{MAP_EXTRA, 1ULL << 32},
		{MAP_EXTRA, 5},
	};

	refuse_each(state, SHAPE_RHASH, wrong, COUNT_OF(wrong));
}

void map_create__rhash_too_large(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0x10000},
		{MAP_EXTRA, 0x10000},
		{MAX_ENTRIES, (1U << 31) + 1},
	};

	refuse_each(state, SHAPE_RHASH, wrong, COUNT_OF(wrong));
}

void map_create__lpm_trie_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},
		{KEY_SIZE, 4},
		{KEY_SIZE, 261},
		{MAX_ENTRIES, 0},
		{DROP_FLAGS, BPF_F_NO_PREALLOC},
	};

	refuse_each(state, SHAPE_LPM_TRIE, wrong, COUNT_OF(wrong));
}

/* LPM_VAL_SIZE_MAX */
void map_create__lpm_trie_value_size(void **state)
{
	uint32_t most = most_kmalloc(state, "lpm_trie_node") - 256;
	const struct map_change wrong[] = {{VALUE_SIZE, 0},
					   {VALUE_SIZE, most + 1}};
	const struct map_change right[] = {{VALUE_SIZE, most}};

	refuse_each(state, SHAPE_LPM_TRIE, wrong, COUNT_OF(wrong));
	accept_each(state, SHAPE_LPM_TRIE, right, COUNT_OF(right));
}

void map_create__queue_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 1},
		{KEY_SIZE, 4},
		{VALUE_SIZE, 0},
		{MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_QUEUE, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_STACK, wrong, COUNT_OF(wrong));
}

void map_create__queue_too_large(void **state)
{
	uint32_t most = most_kmalloc(state, NULL);
	const struct map_change wrong[] = {
		{VALUE_SIZE, most + 1},
		{VALUE_SIZE, UINT32_MAX},
	};
	const struct map_change right[] = {{VALUE_SIZE, most}};

	refuse_each(state, SHAPE_QUEUE, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_STACK, wrong, COUNT_OF(wrong));
	accept_each(state, SHAPE_QUEUE, right, COUNT_OF(right));
}

/* 4 GiB of values. Older kernels, 6.1 among them, find no such memory. */
void map_create__queue_too_many(void **state)
{
	static const enum map_number types[] = {SHAPE_QUEUE, SHAPE_STACK};
	static const uint32_t entries[] = {UINT32_MAX / 8, UINT32_MAX};
	struct shaped shaped;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types) * COUNT_OF(entries); i++) {
		shape_need(state, types[i / 2], &shaped);
		shaped.attr.max_entries = entries[i % 2];
		ret = try_create(&shaped.attr);
		if (ret != -ENOMEM)
			expect_error(state, map_shape(types[i / 2])->name,
				     E2BIG, ret);
	}
}

void map_create__bloom_filter_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 4},	   {VALUE_SIZE, 0},	    {MAX_ENTRIES, 0},
		{MAP_EXTRA, 0x10}, {MAP_EXTRA, 1ULL << 32},
	};

	refuse_each(state, SHAPE_BLOOM_FILTER, wrong, COUNT_OF(wrong));
}

void map_create__bloom_filter_value_too_large(void **state)
{
	uint32_t most = most_kmalloc(state, NULL);
	const struct map_change wrong[] = {{VALUE_SIZE, most + 1}};
	const struct map_change right[] = {{VALUE_SIZE, most}};

	refuse_each(state, SHAPE_BLOOM_FILTER, wrong, COUNT_OF(wrong));
	accept_each(state, SHAPE_BLOOM_FILTER, right, COUNT_OF(right));
}
