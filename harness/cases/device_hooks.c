// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The hooks of a network device: the two directions of traffic control are
 * apart, what hangs there runs, and what stays when the device goes. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalogue.h"
#include "links.h"
#include "netns.h"
#include "tcx.h"

enum { INGRESS = BPFABI_TCX_INGRESS, EGRESS = BPFABI_TCX_EGRESS };
enum { TCX_NEXT = -1, TCX_DROP = 2 };

static void change_at(struct tcx *tcx, int which, uint32_t attach_type,
		      int (*change)(const struct bpfsys_prog_attach_attr *))
{
	struct bpfsys_prog_attach_attr attr;

	tcx_fill(tcx, &attr, which);
	attr.attach_type = attach_type;
	expect_ok(tcx->state, "BPF_PROG_ATTACH or _DETACH", change(&attr));
}

/* The one program at the hook, or 0. */
static uint32_t only_prog(struct tcx *tcx, uint32_t attach_type)
{
	struct bpfsys_prog_query_attr attr;
	uint32_t id = 0;

	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = TCX_DEVICE;
	attr.attach_type = attach_type;
	attr.count = 1;
	attr.prog_ids = bpfsys_ptr(&id);
	expect_ok(tcx->state, "BPF_PROG_QUERY", bpfsys_prog_query(&attr));
	return id;
}

static void expect_progs(struct tcx *tcx, uint32_t ingress, uint32_t egress)
{
	expect_u64(tcx->state, "program at BPF_TCX_INGRESS", ingress,
		   only_prog(tcx, INGRESS));
	expect_u64(tcx->state, "program at BPF_TCX_EGRESS", egress,
		   only_prog(tcx, EGRESS));
}

void prog_query__directions(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;

	tcx_make(&tcx, state);
	expect_progs(&tcx, 0, 0);
	change_at(&tcx, 0, INGRESS, bpfsys_prog_attach);
	expect_progs(&tcx, tcx.ids[0], 0);
	tcx_fill(&tcx, &attr, 0);
	expect_error(state, "detach from the other direction", ENOENT,
		     bpfsys_prog_detach(&attr));
	change_at(&tcx, 1, EGRESS, bpfsys_prog_attach);
	expect_progs(&tcx, tcx.ids[0], tcx.ids[1]);
	change_at(&tcx, 0, INGRESS, bpfsys_prog_detach);
	expect_progs(&tcx, 0, tcx.ids[1]);
	tcx_drop(&tcx);
}

void prog_attach__anchor_other_type(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;
	int filter, ret;

	tcx_make(&tcx, state);
	need(state, "BPF_PROG_ATTACH", tcx_attach(&tcx, 0));
	filter = make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);
	tcx_fill(&tcx, &attr, 1);
	attr.attach_flags = BPFABI_F_BEFORE;
	attr.relative_fd = (uint32_t)filter;
	ret = bpfsys_prog_attach(&attr);
	close(filter);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

/* Before a link of another family. */
void link_create__tcx_anchor_other_type(void **state)
{
	struct hook hook, other;
	int fd, ret;

	hook_tcx(&hook, state);
	hook_sk_lookup(&other, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&other.attr));
	hook.attr.flags = BPFABI_F_BEFORE | BPFABI_F_LINK;
	hook.attr.tcx.relative_fd = (uint32_t)fd;
	ret = bpfsys_link_create(&hook.attr);
	close_if_fd(ret);
	close(fd);
	hook_drop(&other);
	hook_drop(&hook);
	expect_errno(state, ret);
}

/* Our packets are told from the kernel's own by their mark. */
#define MARK	0x4711
#define MARK_AT 8 /* in struct __sk_buff */

/* Counts our packets in COUNTER, and says VERDICT to them. */
static int make_counting(void **state, int counters_fd, int32_t counter,
			 int32_t verdict)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_2, BPF_REG_1, MARK_AT),
		MOV64_IMM(BPF_REG_0, TCX_NEXT),
		JMP_IMM(BPF_JNE, BPF_REG_2, MARK, 6),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, (int16_t)(8 * counter)),
		MOV64_IMM(BPF_REG_0, verdict),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_SCHED_CLS, insns,
			      COUNT_OF(insns));
}

/* A socket that sends to itself. */
static int make_socket(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	const int mark = MARK;

	need(state, "socket", fd < 0 ? -errno : 0);
	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(state, "bind", bind(fd, (void *)&at, size) != 0 ? -errno : 0);
	need(state, "getsockname",
	     getsockname(fd, (void *)&at, &size) != 0 ? -errno : 0);
	need(state, "connect",
	     connect(fd, (void *)&at, size) != 0 ? -errno : 0);
	need(state, "SO_MARK",
	     setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0
		     ? -errno
		     : 0);
	return fd;
}

static void send_byte(void **state, int fd, char byte)
{
	need(state, "send", send(fd, &byte, 1, 0) < 0 ? -errno : 0);
}

/* The next byte that arrives is BYTE. */
static void expect_byte(void **state, const char *what, int fd, char byte)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	char got = 0;

	need(state, "poll", poll(&pfd, 1, 10000) == 1 ? 0 : -ETIMEDOUT);
	need(state, "recv", recv(fd, &got, 1, 0) == 1 ? 0 : -errno);
	expect_u64(state, what, (uint64_t)byte, (uint64_t)got);
}

