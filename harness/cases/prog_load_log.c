// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: the verifier's log, what may be asked of it and what comes. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"

#define LOG_TRUE_SIZE "bpf_attr.log_true_size", BPFSYS_KV(6, 4)
#define LEVEL_BASIC   1 /* BPF_LOG_LEVEL1 */
#define LEVEL_INSNS   2 /* BPF_LOG_LEVEL2 */

/* Long enough that its log takes more than 128 bytes at LEVEL_INSNS. */
static const struct bpf_insn story[] = {
	MOV64_IMM(BPF_REG_0, 0), MOV64_IMM(BPF_REG_1, 1),
	MOV64_IMM(BPF_REG_2, 2), MOV64_IMM(BPF_REG_3, 3),
	MOV64_IMM(BPF_REG_4, 4), MOV64_IMM(BPF_REG_5, 5),
	MOV64_IMM(BPF_REG_6, 6), MOV64_IMM(BPF_REG_7, 7),
	MOV64_IMM(BPF_REG_8, 8), EXIT(),
};

static void fill_story(struct bpfsys_prog_load_attr *attr, uint32_t level,
		       char *log, uint32_t size)
{
	fill_prog(attr, BPF_PROG_TYPE_SOCKET_FILTER, story, COUNT_OF(story));
	attr->log_level = level;
	attr->log_buf = bpfsys_ptr(log);
	attr->log_size = size;
	if (log)
		memset(log, 0x7f, size);
}

static void judge_log(void **state, uint32_t level, char *log, uint32_t size)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, story, COUNT_OF(story));
	attr.log_level = level;
	attr.log_buf = bpfsys_ptr(log);
	attr.log_size = size;
	judge_load(state, &attr);
}

/* Bit 3 is BPF_LOG_FIXED since 6.4; the kernel keeps the bit above its highest
 * for itself. */
void prog_load__unknown_log_level(void **state)
{
	char log[4096];

	for (uint32_t bit = 4; bit < 32; bit++)
		judge_log(state, LEVEL_BASIC | 1u << bit, log, sizeof(log));
	if (kernel_presence(LOG_TRUE_SIZE) != PRESENT)
		judge_log(state, LEVEL_BASIC | BPFABI_LOG_FIXED, log,
			  sizeof(log));
}

void prog_load__log_without_level(void **state)
{
	char log[4096];

	judge_log(state, 0, log, sizeof(log));
}

void prog_load__log_without_size(void **state)
{
	char log[4096];

	judge_log(state, LEVEL_BASIC, log, 0);
}

void prog_load__log_without_buffer(void **state)
{
	judge_log(state, LEVEL_BASIC, NULL, 4096);
}

void prog_load__log_too_large(void **state)
{
	char log[4096];

	judge_log(state, LEVEL_BASIC, log, (UINT32_MAX >> 2) + 1);
}

void prog_load__unwritable_log(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.log_level = LEVEL_BASIC;
	attr.log_buf = BAD_ADDRESS;
	attr.log_size = 4096;
	judge_load(state, &attr);
}

/* The kernel says that the log was cut only when it knows how much it wrote:
 * the argument itself must be writable then. */
void prog_load__unwritable_log_true_size(void **state)
{
	struct bpfsys_prog_load_attr *attr;
	char log[4096];
	int ret;

	if (!kernel_offers(state, LOG_TRUE_SIZE))
		skip_field(state, "prog_load", "log_true_size");
	attr = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(state, "mmap", attr == MAP_FAILED ? -errno : 0);
	fill_story(attr, LEVEL_BASIC, log, sizeof(log));
	mprotect(attr, 4096, PROT_READ);
	/* As long as log_true_size is not in it, nothing is written. */
	ret = bpfsys(BPFSYS_PROG_LOAD, attr,
		     offsetof(struct bpfsys_prog_load_attr, log_true_size));
	close_if_fd(ret);
	expect_ok(state,
		  "an argument without log_true_size, in memory that "
		  "can be read only",
		  ret);
	ret = bpfsys(BPFSYS_PROG_LOAD, attr,
		     offsetof(struct bpfsys_prog_load_attr, log_true_size) + 4);
	close_if_fd(ret);
	munmap(attr, 4096);
	expect_errno(state, ret);
}

