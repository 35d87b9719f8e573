// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* /proc/self/fdinfo of maps, programs and links of every family: what tools
 * read where they have no descriptor. Each says the same as the info. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "kernel.h"
#include "links.h"

/* What a kernel has of a line that came as PATH with SINCE. */
static void expect_since(void **state, const char *path, uint32_t since, int fd,
			 const char *name, const char *text)
{
	if (kernel_presence(path, since) == PRESENT)
		expect_fdinfo(state, fd, name, text);
}

/* Memory is accounted in bytes, and some there is. */
static void check_memlock(void **state, int fd)
{
	char value[32];

	fdinfo_value(state, fd, "memlock", value, sizeof(value));
	expect_range(state, "fdinfo: memlock", 1, 1 << 24,
		     strtoull(value, NULL, 10));
}

void map_create__fdinfo(void **state)
{
	int fd =
		make_map(state, BPF_MAP_TYPE_HASH, 8, 16, 3, BPF_F_NO_PREALLOC);

	expect_fdinfo_u64(state, fd, "map_type", BPF_MAP_TYPE_HASH);
	expect_fdinfo_u64(state, fd, "key_size", 8);
	expect_fdinfo_u64(state, fd, "value_size", 16);
	expect_fdinfo_u64(state, fd, "max_entries", 3);
	expect_fdinfo(state, fd, "map_flags", "0x1");
	expect_since(state, "bpf_attr.map_extra", BPFSYS_KV(5, 16), fd,
		     "map_extra", "0x0");
	expect_fdinfo_u64(state, fd, "map_id", id_of_map(state, fd));
	expect_fdinfo_u64(state, fd, "frozen", 0);
	check_memlock(state, fd);
	expect_true(state, "what has no owner names none",
		    !fdinfo_has(state, fd, "owner_prog_type"));
	close(fd);
}

/* The first program that may be called decides who may. */
void map_create__fdinfo_owner(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	int fd = make_map(state, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	uint32_t key = 0;
	char jited[8];

	expect_true(state, "an array of programs has no owner at first",
		    !fdinfo_has(state, fd, "owner_prog_type"));
	put_elem(state, fd, &key, &prog_fd);
	fdinfo_value(state, prog_fd, "prog_jited", jited, sizeof(jited));
	expect_fdinfo_u64(state, fd, "owner_prog_type",
			  BPF_PROG_TYPE_SOCKET_FILTER);
	expect_fdinfo(state, fd, "owner_jited", jited);
	close(fd);
	close(prog_fd);
}

static void hex_tag(const uint8_t tag[BPFSYS_TAG_SIZE], char text[17])
{
	for (size_t i = 0; i < BPFSYS_TAG_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", tag[i]);
}

static int enable_runs(void **state)
{
	struct bpfsys_enable_stats_attr attr;

	memset(&attr, 0, sizeof(attr));
	return need(state, "BPF_ENABLE_STATS", bpfsys_enable_stats(&attr));
}

void prog_load__fdinfo(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
	int stats_fd = enable_runs(state);
	struct bpfsys_prog_info info;
	char tag[2 * BPFSYS_TAG_SIZE + 1];

	run_on_packet(state, fd, 3);
	close(stats_fd);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	hex_tag(info.tag, tag);
	expect_fdinfo_u64(state, fd, "prog_type", BPF_PROG_TYPE_SOCKET_FILTER);
	expect_fdinfo_u64(state, fd, "prog_jited", info.jited_prog_len != 0);
	expect_fdinfo(state, fd, "prog_tag", tag);
	expect_fdinfo_u64(state, fd, "prog_id", info.id);
	check_memlock(state, fd);
	expect_fdinfo_u64(state, fd, "run_cnt", 3);
	expect_fdinfo_u64(state, fd, "run_time_ns", info.run_time_ns);
	expect_since(state, "bpf_prog_info.recursion_misses", BPFSYS_KV(5, 12),
		     fd, "recursion_misses", "0");
	expect_since(state, "bpf_prog_info.verified_insns", BPFSYS_KV(5, 16),
		     fd, "verified_insns", "2");
	close(fd);
}

/* What all links say. */
static void check_fdinfo(void **state, int fd, const char *type)
{
	struct bpfsys_prog_info prog;
	struct bpfsys_link_info info;
	struct bpfsys_get_id_attr get;
	char tag[2 * BPFSYS_TAG_SIZE + 1];
	int prog_fd;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	memset(&get, 0, sizeof(get));
	get.prog_id = info.prog_id;
	prog_fd = need(state, "BPF_PROG_GET_FD_BY_ID",
		       bpfsys_prog_get_fd_by_id(&get));
	memset(&prog, 0, sizeof(prog));
	get_info(state, prog_fd, &prog, sizeof(prog));
	close(prog_fd);
	hex_tag(prog.tag, tag);
	expect_fdinfo(state, fd, "link_type", type);
	expect_fdinfo_u64(state, fd, "link_id", info.id);
	expect_fdinfo(state, fd, "prog_tag", tag);
	expect_fdinfo_u64(state, fd, "prog_id", info.prog_id);
}

static int begin(void **state, struct hook *hook, hook_fn *make,
		 const char *type)
{
	int fd;

	make(hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook->attr));
	check_fdinfo(state, fd, type);
	return fd;
}

static void end(struct hook *hook, int fd)
{
	close(fd);
	hook_drop(hook);
}

void link_create__xdp_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_xdp, "xdp");

	expect_fdinfo_u64(state, fd, "ifindex", 1);
	end(&hook, fd);
}

