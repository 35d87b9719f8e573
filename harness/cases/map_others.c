// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps and what is not the caller: sockets that inherit storage, maps in maps
 * that nothing holds any more, the kernel's own operations. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_elem.h"
#include "map_typed.h"
#include "struct_ops.h"

/* A listener on loopback, one that connects to it, and who is accepted. */
struct connection {
	int listener, client, server;
};

static void make_listener(void **state, struct connection *tcp)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	tcp->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(state, "bind",
	     bind(tcp->listener, (struct sockaddr *)&address, sizeof(address))
		     ? -errno
		     : 0);
	need(state, "listen", listen(tcp->listener, 1) ? -errno : 0);
}

static void make_connection(void **state, struct connection *tcp)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	getsockname(tcp->listener, (struct sockaddr *)&address, &size);
	tcp->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(state, "connect",
	     connect(tcp->client, (struct sockaddr *)&address, size) ? -errno
								     : 0);
	tcp->server = accept4(tcp->listener, NULL, NULL, SOCK_CLOEXEC);
	need(state, "accept", tcp->server < 0 ? -errno : 0);
}

/* Storage made with FLAGS, in which the listener has 77 as it accepts. */
static int inherit(void **state, uint32_t flags, struct connection *tcp)
{
	struct shaped shaped;
	uint32_t value = 77;
	int fd;

	shape_need(state, SHAPE_SK_STORAGE, &shaped);
	shaped.attr.map_flags |= flags;
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	make_listener(state, tcp);
	put_elem(state, fd, &tcp->listener, &value);
	make_connection(state, tcp);
	return fd;
}

static void end_connection(struct connection *tcp, int map_fd)
{
	close(tcp->server);
	close(tcp->client);
	close(tcp->listener);
	close(map_fd);
}

void map_lookup_elem__storage_inherited(void **state)
{
	struct connection tcp;
	uint32_t value = 0;
	int fd = inherit(state, BPF_F_CLONE, &tcp);

	expect_ok(state, "lookup of the accepted socket",
		  lookup_value(fd, &tcp.server, &value));
	expect_u64(state, "its value", 77, value);
	value = 78;
	put_elem(state, fd, &tcp.server, &value);
	expect_ok(state, "lookup of the listener",
		  lookup_value(fd, &tcp.listener, &value));
	expect_u64(state, "its value", 77, value);
	expect_error(state, "lookup of who connected", ENOENT,
		     lookup_value(fd, &tcp.client, &value));
	end_connection(&tcp, fd);
}

void map_lookup_elem__storage_not_inherited(void **state)
{
	struct connection tcp;
	uint32_t value = 0;
	int fd = inherit(state, 0, &tcp);

	expect_error(state, "lookup of the accepted socket", ENOENT,
		     lookup_value(fd, &tcp.server, &value));
	expect_ok(state, "lookup of the listener",
		  lookup_value(fd, &tcp.listener, &value));
	expect_u64(state, "its value", 77, value);
	end_connection(&tcp, fd);
}

/* The slots 1 and 3 of four have a map. */
static int make_gaps(void **state, uint32_t ids[2])
{
	int inner = make_counters(state), outer;
	struct bpfsys_map_create_attr attr;
	uint32_t value = (uint32_t)inner;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 4;
	attr.inner_map_fd = (uint32_t)inner;
	outer = need(state, "BPF_MAP_CREATE of an array of maps",
		     bpfsys_map_create(&attr));
	ids[0] = id_of_map(state, inner);
	put_elem(state, outer, &(uint32_t){1}, &value);
	close(inner);
	inner = make_counters(state);
	ids[1] = id_of_map(state, inner);
	value = (uint32_t)inner;
	put_elem(state, outer, &(uint32_t){3}, &value);
	close(inner);
	return outer;
}

/* The first batch from the start, or one that goes on behind BEHIND. */
static int next_batch(int fd, const uint32_t *behind, uint32_t *out,
		      uint32_t keys[4], uint32_t values[4], uint32_t *count)
{
	struct bpfsys_map_batch_attr attr;
	int ret;

	memset(keys, 0x5a, 4 * sizeof(*keys));
	memset(values, 0x5a, 4 * sizeof(*values));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.in_batch = bpfsys_ptr(behind);
	attr.out_batch = bpfsys_ptr(out);
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.count = *count;
	ret = bpfsys_map_lookup_batch(&attr);
	*count = attr.count;
	return ret;
}

