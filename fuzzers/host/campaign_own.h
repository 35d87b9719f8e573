/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of a campaign share. */
#ifndef BPFSYS_CAMPAIGN_OWN_H
#define BPFSYS_CAMPAIGN_OWN_H

#include <signal.h>

#include "campaign.h"
#include "files.h"
#include "finds.h"
#include "hints.h"
#include "leaks.h"
#include "recent.h"
#include "stats.h"

struct campaign {
	enum make_target target;
	uint8_t *counters;
	const char *work;
	char raw[FILES_PATH]; /* where finds are kept */
	bool cmp, blind;
	struct fuzzvm *vm;
	struct cover *cover;
	struct recent *recent;
	struct hints *hints;
	struct stats *stats;
	struct leaks leaks;
	unsigned int started;  /* VMs, the one of the last run included */
	uint64_t vm_inputs;    /* that it was given */
	unsigned int vms;      /* started when leaks were last counted */
	uint64_t objects;      /* then; 0: not yet, in this VM */
	uint64_t old_restarts; /* of earlier runs */
	uint64_t leaks_after;  /* inputs: until then no other */
};
extern struct campaign campaign;

/* The signal that asked it to stop. */
extern volatile sig_atomic_t campaign_stop;

/* Ends the process, and says why where there is more to say than "". */
void __attribute__((noreturn, format(printf, 2, 3)))
campaign_end(enum stats_end how, const char *format, ...);

/* Of the environment. */
const char *campaign_env(const char *name, const char *otherwise);

#endif
