// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of links to perf events: probes and tracepoints. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "link_info.h"
#include "probes.h"
#include "two_funcs.h"
#include "sysctl.h"

#define COOKIE 0x123456789abcull

enum { LINK_PERF_EVENT = 7 };

#define KPROBE_NAME \
	NAME_AT(perf_event.kprobe.func_name, perf_event.kprobe.name_len)
#define UPROBE_NAME \
	NAME_AT(perf_event.uprobe.file_name, perf_event.uprobe.name_len)
#define TRACEPOINT_NAME \
	NAME_AT(perf_event.tracepoint.tp_name, perf_event.tracepoint.name_len)

static struct name_at name_at(const struct probe *probe)
{
	if (probe->in_kernel)
		return KPROBE_NAME;
	return probe->fd_type == BPF_FD_TYPE_TRACEPOINT ? TRACEPOINT_NAME
							: UPROBE_NAME;
}

/* A probe and a link to it, whose descriptor is returned. */
static int make_link(void **state, struct probe *probe, enum probe_kind kind)
{
	if (!kernel_offers(state, "bpf_link_info.perf_event.type",
			   BPFSYS_KV(6, 6)))
		skip_case(state, "bpf_link_info has no perf_event");
	make_probe(probe, state, kind);
	return need(state, "BPF_LINK_CREATE", link_probe(probe, COOKIE));
}

/* Which of the info is the kind's, with the rules of names. */
static void check_link(void **state, enum probe_kind kind, struct probe *probe,
		       struct bpfsys_link_info *info)
{
	int fd = make_link(state, probe, kind);

	if (probe->name[0])
		check_name(state, fd, name_at(probe), probe->name);
	memset(info, 0, sizeof(*info));
	get_info(state, fd, info, sizeof(*info));
	expect_u64(state, "info: prog_id", id_of_prog(state, probe->prog_fd),
		   info->prog_id);
	close(fd);
	drop_probe(probe);
	expect_u64(state, "info: type", LINK_PERF_EVENT, info->type);
	expect_u64(state, "info: perf_event.type", probe->perf_type,
		   info->perf_event.type);
}

static void check_kprobe(void **state, enum probe_kind kind)
{
	uint64_t at = probe_address(state);
	struct bpfsys_link_info info;
	struct probe probe;

	check_link(state, kind, &probe, &info);
	expect_u64(state, "info: kprobe.offset", probe.offset,
		   info.perf_event.kprobe.offset);
	/* Behind the function's address may be what ENDBR takes. */
	expect_range(state, "info: kprobe.addr", at + probe.offset,
		     at + probe.offset + 8, info.perf_event.kprobe.addr);
	expect_u64(state, "info: kprobe.missed", 0,
		   info.perf_event.kprobe.missed);
	expect_field(state, "bpf_link_info.perf_event.kprobe.cookie",
		     BPFSYS_KV(6, 9), "info: kprobe.cookie", COOKIE,
		     info.perf_event.kprobe.cookie);
	expect_u64(state, "info: kprobe.name_len", strlen(probe.name) + 1,
		   info.perf_event.kprobe.name_len);
}

void obj_get_info_by_fd__kprobe(void **state)
{
	check_kprobe(state, PROBE_KPROBE);
}

void obj_get_info_by_fd__kretprobe(void **state)
{
	check_kprobe(state, PROBE_KRETPROBE);
}

/* The name of a probe that was made without one is empty. */
void obj_get_info_by_fd__kprobe_address(void **state)
{
	struct bpfsys_link_info info;
	struct probe probe;
	char room[4];
	int fd;

	check_kprobe(state, PROBE_ADDRESS);
	fd = make_link(state, &probe, PROBE_ADDRESS);
	memset(room, 0x5a, sizeof(room));
	memset(&info, 0, sizeof(info));
	info.perf_event.kprobe.func_name = bpfsys_ptr(room);
	info.perf_event.kprobe.name_len = sizeof(room);
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	drop_probe(&probe);
	expect_mem(state, "the empty name", "\0ZZZ", room, sizeof(room));
	expect_u64(state, "info: kprobe.name_len", 1,
		   info.perf_event.kprobe.name_len);
}

