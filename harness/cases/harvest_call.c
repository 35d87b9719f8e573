// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Tells one call in a sequence's terms: what its pointers point to and what its
 * descriptors are, by the rows of the ABI table. */
#include <stdlib.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "call.h"
#include "harvest_call.h"
#include "kernel.h"
#include "map_types.h"
#include "trace.h"

/* What a pointer's length may be that the table does not tell. */
#define STRING_MOST	256
#define FD_ARRAY_LENGTH 64

struct look {
	struct harvested *to;
	const struct bpfsys_command *cmd;
	uint8_t taken[SEQ_ATTR]; /* bytes that a pointer or a reference has */
	struct {
		uint32_t type, id, key_size, value_size;
	} map; /* the start of struct bpf_map_info of the call's map_fd */
};

void harvested_free(struct harvested *call)
{
	free(call->pool);
	free(call);
}

bool harvested_needs(const struct harvested *call, unsigned int i)
{
	return call->call.refs[i].kind == SEQ_REF_FD ||
	       call->call.refs[i].kind == SEQ_REF_ID;
}

static uint64_t field_value(const struct look *look,
			    const struct bpfsys_field *field)
{
	uint64_t value = 0;

	if (field->size <= sizeof(value) &&
	    field->offset + field->size <= SEQ_ATTR)
		memcpy(&value, look->to->call.attr + field->offset,
		       field->size);
	return value;
}

