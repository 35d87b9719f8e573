/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * A witness: how to make one command succeed, again and again, on any kernel
 * that has it. The sizing cases vary the argument around it; the errno cases
 * of a command start from it and break one thing.
 */
#ifndef BPFABI_WITNESS_H
#define BPFABI_WITNESS_H

#include <bpfsys/info.h>

#include "suite.h"

/* The argument of any command, and room behind it. */
union argument {
	uint8_t bytes[512];
#define GROUP(group, member, end) struct bpfsys_##group##_attr group;
#include "abi/all.def"
};

/* What a witness works on. Descriptors are -1 where there is none. */
struct world {
	void **state;
	int map_fd;
	int prog_fd;
	int prog2_fd; /* a second program of the same kind */
	int link_fd;
	int btf_fd;
	int dir_fd; /* cgroup or bpffs directory */
	/* What descriptor 0 is while arguments are cut short, so that a call
	 * whose fd field reads as 0 still finds the object. */
	int zero_fd;
	uint32_t id;
	char dir[64]; /* a directory to remove, "" where there is none */
	char path[96];
	uint8_t in[4096], out[4096];
	uint64_t keys[256], values[256];
	uint64_t batch[2];
};

struct witness {
	/* Makes the objects, once. */
	void (*make)(struct world *world);
	/* Brings the kernel to where the call succeeds, and fills ATTR (which
	 * is zero); before each call. */
	void (*arm)(struct world *world, union argument *attr);
	/* Undoes what a call did that returned RET, whatever it read of its
	 * argument; after each call. NULL: nothing to undo. */
	void (*disarm)(struct world *world, int ret);
	/* Judges the outputs of a call that succeeded. ATTR is as the call
	 * left it. NULL: the return value is the only output. */
	void (*check)(struct world *world, const union argument *attr, int ret);
	/* What the call returns besides 0 or a descriptor, as a negative errno
	 * that is the command's good end (-ENOENT of a batch), or 0. */
	int good_end;
	/* make() changes the process for good (its namespaces, say): nothing
	 * else runs in it. */
	bool for_good;
};

#define CMD(name, id, nr, group, returns, cap, since) \
	extern const struct witness witness_##id;
#include "abi/all.def"

const struct witness *witness_of(const struct bpfsys_command *cmd);

/* World and witness of the running case's command, objects made. */
const struct witness *world_make(struct world *world, void **state);
/* The same for another command. */
void world_make_for(struct world *world, void **state, const struct witness *w);
/* Closes and removes everything. */
void world_drop(struct world *world);

/* The command by its number through the library's typed wrapper. */
int call_wrapper(const struct bpfsys_command *cmd, union argument *attr);

/* The call succeeded: a descriptor, 0, or the witness's good end. */
bool witness_succeeded(const struct witness *w, int ret);

/* A closed descriptor number that nothing will take. */
#define CLOSED_FD 0x7ffffff

/* close(2), where RET is a descriptor. */
void close_if_fd(int ret);

/* How a case of an errno row differs from the witness. */
typedef void break_fn(struct world *world, union argument *attr);

/* Arms the witness of the case's command, breaks one thing, calls, and judges
 * by the case's row. */
void judge_broken(void **state, break_fn *brk);

#endif
