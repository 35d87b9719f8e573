// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ATTACH, _DETACH and _QUERY at a map of sockets and at a network
 * namespace. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

/* A map of sockets and two programs for what arrives. */
struct sockmap {
	void **state;
	int map, progs[2];
};

static void make_sockmap(struct sockmap *sockmap, void **state)
{
	sockmap->state = state;
	sockmap->map = make_map(state, BPF_MAP_TYPE_SOCKMAP, 4, 4, 4, 0);
	for (int i = 0; i < 2; i++)
		sockmap->progs[i] =
			make_verdict_prog(state, BPF_PROG_TYPE_SK_SKB, SK_PASS);
}

static void drop_sockmap(struct sockmap *sockmap)
{
	close(sockmap->progs[0]);
	close(sockmap->progs[1]);
	close(sockmap->map);
}

static void fill(const struct sockmap *sockmap,
		 struct bpfsys_prog_attach_attr *attr, int which)
{
	memset(attr, 0, sizeof(*attr));
	attr->target_fd = (uint32_t)sockmap->map;
	attr->attach_bpf_fd = (uint32_t)sockmap->progs[which];
	attr->attach_type = BPF_SK_SKB_STREAM_VERDICT;
}

typedef void change_fn(struct sockmap *sockmap,
		       struct bpfsys_prog_attach_attr *attr);

