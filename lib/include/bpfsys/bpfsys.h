/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * bpf(2), command by command: one wrapper for each, as thin as a wire.
 *
 * A wrapper passes the struct as it is, with the size at which the last field
 * of its group ends, and nothing else: no defaults, no retries, no checks. It
 * returns what the command returns (0 or more), or a negative errno; errno is
 * left as the kernel set it. Descriptors are close-on-exec.
 *
 * Any kernel takes a struct with trailing fields that it does not know as long
 * as they are zero. A field it does not know that is not zero is -E2BIG (past
 * its union bpf_attr) or -EINVAL (inside). Every command can fail with
 * -EFAULT (attr cannot be read), -EPERM (unprivileged) and -EINVAL (the kernel
 * lacks the command). What else each can say, and when, stands in lib/abi/ and
 * is there at run time through <bpfsys/abi.h>.
 */
#ifndef BPFSYS_BPFSYS_H
#define BPFSYS_BPFSYS_H

#include <stddef.h>

#include <bpfsys/attr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of the commands. */
enum bpfsys_cmd {
	BPFSYS_MAP_CREATE = 0,
	BPFSYS_MAP_LOOKUP_ELEM = 1,
	BPFSYS_MAP_UPDATE_ELEM = 2,
	BPFSYS_MAP_DELETE_ELEM = 3,
	BPFSYS_MAP_GET_NEXT_KEY = 4,
	BPFSYS_PROG_LOAD = 5,
	BPFSYS_OBJ_PIN = 6,
	BPFSYS_OBJ_GET = 7,
	BPFSYS_PROG_ATTACH = 8,
	BPFSYS_PROG_DETACH = 9,
	BPFSYS_PROG_TEST_RUN = 10,
	BPFSYS_PROG_GET_NEXT_ID = 11,
	BPFSYS_MAP_GET_NEXT_ID = 12,
	BPFSYS_PROG_GET_FD_BY_ID = 13,
	BPFSYS_MAP_GET_FD_BY_ID = 14,
	BPFSYS_OBJ_GET_INFO_BY_FD = 15,
	BPFSYS_PROG_QUERY = 16,
	BPFSYS_RAW_TRACEPOINT_OPEN = 17,
	BPFSYS_BTF_LOAD = 18,
	BPFSYS_BTF_GET_FD_BY_ID = 19,
	BPFSYS_TASK_FD_QUERY = 20,
	BPFSYS_MAP_LOOKUP_AND_DELETE_ELEM = 21,
	BPFSYS_MAP_FREEZE = 22,
	BPFSYS_BTF_GET_NEXT_ID = 23,
	BPFSYS_MAP_LOOKUP_BATCH = 24,
	BPFSYS_MAP_LOOKUP_AND_DELETE_BATCH = 25,
	BPFSYS_MAP_UPDATE_BATCH = 26,
	BPFSYS_MAP_DELETE_BATCH = 27,
	BPFSYS_LINK_CREATE = 28,
	BPFSYS_LINK_UPDATE = 29,
	BPFSYS_LINK_GET_FD_BY_ID = 30,
	BPFSYS_LINK_GET_NEXT_ID = 31,
	BPFSYS_ENABLE_STATS = 32,
	BPFSYS_ITER_CREATE = 33,
	BPFSYS_LINK_DETACH = 34,
	BPFSYS_PROG_BIND_MAP = 35,
	BPFSYS_TOKEN_CREATE = 36,
	BPFSYS_PROG_STREAM_READ_BY_FD = 37,
	BPFSYS_PROG_ASSOC_STRUCT_OPS = 38,
};

/*
 * The raw door: bpf(CMD, ATTR, SIZE), whatever they are.
 *
 * cmd: the command's number. attr: what the kernel reads SIZE bytes from; some
 * commands write their output fields at their offsets. size: bytes, 0 to the
 * page size. Returns what the kernel returns, or a negative errno. Since 3.18;
 * the kernel's side is __sys_bpf() in kernel/bpf/syscall.c.
 */
int bpfsys(unsigned int cmd, void *attr, unsigned int size);

/*
 * The five-argument form: as bpfsys(), with attributes common to all commands.
 *
 * common: COMMON_SIZE bytes that the kernel reads, log_true_size is written
 * back by the commands that fill a log. The flag BPF_COMMON_ATTRS is added to
 * CMD. Since 7.2; older kernels take the flag for an unknown command (-EINVAL).
 */
int bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
		  struct bpfsys_common_attr *common, unsigned int common_size);

/*
 * Creates a map of attr->map_type. Nothing is written back.
 *
 * BPF_MAP_CREATE, since 3.18. What it needs depends on the type. Returns a
 * file descriptor of the map. The kernel's side: map_create_alloc() and the
 * map_alloc() of the type; errnos: lib/abi/map.def.
 */
int bpfsys_map_create(const struct bpfsys_map_create_attr *attr);

/*
 * Copies the value of the element *attr->key (key_size bytes) to attr->value
 * (value_size bytes; per-CPU maps: value_size rounded up to 8 for every
 * possible CPU). Written back: The value.
 *
 * BPF_MAP_LOOKUP_ELEM, since 3.18. Returns 0. The kernel's side:
 * map_lookup_elem(); errnos: lib/abi/map.def.
 */
int bpfsys_map_lookup_elem(const struct bpfsys_map_elem_attr *attr);

/*
 * Stores *attr->value under *attr->key, as attr->flags says: BPF_ANY,
 * BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK. Nothing is written back.
 *
 * BPF_MAP_UPDATE_ELEM, since 3.18. Returns 0. The kernel's side:
 * map_update_elem(); errnos: lib/abi/map.def.
 */
int bpfsys_map_update_elem(const struct bpfsys_map_elem_attr *attr);

/*
 * Deletes the element *attr->key. Nothing is written back.
 *
 * BPF_MAP_DELETE_ELEM, since 3.18. Returns 0. The kernel's side:
 * map_delete_elem(); errnos: lib/abi/map.def.
 */
int bpfsys_map_delete_elem(const struct bpfsys_map_elem_attr *attr);

/*
 * Finds the key after *attr->key; the first one where attr->key is NULL or is
 * not in the map. Written back: key_size bytes at attr->next_key.
 *
 * BPF_MAP_GET_NEXT_KEY, since 3.18. Returns 0. The kernel's side:
 * map_get_next_key(); errnos: lib/abi/map.def.
 */
int bpfsys_map_get_next_key(const struct bpfsys_map_elem_attr *attr);

/*
 * Copies the value of an element to attr->value and deletes the element.
 * Queues and stacks take no key. Written back: The value.
 *
 * BPF_MAP_LOOKUP_AND_DELETE_ELEM, since 4.20. Returns 0. The kernel's side:
 * map_lookup_and_delete_elem(); errnos: lib/abi/map.def.
 */
int bpfsys_map_lookup_and_delete_elem(const struct bpfsys_map_elem_attr *attr);

/*
 * Makes the map read-only for system calls, for good; programs still write.
 * Nothing is written back.
 *
 * BPF_MAP_FREEZE, since 5.2. Returns 0. The kernel's side: map_freeze();
 * errnos: lib/abi/map.def.
 */
int bpfsys_map_freeze(const struct bpfsys_map_elem_attr *attr);

/*
 * Copies up to attr->count elements to attr->keys and attr->values, from where
 * *attr->in_batch says; NULL starts. Written back: attr->count (elements
 * copied; on errors other than EFAULT too), *attr->out_batch (where to go on),
 * keys and values.
 *
 * BPF_MAP_LOOKUP_BATCH, since 5.6. Returns 0; -ENOENT at the end of the map,
 * with the last elements. The kernel's side: generic_map_lookup_batch(),
 * __htab_map_lookup_and_delete_batch(); errnos: lib/abi/map.def.
 */
int bpfsys_map_lookup_batch(struct bpfsys_map_batch_attr *attr);

/*
 * As bpfsys_map_lookup_batch(), and deletes the elements that it copied.
 * Written back: attr->count, *attr->out_batch, keys and values.
 *
 * BPF_MAP_LOOKUP_AND_DELETE_BATCH, since 5.6. Returns 0; -ENOENT at the end of
 * the map, with the last elements. The kernel's side:
 * __htab_map_lookup_and_delete_batch(); errnos: lib/abi/map.def.
 */
int bpfsys_map_lookup_and_delete_batch(struct bpfsys_map_batch_attr *attr);

/*
 * Stores attr->count elements from attr->keys and attr->values, in order.
 * Written back: attr->count: elements stored, when an element fails too.
 *
 * BPF_MAP_UPDATE_BATCH, since 5.6. Returns 0. The kernel's side:
 * generic_map_update_batch(); errnos: lib/abi/map.def.
 */
