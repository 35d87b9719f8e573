/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The helpers that call more than once, on a kernel whose answers are the
 * input's. It keeps to what every kernel does: it writes no further than it was
 * told there is room, and ids grow. Input: a byte which helper, and what that
 * one is asked for; then answers, as they are needed. */
#include <errno.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#include "bytes.h"

/* Of what a helper may ask for; more is not to be had. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=64";
}

#define CALLS_MOST 2000

static struct bytes in;
static struct bpfsys_map_info map;
static struct bpfsys_walk *walk; /* that is under way */
static unsigned int calls;
static uint32_t last_id;

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size);

static int answer(void)
{
	static const int returns[] = {0,       -ENOENT, -ENOSPC, -EFAULT,
				      -EBUSY,  -EINTR,	-EPERM,	 -ENOMEM,
				      -EINVAL, -ENOSPC, -EAGAIN, -EBADF};

	return in.left ? returns[take(&in, 1) % 12] : -EINVAL;
}

static void fill(uint64_t ptr, uint64_t size)
{
	if (ptr && size)
		memset((void *)(uintptr_t)ptr, (int)size, size);
}

/* A batch never has more than was asked for, and on EFAULT all is as it was. */
static int batch(struct bpfsys_map_batch_attr *attr)
{
	const uint32_t room = attr->count;
	uint64_t key = map.key_size;
	int ret;

	if (!room)
		return take(&in, 1) % 16 ? 0 : answer();
	ret = answer();
	if (ret == -EFAULT)
		return ret;
	attr->count =
		ret && take(&in, 1) & 1 ? 0 : take(&in, 4) % (room + 1ull);
	fill(attr->out_batch, key > 4 ? key : 4);
	fill(attr->keys, attr->count * key);
	fill(attr->values, (uint64_t)attr->count * walk->value_size);
	return ret;
}

static int map_info(struct bpfsys_obj_info_attr *attr)
{
	must(attr->info_len >= sizeof(map));
	memcpy((void *)(uintptr_t)attr->info, &map, sizeof(map));
	return 0;
}

/* What the kernel has of an array, of which it writes what there is room for;
 * it may have grown since. */
static uint32_t array(uint64_t ptr, uint32_t room, uint32_t each)
{
	uint32_t has = take(&in, 1);

	if (has == 0xff)
		has = take(&in, 4);
	if (ptr)
		fill(ptr, (uint64_t)(has < room ? has : room) * each);
	return has;
}

static uint32_t rec_size(uint32_t said)
{
	const uint32_t own = take(&in, 1);

	if (own == 0xff)
		return take(&in, 4);
	return said ? said : own;
}

static int prog_info(struct bpfsys_obj_info_attr *attr)
{
	struct bpfsys_prog_info *p = (void *)(uintptr_t)attr->info;
	uint32_t each[3] = {p->func_info_rec_size, p->line_info_rec_size,
			    p->jited_line_info_rec_size};
	const uint32_t is[3] = {rec_size(each[0]), rec_size(each[1]),
				rec_size(each[2])};
	int ret = take(&in, 1) % 8 ? 0 : answer();

	if (ret)
		return ret;
	p->jited_prog_len = array(p->jited_prog_insns, p->jited_prog_len, 1);
	p->xlated_prog_len = array(p->xlated_prog_insns, p->xlated_prog_len, 1);
	p->nr_map_ids = array(p->map_ids, p->nr_map_ids, 4);
	p->nr_jited_ksyms = array(p->jited_ksyms, p->nr_jited_ksyms, 8);
	p->nr_jited_func_lens =
		array(p->jited_func_lens, p->nr_jited_func_lens, 4);
	p->nr_func_info = array(p->func_info, p->nr_func_info, each[0]);
	p->nr_line_info = array(p->line_info, p->nr_line_info, each[1]);
	p->nr_jited_line_info =
		array(p->jited_line_info, p->nr_jited_line_info, each[2]);
	p->nr_prog_tags = array(p->prog_tags, p->nr_prog_tags, 8);
	p->func_info_rec_size = is[0];
	p->line_info_rec_size = is[1];
	p->jited_line_info_rec_size = is[2];
	if (take(&in, 1) == 0)
		attr->info_len = 16;
	return 0;
}

static int load(struct bpfsys_prog_load_attr *attr)
{
	const int ret = answer();
	uint32_t say = take(&in, 4);

	must(!attr->log_level == !attr->log_size);
	must(attr->log_size <= UINT32_MAX >> 2);
	if (!attr->log_size)
		return ret ? ret : 7;
	if (say < attr->log_size)
		((char *)(uintptr_t)attr->log_buf)[say] = 0;
	else
		say = attr->log_size - 1;
	fill(attr->log_buf, say);
	if (take(&in, 1) & 1)
		attr->log_true_size = take(&in, 4);
	return ret ? ret : 7;
}