void map_lookup_batch__empty_slots(void **state)
{
	uint32_t ids[2], keys[4], values[4], out, count = 4;
	int ret, fd = make_gaps(state, ids);

	ret = next_batch(fd, NULL, &out, keys, values, &count);
	if (ret == -BPFSYS_ENOTSUPP) {
		uint32_t offset, size;

		close(fd);
		expect_true(state, "such batches came before 5.13",
			    !kernel_member("bpf_map_ops.map_for_each_callback",
					   &offset, &size));
		skip_case(state, "no batches of arrays of maps: ENOTSUPP");
	}
	expect_error(state, "a batch of all", ENOENT, ret);
	expect_u64(state, "count", 2, count);
	expect_u64(state, "first key", 1, keys[0]);
	expect_u64(state, "second key", 3, keys[1]);
	expect_u64(state, "memory behind the keys", 0x5a5a5a5a, keys[2]);
	expect_u64(state, "first id", ids[0], values[0]);
	expect_u64(state, "second id", ids[1], values[1]);
	expect_u64(state, "memory behind the ids", 0x5a5a5a5a, values[2]);
	count = 1;
	expect_ok(state, "a batch of one",
		  next_batch(fd, NULL, &out, keys, values, &count));
	expect_u64(state, "count", 1, count);
	expect_u64(state, "key", 1, keys[0]);
	expect_u64(state, "id", ids[0], values[0]);
	count = 1;
	expect_ok(state, "the batch behind it",
		  next_batch(fd, &out, &out, keys, values, &count));
	expect_u64(state, "count", 1, count);
	expect_u64(state, "key", 3, keys[0]);
	expect_u64(state, "id", ids[1], values[0]);
	count = 1;
	expect_error(state, "the batch behind the last", ENOENT,
		     next_batch(fd, &out, &out, keys, values, &count));
	expect_u64(state, "count", 0, count);
	close(fd);
}

/* A program that may sleep holds the map of maps. */
static int hold_by_sleeper(void **state, int map_fd)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_bind_map_attr bind;
	struct bpfsys_prog_load_attr attr;
	int prog_fd;

	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	prog_fd = load_prog(state, &attr);
	memset(&bind, 0, sizeof(bind));
	bind.prog_fd = (uint32_t)prog_fd;
	bind.map_fd = (uint32_t)map_fd;
	need(state, "BPF_PROG_BIND_MAP", bpfsys_prog_bind_map(&bind));
	return prog_fd;
}

/* The map in slot 1 goes, the other stays; ids say so. */
static void judge_inner_freed(void **state, bool sleeper)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t ids[2], key = 1, value;
	int prog_fd = -1, fd = make_gaps(state, ids);

	if (sleeper)
		prog_fd = hold_by_sleeper(state, fd);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(&key);
	expect_ok(state, "BPF_MAP_DELETE_ELEM", bpfsys_map_delete_elem(&attr));
	expect_true(state, "the map that was deleted is gone",
		    is_gone(bpfsys_map_get_fd_by_id, ids[0]));
	key = 3;
	expect_ok(state, "lookup of the other", lookup_value(fd, &key, &value));
	expect_u64(state, "the other", ids[1], value);
	close(fd);
	close_if_fd(prog_fd);
	expect_true(state, "the other is gone with the map of maps",
		    is_gone(bpfsys_map_get_fd_by_id, ids[1]));
}

void map_delete_elem__inner_freed(void **state)
{
	judge_inner_freed(state, false);
}

void map_delete_elem__inner_of_sleeper(void **state)
{
	judge_inner_freed(state, true);
}

/* Where a member of the map's value is. */
static uint32_t need_place(void **state, const char *path, const char *other)
{
	uint32_t offset, size;

	if (!kernel_member(path, &offset, &size) &&
	    !(other && kernel_member(other, &offset, &size)))
		skip_case(state, "the kernel's BTF has no %s", path);
	return offset;
}

#define OPS   "tcp_congestion_ops"
#define VALUE "bpf_struct_ops_" OPS

/* All zeros before the update; then the state, the members that are data, and
 * ids for programs. */
void map_lookup_elem__struct_ops(void **state)
{
	static uint8_t value[4096], zeros[4096];
	uint32_t at, common, size, key = 0, number;
	struct bpfsys_prog_info info;
	int64_t ready;
	uint64_t id;
	int fd, prog_fd;

	need_struct_ops_links(state);
	fd = make_struct_ops_map(state);
	size = kernel_struct_size(VALUE);
	at = need_place(state, VALUE ".data", NULL);
	common = need_place(state, VALUE ".common.state", VALUE ".state");
	memset(value, 0x5a, sizeof(value));
	expect_ok(state, "lookup of what has no operations",
		  lookup_value(fd, &key, value));
	expect_mem(state, "value of what has no operations", zeros, value,
		   size);
	expect_u64(state, "the byte behind it", 0x5a, value[size]);
	key = 1;
	expect_error(state, "lookup of key 1", ENOENT,
		     lookup_value(fd, &key, value));
	key = 0;
	close(fd);
	fd = make_ready_struct_ops(state, "bpfabi_look");
	expect_ok(state, "lookup of operations", lookup_value(fd, &key, value));
	close(fd);
	if (!kernel_enumerator("bpf_struct_ops_state",
			       "BPF_STRUCT_OPS_STATE_READY", &ready))
		skip_case(state, "no BPF_STRUCT_OPS_STATE_READY");
	memcpy(&number, value + common, sizeof(number));
	expect_u64(state, "state", (uint64_t)ready, number);
	expect_mem(state, "name", "bpfabi_look",
		   value + at + need_place(state, OPS ".name", NULL), 12);
	memcpy(&id, value + at + need_place(state, OPS ".ssthresh", NULL),
	       sizeof(id));
	prog_fd = make_struct_ops_prog(state, "ssthresh");
	memset(&info, 0, sizeof(info));
	get_info(state, prog_fd, &info, sizeof(info));
	close(prog_fd);
	expect_range(state, "id of the program for ssthresh", 1, info.id - 1,
		     id);
}
