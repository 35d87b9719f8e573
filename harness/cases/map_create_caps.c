// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps and capabilities: what BPF_MAP_CREATE wants of its caller, and that a
 * descriptor is all that the other commands want. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"
#include "map_types.h"
#include "unpriv.h"

#define BPF   CAP_BIT(CAP_BPF)
#define NET   CAP_BIT(CAP_NET_ADMIN)
#define SYS   CAP_BIT(CAP_SYS_ADMIN)
#define EVERY (BPF | NET | SYS | CAP_BIT(CAP_PERFMON))

/* BPF_MAP_CREATE without CAPS, with the switch at VALUE. */
static int create_without(void **state, struct bpfsys_map_create_attr *attr,
			  uint64_t caps, char value)
{
	struct unpriv unpriv;
	int ret;

	unpriv_begin(&unpriv, state, value);
	drop_caps(state, caps);
	ret = try_create(attr);
	regain_caps(state);
	unpriv_end(&unpriv);
	return ret;
}

/* Each of TYPES is made, or is not, as the case's row says. */
static void each_without(void **state, const enum map_number *types,
			 size_t count, uint64_t caps, char value, bool made)
{
	struct run *run = *state;
	struct shaped shaped;
	int ret;

	for (size_t i = 0; i < count; i++) {
		if (!shape_fill(state, map_shape(types[i]), &shaped))
			continue;
		ret = create_without(state, &shaped.attr, caps, value);
		shape_drop(&shaped);
		if (made)
			expect_ok(state, map_shape(types[i])->name, ret);
		else
			expect_error(state, map_shape(types[i])->name,
				     run->which->err, ret);
	}
}

static const enum map_number open_to_all[] = {
	SHAPE_HASH,	    SHAPE_ARRAY,
	SHAPE_PERCPU_HASH,  SHAPE_PERCPU_ARRAY,
	SHAPE_PROG_ARRAY,   SHAPE_PERF_EVENT_ARRAY,
	SHAPE_CGROUP_ARRAY, SHAPE_ARRAY_OF_MAPS,
	SHAPE_HASH_OF_MAPS, SHAPE_RINGBUF,
	SHAPE_USER_RINGBUF, SHAPE_CGROUP_STORAGE,
	SHAPE_RHASH,	    SHAPE_PERCPU_CGROUP_STORAGE};

void map_create__unprivileged(void **state)
{
	each_without(state, open_to_all, COUNT_OF(open_to_all), EVERY, '2',
		     false);
}

void map_create__unprivileged_on(void **state)
{
	each_without(state, open_to_all, COUNT_OF(open_to_all), EVERY, '0',
		     true);
}

static const enum map_number for_bpf[] = {
	SHAPE_LRU_HASH,	     SHAPE_LRU_PERCPU_HASH,
	SHAPE_LPM_TRIE,	     SHAPE_QUEUE,
	SHAPE_STACK,	     SHAPE_BLOOM_FILTER,
	SHAPE_STRUCT_OPS,    SHAPE_CPUMAP,
	SHAPE_STACK_TRACE,   SHAPE_SK_STORAGE,
	SHAPE_INODE_STORAGE, SHAPE_TASK_STORAGE,
	SHAPE_CGRP_STORAGE,  SHAPE_ARENA,
	SHAPE_INSN_ARRAY,    SHAPE_REUSEPORT_SOCKARRAY};

void map_create__type_for_bpf(void **state)
{
	each_without(state, for_bpf, COUNT_OF(for_bpf), EVERY, '0', false);
}

/* CAP_BPF is enough for them. */
void map_create__cap_bpf(void **state)
{
	each_without(state, for_bpf, COUNT_OF(for_bpf), EVERY & ~BPF, '2',
		     true);
}

static const enum map_number for_net[] = {SHAPE_SOCKMAP, SHAPE_SOCKHASH,
					  SHAPE_DEVMAP, SHAPE_DEVMAP_HASH,
					  SHAPE_XSKMAP};

void map_create__type_for_net_admin(void **state)
{
	each_without(state, for_net, COUNT_OF(for_net), NET | SYS, '2', false);
}

void map_create__cap_net_admin(void **state)
{
	each_without(state, for_net, COUNT_OF(for_net), SYS, '2', true);
}

/* Every type is in one of the three lists. */
_Static_assert(COUNT_OF(open_to_all) + COUNT_OF(for_bpf) + COUNT_OF(for_net) ==
		       N_SHAPES,
	       "who may make maps of a type is said of every type");

/* BPF_MAP_CREATE of each of TYPES as CALLER is ERR; 0: is made. */
static void each_as(void **state, const enum map_number *types, size_t count,
		    enum caller caller, int err)
{
	const struct bpfsys_command *cmd =
		bpfsys_abi_command(BPFSYS_MAP_CREATE);
	union argument *attr = caller_memory(state);
	struct shaped shaped;
	int ret;

	for (size_t i = 0; i < count; i++) {
		if (!shape_fill(state, map_shape(types[i]), &shaped))
			continue;
		attr->map_create = shaped.attr;
		ret = call_as(state, caller, cmd, attr);
		close_if_fd(ret);
		shape_drop(&shaped);
		if (err)
			expect_error(state, map_shape(types[i])->name, err,
				     ret);
		else
			expect_ok(state, map_shape(types[i])->name, ret);
	}
	caller_memory_drop(attr);
}

