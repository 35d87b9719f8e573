/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sequences of bpf(2) calls: what the kernel fuzzers make, the executor runs,
 * the corpus keeps and a find shows. Three forms of one thing: this struct,
 * bytes (canonical: what decodes encodes to the same bytes), and text. */
#ifndef BPFSYS_SEQ_H
#define BPFSYS_SEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SEQ_CALLS = 16,		/* in a sequence */
	SEQ_ATTR = 256,		/* bytes of an attr that can be given */
	SEQ_COMMON = 32,	/* bytes of a struct bpf_common_attr */
	SEQ_REFS = 16,		/* of a call */
	SEQ_BUFS = 12,		/* of a call */
	SEQ_BUF_MOST = 1 << 20, /* bytes of memory that a buffer can have */
	SEQ_MEM = 4 << 20,	/* and all buffers of a sequence together */
	SEQ_POOL = 48 << 10,	/* bytes of content, all buffers together */
	SEQ_MOST = 64 << 10,	/* bytes of an encoded sequence */
};

enum seq_op {
	SEQ_BPF,	/* bpf(cmd, attr, size) */
	SEQ_BPF_COMMON, /* bpf(cmd | BPF_COMMON_ATTRS, attr, size, common, ..)
			 */
	SEQ_CLOSE,	/* close(ref 0), never one that was given */
	SEQ_DUP,	/* fcntl(ref 0, F_DUPFD_CLOEXEC): its result is an fd */
	SEQ_READ,	/* read(ref 0, 4096 bytes): runs an iterator */
	SEQ_MMAP,	/* mmap(ref 0), shared; cmd: 1 read, 2 write, 3 both */
	SEQ_RUN,	/* something that attached programs see; cmd: seq_run */
	SEQ_FORK, /* the calls after this one are made by a child, for which
		   * the parent waits; once in a sequence */
	SEQ_JIT,  /* net.core.bpf_jit_enable = cmd (0 or 1) */
	SEQ_OPS,
};

enum seq_run {
	SEQ_RUN_SYSCALL, /* getpgid(0) */
	SEQ_RUN_PACKET,	 /* a UDP datagram on lo */
	SEQ_RUN_TCP,	 /* a TCP connection on lo, both sides close */
	SEQ_RUN_FORK,	 /* a child that exits */
	SEQ_RUN_OPEN,	 /* opens and closes /proc/self/exe */
	SEQ_RUN_SYSCTL,	 /* reads kernel/ostype through /proc/sys */
	SEQ_RUN_SOCKOPT, /* get- and setsockopt of a socket */
	SEQ_RUNS,
};

/* How the attr lies in memory. */
enum seq_place {
	SEQ_PLAIN,
	SEQ_GUARDED,  /* its last byte is the last before an unmapped page */
	SEQ_ODD,      /* at an odd address */
	SEQ_READONLY, /* the kernel cannot write there */
	SEQ_UNMAPPED, /* nothing is there */
	SEQ_NULL,     /* the pointer is NULL */
	SEQ_PLACES,
};

/* What a buffer holds, for who prints or mutates it. */
enum seq_kind {
	SEQ_BYTES,
	SEQ_INSNS, /* struct bpf_insn */
	SEQ_BTF,   /* raw BTF */
	SEQ_TEXT,  /* a string, with its NUL */
	SEQ_KINDS,
};

/* Where something stands: the attr, the common attr, or buffer IN - SEQ_IN_BUF.
 */
enum seq_in { SEQ_IN_ATTR, SEQ_IN_COMMON, SEQ_IN_BUF };

/* A number that is known only when the sequence runs; WIDTH bytes at AT are
 * its, and zero in what is encoded. */
enum seq_ref_kind {
	SEQ_REF_FD,  /* what call WHICH returned; -1 (in all of WIDTH) if it
		      * failed or is later */
	SEQ_REF_ID,  /* ID of the object whose fd call WHICH returned; else 0 */
	SEQ_REF_OUT, /* WIDTH bytes at MORE of call WHICH's attr, after it; 0
		      * if it is later or its attr does not reach there */
	SEQ_REF_GIVEN, /* seq_given WHICH, which the executor made */
	SEQ_REF_BTF, /* ID of name WHICH of names.def in the kernel's BTF; or 0
		      */
	SEQ_REF_KINDS,
};