static void judge(void **state, bool detach, change_fn *change)
{
	struct bpfsys_prog_attach_attr attr;
	struct sockmap sockmap;
	int ret;

	make_sockmap(&sockmap, state);
	fill(&sockmap, &attr, 0);
	if (detach)
		need(state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
	change(&sockmap, &attr);
	ret = detach ? bpfsys_prog_detach(&attr) : bpfsys_prog_attach(&attr);
	drop_sockmap(&sockmap);
	expect_errno(state, ret);
}

static void set_revision(struct sockmap *sockmap,
			 struct bpfsys_prog_attach_attr *attr)
{
	(void)sockmap;
	attr->expected_revision = 1;
}

void prog_attach__revision_at_sockmap(void **state)
{
	judge(state, false, set_revision);
}

static void set_flag(struct sockmap *sockmap,
		     struct bpfsys_prog_attach_attr *attr)
{
	(void)sockmap;
	attr->attach_flags = BPF_F_ALLOW_OVERRIDE;
}

void prog_attach__flags_at_sockmap(void **state)
{
	judge(state, false, set_flag);
}

static void set_replaced(struct sockmap *sockmap,
			 struct bpfsys_prog_attach_attr *attr)
{
	attr->replace_bpf_fd = (uint32_t)sockmap->progs[0];
}

void prog_attach__replaced_at_sockmap(void **state)
{
	judge(state, false, set_replaced);
}

static void close_map(struct sockmap *sockmap,
		      struct bpfsys_prog_attach_attr *attr)
{
	(void)sockmap;
	attr->target_fd = CLOSED_FD;
}

void prog_attach__closed_sockmap(void **state)
{
	judge(state, false, close_map);
}

void prog_detach__closed_sockmap(void **state)
{
	judge(state, true, close_map);
}

static void name_prog(struct sockmap *sockmap,
		      struct bpfsys_prog_attach_attr *attr)
{
	attr->target_fd = (uint32_t)sockmap->progs[0];
}

void prog_attach__not_a_sockmap(void **state)
{
	judge(state, false, name_prog);
}

static void name_array(struct sockmap *sockmap,
		       struct bpfsys_prog_attach_attr *attr)
{
	/* Only its type is another: it takes the sockmap's place. */
	close(sockmap->map);
	sockmap->map = make_map(sockmap->state, BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	attr->target_fd = (uint32_t)sockmap->map;
}

void prog_attach__map_of_other_type(void **state)
{
	judge(state, false, name_array);
}

static void name_other(struct sockmap *sockmap,
		       struct bpfsys_prog_attach_attr *attr)
{
	attr->attach_bpf_fd = (uint32_t)sockmap->progs[1];
}

void prog_detach__other_at_sockmap(void **state)
{
	judge(state, true, name_other);
}

static void close_prog(struct sockmap *sockmap,
		       struct bpfsys_prog_attach_attr *attr)
{
	(void)sockmap;
	attr->attach_bpf_fd = CLOSED_FD;
}

void prog_detach__closed_prog_at_sockmap(void **state)
{
	judge(state, true, close_prog);
}

static uint32_t query_sockmap(void **state, int map_fd, uint32_t *id)
{
	struct bpfsys_prog_query_attr attr;

	memset(&attr, 0, sizeof(attr));
	*id = 0;
	attr.target_fd = (uint32_t)map_fd;
	attr.attach_type = BPF_SK_SKB_STREAM_VERDICT;
	attr.attach_flags = UINT32_MAX;
	attr.prog_ids = bpfsys_ptr(id);
	attr.prog_cnt = 1;
	expect_ok(state, "BPF_PROG_QUERY", bpfsys_prog_query(&attr));
	expect_u64(state, "attach_flags", 0, attr.attach_flags);
	return attr.prog_cnt;
}

/* Whether a map of sockets can be queried: since 5.18, as batch_size. */
static bool has_sockmap_query(void **state)
{
	return kernel_offers(state, "bpf_attr.test.batch_size",
			     BPFSYS_KV(5, 18));
}

/* One program for each hook, and another takes its place. */
void prog_attach__sockmap(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct sockmap sockmap;
	uint32_t id;

	make_sockmap(&sockmap, state);
	for (int i = 0; i < 2; i++) {
		fill(&sockmap, &attr, i);
		expect_ok(state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
		if (!has_sockmap_query(state))
			continue;
		expect_u64(state, "programs at the map", 1,
			   query_sockmap(state, sockmap.map, &id));
		expect_u64(state, "id of the program at the map",
			   id_of_prog(state, sockmap.progs[i]), id);
	}
	expect_ok(state, "BPF_PROG_DETACH", bpfsys_prog_detach(&attr));
	if (has_sockmap_query(state))
		expect_u64(state, "programs at the map behind a detach", 0,
			   query_sockmap(state, sockmap.map, &id));
	drop_sockmap(&sockmap);
}

static void judge_query(void **state, uint32_t target_fd, uint32_t flags)
{
	struct bpfsys_prog_query_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = target_fd;
	attr.attach_type = BPF_SK_SKB_STREAM_VERDICT;
	attr.query_flags = flags;
	ret = bpfsys_prog_query(&attr);
	if (has_sockmap_query(state)) {
		expect_errno(state, ret);
		return;
	}
	expect_error(state, "BPF_PROG_QUERY of a sockmap", EINVAL, ret);
	skip_case(state, "maps of sockets cannot be queried: EINVAL");
}

void prog_query__closed_sockmap(void **state)
{
	judge_query(state, CLOSED_FD, 0);
}

void prog_query__effective_at_sockmap(void **state)
{
	int fd = make_map(state, BPF_MAP_TYPE_SOCKMAP, 4, 4, 4, 0);

	judge_query(state, (uint32_t)fd, BPF_F_QUERY_EFFECTIVE);
	close(fd);
}

/* Network namespaces: the caller's own, at its flow dissector. */

struct netns {
	int fd, progs[2];
};

static void make_netns(struct netns *netns, void **state)
{
	netns->fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	need(state, "open of /proc/self/ns/net", netns->fd < 0 ? -errno : 0);
	for (int i = 0; i < 2; i++)
		netns->progs[i] = make_verdict_prog(
			state, BPF_PROG_TYPE_FLOW_DISSECTOR, 0);
}

static void fill_netns(const struct netns *netns,
		       struct bpfsys_prog_attach_attr *attr, int which)
{
	memset(attr, 0, sizeof(*attr));
	attr->attach_bpf_fd = (uint32_t)netns->progs[which];
	attr->attach_type = BPF_FLOW_DISSECTOR;
}

static void drop_netns(struct netns *netns)
{
	struct bpfsys_prog_attach_attr attr;

	for (int i = 0; i < 2; i++) {
		fill_netns(netns, &attr, i);
		bpfsys_prog_detach(&attr);
		close(netns->progs[i]);
	}
	close(netns->fd);
}

/* With the first program at the namespace, attaches or detaches ATTR. */
static int try_netns(void **state, int which, bool detach, uint32_t target_fd,
		     uint32_t flags)
{
	struct bpfsys_prog_attach_attr attr;
	struct netns netns;
	int ret;

	make_netns(&netns, state);
	fill_netns(&netns, &attr, 0);
	need(state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
	fill_netns(&netns, &attr, which);
	attr.target_fd = target_fd;
	attr.attach_flags = flags;
	ret = detach ? bpfsys_prog_detach(&attr) : bpfsys_prog_attach(&attr);
	drop_netns(&netns);
	return ret;
}

void prog_attach__netns_twice(void **state)
{
	expect_ok(state, "another program takes the place of the first",
		  try_netns(state, 1, false, 0, 0));
	expect_errno(state, try_netns(state, 0, false, 0, 0));
}

void prog_attach__netns_target(void **state)
{
	expect_errno(state, try_netns(state, 1, false, 1, 0));
}

void prog_attach__netns_flags(void **state)
{
	expect_errno(state, try_netns(state, 1, false, 0, 1));
}

void prog_detach__netns_target(void **state)
{
	expect_errno(state, try_netns(state, 0, true, 1, 0));
}

void prog_detach__other_at_netns(void **state)
{
	expect_errno(state, try_netns(state, 1, true, 0, 0));
}

void prog_attach__netns_has_link(void **state)
{
	struct bpfsys_link_create_attr link;
	struct bpfsys_prog_attach_attr attr;
	struct netns netns;
	int fd, ret;

	make_netns(&netns, state);
	memset(&link, 0, sizeof(link));
	link.prog_fd = (uint32_t)netns.progs[0];
	link.target_fd = (uint32_t)netns.fd;
	link.attach_type = BPF_FLOW_DISSECTOR;
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&link));
	fill_netns(&netns, &attr, 1);
	ret = bpfsys_prog_attach(&attr);
	close(fd);
	drop_netns(&netns);
	expect_errno(state, ret);
}

static int query_netns(uint32_t target_fd, uint32_t flags, uint32_t *id,
		       uint32_t *count)
{
	struct bpfsys_prog_query_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = target_fd;
	attr.attach_type = BPF_FLOW_DISSECTOR;
	attr.query_flags = flags;
	attr.prog_ids = bpfsys_ptr(id);
	attr.attach_flags = UINT32_MAX;
	attr.prog_cnt = 1;
	ret = bpfsys_prog_query(&attr);
	*count = attr.prog_cnt;
	/* Written where the call succeeds. */
	return ret == 0 && attr.attach_flags ? -EPROTO : ret;
}

void prog_query__netns(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	uint32_t id = 0, want, before, after;
	struct netns netns;

	make_netns(&netns, state);
	expect_ok(state, "BPF_PROG_QUERY",
		  query_netns((uint32_t)netns.fd, 0, &id, &before));
	fill_netns(&netns, &attr, 0);
	expect_ok(state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
	expect_ok(state, "BPF_PROG_QUERY",
		  query_netns((uint32_t)netns.fd, 0, &id, &after));
	want = id_of_prog(state, netns.progs[0]);
	drop_netns(&netns);
	expect_u64(state, "programs before the attach", 0, before);
	expect_u64(state, "programs behind it", 1, after);
	expect_u64(state, "id of the program", want, id);
}

static void judge_netns_query(void **state, bool closed, uint32_t flags)
{
	struct netns netns;
	uint32_t id, count;
	int ret;

	make_netns(&netns, state);
	ret = query_netns(closed ? CLOSED_FD : (uint32_t)netns.fd, flags, &id,
			  &count);
	drop_netns(&netns);
	expect_errno(state, ret);
}

void prog_query__closed_netns(void **state)
{
	judge_netns_query(state, true, 0);
}

void prog_query__effective_at_netns(void **state)
{
	judge_netns_query(state, false, BPF_F_QUERY_EFFECTIVE);
}

void prog_query__not_a_netns(void **state)
{
	int map_fd = make_counters(state);
	uint32_t id, count;
	int ret = query_netns((uint32_t)map_fd, 0, &id, &count);

	close(map_fd);
	expect_errno(state, ret);
}
