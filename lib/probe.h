/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the files of the probes share. An answer is 1, 0 or a negative errno, as
 * in <bpfsys/probe.h>. */
#ifndef BPFSYS_PROBE_INTERNAL_H
#define BPFSYS_PROBE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include <bpfsys/abi.h>

#include "hidden.h"

/* Larger than union bpf_attr will be for long, no larger than any page. */
#define PROBE_ATTR_SIZE 4096

/* What is asked, for the memory of answers. */
enum probe {
	PROBE_COMMAND,
	PROBE_STEP, /* of a command's last field */
	PROBE_MAP_TYPE,
	PROBE_MAP_FLAG,
	PROBE_PROG_TYPE,
	PROBE_PROG_FLAG,
	PROBE_HELPER,
	PROBE_ATTACH_TYPE,
	PROBE_COMMON_ATTRS,
};

/* The answer that is known to PROBE of A and B, or what ASK says, which is kept
 * if it is 1 or 0. errno stays. */
HIDDEN int bpfsys_probe_answer(enum probe probe, unsigned int a, unsigned int b,
			       int (*ask)(unsigned int a, unsigned int b));

/* Whether ERR is the answer to a call that could not be tried. */
HIDDEN bool bpfsys_probe_failed(int err);

/* Sets the 4 or 8 bytes of FIELD in ATTR. */
HIDDEN void bpfsys_probe_set(uint8_t *attr, const struct bpfsys_command *cmd,
			     const char *field, uint64_t value);

/* An attr of PROBE_ATTR_SIZE bytes with which CMD fails, and, where it can,
 * with something else than EINVAL. */
HIDDEN void bpfsys_probe_fill(uint8_t *attr, const struct bpfsys_command *cmd);

/* Whether a number that no kernel knows is refused as unknown, so that another
 * refusal of a number means that it is known. RET is the answer to what no
 * kernel knows, REFUSED that to what is asked for. */
HIDDEN int bpfsys_probe_by_refusal(int ret, int refused);

/* Whether the kernel is of RELEASE or newer, by what it has and lacks. */
HIDDEN int bpfsys_probe_release(uint32_t release);

/* Tries to create the shape of a map of TYPE with FLAGS added: a descriptor or
 * a negative errno; -ENODATA where no shape of the type is known. */
HIDDEN int bpfsys_probe_create_map(unsigned int type, unsigned int flags);

/* Loads COUNT instructions as a program of TYPE made for ATTACH_TYPE, with a
 * log of SIZE bytes: a descriptor or a negative errno. */
struct probe_insn {
	uint8_t code;
	uint8_t dst : 4, src : 4;
	int16_t off;
	int32_t imm;
};
HIDDEN int bpfsys_probe_load(unsigned int type, unsigned int attach_type,
			     const struct probe_insn *insns, unsigned int count,
			     char *log, unsigned int size);

#endif