void link_create__tcx_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_tcx, "tcx");

	expect_fdinfo_u64(state, fd, "ifindex", 1);
	expect_fdinfo(state, fd, "attach_type", "47 (egress)");
	end(&hook, fd);
}

void link_create__netns_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_netns, "netns");
	struct stat st;

	need(state, "fstat of the namespace",
	     fstat(hook.target_fd, &st) != 0 ? -errno : 0);
	expect_fdinfo_u64(state, fd, "netns_ino", st.st_ino);
	expect_fdinfo_u64(state, fd, "attach_type", BPF_FLOW_DISSECTOR);
	end(&hook, fd);
}

void link_create__sockmap_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_sockmap, "sockmap");

	expect_fdinfo_u64(state, fd, "map_id",
			  id_of_map(state, hook.target_fd));
	expect_fdinfo_u64(state, fd, "attach_type", BPF_SK_SKB_STREAM_VERDICT);
	end(&hook, fd);
}

void link_create__netfilter_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_netfilter, "netfilter");

	/* All on one line; as hook_netfilter() fills the argument. */
	expect_fdinfo(state, fd, "pf", "2\thooknum:\t3\tprio:\t-4711");
	end(&hook, fd);
}

void link_create__fentry_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_fentry, "tracing");
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_fdinfo_u64(state, fd, "attach_type", BPF_TRACE_FENTRY);
	/* These came with 6.5. */
	if (kernel_presence("bpf_link_info.perf_event.type", BPFSYS_KV(6, 6)) ==
		    PRESENT ||
	    fdinfo_has(state, fd, "target_obj_id")) {
		expect_fdinfo_u64(state, fd, "target_obj_id",
				  info.tracing.target_obj_id);
		expect_fdinfo_u64(state, fd, "target_btf_id",
				  need_func_id(state, "bpf_fentry_test1"));
	}
	end(&hook, fd);
}

void link_create__iter_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_iter, "iter");

	expect_fdinfo(state, fd, "target_name", "bpf_map");
	end(&hook, fd);
}

void link_create__perf_event_fdinfo(void **state)
{
	struct hook hook;
	int fd = begin(state, &hook, hook_perf_event, "perf");

	end(&hook, fd);
}

void link_create__cgroup_fdinfo(void **state)
{
	struct world world;
	int fd;

	memset(&world, 0, sizeof(world));
	world.state = state;
	world.map_fd = world.prog_fd = world.prog2_fd = world.link_fd =
		world.btf_fd = world.dir_fd = world.zero_fd = -1;
	make_cgroup_hook(&world);
	fd = need(state, "BPF_LINK_CREATE", link_cgroup(&world, world.prog_fd));
	check_fdinfo(state, fd, "cgroup");
	expect_fdinfo_u64(state, fd, "cgroup_id", id_of_cgroup(&world));
	expect_fdinfo_u64(state, fd, "attach_type", CGROUP_HOOK);
	close(fd);
	world_drop(&world);
}

void raw_tracepoint_open__fdinfo(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	int fd = open_raw_tracepoint(state, "task_newtask", prog_fd);

	check_fdinfo(state, fd, "raw_tracepoint");
	expect_fdinfo(state, fd, "tp_name", "task_newtask");
	close(fd);
	close(prog_fd);
}
