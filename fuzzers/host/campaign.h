/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What an engine does with an input, whichever engine it is: keeps it, runs it,
 * counts coverage, judges, and keeps what it finds.
 *
 * Told by the environment, as engines have command lines of their own:
 * - BPFSYS_KERNEL: what bpfvm boots (debian:6.12)
 * - BPFSYS_APPEND: more kernel command line
 * - BPFSYS_EXECUTOR: the guest's program (beside the engine's directory)
 * - BPFSYS_WORK: where everything is kept (fuzz-TARGET)
 * - BPFSYS_JOB: name of this engine among those that share it (0)
 * - BPFSYS_CMP: 0: no runs for comparison operands
 * - BPFSYS_TIMEOUT: seconds that one input may take (10)
 * - BPFSYS_ACCEL: auto, kvm or tcg
 */
#ifndef BPFSYS_CAMPAIGN_H
#define BPFSYS_CAMPAIGN_H

#include "../make/make.h"
#include "cover.h"

/* COUNTERS are the engine's, COVER_COUNTERS of them. Where that cannot be, says
 * why and ends the process. */
void campaign_open(enum make_target target, uint8_t *counters);

/* Runs an input. Ends the process when it is told to stop, or when there is no
 * VM to be had. */
void campaign_run(const uint8_t *data, size_t len);

/* As campaign_open(); what remains is the mutator, in a process of its own. */
void campaign_close(void);

#endif