struct seq_ref {
	uint8_t in;    /* enum seq_in */
	uint8_t kind;  /* enum seq_ref_kind */
	uint8_t which; /* a call (less than n), a seq_given or a name */
	uint8_t width; /* 4 or 8 */
	uint16_t at;   /* bytes from the start of what it is in */
	uint16_t more;
};

/* Memory whose address stands in 8 bytes at AT, which are zero in what is
 * encoded. A buffer's pointer may be in a buffer of a lower number. An unmapped
 * one has neither length nor kind nor content. */
struct seq_buf {
	uint8_t in;    /* enum seq_in */
	uint8_t kind;  /* enum seq_kind */
	uint8_t place; /* enum seq_place; not SEQ_NULL: that is no buffer */
	uint16_t at;
	uint32_t len; /* bytes of memory */
	uint32_t
		given; /* the first of them have content, the others are zero */
	uint32_t data; /* where that is in the pool */
};

struct seq_call {
	uint8_t op;    /* enum seq_op */
	uint8_t place; /* enum seq_place: of the attr */
	uint16_t cmd; /* of bpf(2), without BPF_COMMON_ATTRS; else see seq_op */
	uint16_t size; /* of the attr, as the kernel is told; it is in memory of
			* this size, even where attr_len is more or references
			* and pointers (anywhere in SEQ_ATTR) stand beyond */
	uint16_t common_size;
	uint16_t attr_len; /* bytes given, the last is not 0; the rest is 0 */
	uint16_t common_len;
	uint8_t n_refs, n_bufs;
	struct seq_ref refs[SEQ_REFS];
	struct seq_buf bufs[SEQ_BUFS];
	uint8_t attr[SEQ_ATTR];
	uint8_t common[SEQ_COMMON];
};

struct seq {
	unsigned int n;
	struct seq_call calls[SEQ_CALLS];
	const uint8_t *pool; /* content of buffers; not owned */
	uint32_t pool_len;
};

/* What every sequence finds: file descriptors, mostly. */
enum seq_given {
#define GIVEN(name, what) SEQ_GIVEN_##name,
#include "given.def"
#undef GIVEN
	SEQ_GIVENS
};
const char *seq_given_name(unsigned int given); /* "CGROUP", or NULL */
/* Whether REF stands for a descriptor. */
bool seq_is_descriptor(const struct seq_ref *ref);

/* Names in the kernel's BTF: a function, a struct, a typedef. */
struct seq_name {
	const char *kind; /* "func", "struct", "typedef" */
	const char *name;
};
extern const struct seq_name seq_names[];
extern const unsigned int seq_names_count;

/* Reads LEN bytes at DATA; the pool of SEQ points into them. 0, or -EINVAL
 * where they are no sequence: not one bit of what is accepted is without
 * meaning. */
int seq_decode(struct seq *seq, const uint8_t *data, size_t len);

/* The bytes of SEQ, at most SIZE; 0: it has no valid encoding, or no room. DATA
 * does not overlap SEQ's pool. What has one form only is brought into it:
 * trailing zeros are cut, what stands where references are becomes zero,
 * references and buffers are put in order of where they are and numbered anew,
 * what stands in nothing (an attr or buffer that is not there) goes, as do
 * fields that the op does not use; buffers lie in the pool one by one. */
size_t seq_encode(const struct seq *seq, uint8_t *data, size_t size);

/* Text, a call a line and a buffer of more than a few bytes in lines of its own
 * below it; names are those of the ABI table. The length it has or would have,
 * as snprintf(). */
size_t seq_print(const struct seq *seq, char *text, size_t size);

/* Reads what seq_print() wrote, and what people make of it: comments (#), blank
 * lines, names or numbers. POOL of POOL_SIZE bytes gets the content of buffers.
 * 0, or -EINVAL and in WHY a line for people with the number of the line. */
int seq_parse(struct seq *seq, const char *text, uint8_t *pool,
	      size_t pool_size, char *why, size_t why_size);

/* A C program of its own that makes the calls, with what executors give and how
 * it is made; builds with cc alone. As snprintf(). TITLE goes into its first
 * comment, one line. */
size_t seq_program(const struct seq *seq, const char *title, char *text,
		   size_t size);

#endif
