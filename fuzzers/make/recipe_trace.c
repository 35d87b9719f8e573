// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Hooks of tracing: functions, tracepoints, probes, perf events, LSM. */
#include <string.h>

#include "recipes.h"

/* A program of tracing at NAME. */
static unsigned int make_traced(struct make *m, unsigned int attach_type,
				const char *name, int32_t result)
{
	unsigned int prog;
	struct code c;

	code_clear(&c);
	ret(&c, result);
	prog = load_code(m, &c,
			 attach_type == BPF_LSM_MAC ||
					 attach_type == BPF_LSM_CGROUP
				 ? BPF_PROG_TYPE_LSM
				 : BPF_PROG_TYPE_TRACING,
			 attach_type);
	put_name(m, "attach_btf_id", name);
	return prog;
}

static void run_nothing(struct make *m, unsigned int prog)
{
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
}

void recipe_link_tracing(struct make *m)
{
	static const struct {
		uint8_t attach_type;
		const char *name;
	} hooks[] = {
		{BPF_TRACE_FENTRY, "bpf_fentry_test1"},
		{BPF_TRACE_FEXIT, "bpf_fentry_test2"},
		{BPF_TRACE_FENTRY, "bpf_fentry_test3"},
		{BPF_MODIFY_RETURN, "bpf_modify_return_test"},
		{BPF_TRACE_FEXIT, "__x64_sys_getpgid"},
		{BPF_MODIFY_RETURN, "bpf_fentry_test1"},
	};
	unsigned int nr = any(m, COUNT_OF(hooks)), prog, link;

	prog = make_traced(m, hooks[nr].attach_type, hooks[nr].name, 0);
	if (one_in(m, 3)) {
		link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", prog);
	} else {
		link = link_begin(m, prog, hooks[nr].attach_type);
		if (one_in(m, 2))
			put(m, "tracing.cookie", 7);
	}
	run_nothing(m, prog);
	op(m, SEQ_RUN, SEQ_RUN_SYSCALL);
	use_link(m, link, prog);
	/* Again, once it is detached. */
	op_fd(m, SEQ_CLOSE, 0, link);
	link_begin(m, prog, hooks[nr].attach_type);
}

void recipe_link_lsm(struct make *m)
{
	static const struct {
		uint8_t attach_type;
		const char *name;
		uint8_t result;
	} hooks[] = {
		{BPF_LSM_MAC, "bpf_lsm_file_open", 0},
		{BPF_LSM_MAC, "bpf_lsm_bpf_map_create", 0},
		{BPF_LSM_MAC, "bpf_lsm_task_alloc", 0},
		{BPF_LSM_CGROUP, "bpf_lsm_socket_bind", 1},
		{BPF_LSM_CGROUP, "bpf_lsm_socket_bind", 1},
	};
	unsigned int nr = any(m, COUNT_OF(hooks)), prog, link;

	prog = make_traced(m, hooks[nr].attach_type, hooks[nr].name,
			   hooks[nr].result);
	if (hooks[nr].attach_type == BPF_LSM_MAC && one_in(m, 3)) {
		link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", prog);
	} else {
		link = link_begin(m, prog, hooks[nr].attach_type);
		if (hooks[nr].attach_type == BPF_LSM_CGROUP)
			put_given(m, "target_fd", SEQ_GIVEN_CGROUP);
	}
	any_event(m);
	use_link(m, link, prog);
}

void recipe_raw_tracepoint(struct make *m)
{
	static const char *const names[] = {"sys_enter",    "task_newtask",
					    "sched_switch", "bpf_test_finish",
					    "sys_exit",	    "no_such"};
	static const char *const types[] = {"btf_trace_sys_enter",
					    "btf_trace_task_newtask",
					    "btf_trace_bpf_test_finish"};
	unsigned int prog, link;

	if (one_in(m, 3)) {
		prog = make_traced(m, BPF_TRACE_RAW_TP,
				   types[any(m, COUNT_OF(types))], 0);
		if (one_in(m, 2)) {
			link = link_begin(m, prog, BPF_TRACE_RAW_TP);
		} else {
			link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
			put_fd(m, "prog_fd", prog);
		}
	} else {
		const bool writable = one_in(m, 4);

		prog = make_prog(m,
				 writable
					 ? BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE
					 : BPF_PROG_TYPE_RAW_TRACEPOINT,
				 0);
		link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", prog);
		put_text(m, "name",
			 writable ? names[3] : names[any(m, COUNT_OF(names))]);
		if (one_in(m, 2))
			put(m, "cookie", 5);
	}
	any_event(m);
	if (one_in(m, 2)) {
		bpf(m, BPFSYS_TASK_FD_QUERY);
		put_given(m, "pid", SEQ_GIVEN_PID);
		put_fd(m, "fd", link);
		put(m, "buf_len", 8 + 56 * any(m, 2));
		put_buf(m, "buf", NULL, 0, 64);
	}
	use_link_info(m, link, prog, "raw_tracepoint.");
}

