// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which types of program the kernel loads, with which flags, and which helpers
 * they may call. No program here is one that the verifier accepts. */
#include <errno.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "probe.h"
#include "untraced.h"

#define LOG_SIZE     4096
#define SLEEPABLE    (1u << 4)
#define TOKEN_FD     (1u << 16)
#define UNKNOWN_FLAG (1u << 31)

enum { SOCKET_FILTER = 1, SYSCALL = 31 };

#define CALL(helper)                    \
	{                               \
		0x85, 0, 0, 0, (helper) \
	}
#define MOV(to, from)                    \
	{                                \
		0xbf, (to), (from), 0, 0 \
	}
#define EXIT                     \
	{                        \
		0x95, 0, 0, 0, 0 \
	}

/* Types that are refused before they are verified unless they say where they
 * will be attached. */
static const struct {
	uint8_t type, attach_type;
} attach_types[] = {
	{18, 8},  /* addresses of sockets: IPv4 bind */
	{25, 21}, /* socket options: getsockopt */
	{26, 24}, /* tracing: entry of a function */
	{29, 27}, /* LSM */
	{30, 36}, /* socket lookup */
	{32, 45}, /* netfilter */
};

int bpfsys_probe_load(unsigned int type, unsigned int attach_type,
		      const struct probe_insn *insns, unsigned int count,
		      char *log, unsigned int size)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(BPFSYS_PROG_LOAD);
	struct bpfsys_prog_load_attr attr;
	int ret, tries = 5;

	do {
		memset(&attr, 0, sizeof(attr));
		memset(log, 0, size);
		attr.prog_type = type;
		attr.expected_attach_type = attach_type;
		attr.insns = bpfsys_ptr(insns);
		attr.insn_cnt = count;
		attr.license = bpfsys_ptr("GPL");
		attr.log_buf = bpfsys_ptr(log);
		attr.log_size = size;
		attr.log_level = 1;
		attr.prog_flags = type == SYSCALL ? SLEEPABLE : 0;
		ret = bpfsys_untraced(BPFSYS_PROG_LOAD, &attr, cmd->group_end);
	} while (ret == -EAGAIN && --tries);
	return ret;
}

static int load(unsigned int type, const struct probe_insn *insns,
		unsigned int count, char *log)
{
	unsigned int attach_type = 0;

	for (size_t i = 0; i < sizeof(attach_types) / sizeof(attach_types[0]);
	     i++)
		if (attach_types[i].type == type)
			attach_type = attach_types[i].attach_type;
	return bpfsys_probe_load(type, attach_type, insns, count, log,
				 LOG_SIZE);
}

/* A program that ends with no result: the verifier refuses it, and writes so
 * into the log. It does not get that far with a type that is not there. */
static int ask_prog_type(unsigned int type, unsigned int unused)
{
	static const struct probe_insn insns[] = {EXIT};
	char log[LOG_SIZE];
	int ret = load(type, insns, 1, log);

	(void)unused;
	if (log[0])
		return 1;
	return ret == -EINVAL ? 0 : ret >= 0 ? 1 : ret;
}

int bpfsys_supports_prog_type(unsigned int type)
{
	if (type == 0)
		return 0;
	return bpfsys_probe_answer(PROBE_PROG_TYPE, type, 0, ask_prog_type);
}

static int ask_with_flag(unsigned int flag)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(BPFSYS_PROG_LOAD);
	struct bpfsys_prog_load_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = SOCKET_FILTER;
	attr.license = bpfsys_ptr("GPL");
	attr.prog_flags = flag;
	if (flag & TOKEN_FD)
		attr.prog_token_fd = -1;
	return bpfsys_untraced(BPFSYS_PROG_LOAD, &attr, cmd->group_end);
}

/* A program of no instructions: flags are looked at first. */
static int ask_prog_flag(unsigned int unused, unsigned int bit)
{
	int ret = ask_with_flag(1u << bit);

	(void)unused;
	if (ret == -EINVAL)
		return ask_with_flag(0) == -EINVAL ? -ENODATA : 0;
	if (ret == -EPERM)
		return bpfsys_probe_by_refusal(ask_with_flag(UNKNOWN_FLAG),
					       ret);
	return bpfsys_probe_failed(ret) ? ret : 1;
}

int bpfsys_supports_prog_flag(unsigned int flag)
{
	unsigned int bit = 0;
	int has;

	if (!flag || flag & (flag - 1))
		return -EINVAL;
	while (flag >> bit != 1)
		bit++;
	if (flag == TOKEN_FD) {
		has = bpfsys_supports_field(BPFSYS_PROG_LOAD, "prog_token_fd");
		if (has != 1)
			return has;
	}
	return bpfsys_probe_answer(PROBE_PROG_FLAG, 0, bit, ask_prog_flag);
}

/* What the verifier says of a helper that is not there at all, and of one that
 * is not for the type; before 6.10 or so the latter was "unknown", too. */
static bool says_no(const char *log)
{
	return strstr(log, "invalid func ") || strstr(log, "unknown func ") ||
	       strstr(log, "program of this type cannot use helper ");
}

/* The helper is called first and its result ignored: what comes after it, a
 * register that holds nothing, is refused with EACCES. */
static int try_helper(unsigned int prog_type, unsigned int helper)
{
	const struct probe_insn insns[] = {
		CALL((int32_t)helper),
		MOV(0, 9),
		EXIT,
	};
	char log[LOG_SIZE];
	int ret = load(prog_type, insns, 3, log);

	if (says_no(log))
		return 0;
	if (ret == -EACCES && log[0])
		return 1;
	return ret;
}

/* Helpers that are for callers with a capability, for programs of any type. */
enum { JIFFIES64 = 118, PROBE_READ_USER = 112 };

static int ask_helper(unsigned int prog_type, unsigned int helper)
{
	static const struct probe_insn nothing[] = {MOV(0, 9), EXIT};
	char log[LOG_SIZE];
	int ret = try_helper(prog_type, helper);

	if (ret == 1)
		return 1;
	if (ret == 0)
		return try_helper(SOCKET_FILTER, JIFFIES64) == 1 &&
				       try_helper(SOCKET_FILTER,
						  PROBE_READ_USER) == 1
			       ? 0
			       : -EPERM;
	if (ret == -EPERM || bpfsys_probe_failed(ret))
		return ret == -EACCES ? -ENODATA : ret;
	/* Refused for how it is called; or not looked at. */
	return load(prog_type, nothing, 2, log) == -EACCES ? 1 : -ENODATA;
}

int bpfsys_supports_helper(unsigned int prog_type, unsigned int helper)
{
	int has = bpfsys_supports_prog_type(prog_type);

	if (helper == 0)
		return 0;
	return has == 1 ? bpfsys_probe_answer(PROBE_HELPER, prog_type, helper,
					      ask_helper)
			: has;
}