static int link_at_lo(void **state, int prog_fd, uint32_t attach_type)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.target_ifindex = TCX_DEVICE;
	attr.attach_type = attach_type;
	return need(state, "BPF_LINK_CREATE", bpfsys_link_create(&attr));
}

static void expect_counts(void **state, int counters_fd, const char *what,
			  uint64_t ingress, uint64_t egress)
{
	uint64_t counters[COUNTERS];

	read_counters(state, counters_fd, counters);
	expect_u64(state, what, ingress, counters[0]);
	expect_u64(state, what, egress, counters[1]);
}

/* A packet that is sent passes egress, then ingress; what egress drops does
 * not get that far. */
static void check_run(void **state, int map_fd)
{
	int in = make_counting(state, map_fd, 0, TCX_NEXT);
	int out = make_counting(state, map_fd, 1, TCX_NEXT);
	int drop = make_counting(state, map_fd, 1, TCX_DROP);
	int in_link = link_at_lo(state, in, INGRESS);
	int out_link = link_at_lo(state, out, EGRESS);
	int fd = make_socket(state);

	send_byte(state, fd, 'a');
	expect_byte(state, "what both let pass", fd, 'a');
	expect_counts(state, map_fd, "packets behind the first", 1, 1);
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(out_link, drop));
	send_byte(state, fd, 'b');
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(out_link, out));
	send_byte(state, fd, 'c');
	expect_byte(state, "what comes behind what was dropped", fd, 'c');
	expect_counts(state, map_fd, "packets behind the third", 2, 3);
	close(out_link);
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(in_link, drop));
	send_byte(state, fd, 'd');
	close(in_link);
	send_byte(state, fd, 'e');
	expect_byte(state, "what comes when the links are closed", fd, 'e');
	expect_counts(state, map_fd, "packets behind the last", 2, 4);
	close(fd);
	close(in);
	close(out);
	close(drop);
}

void link_create__tcx_runs(void **state)
{
	int home_fd, map_fd;
	struct tcx tcx;

	tcx_make(&tcx, state);
	home_fd = netns_enter(state);
	map_fd = make_counters(state);
	netns_loopback_up(state);
	check_run(state, map_fd);
	close(map_fd);
	netns_leave(state, home_fd);
	tcx_drop(&tcx);
}

/* In the info of links to devices the index comes first. */
static uint32_t device_of(int fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	info.xdp.ifindex = UINT32_MAX;
	ask_info(fd, &info, sizeof(info));
	return info.xdp.ifindex;
}

static bool has_no_device(int fd)
{
	return device_of(fd) == 0;
}

/* The link FD outlives its device, which goes with the namespace. */
static void check_left(void **state, struct hook *hook, int fd)
{
	expect_true(state, "info: ifindex becomes 0 as the device goes",
		    await(has_no_device, fd));
	expect_error(state, "BPF_LINK_UPDATE", ENOLINK,
		     link_update_to(fd, hook->other_fd));
	expect_u64(state, "info: prog_id", id_of_prog(state, hook->prog_fd),
		   link_prog_id(state, fd));
	expect_ok(state, "BPF_LINK_DETACH", link_detach(fd));
	close(fd);
}

void link_create__xdp_device_gone(void **state)
{
	struct hook hook;
	int home_fd, fd;

	hook_xdp(&hook, state);
	home_fd = netns_enter(state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	expect_u64(state, "info: ifindex", TCX_DEVICE, device_of(fd));
	netns_leave(state, home_fd);
	check_left(state, &hook, fd);
	hook_drop(&hook);
}

void link_create__tcx_device_gone(void **state)
{
	const uint32_t types[] = {INGRESS, EGRESS};
	int home_fd, fds[2];
	struct hook hook;

	hook_tcx(&hook, state);
	home_fd = netns_enter(state);
	for (int i = 0; i < 2; i++) {
		fds[i] = link_at_lo(state, hook.prog_fd, types[i]);
		expect_u64(state, "info: ifindex", TCX_DEVICE,
			   device_of(fds[i]));
	}
	netns_leave(state, home_fd);
	for (int i = 0; i < 2; i++)
		check_left(state, &hook, fds[i]);
	hook_drop(&hook);
}

/* At both hooks, and last behind a link that stays. */
void prog_attach__device_gone(void **state)
{
	int home_fd, fd;
	uint32_t ids[2];
	struct tcx tcx;

	tcx_make(&tcx, state);
	home_fd = netns_enter(state);
	fd = link_at_lo(state, tcx.progs[2], EGRESS);
	change_at(&tcx, 0, INGRESS, bpfsys_prog_attach);
	change_at(&tcx, 1, EGRESS, bpfsys_prog_attach);
	memcpy(ids, tcx.ids, sizeof(ids));
	netns_leave(state, home_fd);
	tcx_drop(&tcx);
	for (int i = 0; i < 2; i++)
		expect_true(state, "the program goes with what held it",
			    is_gone(bpfsys_prog_get_fd_by_id, ids[i]));
	close(fd);
}
