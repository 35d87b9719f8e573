// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD, and the sizing rules of the info structs: the kernel
 * fills what fits into info_len and says how much that was; bytes past what it
 * knows must be zero. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "ids.h"
#include "kernel.h"
#include "map_elem.h"

static void arm(struct world *world, union argument *attr)
{
	memset(world->out, 0, sizeof(world->out));
	attr->obj_info.bpf_fd = (uint32_t)world->map_fd;
	attr->obj_info.info_len = 80;
	attr->obj_info.info = bpfsys_ptr(world->out);
}

static void make(struct world *world)
{
	make_hash(world);
	world->id = id_of_map(world->state, world->map_fd);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_map_info info;

	(void)ret;
	memcpy(&info, world->out, sizeof(info));
	/* 80 bytes are less than any supported kernel's struct. */
	expect_u64(state, "info_len", 80, attr->obj_info.info_len);
	expect_u64(state, "info.type", BPF_MAP_TYPE_HASH, info.type);
	expect_u64(state, "info.id", world->id, info.id);
	expect_u64(state, "info.key_size", 8, info.key_size);
	expect_u64(state, "info.value_size", 8, info.value_size);
	expect_u64(state, "info.max_entries", 4, info.max_entries);
	expect_u64(state, "info.map_flags", 0, info.map_flags);
	expect_u64(state, "info.name", 0, (uint8_t)info.name[0]);
	expect_u64(state, "info.ifindex", 0, info.ifindex);
	expect_u64(state, "info.btf_id", 0, info.btf_id);
	expect_u64(state, "memory behind info_len", 0, info.map_extra);
}

const struct witness witness_obj_get_info_by_fd = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj_info.bpf_fd = CLOSED_FD;
}

void obj_get_info_by_fd__closed_fd(void **state)
{
	judge_broken(state, close_fd);
}

static void use_stdin(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj_info.bpf_fd = 0;
}

void obj_get_info_by_fd__not_an_object(void **state)
{
	judge_broken(state, use_stdin);
}

static void over_page(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj_info.info_len = (uint32_t)sysconf(_SC_PAGESIZE) + 1;
}

void obj_get_info_by_fd__info_over_page(void **state)
{
	judge_broken(state, over_page);
}

static void dirty_tail(struct world *world, union argument *attr)
{
	attr->obj_info.info_len = 512;
	world->out[511] = 1;
}

void obj_get_info_by_fd__info_tail_not_zero(void **state)
{
	judge_broken(state, dirty_tail);
}

static void null_info(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj_info.info = 0;
}

void obj_get_info_by_fd__null_info(void **state)
{
	judge_broken(state, null_info);
}

/* One call with info_len LEN on a buffer of zeros up to it and 0x5a behind. */
static int ask(struct world *world, int fd, uint32_t len, uint32_t *came)
{
	struct bpfsys_obj_info_attr attr;
	int ret;

	memset(world->out, 0, len);
	memset(world->out + len, 0x5a, sizeof(world->out) - len);
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = len;
	attr.info = bpfsys_ptr(world->out);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	*came = attr.info_len;
	return ret;
}

/* The size of the kernel's struct: what comes back of a request for more. */
static uint32_t kernel_info_size(struct world *world, int fd, const char *name)
{
	char type[32];
	uint32_t came, btf_size;
	int ret = ask(world, fd, 1024, &came);

	expect_ok(world->state, "info with room to spare", ret);
	expect_range(world->state, "info_len", 16, 512, came);
	snprintf(type, sizeof(type), "bpf_%s_info", name);
	btf_size = kernel_struct_size(type);
	if (btf_size)
		expect_u64(world->state, "info_len as in the kernel's BTF",
			   btf_size, came);
	return came;
}

/* Every info_len from 0 past the kernel's size gives the same bytes, cut, and
 * none behind; a byte past the kernel's size must be zero. */
static void check_info_sizes(struct world *world, int fd, const char *name)
{
	uint32_t size = kernel_info_size(world, fd, name), came;
	void **state = world->state;
	uint8_t whole[512];
	int ret;

	memcpy(whole, world->out, sizeof(whole));
	for (uint32_t len = 0; len <= size + 16; len++) {
		uint32_t want = len < size ? len : size;

		ret = ask(world, fd, len, &came);
		expect_ok(state, "info of any length", ret);
		expect_u64(state, "info_len", want, came);
		expect_mem(state, "info", whole, world->out, want);
		for (uint32_t at = want; at < 512; at++)
			expect_u64(state, "memory behind the info",
				   at < len ? 0 : 0x5a, world->out[at]);
	}
}

static void check_info_tail(struct world *world, int fd, const char *name)
{
	uint32_t size = kernel_info_size(world, fd, name);
	struct bpfsys_obj_info_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info = bpfsys_ptr(world->out);
	for (uint32_t at = size; at < 1024; at++) {
		memset(world->out, 0, sizeof(world->out));
		world->out[at] = 1;
		attr.info_len = at + 1;
		expect_error(world->state, "a byte past the kernel's info",
			     E2BIG, bpfsys_obj_get_info_by_fd(&attr));
		expect_u64(world->state, "info_len after the call failed",
			   at + 1, attr.info_len);
	}
}

typedef void info_check(struct world *world, int fd, const char *name);

/* CHECK on an object of the kind that MAKE makes. */
static void on_object(void **state, void (*make_object)(struct world *),
		      const char *name, info_check *judge)
{
	const struct witness w = {.make = make_object};
	struct world world;
	int fd;

	world_make_for(&world, state, &w);
	fd = strcmp(name, "prog") == 0	? world.prog_fd
	     : strcmp(name, "map") == 0 ? world.map_fd
	     : strcmp(name, "btf") == 0 ? world.btf_fd
					: world.link_fd;
	judge(&world, fd, name);
	world_drop(&world);
}

void obj_get_info_by_fd__prog_sizes(void **state)
{
	on_object(state, make_prog_id, "prog", check_info_sizes);
}

void obj_get_info_by_fd__map_sizes(void **state)
{
	on_object(state, make_map_id, "map", check_info_sizes);
}

void obj_get_info_by_fd__btf_sizes(void **state)
{
	on_object(state, make_btf_id, "btf", check_info_sizes);
}

void obj_get_info_by_fd__link_sizes(void **state)
{
	on_object(state, make_link_id, "link", check_info_sizes);
}

void obj_get_info_by_fd__prog_tail(void **state)
{
	on_object(state, make_prog_id, "prog", check_info_tail);
}

void obj_get_info_by_fd__map_tail(void **state)
{
	on_object(state, make_map_id, "map", check_info_tail);
}

void obj_get_info_by_fd__btf_tail(void **state)
{
	on_object(state, make_btf_id, "btf", check_info_tail);
}

void obj_get_info_by_fd__link_tail(void **state)
{
	on_object(state, make_link_id, "link", check_info_tail);
}

/* The four kinds of object are told of by code of their own. */
static void judge_read_only(struct world *world, int fd, const char *name)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpfsys_obj_info_attr attr;
	void *info =
		mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	(void)name;
	need(world->state, "mmap", info == MAP_FAILED ? -errno : 0);
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = 16;
	attr.info = bpfsys_ptr(info);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	munmap(info, page);
	expect_errno(world->state, ret);
}

void obj_get_info_by_fd__read_only_info(void **state)
{
	on_object(state, make_prog_id, "prog", judge_read_only);
	on_object(state, make_map_id, "map", judge_read_only);
	on_object(state, make_btf_id, "btf", judge_read_only);
	on_object(state, make_link_id, "link", judge_read_only);
}

void obj_get_info_by_fd__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}
