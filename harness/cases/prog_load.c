// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"

static const struct bpf_insn return_one[] = {
	MOV64_IMM(BPF_REG_0, 1),
	EXIT(),
};

/* A log of more than 128 bytes, the least that kernels before 6.4 take. */
static const struct bpf_insn long_story[] = {
	MOV64_IMM(BPF_REG_0, 0), MOV64_IMM(BPF_REG_1, 1),
	MOV64_IMM(BPF_REG_2, 2), MOV64_IMM(BPF_REG_3, 3),
	MOV64_IMM(BPF_REG_4, 4), MOV64_IMM(BPF_REG_5, 5),
	MOV64_IMM(BPF_REG_6, 6), MOV64_IMM(BPF_REG_7, 7),
	MOV64_IMM(BPF_REG_8, 8), EXIT(),
};

#define LOG_LEVEL_INSNS 2 /* BPF_LOG_LEVEL2: every instruction */

static uint64_t boottime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void fill_log(struct world *world, struct bpfsys_prog_load_attr *attr)
{
	memset(world->out, 0x7f, sizeof(world->out));
	attr->log_level = LOG_LEVEL_INSNS;
	attr->log_size = sizeof(world->out);
	attr->log_buf = bpfsys_ptr(world->out);
}

static void arm(struct world *world, union argument *attr)
{
	fill_prog(&attr->prog_load, BPF_PROG_TYPE_SOCKET_FILTER, return_one,
		  COUNT_OF(return_one));
	memcpy(attr->prog_load.prog_name, "bpfabi_witness", 15);
	fill_log(world, &attr->prog_load);
	world->values[0] = boottime_ns();
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

#define LOG_TRUE_SIZE "bpf_attr.log_true_size", BPFSYS_KV(6, 4)

/* The log is a string that fits, and its size with the NUL is told. */
static void check_log(struct world *world,
		      const struct bpfsys_prog_load_attr *attr)
{
	const char *log = (const char *)world->out;
	size_t length = strnlen(log, sizeof(world->out));

	expect_range(world->state, "length of the log", 16,
		     sizeof(world->out) - 1, length);
	expect_u64(world->state, "byte behind the log", 0x7f,
		   world->out[length + 1]);
	expect_field(world->state, LOG_TRUE_SIZE, "log_true_size", length + 1,
		     attr->log_true_size);
}

static void check_info(struct world *world, int prog_fd)
{
	const uint8_t no_tag[BPFSYS_TAG_SIZE] = {0};
	void **state = world->state;
	struct bpfsys_prog_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, prog_fd, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_PROG_TYPE_SOCKET_FILTER, info.type);
	expect_range(state, "info: id", 1, UINT32_MAX, info.id);
	expect_mem(state, "info: name", "bpfabi_witness", info.name, 15);
	expect_true(state, "info: tag is not zero",
		    memcmp(info.tag, no_tag, sizeof(no_tag)) != 0);
	expect_u64(state, "info: xlated_prog_len", sizeof(return_one),
		   info.xlated_prog_len);
	expect_range(state, "info: load_time", world->values[0], boottime_ns(),
		     info.load_time);
	expect_u64(state, "info: created_by_uid", getuid(),
		   info.created_by_uid);
	expect_u64(state, "info: gpl_compatible", 1, info.gpl_compatible);
	expect_u64(state, "info: nr_map_ids", 0, info.nr_map_ids);
	expect_u64(state, "info: ifindex", 0, info.ifindex);
	expect_u64(state, "info: btf_id", 0, info.btf_id);
	expect_field(state, "bpf_prog_info.verified_insns", BPFSYS_KV(5, 16),
		     "info: verified_insns", COUNT_OF(return_one),
		     info.verified_insns);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	check_log(world, &attr->prog_load);
	check_info(world, ret);
}

const struct witness witness_prog_load = {
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void empty(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.insn_cnt = 0;
}

void prog_load__no_instructions(void **state)
{
	judge_broken(state, empty);
}

static void take_license(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.license = 0;
}

void prog_load__null_license(void **state)
{
	judge_broken(state, take_license);
}

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.prog_type = UINT16_MAX;
}

void prog_load__unknown_type(void **state)
{
	judge_broken(state, bend_type);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.prog_flags = 1u << 31;
}

