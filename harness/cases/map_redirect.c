// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Elements of the maps that XDP redirects to, devices and CPUs: a number and a
 * program, which goes in as a descriptor and comes out as an id. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "known.h"
#include "map_elem.h"
#include "progs.h"

#define LOOPBACK   1
#define QUEUE_SIZE 192

/* struct bpf_devmap_val and struct bpf_cpumap_val. */
struct target {
	uint32_t number; /* ifindex; qsize */
	uint32_t prog;	 /* a descriptor in, an id out */
};

struct targets {
	void **state;
	int map_fd, prog_fd;
	uint32_t prog_id;
};

static void make_targets(struct targets *t, void **state, uint32_t type,
			 uint32_t attach_type)
{
	t->state = state;
	t->map_fd = make_map(state, type, 4, sizeof(struct target), 1, 0);
	t->prog_fd = make_trivial_prog(state, BPF_PROG_TYPE_XDP, attach_type,
				       XDP_PASS);
	t->prog_id = id_of_prog(state, t->prog_fd);
}

static void drop_targets(struct targets *t)
{
	close(t->prog_fd);
	close(t->map_fd);
}

static int call(struct targets *t,
		int (*fn)(const struct bpfsys_map_elem_attr *attr),
		uint32_t *key, struct target *value)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)t->map_fd;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	return fn(&attr);
}

static int store(struct targets *t, uint32_t key, uint32_t number, int prog_fd)
{
	struct target value = {number, (uint32_t)prog_fd};

	return call(t, bpfsys_map_update_elem, &key, &value);
}

static int delete (struct targets *t, uint32_t key)
{
	return call(t, bpfsys_map_delete_elem, &key, NULL);
}

/* Under KEY there is NUMBER with the program's id, or with none. */
static void expect_target(struct targets *t, uint32_t key, uint32_t number,
			  uint32_t prog_id)
{
	struct target value = {UINT32_MAX, UINT32_MAX};

	expect_ok(t->state, "lookup",
		  call(t, bpfsys_map_lookup_elem, &key, &value));
	expect_u64(t->state, "ifindex or qsize", number, value.number);
	expect_u64(t->state, "bpf_prog.id", prog_id, value.prog);
}

static void expect_nothing(struct targets *t, const char *what, uint32_t key)
{
	struct target value;

	expect_error(t->state, what, ENOENT,
		     call(t, bpfsys_map_lookup_elem, &key, &value));
}

void map_update_elem__devmap_hash_element(void **state)
{
	struct targets t;
	uint32_t next;

	make_targets(&t, state, BPF_MAP_TYPE_DEVMAP_HASH, BPF_XDP_DEVMAP);
	expect_ok(state, "a device", store(&t, 7, LOOPBACK, 0));
	expect_target(&t, 7, LOOPBACK, 0);
	expect_ok(state, "another element under the key of a full map",
		  store(&t, 7, LOOPBACK, t.prog_fd));
	expect_target(&t, 7, LOOPBACK, t.prog_id);
	expect_error(state, "a second element", E2BIG,
		     store(&t, 8, LOOPBACK, 0));
	expect_ok(state, "the first key",
		  call(&t, bpfsys_map_get_next_key, NULL,
		       (struct target *)&next));
	expect_u64(state, "the first key", 7, next);
	expect_error(state, "the key behind it", ENOENT,
		     call(&t, bpfsys_map_get_next_key, &next,
			  (struct target *)&next));
	drop_targets(&t);
}

/* The map counts its elements: one that is deleted makes room for another. */
void map_delete_elem__devmap_hash_element(void **state)
{
	struct targets t;

	make_targets(&t, state, BPF_MAP_TYPE_DEVMAP_HASH, BPF_XDP_DEVMAP);
	for (uint32_t key = 1; key < 4; key++) {
		expect_ok(state, "an element in an empty map",
			  store(&t, key, LOOPBACK, t.prog_fd));
		expect_ok(state, "delete", delete (&t, key));
		expect_nothing(&t, "a deleted element", key);
		expect_error(state, "delete again", ENOENT, delete (&t, key));
	}
	drop_targets(&t);
}

/* What fdinfo says that the map takes; the same all the time where the kernel
 * does not count elements. */
static void map_memory(struct targets *t, char *text, size_t size)
{
	fdinfo_value(t->state, t->map_fd, "memlock", text, size);
}

/* The slots of a devmap are there from the beginning: emptying an empty one
 * succeeds, and leaves what the map counts as its memory. */
void map_delete_elem__devmap_slot(void **state)
{
	char before[32], after[32];
	struct targets t;

	make_targets(&t, state, BPF_MAP_TYPE_DEVMAP, BPF_XDP_DEVMAP);
	map_memory(&t, before, sizeof(before));
	expect_ok(state, "a device and a program",
		  store(&t, 0, LOOPBACK, t.prog_fd));
	expect_target(&t, 0, LOOPBACK, t.prog_id);
	expect_ok(state, "delete", delete (&t, 0));
	expect_nothing(&t, "a deleted element", 0);
	expect_ok(state, "delete again", delete (&t, 0));
	map_memory(&t, after, sizeof(after));
	drop_targets(&t);
	expect_true(state, "memlock is what it was before the element",
		    strcmp(before, after) == 0);
}

void map_update_elem__devmap_zero(void **state)
{
	struct targets t;

	make_targets(&t, state, BPF_MAP_TYPE_DEVMAP, BPF_XDP_DEVMAP);
	expect_ok(state, "a device", store(&t, 0, LOOPBACK, 0));
	expect_target(&t, 0, LOOPBACK, 0);
	expect_ok(state, "ifindex 0", store(&t, 0, 0, 0));
	expect_nothing(&t, "an element of ifindex 0", 0);
	drop_targets(&t);
}

void map_update_elem__cpumap_element(void **state)
{
	struct targets t;

	make_targets(&t, state, BPF_MAP_TYPE_CPUMAP, BPF_XDP_CPUMAP);
	expect_ok(state, "a queue", store(&t, 0, QUEUE_SIZE, 0));
	expect_target(&t, 0, QUEUE_SIZE, 0);
	expect_ok(state, "a queue and a program",
		  store(&t, 0, 2 * QUEUE_SIZE, t.prog_fd));
	expect_target(&t, 0, 2 * QUEUE_SIZE, t.prog_id);
	expect_ok(state, "qsize 0", store(&t, 0, 0, 0));
	expect_nothing(&t, "an element of qsize 0", 0);
	expect_ok(state, "a queue again", store(&t, 0, QUEUE_SIZE, 0));
	expect_ok(state, "delete", delete (&t, 0));
	expect_nothing(&t, "a deleted element", 0);
	expect_ok(state, "delete again", delete (&t, 0));
	drop_targets(&t);
}

/* A program for a devmap, and one for no map, in a cpumap. */
void map_update_elem__cpumap_program(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_XDP, XDP_PASS);
	struct targets t;
	int other, none;

	make_targets(&t, state, BPF_MAP_TYPE_CPUMAP, BPF_XDP_DEVMAP);
	expect_ok(state, "a queue", store(&t, 0, QUEUE_SIZE, 0));
	other = store(&t, 0, 1, t.prog_fd);
	none = store(&t, 0, 1, prog_fd);
	/* What was there stays. */
	expect_target(&t, 0, QUEUE_SIZE, 0);
	drop_targets(&t);
	close(prog_fd);
	if (other == -ENOMEM && none == -ENOMEM && is_known(state, "-ENOMEM"))
		return;
	expect_errno(state, other);
	expect_errno(state, none);
}
