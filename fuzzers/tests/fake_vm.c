// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A fuzzvm without a VM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_vm.h"

struct fake_vm fake_vm;

static uint32_t pcs[64];
static struct exec_cmp cmps[1];
static uint8_t bytes[EXEC_BYTES_MOST];
static struct bpfvm_result end;

size_t fake_input(uint8_t *data, const unsigned int *cmds, unsigned int n)
{
	static struct seq seq;

	memset(&seq, 0, sizeof(seq));
	seq.n = n;
	for (unsigned int i = 0; i < n; i++) {
		seq.calls[i].op = SEQ_BPF;
		seq.calls[i].cmd = (uint16_t)cmds[i];
		seq.calls[i].size = 8;
	}
	return seq_encode(&seq, data, SEQ_MOST);
}

struct fuzzvm *fuzzvm_open(const struct fuzzvm_config *cfg)
{
	(void)cfg;
	fake_vm.open++;
	return malloc(1);
}

void fuzzvm_close(struct fuzzvm *vm)
{
	fuzzvm_renew(vm);
	fake_vm.open--;
	free(vm);
}

void fuzzvm_renew(struct fuzzvm *vm)
{
	(void)vm;
	fake_vm.up = fake_vm.marked = fake_vm.dying = false;
	fake_vm.objects = 0;
}

unsigned int fuzzvm_started(const struct fuzzvm *vm)
{
	(void)vm;
	return fake_vm.started;
}

int fuzzvm_ranges(struct fuzzvm *vm)
{
	(void)vm;
	return 1;
}

static void start(void)
{
	fake_vm.started += !fake_vm.up;
	fake_vm.up = true;
}

bool fuzzvm_has_kcov(struct fuzzvm *vm)
{
	(void)vm;
	start();
	return !fake_vm.blind;
}

static enum fuzzvm_end die(struct fuzzvm_result *res, const char *where)
{
	struct bpfvm_report *report = &end.reports[0];
	FILE *console = NULL;

	memset(&end, 0, sizeof(end));
	if (*fake_vm.console) {
		snprintf(end.console_log, sizeof(end.console_log), "%s.%u",
			 fake_vm.console, fake_vm.runs);
		console = fopen(end.console_log, "w");
	}
	end.outcome = BPFVM_PANIC;
	end.n_reports = 1;
	strcpy(end.release, "6.12.0-fake");
	report->kind = BPFVM_REPORT_KASAN;
	snprintf(report->title, sizeof(report->title),
		 "BUG: KASAN: slab-out-of-bounds in %s+0x1/0x2", where);
	snprintf(report->trace, sizeof(report->trace),
		 "%s\nCall Trace:\n <TASK>\n dump_stack_lvl+0x1/0x2\n "
		 "kasan_report+0x1/0x2\n ? memcpy+0x1/0x2\n %s+0x1/0x2 "
		 "(syscall.c:1)\n __sys_bpf+0x1/0x2\n </TASK>\n",
		 report->title, where);
	if (console) {
		fputs("the console\n", console);
		fclose(console);
	}
	res->vm = &end;
	fuzzvm_renew(NULL);
	return FUZZVM_DIED;
}

static enum fuzzvm_end call(unsigned int cmd, unsigned int at,
			    struct fuzzvm_result *res)
{
	struct exec_page *page = &res->page;

	if (cmd == FAKE_DIES)
		return die(res, "dies");
	if (cmd == FAKE_HANGS) {
		memset(&end, 0, sizeof(end));
		res->vm = &end;
		strcpy(res->why, "no answer within 10 s");
		fuzzvm_renew(NULL);
		return FUZZVM_HUNG;
	}
	if (cmd == FAKE_DIES_AT_TIMES && (at || fake_vm.times++ % 3 == 0))
		return die(res, "dies");
	if (cmd == FAKE_DIES_MARKED && fake_vm.marked)
		return die(res, "dies_marked");
	fake_vm.marked = fake_vm.marked || cmd == FAKE_MARKS;
	fake_vm.dying = fake_vm.dying || cmd == FAKE_DIES_LATER;
	fake_vm.objects += cmd == FAKE_LEAKS;
	pcs[at] = 0x1000 + cmd;
	page->n_pcs = page->n_calls = at + 1;
	if (fake_vm.odd && fake_vm.runs % 2)
		page->calls[at].ret = -22;
	return FUZZVM_RAN;
}

enum fuzzvm_end fuzzvm_run(struct fuzzvm *vm, const uint8_t *input, size_t len,
			   unsigned int flags, unsigned int repeat,
			   struct fuzzvm_result *res)
{
	static struct seq seq;

	(void)vm;
	memset(res, 0, sizeof(*res));
	res->pcs = pcs;
	res->cmps = cmps;
	res->bytes = bytes;
	fake_vm.runs++;
	if (fake_vm.lost) {
		strcpy(res->why, "no VM today");
		return res->end = FUZZVM_LOST;
	}
	if (fake_vm.dying) {
		res->earlier = true;
		return res->end = die(res, "dies_later");
	}
	start();
	if (seq_decode(&seq, input, len) < 0)
		return res->end = FUZZVM_RAN;
	/* It is so slow. */
	if (flags & EXEC_LOOP && repeat > 8)
		return res->end = FUZZVM_HUNG;
	for (unsigned int i = 0; i < seq.n && res->end == FUZZVM_RAN; i++)
		res->end = call(seq.calls[i].cmd, i, res);
	/* Some are always there. */
	res->page.n_maps = fake_vm.objects + 2;
	return res->end;
}

enum fuzzvm_end fuzzvm_linger(struct fuzzvm *vm, double seconds,
			      struct fuzzvm_result *res)
{
	(void)vm;
	(void)seconds;
	memset(res, 0, sizeof(*res));
	return res->end = fake_vm.dying ? die(res, "dies_later") : FUZZVM_RAN;
}
