/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpf(2) as an instruction: syscall(3) moves every argument by one register and
 * back, which is as much work as the rest of a wrapper. Where there is no
 * instruction for it here, or BPFSYS_LIBC_DOOR is set, libc makes the call. */
#ifndef BPFSYS_DOOR_H
#define BPFSYS_DOOR_H

#include <errno.h>
#include <sys/syscall.h>

/* Both return what the kernel returns: a negative errno on failure. */
#if defined(__x86_64__) && !defined(__ILP32__) && !defined(BPFSYS_LIBC_DOOR)

static inline long door3(unsigned int cmd, void *attr, unsigned int size)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(SYS_bpf), "D"(cmd), "S"(attr), "d"(size)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long door5(unsigned int cmd, void *attr, unsigned int size,
			 void *common, unsigned int common_size)
{
	register void *r10 __asm__("r10") = common;
	register unsigned long r8 __asm__("r8") = common_size;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(SYS_bpf), "D"(cmd), "S"(attr), "d"(size),
			   "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__) && !defined(__ILP32__) && !defined(BPFSYS_LIBC_DOOR)

static inline long door5(unsigned int cmd, void *attr, unsigned int size,
			 void *common, unsigned int common_size)
{
	register long x8 __asm__("x8") = SYS_bpf;
	register long x0 __asm__("x0") = cmd;
	register void *x1 __asm__("x1") = attr;
	register long x2 __asm__("x2") = size;
	register void *x3 __asm__("x3") = common;
	register long x4 __asm__("x4") = common_size;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}

static inline long door3(unsigned int cmd, void *attr, unsigned int size)
{
	register long x8 __asm__("x8") = SYS_bpf;
	register long x0 __asm__("x0") = cmd;
	register void *x1 __asm__("x1") = attr;
	register long x2 __asm__("x2") = size;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2)
			 : "memory");
	return x0;
}

#else

#include <unistd.h>

static inline long door3(unsigned int cmd, void *attr, unsigned int size)
{
	long ret = syscall(SYS_bpf, cmd, attr, size);

	return ret < 0 ? -errno : ret;
}

static inline long door5(unsigned int cmd, void *attr, unsigned int size,
			 void *common, unsigned int common_size)
{
	long ret = syscall(SYS_bpf, cmd, attr, size, common, common_size);

	return ret < 0 ? -errno : ret;
}

#endif

#endif
