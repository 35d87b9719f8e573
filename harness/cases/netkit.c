// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ATTACH, _DETACH, _QUERY and BPF_LINK_CREATE at netkit, a pair of
 * devices whose programs the first alone gives and takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "kernel.h"
#include "progs.h"

enum {
	NETKIT_PRIMARY = 54, /* BPF_NETKIT_PRIMARY */
	NETKIT_PEER = 55,    /* BPF_NETKIT_PEER */
	LINK_NETKIT = 13,    /* BPF_LINK_TYPE_NETKIT */
};

#define PRIMARY "bpfabi0"
#define PEER	"bpfabi1"

/* A request of rtnetlink, and room for what it says. */
struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	uint8_t attrs[256];
};

static void begin_request(struct request *request, uint16_t type,
			  uint16_t flags)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(sizeof(request->link));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

/* Appends; what is nested goes on behind it. */
static struct rtattr *add(struct request *request, uint16_t type,
			  const void *data, uint16_t size)
{
	struct rtattr *attr = (void *)((uint8_t *)request +
				       NLMSG_ALIGN(request->header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), data, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    RTA_ALIGN(attr->rta_len);
	return attr;
}

/* ATTR holds all that was added behind it. */
static void end_nest(struct request *request, struct rtattr *attr)
{
	attr->rta_len = (uint16_t)((uint8_t *)request +
				   request->header.nlmsg_len - (uint8_t *)attr);
}

/* The kernel's answer: 0 or a negative errno. */
static int ask_kernel(void **state, struct request *request)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[512];
	} answer;
	ssize_t n;

	need(state, "socket of rtnetlink", fd < 0 ? -errno : 0);
	n = send(fd, request, request->header.nlmsg_len, 0);
	need(state, "send to rtnetlink", n < 0 ? -errno : 0);
	n = recv(fd, &answer, sizeof(answer), 0);
	need(state, "recv from rtnetlink", n < 0 ? -errno : 0);
	close(fd);
	return answer.error.error;
}

static void add_netkit(void **state)
{
	struct rtattr *info, *data, *peer;
	const struct ifinfomsg none = {0};
	struct request request;
	int ret;

	begin_request(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	add(&request, IFLA_IFNAME, PRIMARY, sizeof(PRIMARY));
	info = add(&request, IFLA_LINKINFO, NULL, 0);
	add(&request, IFLA_INFO_KIND, "netkit", sizeof("netkit") - 1);
	data = add(&request, IFLA_INFO_DATA, NULL, 0);
	peer = add(&request, 1 /* IFLA_NETKIT_PEER_INFO */, &none,
		   sizeof(none));
	add(&request, IFLA_IFNAME, PEER, sizeof(PEER));
	end_nest(&request, peer);
	end_nest(&request, data);
	end_nest(&request, info);
	ret = ask_kernel(state, &request);
	if (ret == -EOPNOTSUPP)
		skip_case(state, "the kernel is built without CONFIG_NETKIT: "
				 "RTM_NEWLINK of a netkit is EOPNOTSUPP");
	need(state, "RTM_NEWLINK of a netkit", ret);
}

static int remove_device(void **state, uint32_t ifindex)
{
	struct request request;

	begin_request(&request, RTM_DELLINK, 0);
	request.link.ifi_index = (int)ifindex;
	return ask_kernel(state, &request);
}

struct netkit {
	void **state;
	int prog_fd;
	uint32_t primary, peer;
};

/* A kernel without netkit knows no such place. */
static void need_netkit(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	int fd, ret;

	if (kernel_offers(state,
			  "bpf_attr.link_create.netkit.expected_revision",
			  BPFSYS_KV(6, 7)))
		return;
	fd = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, -1);
	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = 1;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = NETKIT_PRIMARY;
	ret = bpfsys_prog_attach(&attr);
	close(fd);
	expect_error(state, "BPF_NETKIT_PRIMARY", EINVAL, ret);
	skip_case(state, "bpf_attr has no link_create.netkit: EINVAL");
}

static void make_netkit(struct netkit *netkit, void **state)
{
	need_netkit(state);
	netkit->state = state;
	add_netkit(state);
	netkit->primary = if_nametoindex(PRIMARY);
	netkit->peer = if_nametoindex(PEER);
	netkit->prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, -1);
}

static void drop_netkit(struct netkit *netkit)
{
	need(netkit->state, "RTM_DELLINK",
	     remove_device(netkit->state, netkit->primary));
	close(netkit->prog_fd);
}

static void fill_attach(const struct netkit *netkit,
			struct bpfsys_prog_attach_attr *attr, uint32_t ifindex,
			uint32_t attach_type)
{
	memset(attr, 0, sizeof(*attr));
	attr->target_ifindex = ifindex;
	attr->attach_bpf_fd = (uint32_t)netkit->prog_fd;
	attr->attach_type = attach_type;
}

/* The programs at the hook, of which the first has the id *ID. */
static uint32_t query(const struct netkit *netkit, uint32_t attach_type,
		      uint32_t *id)
{
	struct bpfsys_prog_query_attr attr;
	uint32_t ids[2] = {0, 0};

	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = netkit->primary;
	attr.attach_type = attach_type;
	attr.prog_ids = bpfsys_ptr(ids);
	attr.prog_cnt = 2;
	need(netkit->state, "BPF_PROG_QUERY", bpfsys_prog_query(&attr));
	*id = ids[0];
	return attr.prog_cnt;
}