static int next_id(struct bpfsys_get_id_attr *attr)
{
	const uint32_t step = take(&in, 1);
	const int ret = answer();

	must(attr->start_id == last_id);
	/* Ids end some time. */
	if (ret || attr->start_id > UINT32_MAX - step - 1 || !in.left)
		return ret ? ret : -ENOENT;
	last_id = attr->next_id = attr->start_id + 1 + step;
	return 0;
}

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	(void)size;
	must(++calls < CALLS_MOST);
	switch (cmd) {
	case BPFSYS_OBJ_GET_INFO_BY_FD:
		return walk ? map_info(attr) : prog_info(attr);
	case BPFSYS_MAP_LOOKUP_BATCH:
	case BPFSYS_MAP_LOOKUP_AND_DELETE_BATCH:
		return batch(attr);
	case BPFSYS_PROG_LOAD:
		return load(attr);
	case BPFSYS_PROG_GET_NEXT_ID:
	case BPFSYS_MAP_GET_NEXT_ID:
	case BPFSYS_BTF_GET_NEXT_ID:
	case BPFSYS_LINK_GET_NEXT_ID:
		return next_id(attr);
	default:
		must(((struct bpfsys_get_id_attr *)attr)->map_id == last_id);
		return in.left ? answer() : 7;
	}
}

/* All that a batch says is there can be read. */
static void read_batch(const struct bpfsys_walk *w)
{
	must(w->count && w->count <= w->room);
	for (uint32_t i = 0; i<w->count; i += w->count> 64 ? 61 : 1) {
		const uint8_t *key = bpfsys_walk_key(w, i);
		const uint8_t *value = bpfsys_walk_value(w, i);

		must(!w->key_size || key[0] == key[w->key_size - 1]);
		must(!w->value_size || value[0] == value[w->value_size - 1]);
	}
}

static void test_walk(void)
{
	struct bpfsys_walk w;
	unsigned int failures = 0;
	int ret;

	walk = &w;
	memset(&map, 0, sizeof(map));
	map.type = take(&in, 1) % 40;
	map.key_size = take(&in, 2);
	map.value_size = take(&in, 4);
	map.max_entries = take(&in, 4);
	ret = bpfsys_walk_begin(&w, 3);
	must(ret <= 0);
	w.take = take(&in, 1) & 1;
	if (!ret && in.left && *in.p % 4)
		w.room = take(&in, 1) + 1;
	/* A caller may go on behind an error. */
	while (!ret && failures < 4) {
		if (bpfsys_walk_next(&w, &ret)) {
			must(!ret);
			read_batch(&w);
			continue;
		}
		must(ret <= 0 && !w.count);
		if (!ret)
			break;
		failures++;
		ret = 0;
	}
	bpfsys_walk_end(&w);
	must(!bpfsys_walk_next(&w, &ret) && !ret);
	walk = NULL;
}

static void test_ids(void)
{
	const enum bpfsys_object kind = take(&in, 1) % 5;
	uint32_t id = take(&in, 4), before;
	int ret;

	last_id = id;
	do {
		before = id;
		ret = bpfsys_open_next(kind, &id);
		must(id >= before);
		must(ret < 0 || id > before);
	} while (ret >= 0 && in.left);
}

static void test_info(void)
{
	const unsigned int which = take(&in, 2) % 0x220;
	struct bpfsys_prog_info info;
	void *mem;
	int ret = bpfsys_prog_info(3, which, &info, &mem);

	must(ret <= 0);
	must(!ret || !mem);
	must(which < 0x200 || ret == -EINVAL);
	if (!ret && which & BPFSYS_INFO_PROG_TAGS && info.prog_tags)
		fill(info.prog_tags, info.nr_prog_tags * 8ull);
	free(mem);
}

static void test_load(void)
{
	struct bpfsys_prog_load_attr attr;
	const uint32_t level = take(&in, 1) % 3;
	char *log;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.log_level = level;
	ret = bpfsys_prog_load_log(&attr, &log);
	must(attr.log_level == level && !attr.log_buf && !attr.log_size);
	must(ret <= 7);
	must(!log || *log);
	must(level || ret < 0 || !log);
	if (log)
		must(strlen(log) > 0);
	free(log);
}

static void test_cpus(void)
{
	char *list = malloc(in.left + 1);
	int n;

	must(list);
	memcpy(list, in.p, in.left);
	list[in.left] = 0;
	n = bpfsys_count_cpus(list);
	must(n > 0 || n == -EINVAL);
	free(list);
	must(bpfsys_possible_cpus() > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tests[])(void) = {test_walk, test_ids, test_info,
					      test_load, test_cpus};

	in = (struct bytes){data, size};
	calls = 0;
	tests[take(&in, 1) % 5]();
	return 0;
}
