// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Takes back what an input has done to the world that the next one finds. What
 * hangs on descriptors goes with them; what does not is noted when it
 * succeeds, with descriptors of its own, as the input may close its. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>

#include "../kinds.h"
#include "executor.h"

#define PIN_PATH 256
#define PATH_FD	 (1U << 14) /* BPF_F_PATH_FD */

static struct {
	unsigned int n_attached, n_pinned, n_registered, n_mapped;
	struct bpfsys_prog_attach_attr attached[SEQ_CALLS];
	struct {
		int dir;
		char path[PIN_PATH];
	} pinned[SEQ_CALLS];
	int registered[SEQ_CALLS]; /* maps of struct_ops that hold a value */
	void *mapped[SEQ_CALLS];
	bool opened, kept;
} undo;

void undo_begin(void)
{
	undo.n_attached = undo.n_pinned = undo.n_registered = 0;
	undo.n_mapped = 0;
	undo.opened = undo.kept = false;
	results->jit = results->maps = results->progs = false;
}

static int keep(uint32_t fd)
{
	int kept = fcntl((int)fd, F_DUPFD_CLOEXEC, FD_KEPT);

	undo.kept |= kept >= 0;
	return kept;
}

void undo_mapped(void *mem)
{
	undo.mapped[undo.n_mapped++] = mem;
}

/* Whether programs attach so to an interface, by its index. */
static bool has_index(uint32_t attach_type)
{
	switch (attach_type) {
	case ABI_BPF_TCX_INGRESS:
	case ABI_BPF_TCX_EGRESS:
	case ABI_BPF_NETKIT_PRIMARY:
	case ABI_BPF_NETKIT_PEER:
		return true;
	default:
		return false;
	}
}

static void note_attached(const uint8_t *attr)
{
	struct bpfsys_prog_attach_attr *to = &undo.attached[undo.n_attached++];
	struct bpfsys_prog_attach_attr from;

	memcpy(&from, attr, sizeof(from));
	memset(to, 0, sizeof(*to));
	to->target_fd = from.target_fd;
	to->attach_type = from.attach_type;
	to->attach_bpf_fd = (uint32_t)keep(from.attach_bpf_fd);
	if (!has_index(from.attach_type))
		to->target_fd = (uint32_t)keep(from.target_fd);
}

static void note_pinned(const uint8_t *bytes)
{
	struct bpfsys_obj_attr attr;
	const char *path;

	memcpy(&attr, bytes, sizeof(attr));
	path = (const char *)(uintptr_t)attr.pathname;
	strncpy(undo.pinned[undo.n_pinned].path, path, PIN_PATH - 1);
	undo.pinned[undo.n_pinned++].dir =
		attr.file_flags & PATH_FD ? keep(attr.path_fd) : AT_FDCWD;
}

/* A value of a map of struct_ops stays registered when the map is closed. */
static void note_updated(const struct seq *seq, const uint8_t *attr)
{
	uint32_t fd;

	memcpy(&fd, attr, sizeof(fd));
	for (unsigned int i = 0; i < seq->n; i++)
		if (seq->calls[i].cmd == BPF_MAP_CREATE &&
		    seq->calls[i].attr[0] == BPF_MAP_TYPE_STRUCT_OPS) {
			undo.registered[undo.n_registered++] = keep(fd);
			return;
		}
}

/* Maps are what programs and calls can change of what is given; most calls that
 * name one only look. */
static bool may_change(const struct seq_call *call)
{
	switch (call->cmd) {
	case BPF_MAP_LOOKUP_ELEM:
	case BPF_MAP_GET_NEXT_KEY:
	case BPF_MAP_LOOKUP_BATCH:
	case BPF_OBJ_GET_INFO_BY_FD:
		return false;
	case BPF_MAP_GET_FD_BY_ID:
		return true;
	}
	for (unsigned int k = 0; k < call->n_refs; k++)
		if (call->refs[k].kind == SEQ_REF_GIVEN &&
		    (call->refs[k].which == SEQ_GIVEN_MAP_HASH ||
		     call->refs[k].which == SEQ_GIVEN_MAP_ARRAY))
			return true;
	return false;
}

void undo_note(const struct seq *seq, unsigned int i, const struct laid *laid)
{
	const struct seq_call *call = &seq->calls[i];
	uint8_t attr[SEQ_ATTR] = {0};

	if (results->ret[i] > 0)
		undo.opened = true;
	/* A batch that fails may have done a part. */
	if (may_change(call) &&
	    (results->ret[i] >= 0 || results->ret[i] == -EFAULT))
		results->maps = true;
	if (results->ret[i] < 0 || !laid->len[SLOT_ATTR])
		return;
	/* What is bound to a program lives as long as that. */
	if (call->cmd == BPF_PROG_BIND_MAP)
		results->progs = true;
	memcpy(attr, laid->at[SLOT_ATTR],
	       laid->len[SLOT_ATTR] < SEQ_ATTR ? laid->len[SLOT_ATTR]
					       : SEQ_ATTR);
	if (call->cmd == BPF_PROG_ATTACH)
		note_attached(attr);
	else if (call->cmd == BPF_OBJ_PIN)
		note_pinned(attr);
	else if (call->cmd == BPF_MAP_UPDATE_ELEM)
		note_updated(seq, attr);
}

static void unregister(int map_fd)
{
	struct bpfsys_map_elem_attr attr;
	const uint32_t key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	bpfsys_map_delete_elem(&attr);
}

/* Links first: their programs may forbid the rest. */
static void close_calls(const struct seq *seq)
{
	for (unsigned int i = 0; i < seq->n; i++)
		if (seq->calls[i].op == SEQ_DUP)
			undo.opened = true;
	if (undo.opened)
		syscall(SYS_close_range, FD_CALLS, FD_GIVEN - 1, 0);
}

static void take_back(void)
{
	unsigned int i;

	for (i = 0; i < undo.n_attached; i++)
		bpfsys_prog_detach(&undo.attached[i]);
	for (i = 0; i < undo.n_registered; i++)
		unregister(undo.registered[i]);
	for (i = 0; i < undo.n_pinned; i++)
		unlinkat(undo.pinned[i].dir, undo.pinned[i].path, 0);
}

void undo_child(const struct seq *seq)
{
	close_calls(seq);
	take_back();
}

void undo_all(const struct seq *seq)
{
	close_calls(seq);
	take_back();
	for (unsigned int i = 0; i < undo.n_mapped; i++)
		munmap(undo.mapped[i], 4096);
	if (undo.kept)
		syscall(SYS_close_range, FD_KEPT, FD_KEPT_END, 0);
	if (results->jit && pwrite(FD_HIDDEN + HIDDEN_JIT, "1", 1, 0) != 1)
		results->jit = false;
	if (results->maps)
		world_maps();
	if (results->progs)
		world_progs();
	undo_begin();
}
