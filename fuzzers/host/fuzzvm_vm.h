/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* One VM of fuzzvm's: from its start to its end in a thread of its own. */
#ifndef BPFSYS_FUZZVM_VM_H
#define BPFSYS_FUZZVM_VM_H

#include <pthread.h>
#include <signal.h>

#include "fuzzvm.h"

struct one_vm {
	const struct fuzzvm_config *cfg;
	pthread_t thread;
	bool started; /* the thread is there, and to be joined */
	volatile int stop;
	volatile int reported; /* the kernel, on itself, by its console */
	/* Between the thread and who uses the window. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t *window;     /* NULL: not yet, or no more */
	volatile bool ended; /* the VM; the window is there until released */
	bool released, done;
	bool late; /* it did not get ready in time */
	struct bpfvm_result res;
	char tail[64]; /* of the console: a word may come in two pieces */
};

int one_vm_start(struct one_vm *vm, const struct fuzzvm_config *cfg);

/* Waits until the executor is ready, as long as LIMIT_S once there is a window;
 * false: it is not. */
bool one_vm_await(struct one_vm *vm, unsigned int limit_s);

/* Has it end and waits for that; RES is what became of it. Nothing of the
 * window may be used from then on. */
void one_vm_end(struct one_vm *vm, bool stop);

#endif
