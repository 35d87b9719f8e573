// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BTF written by hand, type by type, and how the kernel takes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_types.h"

void load_blob(struct btf_answer *answer, const void *blob, uint32_t size)
{
	struct bpfsys_btf_load_attr attr;

	memset(answer, 0, sizeof(*answer));
	memset(&attr, 0, sizeof(attr));
	attr.btf = bpfsys_ptr(blob);
	attr.btf_size = size;
	attr.btf_log_buf = bpfsys_ptr(answer->log);
	attr.btf_log_size = sizeof(answer->log);
	attr.btf_log_level = 1;
	answer->ret = bpfsys_btf_load(&attr);
	close_if_fd(answer->ret);
}

void load_types(struct btf_answer *answer, const uint32_t *types, uint32_t size)
{
	static const char names[] = BTF_NAMES;
	struct {
		struct btf_header header;
		uint8_t data[2048];
	} blob;

	memset(&blob, 0, sizeof(blob));
	blob.header.magic = BTF_MAGIC;
	blob.header.version = BTF_VERSION;
	blob.header.hdr_len = sizeof(blob.header);
	blob.header.type_len = size;
	blob.header.str_off = size;
	blob.header.str_len = sizeof(names);
	memcpy(blob.data, types, size);
	memcpy(blob.data + size, names, sizeof(names));
	load_blob(answer, &blob, sizeof(blob.header) + size + sizeof(names));
}

void judge_answer(void **state, const char *text,
		  const struct btf_answer *answer)
{
	char what[128];

	expect_errno(state, answer->ret);
	if (!text)
		return;
	snprintf(what, sizeof(what), "the log says \"%s\"", text);
	expect_true(state, what, strstr(answer->log, text));
}

/* The kernel knows less kinds than BTF_KIND_DATASEC and those before, which
 * came with 5.2; it refuses either the number or the bit of info that it
 * takes. */
static bool lacks_kind(const struct btf_answer *answer)
{
	const char *said = strstr(answer->log, "Invalid kind:");

	if (said)
		return atoi(said + strlen("Invalid kind:")) > BTF_KIND_DATASEC;
	said = strstr(answer->log, "Invalid btf_info:");
	return said &&
	       (strtoul(said + strlen("Invalid btf_info:"), NULL, 16) >> 24 &
		0x1f) > BTF_KIND_DATASEC;
}

void refuse_btf(void **state, const char *text, const uint32_t *types,
		uint32_t size)
{
	struct btf_answer answer;

	load_types(&answer, types, size);
	if (lacks_kind(&answer) && text && strcmp(text, "Invalid") != 0)
		skip_case(state,
			  "the kernel lacks a kind of BTF type: \"%.60s\"",
			  strstr(answer.log, "Invalid"));
	judge_answer(state, text, &answer);
}

bool take_btf(void **state, const char *what, const uint32_t *types,
	      uint32_t size)
{
	struct btf_answer answer;

	load_types(&answer, types, size);
	if (lacks_kind(&answer))
		return false;
	expect_ok(state, what, answer.ret);
	return true;
}
