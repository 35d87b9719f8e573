// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* AFL++'s counters; its compiler has a name of its own for them. */
#include <stdint.h>

extern uint8_t *__afl_area_ptr;
uint8_t *afl_counters(void);

uint8_t *afl_counters(void)
{
	return __afl_area_ptr;
}
