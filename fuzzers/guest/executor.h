/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The executor: runs in the VM what the host writes into the window. Its parts,
 * and what they share. */
#ifndef BPFSYS_EXECUTOR_H
#define BPFSYS_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../exec.h"

/* Calls get the lowest free numbers; all of the executor's own stand above. */
enum {
	FD_CALLS = 3,	 /* the first that a call can get */
	FD_GIVEN = 100,	 /* + enum seq_given */
	FD_HIDDEN = 200, /* + enum hidden_fd */
	FD_KEPT = 300,	 /* kept until an input is undone */
	FD_KEPT_END = 400,
};

enum hidden_fd {
	HIDDEN_PCS,
	HIDDEN_CMPS,
	HIDDEN_JIT, /* net.core.bpf_jit_enable */
	HIDDEN_NULL,
	HIDDEN_FDS,
};

extern struct exec_page *page; /* the window */
extern uint8_t *window;
extern bool has_kasan; /* large maps are not asked for */

/* What was made by the calls of an input; children of the executor that make
 * calls write here, too. */
struct results {
	int32_t ret[SEQ_CALLS];
	bool made[SEQ_CALLS];
	uint8_t attr[SEQ_CALLS][SEQ_ATTR]; /* as they were after the call */
	/* To be restored: the sysctl, the given maps, the given programs. */
	bool jit, maps, progs;
};
extern struct results *results;

/* Moves FD to the number TO. TO, or -1 where FD is none. */
int fd_move(int fd, int to);
/* Writes TEXT to the file PATH: 0 or -errno. */
int file_write(const char *path, const char *text);
/* Reads a number from the file PATH, -1 where there is none. */
long file_number(const char *path);

/* alone.c: a window of our own, and what the files at PATHS have, one after the
 * other; the exit status. */
bool alone_window(void);
int alone_feed(char **paths);

/* world.c: what every sequence finds, see given.def. WANTED: bits by enum
 * seq_given. CGROUP: a path. */
void world_init(void);
int world_cgroup(unsigned int number, char *path, size_t size);
void world_make(uint64_t wanted, const char *cgroup);
void world_maps(void);	/* the maps anew */
void world_progs(void); /* the programs anew */
/* Notes which descriptors of the executor's are open; whether they still are.
 */
void world_note(void);
bool world_is_whole(void);

/* sockets.c, events.c: -1 where there is none. */
void sockets_make(uint64_t wanted);
int event_make(enum seq_given given);
void lo_up(void);

/* names.c: IDs of names.def in the kernel's BTF. */
void names_init(void);
uint32_t names_id(unsigned int name);

/* arena.c: memory for attrs and buffers. Slots 0 to SEQ_BUFS - 1 are for
 * buffers. */
enum { SLOT_ATTR = SEQ_BUFS, SLOT_COMMON, SLOTS };
bool arena_init(void);
/* LEN bytes of zeros, where the kernel can read up to the end of the page;
 * beyond it nothing is mapped. */
uint8_t *arena_place(unsigned int slot, enum seq_place place, size_t len);
void arena_protect(unsigned int slot, bool on);

/* cover.c: what the kernel ran, by KCOV. */
void cover_init(void);
void cover_want(uint32_t flags); /* before the first call of an input */
void cover_keep(bool on);	 /* else KCOV runs, but nothing is told */
void cover_begin(void);
void cover_end(void);
void cover_leave(void); /* before a child makes calls, in the parent */
void cover_enter(void); /* the child; and the parent, afterwards */

/* What lies in memory during a call. */
struct laid {
	uint8_t *at[SLOTS]; /* NULL: nothing */
	uint32_t len[SLOTS];
	uint8_t place[SLOTS];
	unsigned int n_bufs;
};

/* calls.c */
void calls_run(const struct seq *seq, unsigned int from, uint32_t flags);
/* lay.c: SEQ's call I into memory. */
void lay_call(const struct seq *seq, unsigned int i, struct laid *laid);
void lay_release(const struct laid *laid);
uint64_t lay_ref(const struct seq *seq, unsigned int i,
		 const struct seq_ref *ref);
/* ops.c: what is no bpf(2). */
int op_run(const struct seq *seq, unsigned int i);

/* undo.c: takes back what an input has done. */
void undo_begin(void);
void undo_note(const struct seq *seq, unsigned int i, const struct laid *laid);
void undo_mapped(void *mem);
void undo_child(const struct seq *seq); /* what a child did, before it exits */
void undo_all(const struct seq *seq);

/* detail.c: what a call wrote. */
bool detail_init(void);
void detail_before(const struct laid *laid);
void detail_after(unsigned int call, const struct laid *laid);

/* fresh.c: the calls of SEQ in a process with a world of its own. */
void fresh_run(const struct seq *seq, uint32_t flags);

/* count.c: objects and memory, when the kernel has settled. */
void count_all(void);

#endif
