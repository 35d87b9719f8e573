/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The ABI of bpf(2) as data: commands, their fields, the last field that each
 * kernel checks, documented errnos, and the info structs. The rows stand in
 * lib/abi/ (its README.md explains the columns); everything that needs to know
 * the ABI reads it from here.
 */
#ifndef BPFSYS_ABI_H
#define BPFSYS_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel release as a number that compares, without the patch level. */
#define BPFSYS_KV(major, minor) (((major) << 16) | ((minor) << 8))

/* The errno of unsupported operations, which <errno.h> does not name. */
#define BPFSYS_ENOTSUPP 524

/* The bit that, or-ed into a command, announces a struct bpf_common_attr. */
#define BPFSYS_COMMON_ATTRS (1u << 16)

/* What a field holds. */
enum bpfsys_kind {
	BPFSYS_KIND_U32,
	BPFSYS_KIND_U64,
	BPFSYS_KIND_FD,
	BPFSYS_KIND_ID,
	BPFSYS_KIND_BTF_ID,
	BPFSYS_KIND_IFINDEX,
	BPFSYS_KIND_PID,
	BPFSYS_KIND_ENUM,
	BPFSYS_KIND_FLAGS,
	BPFSYS_KIND_COUNT,
	BPFSYS_KIND_SIZE,
	BPFSYS_KIND_NAME,      /* char array, NUL-terminated */
	BPFSYS_KIND_BYTES,     /* byte array */
	BPFSYS_KIND_PTR_IN,    /* pointer to what the kernel reads */
	BPFSYS_KIND_PTR_OUT,   /* pointer to what the kernel writes */
	BPFSYS_KIND_PTR_INOUT, /* pointer to what it reads and writes */
	BPFSYS_KIND_STR_IN,    /* pointer to a string that the kernel reads */
};

/* Who writes the field itself (not what a pointer points to). */
enum bpfsys_dir { BPFSYS_DIR_IN, BPFSYS_DIR_OUT, BPFSYS_DIR_INOUT };

/* What a command returns when it succeeds. */
enum bpfsys_returns {
	BPFSYS_RETURNS_ZERO,
	BPFSYS_RETURNS_FD,
	BPFSYS_RETURNS_COUNT, /* bytes */
};

/* What a caller needs where unprivileged BPF is off. */
enum bpfsys_cap {
	BPFSYS_CAP_NONE, /* the fd is the permission */
	BPFSYS_CAP_BPF,
	BPFSYS_CAP_PERFMON,
	BPFSYS_CAP_NET_ADMIN,
	BPFSYS_CAP_SYS_ADMIN,
	BPFSYS_CAP_TYPE, /* depends on the type of map, program or hook */
};

struct bpfsys_field {
	const char *name; /* as in the UAPI, "tcx.relative_fd" when nested */
	uint16_t offset;  /* bytes, in the group's struct */
	uint16_t size;	  /* bytes */
	enum bpfsys_kind kind;
	enum bpfsys_dir dir;
	uint32_t since;	    /* BPFSYS_KV of the first kernel */
	const char *detail; /* pointers: what gives the length; ENUM: which */
};

/* One step in the history of a command's last field: bytes of the union past
 * it must be zero. A kernel is at the newest step whose gate its BTF has. */
struct bpfsys_last {
	const char *field;
	uint16_t end; /* bytes: where the field ends */
	uint32_t since;
	const char *gate; /* BTF path "struct.member...", "" for the first */
};

struct bpfsys_errno_row {
	const char *name; /* of the row, and of the case that holds it */
	int err;	  /* positive */
	uint32_t since;
	const char *condition;
	const char *no_case; /* why no case provokes it; NULL: one does */
};

/* A value of an ENUM field. */
struct bpfsys_enumerator {
	const char *kind; /* "bpf_map_type" */
	const char *name; /* "BPF_MAP_TYPE_HASH" */
	uint32_t value;
	uint32_t since;
};

struct bpfsys_command {
	const char *name;   /* "MAP_FREEZE" */
	const char *id;	    /* "map_freeze" */
	uint32_t nr;	    /* the first argument of bpf(2) */
	const char *group;  /* "map_elem" */
	const char *member; /* of union bpf_attr, "" where it is anonymous */
	uint16_t group_end; /* bytes: the size that the wrapper passes */
	enum bpfsys_returns returns;
	enum bpfsys_cap cap;
	uint32_t since;
};

struct bpfsys_info_struct {
	const char *name; /* "prog": struct bpf_prog_info */
	uint16_t size;	  /* bytes */
	uint16_t end;	  /* bytes: where the last named field ends */
};

/* The number of commands that the table knows: 0 to this, exclusive. */
unsigned int bpfsys_abi_commands(void);

/* The command of number NR, or NULL where the table does not know it. */
const struct bpfsys_command *bpfsys_abi_command(unsigned int nr);

/* The command called NAME, "MAP_FREEZE" or "map_freeze", with or without
 * "BPF_" before it; or NULL. */
const struct bpfsys_command *bpfsys_abi_find(const char *name);

/* The rows of CMD, in *COUNT: its fields, the history of its last field (oldest
 * first), its documented errnos. */
const struct bpfsys_field *bpfsys_abi_fields(const struct bpfsys_command *cmd,
					     size_t *count);
const struct bpfsys_last *bpfsys_abi_lasts(const struct bpfsys_command *cmd,
					   size_t *count);
const struct bpfsys_errno_row *bpfsys_abi_errnos(
	const struct bpfsys_command *cmd, size_t *count);

/* The field of CMD called NAME, or NULL. */
const struct bpfsys_field *bpfsys_abi_field(const struct bpfsys_command *cmd,
					    const char *name);

/* What VALUE of KIND ("bpf_map_type", "bpf_prog_type", "bpf_attach_type",
 * "bpf_link_type") is called, or NULL. */
const struct bpfsys_enumerator *bpfsys_abi_enumerator(const char *kind,
						      uint32_t value);

/* The info structs, in *COUNT: prog, map, btf, link. */
const struct bpfsys_info_struct *bpfsys_abi_infos(size_t *count);

/* The named fields of INFO (bit-fields excluded), in *COUNT. */
const struct bpfsys_field *bpfsys_abi_info_fields(
	const struct bpfsys_info_struct *info, size_t *count);

/* The fields of struct bpf_common_attr, in *COUNT. */
const struct bpfsys_field *bpfsys_abi_common(size_t *count);

/* The name of a positive errno ("EINVAL", "ENOTSUPP"), or NULL. */
const char *bpfsys_errno_name(int err);

#ifdef __cplusplus
}
#endif

#endif
