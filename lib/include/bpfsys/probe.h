/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the running kernel supports, found by asking it.
 *
 * Every probe answers 1 (yes), 0 (no) or, where it cannot tell, a negative
 * errno that says why: -EPERM (the caller may not ask), -ENOMEM, -EMFILE and
 * the like (asking failed), -ENODATA (nothing tells: bpfsys_probe_why()). An
 * answer of 0 is the kernel's word, never the lack of a capability.
 *
 * Probes leave nothing behind: what one has to create to find out is closed
 * again, and mostly nothing is. Answers of 1 and 0 are kept, the others are
 * asked for again. All are safe to call from any thread and leave errno as it
 * was. What is asked is the system call: not uname(2), not BTF, not a file.
 */
#ifndef BPFSYS_PROBE_H
#define BPFSYS_PROBE_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * sizeof(union bpf_attr) of the kernel, in bytes: a byte past it that is not
 * zero is E2BIG.
 *
 * Returns the size, or a negative errno. Kernels before 5.12 do not tell
 * callers that may not use bpf(2) at all: -EPERM.
 */
int bpfsys_probe_attr_size(void);

/*
 * Whether the kernel has a command.
 *
 * cmd: BPFSYS_MAP_CREATE and so on. A command that is newer than the table is
 * -ENODATA.
 */
int bpfsys_supports(unsigned int cmd);

/*
 * Whether a command takes a field.
 *
 * cmd: the command's number. field: as in the table, "map_token_fd",
 * "tcx.relative_fd". Of fields that share their place with an older one the
 * kernel says nothing: what is newer or older than all that it has and lacks
 * is told from that, the rest is -ENODATA. -EINVAL: the table has no such
 * field.
 */
int bpfsys_supports_field(unsigned int cmd, const char *field);

/*
 * Whether maps of a type can be created, as the kernel is built.
 *
 * type: a value of enum bpf_map_type.
 */
int bpfsys_supports_map_type(unsigned int type);

/*
 * Whether maps of a type take a flag.
 *
 * type: a value of enum bpf_map_type. flag: one bit of map_flags; several are
 * -EINVAL. A map is created and closed.
 */
int bpfsys_supports_map_flag(unsigned int type, unsigned int flag);

/*
 * Whether programs of a type can be loaded, as the kernel is built.
 *
 * type: a value of enum bpf_prog_type.
 */
int bpfsys_supports_prog_type(unsigned int type);

/*
 * Whether BPF_PROG_LOAD takes a flag, for programs of whatever type.
 *
 * flag: one bit of prog_flags; several are -EINVAL.
 */
int bpfsys_supports_prog_flag(unsigned int flag);

/*
 * Whether programs of a type may call a helper.
 *
 * prog_type: a value of enum bpf_prog_type. helper: the number of a helper, of
 * BPF_FUNC_*. -ENODATA for program types that are verified only with something
 * to attach to (tracing, LSM, struct_ops, extensions). That a helper is not
 * there is told only to callers who may use all of them: -EPERM without
 * CAP_BPF and CAP_PERFMON.
 */
int bpfsys_supports_helper(unsigned int prog_type, unsigned int helper);

/*
 * Whether the kernel knows an attach type, configured in or not.
 *
 * type: a value of enum bpf_attach_type. Some cannot be asked for (XDP in maps,
 * reuseport, perf event, many kprobes or uprobes, struct_ops, netfilter, LSM of
 * cgroups): they are taken to be there where the kernel has something newer,
 * and not to be where it lacks something that is no newer; else the answer is
 * -ENODATA.
 */
int bpfsys_supports_attach_type(unsigned int type);

/*
 * Whether the kernel knows a type of link, configured in or not.
 *
 * type: a value of enum bpf_link_type. Told from the attach type that came with
 * it, or as for those that cannot be asked for.
 */
int bpfsys_supports_link_type(unsigned int type);

/*
 * Whether the kernel takes the five-argument form, with BPF_COMMON_ATTRS.
 */
int bpfsys_supports_common_attrs(void);

/*
 * Why a probe could not tell, as a constant string.
 *
 * answer: what the probe returned.
 */
const char *bpfsys_probe_why(int answer);

/*
 * Forgets all answers, for who has to ask again: a kernel module that brings a
 * type has come, a checkpoint has moved to another kernel.
 */
void bpfsys_probe_forget(void);

#ifdef __cplusplus
}
#endif

#endif