/* Where the switch is 2: what of each list CALLER hears. */
static void types_as(void **state, enum caller caller, int all, int bpf,
		     int net)
{
	struct unpriv unpriv;

	unpriv_begin(&unpriv, state, '2');
	each_as(state, open_to_all, COUNT_OF(open_to_all), caller, all);
	each_as(state, for_bpf, COUNT_OF(for_bpf), caller, bpf);
	each_as(state, for_net, COUNT_OF(for_net), caller, net);
	unpriv_end(&unpriv);
}

void map_create__types_none(void **state)
{
	types_as(state, CALLER_NONE, EPERM, EPERM, EPERM);
}

void map_create__types_cap_bpf(void **state)
{
	types_as(state, ONLY_CAP_BPF, 0, 0, EPERM);
}

void map_create__types_cap_perfmon(void **state)
{
	types_as(state, ONLY_CAP_PERFMON, EPERM, EPERM, EPERM);
}

void map_create__types_cap_net_admin(void **state)
{
	types_as(state, ONLY_CAP_NET_ADMIN, EPERM, EPERM, EPERM);
}

/* Since there are tokens, in 6.9, CAP_SYS_ADMIN stands for CAP_NET_ADMIN. */
void map_create__types_cap_sys_admin(void **state)
{
	bool stands =
		kernel_offers(state, "bpf_attr.prog_token_fd", BPFSYS_KV(6, 9));

	types_as(state, ONLY_CAP_SYS_ADMIN, 0, 0, stands ? 0 : EPERM);
}

void map_create__types_userns(void **state)
{
	types_as(state, CALLER_USERNS, EPERM, EPERM, EPERM);
}

void map_create__zero_seed_for_admin(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_PERCPU_HASH,
						SHAPE_LRU_HASH,
						SHAPE_HASH_OF_MAPS};
	struct shaped shaped;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		shape_need(state, types[i], &shaped);
		shaped.attr.map_flags |= BPF_F_ZERO_SEED;
		ret = create_without(state, &shaped.attr, SYS, '2');
		shape_drop(&shaped);
		expect_errno(state, ret);
	}
}

/* Kernels with struct btf_record, since 6.2, look at who makes a map of spin
 * locks; older ones let everybody. */
void map_create__special_for_bpf(void **state)
{
	struct shaped shaped;
	int ret, btf_fd = make_types(state, false);

	shape_need(state, SHAPE_HASH, &shaped);
	type_values(&shaped.attr, btf_fd, TYPE_LOCKED);
	ret = create_without(state, &shaped.attr, EVERY, '0');
	close(btf_fd);
	if (ret >= 0 ||
	    (kernel_has_btf() && kernel_struct_id("btf_record") < 0)) {
		expect_ok(state, "a map of spin locks before 6.2", ret);
		expect_true(state, "no struct btf_record in the kernel's BTF",
			    kernel_struct_id("btf_record") < 0);
		skip_case(state, "before 6.2 everybody makes maps of locks");
	}
	expect_errno(state, ret);
}

void map_create__offload_for_admin(void **state)
{
	struct shaped shaped;

	shape_need(state, SHAPE_ARRAY, &shaped);
	shaped.attr.map_ifindex = 1;
	expect_errno(state, create_without(state, &shaped.attr, SYS, '2'));
}

/* The type is looked at before the caller since 6.5; before, all that a caller
 * without CAP_BPF hears is EPERM. */
void map_create__unprivileged_probing(void **state)
{
	bool looks = kernel_offers(state, "bpf_attr.path_fd", BPFSYS_KV(6, 5));
	struct shaped shaped;

	shape_need(state, SHAPE_HASH, &shaped);
	shaped.attr.map_type = 5000;
	expect_error(state, "an unknown type without CAP_BPF",
		     looks ? EINVAL : EPERM,
		     create_without(state, &shaped.attr, EVERY, '2'));
}

/* Whoever has the descriptor. 5.10 wants CAP_BPF of every caller of bpf(2). */
void map_lookup_elem__unprivileged(void **state)
{
	uint32_t offset, size;
	bool strict = kernel_member("bpf_map.memory", &offset, &size);
	struct typed map;
	int put, get, next, del;
	struct unpriv unpriv;

	typed_need(&map, state, SHAPE_HASH);
	unpriv_begin(&unpriv, state, '2');
	drop_caps(state, EVERY);
	put = typed_call(&map, bpfsys_map_update_elem, 1, 7, 0);
	get = typed_call(&map, bpfsys_map_lookup_elem, 1, 0, 0);
	next = typed_call(&map, bpfsys_map_get_next_key, 9, 0, 0);
	del = typed_call(&map, bpfsys_map_delete_elem, 1, 0, 0);
	regain_caps(state);
	unpriv_end(&unpriv);
	typed_drop(&map);
	expect_error(state, "update without CAP_BPF", strict ? EPERM : 0, put);
	expect_error(state, "lookup without CAP_BPF", strict ? EPERM : 0, get);
	expect_error(state, "next key without CAP_BPF", strict ? EPERM : 0,
		     next);
	expect_error(state, "delete without CAP_BPF", strict ? EPERM : 0, del);
}

/* Before 6.5, when the descriptor's mode was not enough, CAP_BPF was wanted. */
void map_freeze__unprivileged(void **state)
{
	bool mode = kernel_offers(state, "bpf_attr.path_fd", BPFSYS_KV(6, 5));
	struct bpfsys_map_elem_attr attr;
	int ret, fd = shape_make(state, SHAPE_ARRAY);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	drop_caps(state, EVERY);
	ret = bpfsys_map_freeze(&attr);
	regain_caps(state);
	close(fd);
	expect_error(state, "BPF_MAP_FREEZE without CAP_BPF", mode ? 0 : EPERM,
		     ret);
}
