// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Storage of cgroups: elements that an attachment makes and the end of the
 * cgroup takes away, for programs and user space alike. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "cgroups.h"
#include "kernel.h"
#include "known.h"
#include "links.h"
#include "map_elem.h"
#include "map_shape.h"

#define STORED_AT BPF_CGROUP_INET_SOCK_CREATE

/* struct bpf_cgroup_storage_key, as wide as any kernel reads and writes it. */
struct storage_key {
	uint64_t cgroup;
	uint32_t hook;
	uint32_t zero;
};

struct storage {
	void **state;
	struct cgroups cgroups;
	int map_fd, prog_fd;
	struct storage_key key; /* of the cgroup above, at STORED_AT */
	uint32_t cpus;		/* values of an element */
	uint64_t values[256];
};

static const enum map_number types[] = {SHAPE_CGROUP_STORAGE,
					SHAPE_PERCPU_CGROUP_STORAGE};

/* For STORED_AT and the other hooks of sockets: counts in its cgroup's storage
 * how often it ran, and lets all pass. */
static int make_counting(void **state, int map_fd, uint32_t hook)
{
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, map_fd),
		MOV64_IMM(BPF_REG_2, 0),
		CALL_HELPER(BPF_FUNC_get_local_storage),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_0, 0),
		ADD64_IMM(BPF_REG_1, 1),
		STX(BPF_DW, BPF_REG_0, BPF_REG_1, 0),
		MOV64_IMM(BPF_REG_0, 1),
		EXIT(),
	};

	return make_prog(state, BPF_PROG_TYPE_CGROUP_SOCK, hook, insns,
			 COUNT_OF(insns));
}

/* A map of TYPE with keys of KEY_SIZE bytes, or the case is skipped. */
static int make_storage_map(void **state, enum map_number type,
			    uint32_t key_size)
{
	struct shaped shaped;
	int fd;

	shape_need(state, type, &shaped);
	shaped.attr.key_size = key_size;
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	return fd;
}

/* The two cgroups, the map, and a program that is attached nowhere yet. */
static void storage_make(struct storage *storage, void **state,
			 enum map_number type, uint32_t key_size)
{
	memset(storage, 0, sizeof(*storage));
	storage->state = state;
	storage->map_fd = make_storage_map(state, type, key_size);
	storage->prog_fd = make_counting(state, storage->map_fd, STORED_AT);
	cgroups_make(&storage->cgroups, state, 0);
	storage->key.cgroup = id_of_cgroup(&storage->cgroups.above);
	storage->key.hook = STORED_AT;
	storage->cpus = type == SHAPE_PERCPU_CGROUP_STORAGE
				? kernel_possible_cpus()
				: 1;
	need(state, "room for a value of each CPU",
	     storage->cpus <= COUNT_OF(storage->values) ? 0 : -E2BIG);
}

static void storage_drop(struct storage *storage)
{
	close(storage->prog_fd);
	close(storage->map_fd);
	cgroups_drop(&storage->cgroups);
}

static int attach_counting(struct storage *storage, int dir_fd)
{
	return need(storage->state, "BPF_PROG_ATTACH",
		    attach_at(dir_fd, STORED_AT, storage->prog_fd,
			      BPF_F_ALLOW_MULTI));
}

/* The element of the cgroup above: its values, or what the lookup answers. */
static int look(struct storage *storage)
{
	memset(storage->values, 0x7f, sizeof(storage->values));
	return lookup_value(storage->map_fd, &storage->key, storage->values);
}

/* It is there, and its values come to SUM. */
static void expect_sum(struct storage *storage, const char *what, uint64_t want)
{
	uint64_t sum = 0;

	expect_ok(storage->state, what, look(storage));
	for (uint32_t i = 0; i < storage->cpus; i++)
		sum += storage->values[i];
	expect_u64(storage->state, what, want, sum);
}

/* A process in the cgroup above makes a socket, of which the program hears. */
static void run_counting(struct storage *storage)
{
	int err = act_in(storage->state, storage->cgroups.above.dir_fd,
			 act_socket);

	need(storage->state, "socket", -err);
}

