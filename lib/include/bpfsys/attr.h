/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The argument of bpf(2), one struct for each group of commands that share a
 * member of union bpf_attr, so that a program does not depend on how new the
 * <linux/bpf.h> of its build machine is.
 *
 * Field names, offsets and sizes are the kernel's. Pointers travel as 64-bit
 * integers: fill them with bpfsys_ptr(). Clear a struct with memset() before
 * setting its fields: the kernel refuses non-zero bytes that it does not know,
 * padding included. Fields marked "out" are written by the kernel.
 */
#ifndef BPFSYS_ATTR_H
#define BPFSYS_ATTR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#ifdef __clang__
/* The kernel's unions hold unnamed structs; C++ calls that an extension. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnested-anon-types"
#endif
#endif

/* 64-bit fields sit on 8-byte boundaries on every architecture, i386 too. */
typedef uint64_t __attribute__((aligned(8))) bpfsys_u64;

#define BPFSYS_OBJ_NAME_LEN 16

/* The value of a pointer field for PTR. */
static inline bpfsys_u64 bpfsys_ptr(const void *ptr)
{
	return (bpfsys_u64)(uintptr_t)ptr;
}

/* BPF_MAP_CREATE */
struct bpfsys_map_create_attr {
	uint32_t map_type;     /* enum bpf_map_type */
	uint32_t key_size;     /* bytes */
	uint32_t value_size;   /* bytes */
	uint32_t max_entries;  /* entries; bytes for ring buffers */
	uint32_t map_flags;    /* BPF_F_* of map creation */
	uint32_t inner_map_fd; /* template of the maps held by a map-in-map */
	uint32_t numa_node;    /* used with BPF_F_NUMA_NODE */
	char map_name[BPFSYS_OBJ_NAME_LEN]; /* NUL-terminated, [A-Za-z0-9_.] */
	uint32_t map_ifindex;		    /* device for an offloaded map */
	uint32_t btf_fd;		    /* BTF of key and value */
	uint32_t btf_key_type_id;
	uint32_t btf_value_type_id;
	uint32_t btf_vmlinux_value_type_id; /* struct_ops value type */
	bpfsys_u64 map_extra;		    /* per map type, since 5.16 */
	int32_t value_type_btf_obj_fd;	    /* module BTF, since 6.9 */
	int32_t map_token_fd;		    /* with BPF_F_TOKEN_FD, since 6.9 */
	bpfsys_u64 excl_prog_hash;	    /* pointer, since 6.18 */
	uint32_t excl_prog_hash_size;	    /* bytes, since 6.18 */
};

/* BPF_MAP_LOOKUP_ELEM, _UPDATE_ELEM, _DELETE_ELEM, _GET_NEXT_KEY,
 * _LOOKUP_AND_DELETE_ELEM and BPF_MAP_FREEZE */
struct bpfsys_map_elem_attr {
	uint32_t map_fd;
	bpfsys_u64 key; /* pointer to the map's key_size bytes */
	union {
		bpfsys_u64 value;    /* pointer to the value's bytes */
		bpfsys_u64 next_key; /* pointer to key_size bytes to fill */
	};
	bpfsys_u64 flags; /* BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK */
};

/* BPF_MAP_LOOKUP_BATCH, _LOOKUP_AND_DELETE_BATCH, _UPDATE_BATCH,
 * _DELETE_BATCH */
struct bpfsys_map_batch_attr {
	bpfsys_u64 in_batch;  /* pointer: where to go on, NULL to start */
	bpfsys_u64 out_batch; /* pointer: where the next batch starts */
	bpfsys_u64 keys;      /* pointer to count keys */
	bpfsys_u64 values;    /* pointer to count values */
	uint32_t count;	      /* in: elements wanted; out: elements done */
	uint32_t map_fd;
	bpfsys_u64 elem_flags; /* BPF_F_LOCK */
	bpfsys_u64 flags;
};

