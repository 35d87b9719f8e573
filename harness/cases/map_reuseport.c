// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Elements of BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: sockets that share ports, which
 * leave their slot when they are closed. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "catalogue.h"
#include "map_elem.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

/* A socket, with SO_REUSEPORT and bound where that is asked for. */
static int make_socket(void **state, int type, bool shared, bool bound)
{
	const struct sockaddr_in any = {.sin_family = AF_INET};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip_case(state, "a kernel without IPv4: EAFNOSUPPORT");
	need(state, "socket", fd < 0 ? -errno : fd);
	if (shared &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) != 0)
		need(state, "SO_REUSEPORT", -errno);
	if (bound && bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0)
		need(state, "bind", -errno);
	return fd;
}

static int make_shared(void **state)
{
	return make_socket(state, SOCK_DGRAM, true, true);
}

/* Two slots, of 8-byte values. */
static int make_array(void **state)
{
	return make_map(state, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 2, 0);
}

static int call(int map_fd, int (*fn)(const struct bpfsys_map_elem_attr *attr),
		uint32_t key, uint64_t *value, uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(value);
	attr.flags = flags;
	return fn(&attr);
}

static int store(int map_fd, uint32_t key, uint64_t value, uint64_t flags)
{
	return call(map_fd, bpfsys_map_update_elem, key, &value, flags);
}

static int delete (int map_fd, uint32_t key)
{
	return call(map_fd, bpfsys_map_delete_elem, key, NULL, 0);
}

/* FD is in slot KEY: a lookup gives its cookie. */
static void expect_socket(void **state, int map_fd, uint32_t key, int fd)
{
	socklen_t size = sizeof(uint64_t);
	uint64_t want = 0, got = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &want, &size) != 0)
		need(state, "SO_COOKIE", -errno);
	expect_ok(state, "lookup of a socket",
		  call(map_fd, bpfsys_map_lookup_elem, key, &got, 0));
	expect_u64(state, "SO_COOKIE", want, got);
}

static void expect_empty(void **state, const char *what, int map_fd,
			 uint32_t key)
{
	uint64_t value;

	expect_error(state, what, ENOENT,
		     call(map_fd, bpfsys_map_lookup_elem, key, &value, 0));
}

void map_update_elem__reuseport_socket(void **state)
{
	int map_fd = make_array(state);
	int first = make_shared(state), second = make_shared(state);

	expect_ok(state, "BPF_NOEXIST in an empty slot",
		  store(map_fd, 1, (uint64_t)first, BPF_NOEXIST));
	expect_socket(state, map_fd, 1, first);
	expect_empty(state, "the other slot", map_fd, 0);
	expect_ok(state, "BPF_EXIST in a taken slot",
		  store(map_fd, 1, (uint64_t)second, BPF_EXIST));
	expect_socket(state, map_fd, 1, second);
	/* The one that was replaced is free for another slot. */
	expect_ok(state, "a socket that was replaced",
		  store(map_fd, 0, (uint64_t)first, BPF_ANY));
	expect_socket(state, map_fd, 0, first);
	close(first);
	close(second);
	close(map_fd);
}

void map_update_elem__reuseport_taken(void **state)
{
	int map_fd = make_array(state), other_fd = make_array(state);
	int fd = make_shared(state), again, same, other;

	expect_ok(state, "a socket", store(map_fd, 0, (uint64_t)fd, BPF_ANY));
	same = store(map_fd, 0, (uint64_t)fd, BPF_ANY);
	again = store(map_fd, 1, (uint64_t)fd, BPF_ANY);
	other = store(other_fd, 0, (uint64_t)fd, BPF_ANY);
	expect_socket(state, map_fd, 0, fd);
	close(fd);
	close(map_fd);
	close(other_fd);
	expect_errno(state, same);
	expect_errno(state, again);
	expect_errno(state, other);
}

void map_update_elem__reuseport_slot_taken(void **state)
{
	int map_fd = make_array(state), ret;
	int first = make_shared(state), second = make_shared(state);

	expect_ok(state, "a socket",
		  store(map_fd, 0, (uint64_t)first, BPF_ANY));
	ret = store(map_fd, 0, (uint64_t)second, BPF_NOEXIST);
	expect_socket(state, map_fd, 0, first);
	close(first);
	close(second);
	close(map_fd);
	expect_errno(state, ret);
}

