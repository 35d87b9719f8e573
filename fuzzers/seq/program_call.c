// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The function of a program that makes one call: memory, what is in it, and
 * then the call. */
#include "fields.h"
#include "insn.h"
#include "print.h"
#include "program.h"
#include "words.h"

enum { A_LINE = 12, COMMENT_MOST = 4096 };

static const char *const places[] = {"PLAIN",	 "GUARDED",  "ODD",
				     "READONLY", "UNMAPPED", "NOWHERE"};

void program_call_name(struct text *text, const struct seq_call *call)
{
	const struct bpfsys_command *cmd;

	if (call->op != SEQ_BPF && call->op != SEQ_BPF_COMMON) {
		put(text, "%s", seq_op_word(call->op));
		return;
	}
	cmd = bpfsys_abi_command(call->cmd);
	if (cmd)
		put(text, "%s", cmd->name);
	else
		put(text, "CMD_%u", call->cmd);
}

static void write_bytes(struct text *text, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(text, "%s0x%02x", i ? ", " : "", bytes[i]);
}

/* What another digit or a question mark could follow is in octal. */
static void write_string(struct text *text, const uint8_t *bytes, size_t n)
{
	put(text, "\"");
	for (size_t i = 0; i < n; i++)
		if (bytes[i] < ' ' || bytes[i] > '~' ||
		    strchr("\"\\?", bytes[i]))
			put(text, "\\%03o", bytes[i]);
		else
			put(text, "%c", bytes[i]);
	put(text, "\"");
}

static void name_of(char *name, uint8_t in)
{
	if (in < SEQ_IN_BUF)
		strcpy(name, in == SEQ_IN_ATTR ? "attr" : "common");
	else
		snprintf(name, 8, "b%d", in - SEQ_IN_BUF);
}

static void write_ref(struct text *text, const struct seq_ref *ref, bool later)
{
	switch (ref->kind) {
	case SEQ_REF_FD:
		put(text, later ? "fd_of(%u) /* later */" : "fd_of(%u)",
		    ref->which);
		break;
	case SEQ_REF_ID:
		put(text, "id_of(%u)", ref->which);
		break;
	case SEQ_REF_OUT:
		put(text, "out_of(%u, %u, %u)", ref->which, ref->more,
		    ref->width);
		break;
	case SEQ_REF_GIVEN:
		if (ref->which == SEQ_GIVEN_PID)
			put(text, "(unsigned)getpid()");
		else
			put(text, "GIVEN_%s", seq_given_name(ref->which));
		break;
	default:
		put(text, "btf_id(%s, \"%s\")",
		    *seq_names[ref->which].kind == 'f'	 ? "BTF_FUNC"
		    : *seq_names[ref->which].kind == 's' ? "BTF_STRUCT"
							 : "BTF_TYPEDEF",
		    seq_names[ref->which].name);
	}
}

/* References and pointers in IN, those with a field's name apart. */
static void write_spots(struct text *text, const struct seq_call *call,
			unsigned int i, uint8_t in)
{
	char name[8];

	name_of(name, in);
	for (unsigned int k = 0; k < call->n_refs; k++) {
		const struct seq_ref *ref = &call->refs[k];

		if (ref->in != in)
			continue;
		put(text, "\tset%u(%s, %u, ", 8u * ref->width, name, ref->at);
		write_ref(text, ref, ref->which >= i);
		put(text, ");\n");
	}
	for (unsigned int k = 0; k < call->n_bufs; k++)
		if (call->bufs[k].in == in)
			put(text, "\tpoint(%s, %u, b%u);\n", name,
			    call->bufs[k].at, k);
}

static void write_items(struct text *text, const struct seq_call *call,
			unsigned int i, uint8_t in)
{
	const uint8_t *bytes = in == SEQ_IN_COMMON ? call->common : call->attr;
	struct seq_item item = {0};
	char name[8];

	name_of(name, in);
	while (seq_next_item(call, in, &item)) {
		if (item.buf >= 0) {
			put(text, "\tpoint(%s, %u, b%d);", name, item.at,
			    item.buf);
		} else if (item.ref) {
			put(text, "\tset%u(%s, %u, ", 8 * item.len, name,
			    item.at);
			write_ref(text, item.ref, item.ref->which >= i);
			put(text, ");");
		} else if (item.field && (item.len == 4 || item.len == 8)) {
			put(text, "\tset%u(%s, %u, 0x%llx);", 8 * item.len,
			    name, item.at,
			    (unsigned long long)number_at(bytes + item.at,
							  item.len));
		} else {
			unsigned int n = item.len;

			while (n && !bytes[item.at + n - 1])
				n--;
			put(text, "\tfill(%s, %u, ", name, item.at);
			write_string(text, bytes + item.at, n);
			put(text, ", %u);", n);
		}
		if (item.field)
			put(text, " /* %s */", item.field->name);
		put(text, "\n");
	}
}

/* Lines of bytes; instructions say what they are. */
static void write_content(struct text *text, const struct seq *seq,
			  const struct seq_buf *buf, unsigned int k)
{
	const uint8_t *bytes = seq->pool + buf->data;
	uint32_t line = buf->kind == SEQ_INSNS ? 8 : A_LINE;
	char words[INSN_WORDS];

	if (buf->kind == SEQ_TEXT) {
		put(text, "\tstatic const char in_b%u[] = ", k);
		write_string(text, bytes, buf->given);
		put(text, ";\n");
		return;
	}
	put(text, "\tstatic const unsigned char in_b%u[] = {\n", k);
	for (uint32_t at = 0, n; at < buf->given; at += n) {
		n = buf->given - at < line ? buf->given - at : line;
		put(text, "\t\t");
		write_bytes(text, bytes + at, n);
		put(text, ",");
		if (buf->kind == SEQ_INSNS) {
			uint8_t insn[8] = {0};

			memcpy(insn, bytes + at, n);
			seq_insn_words(insn, NULL, words);
			put(text, " /* ");
			program_comment(text, words);
			put(text, " */");
		}
		put(text, "\n");
	}
	put(text, "\t};\n");
}

