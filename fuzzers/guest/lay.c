// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Lays a call's attr, common attr and buffers into memory, with the numbers
 * and addresses that are known only now. */
#include <string.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "executor.h"

#define INFO_ROOM 512
/* Smaller than all other info structs. */
#define BTF_INFO_SIZE 32

static uint32_t id_of(int fd)
{
	uint8_t info[INFO_ROOM] = {0};
	struct bpfsys_obj_info_attr attr;
	uint32_t id;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(info);
	if (bpfsys_obj_get_info_by_fd(&attr))
		return 0;
	/* struct bpf_btf_info: btf, btf_size, id; the others: type, id. */
	memcpy(&id, info + (attr.info_len <= BTF_INFO_SIZE ? 12 : 4),
	       sizeof(id));
	return id;
}

uint64_t lay_ref(const struct seq *seq, unsigned int i,
		 const struct seq_ref *ref)
{
	const bool done = ref->which < i && ref->which < seq->n &&
			  results->made[ref->which];
	uint64_t value = 0;

	switch (ref->kind) {
	case SEQ_REF_FD:
		return done && results->ret[ref->which] >= 0
			       ? (uint64_t)results->ret[ref->which]
			       : UINT64_MAX;
	case SEQ_REF_ID:
		return done && results->ret[ref->which] >= 0
			       ? id_of(results->ret[ref->which])
			       : 0;
	case SEQ_REF_OUT:
		if (done)
			memcpy(&value, results->attr[ref->which] + ref->more,
			       ref->width);
		return value;
	case SEQ_REF_GIVEN:
		return ref->which == SEQ_GIVEN_PID
			       ? (uint64_t)getpid()
			       : (uint64_t)FD_GIVEN + ref->which;
	default:
		return names_id(ref->which);
	}
}

static unsigned int slot_of(uint8_t in)
{
	if (in == SEQ_IN_ATTR)
		return SLOT_ATTR;
	return in == SEQ_IN_COMMON ? SLOT_COMMON : in - SEQ_IN_BUF;
}

static bool is_memory(enum seq_place place)
{
	return place != SEQ_UNMAPPED && place != SEQ_NULL;
}

/* As much of it as there is room for. */
static void put(struct laid *laid, uint8_t in, uint32_t at, const void *from,
		uint32_t len)
{
	const unsigned int slot = slot_of(in);

	if (!laid->at[slot] || !is_memory(laid->place[slot]) ||
	    at >= laid->len[slot])
		return;
	if (len > laid->len[slot] - at)
		len = laid->len[slot] - at;
	memcpy(laid->at[slot] + at, from, len);
}

static void lay(struct laid *laid, unsigned int slot, enum seq_place place,
		uint32_t len)
{
	laid->at[slot] = arena_place(slot, place, len);
	laid->len[slot] = is_memory(place) ? len : 0;
	laid->place[slot] = place;
}

static void lay_all(const struct seq_call *call, struct laid *laid)
{
	memset(laid, 0, sizeof(*laid));
	laid->n_bufs = call->n_bufs;
	lay(laid, SLOT_ATTR, call->place, call->size);
	if (call->op == SEQ_BPF_COMMON)
		lay(laid, SLOT_COMMON, SEQ_PLAIN, call->common_size);
	for (unsigned int k = 0; k < call->n_bufs; k++)
		lay(laid, k, call->bufs[k].place, call->bufs[k].len);
}

static void fill(const struct seq *seq, unsigned int i, struct laid *laid)
{
	const struct seq_call *call = &seq->calls[i];

	put(laid, SEQ_IN_ATTR, 0, call->attr, call->attr_len);
	put(laid, SEQ_IN_COMMON, 0, call->common, call->common_len);
	for (unsigned int k = 0; k < call->n_bufs; k++) {
		const struct seq_buf *buf = &call->bufs[k];
		const uint64_t address = (uintptr_t)laid->at[k];

		put(laid, (uint8_t)(SEQ_IN_BUF + k), 0, seq->pool + buf->data,
		    buf->given);
		put(laid, buf->in, buf->at, &address, sizeof(address));
	}
	for (unsigned int k = 0; k < call->n_refs; k++) {
		const struct seq_ref *ref = &call->refs[k];
		const uint64_t value = lay_ref(seq, i, ref);

		put(laid, ref->in, ref->at, &value, ref->width);
	}
}

void lay_call(const struct seq *seq, unsigned int i, struct laid *laid)
{
	lay_all(&seq->calls[i], laid);
	fill(seq, i, laid);
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		if (laid->at[slot] && laid->place[slot] == SEQ_READONLY)
			arena_protect(slot, true);
}

void lay_release(const struct laid *laid)
{
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		if (laid->at[slot] && laid->place[slot] == SEQ_READONLY)
			arena_protect(slot, false);
}
