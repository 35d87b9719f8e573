// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a descriptor of bpf(2) answers to the calls of any file: most of them
 * refuse it, and poll(2) tells of rings. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"
#include "struct_ops.h"

/* How calls on a descriptor end, each 0 or more, or a negative errno. */
struct answers {
	int read, write, ioctl, map, epoll;
	short poll;
};

static int errno_of(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

static short poll_now(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN | POLLOUT};

	return poll(&wait, 1, 0) < 0 ? -1 : wait.revents;
}

static int try_epoll(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int ret, set = epoll_create1(EPOLL_CLOEXEC);

	ret = errno_of(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	close(set);
	return ret;
}

static void ask(int fd, struct answers *answers)
{
	char buffer[64] = {0};
	void *memory;

	answers->read = errno_of(read(fd, buffer, sizeof(buffer)));
	answers->write = errno_of(write(fd, buffer, sizeof(buffer)));
	answers->ioctl = errno_of(ioctl(fd, 0x1234, buffer));
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	answers->map = memory == MAP_FAILED ? -errno : 0;
	answers->epoll = try_epoll(fd);
	answers->poll = poll_now(fd);
}

/* Neither read, nor written, nor anything else; closes FD. One that is open to
 * read only refuses to be written before the object is asked. */
static void expect_refused(void **state, int fd, int write_errno, int map_errno)
{
	struct answers got;

	ask(fd, &got);
	close(fd);
	expect_error(state, "read", EINVAL, got.read);
	expect_error(state, "write", write_errno, got.write);
	expect_error(state, "ioctl", ENOTTY, got.ioctl);
	expect_error(state, "mmap", map_errno, got.map);
}

/* Of a type that cannot be polled: always ready, and not for epoll(7). */
static void expect_no_poll(void **state, int fd)
{
	struct answers got;

	ask(fd, &got);
	expect_u64(state, "poll", POLLIN | POLLOUT, (uint64_t)got.poll);
	expect_error(state, "epoll_ctl", EPERM, got.epoll);
}

void map_create__as_file(void **state)
{
	struct answers got;
	int fd = shape_make(state, SHAPE_HASH);

	ask(fd, &got);
	expect_u64(state, "poll of a hash", POLLERR, (uint64_t)got.poll);
	expect_u64(state, "epoll_ctl of a hash", 0, (uint64_t)got.epoll);
	expect_refused(state, fd, EINVAL, BPFSYS_ENOTSUPP);
}

void prog_load__as_file(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);

	expect_no_poll(state, fd);
	expect_refused(state, fd, EINVAL, ENODEV);
}

void btf_load__as_file(void **state)
{
	int fd = make_btf(state);

	expect_no_poll(state, fd);
	expect_refused(state, fd, EBADF, ENODEV);
}

void raw_tracepoint_open__as_file(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_newtask_prog(state, map_fd);
	int fd = open_raw_tracepoint(state, "task_newtask", prog_fd);

	close(map_fd);
	close(prog_fd);
	expect_no_poll(state, fd);
	expect_refused(state, fd, EBADF, ENODEV);
}

/* A socket filter that puts 8 bytes into the ring. */
static int make_producer(void **state, int ring_fd)
{
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -8, 0x55),
		LD_MAP_FD(BPF_REG_1, ring_fd),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -8),
		MOV64_IMM(BPF_REG_3, 8),
		MOV64_IMM(BPF_REG_4, 0),
		CALL_HELPER(BPF_FUNC_ringbuf_output),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, insns,
			      COUNT_OF(insns));
}

/* Readable while the consumer is behind. The page of its position is first,
 * that of the producer's second. */
void map_create__ringbuf_poll(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int ring_fd = shape_make_needed(state, SHAPE_RINGBUF);
	int prog_fd = make_producer(state, ring_fd);
	volatile unsigned long *consumer = mmap(
		NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0);
	volatile unsigned long *producer =
		mmap(NULL, page, PROT_READ, MAP_SHARED, ring_fd, (off_t)page);

	need(state, "mmap of a ring buffer",
	     consumer == MAP_FAILED || producer == MAP_FAILED ? -errno : 0);
	expect_u64(state, "poll of an empty ring", 0,
		   (uint64_t)poll_now(ring_fd));
	run_on_packet(state, prog_fd, 1);
	expect_u64(state, "poll of a ring with a record", POLLIN,
		   (uint64_t)poll_now(ring_fd));
	expect_u64(state, "the producer's position", 16, *producer);
	*consumer = *producer;
	expect_u64(state, "poll of a ring that was read", 0,
		   (uint64_t)poll_now(ring_fd));
	munmap((void *)consumer, page);
	munmap((void *)producer, page);
	close(prog_fd);
	close(ring_fd);
}

/* Writable while there is room for the producer, who is on our side. */
void map_create__user_ringbuf_poll(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = shape_make_needed(state, SHAPE_USER_RINGBUF);
	struct bpfsys_map_info info;
	volatile unsigned long *producer =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     (off_t)page);

	need(state, "mmap of a user ring buffer",
	     producer == MAP_FAILED ? -errno : 0);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "poll of an empty ring", POLLOUT,
		   (uint64_t)poll_now(fd));
	*producer = info.max_entries - 8;
	expect_u64(state, "poll of a ring with 8 bytes left", POLLOUT,
		   (uint64_t)poll_now(fd));
	*producer = info.max_entries;
	expect_u64(state, "poll of a full ring", 0, (uint64_t)poll_now(fd));
	munmap((void *)producer, page);
	close(fd);
}

/* A link of a struct_ops map can be polled since it can be detached: 6.10. */
void link_create__struct_ops_poll(void **state)
{
	struct bpfsys_link_create_attr create;
	struct bpfsys_link_detach_attr detach;
	uint32_t offset, size;
	int fd, map_fd;

	need_struct_ops_links(state);
	if (!kernel_member("bpf_link_ops.poll", &offset, &size))
		skip_case(state, "the kernel's BTF has no bpf_link_ops.poll");
	map_fd = make_ready_struct_ops(state, "bpfabi_poll");
	memset(&create, 0, sizeof(create));
	create.map_fd = (uint32_t)map_fd;
	create.attach_type = BPFABI_ATTACH_STRUCT_OPS;
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&create));
	close(map_fd);
	expect_u64(state, "poll of a link", 0, (uint64_t)poll_now(fd));
	memset(&detach, 0, sizeof(detach));
	detach.link_fd = (uint32_t)fd;
	expect_ok(state, "BPF_LINK_DETACH", bpfsys_link_detach(&detach));
	expect_u64(state, "poll of a detached link", POLLHUP,
		   (uint64_t)poll_now(fd));
	expect_u64(state, "epoll_ctl of a link", 0, (uint64_t)try_epoll(fd));
	expect_refused(state, fd, EBADF, ENODEV);
}