static void write_memory(struct text *text, const struct seq *seq,
			 const struct seq_call *call)
{
	for (unsigned int k = 0; k < call->n_bufs; k++)
		if (call->bufs[k].given)
			write_content(text, seq, &call->bufs[k], k);
	put(text, "\tstruct mem attr = place(%s, %u);\n", places[call->place],
	    call->size);
	if (call->op == SEQ_BPF_COMMON)
		put(text, "\tstruct mem common = place(PLAIN, %u);\n",
		    call->common_size);
	for (unsigned int k = 0; k < call->n_bufs; k++)
		put(text, "\tstruct mem b%u = place(%s, %u);\n", k,
		    places[call->bufs[k].place], call->bufs[k].len);
}

bool program_keeps(const struct seq *seq, unsigned int i)
{
	if (seq->calls[i].op != SEQ_BPF && seq->calls[i].op != SEQ_BPF_COMMON)
		return false;
	for (unsigned int c = i + 1; c < seq->n; c++)
		for (unsigned int k = 0; k < seq->calls[c].n_refs; k++)
			if (seq->calls[c].refs[k].kind == SEQ_REF_OUT &&
			    seq->calls[c].refs[k].which == i)
				return true;
	return false;
}

static void write_bpf(struct text *text, const struct seq *seq, unsigned int i)
{
	const struct seq_call *call = &seq->calls[i];
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);

	write_memory(text, seq, call);
	put(text, "\tlong ret;\n\n");
	for (unsigned int k = 0; k < call->n_bufs; k++) {
		if (call->bufs[k].given)
			put(text, "\tfill(b%u, 0, in_b%u, sizeof(in_b%u));\n",
			    k, k, k);
		write_spots(text, call, i, (uint8_t)(SEQ_IN_BUF + k));
	}
	write_items(text, call, i, SEQ_IN_ATTR);
	if (call->op == SEQ_BPF_COMMON)
		write_items(text, call, i, SEQ_IN_COMMON);
	if (call->place == SEQ_READONLY)
		put(text, "\tseal(attr);\n");
	for (unsigned int k = 0; k < call->n_bufs; k++)
		if (call->bufs[k].place == SEQ_READONLY)
			put(text, "\tseal(b%u);\n", k);
	put(text, "\tret = %s(%u%s%s%s, attr, %u",
	    call->op == SEQ_BPF ? "bpf" : "bpf_common", call->cmd,
	    cmd ? " /* BPF_" : "", cmd ? cmd->name : "", cmd ? " */" : "",
	    call->size);
	if (call->op == SEQ_BPF_COMMON)
		put(text, ", common, %u", call->common_size);
	put(text, ");\n");
	if (program_keeps(seq, i))
		put(text, "\tkeep(%u, attr);\n", i);
	put(text, "\treturn ret;\n");
}

static void write_fd_op(struct text *text, const struct seq_call *call,
			unsigned int i)
{
	static const char *const prots[] = {"PROT_NONE", "PROT_READ",
					    "PROT_WRITE",
					    "PROT_READ | PROT_WRITE"};
	const struct seq_ref *ref = &call->refs[0];

	put(text, "\treturn %s",
	    call->op == SEQ_CLOSE  ? "close_fd("
	    : call->op == SEQ_READ ? "read_fd("
	    : call->op == SEQ_MMAP ? "map_fd("
				   : "result(fcntl((int)");
	write_ref(text, ref, ref->which >= i);
	if (call->op == SEQ_MMAP)
		put(text, ", %s", prots[call->cmd]);
	put(text, call->op == SEQ_DUP ? ", F_DUPFD_CLOEXEC, 0));\n" : ");\n");
}

static void write_run(struct text *text, unsigned int run)
{
	static const char *const runs[] = {
		[SEQ_RUN_SYSCALL] = "result(getpgid(0)) < 0 ? -errno : 0",
		[SEQ_RUN_PACKET] = "run_packet()",
		[SEQ_RUN_TCP] = "run_tcp()",
		[SEQ_RUN_FORK] = "run_fork()",
		[SEQ_RUN_OPEN] = "run_open(\"/proc/self/exe\", 0)",
		[SEQ_RUN_SYSCTL] = "run_open(\"/proc/sys/kernel/ostype\", 64)",
		[SEQ_RUN_SOCKOPT] = "run_sockopt()",
	};

	put(text, "\treturn %s;\n", runs[run]);
}

void program_call(struct text *text, const struct seq *seq, unsigned int i)
{
	const struct seq_call *call = &seq->calls[i];
	char words[COMMENT_MOST];
	struct text line = {words, sizeof(words), 0};

	seq_print_call(&line, seq, i);
	put(text, "/* ");
	program_comment(text, words);
	put(text, " */\nstatic long call_%u(void)\n{\n", i);
	if (call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON)
		write_bpf(text, seq, i);
	else if (call->op == SEQ_RUN)
		write_run(text, call->cmd);
	else if (call->op == SEQ_JIT)
		put(text, "\treturn set_jit(\"%u\");\n", call->cmd);
	else
		write_fd_op(text, call, i);
	put(text, "}\n\n");
}
