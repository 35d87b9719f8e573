/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Beside the wire: what nearly every user of bpf(2) writes once more, and gets
 * wrong once more. Helpers loop, allocate and choose; the wrappers in bpfsys.h
 * never do. Each is an object file of its own, so that a static program has
 * those that it calls.
 *
 * As the wrappers they return a negative errno on failure. None keeps state but
 * the number of possible CPUs, and all may be called from several threads, each
 * with arguments of its own.
 */
#ifndef BPFSYS_HELPERS_H
#define BPFSYS_HELPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpfsys/attr.h>
#include <bpfsys/info.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A walk over all elements of a map, a batch at a time:
 *
 *	struct bpfsys_walk walk;
 *	int ret = bpfsys_walk_begin(&walk, map_fd);
 *
 *	while (!ret && bpfsys_walk_next(&walk, &ret))
 *		for (uint32_t i = 0; i < walk.count; i++)
 *			use(bpfsys_walk_key(&walk, i),
 *			    bpfsys_walk_value(&walk, i));
 *	bpfsys_walk_end(&walk);
 */
struct bpfsys_walk {
	/* Between begin and the first next, for the caller to change: */
	bpfsys_u64 elem_flags; /* BPF_F_LOCK: values with a spin lock */
	bool take;	       /* delete what is read, in the same step */
	uint32_t room; /* elements that a batch has room for, 1 or more */

	/* The batch, until the next call: */
	uint32_t count;	     /* elements */
	uint32_t key_size;   /* bytes */
	uint32_t value_size; /* bytes, those of all CPUs in a per-CPU map */
	void *keys;
	void *values;

	/* Where the walk is. */
	int map_fd;
	bool checked, started, ended, by_key;
	void *at;
	bpfsys_u64 left; /* elements until a walk by key is given up */
};

/*
 * Begins a walk over the map MAP_FD; walk: filled in. Nothing is allocated yet.
 *
 * Returns 0, or what BPF_OBJ_GET_INFO_BY_FD says (since 4.13). That MAP_FD is
 * no map the first batch says. bpfsys_walk_end() may be called in any case.
 */
int bpfsys_walk_begin(struct bpfsys_walk *walk, int map_fd);

/*
 * Reads the next batch, walk->count elements at walk->keys and walk->values.
 *
 * ret: 0, or a negative errno, which ends a loop. True: there is a batch. False
 * and *ret 0: that was all. A bucket of a hash table that is larger than the
 * room (-ENOSPC to who calls BPF_MAP_LOOKUP_BATCH) makes the room grow.
 * Elements that were read come with true, whatever the kernel said after them.
 *
 * An element that is there from begin to end comes at least once, and in a hash
 * table exactly once. Other maps (LPM tries, maps of maps) are walked by key:
 * where the key at which a batch ended is deleted, the walk starts over, and
 * elements come again; after four times max_entries it is given up, -ELOOP.
 *
 * Errors: -EINTR and -EBUSY (elements come and go too fast; the walk stands
 * where it was, and may be gone on with), -ENOMEM, -BPFSYS_ENOTSUPP (a map type
 * without batches), -EINVAL (no map, a kernel without batches, elem_flags that
 * do not fit), -EPERM. Since 5.6, for per-CPU arrays 5.13.
 */
bool bpfsys_walk_next(struct bpfsys_walk *walk, int *ret);

/* Frees the batch. */
void bpfsys_walk_end(struct bpfsys_walk *walk);

/* The key of the batch's element I, 0 to walk->count, exclusive. */
static inline void *bpfsys_walk_key(const struct bpfsys_walk *walk, uint32_t i)
{
	return (char *)walk->keys + (size_t)i * walk->key_size;
}

/* Its value. */
static inline void *bpfsys_walk_value(const struct bpfsys_walk *walk,
				      uint32_t i)
{
	return (char *)walk->values + (size_t)i * walk->value_size;
}

/* What has ids. */
enum bpfsys_object {
	BPFSYS_OBJECT_PROG, /* since 4.13 */
	BPFSYS_OBJECT_MAP,  /* since 4.13 */
	BPFSYS_OBJECT_BTF,  /* since 5.4 */
	BPFSYS_OBJECT_LINK, /* since 5.8 */
};

