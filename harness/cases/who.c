// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Who may call which command: the witness's argument, from a caller who has
 * less than root. who.def has what each of them gets. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "unpriv.h"

struct who {
	unsigned int nr;
	const char *gate; /* of a kernel without this; NULL: of any */
	uint32_t since;
	int err[N_CALLERS];
};

/* Every command has a row, and only one that is for any kernel. */
enum {
#define WHO(id, ...) ANY_KERNEL_##id,
#define WHO_BEFORE(...)
#include "who.def"
};

enum {
#define CMD(name, id, ...) \
	NR_##id = BPFSYS_##name, HAS_ROW_##id = ANY_KERNEL_##id,
#include "abi/all.def"
};

static const struct who rows[] = {
#define WHO(id, ...)			 {NR_##id, NULL, 0, {__VA_ARGS__}},
#define WHO_BEFORE(id, gate, since, ...) WHO_OLD(id, gate, since, __VA_ARGS__)
#define WHO_OLD(id, gate, since, ...)	 {NR_##id, gate, since, {__VA_ARGS__}},
#include "who.def"
};

static int expected(void **state, const struct bpfsys_command *cmd,
		    enum caller caller)
{
	const struct who *row = rows;
	bool bpf = caller == ONLY_CAP_BPF || caller == ONLY_CAP_SYS_ADMIN;

	while (row->nr != cmd->nr ||
	       (row->gate && kernel_offers(state, row->gate, row->since)))
		row++;
	if (caller != CALLER_OPEN && !bpf && caller_is_told_first(state))
		return EPERM;
	return row->err[caller];
}

static void judge_caller(void **state, enum caller caller)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	union argument *attr = caller_memory(state);
	int err = expected(state, cmd, caller), ret;
	struct unpriv unpriv;
	struct world world;
	const struct witness *w;

	unpriv_begin(&unpriv, state, caller == CALLER_OPEN ? '0' : '2');
	w = world_make(&world, state);
	w->arm(&world, attr);
	ret = call_as(state, caller, cmd, attr);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
	unpriv_end(&unpriv);
	if (err)
		expect_error(state, "this caller", err, ret);
	else if (!witness_succeeded(w, ret))
		expect_ok(state, "this caller", ret);
	caller_memory_drop(attr);
}

void generic__caller_open(void **state)
{
	judge_caller(state, CALLER_OPEN);
}

void generic__caller_none(void **state)
{
	judge_caller(state, CALLER_NONE);
}

void generic__caller_cap_bpf(void **state)
{
	judge_caller(state, ONLY_CAP_BPF);
}

void generic__caller_cap_perfmon(void **state)
{
	judge_caller(state, ONLY_CAP_PERFMON);
}

void generic__caller_cap_net_admin(void **state)
{
	judge_caller(state, ONLY_CAP_NET_ADMIN);
}

void generic__caller_cap_sys_admin(void **state)
{
	judge_caller(state, ONLY_CAP_SYS_ADMIN);
}

void generic__caller_userns(void **state)
{
	judge_caller(state, CALLER_USERNS);
}
