// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of headers and string sections that are not well formed, and of
 * what is at the limits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf_types.h"
#include "catalogue.h"

/* The witness's BTF, of which a header or a string is bent. */
struct blob {
	struct btf_header header;
	uint8_t data[64];
	uint32_t size;
};

/* Where its strings start. */
#define STRINGS 16

typedef void bend_fn(struct blob *blob);

static void refuse_bent(void **state, const char *text, bend_fn *bend)
{
	struct btf_answer answer;
	struct blob blob;
	const void *good;

	memset(&blob, 0, sizeof(blob));
	good = btf_blob(&blob.size);
	memcpy(&blob, good, blob.size);
	bend(&blob);
	load_blob(&answer, &blob, blob.size);
	judge_answer(state, text, &answer);
}

static void bend_header_short(struct blob *blob)
{
	blob->header.hdr_len = blob->size + 1;
}

void btf_load__header_short(void **state)
{
	refuse_bent(state, "btf_header not found", bend_header_short);
}

static void bend_header_flags(struct blob *blob)
{
	blob->header.flags = 1;
}

void btf_load__header_flags(void **state)
{
	refuse_bent(state, "Unsupported flags", bend_header_flags);
}

static void bend_no_data(struct blob *blob)
{
	blob->size = sizeof(blob->header);
}

void btf_load__no_data(void **state)
{
	refuse_bent(state, "No data", bend_no_data);
}

static void bend_section_past_end(struct blob *blob)
{
	blob->header.str_off = 1000;
}

void btf_load__section_past_end(void **state)
{
	refuse_bent(state, "Invalid section offset", bend_section_past_end);
}

static void bend_section_gap(struct blob *blob)
{
	blob->header.str_off += 4;
	blob->size += 4;
}

void btf_load__section_gap(void **state)
{
	refuse_bent(state, "Unsupported section found", bend_section_gap);
}

static void bend_sections_overlap(struct blob *blob)
{
	blob->header.str_off -= 4;
}

void btf_load__sections_overlap(void **state)
{
	refuse_bent(state, "Section overlap found", bend_sections_overlap);
}

static void bend_section_too_long(struct blob *blob)
{
	blob->header.str_len++;
}

void btf_load__section_too_long(void **state)
{
	refuse_bent(state, "Total section length too long",
		    bend_section_too_long);
}

static void bend_unknown_section(struct blob *blob)
{
	blob->size++;
}

void btf_load__unknown_section(void **state)
{
	refuse_bent(state, "Unsupported section found", bend_unknown_section);
}

static void bend_no_strings(struct blob *blob)
{
	blob->size -= blob->header.str_len;
	blob->header.str_len = 0;
}

void btf_load__no_strings(void **state)
{
	refuse_bent(state, "Invalid string section", bend_no_strings);
}

static void bend_strings_without_end(struct blob *blob)
{
	blob->data[STRINGS + 7] = 1;
}

void btf_load__strings_without_end(void **state)
{
	refuse_bent(state, "Invalid string section", bend_strings_without_end);
}

static void bend_strings_without_start(struct blob *blob)
{
	blob->data[STRINGS] = 1;
}

void btf_load__strings_without_start(void **state)
{
	refuse_bent(state, "Invalid string section",
		    bend_strings_without_start);
}

static void bend_no_types(struct blob *blob)
{
	memmove(blob->data, blob->data + STRINGS, 8);
	blob->size -= STRINGS;
	blob->header.type_len = 0;
	blob->header.str_off = 0;
}

void btf_load__no_types(void **state)
{
	refuse_bent(state, "No type found", bend_no_types);
}

static void bend_strings_first(struct blob *blob)
{
	memmove(blob->data + 8, blob->data, STRINGS);
	memcpy(blob->data, "\0int\0\0\0", 8);
	blob->header.str_off = 0;
	blob->header.type_off = 8;
}

void btf_load__strings_first(void **state)
{
	refuse_bent(state, "String section is not at the end",
		    bend_strings_first);
}

