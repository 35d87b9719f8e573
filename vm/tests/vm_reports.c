/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What is made of a kernel's console: every kind of report, whole, cut off,
 * interleaved, and noise. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../host/vm.h"

static struct console con;
static const struct faults *const f = &con.faults;

static void fresh(void)
{
	console_free(&con);
	assert_int_equal(console_init(&con), 0);
}

static void feed(const char *text)
{
	console_add(&con, text, strlen(text));
}

/* Each line as printk() writes it. */
static void feed_stamped(const char *text, const char *stamp)
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		feed(stamp);
		console_add(&con, text, len);
		feed("\r\n");
	}
}

struct sample {
	enum bpfvm_report_kind kind;
	const char *title, *text, *last; /* last: text in the trace */
};

#define CUT    "------------[ cut here ]------------\n"
#define END    "---[ end trace 0000000000000000 ]---\n"
#define RULE   "==================================================\n"
#define DASHES "--------------------------------------------------\n"
#define HW     "Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)\n"
#define TRACE  "Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n"
#define TASK   " </TASK>\n"

static const struct sample samples[] = {
	{BPFVM_REPORT_PANIC,
	 "Kernel panic - not syncing: sysrq triggered crash",
	 "sysrq: Trigger a crash\n"
	 "Kernel panic - not syncing: sysrq triggered crash\n"
	 "CPU: 0 UID: 0 PID: 1 Comm: sh Not tainted 6.12\n" HW TRACE
	 " sysrq_handle_crash+0x1a/0x20\n" TASK "Kernel Offset: disabled\n"
	 "---[ end Kernel panic - not syncing: sysrq triggered crash ]---\n",
	 "---[ end Kernel panic"},
	{BPFVM_REPORT_OOPS,
	 "BUG: kernel NULL pointer dereference, address: 0000000000000008",
	 "BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
	 "#PF: supervisor read access in kernel mode\n"
	 "#PF: error_code(0x0000) - not-present page\nPGD 0 P4D 0\n"
	 "Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
	 "CPU: 0 PID: 71 Comm: a Tainted: G E 6.12\n"
	 "RIP: 0010:bpf_map_free+0x11/0x40\n" TRACE TASK END,
	 "---[ end trace"},
	{BPFVM_REPORT_OOPS,
	 "Oops: general protection fault, probably for non-canonical address "
	 "0xdead000000000108",
	 "Oops: general protection fault, probably for non-canonical address "
	 "0xdead000000000108: 0000 [#1] PREEMPT SMP\n"
	 "CPU: 0 PID: 71 Comm: a\n" TRACE TASK END,
	 "---[ end trace"},
	{BPFVM_REPORT_OOPS, "general protection fault, maybe for address 0x0",
	 "general protection fault, maybe for address 0x0: 0000 [#1] SMP\n"
	 "KASAN: null-ptr-deref in range [0x0-0x7]\n" TRACE TASK END,
	 "KASAN: null-ptr-deref"},
	{BPFVM_REPORT_OOPS, "divide error",
	 "divide error: 0000 [#1] SMP\n" TRACE TASK END, "dump_stack_lvl"},
	{BPFVM_REPORT_OOPS, "segment-related general protection fault",
	 "segment-related general protection fault: 0018 [#1] PREEMPT SMP\n" TRACE
		 TASK END,
	 "dump_stack_lvl"},
	{BPFVM_REPORT_OOPS, "illegal operation",
	 "illegal operation: 0001 ilc:1 [#1] SMP\nModules linked in:\n"
	 "Krnl PSW : 0704c00180000000 0000000000000002\n"
	 "Call Trace:\n [<0000000000000002>] foo+0x2/0x10\n"
	 "Last Breaking-Event-Address:\n [<00000001>] bar+0x1/0x2\n" END,
	 "foo+0x2/0x10"},
	{BPFVM_REPORT_OOPS, "addressing exception",
	 "addressing exception: 0005 ilc:2 [#2] SMP\n" TRACE TASK END, "ilc:2"},
	{BPFVM_REPORT_OOPS, "Oops - illegal instruction",
	 "Oops - illegal instruction [#1]\nModules linked in:\n"
	 "epc : foo+0x10/0x20\n[<ffffffff80002a>] foo+0x10/0x20\n" END,
	 "epc : foo"},
	{BPFVM_REPORT_OOPS, "Oops - load address misaligned",
	 "Oops - load address misaligned [#1]\n"
	 "epc : foo+0x10/0x20\n" END,
	 "epc : foo"},
	{BPFVM_REPORT_OOPS,
	 "Unable to handle kernel paging request at virtual address ffff0000",
	 "Unable to handle kernel paging request at virtual address ffff0000\n"
	 "Mem abort info:\n  ESR = 0x0000000096000004\n"
	 "Internal error: Oops: 0000000096000004 [#1] SMP\n"
	 "pc : foo+0x10/0x20\nCall trace:\n foo+0x10/0x20\n" END,
	 "Internal error: Oops"},
	{BPFVM_REPORT_BUG, "kernel BUG at mm/slub.c:442!",
	 CUT "kernel BUG at mm/slub.c:442!\n"
	     "Oops: invalid opcode: 0000 [#1] PREEMPT SMP\n" TRACE TASK END,
	 "invalid opcode"},
	{BPFVM_REPORT_BUG,
	 "BUG: sleeping function called from invalid context at "
	 "mm/page_alloc.c:1",
	 "BUG: sleeping function called from invalid context at "
	 "mm/page_alloc.c:1\n"
	 "in_atomic(): 1, irqs_disabled(): 0, pid: 1, name: a\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_CORRUPTION, "list_del corruption, a->next is NULL",
	 "list_del corruption, a->next is NULL\n" CUT
	 "kernel BUG at lib/list_debug.c:52!\n"
	 "Oops: invalid opcode: 0000 [#1] SMP\n" TRACE TASK END,
	 "list_debug.c:52"},
	{BPFVM_REPORT_CORRUPTION,
	 "list_add corruption. prev->next should be next (ffff1), but was 0.",
	 CUT "list_add corruption. prev->next should be next (ffff1), but was "
	     "0.\n"
	     "kernel BUG at lib/list_debug.c:32!\n"
	     "Oops: invalid opcode: 0000 [#1] SMP\n" TRACE TASK END,
	 "list_debug.c:32"},
	{BPFVM_REPORT_CORRUPTION,
	 "list_add double add: new=ffff1, prev=ffff1, next=ffff2.",
	 CUT "list_add double add: new=ffff1, prev=ffff1, next=ffff2.\n"
	     "kernel BUG at lib/list_debug.c:35!\n"
	     "Oops: invalid opcode: 0000 [#1] SMP\n" TRACE TASK END,
	 "list_debug.c:35"},
	{BPFVM_REPORT_BUG, "BUG kmalloc-64: Right Redzone overwritten",
	 RULE "BUG kmalloc-64 (Not tainted): Right Redzone overwritten\n" DASHES
	      "\n0xffff1-0xffff2 @offset=64. First byte 0x0 instead of 0xcc\n"
	      "Allocated in foo+0x1/0x2 age=1 cpu=0 pid=71\n"
	      " foo+0x1/0x2\n"
	      "Redzone  ffff1: cc cc cc cc cc cc cc cc  ........\n" TRACE TASK,
	 "Allocated in foo"},
	{BPFVM_REPORT_KASAN, "BUG: KASAN: slab-use-after-free in foo+0x1a/0x30",
	 RULE "BUG: KASAN: slab-use-after-free in foo+0x1a/0x30\n"
	      "Read of size 8 at addr ffff88 by task a/71\n\n" TRACE TASK
	      "\nAllocated by task 71:\n kasan_save_stack+0x20/0x40\n"
	      "\nFreed by task 71:\n kfree+0x10/0x20\n" RULE,
	 "Freed by task 71"},
	{BPFVM_REPORT_KFENCE, "BUG: KFENCE: out-of-bounds read in foo+0xa/0xb",
	 RULE "BUG: KFENCE: out-of-bounds read in foo+0xa/0xb\n\n"
	      "Out-of-bounds read at 0xffff (1B left of kfence-#1):\n"
	      " foo+0xa/0xb\n" RULE,
	 "1B left"},
	{BPFVM_REPORT_KCSAN, "BUG: KCSAN: data-race in foo / bar",
	 RULE
	 "BUG: KCSAN: data-race in foo / bar\n\n"
	 "write to 0xffff of 8 bytes by task 1 on cpu 0:\n foo+0x1/0x2\n" RULE,
	 "by task 1 on cpu 0"},
	{BPFVM_REPORT_UBSAN, "UBSAN: array-index-out-of-bounds in a.c:1:2",
	 CUT "UBSAN: array-index-out-of-bounds in a.c:1:2\n"
	     "index 9 is out of range for type 'int [8]'\n" TRACE TASK
	     "---[ end trace ]---\n",
	 "index 9"},
	{BPFVM_REPORT_UBSAN, "UBSAN: shift-out-of-bounds in a.c:1:2",
	 RULE "UBSAN: shift-out-of-bounds in a.c:1:2\n"
	      "shift exponent 64 is too large\nCall Trace:\n a+0x1/0x2\n" RULE,
	 "exponent 64"},
	{BPFVM_REPORT_WARNING, "at kernel/bpf/core.c:120 foo+0x12/0x40 [veth]",
	 CUT "refcount_t: underflow; use-after-free.\n"
	     "WARNING: CPU: 1 PID: 71 at kernel/bpf/core.c:120 foo+0x12/0x40 "
	     "[veth]\nModules linked in: veth\n" TRACE TASK END,
	 "refcount_t: underflow"},
	{BPFVM_REPORT_WARNING, "kernel/bpf/core.c:120 at foo+0x12/0x40",
	 CUT "WARNING: kernel/bpf/core.c:120 at foo+0x12/0x40, CPU#0: a/71\n"
	     "RIP: 0010:foo+0x12/0x40\n" TRACE TASK END,
	 "CPU#0"},
	{BPFVM_REPORT_LOCKDEP, "possible circular locking dependency detected",
	 RULE "WARNING: possible circular locking dependency detected\n"
	      "6.12 Not tainted\n" DASHES "a/71 is trying to acquire lock:\n"
	      "ffff (&x){+.+.}-{3:3}, at: foo+0x1/0x2\n" TRACE TASK,
	 "trying to acquire"},
	{BPFVM_REPORT_LOCKDEP, "inconsistent lock state",
	 "================================\n"
	 "WARNING: inconsistent lock state\n"
	 "6.12 Not tainted\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_LOCKDEP, "still has locks held!",
	 "====================================\n"
	 "WARNING: a/71 still has locks held!\n6.12 Not tainted\n" DASHES
	 "1 lock held by a/71:\n #0: ffff (&x){+.+.}-{3:3}, at: foo+0x1/0x2\n"
	 "\nstack backtrace:\n" TRACE TASK,
	 "1 lock held"},
	{BPFVM_REPORT_LOCKDEP, "suspicious RCU usage",
	 "=============================\n"
	 "WARNING: suspicious RCU usage\n6.12\n"
	 "-----------------------------\n"
	 "a.c:1 suspicious rcu_dereference_check() usage!\n" TRACE TASK,
	 "rcu_dereference_check"},
	{BPFVM_REPORT_LOCKDEP, "[ BUG: Invalid wait context ]",
	 "=============================\n"
	 "[ BUG: Invalid wait context ]\n6.12\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_STALL,
	 "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
	 "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
	 "rcu: \t0-...!: (1 GPs behind) idle=0\n"
	 "rcu: rcu_preempt kthread starved for 2100 jiffies!\n" TRACE TASK,
	 "kthread starved"},
	{BPFVM_REPORT_STALL, "rcu: INFO: rcu_sched self-detected stall on CPU",
	 "rcu: INFO: rcu_sched self-detected stall on CPU\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_STALL,
	 "BUG: workqueue lockup - pool cpus=0 node=0 stuck for 31s!",
	 "BUG: workqueue lockup - pool cpus=0 node=0 stuck for 31s!\n",
	 "stuck"},
	{BPFVM_REPORT_SOFT_LOCKUP,
	 "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:71]",
	 "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:71]\n"
	 "Modules linked in:\nRIP: 0010:foo+0x1/0x2\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_HARD_LOCKUP,
	 "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1",
	 "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1\n"
	 "Modules linked in:\n" TRACE TASK,
	 "</TASK>"},
	{BPFVM_REPORT_HUNG_TASK,
	 "INFO: task a:71 blocked for more than 120 seconds.",
	 "INFO: task a:71 blocked for more than 120 seconds.\n"
	 "      Not tainted 6.12\n"
	 "task:a state:D stack:0 pid:71 tgid:71 ppid:1 flags:0x00004002\n" TRACE
		 TASK,
	 "state:D"},
	{BPFVM_REPORT_OOM_KILL, "Out of memory: Killed process 71 (a) x",
	 "kworker/0:1 invoked oom-killer: gfp_mask=0xcc0, order=-1\n"
	 "CPU: 0 PID: 9 Comm: kworker/0:1\n" TRACE TASK
	 "Mem-Info:\nactive_anon:1 inactive_anon:2\n"
	 "Out of memory: Killed process 71 (a) x\n",
	 "Mem-Info"},
};