int bpfsys_map_update_batch(struct bpfsys_map_batch_attr *attr);

/*
 * Deletes the attr->count elements of attr->keys, in order. Written back:
 * attr->count: elements deleted, when an element fails too.
 *
 * BPF_MAP_DELETE_BATCH, since 5.6. Returns 0. The kernel's side:
 * generic_map_delete_batch(); errnos: lib/abi/map.def.
 */
int bpfsys_map_delete_batch(struct bpfsys_map_batch_attr *attr);

/*
 * Verifies a program of attr->insn_cnt instructions of 8 bytes and loads it.
 * Written back: The verifier's log to attr->log_buf (log_size bytes);
 * attr->log_true_size (since 6.4); the record size that the kernel knows,
 * where one is too large.
 *
 * BPF_PROG_LOAD, since 3.18. What it needs depends on the type. Returns a file
 * descriptor of the program. The kernel's side: bpf_prog_load(), bpf_check();
 * errnos: lib/abi/prog.def.
 */
int bpfsys_prog_load(struct bpfsys_prog_load_attr *attr);

/*
 * Attaches the program attr->attach_bpf_fd to a hook of attr->target_fd or
 * attr->target_ifindex. Nothing is written back.
 *
 * BPF_PROG_ATTACH, since 4.10. What it needs depends on the type. Returns 0.
 * The kernel's side: bpf_prog_attach(); errnos: lib/abi/prog.def.
 */
int bpfsys_prog_attach(const struct bpfsys_prog_attach_attr *attr);

/*
 * Detaches the program attr->attach_bpf_fd from a hook. Nothing is written
 * back.
 *
 * BPF_PROG_DETACH, since 4.10. What it needs depends on the type. Returns 0.
 * The kernel's side: bpf_prog_detach(); errnos: lib/abi/prog.def.
 */
int bpfsys_prog_detach(const struct bpfsys_prog_attach_attr *attr);

/*
 * Runs the program attr->repeat times on attr->data_in and attr->ctx_in.
 * Written back: attr->retval, attr->duration (ns of one run), data_out and
 * ctx_out with attr->data_size_out and attr->ctx_size_out (bytes there are,
 * when ENOSPC too).
 *
 * BPF_PROG_TEST_RUN, since 4.12. Needs no capability. Returns 0. The kernel's
 * side: bpf_prog_test_run() and the test_run of the program type; errnos:
 * lib/abi/prog.def.
 */
int bpfsys_prog_test_run(struct bpfsys_prog_test_run_attr *attr);

/*
 * Lists the programs that are attached to a hook. Written back: attr->prog_cnt
 * (programs there are), attr->attach_flags, attr->revision (since 6.6), ids at
 * attr->prog_ids and, where asked for, the other arrays.
 *
 * BPF_PROG_QUERY, since 4.15. Needs CAP_NET_ADMIN or CAP_SYS_ADMIN. Returns 0.
 * The kernel's side: bpf_prog_query(); errnos: lib/abi/prog.def.
 */
int bpfsys_prog_query(struct bpfsys_prog_query_attr *attr);

/*
 * Attaches a program to the raw tracepoint attr->name, or a tracing program
 * (name NULL) to what it was loaded for. Nothing is written back.
 *
 * BPF_RAW_TRACEPOINT_OPEN, since 4.17. Needs no capability. Returns a file
 * descriptor; closing the last one detaches. The kernel's side:
 * bpf_raw_tracepoint_open(); errnos: lib/abi/prog.def.
 */
int bpfsys_raw_tracepoint_open(const struct bpfsys_raw_tracepoint_attr *attr);

/*
 * Keeps the map attr->map_fd alive as long as the program attr->prog_fd.
 * Nothing is written back.
 *
 * BPF_PROG_BIND_MAP, since 5.10. Returns 0, also where the map was bound
 * before. The kernel's side: bpf_prog_bind_map(); errnos: lib/abi/prog.def.
 */
int bpfsys_prog_bind_map(const struct bpfsys_prog_bind_map_attr *attr);

/*
 * Reads what a program printed to its stream attr->stream_id (1: stdout, 2:
 * stderr). Written back: Up to attr->stream_buf_len bytes at attr->stream_buf.
 *
 * BPF_PROG_STREAM_READ_BY_FD, since 6.17. Returns the number of bytes read, 0
 * when there are none. The kernel's side: prog_stream_read(); errnos:
 * lib/abi/prog.def.
 */