/* The largest size that log_size may say; the log takes what it needs. */
void prog_load__log_largest(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char log[8192];

	fill_story(&attr, LEVEL_BASIC, log, sizeof(log));
	attr.log_size = UINT32_MAX >> 2;
	expect_load(state, "log_size UINT_MAX / 4", &attr);
}

static size_t log_at(void **state, uint32_t level, char *log, uint32_t size)
{
	struct bpfsys_prog_load_attr attr;

	fill_story(&attr, level, log, size);
	expect_load(state, "BPF_PROG_LOAD with a log", &attr);
	return strnlen(log, size);
}

/* Statistics, and each instruction where level 2 asks for it. */
void prog_load__log_levels(void **state)
{
	char basic[8192], insns[8192], stats[8192];
	size_t basic_size, insns_size;

	basic_size = log_at(state, LEVEL_BASIC, basic, sizeof(basic));
	expect_true(state, "the log of level 1 counts instructions",
		    strstr(basic, "processed 10 insns") != NULL);
	insns_size = log_at(state, LEVEL_INSNS, insns, sizeof(insns));
	expect_true(state, "the log of level 2 shows the last instruction",
		    strstr(insns, "exit") != NULL);
	expect_true(state, "the log of level 1 does not",
		    strstr(basic, "exit") == NULL);
	expect_range(state, "length of the log of level 2", basic_size + 1,
		     sizeof(insns), insns_size);
	log_at(state, BPFABI_LOG_STATS, stats, sizeof(stats));
	expect_true(state, "the log of BPF_LOG_STATS counts instructions",
		    strstr(stats, "processed 10 insns") != NULL);
	expect_true(state, "the log of BPF_LOG_STATS has the time",
		    strstr(stats, "verification time") != NULL);
}

static void cut_log(void **state, uint32_t level, char *log, uint32_t size,
		    uint32_t needs)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_story(&attr, level, log, size);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_error(state, "a log that does not fit", ENOSPC, ret);
	expect_u64(state, "log_true_size of the cut log", needs,
		   attr.log_true_size);
	expect_u64(state, "length of the cut log", size - 1,
		   strnlen(log, size));
}

/* BPF_LOG_FIXED keeps the start of a log that does not fit, without it the end
 * is kept; one byte less than log_true_size does not fit. */
void prog_load__log_cut(void **state)
{
	const uint32_t level = LEVEL_INSNS;
	char whole[8192], cut[8192];
	uint32_t needs;

	if (!kernel_offers(state, LOG_TRUE_SIZE))
		skip_field(state, "prog_load", "log_true_size");
	needs = (uint32_t)log_at(state, level, whole, sizeof(whole)) + 1;
	log_at(state, level, cut, needs);
	log_at(state, level | BPFABI_LOG_FIXED, cut, needs);
	cut_log(state, level, cut, needs - 1, needs);
	expect_mem(state, "the end of the log", whole + 1, cut, 64);
	cut_log(state, level | BPFABI_LOG_FIXED, cut, needs - 1, needs);
	expect_mem(state, "the start of the log", whole, cut, needs - 2);
	cut_log(state, level | BPFABI_LOG_FIXED, cut, 100, needs);
	expect_mem(state, "the first bytes of the log", whole, cut, 99);
}

/* The log's errno takes the place of the verifier's own. */
void prog_load__log_cut_of_refused(void **state)
{
	struct bpfsys_prog_load_attr attr;
	struct bpf_insn insns[COUNT_OF(story)];
	char log[256];
	int ret;

	memcpy(insns, story, sizeof(insns));
	/* r9 holds nothing. */
	insns[8] = MOV64_REG(BPF_REG_0, BPF_REG_9);
	fill_story(&attr, LEVEL_INSNS, log, 128);
	attr.insns = bpfsys_ptr(insns);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_error(state, "a refused program whose log is cut", ENOSPC, ret);
	attr.log_level = attr.log_size = 0;
	attr.log_buf = 0;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_error(state, "the refused program without a log", EACCES, ret);
}

/* The last step of all. */
void prog_load__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}