void map_update_elem__reuseport_slot_empty(void **state)
{
	int map_fd = make_array(state), fd = make_shared(state), ret;

	ret = store(map_fd, 0, (uint64_t)fd, BPF_EXIST);
	expect_empty(state, "the slot", map_fd, 0);
	close(fd);
	close(map_fd);
	expect_errno(state, ret);
}

/* Shared but not bound; bound but not shared; TCP that does not listen. */
void map_update_elem__reuseport_unbound(void **state)
{
	const struct {
		int type;
		bool shared, bound;
	} sockets[] = {
		{SOCK_DGRAM, true, false},
		{SOCK_DGRAM, false, true},
		{SOCK_STREAM, true, true},
	};
	int map_fd = make_array(state);

	for (size_t i = 0; i < 3; i++) {
		int fd = make_socket(state, sockets[i].type, sockets[i].shared,
				     sockets[i].bound);

		expect_errno(state, store(map_fd, 0, (uint64_t)fd, BPF_ANY));
		close(fd);
	}
	close(map_fd);
}

static void judge_socket(void **state, int fd)
{
	int map_fd = make_array(state), ret;

	ret = store(map_fd, 0, (uint64_t)fd, BPF_ANY);
	close(fd);
	close(map_fd);
	expect_errno(state, ret);
}

void map_update_elem__reuseport_family(void **state)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	need(state, "socket", fd < 0 ? -errno : fd);
	judge_socket(state, fd);
	/* Like UDP in all but its number; not every kernel has it. */
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
	if (fd >= 0)
		judge_socket(state, fd);
}

/* The low half alone would be a good descriptor. */
void map_update_elem__reuseport_wide(void **state)
{
	int map_fd = make_array(state), fd = make_shared(state), low, high;

	low = store(map_fd, 0, (1ull << 31) | (uint64_t)fd, BPF_ANY);
	high = store(map_fd, 0, (1ull << 32) | (uint64_t)fd, BPF_ANY);
	close(fd);
	close(map_fd);
	expect_errno(state, low);
	expect_errno(state, high);
}

void map_delete_elem__reuseport_socket(void **state)
{
	int map_fd = make_array(state), fd = make_shared(state);

	for (uint32_t key = 0; key < 2; key++) {
		expect_ok(state, "a socket that is in no slot",
			  store(map_fd, key, (uint64_t)fd, BPF_ANY));
		expect_ok(state, "delete", delete (map_fd, key));
		expect_empty(state, "a deleted socket", map_fd, key);
		expect_error(state, "delete again", ENOENT,
			     delete (map_fd, key));
	}
	close(fd);
	close(map_fd);
}

/* The map does not hold its sockets. */
void map_update_elem__reuseport_closed(void **state)
{
	int map_fd = make_array(state);
	int fd = make_shared(state), other = make_shared(state);

	expect_ok(state, "a socket", store(map_fd, 1, (uint64_t)fd, BPF_ANY));
	close(fd);
	expect_empty(state, "a closed socket", map_fd, 1);
	expect_ok(state, "BPF_NOEXIST in the slot of a closed socket",
		  store(map_fd, 1, (uint64_t)other, BPF_NOEXIST));
	expect_socket(state, map_fd, 1, other);
	close(map_fd);
	close(other);
}

/* A map that goes, some time after its last descriptor, lets its sockets go. */
void map_update_elem__reuseport_map_gone(void **state)
{
	int map_fd = make_array(state), other_fd = make_array(state);
	int fd = make_shared(state), ret = -EBUSY;

	expect_ok(state, "a socket", store(map_fd, 0, (uint64_t)fd, BPF_ANY));
	close(map_fd);
	for (int i = 0; i < 5000 && ret == -EBUSY; i++) {
		usleep(1000);
		ret = store(other_fd, 0, (uint64_t)fd, BPF_ANY);
	}
	close(fd);
	close(other_fd);
	expect_ok(state, "a socket of a map that is gone", ret);
}
