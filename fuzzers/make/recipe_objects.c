// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What is done to objects of every kind. */
#include "field.h"
#include "recipes.h"

/* A map, program, link or BTF. */
static unsigned int any_object(struct make *m)
{
	unsigned int prog, link;

	switch (any(m, 4)) {
	case 0:
		return make_array(m, 8, 4);
	case 1:
		return make_prog(m, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	case 2:
		return load_plain_types(m);
	default:
		prog = make_prog(m, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
		link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", prog);
		put_text(m, "name", "sys_enter");
		return link;
	}
}

static void put_path(struct make *m, const char *name)
{
	put_text(m, "pathname", name);
	if (one_in(m, 2))
		return;
	put(m, "file_flags", BPF_F_PATH_FD);
	put_given(m, "path_fd", SEQ_GIVEN_BPFFS);
}

void recipe_pins(struct make *m)
{
	static const char *const names[] = {"a", "b", "c.d", "./a"};
	const char *name = names[any(m, COUNT_OF(names))];
	unsigned int object = any_object(m), fd;

	bpf(m, BPFSYS_OBJ_PIN);
	put_path(m, name);
	put_fd(m, "bpf_fd", object);
	fd = bpf(m, BPFSYS_OBJ_GET);
	put_path(m, name);
	if (one_in(m, 3))
		put(m, "file_flags",
		    attr_get(m->call, 12, 4) | 8u << any(m, 2));
	info(m, fd, 96);
	if (one_in(m, 3)) {
		bpf(m, BPFSYS_OBJ_PIN);
		put_path(m, names[any(m, COUNT_OF(names))]);
		put_fd(m, "bpf_fd", fd);
	}
	op_fd(m, SEQ_CLOSE, 0, object);
	fd = bpf(m, BPFSYS_OBJ_GET);
	put_path(m, name);
}

void recipe_types(struct make *m)
{
	unsigned int btf = load_plain_types(m);

	if (one_in(m, 2)) {
		put(m, "btf_log_level", 1 + any(m, 3));
		put(m, "btf_log_size", 4096);
		put_buf(m, "btf_log_buf", NULL, 0, 4096);
	}
	info_full(m, btf, "btf", "");
	btf = get_by_id(m, BPFSYS_BTF_GET_FD_BY_ID, btf);
	info_full(m, btf, "btf", "");
	info_full(m, btf, "btf", "");
	put_given(m, "bpf_fd", SEQ_GIVEN_BTF_VMLINUX);
}

void recipe_fd_query(struct make *m)
{
	static const uint8_t given[] = {
		SEQ_GIVEN_PERF_TRACEPOINT, SEQ_GIVEN_PERF_KPROBE,
		SEQ_GIVEN_PERF_UPROBE,	   SEQ_GIVEN_PERF_SYSCALL,
		SEQ_GIVEN_PERF_SOFTWARE,   SEQ_GIVEN_FILE,
	};
	unsigned int object = any_object(m);

	bpf(m, BPFSYS_TASK_FD_QUERY);
	put_given(m, "pid", SEQ_GIVEN_PID);
	if (one_in(m, 2))
		put_fd(m, "fd", object);
	else
		put_given(m, "fd", (enum seq_given)given[any(m, 6)]);
	if (one_in(m, 4))
		return;
	put(m, "buf_len", 1 + any(m, 64));
	put_buf(m, "buf", NULL, 0, 64);
}

void recipe_stats(struct make *m)
{
	unsigned int prog, stats = bpf(m, BPFSYS_ENABLE_STATS);

	put(m, "type", 0);
	prog = make_prog(m, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	put(m, "data_size_in", 64);
	put_buf(m, "data_in", NULL, 0, 64);
	info(m, prog, 232);
	op_fd(m, SEQ_CLOSE, 0, stats);
}

void recipe_tokens(struct make *m)
{
	unsigned int token = bpf(m, BPFSYS_TOKEN_CREATE);

	put_given(m, "bpffs_fd", SEQ_GIVEN_BPFFS);
	make_array(m, 8, 4);
	put(m, "map_flags", BPF_F_TOKEN_FD);
	put_fd(m, "map_token_fd", token);
	make_prog(m, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	put(m, "prog_flags", BPF_F_TOKEN_FD);
	put_fd(m, "prog_token_fd", token);
	load_plain_types(m);
	put(m, "btf_flags", BPF_F_TOKEN_FD);
	put_fd(m, "btf_token_fd", token);
}

void recipe_commons(struct make *m)
{
	unsigned int call = any_object(m);

	if (call >= m->seq.n)
		return;
	m->seq.calls[call].op = SEQ_BPF_COMMON;
	make_common(m, &m->seq.calls[call]);
}

void recipe_others(struct make *m)
{
	unsigned int n = 1 + any(m, 3);

	any_object(m);
	for (unsigned int i = 0; i < n; i++) {
		bpf(m, any(m, bpfsys_abi_commands()));
		if (m->call != &m->spill)
			fill_call(m, (unsigned int)(m->call - m->seq.calls));
	}
}
