// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE: tokens, exclusive maps, and no descriptor left. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "map_shape.h"

/* FD as the token of a queue. */
static void with_token(void **state, int fd)
{
	struct shaped shaped;

	shape_need(state, SHAPE_QUEUE, &shaped);
	shaped.attr.map_flags = BPFABI_F_TOKEN_FD;
	if (!kernel_offers(state, "bpf_attr.map_token_fd", BPFSYS_KV(6, 9))) {
		expect_error(state, "BPF_F_TOKEN_FD before 6.9", EINVAL,
			     try_create(&shaped.attr));
		skip_case(state, "no map_token_fd: EINVAL");
	}
	shaped.attr.map_token_fd = fd;
	refuse_create(state, "map_token_fd", &shaped.attr);
}

void map_create__closed_token(void **state)
{
	with_token(state, CLOSED_FD);
}

void map_create__not_a_token(void **state)
{
	int fd = shape_make(state, SHAPE_ARRAY);

	with_token(state, 0);
	with_token(state, fd);
	close(fd);
}

/* Looked at with its flag only. */
void map_create__token_ignored(void **state)
{
	struct shaped shaped;
	int ret;
	bool has =
		kernel_offers(state, "bpf_attr.map_token_fd", BPFSYS_KV(6, 9));

	shape_need(state, SHAPE_QUEUE, &shaped);
	shaped.attr.map_token_fd = CLOSED_FD;
	ret = try_create(&shaped.attr);
	if (has)
		expect_ok(state, "map_token_fd without BPF_F_TOKEN_FD", ret);
	else
		expect_error(state, "map_token_fd before 6.9", EINVAL, ret);
}

static const uint8_t hash[32] = {1, 2, 3};

/* A good hash map for the program with the hash of SIZE bytes at PTR. */
static void fill_exclusive(void **state, struct shaped *shaped, const void *ptr,
			   uint32_t size)
{
	shape_need(state, SHAPE_HASH, shaped);
	shaped->attr.excl_prog_hash = bpfsys_ptr(ptr);
	shaped->attr.excl_prog_hash_size = size;
}

static void need_exclusive(void **state)
{
	struct shaped shaped;
	int ret;

	fill_exclusive(state, &shaped, hash, sizeof(hash));
	ret = try_create(&shaped.attr);
	if (kernel_offers(state, "bpf_attr.excl_prog_hash", BPFSYS_KV(6, 18))) {
		expect_ok(state, "a map for one program", ret);
		return;
	}
	expect_error(state, "excl_prog_hash before 6.18", EINVAL, ret);
	skip_case(state, "no excl_prog_hash: EINVAL");
}

void map_create__exclusive_hash_size(void **state)
{
	static const uint32_t sizes[] = {0, 1, 31, 33, 64};
	struct shaped shaped;

	need_exclusive(state);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		fill_exclusive(state, &shaped, hash, sizes[i]);
		refuse_create(state, "excl_prog_hash_size", &shaped.attr);
	}
}

void map_create__exclusive_size_alone(void **state)
{
	struct shaped shaped;

	need_exclusive(state);
	fill_exclusive(state, &shaped, NULL, sizeof(hash));
	refuse_create(state, "excl_prog_hash_size alone", &shaped.attr);
}

void map_create__exclusive_unreadable(void **state)
{
	struct shaped shaped;

	need_exclusive(state);
	fill_exclusive(state, &shaped, (void *)8, sizeof(hash));
	refuse_create(state, "excl_prog_hash", &shaped.attr);
}

/* Another program cannot even be loaded with the map. */
void map_create__exclusive_map(void **state)
{
	struct bpfsys_prog_load_attr attr;
	struct shaped shaped;
	int ret, fd;

	need_exclusive(state);
	fill_exclusive(state, &shaped, hash, sizeof(hash));
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	{
		const struct bpf_insn insns[] = {LD_MAP_FD(BPF_REG_1, fd),
						 MOV64_IMM(BPF_REG_0, 0),
						 EXIT()};

		fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns,
			  COUNT_OF(insns));
		ret = bpfsys_prog_load(&attr);
		close_if_fd(ret);
	}
	close(fd);
	expect_error(state, "a program with another program's map", EACCES,
		     ret);
}

/* Neither as the template nor as a value. */
void map_create__inner_exclusive(void **state)
{
	struct shaped inner, outer;
	int fd, ret;

	need_exclusive(state);
	fill_exclusive(state, &inner, hash, sizeof(hash));
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&inner.attr));
	shape_need(state, SHAPE_ARRAY_OF_MAPS, &outer);
	outer.attr.inner_map_fd = (uint32_t)fd;
	ret = try_create(&outer.attr);
	shape_drop(&outer);
	close(fd);
	if (ret < 0 || !is_known(state, "success"))
		expect_errno(state, ret);
}

/* No descriptor above those that are open. */
void map_create__no_descriptor(void **state)
{
	struct rlimit old, none;
	struct shaped shaped;
	int ret;

	shape_need(state, SHAPE_HASH, &shaped);
	need(state, "getrlimit", getrlimit(RLIMIT_NOFILE, &old) ? -errno : 0);
	none = old;
	none.rlim_cur = 1;
	need(state, "setrlimit", setrlimit(RLIMIT_NOFILE, &none) ? -errno : 0);
	ret = try_create(&shaped.attr);
	need(state, "setrlimit", setrlimit(RLIMIT_NOFILE, &old) ? -errno : 0);
	expect_errno(state, ret);
}
