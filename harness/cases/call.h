/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The last calls of bpf(2), so that a finding can show the call it is about.
 * The suite is linked with --wrap=bpfsys and --wrap=bpfsys_common. */
#ifndef BPFABI_CALL_H
#define BPFABI_CALL_H

#include <stddef.h>

#include <bpfsys/bpfsys.h>

/* The newest call that returned RET (else the newest), strace-like. */
void call_show(int ret, char *buf, size_t size);

/* The newest call. */
void call_show_last(char *buf, size_t size);

/* The same as bpfsys(), and remembered only where it does not return WANT: for
 * sweeps of thousands of calls that all fail alike. */
int call_expecting(int want, unsigned int cmd, void *attr, unsigned int size);

/* Remembers a call that another process made, which returned RET. */
void call_remember(unsigned int cmd, void *attr, unsigned int size, int ret);

/* Who is told of every call, before and after it; NULL: nobody. */
struct call_watch {
	void (*before)(unsigned int cmd, const void *attr, unsigned int size,
		       const void *common, unsigned int common_size);
	void (*after)(int ret);
};
extern const struct call_watch *call_watch;

/* The door itself, by the names that the linker gives it. */
int __real_bpfsys(unsigned int cmd, void *attr, unsigned int size);
int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size);
int __real_bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
			 struct bpfsys_common_attr *common,
			 unsigned int common_size);
int __wrap_bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
			 struct bpfsys_common_attr *common,
			 unsigned int common_size);

#endif
