// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which call makes what, and which field wants it. */
#include <string.h>

#include "field.h"

enum thing thing_made(const struct make *m, unsigned int nr)
{
	const struct seq_call *call = &m->seq.calls[nr];

	if (call->op == SEQ_DUP)
		return call->refs[0].kind == SEQ_REF_FD &&
				       call->refs[0].which < nr
			       ? thing_made(m, call->refs[0].which)
			       : ANYTHING;
	if (call->op > SEQ_BPF_COMMON)
		return NOTHING;
	switch (call->cmd) {
	case BPFSYS_MAP_CREATE:
	case BPFSYS_MAP_GET_FD_BY_ID:
		return A_MAP;
	case BPFSYS_PROG_LOAD:
	case BPFSYS_PROG_GET_FD_BY_ID:
		return A_PROG;
	case BPFSYS_LINK_CREATE:
	case BPFSYS_RAW_TRACEPOINT_OPEN:
	case BPFSYS_LINK_GET_FD_BY_ID:
		return A_LINK;
	case BPFSYS_BTF_LOAD:
	case BPFSYS_BTF_GET_FD_BY_ID:
		return A_BTF;
	case BPFSYS_ITER_CREATE:
		return AN_ITER;
	case BPFSYS_TOKEN_CREATE:
		return A_TOKEN;
	case BPFSYS_OBJ_GET:
		return ANYTHING;
	}
	return NOTHING;
}

enum thing thing_wanted(const char *field)
{
	/* By what the field's name has in it; the first that fits. */
	static const struct {
		const char *part;
		uint8_t thing;
	} words[] = {
		{"token", A_TOKEN}, {"map", A_MAP},   {"btf", A_BTF},
		{"link", A_LINK},   {"prog", A_PROG}, {"bpf_fd", ANYTHING},
	};

	if (strcmp(field, "attach_bpf_fd") == 0 ||
	    strcmp(field, "replace_bpf_fd") == 0 ||
	    strcmp(field, "attach_prog_fd") == 0)
		return A_PROG;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strstr(field, words[i].part))
			return (enum thing)words[i].thing;
	return ANYTHING;
}

unsigned int call_making(struct make *m, unsigned int before, enum thing what)
{
	unsigned int n = 0, found = SEQ_CALLS;

	for (unsigned int i = 0; i < before; i++) {
		enum thing made = thing_made(m, i);

		if (made == NOTHING ||
		    (made != what && made != ANYTHING && what != ANYTHING))
			continue;
		/* Each with the same chance. */
		if (one_in(m, ++n))
			found = i;
	}
	return found;
}

static unsigned int any_given(struct make *m, enum thing what)
{
	static const uint8_t maps[] = {SEQ_GIVEN_MAP_HASH, SEQ_GIVEN_MAP_ARRAY};
	static const uint8_t progs[] = {SEQ_GIVEN_PROG_FILTER,
					SEQ_GIVEN_PROG_XDP};

	switch (what) {
	case A_MAP:
		return maps[any(m, 2)];
	case A_PROG:
		return progs[any(m, 2)];
	case A_BTF:
		return SEQ_GIVEN_BTF_VMLINUX;
	default:
		return any(m, SEQ_GIVENS);
	}
}

static void change_name(struct make *m, struct seq_ref *ref)
{
	const char *kind = seq_names[ref->which].kind;

	/* Of the same kind, so that it often fits. */
	for (unsigned int i = 0; i < 8; i++) {
		ref->which = (uint8_t)any(m, seq_names_count);
		if (strcmp(seq_names[ref->which].kind, kind) == 0)
			return;
	}
}

static void change_call(struct make *m, unsigned int nr, struct seq_ref *ref)
{
	enum thing what =
		ref->which < m->seq.n ? thing_made(m, ref->which) : ANYTHING;
	unsigned int call;

	if (one_in(m, 12)) {
		/* Its ID instead, or the other way round. */
		if (ref->kind != SEQ_REF_OUT)
			ref->kind ^= SEQ_REF_FD ^ SEQ_REF_ID;
		return;
	}
	if (one_in(m, 8))
		what = ANYTHING;
	call = call_making(m, nr, what == NOTHING ? ANYTHING : what);
	if (call < SEQ_CALLS && !one_in(m, 6)) {
		ref->which = (uint8_t)call;
	} else if (ref->kind == SEQ_REF_FD) {
		ref->kind = SEQ_REF_GIVEN;
		ref->which = (uint8_t)any_given(m, what);
	}
}

void change_ref(struct make *m, unsigned int nr, struct seq_ref *ref)
{
	unsigned int call;

	if (ref->kind == SEQ_REF_BTF) {
		change_name(m, ref);
	} else if (ref_to_call(ref)) {
		change_call(m, nr, ref);
	} else if (one_in(m, 2)) {
		ref->which = (uint8_t)any(m, SEQ_GIVENS);
	} else {
		call = call_making(m, nr, ANYTHING);
		if (call < SEQ_CALLS) {
			ref->kind = SEQ_REF_FD;
			ref->which = (uint8_t)call;
		}
	}
}
