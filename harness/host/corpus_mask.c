// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What two runs of a sequence on one kernel do not share: numbers of
 * descriptors and objects, addresses, times, the order of keys in a hash. */
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "corpus.h"

#define CHANCE	      "" /* even whether it is written is */
#define VERBOSE_STATS 4	 /* of log_level: the log tells times */

static uint32_t u32_at(const struct seq_call *call, unsigned int at)
{
	uint32_t value;

	memcpy(&value, call->attr + at, sizeof(value));
	return value;
}

static bool is_bpf(const struct seq_call *call)
{
	return call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON;
}

/* What the descriptor at AT of CALL's attr stands for. */
static const struct seq_ref *ref_at(const struct seq_call *call,
				    unsigned int at)
{
	for (unsigned int i = 0; i < call->n_refs; i++)
		if (call->refs[i].in == SEQ_IN_ATTR && call->refs[i].at == at)
			return &call->refs[i];
	return NULL;
}

/* The call that made the object behind REF; NULL: none of the sequence. */
static const struct seq_call *maker(const struct seq *seq,
				    const struct seq_ref *ref)
{
	for (unsigned int hops = 0; ref && hops < SEQ_CALLS; hops++) {
		const struct seq_call *call;

		if ((ref->kind != SEQ_REF_FD && ref->kind != SEQ_REF_ID) ||
		    ref->which >= seq->n)
			return NULL;
		call = &seq->calls[ref->which];
		if (call->op != SEQ_DUP && call->cmd != BPF_MAP_GET_FD_BY_ID &&
		    call->cmd != BPF_PROG_GET_FD_BY_ID)
			return call;
		ref = ref_at(call, 0);
	}
	return NULL;
}

/* "prog", "map", "btf", "link", or NULL: it cannot be told. */
static const char *object_of(const struct seq *seq, const struct seq_ref *ref)
{
	const struct seq_call *call = maker(seq, ref);

	if (ref && ref->kind == SEQ_REF_GIVEN) {
		if (ref->which == SEQ_GIVEN_BTF_VMLINUX)
			return "btf";
		return ref->which == SEQ_GIVEN_PROG_FILTER ||
				       ref->which == SEQ_GIVEN_PROG_XDP
			       ? "prog"
			       : "map";
	}
	switch (call ? call->cmd : UINT16_MAX) {
	case BPF_PROG_LOAD:
	case BPF_PROG_GET_FD_BY_ID:
		return "prog";
	case BPF_MAP_CREATE:
	case BPF_MAP_GET_FD_BY_ID:
		return "map";
	case BPF_BTF_LOAD:
	case BPF_BTF_GET_FD_BY_ID:
		return "btf";
	case BPF_LINK_CREATE:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_LINK_GET_FD_BY_ID:
		return "link";
	default:
		return NULL;
	}
}

/* Programs that say the time, draw numbers or see the rest of the system: what
 * they leave in maps and packets is theirs. */
static bool is_moody(const struct seq *seq)
{
	static const uint32_t stable_types =
		1U << BPF_PROG_TYPE_UNSPEC | 1U << BPF_PROG_TYPE_SOCKET_FILTER |
		1U << BPF_PROG_TYPE_SCHED_CLS | 1U << BPF_PROG_TYPE_SCHED_ACT |
		1U << BPF_PROG_TYPE_XDP;

	for (unsigned int i = 0; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];
		const uint32_t type = u32_at(call, 0);

		if (!is_bpf(call) || call->cmd != BPF_PROG_LOAD)
			continue;
		if (type > 31 || !(stable_types >> type & 1))
			return true;
		for (unsigned int k = 0; k < call->n_bufs; k++) {
			const struct seq_buf *buf = &call->bufs[k];

			for (uint32_t at = 0;
			     buf->kind == SEQ_INSNS && at + 8 <= buf->given;
			     at += 8)
				if (seq->pool[buf->data + at] ==
				    (BPF_JMP | BPF_CALL))
					return true;
		}
	}
	return false;
}

/* The type of the map behind the descriptor at the start of CALL's attr. */
static uint32_t map_type(const struct seq *seq, const struct seq_call *call,
			 uint32_t *flags)
{
	const struct seq_ref *ref = ref_at(call, 0);
	const struct seq_call *from = maker(seq, ref);

	*flags = BPF_F_ZERO_SEED;
	if (ref && ref->kind == SEQ_REF_GIVEN)
		return BPF_MAP_TYPE_HASH;
	*flags = 0;
	if (!from || from->cmd != BPF_MAP_CREATE)
		return BPF_MAP_TYPE_UNSPEC;
	*flags = u32_at(from, 16);
	return u32_at(from, 0);
}

