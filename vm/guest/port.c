/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The control port: frames in and out of the second serial port. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

static int tty = -1;
static uint32_t seq;
static struct proto_reader reader;

#if defined(__x86_64__) || defined(__i386__)
#include <sys/io.h>

#define COM2	    0x2f8
#define COM_IER	    (COM2 + 1)
#define COM_FCR	    (COM2 + 2)
#define COM_LCR	    (COM2 + 3)
#define COM_MCR	    (COM2 + 4)
#define COM_LSR	    (COM2 + 5)
#define COM_THERE   0x01 /* in COM_LSR: a byte has come */
#define COM_ROOM    0x20 /* likewise: the FIFO is empty */
#define COM_IDLE    0x40 /* likewise: the last bit is out */
#define COM_FIFO    16
#define COM_NO_UART 0xff

/* Polled from here: every clone that wakes up has to have each instruction on
 * its way translated anew, and the kernel's way from the interrupt through the
 * tty to us takes longer than all that we do ourselves. */
static bool polled;

/* In what may be a clone a wait is a nap: a tick that comes to a process costs
 * QEMU other translations than one that comes to the kernel, which there will
 * be anyway. */
static bool naps;

static bool poll_open(void)
{
	if (ioperm(COM2, 8, 1) || inb(COM_LSR) == COM_NO_UART)
		return false;
	outb(0, COM_IER);
	outb(0x80, COM_LCR); /* divisor 1: 115200 */
	outb(1, COM2);
	outb(0, COM_IER);
	outb(0x03, COM_LCR); /* 8n1 */
	outb(0x07, COM_FCR); /* FIFOs on and empty */
	outb(0x03, COM_MCR);
	polled = true;
	return true;
}

void port_forget(void)
{
	/* execve() would keep the permission. */
	if (polled)
		ioperm(COM2, 8, 0);
}

/* An emulator that is asked for the port without a break gets no byte in: both
 * take the same lock. More bytes mostly follow soon. */
static void give_way(unsigned int round)
{
	const struct timespec nap = {0, 100000};
	int i;

	if (naps && round > 8) {
		nanosleep(&nap, NULL);
		return;
	}
	for (i = 0; i < 32; i++)
		__builtin_ia32_pause();
}

static size_t poll_read(uint8_t *p, size_t room)
{
	unsigned int round = 0;
	size_t n = 0;

	while (!(inb(COM_LSR) & COM_THERE))
		give_way(round++);
	do
		p[n++] = inb(COM2);
	while (n < room && inb(COM_LSR) & COM_THERE);
	return n;
}

static void poll_write(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		while (i % COM_FIFO == 0 && !(inb(COM_LSR) & COM_ROOM))
			;
		outb(p[i], COM2);
	}
}

static void poll_drain(void)
{
	while (!(inb(COM_LSR) & COM_IDLE))
		;
}

static void poll_lazily(void)
{
	naps = true;
}
#else
static const bool polled;
static bool poll_open(void)
{
	return false;
}
void port_forget(void)
{
}
static void poll_drain(void)
{
}
static void poll_lazily(void)
{
}
static size_t poll_read(uint8_t *p, size_t room)
{
	(void)p;
	return room;
}
static void poll_write(const uint8_t *p, size_t len)
{
	(void)p;
	(void)len;
}
#endif

/* The kernel gives us what its command line says and it does not know. A port
 * of virtio-serial comes up some time after the drivers have. */
void port_open(void)
{
	const struct timespec nap = {0, 10000000};
	const char *path = getenv("BPFVM_CONTROL");
	unsigned tries = 1000;
	struct termios t;

	if (poll_open())
		return;
	if (!path)
		path = "/dev/ttyS1";
	while ((tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 &&
	       (errno == ENOENT || errno == ENODEV || errno == ENXIO) &&
	       --tries)
		nanosleep(&nap, NULL);
	if (tty < 0)
		die(path);
	if (tcgetattr(tty, &t)) {
		if (errno != ENOTTY)
			die(path);
		return;
	}
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	t.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(tty, TCSANOW, &t))
		die(path);
}

void send_frame(uint8_t type, const void *data, size_t len)
{
	uint8_t frame[PROTO_FRAME], *p = frame;
	size_t left = proto_pack(frame, type, seq++, data, len);
	ssize_t n;

	if (polled) {
		poll_write(frame, left);
		return;
	}
	while (left) {
		n = write(tty, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("control port");
		p += n;
		left -= n;
	}
}

void port_receive(struct proto_frame *f)
{
	size_t room;
	uint8_t *p;
	ssize_t n;
	int ret;

	while ((ret = proto_next(&reader, f)) == 0) {
		p = proto_room(&reader, &room);
		n = polled ? (ssize_t)poll_read(p, room) : read(tty, p, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die("control port");
		proto_fed(&reader, n);
	}
	if (ret < 0)
		die_protocol("control port");
}

void port_restart(void)
{
	seq = 0;
	poll_lazily();
	memset(&reader, 0, sizeof(reader));
}

void port_drain(void)
{
	if (polled)
		poll_drain();
	else
		tcdrain(tty);
}