static void check(const struct sample *s, unsigned i, unsigned count)
{
	const struct bpfvm_report *r = &f->report[i];

	if (i >= f->n || strcmp(r->title, s->title))
		fail_msg("%s: not found, but %s", s->title, r->title);
	if (r->count != count)
		fail_msg("%s: %u times", s->title, r->count);
	assert_int_equal(r->kind, s->kind);
	if (!strstr(r->trace, s->last))
		fail_msg("%s: no \"%s\" in: %s", s->title, s->last, r->trace);
}

static void each_kind(void **state)
{
	static const char *const stamps[] = {"", "[    1.234567] ",
					     "[  101.234567][    T1] "};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		for (k = 0; k < sizeof(stamps) / sizeof(*stamps); k++) {
			fresh();
			feed_stamped("Linux version 6.12\nRun /init\n",
				     stamps[k]);
			feed_stamped(samples[i].text, stamps[k]);
			feed_stamped("unrelated: line\n", stamps[k]);
			faults_end(&con.faults);
			check(&samples[i], 0, 1);
			assert_int_equal(f->n, 1);
			/* One that is a single line has no end. */
			if (strstr(samples[i].text, "]---") ||
			    strstr(samples[i].text, "TASK>"))
				assert_null(strstr(f->report[0].trace,
						   "unrelated"));
			assert_null(strstr(f->report[0].trace, "Run /"));
		}
	}
}

