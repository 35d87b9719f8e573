// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The hash of a map's content, by which a signed loader knows it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

/* SHA-256 of the numbers 1, 2, 3 and 4 of 8 bytes, little-endian. */
static const uint8_t hash_of_four[32] = {
	0x73, 0xe2, 0x00, 0xe2, 0xb0, 0x48, 0xc8, 0x6d, 0x4e, 0x8c, 0x86,
	0xb8, 0x6b, 0xf6, 0x2b, 0xbd, 0xa8, 0x4c, 0x73, 0x84, 0xe3, 0x4e,
	0x25, 0x0b, 0x01, 0xaa, 0x30, 0xab, 0x29, 0xd2, 0x34, 0xa4,
};

/* Of 01 02 03 04 05 and three bytes of padding, twice. */
static const uint8_t hash_of_padded[32] = {
	0x25, 0x9b, 0x0b, 0x85, 0x56, 0x07, 0xea, 0xe5, 0xb0, 0xe0, 0x90,
	0x90, 0x54, 0x58, 0x1d, 0x37, 0x90, 0xbe, 0x41, 0xcf, 0x2e, 0xe4,
	0xa6, 0xf3, 0xe4, 0x9d, 0xf3, 0xab, 0x72, 0xd4, 0x73, 0x00,
};

/* Four numbers of 8 bytes in a map of TYPE, frozen or not. */
static int make_numbers(void **state, uint32_t type, bool freeze)
{
	struct bpfsys_map_elem_attr attr;
	int fd;

	if (!kernel_offers(state, "bpf_map_info.hash", BPFSYS_KV(6, 18)))
		skip_case(state, "bpf_map_info has no hash");
	fd = make_map(state, type, 4, 8, 4, 0);
	for (uint32_t i = 0; i < 4; i++) {
		const uint8_t value[8] = {(uint8_t)(i + 1)};

		put_elem(state, fd, &i, value);
	}
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	if (freeze)
		need(state, "BPF_MAP_FREEZE", bpfsys_map_freeze(&attr));
	return fd;
}

static int ask_hash(int fd, void *hash, uint32_t size)
{
	struct bpfsys_obj_info_attr attr;
	struct bpfsys_map_info info;

	memset(&info, 0, sizeof(info));
	info.hash = bpfsys_ptr(hash);
	info.hash_size = size;
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info = bpfsys_ptr(&info);
	attr.info_len = sizeof(info);
	return bpfsys_obj_get_info_by_fd(&attr);
}

void obj_get_info_by_fd__map_hash(void **state)
{
	int fd = make_numbers(state, BPF_MAP_TYPE_ARRAY, true);
	uint8_t hash[33];

	memset(hash, 0x5a, sizeof(hash));
	expect_ok(state, "info with the hash", ask_hash(fd, hash, 32));
	close(fd);
	expect_mem(state, "hash of four numbers", hash_of_four, hash, 32);
	expect_u64(state, "the byte behind it", 0x5a, hash[32]);
}

/* Elements are 8 bytes apart, and what is between is of the content. */
void obj_get_info_by_fd__map_hash_padded(void **state)
{
	static const uint8_t value[5] = {1, 2, 3, 4, 5};
	struct bpfsys_map_elem_attr attr;
	uint8_t hash[32];
	int fd;

	close(make_numbers(state, BPF_MAP_TYPE_ARRAY, true));
	fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, sizeof(value), 2, 0);
	put_elem(state, fd, &(uint32_t){0}, value);
	put_elem(state, fd, &(uint32_t){1}, value);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	need(state, "BPF_MAP_FREEZE", bpfsys_map_freeze(&attr));
	expect_ok(state, "info with the hash", ask_hash(fd, hash, 32));
	close(fd);
	expect_mem(state, "hash of five bytes, twice", hash_of_padded, hash,
		   32);
}

/* What it answers is the row's, and nothing is written. */
static void refuse_hash(void **state, uint32_t type, bool freeze, uint32_t size)
{
	int ret, fd = make_numbers(state, type, freeze);
	uint8_t hash[64], before[64];

	memset(hash, 0x5a, sizeof(hash));
	memset(before, 0x5a, sizeof(before));
	ret = ask_hash(fd, hash, size);
	close(fd);
	expect_errno(state, ret);
	expect_mem(state, "room for the hash", before, hash, sizeof(hash));
}

void obj_get_info_by_fd__hash_of_other_type(void **state)
{
	refuse_hash(state, BPF_MAP_TYPE_HASH, true, 32);
}

void obj_get_info_by_fd__hash_size(void **state)
{
	int ret, fd;

	refuse_hash(state, BPF_MAP_TYPE_ARRAY, true, 31);
	refuse_hash(state, BPF_MAP_TYPE_ARRAY, true, 33);
	refuse_hash(state, BPF_MAP_TYPE_ARRAY, true, 0);
	fd = make_numbers(state, BPF_MAP_TYPE_ARRAY, true);
	ret = ask_hash(fd, NULL, 32);
	close(fd);
	expect_errno(state, ret);
}

void obj_get_info_by_fd__hash_not_frozen(void **state)
{
	refuse_hash(state, BPF_MAP_TYPE_ARRAY, false, 32);
}

void obj_get_info_by_fd__hash_unwritable(void **state)
{
	int fd = make_numbers(state, BPF_MAP_TYPE_ARRAY, true);
	int ret = ask_hash(fd, (void *)(uintptr_t)BAD_ADDRESS, 32);

	close(fd);
	expect_errno(state, ret);
}