void recipe_link_perf(struct make *m)
{
	static const struct {
		uint8_t type, given;
		const char *prefix;
	} events[] = {
		{BPF_PROG_TYPE_PERF_EVENT, SEQ_GIVEN_PERF_SOFTWARE, NULL},
		{BPF_PROG_TYPE_TRACEPOINT, SEQ_GIVEN_PERF_TRACEPOINT,
		 "perf_event.tracepoint."},
		{BPF_PROG_TYPE_TRACEPOINT, SEQ_GIVEN_PERF_SYSCALL,
		 "perf_event.tracepoint."},
		{BPF_PROG_TYPE_KPROBE, SEQ_GIVEN_PERF_KPROBE,
		 "perf_event.kprobe."},
		{BPF_PROG_TYPE_KPROBE, SEQ_GIVEN_PERF_UPROBE,
		 "perf_event.uprobe."},
	};
	unsigned int nr = any(m, COUNT_OF(events)), prog, link;

	prog = make_prog(m, events[nr].type, 0);
	link = link_begin(m, prog, BPF_PERF_EVENT);
	put_given(m, "target_fd", (enum seq_given)events[nr].given);
	if (one_in(m, 2))
		put(m, "perf_event.bpf_cookie", 9);
	if (one_in(m, 2)) {
		bpf(m, BPFSYS_TASK_FD_QUERY);
		put_given(m, "pid", SEQ_GIVEN_PID);
		put_given(m, "fd", (enum seq_given)events[nr].given);
		put(m, "buf_len", 4 + 60 * any(m, 2));
		put_buf(m, "buf", NULL, 0, 64);
	}
	any_event(m);
	use_link_info(m, link, prog, events[nr].prefix);
}

static unsigned int many_cookies(struct make *m, const char *field,
				 unsigned int n)
{
	uint8_t bytes[64];

	for (unsigned int i = 0; i < n; i++)
		put_le(bytes + (size_t)8 * i, i + 1, 8);
	return put_buf(m, field, bytes, 8 * n, 8 * n);
}

void recipe_link_kprobes(struct make *m)
{
	static const char *const names[] = {"bpf_fentry_test1",
					    "bpf_fentry_test2",
					    "bpf_fentry_test3",
					    "bpf_modify_return_test"};
	const unsigned int type = one_in(m, 3) ? BPF_TRACE_KPROBE_SESSION
					       : BPF_TRACE_KPROBE_MULTI;
	unsigned int n = 1 + any(m, COUNT_OF(names)), link, prog, syms;

	prog = make_prog(m, BPF_PROG_TYPE_KPROBE, type);
	link = link_begin(m, prog, type);
	put(m, "kprobe_multi.cnt", n);
	if (type == BPF_TRACE_KPROBE_MULTI && one_in(m, 2))
		put(m, "kprobe_multi.flags", 1); /* on return */
	syms = put_buf(m, "kprobe_multi.syms", NULL, 0, 8 * n);
	for (unsigned int i = 0; i < n; i++) {
		uint32_t len = (uint32_t)strlen(names[i]);

		buf_is(m, in_buf(m, syms, 8 * i, names[i], len, len + 1),
		       SEQ_TEXT);
	}
	if (one_in(m, 2))
		many_cookies(m, "kprobe_multi.cookies", n);
	run_nothing(m, prog);
	use_link_info(m, link, prog, "kprobe_multi.");
}

