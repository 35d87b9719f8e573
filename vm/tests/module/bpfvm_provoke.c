// SPDX-License-Identifier: GPL-2.0-only
/* Breaks the kernel that loads it, in the way that the parameter names. */
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *kind = "";
module_param(kind, charp, 0);

static DEFINE_SPINLOCK(one);
static DEFINE_SPINLOCK(two);
static int volatile zero;

static noinline void provoke_warn(void)
{
	WARN(1, "provoked\n");
}

static noinline void provoke_bug(void)
{
	BUG();
}

static noinline void provoke_null(void)
{
	*(volatile int *)(long)zero = 1;
}

/* Not canonical: a general protection fault. */
static noinline void provoke_gpf(void)
{
	*(volatile int *)0xdead000000000000UL = 1;
}

static noinline void provoke_divide(void)
{
	zero = 1000 / zero;
}

static noinline void provoke_stack(void)
{
	volatile char room[512];

	room[0] = 0;
	if (!zero)
		provoke_stack();
	room[1] = 0;
}

static noinline void provoke_list(void)
{
	struct list_head head, *item = kmalloc(sizeof(*item), GFP_KERNEL);

	INIT_LIST_HEAD(&head);
	list_add(item, &head);
	head.next = NULL;
	list_del(item);
}

static noinline void provoke_panic(void)
{
	panic("provoked");
}

/* No interrupt descriptor is left, so that neither this breakpoint nor the
 * faults which it brings about have a handler. */
static noinline void provoke_triple(void)
{
	const struct {
		u16 limit;
		u64 base;
	} __packed none = {0, 0};

	asm volatile("lidt %0; int3" : : "m"(none));
}

static noinline void provoke_atomic(void)
{
	spin_lock(&one);
	msleep(20);
	spin_unlock(&one);
}

static void spin(unsigned int ms)
{
	const u64 until = ktime_get_ns() + ms * (u64)NSEC_PER_MSEC;

	while (ktime_get_ns() < until)
		cpu_relax();
}

static noinline void provoke_soft_lockup(void)
{
	preempt_disable();
	spin(4000);
	preempt_enable();
}

static void nothing(struct rcu_head *head)
{
}

/* The grace period that it holds up is begun by the other CPU. */
static noinline void provoke_rcu_stall(void)
{
	static struct rcu_head head;
	/* PROVE_RCU makes RCU wait five seconds longer. */
	int i, n = IS_ENABLED(CONFIG_PROVE_RCU) ? 100 : 50;

	preempt_disable();
	call_rcu(&head, nothing);
	for (i = 0; i < n; i++) {
		spin(100);
		touch_softlockup_watchdog();
	}
	preempt_enable();
	rcu_barrier();
}

static noinline void provoke_hard_lockup(void)
{
	local_irq_disable();
	spin(20000);
	local_irq_enable();
}

static noinline void provoke_hung_task(void)
{
	msleep(4000);
	/* No tail call, which would leave no trace. */
	barrier();
}

static noinline void provoke_use_after_free(void)
{
	volatile char *p = kmalloc(64, GFP_KERNEL);

	kfree((void *)p);
	p[8] = 1;
}

static noinline void provoke_out_of_bounds(void)
{
	volatile char *p = kmalloc(64, GFP_KERNEL);

	p[64 + zero] = 1;
	kfree((void *)p);
}

/* KFENCE guards one allocation in a while. */
static noinline void provoke_kfence(void)
{
	int i;

	for (i = 0; i < 50; i++) {
		provoke_use_after_free();
		usleep_range(1000, 2000);
	}
}

static noinline void provoke_shift(void)
{
	int by = 40 + zero;

	zero = 1 << by;
}

static noinline void provoke_bounds(void)
{
	static int volatile row[4];

	zero = row[4 + zero];
}

static noinline void provoke_lock_order(void)
{
	spin_lock(&one);
	spin_lock(&two);
	spin_unlock(&two);
	spin_unlock(&one);
	spin_lock(&two);
	spin_lock(&one);
	spin_unlock(&one);
	spin_unlock(&two);
}

static noinline void provoke_rcu_usage(void)
{
	static int __rcu *p;

	zero = rcu_dereference(p) != NULL;
}

static noinline void provoke_lock_held(void)
{
	spin_lock(&one);
	spin_unlock(&one);
	spin_unlock(&one);
	barrier();
}

#define KIND(name)                    \
	{                             \
#name, provoke_##name \
	}
static const struct {
	const char *name;
	void (*provoke)(void);
} kinds[] = {
	KIND(warn),	     KIND(bug),		KIND(null),
	KIND(gpf),	     KIND(divide),	KIND(stack),
	KIND(list),	     KIND(panic),	KIND(triple),
	KIND(atomic),	     KIND(soft_lockup), KIND(rcu_stall),
	KIND(hard_lockup),   KIND(hung_task),	KIND(use_after_free),
	KIND(out_of_bounds), KIND(kfence),	KIND(shift),
	KIND(bounds),	     KIND(lock_order),	KIND(rcu_usage),
	KIND(lock_held),
};

/* Without a kind it is a module like any other; else it does not stay. */
static int __init provoke(void)
{
	size_t i;

	if (!*kind)
		return 0;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kind, kinds[i].name)) {
			kinds[i].provoke();
			return -ECANCELED;
		}
	}
	return -EINVAL;
}
module_init(provoke);

MODULE_DESCRIPTION("provokes reports of the kernel about itself");
MODULE_LICENSE("GPL");