int bpfsys_prog_stream_read_by_fd(
	const struct bpfsys_prog_stream_read_attr *attr);

/*
 * Lets the program attr->prog_fd call kfuncs in the name of the struct_ops map
 * attr->map_fd. Nothing is written back.
 *
 * BPF_PROG_ASSOC_STRUCT_OPS, since 7.0. Returns 0. The kernel's side:
 * prog_assoc_struct_ops(); errnos: lib/abi/prog.def.
 */
int bpfsys_prog_assoc_struct_ops(
	const struct bpfsys_prog_assoc_struct_ops_attr *attr);

/*
 * Gives the map, program or link attr->bpf_fd the name attr->pathname in a bpf
 * filesystem. Nothing is written back.
 *
 * BPF_OBJ_PIN, since 4.4. Returns 0. The kernel's side: bpf_obj_pin_user();
 * errnos: lib/abi/obj.def.
 */
int bpfsys_obj_pin(const struct bpfsys_obj_attr *attr);

/*
 * Opens the object pinned at attr->pathname. Nothing is written back.
 *
 * BPF_OBJ_GET, since 4.4. Returns a file descriptor of the object. The
 * kernel's side: bpf_obj_get_user(); errnos: lib/abi/obj.def.
 */
int bpfsys_obj_get(const struct bpfsys_obj_attr *attr);

/*
 * Finds the lowest id of a program above attr->start_id; 0 starts the walk.
 * Written back: attr->next_id.
 *
 * BPF_PROG_GET_NEXT_ID, since 4.13. Needs CAP_SYS_ADMIN. Returns 0; -ENOENT
 * when there is none. The kernel's side: bpf_obj_get_next_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_prog_get_next_id(struct bpfsys_get_id_attr *attr);

/*
 * Finds the lowest id of a map above attr->start_id; 0 starts the walk.
 * Written back: attr->next_id.
 *
 * BPF_MAP_GET_NEXT_ID, since 4.13. Needs CAP_SYS_ADMIN. Returns 0; -ENOENT
 * when there is none. The kernel's side: bpf_obj_get_next_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_map_get_next_id(struct bpfsys_get_id_attr *attr);

/*
 * Finds the lowest id of a BTF above attr->start_id; 0 starts the walk.
 * Written back: attr->next_id.
 *
 * BPF_BTF_GET_NEXT_ID, since 5.4. Needs CAP_SYS_ADMIN. Returns 0; -ENOENT when
 * there is none. The kernel's side: bpf_obj_get_next_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_btf_get_next_id(struct bpfsys_get_id_attr *attr);

/*
 * Finds the lowest id of a link above attr->start_id; 0 starts the walk.
 * Written back: attr->next_id.
 *
 * BPF_LINK_GET_NEXT_ID, since 5.8. Needs CAP_SYS_ADMIN. Returns 0; -ENOENT
 * when there is none. The kernel's side: bpf_obj_get_next_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_link_get_next_id(struct bpfsys_get_id_attr *attr);

/*
 * Opens the program of id attr->prog_id. Nothing is written back.
 *
 * BPF_PROG_GET_FD_BY_ID, since 4.13. Needs CAP_SYS_ADMIN. Returns a file
 * descriptor of the program. The kernel's side: bpf_prog_get_fd_by_id();
 * errnos: lib/abi/obj.def.
 */
int bpfsys_prog_get_fd_by_id(const struct bpfsys_get_id_attr *attr);

/*
 * Opens the map of id attr->map_id. Nothing is written back.
 *
 * BPF_MAP_GET_FD_BY_ID, since 4.13. Needs CAP_SYS_ADMIN. Returns a file
 * descriptor of the map. The kernel's side: bpf_map_get_fd_by_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_map_get_fd_by_id(const struct bpfsys_get_id_attr *attr);

/*
 * Opens the BTF of id attr->btf_id. Nothing is written back.
 *
 * BPF_BTF_GET_FD_BY_ID, since 4.18. Needs CAP_SYS_ADMIN. Returns a file
 * descriptor of the BTF. The kernel's side: bpf_btf_get_fd_by_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_btf_get_fd_by_id(const struct bpfsys_get_id_attr *attr);

/*
 * Opens the link of id attr->link_id. Nothing is written back.
 *
 * BPF_LINK_GET_FD_BY_ID, since 5.8. Needs CAP_SYS_ADMIN. Returns a file
 * descriptor of the link. The kernel's side: bpf_link_get_fd_by_id(); errnos:
 * lib/abi/obj.def.
 */