void recipe_link_uprobes(struct make *m)
{
	unsigned int n = 1 + any(m, 3), prog, link;

	prog = make_prog(m, BPF_PROG_TYPE_KPROBE, BPF_TRACE_UPROBE_MULTI);
	link = link_begin(m, prog, BPF_TRACE_UPROBE_MULTI);
	put_text(m, "uprobe_multi.path", "/proc/self/exe");
	put(m, "uprobe_multi.cnt", n);
	/* All at the start of the file, which is no code; see tidy.c. */
	put_buf(m, "uprobe_multi.offsets", NULL, 0, 8 * n);
	if (one_in(m, 2))
		many_cookies(m, "uprobe_multi.cookies", n);
	if (one_in(m, 3))
		put_buf(m, "uprobe_multi.ref_ctr_offsets", NULL, 0, 8 * n);
	if (one_in(m, 3))
		put(m, "uprobe_multi.flags", 1); /* on return */
	use_link_info(m, link, prog, "uprobe_multi.");
}

/* struct bpf_iter_link_info: which map, task or cgroup. */
static void put_target(struct make *m, const char *what, unsigned int map)
{
	unsigned int buf;

	if (strstr(what, "map") == NULL && strstr(what, "task") == NULL &&
	    strstr(what, "cgroup") == NULL)
		return;
	if (strcmp(what, "bpf_iter_bpf_map") == 0)
		return;
	buf = put_buf(m, "iter_info", NULL, 0, 16);
	put(m, "iter_info_len", 16);
	if (strstr(what, "task")) {
		in_ref(m, buf, 8, SEQ_REF_GIVEN, SEQ_GIVEN_PIDFD, 4);
	} else if (strstr(what, "cgroup")) {
		uint8_t *order = buf_resize(m, &m->call->bufs[buf], 16);

		if (order)
			order[0] = (uint8_t)(1 + any(m, 4));
		in_ref(m, buf, 4, SEQ_REF_GIVEN, SEQ_GIVEN_CGROUP, 4);
	} else {
		in_fd(m, buf, 0, map, 4);
	}
}

/* What the iterator of elements walks over. */
static unsigned int make_walked(struct make *m, const char *name)
{
	static const uint8_t types[] = {BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY,
					BPF_MAP_TYPE_PERCPU_HASH,
					BPF_MAP_TYPE_PERCPU_ARRAY};
	const struct shape *shape = shape_of(types[any(m, COUNT_OF(types))]);
	unsigned int map;

	if (strstr(name, "sk_storage"))
		shape = shape_of(BPF_MAP_TYPE_SK_STORAGE);
	else if (strstr(name, "sockmap"))
		shape = shape_of(BPF_MAP_TYPE_SOCKMAP);
	else if (!strstr(name, "map_elem"))
		return 0;
	map = make_map(m, shape, 0);
	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, 0);
	return map;
}

void recipe_iterators(struct make *m)
{
	static const char *const names[] = {
		"bpf_iter_bpf_map",  "bpf_iter_bpf_map_elem",
		"bpf_iter_bpf_prog", "bpf_iter_bpf_link",
		"bpf_iter_task",     "bpf_iter_task_file",
		"bpf_iter_task_vma", "bpf_iter_cgroup",
		"bpf_iter_tcp",	     "bpf_iter_udp",
		"bpf_iter_unix",     "bpf_iter_netlink",
		"bpf_iter_ksym",     "bpf_iter_bpf_sk_storage_map",
		"bpf_iter_sockmap",
	};
	const char *name = names[any(m, COUNT_OF(names))];
	unsigned int map = make_walked(m, name), prog, link, iter;
	struct code c;

	code_clear(&c);
	if (one_in(m, 2)) {
		load(&c, DW, R1, R1, 0);
		load(&c, DW, R1, R1, 0);
		store_imm(&c, DW, R10, -8, 65);
		mov_reg(&c, R2, R10);
		alu(&c, OP_ADD, R2, -8);
		mov(&c, R3, 8);
		helper(&c, 127); /* bpf_seq_write */
	}
	ret(&c, 0);
	prog = load_code(m, &c, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER);
	put_name(m, "attach_btf_id", name);
	link = link_begin(m, prog, BPF_TRACE_ITER);
	put_target(m, name, map);
	iter = bpf(m, BPFSYS_ITER_CREATE);
	put_fd(m, "link_fd", link);
	op_fd(m, SEQ_READ, 0, iter);
	if (one_in(m, 2))
		op_fd(m, SEQ_READ, 0, iter);
	use_link_info(m, link, prog, "iter.");
}
