// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a user of the installed library would write; builds as C and as C++. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>
#include <bpfsys/info.h>

#define HASH 1

static int fail(const char *what, int ret)
{
	fprintf(stderr, "%s: %s\n", what, bpfsys_errno_name(-ret));
	return 1;
}

int main(void)
{
	struct bpfsys_map_create_attr create;
	struct bpfsys_map_elem_attr elem;
	struct bpfsys_walk walk;
	uint32_t key = 3, found = 0;
	uint64_t value = 9;
	int map, ret;

	memset(&create, 0, sizeof(create));
	create.map_type = HASH;
	create.key_size = sizeof(key);
	create.value_size = sizeof(value);
	create.max_entries = 10;
	map = bpfsys_map_create(&create);
	if (map < 0)
		return fail("map", map);
	memset(&elem, 0, sizeof(elem));
	elem.map_fd = (uint32_t)map;
	elem.key = bpfsys_ptr(&key);
	elem.value = bpfsys_ptr(&value);
	ret = bpfsys_map_update_elem(&elem);
	if (ret)
		return fail("update", ret);
	ret = bpfsys_walk_begin(&walk, map);
	while (!ret && bpfsys_walk_next(&walk, &ret))
		found += walk.count;
	bpfsys_walk_end(&walk);
	close(map);
	if (ret)
		return fail("walk", ret);
	printf("found %u\n", found);
	return found != 1;
}
