// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the kernel ran for a call, by KCOV. It stays on between calls, where a
 * count beyond its buffer makes it keep nothing: that costs no system call. */
#include <fcntl.h>
#include <linux/kcov.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "executor.h"

#define WORDS	  (512UL << 10)
#define NOTHING	  (1ULL << 40)
#define CMP_WORDS 4
/* Wanted PCs are looked up by blocks: functions begin at multiples of 16. */
#define BLOCK  16
#define BLOCKS ((64U << 20) / BLOCK)

static struct mode {
	unsigned int trace;
	int fd;
	uint64_t *area; /* [0]: how many records follow */
} modes[] = {{KCOV_TRACE_PC, -1, NULL}, {KCOV_TRACE_CMP, -1, NULL}};
static struct mode *now, *resumed;
static bool has_kcov, wished, keep;
static uint64_t text;
static uint8_t wanted[BLOCKS];
static uint8_t known[sizeof(page->ranges) + sizeof(page->n_ranges)];

static bool open_mode(struct mode *mode, int to)
{
	int fd =
		fd_move(open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC), to);

	if (fd < 0)
		return false;
	if (ioctl(fd, KCOV_INIT_TRACE, WORDS))
		return false;
	mode->area = mmap(NULL, WORDS * sizeof(uint64_t),
			  PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mode->area == MAP_FAILED)
		return false;
	memset(mode->area, 0, WORDS * sizeof(uint64_t));
	mode->fd = fd;
	return true;
}

void cover_init(void)
{
	text = page->text;
	has_kcov = open_mode(&modes[0], FD_HIDDEN + HIDDEN_PCS);
	page->kcov = has_kcov;
	if (has_kcov && !open_mode(&modes[1], FD_HIDDEN + HIDDEN_CMPS))
		modes[1].fd = -1; /* without KCOV_ENABLE_COMPARISONS */
}

static void switch_to(struct mode *mode)
{
	if (now == mode)
		return;
	if (now)
		ioctl(now->fd, KCOV_DISABLE, 0);
	now = NULL;
	if (!mode || mode->fd < 0)
		return;
	__atomic_store_n(&mode->area[0], NOTHING, __ATOMIC_RELAXED);
	if (!ioctl(mode->fd, KCOV_ENABLE, mode->trace))
		now = mode;
}

static void learn_ranges(void)
{
	uint8_t is[sizeof(known)];
	const uint32_t n =
		page->n_ranges < EXEC_RANGES ? page->n_ranges : EXEC_RANGES;

	memcpy(is, page->ranges, sizeof(page->ranges));
	memcpy(is + sizeof(page->ranges), &n, sizeof(n));
	if (!memcmp(is, known, sizeof(known)))
		return;
	memcpy(known, is, sizeof(known));
	memset(wanted, n == 0, sizeof(wanted));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = page->ranges[i].from / BLOCK;
		uint32_t to = (page->ranges[i].to + BLOCK - 1) / BLOCK;

		to = to < BLOCKS ? to : BLOCKS;
		if (from < to)
			memset(wanted + from, 1, to - from);
	}
}

void cover_want(uint32_t flags)
{
	static bool first = true;

	wished = flags & (EXEC_COVER | EXEC_CMP);
	if (!has_kcov || !wished)
		return;
	if (first)
		memset(wanted, 1, sizeof(wanted));
	first = false;
	learn_ranges();
	switch_to(&modes[!!(flags & EXEC_CMP)]);
}

void cover_keep(bool on)
{
	keep = wished && on;
}

void cover_leave(void)
{
	resumed = now;
	switch_to(NULL);
}

void cover_enter(void)
{
	switch_to(resumed);
}

void cover_begin(void)
{
	if (now)
		__atomic_store_n(&now->area[0], 0, __ATOMIC_RELAXED);
}

static void take_pcs(uint64_t n)
{
	uint32_t *to = (uint32_t *)(window + EXEC_PCS);
	const uint64_t *pc = now->area + 1;
	uint32_t have = page->n_pcs;
	uint64_t i;

	for (i = 0; i < n && have < EXEC_PCS_MOST; i++) {
		const uint64_t at = pc[i] - text;

		if (at >= (uint64_t)BLOCKS * BLOCK)
			continue;
		to[have] = (uint32_t)at;
		have += wanted[at / BLOCK];
	}
	page->n_pcs = have;
	page->pcs_lost += (uint32_t)(n - i) + (n == WORDS - 1);
}

/* Equal operands tell nothing. */
static void take_cmps(uint64_t n)
{
	struct exec_cmp *to = (struct exec_cmp *)(window + EXEC_CMPS);
	const uint64_t *cmp = now->area + 1;
	uint32_t have = page->n_cmps;

	for (; n && have < EXEC_CMPS_MOST; n--, cmp += CMP_WORDS) {
		const uint64_t at = cmp[3] - text;

		if (cmp[1] == cmp[2] || at >= (uint64_t)BLOCKS * BLOCK ||
		    !wanted[at / BLOCK])
			continue;
		to[have].constant = cmp[0] & KCOV_CMP_CONST;
		to[have].size = 1U << ((cmp[0] >> 1) & 3);
		/* The compiler passes the constant first. */
		to[have].a = cmp[2];
		to[have].b = cmp[1];
		have++;
	}
	page->n_cmps = have;
}

void cover_end(void)
{
	uint64_t n;

	if (!now)
		return;
	n = __atomic_exchange_n(&now->area[0], NOTHING, __ATOMIC_RELAXED);
	if (!keep)
		return;
	if (now == &modes[0])
		take_pcs(n < WORDS ? n : WORDS - 1);
	else if (n <= (WORDS - 1) / CMP_WORDS)
		take_cmps(n);
}
