// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Turns signals that end a program into the end of the VM. */
#include <signal.h>
#include <string.h>

#include <bpfvm/bpfvm.h>

#include "interrupt.h"

static volatile sig_atomic_t came;

static void on_signal(int sig)
{
	came = sig;
	bpfvm_interrupt();
}

void interrupt_install(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	/* A second signal, from someone in a hurry, ends bpfabi at once. */
	action.sa_flags = (int)SA_RESETHAND;
	action.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup asked for this one to be ignored. */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

int interrupt_signal(void)
{
	return came;
}