static void judge_storage(void **state, enum map_number type)
{
	struct storage storage;

	storage_make(&storage, state, type, kernel_cgroup_storage_key());
	expect_error(state, "a lookup before the program is attached", ENOENT,
		     look(&storage));
	attach_counting(&storage, storage.cgroups.above.dir_fd);
	expect_sum(&storage, "storage of a program that did not run", 0);
	run_counting(&storage);
	expect_sum(&storage, "storage of a program that ran once", 1);
	storage.key.hook = BPF_CGROUP_INET4_POST_BIND;
	expect_error(state, "a lookup of another hook", ENOENT, look(&storage));
	storage.key.hook = STORED_AT;
	storage.key.cgroup = id_of_cgroup(&storage.cgroups.below);
	expect_error(state, "a lookup of the cgroup below", ENOENT,
		     look(&storage));
	storage_drop(&storage);
}

void map_lookup_elem__cgroup_storage(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		judge_storage(state, types[i]);
}

static int update(struct storage *storage, uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)storage->map_fd;
	attr.key = bpfsys_ptr(&storage->key);
	attr.value = bpfsys_ptr(storage->values);
	attr.flags = flags;
	return bpfsys_map_update_elem(&attr);
}

/* Each CPU's value is another; the program finds them. */
static void judge_update(void **state, enum map_number type, uint64_t flags)
{
	uint64_t want[256] = {0}, sum = 1;
	struct storage storage;

	storage_make(&storage, state, type, kernel_cgroup_storage_key());
	attach_counting(&storage, storage.cgroups.above.dir_fd);
	for (uint32_t i = 0; i < storage.cpus; i++)
		sum += want[i] = 0x100000001 * (i + 1);
	memcpy(storage.values, want, sizeof(want));
	expect_ok(state, "an update of storage", update(&storage, flags));
	expect_ok(state, "a lookup of storage", look(&storage));
	expect_mem(state, "the values that were stored", want, storage.values,
		   storage.cpus * sizeof(want[0]));
	run_counting(&storage);
	expect_sum(&storage, "what the program made of them", sum);
	storage_drop(&storage);
}

void map_update_elem__cgroup_storage(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		judge_update(state, types[i], BPF_ANY);
		judge_update(state, types[i], BPF_EXIST);
	}
}

/* The key behind KEY, in *NEXT. */
static int next_key(struct storage *storage, const void *key,
		    struct storage_key *next)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)storage->map_fd;
	attr.key = key ? bpfsys_ptr(key) : 0;
	attr.next_key = bpfsys_ptr(next);
	return bpfsys_map_get_next_key(&attr);
}

/* Both cgroups have an element; which comes first is not said. What the key
 * behind the last is. */
static int walk_two(struct storage *storage)
{
	struct storage_key key = {0}, other = {0};
	void **state = storage->state;

	expect_ok(state, "the first key", next_key(storage, NULL, &key));
	expect_u64(state, "its hook", STORED_AT, key.hook);
	expect_ok(state, "the second key", next_key(storage, &key, &other));
	expect_u64(state, "its hook", STORED_AT, other.hook);
	expect_u64(state, "the cgroups of both, exclusive or",
		   id_of_cgroup(&storage->cgroups.below) ^ storage->key.cgroup,
		   key.cgroup ^ other.cgroup);
	return next_key(storage, &other, &key);
}

static int judge_walk(void **state, enum map_number type)
{
	struct storage_key key = {0};
	struct storage storage;
	int end;

	storage_make(&storage, state, type, kernel_cgroup_storage_key());
	expect_error(state, "the first key of an empty map", ENOENT,
		     next_key(&storage, NULL, &key));
	attach_counting(&storage, storage.cgroups.above.dir_fd);
	expect_ok(state, "the only key", next_key(&storage, NULL, &key));
	expect_u64(state, "its cgroup", storage.key.cgroup, key.cgroup);
	attach_counting(&storage, storage.cgroups.below.dir_fd);
	end = walk_two(&storage);
	storage.key.hook = BPF_CGROUP_INET4_POST_BIND;
	expect_error(state, "the key behind one that is not there", ENOENT,
		     next_key(&storage, &storage.key, &key));
	storage_drop(&storage);
	return end;
}

void map_get_next_key__cgroup_storage(void **state)
{
	int ends[COUNT_OF(types)];

	for (size_t i = 0; i < COUNT_OF(types); i++)
		ends[i] = judge_walk(state, types[i]);
	if (ends[0] == 0 && ends[1] == 0 && is_known(state, "success"))
		return;
	for (size_t i = 0; i < COUNT_OF(types); i++)
		expect_error(state, "the key behind the last", ENOENT, ends[i]);
}

/* Keys that name a cgroup alone: kernel/bpf/local_storage.c,
 * attach_type_isolated(). */