/* The value of the field that WORDS begins with; *REST is behind its name. */
static bool named_field(const struct look *look, const char *words,
			uint64_t *value, const char **rest)
{
	size_t len = strcspn(words, " ;,"), count;
	const struct bpfsys_field *fields =
		bpfsys_abi_fields(look->cmd, &count);

	for (size_t i = 0; i < count; i++)
		if (strlen(fields[i].name) == len &&
		    strncmp(fields[i].name, words, len) == 0) {
			*value = field_value(look, &fields[i]);
			*rest = words + len;
			return true;
		}
	return false;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static uint64_t value_size(const struct look *look)
{
	switch (look->map.type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return (look->map.value_size + 7) / 8 * 8 *
		       kernel_possible_cpus();
	default:
		return look->map.value_size;
	}
}

static uint64_t unit(const struct look *look, const char *words)
{
	const char *rest;
	uint64_t n;

	if (starts(words, "key_size of the map"))
		return look->map.key_size < 4 ? 4 : look->map.key_size;
	if (starts(words, "value_size of the map"))
		return value_size(look);
	if (starts(words, "the size of a long") || starts(words, "pointers"))
		return 8;
	if (named_field(look, words, &n, &rest))
		return n;
	n = strtoul(words, NULL, 10);
	return n ? n : 1;
}

/* Bytes that FIELD points to, as its row's detail says. */
static uint64_t length(const struct look *look,
		       const struct bpfsys_field *field)
{
	const char *rest;
	uint64_t n;

	if (field->kind == BPFSYS_KIND_STR_IN)
		return STRING_MOST;
	if (strcmp(field->name, "license") == 0)
		return 128;
	if (strcmp(field->name, "fd_array") == 0 &&
	    named_field(look, "fd_array_cnt", &n, &rest))
		return n ? n * 4 : FD_ARRAY_LENGTH;
	if (!named_field(look, field->detail, &n, &rest))
		return unit(look, field->detail);
	if (starts(rest, " times "))
		n *= unit(look, rest + strlen(" times "));
	else if (starts(rest, " pointers"))
		n *= 8;
	return n;
}

/* Adds LEN bytes from ADDRESS as a buffer whose pointer is at AT. NULL: there
 * is no room. */
static struct seq_buf *add_buffer(struct look *look, unsigned int in,
				  unsigned int at, uint64_t address,
				  uint64_t len, unsigned int kind)
{
	struct harvested *to = look->to;
	const void *from = (const void *)(uintptr_t)address;
	struct seq_buf *buf = &to->call.bufs[to->call.n_bufs];
	uint32_t got, most = len < SEQ_POOL ? (uint32_t)len : SEQ_POOL;
	uint8_t *pool;

	if (to->call.n_bufs == SEQ_BUFS || len > SEQ_BUF_MOST)
		return NULL;
	pool = realloc(to->pool, to->pool_len + most + 1);
	if (!pool)
		return NULL;
	to->pool = pool;
	pool += to->pool_len;
	got = most ? bpfsys_peek(pool, from, most) : 0;
	if (kind == SEQ_TEXT) {
		got = (uint32_t)strnlen((char *)pool, got);
		len = got + 1;
	}
	buf->place = got || !len ? SEQ_PLAIN : SEQ_UNMAPPED;
	buf->len = buf->place == SEQ_UNMAPPED ? 8 : (uint32_t)len;
	while (got && !pool[got - 1])
		got--;
	buf->in = (uint8_t)in;
	buf->at = (uint16_t)at;
	buf->kind = (uint8_t)kind;
	buf->given = got;
	buf->data = to->pool_len;
	to->pool_len += got;
	to->call.n_bufs++;
	return buf;
}

/* Paths of pins are those of the working directory there. */
static void shorten_pin(struct look *look, struct seq_buf *buf)
{
	uint8_t *path = look->to->pool + buf->data;
	const uint8_t *slash = memrchr(path, '/', buf->given);
	uint32_t cut = slash ? (uint32_t)(slash + 1 - path) : 0;

	if (buf->given < 12 || memcmp(path, "/sys/fs/bpf/", 12) != 0)
		return;
	buf->given -= cut;
	buf->len = buf->given + 1;
	memmove(path, path + cut, buf->given);
	look->to->pool_len = buf->data + buf->given;
}

static unsigned int kind_of(const struct bpfsys_field *field)
{
	if (strcmp(field->name, "insns") == 0)
		return SEQ_INSNS;
	if (strcmp(field->name, "btf") == 0)
		return SEQ_BTF;
	if (field->kind == BPFSYS_KIND_STR_IN ||
	    strcmp(field->name, "license") == 0)
		return SEQ_TEXT;
	return SEQ_BYTES;
}

/* The descriptors that instructions have. */
static void take_insn_fds(struct look *look, const struct seq_buf *buf,
			  unsigned int index)
{
	uint8_t *code = look->to->pool + buf->data;

	for (uint32_t at = 0; at + 8 <= buf->given; at += 8) {
		const unsigned int src = code[at + 1] >> 4;
		int32_t imm;

		if (code[at] != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		memcpy(&imm, code + at + 4, sizeof(imm));
		if (src == BPF_PSEUDO_MAP_FD || src == BPF_PSEUDO_MAP_VALUE)
			harvest_fd_ref(look->to, imm, SEQ_IN_BUF + index,
				       at + 4, 4);
		at += 8;
	}
}

/* Descriptors that stand in memory, one every STEP bytes. */
static void take_fds(struct look *look, const struct seq_buf *buf,
		     unsigned int index, uint32_t step)
{
	for (uint32_t at = 0; at + 4 <= buf->len && at < 4 * step; at += step) {
		int32_t fd = 0;

		if (at + 4 <= buf->given)
			memcpy(&fd, look->to->pool + buf->data + at,
			       sizeof(fd));
		if (fd > 0)
			harvest_fd_ref(look->to, fd, SEQ_IN_BUF + index, at, 4);
	}
}

static bool holds_fds(uint32_t map_type)
{
	switch (map_type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return true;
	default:
		return false;
	}
}

/* Keys of these maps are descriptors. */
static bool keyed_by_fd(uint32_t map_type)
{
	return map_type == BPF_MAP_TYPE_SK_STORAGE ||
	       map_type == BPF_MAP_TYPE_INODE_STORAGE ||
	       map_type == BPF_MAP_TYPE_TASK_STORAGE || map_type == 32;
}

/* kprobe_multi.syms */
static void take_names(struct look *look, const struct seq_buf *buf,
		       unsigned int index)
{
	for (uint32_t at = 0; at + 8 <= buf->given; at += 8) {
		uint64_t name;

		memcpy(&name, look->to->pool + buf->data + at, sizeof(name));
		if (!add_buffer(look, SEQ_IN_BUF + index, at, name, STRING_MOST,
				SEQ_TEXT))
			return;
	}
}

static void take_inside(struct look *look, const struct bpfsys_field *field,
			unsigned int index)
{
	/* A copy: buffers may be added. */
	const struct seq_buf buf = look->to->call.bufs[index];
	const char *name = field->name;

	if (buf.kind == SEQ_INSNS)
		take_insn_fds(look, &buf, index);
	else if (strcmp(name, "fd_array") == 0 ||
		 strcmp(name, "iter_info") == 0)
		take_fds(look, &buf, index, 4);
	else if (strcmp(name, "kprobe_multi.syms") == 0)
		take_names(look, &buf, index);
	else if (starts(name, "value") && holds_fds(look->map.type))
		take_fds(look, &buf, index,
			 look->map.value_size < 4 ? 4 : look->map.value_size);
	else if (starts(name, "key") && keyed_by_fd(look->map.type))
		take_fds(look, &buf, index, 4);
}

static bool is_pointer(const struct bpfsys_field *field)
{
	return field->kind >= BPFSYS_KIND_PTR_IN;
}

/* Fields of a union's other members overlap: what is readable is a pointer. */
static bool is_taken(const struct look *look, const struct bpfsys_field *field)
{
	for (unsigned int i = 0; i < field->size; i++)
		if (look->taken[field->offset + i])
			return true;
	return false;
}

static void take_pointer(struct look *look, const struct bpfsys_field *field)
{
	const uint64_t address = field_value(look, field);
	const bool in_union = strchr(field->name, '.') ||
			      strcmp(field->name, "iter_info") == 0;
	unsigned int index = look->to->call.n_bufs;
	struct seq_buf *buf;
	uint8_t byte;

	if (!address || is_taken(look, field))
		return;
	if (in_union &&
	    !bpfsys_peek(&byte, (const void *)(uintptr_t)address, 1))
		return;
	buf = add_buffer(look, SEQ_IN_ATTR, field->offset, address,
			 length(look, field), kind_of(field));
	if (!buf)
		return;
	memset(look->taken + field->offset, 1, field->size);
	if (strcmp(field->name, "pathname") == 0)
		shorten_pin(look, buf);
	take_inside(look, field, index);
}

static void take_number(struct look *look, const struct bpfsys_field *field)
{
	const uint64_t value = field_value(look, field);
	bool done = false;

	if (!value || is_taken(look, field))
		return;
	if (field->kind == BPFSYS_KIND_FD) {
		harvest_fd_ref(look->to, (int)value, SEQ_IN_ATTR, field->offset,
			       4);
		done = true;
	} else if (field->kind == BPFSYS_KIND_ID) {
		done = harvest_id_ref(look->to, (uint32_t)value, field->offset);
	} else if (field->kind == BPFSYS_KIND_PID) {
		done = harvest_pid_ref(look->to, (pid_t)value, field->offset);
	} else if (field->kind == BPFSYS_KIND_BTF_ID) {
		done = harvest_btf_ref(look->to, (uint32_t)value,
				       field->offset);
	}
	if (done)
		memset(look->taken + field->offset, 1, field->size);
}

/* What the call's map is like: lengths depend on it. */
static void ask_map(struct look *look)
{
	struct bpfsys_obj_info_attr attr;
	const char *rest;
	uint64_t fd;

	if (!named_field(look, "map_fd", &fd, &rest))
		return;
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = sizeof(look->map);
	attr.info = bpfsys_ptr(&look->map);
	__real_bpfsys(BPFSYS_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
}

static void take_fields(struct look *look)
{
	size_t count;
	const struct bpfsys_field *fields =
		bpfsys_abi_fields(look->cmd, &count);

	for (size_t i = 0; i < count; i++)
		if (is_pointer(&fields[i]) && fields[i].offset + 8 <= SEQ_ATTR)
			take_pointer(look, &fields[i]);
	for (size_t i = 0; i < count; i++)
		if (!is_pointer(&fields[i]) && fields[i].size == 4)
			take_number(look, &fields[i]);
}

static void take_common(struct look *look, const void *common,
			unsigned int size)
{
	struct seq_call *call = &look->to->call;
	uint64_t log;
	uint32_t log_size;

	call->op = SEQ_BPF_COMMON;
	call->common_size = (uint16_t)size;
	call->common_len = (uint16_t)bpfsys_peek(
		call->common, common,
		size < sizeof(call->common) ? size : sizeof(call->common));
	memcpy(&log, call->common, sizeof(log));
	memcpy(&log_size, call->common + 8, sizeof(log_size));
	if (call->common_len >= 12 && log)
		add_buffer(look, SEQ_IN_COMMON, 0, log, log_size, SEQ_BYTES);
}

bool harvest_look(struct harvested *to, unsigned int cmd, const void *attr,
		  unsigned int size, const void *common,
		  unsigned int common_size)
{
	struct look look = {.to = to,
			    .cmd = bpfsys_abi_command(cmd &
						      ~BPFSYS_COMMON_ATTRS)};
	struct seq_call *call = &to->call;

	if (!look.cmd || size > 8192 || common_size > 8192)
		return false;
	call->op = SEQ_BPF;
	call->cmd = (uint16_t)look.cmd->nr;
	call->size = (uint16_t)size;
	call->attr_len = (uint16_t)bpfsys_peek(
		call->attr, attr, size < SEQ_ATTR ? size : SEQ_ATTR);
	if (!attr)
		call->place = SEQ_NULL;
	else if (size && !call->attr_len)
		call->place = SEQ_UNMAPPED;
	ask_map(&look);
	take_fields(&look);
	if (cmd & BPFSYS_COMMON_ATTRS)
		take_common(&look, common, common_size);
	return true;
}
