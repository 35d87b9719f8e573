// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The struct-sizing rules, for any command: what its size argument promises.
 * Everything command-specific comes from the table and the witness. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call.h"
#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "witness.h"

#define CANARY 0x5a

struct sizing {
	void **state;
	const struct bpfsys_command *cmd;
	const struct witness *w;
	struct world world;
	union argument good; /* what arm() filled in */
	uint8_t *area;	     /* two pages; the one behind them is unmapped */
	size_t page;
	size_t ksize; /* sizeof(union bpf_attr) of the kernel */
	int stdin_fd; /* what descriptor 0 was */
};

static void sizing_begin(struct sizing *s, void **state)
{
	struct run *run = *state;

	memset(s, 0, sizeof(*s));
	s->state = state;
	s->cmd = run->which->command;
	s->page = (size_t)sysconf(_SC_PAGESIZE);
	s->ksize = kernel_attr_size();
	expect_range(state, "sizeof(union bpf_attr) by probe", 64, s->page,
		     s->ksize);
	s->area = mmap(NULL, 3 * s->page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->area == MAP_FAILED)
		need(state, "mmap", -errno);
	need(state, "mprotect",
	     mprotect(s->area + 2 * s->page, s->page, PROT_NONE) ? -errno : 0);
	s->stdin_fd = need(state, "dup of descriptor 0",
			   fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
	s->w = world_make(&s->world, state);
}

static void sizing_end(struct sizing *s)
{
	if (s->world.zero_fd >= 0)
		dup2(s->stdin_fd, STDIN_FILENO);
	close(s->stdin_fd);
	world_drop(&s->world);
	munmap(s->area, 3 * s->page);
}

/* The witness's next argument, in s->good; descriptor 0 is its object. */
static void arm(struct sizing *s)
{
	memset(&s->good, 0, sizeof(s->good));
	s->w->arm(&s->world, &s->good);
	if (s->world.zero_fd >= 0)
		dup2(s->world.zero_fd, STDIN_FILENO);
}

/* SIZE bytes at the start of the area: the first KEEP of the good argument,
 * zeros from there on; FILL behind SIZE. */
static uint8_t *lay_out(struct sizing *s, size_t keep, size_t size, int fill)
{
	memset(s->area, 0, size);
	memset(s->area + size, fill, 2 * s->page - size);
	memcpy(s->area, &s->good,
	       keep < sizeof(s->good) ? keep : sizeof(s->good));
	return s->area;
}

/* The same, with the argument's last byte before the unmapped page. */
static uint8_t *lay_out_at_end(struct sizing *s, size_t size)
{
	uint8_t *attr = s->area + 2 * s->page - size;

	memcpy(attr, &s->good, size < sizeof(s->good) ? size : sizeof(s->good));
	return attr;
}

/* Arms, calls with the first KEEP bytes of the good argument in SIZE, and
 * undoes what that did. */
static int shoot(struct sizing *s, size_t keep, size_t size)
{
	int ret;

	arm(s);
	ret = bpfsys(s->cmd->nr, lay_out(s, keep, size, 0), (unsigned int)size);
	if (s->w->disarm)
		s->w->disarm(&s->world, ret);
	return ret;
}

/* Errors are compared by value, successes are alike. */
static void expect_same(struct sizing *s, size_t size, int want, int got)
{
	char what[96];

	snprintf(what, sizeof(what),
		 "size %zu, as the same bytes and zeros in %zu bytes", size,
		 s->ksize);
	if (want < 0)
		expect_error(s->state, what, -want, got);
	else
		expect_ok(s->state, what, got);
}

static void expect_good(struct sizing *s, const char *how, size_t size, int ret)
{
	char what[96];

	snprintf(what, sizeof(what), "%s, size %zu", how, size);
	if (!witness_succeeded(s->w, ret))
		expect_ok(s->state, what, ret);
}

void generic__size_zero(void **state)
{
	struct sizing s;
	int want, got;

	sizing_begin(&s, state);
	want = shoot(&s, 0, s.ksize);
	got = shoot(&s, 0, 0);
	sizing_end(&s);
	expect_same(&s, 0, want, got);
}

void generic__size_short(void **state)
{
	struct sizing s;
	int want, got;

	sizing_begin(&s, state);
	want = shoot(&s, 0, s.ksize);
	for (size_t size = 1; size <= s.cmd->group_end; size++) {
		/* One more zero byte changes nothing: no need to ask again. */
		if (s.good.bytes[size - 1])
			want = shoot(&s, size, s.ksize);
		got = shoot(&s, size, size);
		expect_same(&s, size, want, got);
	}
	sizing_end(&s);
}

void generic__size_grown(void **state)
{
	struct sizing s;
	size_t size;

	sizing_begin(&s, state);
	for (size = s.cmd->group_end; size <= s.ksize + 16; size++)
		expect_good(&s, "zero tail", size,
			    shoot(&s, s.cmd->group_end, size));
	for (size = 256; size <= s.page; size *= 2) {
		expect_good(&s, "zero tail", size - 1,
			    shoot(&s, s.cmd->group_end, size - 1));
		expect_good(&s, "zero tail", size,
			    shoot(&s, s.cmd->group_end, size));
	}
	sizing_end(&s);
}

void generic__size_over_page(void **state)
{
	struct sizing s;
	uint8_t *attr;

	sizing_begin(&s, state);
	arm(&s);
	attr = lay_out(&s, sizeof(s.good), 2 * s.page, 0);
	const unsigned int sizes[] = {(unsigned int)s.page + 1,
				      (unsigned int)s.page * 2, 1u << 31,
				      UINT32_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		expect_error(state, "more than a page", E2BIG,
			     bpfsys(s.cmd->nr, attr, sizes[i]));
		expect_error(state, "more than a page, unreadable", E2BIG,
			     bpfsys(s.cmd->nr, NULL, sizes[i]));
	}
	if (s.w->disarm)
		s.w->disarm(&s.world, -E2BIG);
	sizing_end(&s);
}

/* One byte from FROM to TO, exclusive, alone not zero: CMD says ERR, with the
 * byte as the last one and, here and there, with zeros behind it up to SIZE.
 * Every byte near the union is tried; further out, where only the kernel's scan
 * for a byte is left to go wrong, every seventh, and the last. */
static void poke_tail(struct sizing *s, size_t from, size_t to, size_t size,
		      int err)
{
	char what[64];
	uint8_t *attr;

	arm(s);
	attr = lay_out(s, s->cmd->group_end, size, 0);
	for (size_t at = from; at < to; at++) {
		if (at > from + 256 && at % 7 && at < to - 1)
			continue;
		snprintf(what, sizeof(what), "byte %zu not zero", at);
		attr[at] = at % 2 ? 0x80 : 0x01;
		expect_error(s->state, what, err,
			     call_expecting(-err, s->cmd->nr, attr,
					    (unsigned int)at + 1));
		if (at < from + 16 || at % 64 == 63 || at == to - 1)
			expect_error(s->state, what, err,
				     call_expecting(-err, s->cmd->nr, attr,
						    (unsigned int)size));
		attr[at] = 0;
	}
	if (s->w->disarm)
		s->w->disarm(&s->world, -err);
}

void generic__size_tail_e2big(void **state)
{
	struct sizing s;

	sizing_begin(&s, state);
	poke_tail(&s, s.ksize, s.page, s.page, E2BIG);
	expect_good(&s, "zero tail", s.page,
		    shoot(&s, s.cmd->group_end, s.page));
	sizing_end(&s);
}

/* Where the bytes start that CMD must find zero. Without BTF: past the newest
 * last field that the table knows. A kernel newer than the table may know more
 * of the group. */
static size_t unknown_from(const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_last *lasts = bpfsys_abi_lasts(cmd, &count);
	const struct bpfsys_last *last = kernel_last(cmd);

	if (!last)
		last = &lasts[count - 1];
	return last->end < cmd->group_end ? last->end : kernel_group_end(cmd);
}

void generic__size_tail_einval(void **state)
{
	struct sizing s;

	sizing_begin(&s, state);
	poke_tail(&s, unknown_from(s.cmd), s.ksize, s.ksize, EINVAL);
	expect_good(&s, "zero tail", s.ksize,
		    shoot(&s, s.cmd->group_end, s.ksize));
	sizing_end(&s);
}

void generic__size_unreadable(void **state)
{
	struct sizing s;
	size_t end;
	char what[64];

	sizing_begin(&s, state);
	end = s.cmd->group_end;
	arm(&s);
	expect_error(state, "NULL", EFAULT,
		     bpfsys(s.cmd->nr, NULL, (unsigned int)end));
	expect_error(state, "a kernel address", EFAULT,
		     bpfsys(s.cmd->nr, (void *)(uintptr_t)-4096L,
			    (unsigned int)end));
	for (size_t there = 0; there < end; there++) {
		snprintf(what, sizeof(what), "%zu bytes of %zu mapped", there,
			 end);
		expect_error(state, what, EFAULT,
			     bpfsys(s.cmd->nr, lay_out_at_end(&s, there),
				    (unsigned int)end));
	}
	expect_error(state, "the tail past the kernel's union unmapped", EFAULT,
		     bpfsys(s.cmd->nr,
			    memset(s.area + 2 * s.page - s.ksize, 0, s.ksize),
			    (unsigned int)s.ksize + 8));
	if (s.w->disarm)
		s.w->disarm(&s.world, -EFAULT);
	sizing_end(&s);
}

void generic__size_page_end(void **state)
{
	struct sizing s;
	size_t end;
	int ret;

	sizing_begin(&s, state);
	end = s.cmd->group_end;
	arm(&s);
	ret = bpfsys(s.cmd->nr, lay_out_at_end(&s, end), (unsigned int)end);
	expect_good(&s, "an unmapped page behind it", end, ret);
	if (s.w->disarm)
		s.w->disarm(&s.world, ret);
	sizing_end(&s);
}

/* The marked bytes as "bytes 4..7, 12..15". */
static void show_bytes(const bool *marked, size_t count, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t at = 0; at < count; at++) {
		size_t first = at;
		int n;

		if (!marked[at])
			continue;
		while (at + 1 < count && marked[at + 1])
			at++;
		n = snprintf(buf + used, size - used, "%s%zu..%zu",
			     used ? ", " : "bytes ", first, at);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

/* Marks what was written into the canaries from SIZE on. */
static bool mark_written(const struct sizing *s, size_t size, uint8_t canary,
			 bool *marked)
{
	const uint8_t *canaries = s->area + size;
	bool any = false;

	/* All alike and the first one whole: nothing to look for. */
	if (canaries[0] == canary &&
	    memcmp(canaries, canaries + 1, 2 * s->page - size - 1) == 0)
		return false;
	for (size_t at = size; at < 2 * s->page; at++)
		if (s->area[at] != canary)
			any = marked[at] = true;
	return any;
}

/* A violation: known of this kernel with exactly these bytes, or a failure. */
static void judge_writes(struct sizing *s, const char *observed, size_t size)
{
	struct run *run = *s->state;
	const char *evidence = known_deviation(run, observed);

	snprintf(run->expected, sizeof(run->expected),
		 "no byte past the size is written");
	snprintf(run->got, sizeof(run->got), "%s", observed);
	if (evidence) {
		run->verdict = VERDICT_KNOWN;
		snprintf(run->detail, sizeof(run->detail), "%s", evidence);
		return;
	}
	snprintf(run->detail, sizeof(run->detail), "first seen with size %zu",
		 size);
	fail_case(s->state);
}

/* Every size, with that canary behind it; the first at which some were
 * written, or SIZE_MAX. */
static size_t try_sizes(struct sizing *s, uint8_t canary, bool *marked)
{
	struct run *run = *s->state;
	size_t first = SIZE_MAX;

	for (size_t size = 0; size <= s->cmd->group_end; size++) {
		int ret;

		arm(s);
		ret = bpfsys(s->cmd->nr, lay_out(s, size, size, canary),
			     (unsigned int)size);
		if (mark_written(s, size, canary, marked) &&
		    first == SIZE_MAX) {
			first = size;
			call_show_last(run->call, sizeof(run->call));
		}
		if (s->w->disarm)
			s->w->disarm(&s->world, ret);
	}
	return first;
}

void generic__size_no_write_past(void **state)
{
	static bool marked[2 * 65536];
	char observed[256] = "";
	struct sizing s;
	size_t first, second;

	memset(marked, 0, sizeof(marked));
	sizing_begin(&s, state);
	first = try_sizes(&s, CANARY, marked);
	/* A byte that was written may be the canary by chance: an id's. */
	second = try_sizes(&s, (uint8_t)~CANARY, marked);
	first = second < first ? second : first;
	show_bytes(marked, 2 * s.page, observed, sizeof(observed));
	sizing_end(&s);
	if (observed[0])
		judge_writes(&s, observed, first);
}

static bool is_output(const struct bpfsys_command *cmd, size_t at)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	for (size_t i = 0; i < count; i++)
		if (fields[i].dir != BPFSYS_DIR_IN && at >= fields[i].offset &&
		    at < (size_t)fields[i].offset + fields[i].size)
			return true;
	return false;
}

/* What the call changed of the argument: output fields, and only where it
 * SUCCEEDED. */
static void expect_unchanged(struct sizing *s, const uint8_t *before,
			     const uint8_t *after, bool succeeded)
{
	char what[96];

	for (size_t at = 0; at < sizeof(s->good); at++) {
		if (before[at] == after[at] ||
		    (succeeded && is_output(s->cmd, at)))
			continue;
		snprintf(what, sizeof(what), "byte %zu of the argument%s", at,
			 succeeded ? "" : " after the call failed");
		expect_u64(s->state, what, before[at], after[at]);
	}
}

/* A good argument with one byte at AT (if any) that makes it fail. */
static void expect_outputs_only(struct sizing *s, size_t size, size_t at)
{
	union argument before;
	uint8_t *attr;
	int ret;

	arm(s);
	attr = lay_out(s, s->cmd->group_end, sizeof(s->good), 0);
	if (at)
		attr[at] = 1;
	memcpy(&before, attr, sizeof(before));
	ret = bpfsys(s->cmd->nr, attr, (unsigned int)size);
	expect_unchanged(s, before.bytes, attr, witness_succeeded(s->w, ret));
	if (s->w->disarm)
		s->w->disarm(&s->world, ret);
}

void generic__size_only_outputs(void **state)
{
	struct sizing s;

	sizing_begin(&s, state);
	expect_outputs_only(&s, s.cmd->group_end, 0);
	expect_outputs_only(&s, s.ksize, 0);
	expect_outputs_only(&s, s.ksize + 8, s.ksize + 7);
	if (s.ksize > unknown_from(s.cmd))
		expect_outputs_only(&s, s.ksize, s.ksize - 1);
	sizing_end(&s);
}