static void judge_shared(void **state, enum map_number type)
{
	struct storage_key key = {0};
	struct storage storage;
	int fd;

	storage_make(&storage, state, type, sizeof(key.cgroup));
	fd = make_counting(state, storage.map_fd, BPF_CGROUP_INET_SOCK_RELEASE);
	attach_counting(&storage, storage.cgroups.above.dir_fd);
	need(state, "BPF_PROG_ATTACH at another hook",
	     attach_at(storage.cgroups.above.dir_fd,
		       BPF_CGROUP_INET_SOCK_RELEASE, fd, BPF_F_ALLOW_MULTI));
	expect_ok(state, "the first key", next_key(&storage, NULL, &key));
	expect_u64(state, "its cgroup", storage.key.cgroup, key.cgroup);
	expect_u64(state, "what is behind its 8 bytes", 0, key.hook);
	expect_sum(&storage, "storage of programs that did not run", 0);
	run_counting(&storage);
	expect_sum(&storage, "storage behind a socket's begin and end", 2);
	close(fd);
	storage_drop(&storage);
}

void map_lookup_elem__cgroup_storage_shared(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		judge_shared(state, types[i]);
}

/* It is the cgroup's and the map's, not the attachment's. */
void map_lookup_elem__cgroup_storage_kept(void **state)
{
	struct storage storage;
	int fd, above;

	storage_make(&storage, state, SHAPE_CGROUP_STORAGE,
		     kernel_cgroup_storage_key());
	above = storage.cgroups.above.dir_fd;
	fd = make_counting(state, storage.map_fd, STORED_AT);
	attach_counting(&storage, above);
	run_counting(&storage);
	need(state, "BPF_PROG_DETACH",
	     detach_at(above, STORED_AT, storage.prog_fd));
	expect_sum(&storage, "storage behind the detach", 1);
	need(state, "BPF_PROG_ATTACH of another program",
	     attach_at(above, STORED_AT, fd, BPF_F_ALLOW_MULTI));
	run_counting(&storage);
	expect_sum(&storage, "storage behind a run of the other", 2);
	close(fd);
	storage_drop(&storage);
}

/* The kernel lets go in a work item: cgroup_bpf_release(). */
static void judge_removed(void **state, enum map_number type)
{
	struct storage storage;
	int before, ret = 0;

	storage_make(&storage, state, type, kernel_cgroup_storage_key());
	attach_counting(&storage, storage.cgroups.above.dir_fd);
	before = look(&storage);
	cgroups_drop(&storage.cgroups);
	for (int i = 0; i < 500 && ret == 0; i++) {
		ret = look(&storage);
		usleep(ret == 0 ? 10000 : 0);
	}
	close(storage.prog_fd);
	close(storage.map_fd);
	expect_ok(state, "a lookup before the end of the cgroup", before);
	expect_error(state, "a lookup behind it", ENOENT, ret);
}

void map_lookup_elem__cgroup_storage_removed(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		judge_removed(state, types[i]);
}

/* BPF_LINK_UPDATE to PROG_FD, which is closed. */
static int update_to(int link_fd, int prog_fd)
{
	int ret = link_update_to(link_fd, prog_fd);

	close(prog_fd);
	return ret;
}

/* Storage hangs at the place of the attachment, for the map of the program that
 * was there first. */
void link_update__other_storage(void **state)
{
	const uint32_t key_size = kernel_cgroup_storage_key();
	struct storage storage;
	int link_fd, map_fd, same, other, none;

	storage_make(&storage, state, SHAPE_CGROUP_STORAGE, key_size);
	map_fd = make_storage_map(state, SHAPE_CGROUP_STORAGE, key_size);
	link_fd = need(state, "BPF_LINK_CREATE",
		       link_at(storage.cgroups.above.dir_fd, STORED_AT,
			       storage.prog_fd));
	same = update_to(link_fd,
			 make_counting(state, storage.map_fd, STORED_AT));
	other = update_to(link_fd, make_counting(state, map_fd, STORED_AT));
	none = update_to(link_fd,
			 make_trivial_prog(state, BPF_PROG_TYPE_CGROUP_SOCK,
					   STORED_AT, 1));
	close(link_fd);
	close(map_fd);
	storage_drop(&storage);
	expect_ok(state, "an update to a program with the same map", same);
	if (other == 0 && none == 0 && is_known(state, "success"))
		return;
	expect_errno(state, other);
	expect_errno(state, none);
}