/* BPF_PROG_LOAD */
struct bpfsys_prog_load_attr {
	uint32_t prog_type;    /* enum bpf_prog_type */
	uint32_t insn_cnt;     /* instructions of 8 bytes */
	bpfsys_u64 insns;      /* pointer to struct bpf_insn[insn_cnt] */
	bpfsys_u64 license;    /* pointer to a NUL-terminated string */
	uint32_t log_level;    /* verbosity of the verifier, 0: no log */
	uint32_t log_size;     /* bytes at log_buf */
	bpfsys_u64 log_buf;    /* pointer */
	uint32_t kern_version; /* not looked at since 5.0 */
	uint32_t prog_flags;
	char prog_name[BPFSYS_OBJ_NAME_LEN];
	uint32_t prog_ifindex;
	uint32_t expected_attach_type; /* enum bpf_attach_type */
	uint32_t prog_btf_fd;
	uint32_t func_info_rec_size; /* bytes of one record */
	bpfsys_u64 func_info;	     /* pointer to func_info_cnt records */
	uint32_t func_info_cnt;
	uint32_t line_info_rec_size; /* bytes of one record */
	bpfsys_u64 line_info;	     /* pointer to line_info_cnt records */
	uint32_t line_info_cnt;
	uint32_t attach_btf_id; /* BTF type id of the attach target */
	union {
		uint32_t attach_prog_fd;    /* program to attach to */
		uint32_t attach_btf_obj_fd; /* BTF of a module, 0: vmlinux */
	};
	uint32_t core_relo_cnt;	     /* since 5.17 */
	bpfsys_u64 fd_array;	     /* pointer to fds, since 5.14 */
	bpfsys_u64 core_relos;	     /* pointer, since 5.17 */
	uint32_t core_relo_rec_size; /* bytes of one record, since 5.17 */
	uint32_t log_true_size;	     /* out: bytes of the whole log, 6.4 */
	int32_t prog_token_fd;	     /* with BPF_F_TOKEN_FD, since 6.9 */
	uint32_t fd_array_cnt;	     /* fds at fd_array, since 6.14 */
	bpfsys_u64 signature;	     /* pointer, since 6.18 */
	uint32_t signature_size;     /* bytes, since 6.18 */
	int32_t keyring_id;	     /* keyring to verify with, since 6.18 */
};

/* BPF_OBJ_PIN, BPF_OBJ_GET */
struct bpfsys_obj_attr {
	bpfsys_u64 pathname; /* pointer to a NUL-terminated path */
	uint32_t bpf_fd;     /* BPF_OBJ_PIN: what to pin */
	uint32_t file_flags; /* BPF_F_RDONLY, BPF_F_WRONLY, BPF_F_PATH_FD */
	int32_t path_fd;     /* with BPF_F_PATH_FD, since 6.5 */
};

/* BPF_PROG_ATTACH, BPF_PROG_DETACH */
struct bpfsys_prog_attach_attr {
	union {
		uint32_t target_fd;	 /* cgroup, sockmap, ... */
		uint32_t target_ifindex; /* tcx, netkit */
	};
	uint32_t attach_bpf_fd; /* program */
	uint32_t attach_type;	/* enum bpf_attach_type */
	uint32_t attach_flags;	/* BPF_F_ALLOW_*, BPF_F_REPLACE, ... */
	uint32_t replace_bpf_fd;
	union {
		uint32_t relative_fd; /* with BPF_F_BEFORE/AFTER, since 6.6 */
		uint32_t relative_id; /* and BPF_F_ID, since 6.6 */
	};
	bpfsys_u64 expected_revision; /* since 6.6 */
};

/* BPF_PROG_TEST_RUN */
struct bpfsys_prog_test_run_attr {
	uint32_t prog_fd;
	uint32_t retval;	/* out: what the program returned */
	uint32_t data_size_in;	/* bytes at data_in */
	uint32_t data_size_out; /* in: room at data_out; out: bytes there are */
	bpfsys_u64 data_in;	/* pointer */
	bpfsys_u64 data_out;	/* pointer */
	uint32_t repeat;	/* runs; 0 is 1 */
	uint32_t duration;	/* out: ns of one run, averaged */
	uint32_t ctx_size_in;	/* bytes at ctx_in, since 5.2 */
	uint32_t ctx_size_out;	/* in: room; out: bytes there are, since 5.2 */
	bpfsys_u64 ctx_in;	/* pointer, since 5.2 */
	bpfsys_u64 ctx_out;	/* pointer, since 5.2 */
	uint32_t flags;		/* BPF_F_TEST_*, since 5.10 */
	uint32_t cpu;		/* with BPF_F_TEST_RUN_ON_CPU, since 5.10 */
	uint32_t batch_size;	/* XDP live frames, since 5.18 */
};

