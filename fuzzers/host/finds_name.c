// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a find is called: by what the kernel reported, and where. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "finds.h"

/* Functions that report, copy, lock or allocate for others; a * stands for any
 * rest of a name. */
static const char *const generic[] = {
	"dump_stack*",
	"show_stack*",
	"print_*",
	"kasan_*",
	"__kasan_*",
	"__asan_*",
	"check_region*",
	"check_memory_region*",
	"ubsan_*",
	"__ubsan_*",
	"handle_overflow*",
	"panic",
	"vpanic",
	"__warn*",
	"warn_*",
	"report_bug*",
	"handle_bug*",
	"exc_*",
	"asm_*",
	"die",
	"die_addr",
	"__die*",
	"oops_*",
	"page_fault_oops*",
	"do_user_addr_fault*",
	"memcpy*",
	"memset*",
	"memmove*",
	"memcmp*",
	"__memcpy*",
	"__memset*",
	"__memmove*",
	"copy_from_user*",
	"copy_to_user*",
	"_copy_*",
	"__copy_*",
	"copyin*",
	"copyout*",
	"strlen",
	"strn*",
	"strscpy*",
	"kfree*",
	"kvfree*",
	"kmalloc*",
	"__kmalloc*",
	"kmem_cache*",
	"slab_*",
	"__slab*",
	"___slab*",
	"lock_acquire*",
	"lock_release*",
	"__lock_*",
	"_raw_*",
	"__raw_*",
	"do_raw_*",
	"__might_*",
	"___might_*",
	"instrument_*",
	"refcount_*",
	"__refcount_*",
	"__list_*",
	"rcu_*",
	"__rcu_*",
	"lockdep_*",
	"mark_lock*",
	"validate_chain*",
	"object_err*",
	"end_report*",
	"fixup_exception",
	"error_entry",
	"ret_from_fork*",
};

static bool is_generic(const char *name)
{
	for (size_t i = 0; i < sizeof(generic) / sizeof(*generic); i++) {
		const size_t len = strcspn(generic[i], "*");

		if (generic[i][len] ? !strncmp(name, generic[i], len)
				    : !strcmp(name, generic[i]))
			return true;
	}
	return false;
}

/* The function that LINE, of a trace, names for certain: " name+0x1/0x2", or
 * that of the instruction pointer. */
static bool read_frame(const char *line, size_t len, char *name, size_t size)
{
	const char *at = memchr(line, '+', len), *from;

	if (!at || (size_t)(at - line) + 3 > len || strncmp(at, "+0x", 3) != 0)
		return false;
	for (from = at; from > line && (isalnum((unsigned char)from[-1]) ||
					strchr("_.", from[-1]));
	     from--)
		;
	/* "? name" is what happened to lie on the stack. */
	if (memchr(line, '?', (size_t)(from - line)))
		return false;
	if (strncmp(line, "RIP: ", 5) != 0 &&
	    strspn(line, " ") != (size_t)(from - line))
		return false;
	if (from == at || (size_t)(at - from) >= size)
		return false;
	memcpy(name, from, (size_t)(at - from));
	name[at - from] = '\0';
	/* What the compiler cloned goes by its function's name. */
	name[strcspn(name, ".")] = '\0';
	return *name != '\0';
}

/* The end of the first stack: others tell who allocated and who freed. */
static bool is_end(const char *line, bool seen)
{
	return !strncmp(line, " </TASK>", 8) || !strncmp(line, " </IRQ>", 7) ||
	       !strncmp(line, "Allocated by", 12) ||
	       !strncmp(line, "Freed by", 8) || (seen && *line == '\n');
}

unsigned int find_frames(const char *trace, char frames[][64], unsigned int n)
{
	unsigned int got = 0;
	bool seen = false;

	for (const char *line = trace, *end; *line && got < n; line = end) {
		const size_t len = strcspn(line, "\n");

		end = line + len + (line[len] == '\n');
		if (is_end(line, seen))
			break;
		seen = seen || !strncmp(line, "Call Trace:", 11);
		if (!read_frame(line, len, frames[got], sizeof(*frames)) ||
		    is_generic(frames[got]))
			continue;
		/* The pointer and the first frame may be the same. */
		if (got == 0 || strcmp(frames[got], frames[got - 1]) != 0)
			got++;
	}
	return got;
}

const struct bpfvm_report *find_report(const struct bpfvm_result *vm)
{
	for (unsigned int i = 0; i < vm->n_reports; i++)
		if (bpfvm_report_is_broken(vm->reports[i].kind))
			return &vm->reports[i];
	return vm->n_reports ? &vm->reports[0] : NULL;
}