void obj_get_info_by_fd__kprobe_address_hidden(void **state)
{
	int64_t was = turn_switch(state, KPTR_RESTRICT, 1);
	struct bpfsys_link_info info;
	struct probe probe;
	int fd;

	fd = make_link(state, &probe, PROBE_KPROBE);
	memset(&info, 0, sizeof(info));
	drop_caps(state, CAP_BIT(CAP_SYSLOG));
	get_info(state, fd, &info, sizeof(info));
	regain_caps(state);
	turn_switch(state, KPTR_RESTRICT, was);
	close(fd);
	drop_probe(&probe);
	expect_u64(state, "info: kprobe.addr", 0, info.perf_event.kprobe.addr);
	expect_u64(state, "info: kprobe.offset", probe.offset,
		   info.perf_event.kprobe.offset);
}

static void check_uprobe(void **state, enum probe_kind kind)
{
	struct bpfsys_link_info info;
	struct probe probe;

	check_link(state, kind, &probe, &info);
	expect_u64(state, "info: uprobe.offset", probe.offset,
		   info.perf_event.uprobe.offset);
	expect_field(state, "bpf_link_info.perf_event.uprobe.cookie",
		     BPFSYS_KV(6, 9), "info: uprobe.cookie", COOKIE,
		     info.perf_event.uprobe.cookie);
	expect_u64(state, "info: uprobe.ref_ctr_offset", 0,
		   info.perf_event.uprobe.ref_ctr_offset);
}

void obj_get_info_by_fd__uprobe(void **state)
{
	check_uprobe(state, PROBE_UPROBE);
}

void obj_get_info_by_fd__uretprobe(void **state)
{
	check_uprobe(state, PROBE_URETPROBE);
}

static void check_tracepoint(void **state, enum probe_kind kind)
{
	struct bpfsys_link_info info;
	struct probe probe;

	check_link(state, kind, &probe, &info);
	expect_field(state, "bpf_link_info.perf_event.tracepoint.cookie",
		     BPFSYS_KV(6, 9), "info: tracepoint.cookie", COOKIE,
		     info.perf_event.tracepoint.cookie);
}

void obj_get_info_by_fd__tracepoint(void **state)
{
	check_tracepoint(state, PROBE_TRACEPOINT);
}

void obj_get_info_by_fd__syscall(void **state)
{
	check_tracepoint(state, PROBE_SYSCALL);
}

typedef void judge_fn(void **state, int fd, struct name_at at);

/* JUDGE on a link of each kind: their code is not the same. */
static void judge_kinds(void **state, judge_fn *judge)
{
	const enum probe_kind some[] = {PROBE_KPROBE, PROBE_UPROBE,
					PROBE_TRACEPOINT};
	struct probe probe;

	for (size_t i = 0; i < COUNT_OF(some); i++) {
		int fd = make_link(state, &probe, some[i]);

		judge(state, fd, name_at(&probe));
		close(fd);
		drop_probe(&probe);
	}
}

void obj_get_info_by_fd__event_half(void **state)
{
	judge_kinds(state, judge_half_name);
}

void obj_get_info_by_fd__event_unwritable(void **state)
{
	judge_kinds(state, judge_unwritable_name);
}

void obj_get_info_by_fd__event_short(void **state)
{
	const enum probe_kind some[] = {PROBE_KPROBE, PROBE_UPROBE,
					PROBE_TRACEPOINT};
	struct probe probe;

	for (size_t i = 0; i < COUNT_OF(some); i++) {
		int fd = make_link(state, &probe, some[i]);

		judge_short_name(state, fd, name_at(&probe), probe.name);
		close(fd);
		drop_probe(&probe);
	}
}