/* BPF_{PROG,MAP,BTF,LINK}_GET_NEXT_ID, BPF_{PROG,MAP,BTF,LINK}_GET_FD_BY_ID */
struct bpfsys_get_id_attr {
	union {
		uint32_t start_id; /* the walk starts after this id */
		uint32_t prog_id;
		uint32_t map_id;
		uint32_t btf_id;
		uint32_t link_id;
	};
	uint32_t next_id;	   /* out: the next id of the walk */
	uint32_t open_flags;	   /* MAP_GET_FD_BY_ID: BPF_F_RDONLY, _WRONLY */
	int32_t fd_by_id_token_fd; /* BTF_GET_FD_BY_ID, since 6.17 */
};

/* BPF_OBJ_GET_INFO_BY_FD */
struct bpfsys_obj_info_attr {
	uint32_t bpf_fd;
	uint32_t info_len; /* in: bytes at info; out: bytes the kernel filled */
	bpfsys_u64 info;   /* pointer to struct bpf_{prog,map,btf,link}_info */
};

/* BPF_PROG_QUERY */
struct bpfsys_prog_query_attr {
	union {
		uint32_t target_fd;
		uint32_t target_ifindex;
	};
	uint32_t attach_type;
	uint32_t query_flags;  /* BPF_F_QUERY_EFFECTIVE */
	uint32_t attach_flags; /* out */
	bpfsys_u64 prog_ids;   /* pointer to room for prog_cnt ids */
	union {
		uint32_t prog_cnt; /* in: room; out: programs there are */
		uint32_t count;
	};
	uint32_t reserved; /* unnamed padding in the kernel's struct */
	bpfsys_u64 prog_attach_flags; /* pointer, since 6.0 */
	bpfsys_u64 link_ids;	      /* pointer, since 6.6 */
	bpfsys_u64 link_attach_flags; /* pointer, since 6.6 */
	bpfsys_u64 revision;	      /* out, since 6.6 */
};

/* BPF_RAW_TRACEPOINT_OPEN */
struct bpfsys_raw_tracepoint_attr {
	bpfsys_u64 name; /* pointer to a NUL-terminated name, or NULL */
	uint32_t prog_fd;
	uint32_t reserved; /* unnamed padding in the kernel's struct */
	bpfsys_u64 cookie; /* since 6.10 */
};

/* BPF_BTF_LOAD */
struct bpfsys_btf_load_attr {
	bpfsys_u64 btf;		/* pointer to btf_size bytes */
	bpfsys_u64 btf_log_buf; /* pointer */
	uint32_t btf_size;	/* bytes */
	uint32_t btf_log_size;	/* bytes at btf_log_buf */
	uint32_t btf_log_level;
	uint32_t btf_log_true_size; /* out: bytes of the whole log, since 6.4 */
	uint32_t btf_flags;	    /* BPF_F_TOKEN_FD, since 6.9 */
	int32_t btf_token_fd;	    /* since 6.9 */
};

/* BPF_TASK_FD_QUERY */
struct bpfsys_task_fd_query_attr {
	uint32_t pid;
	uint32_t fd; /* of that task */
	uint32_t flags;
	uint32_t buf_len;	 /* in: bytes at buf; out: length of the name */
	bpfsys_u64 buf;		 /* pointer: room for the name */
	uint32_t prog_id;	 /* out */
	uint32_t fd_type;	 /* out: enum bpf_task_fd_type */
	bpfsys_u64 probe_offset; /* out */
	bpfsys_u64 probe_addr;	 /* out */
};

