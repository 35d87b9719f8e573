// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Walking over a whole map in batches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

/* enum bpf_map_type */
enum {
	HASH = 1,
	PERCPU_HASH = 5,
	PERCPU_ARRAY = 6,
	LRU_HASH = 9,
	LRU_PERCPU_HASH = 10,
	PERCPU_CGROUP_STORAGE = 21,
};

/* Bytes that the first batch may take. */
#define FIRST_BYTES (64 * 1024)

/* Hash tables go on at a bucket's number, everything else behind a key. */
static bool goes_by_key(uint32_t type)
{
	return type != HASH && type != PERCPU_HASH && type != LRU_HASH &&
	       type != LRU_PERCPU_HASH;
}

/* bpf_map_value_size() in kernel/bpf/syscall.c; a map that holds descriptors
 * has value_size 4. */
static int slot_size(const struct bpfsys_map_info *info, uint32_t *size)
{
	uint64_t all;
	int cpus;

	*size = info->value_size;
	if (info->type != PERCPU_HASH && info->type != PERCPU_ARRAY &&
	    info->type != LRU_PERCPU_HASH &&
	    info->type != PERCPU_CGROUP_STORAGE)
		return 0;
	cpus = bpfsys_possible_cpus();
	if (cpus < 0)
		return cpus;
	all = (uint64_t)bpfsys_percpu_stride(info->value_size) * (uint64_t)cpus;
	*size = (uint32_t)all;
	return all > UINT32_MAX ? -E2BIG : 0;
}

int bpfsys_walk_begin(struct bpfsys_walk *walk, int map_fd)
{
	struct bpfsys_map_info info;
	struct bpfsys_obj_info_attr attr;
	uint64_t fit;
	int ret;

	memset(walk, 0, sizeof(*walk));
	walk->ended = true;
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)map_fd;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(&info);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	if (ret)
		return ret;
	ret = slot_size(&info, &walk->value_size);
	if (ret)
		return ret;
	walk->map_fd = map_fd;
	walk->key_size = info.key_size;
	/* Queues have no key, ring buffers no value either, and none of them
	 * has batches: the first call says so. */
	fit = FIRST_BYTES / ((uint64_t)walk->key_size + walk->value_size + 1);
	walk->room = fit < info.max_entries ? (uint32_t)fit : info.max_entries;
	if (!walk->room)
		walk->room = 1;
	walk->by_key = goes_by_key(info.type);
	walk->left = 4 * (uint64_t)info.max_entries;
	walk->ended = false;
	return 0;
}

static void free_room(struct bpfsys_walk *walk)
{
	free(walk->keys);
	free(walk->values);
	walk->keys = NULL;
	walk->values = NULL;
	walk->count = 0;
}

static int take_room(struct bpfsys_walk *walk)
{
	/* A bucket's number has four bytes, however short keys are. */
	if (!walk->at)
		walk->at = calloc(1, walk->key_size > 4 ? walk->key_size : 4);
	if (!walk->keys)
		walk->keys = calloc(walk->room, walk->key_size);
	if (!walk->values)
		walk->values = calloc(walk->room, walk->value_size);
	return walk->at && walk->keys && walk->values ? 0 : -ENOMEM;
}

/* COUNT: in, the elements wanted; out, those that are there. */
static int batch(struct bpfsys_walk *walk, uint32_t *count)
{
	struct bpfsys_map_batch_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.in_batch = walk->started ? bpfsys_ptr(walk->at) : 0;
	attr.out_batch = bpfsys_ptr(walk->at);
	attr.keys = bpfsys_ptr(walk->keys);
	attr.values = bpfsys_ptr(walk->values);
	attr.count = *count;
	attr.map_fd = (uint32_t)walk->map_fd;
	attr.elem_flags = walk->elem_flags;
	ret = walk->take ? bpfsys_map_lookup_and_delete_batch(&attr)
			 : bpfsys_map_lookup_batch(&attr);
	*count = attr.count;
	return ret;
}

/* Errors that are there before the kernel looks at elements leave count as it
 * was. A batch of none has those, and no others: once it passes, count is to be
 * believed on errors, too, as long as it can be written. */
static int check(struct bpfsys_walk *walk)
{
	uint32_t none = 0;
	int ret;

	if (walk->checked)
		return 0;
	ret = batch(walk, &none);
	walk->checked = !ret;
	return ret;
}

static int grow(struct bpfsys_walk *walk)
{
	free_room(walk);
	if (walk->room > UINT32_MAX / 2)
		return -ENOMEM;
	walk->room *= 2;
	return take_room(walk);
}

static int give_up(struct bpfsys_walk *walk, int err)
{
	walk->ended = true;
	walk->count = 0;
	return err;
}

bool bpfsys_walk_next(struct bpfsys_walk *walk, int *ret)
{
	int err;

	walk->count = 0;
	*ret = 0;
	if (walk->ended || (*ret = check(walk)) || (*ret = take_room(walk)))
		return false;
	for (;;) {
		walk->count = walk->room;
		err = batch(walk, &walk->count);
		if (err == -EFAULT) {
			*ret = give_up(walk, err);
			return false;
		}
		if (err != -ENOSPC || walk->count)
			break;
		*ret = grow(walk);
		if (*ret)
			return false;
	}
	walk->ended = err == -ENOENT;
	if (!walk->count) {
		*ret = walk->ended ? 0 : err;
		return false;
	}
	walk->started = true;
	if (walk->by_key && walk->count > walk->left) {
		*ret = give_up(walk, -ELOOP);
		return false;
	}
	walk->left -= walk->by_key ? walk->count : 0;
	return true;
}

void bpfsys_walk_end(struct bpfsys_walk *walk)
{
	free_room(walk);
	free(walk->at);
	walk->at = NULL;
	walk->ended = true;
}