/*
 * Opens the object of the lowest id above *ID. What vanishes between its id and
 * its descriptor is passed over.
 *
 *	uint32_t id = 0;
 *	int fd;
 *
 *	while ((fd = bpfsys_open_next(BPFSYS_OBJECT_PROG, &id)) >= 0)
 *		close(fd);
 *
 * kind: one of enum bpfsys_object. id: 0 to start; written back: the id of what
 * was opened, or could not be, so that a caller may go on behind it.
 *
 * Returns a file descriptor; -ENOENT when there is no more, -EINVAL for another
 * kind, else what the two commands say. Needs CAP_SYS_ADMIN.
 */
int bpfsys_open_next(enum bpfsys_object kind, uint32_t *id);

/*
 * Loads a program as bpfsys_prog_load(), and says why not.
 *
 * attr: log_level 0 loads without a log and fetches one (of level 1) only when
 * that fails; another level brings a log in any case. log_buf and log_size are
 * the helper's and are left 0; log_true_size is the kernel's (since 6.4).
 * log: the whole text, for the caller to free(); NULL where there is none. It
 * is cut short only where memory ends, or at 1 GiB.
 *
 * Returns what BPF_PROG_LOAD returns to who asks for no log: a log that is cut
 * short (-ENOSPC) never hides why the program is refused.
 */
int bpfsys_prog_load_log(struct bpfsys_prog_load_attr *attr, char **log);

/* The arrays that struct bpfsys_prog_info points to, as bits. */
#define BPFSYS_INFO_JITED_INSNS	    (1u << 0)
#define BPFSYS_INFO_XLATED_INSNS    (1u << 1)
#define BPFSYS_INFO_MAP_IDS	    (1u << 2)
#define BPFSYS_INFO_JITED_KSYMS	    (1u << 3)
#define BPFSYS_INFO_JITED_FUNC_LENS (1u << 4)
#define BPFSYS_INFO_FUNC_INFO	    (1u << 5)
#define BPFSYS_INFO_LINE_INFO	    (1u << 6)
#define BPFSYS_INFO_JITED_LINE_INFO (1u << 7)
#define BPFSYS_INFO_PROG_TAGS	    (1u << 8)

/*
 * Describes the program PROG_FD with those of its arrays that WHICH names.
 *
 * which: BPFSYS_INFO_* or-ed. info: filled in; its pointers, where asked for,
 * stand for room in *MEM; the kernel clears those of what the caller may not
 * see, and says 0 elements to who lacks CAP_BPF. mem: for the caller to free(),
 * NULL where there are no arrays.
 *
 * Maps may be bound to a program at any time: an array that grew meanwhile is
 * fetched again, up to eight times, then -EAGAIN. Else -ENOMEM, -EINVAL (no
 * program, unknown bits), -E2BIG (arrays that fit into no memory), or what
 * BPF_OBJ_GET_INFO_BY_FD says. Since 5.0.
 */
int bpfsys_prog_info(int prog_fd, unsigned int which,
		     struct bpfsys_prog_info *info, void **mem);

/*
 * The number of CPUs in LIST, of the form of /sys/devices/system/cpu/possible:
 * "0-3,8\n" has 5. Returns it, or -EINVAL.
 */
int bpfsys_count_cpus(const char *list);

/*
 * The number of possible CPUs, for each of which a value of a per-CPU map has a
 * slot. It is read once; later calls are a load and never wait.
 *
 * Returns it, or a negative errno (sysfs is not there).
 */
int bpfsys_possible_cpus(void);

/* Bytes from one CPU's slot to the next in a value of a per-CPU map. */
static inline size_t bpfsys_percpu_stride(uint32_t value_size)
{
	return ((size_t)value_size + 7) & ~(size_t)7;
}

/*
 * The slot of the Ith possible CPU in VALUES. Where CPU numbers have gaps, that
 * is not the CPU of number I: slots have none.
 */
static inline void *bpfsys_percpu_slot(void *values, uint32_t value_size,
				       unsigned int i)
{
	return (char *)values + i * bpfsys_percpu_stride(value_size);
}

#ifdef __cplusplus
}
#endif

#endif