/* A report that another one interrupts or follows at once. */
static void two_in_a_row(void **state)
{
	const size_t n = sizeof(samples) / sizeof(*samples);
	size_t i, k;

	(void)state;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			fresh();
			feed(samples[i].text);
			feed(samples[k].text);
			feed(samples[i].text);
			faults_end(&con.faults);
			check(&samples[i], 0, i == k ? 3 : 2);
			if (i != k)
				check(&samples[k], 1, 1);
			assert_int_equal(f->n, i == k ? 1 : 2);
		}
	}
}

/* The guest died in the middle of saying it. */
static void cut_off(void **state)
{
	size_t i, len, at;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		len = strlen(samples[i].text);
		for (at = 0; at <= len; at++) {
			fresh();
			console_add(&con, samples[i].text, at);
			faults_end(&con.faults);
			assert_true(f->n <= 1);
		}
		check(&samples[i], 0, 1);
	}
}

static void interrupted_by_another(void **state)
{
	(void)state;
	fresh();
	feed(CUT "WARNING: CPU: 0 PID: 1 at a.c:1 a+0x1/0x2\n" TRACE);
	feed("Kernel panic - not syncing: kernel: panic_on_warn set ...\n");
	feed(TRACE TASK);
	faults_end(&con.faults);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->report[0].kind, BPFVM_REPORT_WARNING);
	assert_int_equal(f->report[1].kind, BPFVM_REPORT_PANIC);
	assert_null(strstr(f->report[0].trace, "panic"));
}