/* Where keys come in an order of chance. */
static bool is_shuffled(const struct seq *seq, const struct seq_call *call)
{
	uint32_t flags;

	switch (map_type(seq, call, &flags)) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_UNSPEC:
		return !(flags & BPF_F_ZERO_SEED);
	default:
		return false;
	}
}

/* Maps whose values, as they are read, are IDs, cookies or bits of hashes. */
static bool holds_ids(const struct seq *seq, const struct seq_call *call)
{
	uint32_t flags;

	switch (map_type(seq, call, &flags)) {
	case BPF_MAP_TYPE_UNSPEC:
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_STRUCT_OPS:
		return true;
	default:
		return false;
	}
}

static bool walks_keys(const struct seq_call *call)
{
	return call->cmd == BPF_MAP_GET_NEXT_KEY ||
	       call->cmd == BPF_MAP_LOOKUP_BATCH ||
	       call->cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH;
}

struct list {
	struct corpus_mask *at;
	size_t n;
};

static void mask(struct list *list, uint32_t from, uint32_t to,
		 const char *what)
{
	if (list->n < CORPUS_MASKS)
		list->at[list->n++] = (struct corpus_mask){from, to, what};
}

static const char *label(const struct bpfsys_field *field)
{
	static const struct {
		const char *name, *what;
	} names[] = {
		{"duration", CHANCE},	    {"load_time", CHANCE},
		{"run_time_ns", CHANCE},    {"run_cnt", CHANCE},
		{"missed", CHANCE},	    {"recursion_misses", CHANCE},
		{"jited_prog_len", "size"}, {"probe_addr", "address"},
		{"addr", "address"},	    {"cgroup_id", "id"},
		{"netns_dev", "id"},	    {"netns_ino", "id"},
	};
	const char *name = strrchr(field->name, '.');

	name = name ? name + 1 : field->name;
	if (field->kind == BPFSYS_KIND_ID)
		return "id";
	if (field->kind == BPFSYS_KIND_FD)
		return "fd";
	if (field->kind == BPFSYS_KIND_PID)
		return "pid";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].what;
	return NULL;
}

static void mask_fields(struct list *list, const struct bpfsys_field *fields,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *what = label(&fields[i]);

		if (what)
			mask(list, fields[i].offset,
			     fields[i].offset + fields[i].size, what);
	}
}

static const struct bpfsys_field *info_fields(const struct seq *seq,
					      const struct seq_call *call,
					      size_t *count)
{
	const char *object = object_of(seq, ref_at(call, 0));
	size_t n;
	const struct bpfsys_info_struct *infos = bpfsys_abi_infos(&n);

	for (size_t i = 0; object && i < n; i++)
		if (strcmp(infos[i].name, object) == 0)
			return bpfsys_abi_info_fields(&infos[i], count);
	*count = 0;
	return NULL;
}

/* Memory that a field of an info struct points to. */
static void mask_info_buf(struct list *list, const struct bpfsys_field *fields,
			  size_t count, const struct seq_buf *buf)
{
	static const char *const names[] = {"jited_", "xlated_", "ids", "addrs",
					    "ref_ctr"};
	bool known = false;

	for (size_t i = 0; i < count; i++) {
		if (fields[i].offset != buf->at)
			continue;
		known = true;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strstr(fields[i].name, names[k])) {
				mask(list, 0, UINT32_MAX, "masked");
				return;
			}
	}
	if (!known)
		mask(list, 0, UINT32_MAX, "masked");
}

/* What of the attr points to BUF, if the kernel writes there; else "". */
static const char *written_name(const struct seq_call *call,
				const struct seq_buf *buf)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);
	size_t count = 0;
	const struct bpfsys_field *fields =
		cmd ? bpfsys_abi_fields(cmd, &count) : NULL;

	for (size_t i = 0; i < count; i++)
		if (buf->in == SEQ_IN_ATTR && fields[i].offset == buf->at &&
		    (fields[i].kind == BPFSYS_KIND_PTR_OUT ||
		     fields[i].kind == BPFSYS_KIND_PTR_INOUT))
			return fields[i].name;
	return "";
}

/* Whether the log that the common attr asks for tells times. */
static bool has_common_stats(const struct seq_call *call)
{
	struct bpfsys_common_attr common;

	memcpy(&common, call->common, sizeof(common));
	return call->op == SEQ_BPF_COMMON && call->cmd == BPF_PROG_LOAD &&
	       common.log_level & VERBOSE_STATS;
}

