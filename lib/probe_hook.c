// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which attach types and types of link the kernel knows. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "probe.h"
#include "untraced.h"

/* No kernel knows this attach type. */
#define NO_TYPE		0xfffffffu
#define N_TYPES		62u
#define KPROBE		2
#define SESSION_KPROBES 56
#define SESSION_UPROBES 57

/* Attach types that no program is attached to with BPF_PROG_ATTACH. */
#define TYPE(n) (1ull << (n))
#define NOT_ASKED_FOR                                                        \
	(TYPE(33) | TYPE(35) | TYPE(39) | TYPE(40) | TYPE(41) | TYPE(42) |   \
	 TYPE(43) | TYPE(44) | TYPE(45) | TYPE(48) | TYPE(SESSION_KPROBES) | \
	 TYPE(SESSION_UPROBES))

/* The answer to attaching no program. */
static int attach_nothing(unsigned int type)
{
	const struct bpfsys_command *cmd =
		bpfsys_abi_command(BPFSYS_PROG_ATTACH);
	uint8_t attr[PROBE_ATTR_SIZE];

	bpfsys_probe_fill(attr, cmd);
	bpfsys_probe_set(attr, cmd, "attach_type", type);
	return bpfsys_untraced(BPFSYS_PROG_ATTACH, attr, 20);
}

/* What a session's program returns is 0 or 1; of other kprobes it is anything.
 */
static int ask_session(unsigned int type)
{
	static const struct probe_insn two[] = {
		{0xb7, 0, 0, 0, 2},
		{0x95, 0, 0, 0, 0},
	};
	char log[1024];
	int ret = bpfsys_probe_load(KPROBE, type, two, 2, log, sizeof(log));

	if (ret < 0)
		return ret == -EINVAL ? 1 : ret;
	close(ret);
	return 0;
}

/* The kernel first looks which type of program belongs to the attach type. To
 * some belongs none that is attached this way; but attach types are numbered as
 * they come, so one that is known speaks for those below it. */
static int ask_attach_type(unsigned int first, unsigned int unused)
{
	const struct bpfsys_enumerator *row;

	(void)unused;
	for (unsigned int type = first; type < N_TYPES; type++) {
		int ret = attach_nothing(type);

		if (ret == -EPERM)
			ret = bpfsys_probe_by_refusal(attach_nothing(NO_TYPE),
						      ret);
		else if (ret == -EINVAL)
			continue;
		else if (!bpfsys_probe_failed(ret) || ret == -EACCES)
			ret = 1;
		return ret;
	}
	if (first < N_TYPES && !(NOT_ASKED_FOR >> first & 1))
		return 0;
	if (first == SESSION_KPROBES || first == SESSION_UPROBES)
		return ask_session(first);
	row = bpfsys_abi_enumerator("bpf_attach_type", first);
	return row ? bpfsys_probe_release(row->since) : -ENODATA;
}

int bpfsys_supports_attach_type(unsigned int type)
{
	return bpfsys_probe_answer(PROBE_ATTACH_TYPE, type, 0, ask_attach_type);
}

/* Attach types that came with a type of link. */
static const uint8_t attach_type_of[] = {
	[6] = 37 /* XDP */,	     [7] = 41 /* perf event */,
	[8] = 42 /* many kprobes */, [10] = 45 /* netfilter */,
	[11] = 46 /* tcx */,	     [12] = 48 /* many uprobes */,
	[13] = 54 /* netkit */,	     [15] = 59 /* many functions */,
};

int bpfsys_supports_link_type(unsigned int type)
{
	const struct bpfsys_enumerator *row =
		bpfsys_abi_enumerator("bpf_link_type", type);

	if (!row)
		return -ENODATA;
	if (type == 0)
		return 0;
	if (type < sizeof(attach_type_of) && attach_type_of[type])
		return bpfsys_supports_attach_type(attach_type_of[type]);
	return bpfsys_probe_release(row->since);
}
