// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The hooks of a network namespace: what hangs there in which order, what of
 * it runs, and what stays when the namespace ends. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalogue.h"
#include "links.h"
#include "netns.h"

#define NOT_WRITTEN 0x7f7f7f7f

/* Three socket lookups at the namespace, each by a link. */
struct lookups {
	struct hook hook;
	int progs[3], links[3];
	uint32_t ids[3];
};

static void make_lookups(struct lookups *lookups, void **state)
{
	struct hook *hook = &lookups->hook;

	hook_sk_lookup(hook, state);
	lookups->progs[0] = hook->prog_fd;
	lookups->progs[1] = hook->other_fd;
	lookups->progs[2] = make_trivial_prog(state, BPF_PROG_TYPE_SK_LOOKUP,
					      BPF_SK_LOOKUP, SK_PASS);
	for (int i = 0; i < 3; i++) {
		hook->attr.prog_fd = (uint32_t)lookups->progs[i];
		lookups->links[i] = need(state, "BPF_LINK_CREATE",
					 bpfsys_link_create(&hook->attr));
		lookups->ids[i] = id_of_prog(state, lookups->progs[i]);
	}
}

static int query(int netns_fd, uint32_t room, uint32_t ids[4], uint32_t *count)
{
	struct bpfsys_prog_query_attr attr;
	int ret;

	memset(ids, 0x7f, 4 * sizeof(*ids));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)netns_fd;
	attr.attach_type = BPF_SK_LOOKUP;
	attr.prog_ids = bpfsys_ptr(ids);
	attr.prog_cnt = room;
	ret = bpfsys_prog_query(&attr);
	*count = attr.prog_cnt;
	return ret;
}

/* The programs at the hook are ORDER ("012": their numbers). */
static void expect_order(struct lookups *lookups, const char *what,
			 const char *order)
{
	void **state = lookups->hook.state;
	uint32_t ids[4], count;

	expect_ok(state, what, query(lookups->hook.target_fd, 4, ids, &count));
	expect_u64(state, what, strlen(order), count);
	for (size_t i = 0; order[i]; i++)
		expect_u64(state, what, lookups->ids[order[i] - '0'], ids[i]);
}

/* What is queried is the list that runs, made anew with each change. */
void prog_query__lookups(void **state)
{
	struct lookups lookups;
	uint32_t ids[4], count;
	int ret;

	make_lookups(&lookups, state);
	expect_order(&lookups, "three links", "012");
	ret = query(lookups.hook.target_fd, 2, ids, &count);
	expect_error(state, "room for two of three", ENOSPC, ret);
	expect_u64(state, "prog_cnt", 3, count);
	expect_u64(state, "prog_ids[1]", lookups.ids[1], ids[1]);
	expect_u64(state, "prog_ids[2], for which there is no room",
		   NOT_WRITTEN, ids[2]);
	close(lookups.links[1]);
	expect_order(&lookups, "without the second", "02");
	expect_ok(state, "BPF_LINK_UPDATE",
		  link_update_to(lookups.links[2], lookups.progs[1]));
	expect_order(&lookups, "with another program for the last", "01");
	expect_ok(state, "BPF_LINK_DETACH", link_detach(lookups.links[0]));
	expect_order(&lookups, "without the first", "1");
	close(lookups.links[2]);
	expect_order(&lookups, "without any", "");
	close(lookups.links[0]);
	close(lookups.progs[2]);
	hook_drop(&lookups.hook);
}

/* BPF_PROG_ATTACH or _DETACH of a flow dissector, with replace_bpf_fd. */
static int change_dissector(int change(const struct bpfsys_prog_attach_attr *),
			    int prog_fd, int replace_fd)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.attach_bpf_fd = (uint32_t)prog_fd;
	attr.attach_type = BPF_FLOW_DISSECTOR;
	attr.replace_bpf_fd = (uint32_t)replace_fd;
	return change(&attr);
}

/* What came by a link goes by it alone. */
void prog_detach__netns_has_link(void **state)
{
	struct hook hook;
	uint32_t id;
	int fd, ret;

	hook_netns(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	ret = change_dissector(bpfsys_prog_detach, hook.prog_fd, 0);
	id = link_prog_id(state, fd);
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "info: prog_id behind it",
		   id_of_prog(state, hook.prog_fd), id);
	hook_drop(&hook);
}

