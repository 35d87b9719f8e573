// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Whose memory a map is: that of the cgroup in which it was made. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_fields.h"
#include "sysctl.h"

#define ROOT "/sys/fs/cgroup"
#define MIB  ((uint64_t)1 << 20)

/* A cgroup that counts memory, with this process in it. */
struct counted {
	struct world world;
	bool turned_on;
};

static void enter(struct counted *cgroup, void **state)
{
	uint32_t offset, size;
	char text[256];

	memset(cgroup, 0, sizeof(*cgroup));
	cgroup->world.state = state;
	if (!kernel_member("bpf_map.objcg", &offset, &size) &&
	    !kernel_member("bpf_map.memcg", &offset, &size))
		skip_case(state, "the kernel's struct bpf_map has neither "
				 "objcg nor memcg");
	read_text(state, ROOT, "cgroup.controllers", text, sizeof(text));
	if (!strstr(text, "memory"))
		skip_case(state,
			  "the cgroup2 hierarchy has no memory "
			  "controller: \"%.60s\"",
			  text);
	read_text(state, ROOT, "cgroup.subtree_control", text, sizeof(text));
	cgroup->turned_on = !strstr(text, "memory");
	need(state, "+memory",
	     write_text(ROOT, "cgroup.subtree_control", "+memory"));
	make_cgroup(&cgroup->world);
	need(state, "entering a cgroup",
	     write_text(cgroup->world.dir, "cgroup.procs", "0"));
}

static void leave(struct counted *cgroup)
{
	need(cgroup->world.state, "leaving a cgroup",
	     write_text(ROOT, "cgroup.procs", "0"));
}

static void drop(struct counted *cgroup)
{
	leave(cgroup);
	close(cgroup->world.dir_fd);
	rmdir(cgroup->world.dir);
	if (cgroup->turned_on)
		write_text(ROOT, "cgroup.subtree_control", "-memory");
}

static uint64_t memory_of(struct counted *cgroup)
{
	char text[64];

	read_text(cgroup->world.state, cgroup->world.dir, "memory.current",
		  text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* The kernel frees maps a while after they were closed. */
static uint64_t memory_below(struct counted *cgroup, uint64_t most)
{
	const struct timespec moment = {.tv_nsec = 10000000};

	for (int i = 0; i < 500 && memory_of(cgroup) > most; i++)
		nanosleep(&moment, NULL);
	return memory_of(cgroup);
}

void map_create__memory_charged(void **state)
{
	struct counted cgroup;
	uint64_t before, after, closed;
	int fd;

	enter(&cgroup, state);
	before = memory_of(&cgroup);
	fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 1 << 20, 8, 0);
	after = memory_of(&cgroup);
	close(fd);
	closed = memory_below(&cgroup, before + 4 * MIB);
	drop(&cgroup);
	expect_range(state, "memory of the cgroup with 8 MiB of map",
		     before + 8 * MIB, before + 12 * MIB, after);
	expect_range(state, "memory of the cgroup without", 0, before + 4 * MIB,
		     closed);
}

void map_create__memory_limit(void **state)
{
	struct bpfsys_map_create_attr attr;
	struct counted cgroup;
	char limit[32];
	int ret;

	enter(&cgroup, state);
	snprintf(limit, sizeof(limit), "%" PRIu64,
		 memory_of(&cgroup) + 8 * MIB);
	need(state, "memory.max",
	     write_text(cgroup.world.dir, "memory.max", limit));
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 1 << 20;
	attr.max_entries = 64;
	ret = bpfsys_map_create(&attr);
	close_if_fd(ret);
	attr.max_entries = 1;
	close(need(state, "a map for which there is room",
		   bpfsys_map_create(&attr)));
	drop(&cgroup);
	expect_errno(state, ret);
}

#define SOCKETS	   400
#define VALUE_SIZE 3900

/* Storage for values of VALUE_SIZE. */
static int make_storage(void **state)
{
	struct btf *btf = btf__new_empty();
	struct shaped shaped;
	int value, fd;

	add_map_types(btf);
	value = btf__add_struct(btf, "large", VALUE_SIZE);
	shape_need(state, SHAPE_SK_STORAGE, &shaped);
	shape_drop(&shaped);
	shaped.with_fd = load_map_types(state, btf);
	field_values(&shaped.attr, shaped.with_fd, (uint32_t)value, VALUE_SIZE);
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	return fd;
}

/* Whoever stores an element: it is in the memory of whoever made the map. */
void map_update_elem__memory_of_maker(void **state)
{
	static uint8_t value[VALUE_SIZE];
	int map_fd, sockets[SOCKETS];
	struct counted cgroup;
	uint64_t before, after;

	enter(&cgroup, state);
	map_fd = make_storage(state);
	leave(&cgroup);
	for (int i = 0; i < SOCKETS; i++)
		sockets[i] =
			need(state, "socket", socket(AF_INET, SOCK_DGRAM, 0));
	before = memory_of(&cgroup);
	for (int i = 0; i < SOCKETS; i++)
		put_elem(state, map_fd, &sockets[i], value);
	after = memory_of(&cgroup);
	for (int i = 0; i < SOCKETS; i++)
		close(sockets[i]);
	close(map_fd);
	drop(&cgroup);
	expect_range(state, "memory of the cgroup with 1.5 MB of elements",
		     before + MIB, before + 8 * MIB, after);
}