/* Before 5.18 there is no </TASK>. */
static void old_traces(void **state)
{
	(void)state;
	fresh();
	feed("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:71]\n"
	     "Call Trace:\n a+0x1/0x2\n ? b+0x1/0x2\n"
	     "RIP: 0033:0x401000\nCode: 00\nRSP: 002b:0 EFLAGS: 0\n"
	     "veth: module verification failed\n");
	assert_int_equal(f->n, 1);
	assert_non_null(strstr(f->report[0].trace, "RSP: 002b"));
	assert_null(strstr(f->report[0].trace, "veth"));
}

/* riscv's are not indented. */
static void flush_traces(void **state)
{
	(void)state;
	fresh();
	feed_stamped("BUG: scheduling while atomic\nCall Trace:\n"
		     "[<ffffffff80002a>] dump_backtrace+0x1c/0x24\n"
		     "[<ffffffff80002c>] last_of_them+0x1c/0x24\n"
		     "veth: module verification failed\n",
		     "[    1.234567] ");
	faults_end(&con.faults);
	assert_int_equal(f->n, 1);
	assert_non_null(strstr(f->report[0].trace, "last_of_them"));
	assert_null(strstr(f->report[0].trace, "veth"));
}

static void none_of_them(void **state)
{
	(void)state;
	fresh();
	feed("Spectre V2 : WARNING: Unprivileged eBPF is enabled\n"
	     "WARNING: a driver's word\n"
	     "sysrq: Show backtrace of all active CPUs\n"
	     "sysrq: Show State\ntask:a state:S stack:0 pid:1\n" TRACE TASK
	     "a[71]: segfault at 0 ip 0000 sp 0000 error 4 in a[400000]\n"
	     "traps: a[71] general protection fault ip:401 sp:7ff error:0\n"
	     "traps: a[71] trap invalid opcode ip:401 sp:7ff error:0 in a\n"
	     "User process fault: interruption code 0001 ilc:1 in a[4000]\n"
	     "a[71]: unhandled signal 4 code 0x1 at 0x401000 in a[4000]\n"
	     "BUG table (of a driver): read\n"
	     "rcu: INFO: nothing\nBUG: MAX_LOCKDEP_KEYS too low!\n"
	     "reboot: Power down\n" RULE CUT END);
	faults_end(&con.faults);
	assert_int_equal(f->n, 0);
}

