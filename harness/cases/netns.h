/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Network namespaces that come and go while a case runs, and their loopback
 * device. */
#ifndef BPFABI_NETNS_H
#define BPFABI_NETNS_H

#include "suite.h"

/* Goes to a new network namespace; a descriptor of the one that was left. */
int netns_enter(void **state);
/* Goes back, and closes it. The kernel ends the new one some time later, when
 * no descriptor holds it. */
void netns_leave(void **state, int home_fd);

/* Brings the loopback device up, which gives it 127.0.0.1. */
void netns_loopback_up(void **state);

/* Waits, for a bounded time, until DONE says so of the descriptor N; false: it
 * never did. */
bool await(bool (*done)(int n), int n);

#endif