void prog_load__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void spoil_name(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.prog_name[3] = '-';
}

void prog_load__bad_name(void **state)
{
	judge_broken(state, spoil_name);
}

static void forget_result(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_load.insns = bpfsys_ptr(&return_one[1]);
	attr->prog_load.insn_cnt = 1;
}

void prog_load__uninitialised_register(void **state)
{
	judge_broken(state, forget_result);
}

void prog_load__log_truncated(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char log[256];
	int ret;

	memset(log, 0x7f, sizeof(log));
	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, long_story,
		  COUNT_OF(long_story));
	attr.log_level = LOG_LEVEL_INSNS;
	attr.log_buf = bpfsys_ptr(log);
	attr.log_size = 128;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_errno(state, ret);
	expect_u64(state, "length of the truncated log", 127,
		   strnlen(log, sizeof(log)));
	expect_u64(state, "byte behind the log's buffer", 0x7f,
		   (uint8_t)log[128]);
	if (kernel_presence(LOG_TRUE_SIZE) == PRESENT)
		expect_range(state, "log_true_size", 129, UINT32_MAX,
			     attr.log_true_size);
}

void prog_load__too_many_instructions(void **state)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, return_one, 1000001);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_errno(state, ret);
}

/* The verifier speaks for a program that it refuses, too. */
void prog_load__log_of_refused(void **state)
{
	struct world world;
	union argument attr;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	forget_result(&world, &attr);
	ret = bpfsys_prog_load(&attr.prog_load);
	close_if_fd(ret);
	expect_true(state, "the program is refused", ret < 0);
	check_log(&world, &attr.prog_load);
	expect_true(state, "the log names the register",
		    strstr((const char *)world.out, "R0") != NULL);
}

/* Without a buffer, log_true_size says how large a one it takes. */
void prog_load__log_size_probe(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char log[4096];
	uint32_t needs;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, long_story,
		  COUNT_OF(long_story));
	attr.log_level = LOG_LEVEL_INSNS;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	if (!kernel_offers(state, LOG_TRUE_SIZE)) {
		expect_error(state, "log_level without a buffer", EINVAL, ret);
		skip_case(state, "bpf_attr has no log_true_size, and log_level "
				 "without a buffer is EINVAL");
	}
	expect_ok(state, "BPF_PROG_LOAD with log_level and no buffer", ret);
	needs = attr.log_true_size;
	expect_range(state, "log_true_size", 129, sizeof(log), needs);
	attr.log_buf = bpfsys_ptr(log);
	attr.log_size = needs;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_ok(state, "BPF_PROG_LOAD with a buffer of that size", ret);
	expect_u64(state, "length of the log", needs - 1,
		   strnlen(log, sizeof(log)));
}

static void tag_of(void **state, int prog_fd, uint8_t *tag)
{
	struct bpfsys_prog_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, prog_fd, &info, sizeof(info));
	memcpy(tag, info.tag, sizeof(info.tag));
	close(prog_fd);
}

void prog_load__tag(void **state)
{
	const uint32_t type = BPF_PROG_TYPE_SOCKET_FILTER;
	uint8_t one[BPFSYS_TAG_SIZE], again[BPFSYS_TAG_SIZE],
		other[BPFSYS_TAG_SIZE];

	tag_of(state, make_verdict_prog(state, type, 1), one);
	tag_of(state, make_verdict_prog(state, type, 1), again);
	tag_of(state, make_verdict_prog(state, type, 2), other);
	expect_mem(state, "tag of the same instructions", one, again,
		   sizeof(one));
	expect_true(state, "other instructions have another tag",
		    memcmp(one, other, sizeof(one)) != 0);
}

/* A license that is not compatible is taken down, and forbids what needs one.
 */
void prog_load__proprietary_license(void **state)
{
	struct bpfsys_prog_load_attr attr;
	struct bpfsys_prog_info info;
	int fd;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, return_one,
		  COUNT_OF(return_one));
	attr.license = bpfsys_ptr("Proprietary");
	fd = need(state, "BPF_PROG_LOAD", bpfsys_prog_load(&attr));
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "info: gpl_compatible", 0, info.gpl_compatible);
}