/* Who did it, and with what preempt count, is not in the title. */
static void by_others(void **state)
{
	static const struct {
		const char *title, *form;
	} cases[] = {
		{"BUG: scheduling while atomic",
		 "BUG: scheduling while atomic: a/%u/0x0000%04u\n"},
		{"BUG: Bad page state",
		 "BUG: Bad page state in process a  pfn:%u%u\n"},
		{"BUG: Bad page map",
		 "BUG: Bad page map in process a  pte:%u pmd:%u\n"},
		{"BUG: using smp_processor_id() in preemptible",
		 "BUG: using smp_processor_id() in preemptible [0%u] code: "
		 "a/%u\n"},
		{"BUG: workqueue leaked atomic, lock or RCU",
		 "BUG: workqueue leaked atomic, lock or RCU: kworker/%u:0[%u]\n"},
		{"BUG: Bad rss-counter state",
		 "BUG: Bad rss-counter state mm:ffff%u type:a val:%u\n"},
	};
	char text[200];
	unsigned i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh();
		for (k = 71; k < 91; k++) {
			snprintf(text, sizeof(text), cases[i].form, k, k + 1);
			feed(text);
		}
		faults_end(&con.faults);
		assert_int_equal(f->n, 1);
		assert_int_equal(f->report[0].count, 20);
		assert_string_equal(f->report[0].title, cases[i].title);
	}
}

/* Too many of one kind do not hide one that says more. */
static void worse(void **state)
{
	static const char *const lines[] = {
		"INFO: task a%u:1 blocked for more than 1 seconds.\n",
		"kernel BUG at a.c:%u!\n",
		"BUG: unable to handle page fault for address: %u\n",
		"BUG: KASAN: slab-use-after-free in foo%u\n",
		"Kernel panic - not syncing: %u\n",
	};
	static const enum bpfvm_report_kind kinds[] = {
		BPFVM_REPORT_HUNG_TASK, BPFVM_REPORT_BUG, BPFVM_REPORT_OOPS,
		BPFVM_REPORT_KASAN, BPFVM_REPORT_PANIC};
	char text[200];
	unsigned i, k;

	(void)state;
	for (i = 0; i + 1 < sizeof(kinds) / sizeof(*kinds); i++) {
		fresh();
		for (k = 0; k < 30; k++) {
			snprintf(text, sizeof(text), lines[i], k);
			feed(text);
			feed(END);
		}
		snprintf(text, sizeof(text), lines[i + 1], 1);
		feed(text);
		feed("kernel BUG at last_of.c:1!\n");
		faults_end(&con.faults);
		for (k = 0; k < f->n && f->report[k].kind != kinds[i + 1]; k++)
			;
		if (k == f->n)
			fail_msg("%s is lost", text);
	}
}

