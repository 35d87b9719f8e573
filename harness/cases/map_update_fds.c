// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_UPDATE_ELEM on maps that hold something of the kernel's: programs,
 * maps, events, cgroups, sockets, devices, CPUs. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "links.h"
#include "map_typed.h"

static void refuse(void **state, const enum map_number *types, size_t count,
		   uint32_t value)
{
	const struct typed_try update = {bpfsys_map_update_elem, 0, value, 0};

	refuse_types(state, types, count, &update);
}

void map_update_elem__value_closed_fd(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PROG_ARRAY,	  SHAPE_PERF_EVENT_ARRAY,
		SHAPE_CGROUP_ARRAY,	  SHAPE_ARRAY_OF_MAPS,
		SHAPE_HASH_OF_MAPS,	  SHAPE_SOCKMAP,
		SHAPE_SOCKHASH,		  SHAPE_XSKMAP,
		SHAPE_REUSEPORT_SOCKARRAY};

	refuse(state, types, COUNT_OF(types), CLOSED_FD);
}

/* A map for programs, a program for maps, and descriptor 0 for both. */
void map_update_elem__value_wrong_fd(void **state)
{
	static const enum map_number programs[] = {SHAPE_PROG_ARRAY};
	static const enum map_number maps[] = {SHAPE_ARRAY_OF_MAPS,
					       SHAPE_HASH_OF_MAPS};
	int map_fd = shape_make(state, SHAPE_ARRAY);
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);

	refuse(state, programs, COUNT_OF(programs), (uint32_t)map_fd);
	refuse(state, programs, COUNT_OF(programs), 0);
	refuse(state, maps, COUNT_OF(maps), (uint32_t)prog_fd);
	refuse(state, maps, COUNT_OF(maps), 0);
	close(map_fd);
	close(prog_fd);
}

void map_update_elem__value_not_event_or_cgroup(void **state)
{
	static const enum map_number types[] = {SHAPE_PERF_EVENT_ARRAY,
						SHAPE_CGROUP_ARRAY};

	refuse(state, types, COUNT_OF(types), 0);
}

/* Counts of children cannot be read by a program. */
void map_update_elem__event_inherited(void **state)
{
	static const enum map_number types[] = {SHAPE_PERF_EVENT_ARRAY};
	struct perf_event_attr event;
	struct typed map;
	int fd;

	memset(&event, 0, sizeof(event));
	fd = open_own_event(state, &event);
	typed_need(&map, state, SHAPE_PERF_EVENT_ARRAY);
	typed_put(&map, 0, (uint32_t)fd);
	typed_drop(&map);
	close(fd);
	event.inherit = 1;
	fd = open_own_event(state, &event);
	refuse(state, types, COUNT_OF(types), (uint32_t)fd);
	close(fd);
}

void map_update_elem__value_not_a_socket(void **state)
{
	static const enum map_number types[] = {SHAPE_SOCKMAP, SHAPE_SOCKHASH,
						SHAPE_XSKMAP,
						SHAPE_REUSEPORT_SOCKARRAY};

	refuse(state, types, COUNT_OF(types), 0);
}

static int make_socket(void **state, int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip_case(state, "a kernel without IPv4: EAFNOSUPPORT");
	return need(state, "socket", fd < 0 ? -errno : fd);
}

void map_update_elem__socket_kind(void **state)
{
	static const enum map_number types[] = {SHAPE_SOCKMAP, SHAPE_SOCKHASH,
						SHAPE_XSKMAP};
	int fd = make_socket(state, SOCK_STREAM);

	refuse(state, types, COUNT_OF(types), (uint32_t)fd);
	close(fd);
}

void map_update_elem__reuseport_alone(void **state)
{
	static const enum map_number types[] = {SHAPE_REUSEPORT_SOCKARRAY};
	int fd = make_socket(state, SOCK_DGRAM);

	refuse(state, types, COUNT_OF(types), (uint32_t)fd);
	close(fd);
}

/* The template is an array of one 8-byte value without flags. */
void map_update_elem__inner_differs(void **state)
{
	static const struct {
		uint32_t type, value_size, max_entries, flags;
	} inner[] = {
		{BPF_MAP_TYPE_HASH, 8, 1, 0},
		{BPF_MAP_TYPE_PERCPU_ARRAY, 8, 1, 0},
		{BPF_MAP_TYPE_ARRAY, 4, 1, 0},
		{BPF_MAP_TYPE_ARRAY, 8, 2, 0},
		{BPF_MAP_TYPE_ARRAY, 8, 1, BPF_F_MMAPABLE},
	};
	static const enum map_number types[] = {SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS};

	for (size_t i = 0; i < COUNT_OF(inner); i++) {
		int fd = make_map(state, inner[i].type, 4, inner[i].value_size,
				  inner[i].max_entries, inner[i].flags);

		refuse(state, types, COUNT_OF(types), (uint32_t)fd);
		close(fd);
	}
}

