// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of BTF: its bytes and its name. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

/* As much as there is room for; how much there is always comes back. */
void obj_get_info_by_fd__btf_bytes(void **state)
{
	uint8_t room[256], untouched[256];
	struct bpfsys_btf_info info;
	int fd = make_btf(state);
	uint32_t size;
	const void *blob = btf_blob(&size);

	memset(untouched, 0x5a, sizeof(untouched));
	for (uint32_t count = 0; count <= size + 1; count++) {
		uint32_t end = count < size ? count : size;

		memset(room, 0x5a, sizeof(room));
		memset(&info, 0, sizeof(info));
		info.btf = bpfsys_ptr(room);
		info.btf_size = count;
		expect_ok(state, "info of BTF",
			  ask_info(fd, &info, sizeof(info)));
		expect_mem(state, "what there is room for", blob, room, end);
		expect_mem(state, "memory behind it", untouched, room + end,
			   sizeof(room) - end);
		expect_u64(state, "btf_size", size, info.btf_size);
		expect_u64(state, "kernel_btf", 0, info.kernel_btf);
	}
	close(fd);
}

void obj_get_info_by_fd__btf_unwritable(void **state)
{
	struct bpfsys_btf_info info, before;
	int fd = make_btf(state);

	memset(&info, 0, sizeof(info));
	info.btf = BAD_ADDRESS;
	info.btf_size = 1;
	before = info;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	close(fd);
	expect_mem(state, "the info, which stays", &before, &info,
		   sizeof(info));
}

/* The kernel's own BTF has a name, and the first id. */
static int open_kernel_btf(void **state)
{
	struct bpfsys_get_id_attr get;
	uint32_t id;

	if (!kernel_offers(state, "bpf_btf_info.name", BPFSYS_KV(5, 11)))
		skip_case(state, "bpf_btf_info has no name");
	memset(&get, 0, sizeof(get));
	if (bpfsys_btf_get_next_id(&get) != 0)
		skip_case(state, "the kernel's BTF has no id: "
				 "BPF_BTF_GET_NEXT_ID finds none");
	id = get.next_id;
	memset(&get, 0, sizeof(get));
	get.btf_id = id;
	return need(state, "BPF_BTF_GET_FD_BY_ID",
		    bpfsys_btf_get_fd_by_id(&get));
}

static int ask_name(int fd, struct bpfsys_btf_info *info, const void *name,
		    uint32_t len)
{
	memset(info, 0, sizeof(*info));
	info->name = bpfsys_ptr(name);
	info->name_len = len;
	return ask_info(fd, info, sizeof(*info));
}

#define NAME "vmlinux"

/* name_len, without the NUL, is that of the name, and room must be for one. */
void obj_get_info_by_fd__btf_name(void **state)
{
	int fd = open_kernel_btf(state), own_fd = make_btf(state);
	struct bpfsys_btf_info info;
	char room[16];

	memset(room, 0x5a, sizeof(room));
	expect_ok(state, "info of the kernel's BTF",
		  ask_name(fd, &info, room, sizeof(NAME)));
	expect_mem(state, "name", NAME, room, sizeof(NAME));
	expect_u64(state, "the byte behind it", 0x5a,
		   (uint8_t)room[sizeof(NAME)]);
	expect_u64(state, "name_len", strlen(NAME), info.name_len);
	expect_u64(state, "kernel_btf", 1, info.kernel_btf);
	expect_ok(state, "info without room for the name",
		  ask_name(fd, &info, NULL, 0));
	expect_u64(state, "name_len", strlen(NAME), info.name_len);
	memset(room, 0x5a, sizeof(room));
	expect_ok(state, "info of BTF that has no name",
		  ask_name(own_fd, &info, room, sizeof(room)));
	expect_mem(state, "the empty name", "\0ZZZ", room, 4);
	expect_u64(state, "name_len of what has none", 0, info.name_len);
	expect_u64(state, "kernel_btf of what was loaded", 0, info.kernel_btf);
	close(own_fd);
	close(fd);
}

void obj_get_info_by_fd__btf_name_half(void **state)
{
	int fd = open_kernel_btf(state);
	struct bpfsys_btf_info info;
	char room[16];

	expect_errno(state, ask_name(fd, &info, room, 0));
	expect_errno(state, ask_name(fd, &info, NULL, sizeof(room)));
	close(fd);
}

/* Other than of links, the info is there, too. */
void obj_get_info_by_fd__btf_name_short(void **state)
{
	int fd = open_kernel_btf(state);
	struct bpfsys_btf_info info;
	char room[16];

	for (uint32_t len = 1; len < sizeof(NAME); len++) {
		memset(room, 0x5a, sizeof(room));
		expect_errno(state, ask_name(fd, &info, room, len));
		expect_mem(state, "what there is room for", NAME, room,
			   len - 1);
		expect_u64(state, "the NUL behind it", 0, room[len - 1]);
		expect_u64(state, "the byte behind that", 0x5a,
			   (uint8_t)room[len]);
		expect_u64(state, "name_len", strlen(NAME), info.name_len);
		expect_u64(state, "kernel_btf", 1, info.kernel_btf);
	}
	close(fd);
}

void obj_get_info_by_fd__btf_name_unwritable(void **state)
{
	int fd = open_kernel_btf(state);
	struct bpfsys_btf_info info;

	expect_errno(state, ask_name(fd, &info, (void *)BAD_ADDRESS, 16));
	expect_errno(state, ask_name(fd, &info, (void *)BAD_ADDRESS, 2));
	expect_errno(state, ask_name(fd, &info, (void *)BAD_ADDRESS, 1));
	close(fd);
}
