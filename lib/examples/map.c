// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Makes a map, stores elements one by one and reads them back in a batch; what
 * fails is explained. With BPFSYS_TRACE=1 every call is shown. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/explain.h>

#define ELEMENTS 10

static int fail(unsigned int cmd, const void *attr, unsigned int size, int err)
{
	char why[2048];

	bpfsys_explain(cmd, attr, size, err, why, sizeof(why));
	fprintf(stderr, "%s\n", why);
	return 1;
}

static int create(void)
{
	struct bpfsys_map_create_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = ELEMENTS;
	strcpy(attr.map_name, "squares");
	fd = bpfsys_map_create(&attr);
	if (fd < 0)
		fail(BPFSYS_MAP_CREATE, &attr, sizeof(attr), fd);
	return fd;
}

static int store(int fd, uint32_t key, uint64_t value)
{
	struct bpfsys_map_elem_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	ret = bpfsys_map_update_elem(&attr);
	return ret < 0 ? fail(BPFSYS_MAP_UPDATE_ELEM, &attr, sizeof(attr), ret)
		       : 0;
}

static int print_all(int fd)
{
	uint32_t keys[ELEMENTS], next;
	uint64_t values[ELEMENTS];
	struct bpfsys_map_batch_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.out_batch = bpfsys_ptr(&next);
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.count = ELEMENTS;
	ret = bpfsys_map_lookup_batch(&attr);
	if (ret < 0)
		return fail(BPFSYS_MAP_LOOKUP_BATCH, &attr, sizeof(attr), ret);
	for (uint32_t i = 0; i < attr.count; i++)
		printf("%u: %llu\n", keys[i], (unsigned long long)values[i]);
	return 0;
}

int main(void)
{
	int fd;

	bpfsys_trace_from_env();
	fd = create();
	if (fd < 0)
		return 1;
	for (uint32_t i = 0; i < ELEMENTS; i++)
		if (store(fd, i, (uint64_t)i * i) != 0)
			return 1;
	if (print_all(fd) != 0)
		return 1;
	/* There is no element ELEMENTS: this one is explained. */
	return store(fd, ELEMENTS, 0) == 1 ? 0 : 1;
}