void prog_attach__netns_replaced(void **state)
{
	struct hook hook;
	int ret;

	hook_netns(&hook, state);
	ret = change_dissector(bpfsys_prog_attach, hook.prog_fd, hook.other_fd);
	change_dissector(bpfsys_prog_detach, hook.prog_fd, 0);
	hook_drop(&hook);
	expect_errno(state, ret);
}

/* A TCP socket at 127.0.0.1 that listens, and its address. */
static int make_listener(void **state, struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(*at);

	need(state, "socket", fd < 0 ? -errno : 0);
	memset(at, 0, sizeof(*at));
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(state, "bind", bind(fd, (void *)at, size) != 0 ? -errno : 0);
	need(state, "listen", listen(fd, 8) != 0 ? -errno : 0);
	need(state, "getsockname",
	     getsockname(fd, (void *)at, &size) != 0 ? -errno : 0);
	return fd;
}

static int try_connect(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret = connect(fd, (const void *)at, sizeof(*at)) != 0 ? -errno : 0;

	close(fd);
	return ret;
}

/* Drops what asks for a listener, but for what another link lets pass. */
void link_create__sk_lookup_runs(void **state)
{
	int home_fd = netns_enter(state), listener, drop_fd, fd;
	struct sockaddr_in at;
	struct hook hook;

	hook_sk_lookup(&hook, state);
	drop_fd = make_trivial_prog(state, BPF_PROG_TYPE_SK_LOOKUP,
				    BPF_SK_LOOKUP, SK_DROP);
	netns_loopback_up(state);
	listener = make_listener(state, &at);
	expect_ok(state, "connect without a program", try_connect(&at));
	hook.attr.prog_fd = (uint32_t)drop_fd;
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	expect_error(state, "connect with SK_DROP", ECONNREFUSED,
		     try_connect(&at));
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, hook.prog_fd));
	expect_ok(state, "connect with SK_PASS", try_connect(&at));
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, drop_fd));
	expect_error(state, "connect with SK_DROP again", ECONNREFUSED,
		     try_connect(&at));
	close(fd);
	expect_ok(state, "connect behind the close", try_connect(&at));
	close(listener);
	close(drop_fd);
	hook_drop(&hook);
	netns_leave(state, home_fd);
}

static uint32_t netns_of(void **state, int link_fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, link_fd, &info, sizeof(info));
	return info.netns.netns_ino;
}

/* A flow dissector that only the namespace holds: its id. */
static uint32_t leave_dissector(void **state)
{
	int fd = make_trivial_prog(state, BPF_PROG_TYPE_FLOW_DISSECTOR,
				   BPF_FLOW_DISSECTOR, 0);
	uint32_t id = id_of_prog(state, fd);

	need(state, "BPF_PROG_ATTACH",
	     change_dissector(bpfsys_prog_attach, fd, 0));
	close(fd);
	return id;
}

/* The link keeps its program; of the namespace there is nothing left. That the
 * flow dissector goes says that the kernel has come to the hooks. */
void link_create__netns_ended(void **state)
{
	int home_fd = netns_enter(state), fd;
	struct hook hook;
	uint32_t id;

	hook_sk_lookup(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	id = leave_dissector(state);
	expect_range(state, "info: netns_ino", 1, UINT32_MAX,
		     netns_of(state, fd));
	close(hook.target_fd);
	hook.target_fd = -1;
	netns_leave(state, home_fd);
	expect_true(state, "the program goes with what held it",
		    is_gone(bpfsys_prog_get_fd_by_id, id));
	expect_u64(state, "info: netns_ino of a namespace that ended", 0,
		   netns_of(state, fd));
	expect_error(state, "BPF_LINK_UPDATE", ENOLINK,
		     link_update_to(fd, hook.other_fd));
	expect_u64(state, "info: prog_id", id_of_prog(state, hook.prog_fd),
		   link_prog_id(state, fd));
	expect_ok(state, "BPF_LINK_DETACH", link_detach(fd));
	close(fd);
	hook_drop(&hook);
}

void prog_attach__netns_ended(void **state)
{
	int home_fd = netns_enter(state);
	uint32_t id = leave_dissector(state);

	netns_leave(state, home_fd);
	expect_true(state, "the program goes with what held it",
		    is_gone(bpfsys_prog_get_fd_by_id, id));
}
