// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Counts the kernel's objects and its memory, for who looks for leaks. */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpfsys/bpfsys.h>

#include "executor.h"

/* What was freed is gone after a grace period and some work. */
#define NAP_NS	    20000000L
#define NAPS_MOST   50
#define NAPS_STABLE 4

struct counts {
	uint32_t progs, maps, links, btfs;
};

static uint32_t count(unsigned int cmd)
{
	struct bpfsys_get_id_attr attr;
	uint32_t n = 0;

	memset(&attr, 0, sizeof(attr));
	while (!bpfsys(cmd, &attr, sizeof(attr))) {
		attr.start_id = attr.next_id;
		n++;
	}
	return n;
}

static struct counts count_objects(void)
{
	return (struct counts){count(BPF_PROG_GET_NEXT_ID),
			       count(BPF_MAP_GET_NEXT_ID),
			       count(BPF_LINK_GET_NEXT_ID),
			       count(BPF_BTF_GET_NEXT_ID)};
}

static void read_memory(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long value;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemFree: %llu", &value) == 1)
			page->mem_free = value;
		if (sscanf(line, "Slab: %llu", &value) == 1)
			page->slab = value;
	}
	if (f)
		fclose(f);
}

/* Until they are what they were when they were counted last, or stay. */
static struct counts settled(const struct counts *last)
{
	const struct timespec nap = {0, NAP_NS};
	struct counts now = count_objects(), next;
	unsigned int same = 0;

	for (unsigned int i = 0; i < NAPS_MOST && same < NAPS_STABLE &&
				 memcmp(&now, last, sizeof(now)) != 0;
	     i++) {
		nanosleep(&nap, NULL);
		next = count_objects();
		same = memcmp(&now, &next, sizeof(now)) ? 0 : same + 1;
		now = next;
	}
	return now;
}

void count_all(void)
{
	static struct counts last;
	const struct counts now = settled(&last);

	last = now;
	page->n_progs = now.progs;
	page->n_maps = now.maps;
	page->n_links = now.links;
	page->n_btfs = now.btfs;
	read_memory();
}
