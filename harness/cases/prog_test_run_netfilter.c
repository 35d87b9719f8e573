// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN of netfilter programs: the packet, and at which hook of
 * which family it is. */
#include <string.h>
#include <unistd.h>

#include <linux/netfilter.h>

#include "catalogue.h"
#include "lacking.h"
#include "progs.h"
#include "test_run.h"

enum { ETHERNET = 14, IPV4 = 20, IPV6 = 40 };

/* struct nf_hook_state, as far as it is not pointers of the kernel's. */
struct hook_state {
	uint8_t hook, pf;
	uint8_t pad[6];
	uint64_t pointers[5]; /* in, out, sk, net, okfn */
};

struct nf_run {
	struct bpfsys_prog_test_run_attr attr;
	struct hook_state hook;
	uint8_t packet[ETHERNET + IPV6];
};

static int make_netfilter(void **state)
{
	need_prog_type(state, "BPF_PROG_TYPE_NETFILTER",
		       BPFABI_PROG_TYPE_NETFILTER, BPFSYS_KV(6, 4));
	return make_trivial_prog(state, BPFABI_PROG_TYPE_NETFILTER,
				 45 /* BPF_NETFILTER */, 1);
}

void prog_test_run__netfilter(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[IPV4] = {0x45};
	int fd = make_netfilter(state), ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)fd;
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	ret = bpfsys_prog_test_run(&attr);
	close(fd);
	expect_ok(state, "a run of a netfilter program", ret);
	expect_u64(state, "retval: NF_ACCEPT", NF_ACCEPT, attr.retval);
}

void prog_test_run__netfilter_short_data(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[IPV4] = {0x45};

	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet) - 1;
	judge_run(state, make_netfilter(state), &attr);
}

/* An Ethernet frame of ETHER_TYPE as it comes in for the family PF. */
static void fill_incoming(struct nf_run *run, uint8_t pf, uint16_t ether_type)
{
	memset(run, 0, sizeof(*run));
	run->hook.hook = NF_INET_PRE_ROUTING;
	run->hook.pf = pf;
	run->packet[ETHERNET - 2] = (uint8_t)(ether_type >> 8);
	run->packet[ETHERNET - 1] = (uint8_t)ether_type;
	run->attr.data_in = bpfsys_ptr(run->packet);
	run->attr.data_size_in =
		ETHERNET + (ether_type == 0x86dd ? IPV6 : IPV4);
	run->attr.ctx_in = bpfsys_ptr(&run->hook);
	run->attr.ctx_size_in = sizeof(run->hook);
}

static void expect_run(void **state, const char *what, struct nf_run *run)
{
	int fd = make_netfilter(state), ret;

	run->attr.prog_fd = (uint32_t)fd;
	ret = bpfsys_prog_test_run(&run->attr);
	close(fd);
	expect_ok(state, what, ret);
}

void prog_test_run__netfilter_protocol(void **state)
{
	struct nf_run run;

	fill_incoming(&run, NFPROTO_IPV4, 0x0800);
	expect_run(state, "a run on IPv4 that comes in", &run);
	fill_incoming(&run, NFPROTO_IPV6, 0x86dd);
	expect_run(state, "a run on IPv6 that comes in", &run);
	fill_incoming(&run, NFPROTO_IPV4, 0x0806 /* ARP */);
	judge_run(state, make_netfilter(state), &run.attr);
}

void prog_test_run__netfilter_short_frame(void **state)
{
	struct nf_run run;

	fill_incoming(&run, NFPROTO_IPV4, 0x0800);
	run.attr.data_size_in--;
	judge_run(state, make_netfilter(state), &run.attr);
	fill_incoming(&run, NFPROTO_IPV6, 0x86dd);
	run.attr.data_size_in--;
	judge_run(state, make_netfilter(state), &run.attr);
}

void prog_test_run__netfilter_other_family(void **state)
{
	struct nf_run run;

	fill_incoming(&run, NFPROTO_IPV6, 0x0800);
	judge_run(state, make_netfilter(state), &run.attr);
	fill_incoming(&run, NFPROTO_IPV4, 0x86dd);
	judge_run(state, make_netfilter(state), &run.attr);
}

void prog_test_run__netfilter_family(void **state)
{
	struct nf_run run;

	fill_incoming(&run, NFPROTO_ARP, 0x0800);
	judge_run(state, make_netfilter(state), &run.attr);
}

/* They are the kernel's to set: the device is the loopback. */
void prog_test_run__netfilter_pointers(void **state)
{
	struct nf_run run;

	for (size_t i = 0; i < COUNT_OF(run.hook.pointers); i++) {
		fill_incoming(&run, NFPROTO_IPV4, 0x0800);
		run.hook.pointers[i] = 1;
		judge_run(state, make_netfilter(state), &run.attr);
	}
}

void prog_test_run__netfilter_not_taken(void **state)
{
	struct nf_run run;

	for (int i = 0; i < 3; i++) {
		fill_incoming(&run, NFPROTO_IPV4, 0x0800);
		run.attr.flags = i == 0;
		run.attr.cpu = i == 1;
		run.attr.batch_size = i == 2;
		judge_run(state, make_netfilter(state), &run.attr);
	}
}