/* SLUB's first report taints the kernel. */
static void tainted(void **state)
{
	(void)state;
	fresh();
	feed(RULE "BUG dentry (Not tainted): Poison overwritten\n" TRACE TASK);
	feed(RULE
	     "BUG dentry (Tainted: G    B  ): Poison overwritten\n" TRACE TASK);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->report[0].count, 2);
	assert_string_equal(f->report[0].title,
			    "BUG dentry: Poison overwritten");
}

static void many(void **state)
{
	char text[200];
	unsigned i;

	(void)state;
	fresh();
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text),
			 CUT
			 "WARNING: CPU: 0 PID: %u at a.c:%u a+0x1/0x2\n" END,
			 i, i % 20);
		feed(text);
	}
	assert_int_equal(f->n, BPFVM_REPORTS_MOST);
	assert_int_equal(f->report[0].count, 5);
	assert_int_equal(f->lost, 12 * 5);
	/* What is broken ousts a warning, the end of it all ousts anything. */
	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "kernel BUG at a.c:%u!\n", i);
		feed(text);
	}
	feed("Kernel panic - not syncing: x\n");
	faults_end(&con.faults);
	assert_int_equal(f->n, BPFVM_REPORTS_MOST);
	for (i = 0; i < BPFVM_REPORTS_MOST - 1; i++)
		assert_int_equal(f->report[i].kind, BPFVM_REPORT_BUG);
	assert_int_equal(f->report[i].kind, BPFVM_REPORT_PANIC);
	fresh();
	for (i = 0; i < 50; i++) {
		snprintf(text, sizeof(text),
			 "INFO: task a:%u blocked for more than %u seconds.\n",
			 i * 7, 10 + i * 10);
		feed(text);
	}
	faults_end(&con.faults);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->report[0].count, 50);
}

/* A trace without an end, and reports in noise that looks like them. */
static void endless(void **state)
{
	unsigned i;

	(void)state;
	fresh();
	feed("BUG: unable to handle page fault for address: ffff\n");
	for (i = 0; i < 100000; i++)
		feed(" function_of_a_name+0x12/0x34\n");
	assert_int_equal(f->n, 1);
	assert_true(strlen(f->report[0].trace) < sizeof(f->report[0].trace));
	feed("Kernel panic - not syncing: x\n");
	faults_end(&con.faults);
	assert_int_equal(f->n, 2);
}

static void noise(void **state)
{
	static const char *const bits[] = {
		"------------[ cut here ]------------",
		"WARNING: ",
		"BUG: ",
		"\n",
		"[ 1.0] ",
		"Oops: ",
		"====================",
		"[[[[[]",
		"---[ end trace",
		"\0\xff\x1b[2J",
		"list_add corruption",
		" at ",
		"Call Trace:\n",
		" </TASK>\n",
		"UBSAN: ",
		"+0x1/0x2"};
	char buf[4096];
	size_t i, k, used;
	unsigned n;

	(void)state;
	srandom(1);
	fresh();
	for (i = 0; i < 4096; i++) {
		for (used = 0; used < sizeof(buf) - 64;) {
			n = random();
			if (n % 4) {
				k = n / 4 % 16;
				memcpy(buf + used, bits[k], strlen(bits[k]));
				used += strlen(bits[k]);
			} else {
				buf[used++] = n >> 8;
			}
		}
		console_add(&con, buf, used);
	}
	faults_end(&con.faults);
	assert_true(f->n <= BPFVM_REPORTS_MOST);
	for (i = 0; i < f->n; i++) {
		for (k = 0; k < strlen(f->report[i].trace); k++)
			assert_true(f->report[i].trace[k] == '\n' ||
				    (f->report[i].trace[k] >= ' ' &&
				     f->report[i].trace[k] < 127));
		assert_true(strlen(f->report[i].title) < 160);
	}
	/* And it still sees what is real. */
	fresh();
	for (i = 0; i < 3; i++)
		console_add(&con, buf, used);
	feed("\nKernel panic - not syncing: real\n");
	faults_end(&con.faults);
	for (i = 0; i < f->n && f->report[i].kind != BPFVM_REPORT_PANIC; i++)
		;
	assert_true(i < f->n);
	assert_string_equal(f->report[i].title,
			    "Kernel panic - not syncing: real");
}

