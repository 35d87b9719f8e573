/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Maps of every type in a shape that kernels make. */
#ifndef BPFSYS_MAKE_MAPS_H
#define BPFSYS_MAKE_MAPS_H

#include "build.h"

enum map_with {
	ALONE,
	TYPED, /* BTF of its value */
	INNER, /* a map as what it will hold */
	OPS,   /* a struct of the kernel */
};

/* What stands in a key or a value. */
enum map_holds {
	NUMBER,
	OF_PROG,
	OF_PERF,
	OF_CGROUP,
	OF_MAP,
	OF_SOCKET, /* TCP */
	OF_REUSED, /* a socket of a reuseport group */
	OF_DEVICE, /* the index of lo */
	OF_FILE,
	OF_TASK,
	NOT, /* cannot be put from outside */
};

struct shape {
	uint8_t type;
	uint16_t key, value; /* bytes */
	uint32_t entries;
	uint8_t with;
	uint8_t keys, values; /* enum map_holds */
	uint32_t must;	      /* flags that it needs */
	uint32_t may;	      /* flags that it can have */
};

extern const struct shape shapes[];
extern const unsigned int shapes_count;
const struct shape *shape_of(unsigned int type);
const struct shape *any_shape(struct make *m);

/* Makes what it is made with, too. The number of its call. */
unsigned int make_map(struct make *m, const struct shape *shape,
		      uint32_t flags);
unsigned int make_array(struct make *m, uint32_t value, uint32_t entries);

/* A call about element KEY of MAP; what the value refers to is call HELD. */
unsigned int elem(struct make *m, unsigned int cmd, unsigned int map,
		  const struct shape *shape, uint32_t key, uint64_t flags,
		  unsigned int held);
/* Makes what the values of SHAPE refer to, if that is a call. */
unsigned int make_held(struct make *m, const struct shape *shape);
unsigned int batch(struct make *m, unsigned int cmd, unsigned int map,
		   const struct shape *shape, uint32_t count,
		   unsigned int before);

#endif
