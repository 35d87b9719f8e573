// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Sequences as text for people, a call a line as strace has it. */
#include "fields.h"
#include "print.h"
#include "words.h"

void seq_print_ref(struct text *text, const struct seq_ref *ref)
{
	switch (ref->kind) {
	case SEQ_REF_FD:
		put(text, "r%u", ref->which);
		break;
	case SEQ_REF_ID:
		put(text, "id(r%u)", ref->which);
		break;
	case SEQ_REF_OUT:
		put(text, "r%u@%u", ref->which, ref->more);
		break;
	case SEQ_REF_GIVEN:
		put(text, "given(%s)", seq_given_name(ref->which));
		break;
	case SEQ_REF_BTF:
		put(text, "btf(%s %s)", seq_names[ref->which].kind,
		    seq_names[ref->which].name);
		break;
	}
}

void seq_print_pointer(struct text *text, const struct seq_call *call,
		       unsigned int buf)
{
	if (call->bufs[buf].place == SEQ_UNMAPPED)
		put(text, "&unmapped");
	else
		put(text, "&b%u", buf);
}

void seq_print_hex(struct text *text, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char out[2 * 32 + 1];

	for (size_t i = 0, n; i < len; i += n) {
		n = len - i < 32 ? len - i : 32;
		for (size_t k = 0; k < n; k++) {
			out[2 * k] = digits[bytes[i + k] >> 4];
			out[2 * k + 1] = digits[bytes[i + k] & 15];
		}
		out[2 * n] = '\0';
		put(text, "%s", out);
	}
}

void seq_print_string(struct text *text, const uint8_t *bytes, size_t len)
{
	put(text, "\"");
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' ||
		    bytes[i] == '\\')
			put(text, "\\x%02x", bytes[i]);
		else
			put(text, "%c", bytes[i]);
	put(text, "\"");
}

/* A string, where nothing is behind its NUL. */
static void print_name(struct text *text, const uint8_t *bytes, size_t len)
{
	size_t n = len;

	while (n && !bytes[n - 1])
		n--;
	if (memchr(bytes, 0, n)) {
		put(text, "hex(");
		seq_print_hex(text, bytes, n);
		put(text, ")");
	} else {
		seq_print_string(text, bytes, n);
	}
}

static void print_value(struct text *text, const struct bpfsys_field *field,
			const uint8_t *at)
{
	uint64_t value = number_at(at, field->size);
	const struct bpfsys_enumerator *word = NULL;

	if (field->kind == BPFSYS_KIND_ENUM)
		word = bpfsys_abi_enumerator(field->detail, (uint32_t)value);
	if (word)
		put(text, "%s", word->name);
	else if (field->kind == BPFSYS_KIND_NAME ||
		 field->kind == BPFSYS_KIND_BYTES)
		print_name(text, at, field->size);
	else if (field->kind == BPFSYS_KIND_FD && field->size == 4)
		put(text, "%d", (int)value);
	else if (field->size == 8 || field->kind == BPFSYS_KIND_FLAGS)
		put(text, "0x%llx", (unsigned long long)value);
	else
		put(text, "%u", (unsigned int)value);
}

static void print_item(struct text *text, const struct seq_call *call,
		       uint8_t in, const struct seq_item *item)
{
	const uint8_t *bytes = in == SEQ_IN_COMMON ? call->common : call->attr;

	put(text, " %s", in == SEQ_IN_COMMON ? "common" : "");
	if (item->field)
		put(text, "%s%s=", in == SEQ_IN_COMMON ? "." : "",
		    item->field->name);
	else if (item->ref && item->len != 4)
		put(text, "+%u/%u=", item->at, item->len);
	else
		put(text, "+%u=", item->at);
	if (item->ref)
		seq_print_ref(text, item->ref);
	else if (item->buf >= 0)
		seq_print_pointer(text, call, (unsigned int)item->buf);
	else if (item->field)
		print_value(text, item->field, bytes + item->at);
	else
		seq_print_hex(text, bytes + item->at, item->len);
}

static void print_items(struct text *text, const struct seq_call *call,
			uint8_t in)
{
	struct seq_item item = {0};

	while (seq_next_item(call, in, &item))
		print_item(text, call, in, &item);
}

static void print_bpf(struct text *text, const struct seq_call *call)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);

	if (cmd)
		put(text, "%s", cmd->name);
	else
		put(text, "CMD_%u", call->cmd);
	put(text, "(size=%u", call->size);
	if (call->place)
		put(text, ", %s", seq_place_word(call->place));
	if (call->op == SEQ_BPF_COMMON)
		put(text, ", common=%u", call->common_size);
	put(text, ")");
	print_items(text, call, SEQ_IN_ATTR);
	print_items(text, call, SEQ_IN_COMMON);
}

void seq_print_call(struct text *text, const struct seq *seq, unsigned int i)
{
	const struct seq_call *call = &seq->calls[i];

	put(text, "r%u = ", i);
	if (call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON) {
		print_bpf(text, call);
		return;
	}
	put(text, "%s(", seq_op_word(call->op));
	if (call->n_refs)
		seq_print_ref(text, &call->refs[0]);
	if (call->op == SEQ_MMAP)
		put(text, ", %s", seq_mmap_word(call->cmd));
	else if (call->op == SEQ_RUN)
		put(text, "%s", seq_run_word(call->cmd));
	else if (call->op == SEQ_JIT)
		put(text, "%s", seq_jit_word(call->cmd));
	put(text, ")");
}

size_t seq_print(const struct seq *seq, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (size)
		*text = '\0';
	for (unsigned int i = 0; i < seq->n; i++) {
		seq_print_call(&out, seq, i);
		put(&out, "\n");
		for (unsigned int k = 0; k < seq->calls[i].n_bufs; k++)
			seq_print_buf(&out, seq, &seq->calls[i], k);
	}
	return out.used;
}
