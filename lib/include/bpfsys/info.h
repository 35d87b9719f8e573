/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What BPF_OBJ_GET_INFO_BY_FD fills in, for programs, maps, BTF and links, so
 * that a program does not depend on how new the <linux/bpf.h> of its build
 * machine is.
 *
 * Clear a struct before the call: pointers and lengths in it are read by the
 * kernel, bytes that the kernel does not know must be zero. A kernel older
 * than a field leaves it zero and says in info_len how far it got.
 */
#ifndef BPFSYS_INFO_H
#define BPFSYS_INFO_H

#include <bpfsys/attr.h>

#ifdef __cplusplus
extern "C" {
#ifdef __clang__
/* The kernel's unions hold unnamed structs; C++ calls that an extension. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnested-anon-types"
#endif
#endif

#define BPFSYS_TAG_SIZE 8

/* A program (since 4.13). */
struct bpfsys_prog_info {
	uint32_t type; /* enum bpf_prog_type */
	uint32_t id;
	uint8_t tag[BPFSYS_TAG_SIZE];
	uint32_t jited_prog_len;      /* bytes; in: room */
	uint32_t xlated_prog_len;     /* bytes; in: room */
	bpfsys_u64 jited_prog_insns;  /* pointer */
	bpfsys_u64 xlated_prog_insns; /* pointer */
	bpfsys_u64 load_time;	      /* ns since boot */
	uint32_t created_by_uid;
	uint32_t nr_map_ids; /* in: room at map_ids */
	bpfsys_u64 map_ids;  /* pointer */
	char name[BPFSYS_OBJ_NAME_LEN];
	uint32_t ifindex;
	uint32_t gpl_compatible : 1;
	uint32_t reserved : 31;
	bpfsys_u64 netns_dev;
	bpfsys_u64 netns_ino;
	uint32_t nr_jited_ksyms;     /* in: room */
	uint32_t nr_jited_func_lens; /* in: room */
	bpfsys_u64 jited_ksyms;	     /* pointer */
	bpfsys_u64 jited_func_lens;  /* pointer */
	uint32_t btf_id;
	uint32_t func_info_rec_size;
	bpfsys_u64 func_info; /* pointer */
	uint32_t nr_func_info;
	uint32_t nr_line_info;
	bpfsys_u64 line_info;	    /* pointer */
	bpfsys_u64 jited_line_info; /* pointer */
	uint32_t nr_jited_line_info;
	uint32_t line_info_rec_size;
	uint32_t jited_line_info_rec_size;
	uint32_t nr_prog_tags;
	bpfsys_u64 prog_tags;	     /* pointer */
	bpfsys_u64 run_time_ns;	     /* while BPF_ENABLE_STATS is on */
	bpfsys_u64 run_cnt;	     /* while BPF_ENABLE_STATS is on */
	bpfsys_u64 recursion_misses; /* since 5.12 */
	uint32_t verified_insns;     /* since 5.16 */
	uint32_t attach_btf_obj_id;  /* since 6.0 */
	uint32_t attach_btf_id;	     /* since 6.0 */
	uint32_t reserved2;
};

/* A map (since 4.13). */
struct bpfsys_map_info {
	uint32_t type; /* enum bpf_map_type */
	uint32_t id;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t map_flags;
	char name[BPFSYS_OBJ_NAME_LEN];
	uint32_t ifindex;
	uint32_t btf_vmlinux_value_type_id;
	bpfsys_u64 netns_dev;
	bpfsys_u64 netns_ino;
	uint32_t btf_id;
	uint32_t btf_key_type_id;
	uint32_t btf_value_type_id;
	uint32_t btf_vmlinux_id; /* since 6.9 */
	bpfsys_u64 map_extra;	 /* since 5.16 */
	bpfsys_u64 hash;	 /* pointer, since 6.18 */
	uint32_t hash_size;	 /* bytes at hash, since 6.18 */
	uint32_t reserved;
};

/* BTF (since 4.18). */
struct bpfsys_btf_info {
	bpfsys_u64 btf;	   /* pointer */
	uint32_t btf_size; /* in: room at btf; out: bytes there are */
	uint32_t id;
	bpfsys_u64 name;     /* pointer, since 5.11 */
	uint32_t name_len;   /* in: room; out: length, since 5.11 */
	uint32_t kernel_btf; /* since 5.11 */
};

/* A link (since 5.8). */
struct bpfsys_link_info {
	uint32_t type; /* enum bpf_link_type */
	uint32_t id;
	uint32_t prog_id;
	union {
		struct {
			bpfsys_u64 tp_name;   /* pointer */
			uint32_t tp_name_len; /* in: room; out: length */
			uint32_t reserved;
			bpfsys_u64 cookie; /* since 6.19 */
		} raw_tracepoint;
		struct {
			uint32_t attach_type;
			uint32_t target_obj_id;
			uint32_t target_btf_id;
			uint32_t reserved;
			bpfsys_u64 cookie; /* since 6.19 */
		} tracing;
		struct {
			bpfsys_u64 cgroup_id;
			uint32_t attach_type;
		} cgroup;
		struct {
			bpfsys_u64 target_name; /* pointer */
			uint32_t target_name_len;
			union {
				struct {
					uint32_t map_id;
				} map;
			};
			union {
				struct {
					bpfsys_u64 cgroup_id;
					uint32_t order;
				} cgroup; /* since 6.1 */
				struct {
					uint32_t tid;
					uint32_t pid;
				} task; /* since 6.1 */
			};
		} iter;
		struct {
			uint32_t netns_ino;
			uint32_t attach_type;
		} netns;
		struct {
			uint32_t ifindex;
		} xdp;
		struct {
			uint32_t map_id;
		} struct_ops;
		struct {
			uint32_t pf;
			uint32_t hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct {
			bpfsys_u64 addrs; /* pointer */
			uint32_t count;	  /* in: room; out: functions */
			uint32_t flags;
			bpfsys_u64 missed;
			bpfsys_u64 cookies; /* pointer */
		} kprobe_multi;
		struct {
			bpfsys_u64 path;	    /* pointer */
			bpfsys_u64 offsets;	    /* pointer */
			bpfsys_u64 ref_ctr_offsets; /* pointer */
			bpfsys_u64 cookies;	    /* pointer */
			uint32_t path_size;	    /* in: room; out: length */
			uint32_t count;		    /* in: room; out: probes */
			uint32_t flags;
			uint32_t pid;
		} uprobe_multi;
		struct { /* since 7.3 */
			uint32_t attach_type;
			uint32_t count; /* in: room; out: targets */
			uint32_t btf_obj_id;
			uint32_t reserved;
			bpfsys_u64 ids;	    /* pointer */
			bpfsys_u64 addrs;   /* pointer */
			bpfsys_u64 cookies; /* pointer */
		} tracing_multi;
		struct {
			uint32_t type; /* enum bpf_perf_event_type */
			uint32_t reserved;
			union {
				struct {
					bpfsys_u64 file_name; /* pointer */
					uint32_t name_len;
					uint32_t offset;
					bpfsys_u64 cookie;
					bpfsys_u64 ref_ctr_offset;
				} uprobe;
				struct {
					bpfsys_u64 func_name; /* pointer */
					uint32_t name_len;
					uint32_t offset;
					bpfsys_u64 addr;
					bpfsys_u64 missed;
					bpfsys_u64 cookie;
				} kprobe;
				struct {
					bpfsys_u64 tp_name; /* pointer */
					uint32_t name_len;
					uint32_t reserved;
					bpfsys_u64 cookie;
				} tracepoint;
				struct {
					bpfsys_u64 config;
					uint32_t type;
					uint32_t reserved;
					bpfsys_u64 cookie;
				} event;
			};
		} perf_event;
		struct {
			uint32_t ifindex;
			uint32_t attach_type;
		} tcx;
		struct {
			uint32_t ifindex;
			uint32_t attach_type;
		} netkit;
		struct {
			uint32_t map_id;
			uint32_t attach_type;
		} sockmap;
	};
};

#ifdef __cplusplus
#ifdef __clang__
#pragma clang diagnostic pop
#endif
}
#endif

#endif
