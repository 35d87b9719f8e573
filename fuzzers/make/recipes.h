/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Short chains of calls that succeed where the kernel has what they are about,
 * for mutation to bend. */
#ifndef BPFSYS_MAKE_RECIPES_H
#define BPFSYS_MAKE_RECIPES_H

#include "code.h"
#include "maps.h"
#include "types.h"

#define RECIPE(name, weight, what) void recipe_##name(struct make *m);
#include "recipes.def"
#undef RECIPE

struct recipe {
	const char *name;
	void (*make)(struct make *m);
	unsigned int weight; /* how often it is taken, of the sum of all */
	const char *what;
};

extern const struct recipe recipes[];
extern const unsigned int recipes_count;
const struct recipe *any_recipe(struct make *m);

/* What recipes share. */
/* The simplest program of TYPE that loads for ATTACH_TYPE. */
unsigned int make_prog(struct make *m, unsigned int type,
		       unsigned int attach_type);
/* OBJ_GET_INFO_BY_FD, with room for LEN bytes. */
unsigned int info(struct make *m, unsigned int of, uint32_t len);
/* Of a struct of the table, "prog", with room for all that the fields called
 * PREFIX... point to, or for some of it. */
unsigned int info_full(struct make *m, unsigned int of, const char *name,
		       const char *prefix);
unsigned int get_by_id(struct make *m, unsigned int cmd, unsigned int of);
/* LINK_CREATE, begun; fields beyond these follow. */
unsigned int link_begin(struct make *m, unsigned int prog,
			unsigned int attach_type);
/* Some of: info, detach, update, query by ID, close, to a link. */
void use_link(struct make *m, unsigned int link, unsigned int prog);
/* The same, where its info has pointers: those of fields PREFIX... */
void use_link_info(struct make *m, unsigned int link, unsigned int prog,
		   const char *prefix);
/* A program of TC; TEST_RUN with a packet, and of a SYSCALL program. */
unsigned int load_cls(struct make *m, const struct code *c);
void run_packet(struct make *m, unsigned int prog);
void run_syscall(struct make *m, unsigned int prog);
/* The functions of the program being loaded: main, and one of type TYPE at
 * instruction AT unless that is 0. */
void put_funcs(struct make *m, unsigned int btf, unsigned int at,
	       unsigned int type);
/* Something that programs see. */
void any_event(struct make *m);

#endif