/* A header that is longer than any kernel's, LAST its last byte. */
static void load_long_header(struct btf_answer *answer, uint8_t last)
{
	struct {
		struct btf_header header;
		uint8_t more[64 - sizeof(struct btf_header)];
		uint8_t data[24];
	} blob;
	const uint8_t *good;
	uint32_t size;

	memset(&blob, 0, sizeof(blob));
	good = btf_blob(&size);
	memcpy(&blob.header, good, sizeof(blob.header));
	memcpy(blob.data, good + sizeof(blob.header), sizeof(blob.data));
	blob.header.hdr_len = 64;
	blob.more[sizeof(blob.more) - 1] = last;
	load_blob(answer, &blob, sizeof(blob));
}

void btf_load__header_tail(void **state)
{
	struct btf_answer answer;

	load_long_header(&answer, 1);
	judge_answer(state, "Unsupported btf_header", &answer);
}

void btf_load__long_header(void **state)
{
	struct btf_answer answer;

	load_long_header(&answer, 0);
	expect_ok(state, "BTF with a header of 64 bytes", answer.ret);
}

/* COUNT times const, each of the type that follows, before the int. */
static uint32_t fill_chain(uint32_t *words, uint32_t count)
{
	static const uint32_t int4[] = {INT4};
	uint32_t *word = words;

	for (uint32_t id = 1; id <= count; id++) {
		*word++ = 0;
		*word++ = KIND(BTF_KIND_CONST, 0);
		*word++ = id + 1;
	}
	memcpy(word, int4, sizeof(int4));
	return count * 12 + sizeof(int4);
}

void btf_load__chain_too_deep(void **state)
{
	uint32_t words[256];

	refuse_btf(state, "Exceeded max resolving depth", words,
		   fill_chain(words, 33));
}

void btf_load__deepest_chain(void **state)
{
	uint32_t words[256];

	take_btf(state, "32 modifiers in a row", words, fill_chain(words, 32));
}

void btf_load__loop(void **state)
{
	refuse_btf(state, "Loop detected",
		   TYPES(0, KIND(BTF_KIND_CONST, 0), 2, 0,
			 KIND(BTF_KIND_VOLATILE, 0), 1));
}

void btf_load__struct_in_itself(void **state)
{
	refuse_btf(state, "Loop detected",
		   TYPES(NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1, 0));
}

/* The largest BTF there may be: all of it but one type is the strings. */
void btf_load__largest(void **state)
{
	const uint32_t size = 16 << 20;
	uint8_t *blob = calloc(1, size);
	struct btf_header *header = (struct btf_header *)blob;
	struct btf_answer answer;
	const void *good;
	uint32_t small;

	need(state, "malloc", blob ? 0 : -ENOMEM);
	good = btf_blob(&small);
	memcpy(blob, good, small);
	header->str_len = size - sizeof(*header) - STRINGS;
	load_blob(&answer, blob, size);
	free(blob);
	expect_ok(state, "BTF of 16 MiB", answer.ret);
}

/* What the types that pointers, modifiers and names point to have in common. */
static const struct {
	uint32_t kind, name;
} refs[] = {
	{BTF_KIND_PTR, 0},	    {BTF_KIND_CONST, 0},
	{BTF_KIND_VOLATILE, 0},	    {BTF_KIND_RESTRICT, 0},
	{BTF_KIND_TYPEDEF, NAME_A},
};

static void refuse_refs(void **state, const char *text, uint32_t info,
			uint32_t type)
{
	for (size_t i = 0; i < COUNT_OF(refs); i++)
		refuse_btf(state, text,
			   TYPES(INT4, refs[i].name,
				 KIND(refs[i].kind, 0) | info, type));
}

void btf_load__ref_vlen(void **state)
{
	refuse_refs(state, "vlen != 0", 1, 1);
}

void btf_load__ref_kflag(void **state)
{
	refuse_refs(state, "Invalid btf_info kind_flag", KFLAG, 1);
}

void btf_load__ref_past(void **state)
{
	refuse_refs(state, "Invalid type_id", 0, 3);
}

void btf_load__ref_too_large(void **state)
{
	refuse_refs(state, "Invalid type_id", 0, 1u << 31);
}

/* All but typedefs. */
void btf_load__ref_name(void **state)
{
	for (size_t i = 0; i + 1 < COUNT_OF(refs); i++)
		refuse_btf(state, "Invalid name",
			   TYPES(INT4, NAME_A, KIND(refs[i].kind, 0), 1));
}