/* BPF_LINK_CREATE */
struct bpfsys_link_create_attr {
	union {
		uint32_t prog_fd;
		uint32_t map_fd; /* struct_ops map, since 6.4 */
	};
	union {
		uint32_t target_fd;
		uint32_t target_ifindex;
	};
	uint32_t attach_type;
	uint32_t flags;
	union {
		uint32_t target_btf_id;
		__extension__ struct {
			bpfsys_u64 iter_info;	/* union bpf_iter_link_info * */
			uint32_t iter_info_len; /* bytes at iter_info */
		};
		struct {
			bpfsys_u64 bpf_cookie; /* since 5.15 */
		} perf_event;
		struct { /* since 5.18 */
			uint32_t flags;
			uint32_t cnt;
			bpfsys_u64 syms;    /* pointer to cnt char pointers */
			bpfsys_u64 addrs;   /* pointer to cnt addresses */
			bpfsys_u64 cookies; /* pointer to cnt cookies */
		} kprobe_multi;
		struct { /* since 6.0 */
			uint32_t target_btf_id;
			bpfsys_u64 cookie;
		} tracing;
		struct { /* since 6.4 */
			uint32_t pf;
			uint32_t hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct { /* since 6.6 */
			union {
				uint32_t relative_fd;
				uint32_t relative_id;
			};
			bpfsys_u64 expected_revision;
		} tcx;
		struct {		 /* since 6.6 */
			bpfsys_u64 path; /* pointer to a NUL-terminated path */
			bpfsys_u64 offsets;	    /* pointer to cnt offsets */
			bpfsys_u64 ref_ctr_offsets; /* pointer to cnt offsets */
			bpfsys_u64 cookies;	    /* pointer to cnt cookies */
			uint32_t cnt;
			uint32_t flags;
			uint32_t pid;
			uint32_t path_fd; /* since 7.2 */
		} uprobe_multi;
		struct { /* since 6.7 */
			union {
				uint32_t relative_fd;
				uint32_t relative_id;
			};
			bpfsys_u64 expected_revision;
		} netkit;
		struct { /* since 6.17 */
			union {
				uint32_t relative_fd;
				uint32_t relative_id;
			};
			bpfsys_u64 expected_revision;
		} cgroup;
		struct {		    /* since 7.2 */
			bpfsys_u64 ids;	    /* pointer to cnt BTF ids */
			bpfsys_u64 cookies; /* pointer to cnt cookies */
			uint32_t cnt;
		} tracing_multi;
	};
};

/* BPF_LINK_UPDATE */
struct bpfsys_link_update_attr {
	uint32_t link_fd;
	union {
		uint32_t new_prog_fd;
		uint32_t new_map_fd; /* since 6.4 */
	};
	uint32_t flags; /* BPF_F_REPLACE */
	union {
		uint32_t old_prog_fd; /* with BPF_F_REPLACE */
		uint32_t old_map_fd;  /* with BPF_F_REPLACE, since 6.4 */
	};
};

/* BPF_LINK_DETACH */
struct bpfsys_link_detach_attr {
	uint32_t link_fd;
};

/* BPF_ENABLE_STATS */
struct bpfsys_enable_stats_attr {
	uint32_t type; /* enum bpf_stats_type */
};

/* BPF_ITER_CREATE */
struct bpfsys_iter_create_attr {
	uint32_t link_fd;
	uint32_t flags;
};

/* BPF_PROG_BIND_MAP */
struct bpfsys_prog_bind_map_attr {
	uint32_t prog_fd;
	uint32_t map_fd;
	uint32_t flags;
};

/* BPF_TOKEN_CREATE */
struct bpfsys_token_create_attr {
	uint32_t flags;
	uint32_t bpffs_fd; /* root directory of a bpffs with delegation */
};

/* BPF_PROG_STREAM_READ_BY_FD */
struct bpfsys_prog_stream_read_attr {
	bpfsys_u64 stream_buf;	 /* pointer to stream_buf_len bytes */
	uint32_t stream_buf_len; /* bytes */
	uint32_t stream_id;	 /* 1: stdout, 2: stderr of the program */
	uint32_t prog_fd;
};

/* BPF_PROG_ASSOC_STRUCT_OPS */
struct bpfsys_prog_assoc_struct_ops_attr {
	uint32_t map_fd; /* struct_ops map */
	uint32_t prog_fd;
	uint32_t flags;
};

/* The fourth argument: attributes that every command may carry. */
struct bpfsys_common_attr {
	bpfsys_u64 log_buf; /* pointer to log_size bytes */
	uint32_t log_size;  /* bytes */
	uint32_t log_level;
	uint32_t log_true_size; /* out: bytes of the whole log */
};

#ifdef __cplusplus
#ifdef __clang__
#pragma clang diagnostic pop
#endif
}
#endif

#endif
