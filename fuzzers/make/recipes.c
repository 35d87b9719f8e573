// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The table of recipes, and what they share. */
#include "recipes.h"

const struct recipe recipes[] = {
#define RECIPE(name, weight, what) {#name, recipe_##name, weight, what},
#include "recipes.def"
#undef RECIPE
};
const unsigned int recipes_count = COUNT_OF(recipes);

const struct recipe *any_recipe(struct make *m)
{
	unsigned int sum = 0, at;

	for (size_t i = 0; i < COUNT_OF(recipes); i++)
		sum += recipes[i].weight;
	at = any(m, sum);
	for (size_t i = 0; i < COUNT_OF(recipes); i++) {
		if (at < recipes[i].weight)
			return &recipes[i];
		at -= recipes[i].weight;
	}
	return &recipes[0];
}

unsigned int info(struct make *m, unsigned int of, uint32_t len)
{
	unsigned int call = bpf(m, BPFSYS_OBJ_GET_INFO_BY_FD);

	put_fd(m, "bpf_fd", of);
	put(m, "info_len", len);
	put_buf(m, "info", NULL, 0, len);
	return call;
}

unsigned int get_by_id(struct make *m, unsigned int cmd, unsigned int of)
{
	static const struct {
		unsigned int cmd;
		const char *field;
	} fields[] = {
		{BPFSYS_PROG_GET_FD_BY_ID, "prog_id"},
		{BPFSYS_MAP_GET_FD_BY_ID, "map_id"},
		{BPFSYS_BTF_GET_FD_BY_ID, "btf_id"},
		{BPFSYS_LINK_GET_FD_BY_ID, "link_id"},
	};
	unsigned int call = bpf(m, cmd);

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (fields[i].cmd == cmd)
			put_id(m, fields[i].field, of);
	return call;
}

unsigned int link_begin(struct make *m, unsigned int prog,
			unsigned int attach_type)
{
	unsigned int link = bpf(m, BPFSYS_LINK_CREATE);

	put_fd(m, "prog_fd", prog);
	put(m, "attach_type", attach_type);
	return link;
}

static void update_link(struct make *m, unsigned int link, unsigned int prog)
{
	bpf(m, BPFSYS_LINK_UPDATE);
	put_fd(m, "link_fd", link);
	put_fd(m, "new_prog_fd", prog);
	if (one_in(m, 2)) {
		put(m, "flags", BPF_F_REPLACE);
		put_fd(m, "old_prog_fd", prog);
	}
}

void use_link(struct make *m, unsigned int link, unsigned int prog)
{
	use_link_info(m, link, prog, NULL);
}

void use_link_info(struct make *m, unsigned int link, unsigned int prog,
		   const char *prefix)
{
	if (prefix)
		info_full(m, link, "link", prefix);
	else
		info(m, link, 64 + any(m, 2) * 24);
	if (one_in(m, 2))
		any_event(m);
	if (one_in(m, 2))
		update_link(m, link, prog);
	if (one_in(m, 3))
		get_by_id(m, BPFSYS_LINK_GET_FD_BY_ID, link);
	if (one_in(m, 2)) {
		bpf(m, BPFSYS_LINK_DETACH);
		put_fd(m, "link_fd", link);
		if (one_in(m, 2))
			info(m, link, 64);
	}
	if (one_in(m, 3))
		op_fd(m, SEQ_CLOSE, 0, link);
}

void any_event(struct make *m)
{
	op(m, SEQ_RUN, any(m, SEQ_RUNS));
}

void recipe_ids(struct make *m)
{
	static const struct {
		unsigned int next, by_id;
		const char *field;
	} walks[] = {
		{BPFSYS_PROG_GET_NEXT_ID, BPFSYS_PROG_GET_FD_BY_ID, "prog_id"},
		{BPFSYS_MAP_GET_NEXT_ID, BPFSYS_MAP_GET_FD_BY_ID, "map_id"},
		{BPFSYS_BTF_GET_NEXT_ID, BPFSYS_BTF_GET_FD_BY_ID, "btf_id"},
		{BPFSYS_LINK_GET_NEXT_ID, BPFSYS_LINK_GET_FD_BY_ID, "link_id"},
	};
	unsigned int nr = any(m, COUNT_OF(walks)), next, fd;

	/* So that there is a link, too. */
	if (walks[nr].next == BPFSYS_LINK_GET_NEXT_ID) {
		fd = make_prog(m, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
		bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", fd);
		put_text(m, "name", "sys_enter");
	}
	next = bpf(m, walks[nr].next);
	fd = bpf(m, walks[nr].by_id);
	put_out(m, walks[nr].field, next, "next_id");
	info(m, fd, 96);
	fd = bpf(m, walks[nr].next);
	put_out(m, "start_id", next, "next_id");
	bpf(m, walks[nr].next);
	put_out(m, "start_id", fd, "next_id");
}
