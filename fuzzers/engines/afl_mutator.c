// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* AFL++'s mutator, for AFL_CUSTOM_MUTATOR_LIBRARY. */
#include <stdlib.h>
#include <string.h>

#include "../host/mutate.h"

static uint8_t buf[SEQ_MOST];

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *in, size_t len, uint8_t **out,
		       const uint8_t *add, size_t add_len, size_t most);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned int seed)
{
	(void)afl;
	srandom(seed);
	mutate_open(TARGET);
	return buf;
}

size_t afl_custom_fuzz(void *data, uint8_t *in, size_t len, uint8_t **out,
		       const uint8_t *add, size_t add_len, size_t most)
{
	const uint64_t seed = (uint64_t)random() << 31 | (uint64_t)random();

	*out = data;
	most = most < sizeof(buf) ? most : sizeof(buf);
	if (add && add_len && seed % 8 == 0)
		return mutate_cross(seed, in, len, add, add_len, buf, most);
	len = len < most ? len : 0;
	memcpy(buf, in, len);
	return mutate(seed, buf, len, most);
}

void afl_custom_deinit(void *data)
{
	(void)data;
}