/* ATTACH_TYPE holds the program, and OTHER does not. */
static void check_hook(struct netkit *netkit, uint32_t attach_type,
		       uint32_t other)
{
	struct bpfsys_prog_attach_attr attr;
	void **state = netkit->state;
	uint32_t id;

	fill_attach(netkit, &attr, netkit->primary, attach_type);
	expect_ok(state, "BPF_PROG_ATTACH at a netkit",
		  bpfsys_prog_attach(&attr));
	expect_u64(state, "programs at the hook", 1,
		   query(netkit, attach_type, &id));
	expect_u64(state, "the program at the hook",
		   id_of_prog(state, netkit->prog_fd), id);
	expect_u64(state, "programs at the other hook", 0,
		   query(netkit, other, &id));
	expect_ok(state, "BPF_PROG_DETACH at a netkit",
		  bpfsys_prog_detach(&attr));
	expect_u64(state, "programs at the hook behind it", 0,
		   query(netkit, attach_type, &id));
}

void prog_attach__netkit(void **state)
{
	struct netkit netkit;

	make_netkit(&netkit, state);
	check_hook(&netkit, NETKIT_PRIMARY, NETKIT_PEER);
	check_hook(&netkit, NETKIT_PEER, NETKIT_PRIMARY);
	drop_netkit(&netkit);
}

/* The program goes to the device IFINDEX, 0: to the peer. */
static void judge_attach(void **state, uint32_t ifindex)
{
	struct bpfsys_prog_attach_attr attr;
	struct netkit netkit;
	int ret;

	make_netkit(&netkit, state);
	fill_attach(&netkit, &attr, ifindex ? ifindex : netkit.peer,
		    NETKIT_PRIMARY);
	ret = bpfsys_prog_attach(&attr);
	drop_netkit(&netkit);
	expect_errno(state, ret);
}

void prog_attach__netkit_no_device(void **state)
{
	judge_attach(state, INT32_MAX);
}

void prog_attach__not_a_netkit(void **state)
{
	judge_attach(state, 1);
}

static void judge_link_at(void **state, uint32_t ifindex)
{
	struct bpfsys_link_create_attr attr;
	struct netkit netkit;
	int ret;

	make_netkit(&netkit, state);
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)netkit.prog_fd;
	attr.target_ifindex = ifindex;
	attr.attach_type = NETKIT_PRIMARY;
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	drop_netkit(&netkit);
	expect_errno(state, ret);
}

void link_create__netkit_no_device(void **state)
{
	judge_link_at(state, INT32_MAX);
}

void link_create__not_a_netkit(void **state)
{
	judge_link_at(state, 1);
}

void prog_attach__netkit_peer(void **state)
{
	judge_attach(state, 0);
}

void prog_detach__netkit_nothing(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct netkit netkit;
	int ret;

	make_netkit(&netkit, state);
	fill_attach(&netkit, &attr, netkit.primary, NETKIT_PRIMARY);
	ret = bpfsys_prog_detach(&attr);
	drop_netkit(&netkit);
	expect_errno(state, ret);
}

static int link_netkit(const struct netkit *netkit)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)netkit->prog_fd;
	attr.target_ifindex = netkit->primary;
	attr.attach_type = NETKIT_PEER;
	return bpfsys_link_create(&attr);
}

static void check_info(struct netkit *netkit, int fd, uint32_t ifindex)
{
	void **state = netkit->state;
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_NETKIT, info.type);
	expect_u64(state, "info: prog_id", id_of_prog(state, netkit->prog_fd),
		   info.prog_id);
	expect_u64(state, "info: ifindex", ifindex, info.netkit.ifindex);
	expect_u64(state, "info: attach_type", NETKIT_PEER,
		   info.netkit.attach_type);
	expect_fdinfo(state, fd, "link_type", "netkit");
	expect_fdinfo_u64(state, fd, "ifindex", ifindex);
	expect_fdinfo(state, fd, "attach_type", "55 (peer)");
}

void link_create__netkit(void **state)
{
	struct netkit netkit;
	uint32_t id;
	int fd;

	make_netkit(&netkit, state);
	fd = link_netkit(&netkit);
	expect_ok(state, "BPF_LINK_CREATE at a netkit", fd);
	/* Programs of the peer hang there, and are the primary's to give. */
	check_info(&netkit, fd, netkit.peer);
	expect_u64(state, "programs at the hook", 1,
		   query(&netkit, NETKIT_PEER, &id));
	close(fd);
	expect_u64(state, "programs at the hook behind the close", 0,
		   query(&netkit, NETKIT_PEER, &id));
	drop_netkit(&netkit);
}

/* A link outlives its device, and shows that it is gone. */
void link_create__netkit_removed(void **state)
{
	struct netkit netkit;
	int fd;

	make_netkit(&netkit, state);
	fd = need(state, "BPF_LINK_CREATE", link_netkit(&netkit));
	need(state, "RTM_DELLINK", remove_device(state, netkit.primary));
	check_info(&netkit, fd, 0);
	close(fd);
	close(netkit.prog_fd);
}