/* Stores INNER_FD in a map of maps of TYPE, whose template is TEMPLATE_FD. */
static int store_inner(void **state, uint32_t type, int template_fd,
		       int inner_fd)
{
	struct bpfsys_map_create_attr attr;
	struct bpfsys_map_elem_attr elem;
	uint32_t key = 0, value = (uint32_t)inner_fd;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = attr.value_size = attr.max_entries = 4;
	attr.inner_map_fd = (uint32_t)template_fd;
	memset(&elem, 0, sizeof(elem));
	elem.map_fd = (uint32_t)need(state, "BPF_MAP_CREATE of a map of maps",
				     bpfsys_map_create(&attr));
	elem.key = bpfsys_ptr(&key);
	elem.value = bpfsys_ptr(&value);
	ret = bpfsys_map_update_elem(&elem);
	close((int)elem.map_fd);
	return ret;
}

/* Arrays, whose keys are all alike, do not show all that is compared:
 * bpf_map_meta_equal(). */
void map_update_elem__inner_hash(void **state)
{
	static const struct {
		const char *what;
		uint32_t type, key_size, value_size, max_entries, flags;
		int err;
	} inner[] = {
		{"a hash as the template", BPF_MAP_TYPE_HASH, 4, 8, 1, 0, 0},
		{"one of more elements", BPF_MAP_TYPE_HASH, 4, 8, 9, 0, 0},
		{"larger keys", BPF_MAP_TYPE_HASH, 8, 8, 1, 0, EINVAL},
		{"smaller keys", BPF_MAP_TYPE_HASH, 2, 8, 1, 0, EINVAL},
		{"larger values", BPF_MAP_TYPE_HASH, 4, 16, 1, 0, EINVAL},
		{"smaller values", BPF_MAP_TYPE_HASH, 4, 4, 1, 0, EINVAL},
		{"no preallocation", BPF_MAP_TYPE_HASH, 4, 8, 1,
		 BPF_F_NO_PREALLOC, EINVAL},
		{"a map that programs read", BPF_MAP_TYPE_HASH, 4, 8, 1,
		 BPF_F_RDONLY_PROG, EINVAL},
		{"an LRU hash", BPF_MAP_TYPE_LRU_HASH, 4, 8, 1, 0, EINVAL},
		{"a per-CPU hash", BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 1, 0,
		 EINVAL},
	};
	int template = make_map(state, BPF_MAP_TYPE_HASH, 4, 8, 1, 0);

	for (size_t i = 0; i < COUNT_OF(inner); i++) {
		int fd = make_map(state, inner[i].type, inner[i].key_size,
				  inner[i].value_size, inner[i].max_entries,
				  inner[i].flags);
		int array = store_inner(state, BPF_MAP_TYPE_ARRAY_OF_MAPS,
					template, fd);
		int hash = store_inner(state, BPF_MAP_TYPE_HASH_OF_MAPS,
				       template, fd);

		close(fd);
		expect_error(state, inner[i].what, inner[i].err, array);
		expect_error(state, inner[i].what, inner[i].err, hash);
	}
	close(template);
}

void map_update_elem__inner_inner(void **state)
{
	static const enum map_number types[] = {SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int fd = shape_make(state, types[i]);

		refuse(state, types, COUNT_OF(types), (uint32_t)fd);
		close(fd);
	}
}

/* Stored by descriptor, read as an id, there again under the same id. */
/* What a 32-bit kernel says of an element of descriptors besides the first. */
static bool is_astray(void **state, int ret)
{
	return ret == -ENOENT && kernel_is_i386() && is_known(state, "-ENOENT");
}

void map_update_elem__inner_map(void **state)
{
	static const enum map_number types[] = {SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS};
	int inner = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	uint32_t id = id_of_map(state, inner);
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		typed_need(&map, state, types[i]);
		typed_put(&map, 2, (uint32_t)inner);
		ret = typed_call(&map, bpfsys_map_lookup_elem, 2, 0, 0);
		if (types[i] == SHAPE_ARRAY_OF_MAPS && is_astray(state, ret)) {
			typed_drop(&map);
			continue;
		}
		expect_ok(state, map.shape->name, ret);
		expect_u64(state, "id of the inner map", id, map.value[0]);
		expect_ok(state, "delete of an inner map",
			  typed_call(&map, bpfsys_map_delete_elem, 2, 0, 0));
		expect_error(state, "lookup of a deleted inner map", ENOENT,
			     typed_call(&map, bpfsys_map_lookup_elem, 2, 0, 0));
		typed_drop(&map);
	}
	close(inner);
}

