/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The guest's end of the bulk channel: a PCI device whose memory sysfs lets us
 * map, so that no kernel needs a driver for it. */
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../proto/ring.h"
#include "guest.h"

#define DEVICES "/sys/bus/pci/devices"
#define IVSHMEM "0x1af4 0x1110"

#define PIPE_SIZE (1024 * 1024)

#define NAP_LEAST 20000
#define NAP_MOST  1000000

static struct bulk_header *shared; /* NULL: there is none */
static struct ring in, out;
static char resource[sizeof(DEVICES) + 300];
static size_t size;

static void read_word(int dir, const char *name, char *word, size_t room)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, word, room - 1);

	word[n < 0 ? 0 : n] = 0;
	word[strcspn(word, "\n")] = 0;
	if (fd >= 0)
		close(fd);
}

/* Maps the memory of the device in dir; 0 or an errno. */
static int map_device(int dir)
{
	int fd = openat(dir, "enable", O_WRONLY | O_CLOEXEC), err = 0;
	struct stat st;
	void *mem;

	if (fd < 0 || write(fd, "1", 1) != 1)
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	fd = openat(dir, "resource2", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno;
	mem = fstat(fd, &st) ? MAP_FAILED
			     : mmap(NULL, st.st_size, PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);
	err = mem == MAP_FAILED ? errno : 0;
	close(fd);
	if (err)
		return err;
	shared = mem;
	size = st.st_size;
	if (size < BULK_LEAST || le64toh(shared->magic) != BULK_MAGIC ||
	    le64toh(shared->size) != size) {
		munmap(mem, size);
		shared = NULL;
		return EPROTO;
	}
	bulk_rings(mem, size, &in, &out);
	return 0;
}

int bulk_open(void)
{
	char vendor[16], device[16], id[40];
	DIR *d = opendir(DEVICES);
	struct dirent *de;
	int err = ENODEV, dir;

	while (d && err == ENODEV && (de = readdir(d))) {
		if (de->d_name[0] == '.')
			continue;
		dir = openat(dirfd(d), de->d_name,
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		read_word(dir, "vendor", vendor, sizeof(vendor));
		read_word(dir, "device", device, sizeof(device));
		snprintf(id, sizeof(id), "%s %s", vendor, device);
		snprintf(resource, sizeof(resource), DEVICES "/%s/resource2",
			 de->d_name);
		if (!strcmp(id, IVSHMEM))
			err = map_device(dir);
		close(dir);
	}
	if (d)
		closedir(d);
	return err;
}

void bulk_widen(int pipe)
{
	/* Else it is only slower. */
	if (shared)
		fcntl(pipe, F_SETPIPE_SZ, PIPE_SIZE);
}

void bulk_window_name(char *text, size_t room)
{
	*text = 0;
	if (shared)
		snprintf(text, room, "BPFVM_WINDOW=%zu:%zu:%s",
			 bulk_window(size), bulk_window(size), resource);
}

/* Sleeps ever longer: nothing here can interrupt us. */
static void nap(long *ns)
{
	struct timespec t = {0, *ns};

	nanosleep(&t, NULL);
	if (*ns < NAP_MOST)
		*ns *= 2;
}

static size_t await_room(struct iovec iov[2])
{
	long ns = NAP_LEAST;
	int n;

	while ((n = ring_room(&out, iov)) < RING_PAYLOAD / 2) {
		if (n < 0)
			die_protocol("bulk channel");
		nap(&ns);
	}
	return n;
}

static void publish(uint8_t type, size_t len)
{
	ring_put(&out, type, len);
	/* Either we see that the host waits, or it sees the new index. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!ring_load(&shared->host_waits))
		return;
	ring_store(&shared->host_waits, 0);
	send_frame(PROTO_BELL, NULL, 0);
}

void receive_bulk(struct proto_frame *f)
{
	static struct ring_record rec;
	long ns = NAP_LEAST;
	int ret;

	if (!shared) {
		port_receive(f);
		send_frame(PROTO_IN_TAKEN, NULL, 0);
		return;
	}
	while (!(ret = ring_take(&in, &rec)))
		nap(&ns);
	if (ret < 0)
		die_protocol("bulk channel");
	f->type = rec.type;
	f->len = rec.len;
	f->data = (const uint8_t *)rec.data;
}

void send_bulk(uint8_t type, const void *data, size_t len)
{
	struct iovec iov[2];
	size_t first;

	if (!shared) {
		send_frame(type, data, len);
		return;
	}
	/* len is at most PROTO_PAYLOAD, and there is more room than that. */
	await_room(iov);
	first = len < iov[0].iov_len ? len : iov[0].iov_len;
	memcpy(iov[0].iov_base, data, first);
	if (len > first)
		memcpy(iov[1].iov_base, (const char *)data + first,
		       len - first);
	publish(type, len);
}

ssize_t send_from(int fd, uint8_t type)
{
	static char buf[PROTO_PAYLOAD];
	struct iovec iov[2];
	ssize_t n;

	if (!shared) {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			send_frame(type, buf, n);
		return n;
	}
	await_room(iov);
	n = readv(fd, iov, 2);
	if (n > 0)
		publish(type, n);
	return n;
}
