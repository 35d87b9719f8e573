/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* BTF written by hand, type by type, and how the kernel takes it. */
#ifndef BPFABI_BTF_TYPES_H
#define BPFABI_BTF_TYPES_H

#include <linux/btf.h>

#include "hooks.h"

/* Names, as offsets into the string section of every such BTF. */
enum {
	NAME_INT = 1,	   /* "int" */
	NAME_A = 5,	   /* "a" */
	NAME_B = 7,	   /* "b" */
	NAME_BAD = 9,	   /* "a b", which is no C name */
	NAME_SECTION = 13, /* ".data" */
	NAME_CONTROL = 19, /* "\1", which does not print */
};
#define BTF_NAMES "\0int\0a\0b\0a b\0.data\0\1"

/* struct btf_type.info */
#define KIND(kind, vlen) ((uint32_t)(kind) << 24 | (vlen))
#define KFLAG		 (1u << 31)

/* struct btf_type of a 4-byte int. */
#define INT4 NAME_INT, KIND(BTF_KIND_INT, 0), 4, 32

/* Types as the words that they are made of, and the number of bytes. */
#define TYPES(...) \
	(const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__})

/* What the kernel answers to BTF, and what it says in the log. */
struct btf_answer {
	int ret; /* closed where it is a descriptor */
	char log[8192];
};

/* BPF_BTF_LOAD of SIZE bytes at BLOB as they are. */
void load_blob(struct btf_answer *answer, const void *blob, uint32_t size);

/* BPF_BTF_LOAD of SIZE bytes of types behind a good header, before the names
 * above. */
void load_types(struct btf_answer *answer, const uint32_t *types,
		uint32_t size);

/* The errno is that of the case's row, and the log says TEXT, so that it is for
 * this reason (NULL: releases differ). */
void judge_answer(void **state, const char *text,
		  const struct btf_answer *answer);

/* Loads types and judges the answer. The case is skipped where the kernel says
 * that it does not know a kind that not every supported one has. */
void refuse_btf(void **state, const char *text, const uint32_t *types,
		uint32_t size);

/* WHAT, which the types are, loads. False: the kernel lacks a kind, as above.
 */
bool take_btf(void **state, const char *what, const uint32_t *types,
	      uint32_t size);

#endif