int bpfsys_link_get_fd_by_id(const struct bpfsys_get_id_attr *attr);

/*
 * Describes the program, map, BTF or link attr->bpf_fd; bytes at attr->info
 * past what the kernel knows must be zero. Written back: Up to attr->info_len
 * bytes at attr->info, and attr->info_len: bytes that the kernel filled.
 *
 * BPF_OBJ_GET_INFO_BY_FD, since 4.13. Returns 0. The kernel's side:
 * bpf_obj_get_info_by_fd(); errnos: lib/abi/obj.def.
 */
int bpfsys_obj_get_info_by_fd(struct bpfsys_obj_info_attr *attr);

/*
 * Checks BTF of attr->btf_size bytes (16 MiB at most) and keeps it. Written
 * back: The log to attr->btf_log_buf (btf_log_size bytes);
 * attr->btf_log_true_size (since 6.4).
 *
 * BPF_BTF_LOAD, since 4.18. Needs CAP_BPF. Returns a file descriptor of the
 * BTF. The kernel's side: bpf_btf_load(), btf_parse(); errnos:
 * lib/abi/btf.def.
 */
int bpfsys_btf_load(struct bpfsys_btf_load_attr *attr);

/*
 * Attaches the program attr->prog_fd (or the struct_ops map attr->map_fd) and
 * makes a link, which detaches when the last reference to it goes. Nothing is
 * written back.
 *
 * BPF_LINK_CREATE, since 5.7. What it needs depends on the type. Returns a
 * file descriptor of the link. The kernel's side: link_create(); errnos:
 * lib/abi/link.def.
 */
int bpfsys_link_create(const struct bpfsys_link_create_attr *attr);

/*
 * Replaces the program (or struct_ops map) of a link; with BPF_F_REPLACE only
 * if it is attr->old_prog_fd. Nothing is written back.
 *
 * BPF_LINK_UPDATE, since 5.7. What it needs depends on the type. Returns 0.
 * The kernel's side: link_update(); errnos: lib/abi/link.def.
 */
int bpfsys_link_update(const struct bpfsys_link_update_attr *attr);

/*
 * Detaches a link for good; it stays as an object that does nothing. Nothing
 * is written back.
 *
 * BPF_LINK_DETACH, since 5.9. Returns 0, also when it was detached before. The
 * kernel's side: link_detach(); errnos: lib/abi/link.def.
 */
int bpfsys_link_detach(const struct bpfsys_link_detach_attr *attr);

/*
 * Opens an iterator that the link attr->link_fd defines; read(2) runs it.
 * Nothing is written back.
 *
 * BPF_ITER_CREATE, since 5.8. Returns a file descriptor to read from. The
 * kernel's side: bpf_iter_create(); errnos: lib/abi/link.def.
 */
int bpfsys_iter_create(const struct bpfsys_iter_create_attr *attr);

/*
 * Counts run time and runs of all programs while the descriptor is open.
 * Nothing is written back.
 *
 * BPF_ENABLE_STATS, since 5.8. Needs CAP_SYS_ADMIN. Returns a file descriptor.
 * The kernel's side: bpf_enable_stats(); errnos: lib/abi/sys.def.
 */
int bpfsys_enable_stats(const struct bpfsys_enable_stats_attr *attr);

/*
 * Says which program and probe stand behind the fd attr->fd of the task
 * attr->pid. Written back: attr->prog_id, attr->fd_type, attr->probe_offset,
 * attr->probe_addr, the name at attr->buf (buf_len bytes) and attr->buf_len:
 * its length.
 *
 * BPF_TASK_FD_QUERY, since 4.18. Needs CAP_SYS_ADMIN. Returns 0; -ENOSPC with
 * a truncated name. The kernel's side: bpf_task_fd_query(); errnos:
 * lib/abi/sys.def.
 */
int bpfsys_task_fd_query(struct bpfsys_task_fd_query_attr *attr);

/*
 * Makes a token that delegates what the bpf filesystem attr->bpffs_fd was
 * mounted to delegate. Nothing is written back.
 *
 * BPF_TOKEN_CREATE, since 6.9. Needs CAP_BPF. Returns a file descriptor of the
 * token. The kernel's side: bpf_token_create(); errnos: lib/abi/sys.def.
 */
int bpfsys_token_create(const struct bpfsys_token_create_attr *attr);

#ifdef __cplusplus
}
#endif

#endif
