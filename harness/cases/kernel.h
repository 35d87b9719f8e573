/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the running kernel has: read from its BTF, or probed where it has none.
 * Never from its version: distributions backport. */
#ifndef BPFABI_KERNEL_H
#define BPFABI_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <bpfsys/abi.h>

/* Reads /sys/kernel/btf/vmlinux. Call once, before the others; false: the
 * kernel has no BTF and less can be said. */
bool kernel_load_btf(void);

bool kernel_has_btf(void);

/* Where PATH ("bpf_attr.batch.count": a struct or union, then members, looked
 * for through anonymous ones) is: offset and size in bytes. */
bool kernel_member(const char *path, uint32_t *offset, uint32_t *size);

/* Whether the kernel has PATH, which came with SINCE (BPFSYS_KV). Its BTF says
 * so; without BTF, a later feature that a probe finds says yes, and nothing
 * says no for sure. */
enum presence { ABSENT, PRESENT, UNKNOWN };
enum presence kernel_presence(const char *path, uint32_t since);

/* The same for a case that needs PATH: false where the kernel lacks it; the
 * case is skipped where that cannot be known. */
bool kernel_offers(void **state, const char *path, uint32_t since);

/* WHAT, a field that came as PATH with SINCE, is WANT on a kernel that has it
 * and 0 on one that does not. */
void expect_field(void **state, const char *path, uint32_t since,
		  const char *what, uint64_t want, uint64_t got);

/* Size in bytes of the struct or union NAME, 0 where there is none. */
uint32_t kernel_struct_size(const char *name);

/* Which member of the struct NAME is called MEMBER, from 0; negative: none. */
int kernel_member_index(const char *name, const char *member);

/* The value of an enumerator of the enum NAME; false: there is none. */
bool kernel_enumerator(const char *name, const char *enumerator,
		       int64_t *value);
bool kernel_has_enumerator(const char *name, const char *enumerator);

/* An enumerator of any enum, named or not. */
bool kernel_has_constant(const char *enumerator);

/* BTF id of the function, typedef or struct NAME, negative where there is
 * none. */
int kernel_func_id(const char *name);
int kernel_typedef_id(const char *name);
int kernel_struct_id(const char *name);

/* sizeof(union bpf_attr): the first size whose last byte makes it E2BIG. */
uint32_t kernel_attr_size(void);

bool kernel_has_command(const struct bpfsys_command *cmd);

/* The newest step of CMD's last-field history that this kernel has; NULL where
 * that cannot be known (no BTF, and the history has steps). */
const struct bpfsys_last *kernel_last(const struct bpfsys_command *cmd);

/* Where the last field of CMD's group ends in the kernel's own union bpf_attr:
 * past the table's end where the kernel is newer than the table. Without BTF,
 * the table's end. */
uint32_t kernel_group_end(const struct bpfsys_command *cmd);

/* Whether the kernel takes the five-argument form (BPF_COMMON_ATTRS). */
bool kernel_has_common_attrs(void);

/* CPUs that the kernel can ever have: elements of a per-CPU value. */
unsigned int kernel_possible_cpus(void);

/* uname -r */
const char *kernel_release(void);

/* The kernel is of 32 bits: of those known here, an i386 one. */
bool kernel_is_i386(void);

/* sizeof(struct bpf_cgroup_storage_key) in the kernel; ours may be another:
 * an i386 compiler does not align 8 bytes by 8. */
uint32_t kernel_cgroup_storage_key(void);

#endif
