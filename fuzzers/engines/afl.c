// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* AFL++'s side of a campaign: persistent, test cases in shared memory. */
#include <limits.h>
#include <unistd.h>

#include "../host/campaign.h"

uint8_t *afl_counters(void);

__AFL_FUZZ_INIT();

int main(void)
{
	const uint8_t *input;

	__AFL_INIT();
	input = __AFL_FUZZ_TESTCASE_BUF;
	campaign_open(TARGET, afl_counters());
	while (__AFL_LOOP(UINT_MAX))
		campaign_run(input, (size_t)__AFL_FUZZ_TESTCASE_LEN);
	campaign_close();
	return 0;
}
