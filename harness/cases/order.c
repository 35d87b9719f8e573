// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The order of checks where it tells callers something: order.def has what is
 * said of two things that are wrong. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "unpriv.h"

/* The capabilities of whom. */
#define ROOT	 (~0ull)
#define NO_ADMIN CAP_BIT(CAP_BPF)
#define NOBODY	 0

enum {
#define CMD(name, id, ...) NR_##id = BPFSYS_##name,
#include "abi/all.def"
};

struct change {
	const char *field; /* "": the tail; NULL: none */
	uint64_t value;
};

struct order {
	unsigned int nr;
	uint64_t caps;
	int err;
	struct change changes[2];
	const char *gate; /* before this, that is said; NULL: always */
	uint32_t since;
	int before;
};

static const struct order orders[] = {
#define ORDER(id, who, err, ...) \
	ORDER_CHANGED(NULL, 0, 0, id, who, err, __VA_ARGS__)
#define ORDER_CHANGED(...) ORDER_ROW(__VA_ARGS__)
#define ORDER_ROW(gate, since, before, id, who, err, f1, v1, f2, v2) \
	{NR_##id, who, err, {{f1, v1}, {f2, v2}}, gate, since, before},
#include "order.def"
};

static bool kernel_is_before(void **state, const struct order *order)
{
	if (!order->gate)
		return false;
	if (strncmp(order->gate, "BPF_", 4) == 0)
		return !kernel_has_constant(order->gate);
	return !kernel_offers(state, order->gate, order->since);
}

/* Changes ATTR; false: there is no byte past the last field, or none is known.
 */
static bool apply(const struct bpfsys_command *cmd, const struct change *change,
		  union argument *attr)
{
	const struct bpfsys_last *last = kernel_last(cmd);
	uint32_t value = (uint32_t)change->value;
	const struct bpfsys_field *field;

	if (!change->field)
		return true;
	if (!*change->field) {
		if (!last || last->end >= kernel_attr_size())
			return false;
		attr->bytes[last->end] = 1;
		return true;
	}
	field = bpfsys_abi_field(cmd, change->field);
	if (field->kind == BPFSYS_KIND_NAME)
		attr->bytes[field->offset] = (uint8_t)change->value;
	else if (field->size == 8)
		memcpy(attr->bytes + field->offset, &change->value, 8);
	else
		memcpy(attr->bytes + field->offset, &value, 4);
	return true;
}

/* What the call says; false: the change cannot be made here. */
static bool call_changed(struct world *world, const struct witness *w,
			 const struct order *order, int *ret)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(order->nr);
	union argument attr;

	memset(&attr, 0, sizeof(attr));
	*ret = -ECANCELED;
	w->arm(world, &attr);
	if (apply(cmd, &order->changes[0], &attr) &&
	    apply(cmd, &order->changes[1], &attr)) {
		drop_caps(world->state, ~order->caps);
		*ret = bpfsys(cmd->nr, &attr, kernel_attr_size());
		regain_caps(world->state);
	}
	if (w->disarm)
		w->disarm(world, *ret);
	return *ret != -ECANCELED;
}

static void judge(struct world *world, const struct witness *w,
		  const struct order *order)
{
	const struct change *c = order->changes;
	int err = order->err, ret;
	char what[96];

	if (kernel_is_before(world->state, order))
		err = order->before;
	if (order->caps == NOBODY && caller_is_told_first(world->state))
		err = EPERM;
	snprintf(what, sizeof(what), "%s and %s, %s",
		 *c[0].field ? c[0].field : "a byte past the last field",
		 c[1].field ? c[1].field : "less capabilities",
		 order->caps == ROOT ? "as root" : "not as root");
	if (call_changed(world, w, order, &ret))
		expect_error(world->state, what, err, ret);
}

void generic__order_of_checks(void **state)
{
	const struct run *run = *state;
	const struct witness *w;
	struct unpriv unpriv;
	struct world world;
	size_t n = 0;

	unpriv_begin(&unpriv, state, '2');
	w = world_make(&world, state);
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		if (orders[i].nr != run->which->command->nr)
			continue;
		judge(&world, w, &orders[i]);
		n++;
	}
	world_drop(&world);
	unpriv_end(&unpriv);
	expect_true(state, "order.def says something of the command", n > 0);
}

/* Before 5.19 who may not is told so first, before 6.5 of the two commands that
 * make most; since then, last: whoever probes for commands and sizes needs no
 * capability. */
void any__order_of_checks(void **state)
{
	bool told = caller_is_told_first(state);
	struct unpriv unpriv;
	uint8_t tail[512] = {0};
	int unknown, tailed, large, unreadable, create, load;
	bool late = kernel_offers(state, "bpf_attr.path_fd", BPFSYS_KV(6, 5));

	tail[sizeof(tail) - 1] = 1;
	unpriv_begin(&unpriv, state, '2');
	drop_caps(state, ROOT);
	unknown = bpfsys(9999, NULL, 0);
	tailed = bpfsys(BPFSYS_MAP_LOOKUP_ELEM, tail, sizeof(tail));
	large = bpfsys(BPFSYS_MAP_LOOKUP_ELEM, tail, 1 << 20);
	unreadable = bpfsys(BPFSYS_MAP_LOOKUP_ELEM, (void *)BAD_ADDRESS, 8);
	create = bpfsys(BPFSYS_MAP_CREATE, tail, sizeof(tail));
	load = bpfsys(BPFSYS_PROG_LOAD, tail, sizeof(tail));
	regain_caps(state);
	unpriv_end(&unpriv);
	expect_error(state, "an unknown command without capabilities",
		     told ? EPERM : EINVAL, unknown);
	expect_error(state, "an unknown field without capabilities",
		     told ? EPERM : E2BIG, tailed);
	expect_error(state, "more than a page without capabilities",
		     told ? EPERM : E2BIG, large);
	expect_error(state, "an unreadable argument without capabilities",
		     told ? EPERM : EFAULT, unreadable);
	expect_error(state, "an unknown field of BPF_MAP_CREATE, likewise",
		     late ? E2BIG : EPERM, create);
	expect_error(state, "an unknown field of BPF_PROG_LOAD, likewise",
		     late ? E2BIG : EPERM, load);
}