static void mask_buf(struct list *list, const struct seq *seq,
		     const struct seq_call *call, const struct seq_buf *buf)
{
	const char *name = written_name(call, buf);
	const bool is_value = strstr(name, "value") != NULL;
	const bool is_key = strstr(name, "key") || strstr(name, "out_batch");

	if (strstr(name, "ids"))
		mask(list, 0, UINT32_MAX, "id");
	else if (buf->in == SEQ_IN_COMMON && has_common_stats(call))
		mask(list, 0, UINT32_MAX, "log");
	else if (call->cmd == BPF_PROG_LOAD && strcmp(name, "log_buf") == 0 &&
		 u32_at(call, 24) & VERBOSE_STATS)
		mask(list, 0, UINT32_MAX, "log");
	else if (is_value && (holds_ids(seq, call) || is_moody(seq)))
		mask(list, 0, UINT32_MAX, "value");
	else if ((is_value || is_key) && walks_keys(call) &&
		 is_shuffled(seq, call))
		mask(list, 0, UINT32_MAX, is_key ? "key" : "value");
	else if ((strcmp(name, "data_out") == 0 ||
		  strcmp(name, "ctx_out") == 0) &&
		 is_moody(seq))
		mask(list, 0, UINT32_MAX, "data");
}

static void mask_attr(struct list *list, const struct seq *seq,
		      const struct seq_call *call)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);
	const struct bpfsys_field *fields;
	size_t count;

	if (!cmd)
		return;
	fields = bpfsys_abi_fields(cmd, &count);
	mask_fields(list, fields, count);
	for (size_t i = 0; i < count; i++) {
		const uint32_t from = fields[i].offset;
		const uint32_t to = from + fields[i].size;

		if (call->cmd == BPF_PROG_LOAD &&
		    u32_at(call, 24) & VERBOSE_STATS &&
		    strcmp(fields[i].name, "log_true_size") == 0)
			mask(list, from, to, "size");
		if (strcmp(fields[i].name, "retval") == 0 && is_moody(seq))
			mask(list, from, to, CHANCE);
		if (walks_keys(call) && is_shuffled(seq, call) &&
		    fields[i].kind == BPFSYS_KIND_COUNT)
			mask(list, from, to, CHANCE);
	}
}

/* Asks for a process by a number, which is anybody's or nobody's. */
static bool asks_anybody(const struct seq_call *call)
{
	return is_bpf(call) && call->cmd == BPF_TASK_FD_QUERY &&
	       u32_at(call, 0) && !ref_at(call, 0);
}

size_t corpus_masks(const struct seq *seq, unsigned int call_at, uint8_t in,
		    struct corpus_mask masks[CORPUS_MASKS])
{
	const struct seq_call *call = &seq->calls[call_at];
	const struct bpfsys_field *fields = NULL;
	const struct seq_buf *buf;
	struct list list = {masks, 0};
	size_t count = 0;

	if (asks_anybody(call)) {
		mask(&list, 0, UINT32_MAX, "masked");
		return list.n;
	}
	if (in == SEQ_IN_ATTR)
		mask_attr(&list, seq, call);
	if (in == SEQ_IN_COMMON && has_common_stats(call))
		mask(&list, offsetof(struct bpfsys_common_attr, log_true_size),
		     offsetof(struct bpfsys_common_attr, log_true_size) +
			     sizeof(uint32_t),
		     "size");
	if (in < SEQ_IN_BUF || in - SEQ_IN_BUF >= call->n_bufs)
		return list.n;
	buf = &call->bufs[in - SEQ_IN_BUF];
	if (call->cmd != BPF_OBJ_GET_INFO_BY_FD) {
		mask_buf(&list, seq, call, buf);
		return list.n;
	}
	fields = info_fields(seq, call, &count);
	if (buf->in != SEQ_IN_ATTR)
		mask_info_buf(&list, fields, count, buf);
	else if (fields)
		mask_fields(&list, fields, count);
	else
		mask(&list, 0, UINT32_MAX, "masked");
	return list.n;
}

const char *corpus_mask_ret(const struct seq *seq, unsigned int call_at,
			    int ret)
{
	const struct seq_call *call = &seq->calls[call_at];
	const struct bpfsys_command *cmd =
		is_bpf(call) ? bpfsys_abi_command(call->cmd) : NULL;

	if (ret >= 0 &&
	    (call->op == SEQ_DUP || (cmd && cmd->returns == BPFSYS_RETURNS_FD)))
		return "fd";
	if (asks_anybody(call))
		return "0 or an errno";
	if (ret > 0 && call->op == SEQ_READ)
		return "some";
	/* A machine that is busy shakes hands later. */
	if (call->op == SEQ_RUN && call->cmd == SEQ_RUN_TCP &&
	    (ret == 0 || ret == -EINPROGRESS))
		return "0 or EINPROGRESS";
	if (cmd && walks_keys(call) && is_shuffled(seq, call) &&
	    (ret == 0 || ret == -ENOENT || ret == -ENOSPC))
		return "0 or ENOENT or ENOSPC";
	return NULL;
}
