/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See bulk.h. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bulk.h"
#include "vm.h"

/* While records come, the ring is looked at that often; after so many looks in
 * vain it takes a bell. */
#define LOOK_NS	   250000
#define IDLE_LOOKS 8
/* bpfvm_interrupt() may come from a thread whose signals do not wake this
 * one, and a guest may fail to ring. */
#define IDLE_NS 100000000

size_t bulk_size(const struct bpfvm_config *cfg)
{
	size_t mib = cfg->bulk_mib ? cfg->bulk_mib : BULK_DEFAULT_MIB;

	return cfg->no_bulk ? 0 : mib << 20;
}

int bulk_check(const struct bpfvm_config *cfg, const struct why *why)
{
	const unsigned mib = cfg->bulk_mib;

	if (mib > BULK_MOST_MIB || mib & (mib - 1))
		return fault(why, -EINVAL,
			     "bulk channel: %u MiB are no power of two up to "
			     "%d",
			     mib, BULK_MOST_MIB);
	return 0;
}

int bulk_create(struct bulk *b, size_t size, const struct why *why)
{
	void *mem;

	*b = (struct bulk){.fd = -1, .size = size};
	if (!size)
		return 0;
	b->fd = memfd_create("bpfvm-bulk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	b->rec = malloc(sizeof(*b->rec));
	/* Sealed, so that not even QEMU can cut it off below us. */
	if (b->fd < 0 || !b->rec || ftruncate(b->fd, size) ||
	    fcntl(b->fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		goto out_destroy;
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (mem == MAP_FAILED)
		goto out_destroy;
	b->mem = mem;
	b->mem->magic = htole64(BULK_MAGIC);
	b->mem->size = htole64(size);
	bulk_rings(mem, size, &b->in, &b->out);
	return 0;
out_destroy:
	bulk_destroy(b);
	return fault(why, -ENOMEM, "no memory for the bulk channel: %s",
		     strerror(errno));
}

void bulk_destroy(struct bulk *b)
{
	if (b->mem)
		munmap(b->mem, b->size);
	if (b->fd >= 0)
		close(b->fd);
	free(b->rec);
	*b = (struct bulk){.fd = -1};
}

/* A number of the ivshmem protocol, with a file descriptor or without (-1). */
static int tell(int sock, int64_t number, int fd)
{
	union {
		struct cmsghdr head;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {.buf = {0}};
	const uint64_t le = htole64(number);
	struct iovec iov = {(void *)&le, sizeof(le)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof(le) ? 0 : -errno;
}

int bulk_serve(const struct bulk *b, int sock)
{
	/* Version, its number among the peers, and the memory. */
	int ret = tell(sock, 0, -1);

	if (!ret)
		ret = tell(sock, 0, -1);
	return ret ? ret : tell(sock, -1, b->fd);
}

int bulk_next(struct bulk *b, struct proto_frame *f)
{
	int ret = b->on ? ring_take(&b->out, b->rec) : 0;

	if (ret <= 0)
		return ret;
	b->idle = 0;
	f->type = b->rec->type;
	f->len = b->rec->len;
	f->data = (const uint8_t *)b->rec->data;
	return 1;
}

int bulk_put(struct bulk *b, uint8_t type, const void *data, size_t len)
{
	struct iovec iov[2];
	int room = ring_room(&b->in, iov);
	size_t first;

	/* There will be room soon. */
	b->idle = 0;
	if (room < 0 || (size_t)room < len || !room)
		return room < 0 ? room : 0;
	first = len < iov[0].iov_len ? len : iov[0].iov_len;
	memcpy(iov[0].iov_base, data, first);
	if (len > first)
		memcpy(iov[1].iov_base, (const char *)data + first,
		       len - first);
	ring_put(&b->in, type, len);
	return 1;
}

long bulk_wait_ns(struct bulk *b)
{
	if (!b->on)
		return IDLE_NS;
	/* A bell takes the guest longer than a record does. */
	if (++b->idle < IDLE_LOOKS)
		return LOOK_NS;
	ring_store(&b->mem->host_waits, 1);
	/* Either the guest sees that, or we its new index. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_empty(&b->out) ? IDLE_NS : 0;
}
