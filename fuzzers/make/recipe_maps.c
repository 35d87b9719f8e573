// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Recipes of maps. */
#include "recipes.h"

/* Flags that the shape can have, mostly none. */
static uint32_t flags_of(struct make *m, const struct shape *shape)
{
	return one_in(m, 3) ? shape->may & (1u << any(m, 14)) : 0;
}

static void any_elem(struct make *m, unsigned int map,
		     const struct shape *shape, unsigned int held)
{
	static const uint8_t cmds[] = {
		BPFSYS_MAP_LOOKUP_ELEM, BPFSYS_MAP_GET_NEXT_KEY,
		BPFSYS_MAP_UPDATE_ELEM, BPFSYS_MAP_LOOKUP_AND_DELETE_ELEM,
		BPFSYS_MAP_DELETE_ELEM,
	};
	unsigned int cmd = cmds[any(m, COUNT_OF(cmds))];

	elem(m, cmd, map, shape, any(m, 3),
	     cmd == BPFSYS_MAP_UPDATE_ELEM ? any(m, 3) : 0, held);
}

void recipe_map_elems(struct make *m)
{
	const struct shape *shape = any_shape(m);
	unsigned int map = make_map(m, shape, flags_of(m, shape));
	unsigned int held = make_held(m, shape), n = 2 + any(m, 6);

	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, held);
	if (shape->key || shape->values == NUMBER)
		elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 0, 0, held);
	if (shape->key) {
		elem(m, BPFSYS_MAP_GET_NEXT_KEY, map, shape, 0, 0, held);
		make_free(m->call, SEQ_IN_ATTR, 8, 8);
	}
	for (unsigned int i = 0; i < n; i++)
		any_elem(m, map, shape, held);
}

void recipe_map_batches(struct make *m)
{
	static const uint8_t types[] = {
		BPF_MAP_TYPE_HASH,	    BPF_MAP_TYPE_ARRAY,
		BPF_MAP_TYPE_PERCPU_HASH,   BPF_MAP_TYPE_PERCPU_ARRAY,
		BPF_MAP_TYPE_LRU_HASH,	    BPF_MAP_TYPE_LRU_PERCPU_HASH,
		BPF_MAP_TYPE_LPM_TRIE,	    BPF_MAP_TYPE_HASH_OF_MAPS,
		BPF_MAP_TYPE_ARRAY_OF_MAPS,
	};
	const struct shape *shape = shape_of(types[any(m, COUNT_OF(types))]);
	unsigned int map = make_map(m, shape, flags_of(m, shape)), held, first;
	uint32_t count = 1 + any(m, 4);

	held = make_held(m, shape);
	if (shape->values == NUMBER)
		batch(m, BPFSYS_MAP_UPDATE_BATCH, map, shape, count, SEQ_CALLS);
	for (unsigned int i = 0; i < 1 + any(m, 2); i++)
		elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 1 + i, 0, held);
	first = batch(m, BPFSYS_MAP_LOOKUP_BATCH, map, shape,
		      1 + any(m, count + 1), SEQ_CALLS);
	if (one_in(m, 2))
		batch(m, BPFSYS_MAP_LOOKUP_BATCH, map, shape, count, first);
	if (one_in(m, 2))
		batch(m, BPFSYS_MAP_LOOKUP_AND_DELETE_BATCH, map, shape, count,
		      one_in(m, 2) ? first : SEQ_CALLS);
	if (one_in(m, 2))
		batch(m, BPFSYS_MAP_DELETE_BATCH, map, shape, count, SEQ_CALLS);
	any_elem(m, map, shape, held);
}

/* The maps that every sequence finds, so that one call is enough. */
void recipe_given_maps(struct make *m)
{
	const bool hash = one_in(m, 2);
	const struct shape *shape =
		shape_of(hash ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY);
	static const uint8_t cmds[] = {BPFSYS_MAP_LOOKUP_BATCH,
				       BPFSYS_MAP_UPDATE_BATCH,
				       BPFSYS_MAP_DELETE_BATCH,
				       BPFSYS_MAP_LOOKUP_AND_DELETE_BATCH};

	for (unsigned int i = 0; i < 1 + any(m, 4); i++) {
		if (one_in(m, 2))
			any_elem(m, 0, shape, 0);
		else
			batch(m, cmds[any(m, COUNT_OF(cmds))], 0, shape,
			      1 + any(m, 8), SEQ_CALLS);
		put_given(m, "map_fd",
			  hash ? SEQ_GIVEN_MAP_HASH : SEQ_GIVEN_MAP_ARRAY);
	}
}