/* Arrays as inner maps may differ in length when they say so. */
void map_update_elem__inner_any_length(void **state)
{
	struct bpfsys_map_create_attr attr;
	struct typed map;
	int inner =
		make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_INNER_MAP);
	int longer =
		make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 9, BPF_F_INNER_MAP);

	typed_need(&map, state, SHAPE_ARRAY_OF_MAPS);
	typed_drop(&map);
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS;
	attr.key_size = attr.value_size = attr.max_entries = 4;
	attr.inner_map_fd = (uint32_t)inner;
	map.fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&attr));
	typed_put(&map, 0, (uint32_t)longer);
	typed_drop(&map);
	close(inner);
	close(longer);
}

void map_update_elem__prog_array(void **state)
{
	int prog = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	int other = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, 0);
	uint32_t id = id_of_prog(state, prog);
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_PROG_ARRAY);
	typed_put(&map, 3, (uint32_t)prog);
	ret = typed_call(&map, bpfsys_map_lookup_elem, 3, 0, 0);
	if (!is_astray(state, ret)) {
		expect_ok(state, "lookup in a program array", ret);
		expect_u64(state, "id of the program", id, map.value[0]);
	}
	expect_error(state, "a program of another type", EINVAL,
		     typed_call(&map, bpfsys_map_update_elem, 2,
				(uint32_t)other, 0));
	expect_ok(state, "delete in a program array",
		  typed_call(&map, bpfsys_map_delete_elem, 3, 0, 0));
	expect_error(state, "lookup of a deleted program", ENOENT,
		     typed_call(&map, bpfsys_map_lookup_elem, 3, 0, 0));
	typed_drop(&map);
	close(prog);
	close(other);
}

void map_update_elem__cpumap_queue(void **state)
{
	static const enum map_number types[] = {SHAPE_CPUMAP};

	refuse(state, types, COUNT_OF(types), 16385);
}

/* The first number behind the possible CPUs. */
void map_update_elem__cpumap_cpu(void **state)
{
	uint32_t cpus = kernel_possible_cpus();
	struct bpfsys_map_create_attr attr;
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_CPUMAP);
	typed_drop(&map);
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_CPUMAP;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = cpus + 1;
	map.fd = bpfsys_map_create(&attr);
	if (map.fd == -E2BIG)
		skip_case(state, "the kernel was built for the CPUs that it "
				 "has: a cpumap of more is E2BIG");
	need(state, "BPF_MAP_CREATE", map.fd);
	ret = typed_call(&map, bpfsys_map_update_elem, cpus, 192, 0);
	typed_drop(&map);
	expect_errno(state, ret);
}

void map_update_elem__devmap_device(void **state)
{
	static const enum map_number types[] = {SHAPE_DEVMAP_HASH,
						SHAPE_DEVMAP};

	refuse(state, types, COUNT_OF(types), 9999);
	refuse(state, types, 1, 0);
}

void map_update_elem__cgroup_storage_missing(void **state)
{
	static const enum map_number types[] = {SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE};

	refuse(state, types, COUNT_OF(types), 0);
}

/* Programs of another type; for another hook; and where there is no device. */
void map_update_elem__devmap_program(void **state)
{
	enum { LOOPBACK = 1 };
	int fds[] = {
		make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0),
		make_verdict_prog(state, BPF_PROG_TYPE_XDP, 0),
		make_trivial_prog(state, BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, 0),
	};
	int map_fd = make_map(state, BPF_MAP_TYPE_DEVMAP, 4, 8, 1, 0);
	struct bpf_devmap_val value;
	uint32_t key = 0;
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		value.ifindex = i == COUNT_OF(fds) - 1 ? 0 : LOOPBACK;
		value.bpf_prog.fd = fds[i];
		expect_errno(state, bpfsys_map_update_elem(&attr));
	}
	value.ifindex = LOOPBACK;
	value.bpf_prog.fd = fds[COUNT_OF(fds) - 1];
	expect_ok(state, "a device and a program for it",
		  bpfsys_map_update_elem(&attr));
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	close(map_fd);
}
