// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE and _UPDATE of struct_ops maps, and what else is known of
 * them: associations with programs. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "struct_ops.h"

enum { LINK_STRUCT_OPS = 9 };

static int link_map(int map_fd)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.attach_type = BPFABI_ATTACH_STRUCT_OPS;
	return bpfsys_link_create(&attr);
}

static uint32_t map_of(void **state, int link_fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, link_fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_STRUCT_OPS, info.type);
	return info.struct_ops.map_id;
}

/* The name is taken as long as the link is there. */
void link_create__struct_ops(void **state)
{
	int map_fd, fd, second;

	need_struct_ops_links(state);
	map_fd = make_ready_struct_ops(state, "bpfabi_a");
	fd = link_map(map_fd);
	expect_ok(state, "BPF_LINK_CREATE of a struct_ops map", fd);
	expect_u64(state, "info: map_id", id_of_map(state, map_fd),
		   map_of(state, fd));
	second = link_map(map_fd);
	close_if_fd(second);
	expect_error(state, "a second registration of the name", EEXIST,
		     second);
	close(fd);
	fd = link_map(map_fd);
	close_if_fd(fd);
	close(map_fd);
	expect_ok(state, "BPF_LINK_CREATE behind a close", fd);
}

static short poll_link(void **state, int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	need(state, "poll of the link", poll(&wait, 1, 0) < 0 ? -errno : 0);
	return wait.revents;
}

/* Such links are detached since 6.10. */
static void need_detach(void **state)
{
	if (kernel_func_id("bpf_struct_ops_map_link_poll") <= 0)
		skip_case(state, "the kernel's BTF has no "
				 "bpf_struct_ops_map_link_poll()");
}

/* Whoever waits for the link is told when the map is not registered any more,
 * and the info has no map then. */
void link_detach__struct_ops(void **state)
{
	struct bpfsys_link_detach_attr attr;
	int map_fd, fd, again;

	need_struct_ops_links(state);
	need_detach(state);
	map_fd = make_ready_struct_ops(state, "bpfabi_d");
	fd = need(state, "BPF_LINK_CREATE", link_map(map_fd));
	expect_u64(state, "poll of the link", 0,
		   (uint64_t)poll_link(state, fd));
	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)fd;
	expect_ok(state, "BPF_LINK_DETACH", bpfsys_link_detach(&attr));
	expect_u64(state, "poll of a detached link", POLLHUP,
		   (uint64_t)poll_link(state, fd));
	expect_u64(state, "info: map_id of a detached link", 0,
		   map_of(state, fd));
	again = link_map(map_fd);
	close_if_fd(again);
	close(fd);
	close(map_fd);
	expect_ok(state, "BPF_LINK_CREATE behind it", again);
}

void link_create__struct_ops_closed(void **state)
{
	need_struct_ops_links(state);
	expect_errno(state, link_map(CLOSED_FD));
}

static void judge_map(void **state, int map_fd)
{
	int ret = link_map(map_fd);

	close_if_fd(ret);
	close(map_fd);
	expect_errno(state, ret);
}

void link_create__not_struct_ops(void **state)
{
	need_struct_ops_links(state);
	judge_map(state, make_counters(state));
}

void link_create__struct_ops_empty(void **state)
{
	need_struct_ops_links(state);
	judge_map(state, make_struct_ops_map(state));
}

/* A link of the first map; the second map is of the same name. */
struct update {
	int old_fd, new_fd, link_fd;
	struct bpfsys_link_update_attr attr;
};

static void begin(struct update *update, void **state)
{
	need_struct_ops_links(state);
	memset(update, 0, sizeof(*update));
	update->old_fd = make_ready_struct_ops(state, "bpfabi_b");
	update->new_fd = make_ready_struct_ops(state, "bpfabi_b");
	update->link_fd =
		need(state, "BPF_LINK_CREATE", link_map(update->old_fd));
	update->attr.link_fd = (uint32_t)update->link_fd;
	update->attr.new_map_fd = (uint32_t)update->new_fd;
	update->attr.flags = BPF_F_REPLACE;
	update->attr.old_map_fd = (uint32_t)update->old_fd;
}

static void end(struct update *update)
{
	close(update->link_fd);
	close(update->new_fd);
	close(update->old_fd);
}

static void judge_update(void **state, struct update *update)
{
	int ret = bpfsys_link_update(&update->attr);

	end(update);
	expect_errno(state, ret);
}

void link_update__struct_ops(void **state)
{
	struct update update;
	uint32_t want, got;

	begin(&update, state);
	expect_ok(state, "BPF_LINK_UPDATE to another map",
		  bpfsys_link_update(&update.attr));
	want = id_of_map(state, update.new_fd);
	got = map_of(state, update.link_fd);
	end(&update);
	expect_u64(state, "info: map_id", want, got);
}

void link_update__closed_new_map_fd(void **state)
{
	struct update update;

	begin(&update, state);
	update.attr.new_map_fd = CLOSED_FD;
	judge_update(state, &update);
}

void link_update__closed_old_map_fd(void **state)
{
	struct update update;

	begin(&update, state);
	update.attr.old_map_fd = CLOSED_FD;
	judge_update(state, &update);
}

void link_update__old_map_differs(void **state)
{
	struct update update;

	begin(&update, state);
	update.attr.old_map_fd = (uint32_t)update.new_fd;
	judge_update(state, &update);
}

/* Whether or not the caller says what it was. The second update is to another
 * map than the first: should the link still be attached, one to the map that it
 * has takes kernels down (fuzzers/README.md). */
void link_update__struct_ops_detached(void **state)
{
	struct bpfsys_link_detach_attr detach;
	struct update update;
	int ret, expecting;

	need_struct_ops_links(state);
	need_detach(state);
	begin(&update, state);
	memset(&detach, 0, sizeof(detach));
	detach.link_fd = (uint32_t)update.link_fd;
	need(state, "BPF_LINK_DETACH", bpfsys_link_detach(&detach));
	expecting = bpfsys_link_update(&update.attr);
	update.attr.new_map_fd = (uint32_t)update.old_fd;
	update.attr.flags = 0;
	update.attr.old_map_fd = 0;
	ret = bpfsys_link_update(&update.attr);
	end(&update);
	expect_errno(state, expecting);
	expect_errno(state, ret);
}

void link_update__old_map_without_replace(void **state)
{
	struct update update;

	begin(&update, state);
	update.attr.flags = 0;
	judge_update(state, &update);
}

void link_update__map_not_ready(void **state)
{
	struct update update;

	begin(&update, state);
	close(update.new_fd);
	update.new_fd = make_struct_ops_map(state);
	update.attr.new_map_fd = (uint32_t)update.new_fd;
	judge_update(state, &update);
}

/* The maps of such programs are known. */
void prog_assoc_struct_ops__struct_ops_program(void **state)
{
	struct bpfsys_prog_assoc_struct_ops_attr attr;
	int map_fd = make_struct_ops_map(state), ret;
	int prog_fd = make_struct_ops_prog(state, "ssthresh");

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.prog_fd = (uint32_t)prog_fd;
	ret = bpfsys_prog_assoc_struct_ops(&attr);
	close(prog_fd);
	close(map_fd);
	expect_errno(state, ret);
}