/* This program's own symbols do as well as a kernel's. */
static void symbols(void **state)
{
	struct bpfvm_report r;
	char text[300];

	(void)state;
	memset(&r, 0, sizeof(r));
	snprintf(text, sizeof(text),
		 "RIP: 0010:two_in_a_row+0x0/0x80\n symbols+0x9/0x80\n"
		 " two_in_a_row+0x4/0x80 [mod]\n nowhere_at_all+0x4/0x80\n");
	strcpy(r.trace, text);
	symbolise(&r, "/nonexistent/vmlinux");
	assert_string_equal(r.trace, text);
	symbolise(&r, "/etc/passwd");
	assert_string_equal(r.trace, text);
	symbolise(&r, "/proc/self/exe");
	if (!strstr(r.trace, "two_in_a_row+0x0/0x80 (") ||
	    !strstr(r.trace, "vm_reports.c:") ||
	    !strstr(r.trace, "symbols+0x9/0x80 (") ||
	    !strstr(r.trace, "[mod]\n nowhere_at_all+0x4/0x80\n"))
		fail_msg("not symbolised: %s", r.trace);
	/* As much as fits. */
	memset(r.trace, 'x', sizeof(r.trace) - 1);
	memcpy(r.trace, "RIP: 0010:two_in_a_row+0x0/0x80\n", 32);
	symbolise(&r, "/proc/self/exe");
	assert_int_equal(strlen(r.trace), sizeof(r.trace) - 1);
}

static void on_alarm(int sig)
{
	(void)sig;
	bpfvm_interrupt();
}

/* A tool that hangs is not left behind by who loses patience. */
static void hanging_tool(void **state)
{
	char dir[] = "/tmp/bpfvm-tool-XXXXXX", path[8192], was[4096];
	static struct bpfvm_report r;
	pid_t pid = 0;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(was, sizeof(was), "%s", getenv("PATH"));
	snprintf(path, sizeof(path), "%s/addr2line", dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\necho $$ >%s/pid\nexec sleep 100\n", dir);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
	snprintf(path, sizeof(path), "%s:%.4000s", dir, was);
	setenv("PATH", path, 1);
	strcpy(r.trace, " hanging_tool+0x9/0x80\n");
	signal(SIGALRM, on_alarm);
	alarm(1);
	symbolise(&r, "/proc/self/exe");
	vm_interrupted = false;
	setenv("PATH", was, 1);
	snprintf(path, sizeof(path), "%s/pid", dir);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	remove_tree(dir);
	if (!kill(pid, 0)) {
		kill(pid, SIGKILL);
		fail_msg("process %d is still there", pid);
	}
}

static void out_of_time(void **state)
{
	const char *const argv[] = {"sleep", "100", NULL};
	double start = now_s();
	struct capture cap;

	(void)state;
	assert_int_equal(run_command_for(1, argv, NULL, &cap, NULL),
			 -ETIMEDOUT);
	assert_true(now_s() - start < 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(two_in_a_row),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(interrupted_by_another),
		cmocka_unit_test(old_traces),
		cmocka_unit_test(flush_traces),
		cmocka_unit_test(none_of_them),
		cmocka_unit_test(by_others),
		cmocka_unit_test(worse),
		cmocka_unit_test(tainted),
		cmocka_unit_test(many),
		cmocka_unit_test(endless),
		cmocka_unit_test(noise),
		cmocka_unit_test(symbols),
		cmocka_unit_test(hanging_tool),
		cmocka_unit_test(out_of_time),
	};
	int ret = cmocka_run_group_tests_name("vm_reports", tests, NULL, NULL);

	console_free(&con);
	return ret != 0;
}