static void add_word(char *name, const char *word, size_t len)
{
	size_t at = strlen(name);

	if (at && at + 1 < FINDS_NAME)
		name[at++] = '-';
	for (size_t i = 0; i < len && at + 1 < FINDS_NAME; i++)
		name[at++] = isalnum((unsigned char)word[i]) || word[i] == '_'
				     ? (char)tolower((unsigned char)word[i])
				     : '-';
	name[at] = '\0';
}

/* "slab-use-after-free" of "BUG: KASAN: slab-use-after-free in ...". */
static void add_detail(char *name, const char *title, const char *tool)
{
	const char *at = strstr(title, tool);

	if (!at)
		return;
	at += strlen(tool);
	add_word(name, at, strcspn(at, " "));
}

/* "syscall-c-2088" of "kernel BUG at kernel/bpf/syscall.c:2088!": the function
 * of the trace may be what it was inlined into. */
static void add_place(char *name, const char *title)
{
	const char *at = strstr(title, "BUG at ");
	size_t len;

	if (!at)
		return;
	at += strlen("BUG at ");
	len = strcspn(at, "! ");
	for (size_t i = len; i > 0; i--)
		if (at[i - 1] == '/') {
			at += i;
			len -= i;
			break;
		}
	add_word(name, at, len);
}

static void name_report(struct find *find, const struct bpfvm_report *report)
{
	const char *kind = bpfvm_report_name(report->kind);
	char frames[2][64];
	unsigned int n = find_frames(report->trace, frames, 2);

	add_word(find->name, kind, strlen(kind));
	add_detail(find->name, report->title, "KASAN: ");
	add_detail(find->name, report->title, "UBSAN: ");
	add_place(find->name, report->title);
	for (unsigned int i = 0; i < n; i++)
		add_word(find->name, frames[i], strlen(frames[i]));
	if (n == 0)
		add_word(find->name, report->title,
			 strcspn(report->title, ":"));
	snprintf(find->title, sizeof(find->title), "%s", report->title);
	snprintf(find->text, sizeof(find->text), "%s", report->trace);
}

static const struct bpfsys_command *last_command(const uint8_t *input,
						 size_t len)
{
	const struct bpfsys_command *cmd = NULL;
	static struct seq seq;

	if (seq_decode(&seq, input, len) < 0)
		return NULL;
	for (unsigned int i = 0; i < seq.n; i++)
		if (seq.calls[i].op <= SEQ_BPF_COMMON &&
		    bpfsys_abi_command(seq.calls[i].cmd))
			cmd = bpfsys_abi_command(seq.calls[i].cmd);
	return cmd;
}

void find_name_command(struct find *find, const uint8_t *input, size_t len)
{
	const struct bpfsys_command *cmd = last_command(input, len);

	if (cmd)
		add_word(find->name, cmd->id, strlen(cmd->id));
}

/* A kernel that hangs in silence is known by the last command it was given. */
static void name_silence(struct find *find, const char *what,
			 const uint8_t *input, size_t len)
{
	const struct bpfsys_command *cmd = last_command(input, len);

	add_word(find->name, what, strlen(what));
	find_name_command(find, input, len);
	snprintf(find->title, sizeof(find->title), "%s%s%s", what,
		 cmd ? " in a sequence that ends with " : "",
		 cmd ? cmd->id : "");
}

/* Of a VM that no kernel says anything of. */
static const char *silence_of(const struct fuzzvm_result *res)
{
	const struct bpfvm_result *vm = res->vm;

	if (res->end == FUZZVM_HUNG)
		return "hang";
	return vm && (vm->outcome == BPFVM_VMM_DIED ||
		      vm->outcome == BPFVM_ERROR)
		       ? "vmm-death"
		       : "death";
}

static void clean(char *text)
{
	for (; *text; text++)
		if (*text != '\n' && (*text < ' ' || *text > '~'))
			*text = '?';
}

void find_of_vm(struct find *find, const struct fuzzvm_result *res,
		const uint8_t *input, size_t len)
{
	const struct bpfvm_result *vm = res->vm;
	const struct bpfvm_report *report = vm ? find_report(vm) : NULL;

	memset(find, 0, sizeof(*find));
	if (report)
		name_report(find, report);
	else
		name_silence(find, silence_of(res), input, len);
	snprintf(find->expected, sizeof(find->expected),
		 "the calls return, and the kernel reports nothing");
	snprintf(find->got, sizeof(find->got), "%.255s%s%.200s", find->title,
		 *res->why ? "; " : "", res->why);
	if (vm) {
		snprintf(find->release, sizeof(find->release), "%s",
			 vm->release);
		snprintf(find->console, sizeof(find->console), "%s",
			 vm->console_log);
	}
	clean(find->title);
	clean(find->got);
	clean(find->text);
	clean(find->release);
}
