/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* SIGINT, SIGTERM and SIGHUP end the VM, not bpfabi: what was found out is
 * still reported. */
#ifndef BPFABI_INTERRUPT_H
#define BPFABI_INTERRUPT_H

void interrupt_install(void);

/* The signal that came, or 0. */
int interrupt_signal(void);

#endif
