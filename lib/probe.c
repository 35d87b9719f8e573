// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Probes: the memory of answers, the size of attr, commands. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "probe.h"
#include "untraced.h"

/* No kernel knows this command, with or without BPF_COMMON_ATTRS. */
#define NO_COMMAND 0xffffu

/* Answers by their question: 4 bits of probe, 10 of a, 16 of b, and the answer
 * plus one, which is 0 where there is none. Two questions at one place push
 * each other out. */
#define SLOTS 1024
static _Atomic uint32_t answers[SLOTS];
static atomic_int attr_size;

int bpfsys_probe_answer(enum probe probe, unsigned int a, unsigned int b,
			int (*ask)(unsigned int a, unsigned int b))
{
	uint32_t key = (uint32_t)probe << 26 | (a & 0x3ff) << 16 | (b & 0xffff);
	_Atomic uint32_t *slot = &answers[key * 2654435761u >> 22];
	uint32_t known = atomic_load_explicit(slot, memory_order_relaxed);
	bool fits = a <= 0x3ff && b <= 0xffff;
	int before = errno, answer;

	if (fits && known & 3 && known >> 2 == key)
		return (int)(known & 3) - 1;
	answer = ask(a, b);
	errno = before;
	if (fits && answer >= 0)
		atomic_store_explicit(slot, key << 2 | (uint32_t)(answer + 1),
				      memory_order_relaxed);
	return answer;
}

void bpfsys_probe_forget(void)
{
	for (size_t i = 0; i < SLOTS; i++)
		atomic_store_explicit(&answers[i], 0, memory_order_relaxed);
	atomic_store_explicit(&attr_size, 0, memory_order_relaxed);
}

bool bpfsys_probe_failed(int err)
{
	switch (err) {
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
	case -EAGAIN:
	case -EINTR:
	case -ENOSYS:
	case -EACCES:
	case -ENODATA:
		return true;
	default:
		return false;
	}
}

/* The errno with which an attr that has only byte AT set is refused. */
static int ask_byte(unsigned int at)
{
	uint8_t attr[PROBE_ATTR_SIZE];

	memset(attr, 0, sizeof(attr));
	attr[at] = 1;
	return bpfsys_untraced(NO_COMMAND, attr, sizeof(attr));
}

/* A byte is past the union from some byte on. */
static int ask_attr_size(void)
{
	unsigned int inside = 0, past = PROBE_ATTR_SIZE - 1;
	int ret = ask_byte(past);

	if (ret != -E2BIG)
		return ret == -EINVAL || ret >= 0 ? -ENODATA : ret;
	while (past - inside > 1) {
		unsigned int middle = (inside + past) / 2;

		ret = ask_byte(middle);
		if (ret == -E2BIG)
			past = middle;
		else if (bpfsys_probe_failed(ret))
			return ret;
		else
			inside = middle;
	}
	return (int)past;
}

int bpfsys_probe_attr_size(void)
{
	int size = atomic_load_explicit(&attr_size, memory_order_relaxed);
	int before = errno;

	if (size > 0)
		return size;
	size = ask_attr_size();
	errno = before;
	if (size > 0)
		atomic_store_explicit(&attr_size, size, memory_order_relaxed);
	return size;
}

void bpfsys_probe_set(uint8_t *attr, const struct bpfsys_command *cmd,
		      const char *field, uint64_t value)
{
	const struct bpfsys_field *f = bpfsys_abi_field(cmd, field);
	uint32_t half = (uint32_t)value;

	if (f && f->size == 4)
		memcpy(attr + f->offset, &half, 4);
	else if (f && f->size == 8)
		memcpy(attr + f->offset, &value, 8);
}

/* Closed descriptors; and where there are none, what comes before anything is
 * made: an array that is too large, BTF that is, statistics of no kind. */
void bpfsys_probe_fill(uint8_t *attr, const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	memset(attr, 0, PROBE_ATTR_SIZE);
	switch (cmd->nr) {
	case BPFSYS_MAP_CREATE:
		bpfsys_probe_set(attr, cmd, "map_type", 2);
		bpfsys_probe_set(attr, cmd, "key_size", 4);
		bpfsys_probe_set(attr, cmd, "value_size", UINT32_MAX);
		bpfsys_probe_set(attr, cmd, "max_entries", 1);
		return;
	case BPFSYS_PROG_LOAD:
	case BPFSYS_OBJ_GET:
		return;
	case BPFSYS_BTF_LOAD:
		bpfsys_probe_set(attr, cmd, "btf_size", UINT32_MAX);
		return;
	case BPFSYS_ENABLE_STATS:
		bpfsys_probe_set(attr, cmd, "type", UINT32_MAX);
		return;
	default:
		break;
	}
	/* A descriptor that came later would be past an older kernel's last
	 * field. */
	for (size_t i = 0; i < count; i++)
		if (fields[i].kind == BPFSYS_KIND_FD &&
		    fields[i].since <= cmd->since)
			memset(attr + fields[i].offset, 0xff, fields[i].size);
}

int bpfsys_probe_by_refusal(int ret, int refused)
{
	if (ret == refused)
		return refused;
	return ret == -EINVAL ? 1 : -ENODATA;
}

/* A command that the kernel lacks is EINVAL. Some that it has are that too, for
 * all that can be asked without a side effect; but commands are numbered as
 * they come, so one of a higher number speaks for those below it. */
static int ask_command(unsigned int first, unsigned int unused)
{
	uint8_t attr[PROBE_ATTR_SIZE];

	(void)unused;
	for (unsigned int nr = first; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		int ret;

		bpfsys_probe_fill(attr, cmd);
		ret = bpfsys_untraced(nr, attr, cmd->group_end);
		if (ret == -EINVAL)
			continue;
		if (bpfsys_probe_failed(ret) && ret != -EACCES)
			return ret;
		if (ret != -EPERM)
			return 1;
		memset(attr, 0, sizeof(attr));
		return bpfsys_probe_by_refusal(
			bpfsys_untraced(NO_COMMAND, attr, 0), ret);
	}
	return 0;
}

int bpfsys_supports(unsigned int cmd)
{
	if (!bpfsys_abi_command(cmd))
		return -ENODATA;
	return bpfsys_probe_answer(PROBE_COMMAND, cmd, 0, ask_command);
}

/* The flag makes the kernel read the fourth argument, which is not there. */
static int ask_common_attrs(unsigned int unused, unsigned int unused_too)
{
	int ret = bpfsys_untraced_common(BPFSYS_MAP_CREATE, NULL, 0, NULL, 8);

	(void)unused;
	(void)unused_too;
	if (ret == -EFAULT)
		return 1;
	return ret == -EINVAL ? 0 : ret;
}

int bpfsys_supports_common_attrs(void)
{
	return bpfsys_probe_answer(PROBE_COMMON_ATTRS, 0, 0, ask_common_attrs);
}

const char *bpfsys_probe_why(int answer)
{
	switch (answer) {
	case 1:
		return "the kernel has it";
	case 0:
		return "the kernel does not have it";
	case -EPERM:
		return "the caller may not ask the kernel for it";
	case -EACCES:
		return "a security policy forbids to ask the kernel for it";
	case -ENOSYS:
		return "the kernel was built without bpf(2), or a filter hides "
		       "it";
	case -ENODATA:
		return "nothing that can be asked without a side effect tells";
	case -EINVAL:
		return "there is no such thing to ask for";
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
	case -EAGAIN:
	case -EINTR:
		return "the kernel could not be asked for lack of a resource";
	default:
		return answer > 1 ? "the kernel has it"
				  : "the kernel gave an answer that says "
				    "neither yes nor no";
	}
}