static void freeze(struct make *m, unsigned int map)
{
	bpf(m, BPFSYS_MAP_FREEZE);
	put_fd(m, "map_fd", map);
}

void recipe_map_shared(struct make *m)
{
	static const uint8_t types[] = {
		BPF_MAP_TYPE_ARRAY,   BPF_MAP_TYPE_HASH,
		BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_ARRAY,
		BPF_MAP_TYPE_CPUMAP,  BPF_MAP_TYPE_QUEUE,
		BPF_MAP_TYPE_ARRAY,   BPF_MAP_TYPE_USER_RINGBUF,
	};
	const struct shape *shape = shape_of(types[any(m, COUNT_OF(types))]);
	unsigned int map = make_map(m, shape,
				    shape->type == BPF_MAP_TYPE_ARRAY
					    ? BPF_F_MMAPABLE
					    : flags_of(m, shape));

	if (one_in(m, 2))
		op_fd(m, SEQ_MMAP, 1 + any(m, 3), map);
	if (one_in(m, 2))
		freeze(m, map);
	if (one_in(m, 2))
		op_fd(m, SEQ_MMAP, 1 + any(m, 3), map);
	any_elem(m, map, shape, 0);
	any_elem(m, map, shape, 0);
	freeze(m, map);
	op_fd(m, SEQ_READ, 0, map);
}

void recipe_map_nested(struct make *m)
{
	const struct shape *shape =
		shape_of(one_in(m, 2) ? BPF_MAP_TYPE_ARRAY_OF_MAPS
				      : BPF_MAP_TYPE_HASH_OF_MAPS);
	unsigned int map = make_map(m, shape, 0), held = make_held(m, shape);

	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 1, 0, held);
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 1, 0, held);
	bpf(m, BPFSYS_MAP_GET_FD_BY_ID);
	put_id(m, "map_id", held);
	any_elem(m, map, shape, held);
	any_elem(m, map, shape, held);
	elem(m, BPFSYS_MAP_DELETE_ELEM, map, shape, 1, 0, held);
}

void recipe_map_sockets(struct make *m)
{
	static const uint8_t sockets[] = {
		SEQ_GIVEN_TCP,	SEQ_GIVEN_TCP_PEER, SEQ_GIVEN_TCP_LISTEN,
		SEQ_GIVEN_UDP,	SEQ_GIVEN_UNIX,	    SEQ_GIVEN_UNIX_PEER,
		SEQ_GIVEN_TCP6,
	};
	static const uint8_t types[] = {
		BPF_MAP_TYPE_SOCKMAP,
		BPF_MAP_TYPE_SOCKHASH,
		BPF_MAP_TYPE_SK_STORAGE,
		BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
	};
	const struct shape *shape = shape_of(types[any(m, COUNT_OF(types))]);
	unsigned int map = make_map(m, shape, 0);

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int nr = sockets[any(m, COUNT_OF(sockets))];
		unsigned int at = shape->keys == NUMBER ? 1 : 0;

		elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, i, 0, 0);
		in_ref(m, at, 0, SEQ_REF_GIVEN, nr, at ? 8 : 4);
	}
	any_elem(m, map, shape, 0);
	any_elem(m, map, shape, 0);
	op(m, SEQ_RUN, SEQ_RUN_TCP);
}

void recipe_map_objects(struct make *m)
{
	const struct shape *shape = any_shape(m);
	unsigned int map = make_map(m, shape, flags_of(m, shape)), fd;

	info(m, map, 80 + 8 * any(m, 5));
	fd = get_by_id(m, BPFSYS_MAP_GET_FD_BY_ID, map);
	if (one_in(m, 2))
		put(m, "open_flags", 8u << any(m, 2));
	any_elem(m, fd, shape, 0);
	any_elem(m, fd, shape, 0);
	if (one_in(m, 2))
		freeze(m, fd);
	fd = op_fd(m, SEQ_DUP, 0, map);
	op_fd(m, SEQ_CLOSE, 0, map);
	any_elem(m, fd, shape, 0);
}
