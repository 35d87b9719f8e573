/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* How recipes are written: a call, and its fields by name. What finds no room
 * is left out, so recipes need not look. */
#ifndef BPFSYS_MAKE_BUILD_H
#define BPFSYS_MAKE_BUILD_H

#include "work.h"

/* Types of map, program and hook by their names in the kernel. */
enum {
#define ENUMERATOR(kind, name, value, since) name = value,
#include "abi/all.def"
};

/* Flags that recipes use, by their names in the kernel. */
enum {
	BPF_F_NO_PREALLOC = 1 << 0,
	BPF_F_NO_COMMON_LRU = 1 << 1,
	BPF_F_NUMA_NODE = 1 << 2,
	BPF_F_RDONLY = 1 << 3,
	BPF_F_WRONLY = 1 << 4,
	BPF_F_STACK_BUILD_ID = 1 << 5,
	BPF_F_ZERO_SEED = 1 << 6,
	BPF_F_RDONLY_PROG = 1 << 7,
	BPF_F_WRONLY_PROG = 1 << 8,
	BPF_F_CLONE = 1 << 9,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_F_PRESERVE_ELEMS = 1 << 11,
	BPF_F_INNER_MAP = 1 << 12,
	BPF_F_LINK = 1 << 13,
	BPF_F_PATH_FD = 1 << 14,
	BPF_F_VTYPE_BTF_OBJ_FD = 1 << 15,
	BPF_F_TOKEN_FD = 1 << 16,
	/* of elements */
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
	BPF_F_LOCK = 4,
	/* of attaching */
	BPF_F_ALLOW_OVERRIDE = 1 << 0,
	BPF_F_ALLOW_MULTI = 1 << 1,
	BPF_F_REPLACE = 1 << 2,
	BPF_F_BEFORE = 1 << 3,
	BPF_F_AFTER = 1 << 4,
	BPF_F_ID = 1 << 5,
	/* of programs */
	BPF_F_STRICT_ALIGNMENT = 1 << 0,
	BPF_F_ANY_ALIGNMENT = 1 << 1,
	BPF_F_TEST_RND_HI32 = 1 << 2,
	BPF_F_TEST_STATE_FREQ = 1 << 3,
	BPF_F_SLEEPABLE = 1 << 4,
	BPF_F_XDP_HAS_FRAGS = 1 << 5,
	BPF_F_TEST_REG_INVARIANTS = 1 << 7,
};

/* Begins a call of command CMD, as long as the wrappers make it; returns its
 * number, to refer to. */
unsigned int bpf(struct make *m, unsigned int cmd);
/* Another operation; FD is the call whose descriptor it is about. */
unsigned int op_fd(struct make *m, enum seq_op op, unsigned int cmd,
		   unsigned int fd);
unsigned int op(struct make *m, enum seq_op op, unsigned int cmd);

/* Fields of the call that was begun last. */
const struct bpfsys_field *field_of(const struct make *m, const char *name);
void put(struct make *m, const char *field, uint64_t value);
void put_fd(struct make *m, const char *field, unsigned int call);
void put_id(struct make *m, const char *field, unsigned int call);
void put_out(struct make *m, const char *field, unsigned int call,
	     const char *of);
void put_given(struct make *m, const char *field, enum seq_given given);
/* The BTF ID of the kernel's NAME, which must be in names.def. */
void put_name(struct make *m, const char *field, const char *name);
unsigned int name_nr(const char *name);
/* The number of the buffer, to put more in; SEQ_BUFS: no room. */
unsigned int put_buf(struct make *m, const char *field, const void *data,
		     uint32_t given, uint32_t len);
void put_text(struct make *m, const char *field, const char *text);
/* In buffer BUF, at AT. */
void in_fd(struct make *m, unsigned int buf, unsigned int at, unsigned int call,
	   unsigned int width);
void in_ref(struct make *m, unsigned int buf, unsigned int at,
	    enum seq_ref_kind kind, unsigned int which, unsigned int width);
unsigned int in_buf(struct make *m, unsigned int buf, unsigned int at,
		    const void *data, uint32_t given, uint32_t len);
void buf_is(struct make *m, unsigned int buf, enum seq_kind kind);

#endif
