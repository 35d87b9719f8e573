/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Programs that put something into fields of values: timers that run, and
 * references to a task. */
#ifndef BPFABI_FIELDS_LIVE_H
#define BPFABI_FIELDS_LIVE_H

#include "map_fields.h"

/* A map with one element, under key 0, whose field a program sets. */
struct live {
	void **state;
	int map_fd, counters_fd;
	int set_fd;  /* the program */
	int peek_fd; /* of references: one that counts them */
};

/* A timer that goes off after DELAY_NS, and then adds to counter 0. */
void live_make_timer(struct live *live, void **state, enum map_number type,
		     int32_t delay_ns);
/* A reference to this task. */
void live_make_reference(struct live *live, void **state, enum map_number type);
/* An object of the program's. */
void live_make_object(struct live *live, void **state, enum map_number type);
void live_drop(struct live *live);

/* Stores an element whose field is FILL, and DATA before it. */
void live_store(struct live *live, uint64_t data, uint8_t fill);
/* The element as a lookup has it. */
struct live_value {
	uint64_t data;
	uint8_t field[16];
};
void live_look_up(struct live *live, struct live_value *value);

/* Runs the program that sets the field; what it returned: 0; of a timer the
 * error of bpf_timer_init(); LIVE_REPLACED where there was a reference. */
#define LIVE_REPLACED 3
int live_set(struct live *live);
/* How often the timer went off, and how many references the task has. */
uint64_t live_fired(struct live *live);
uint32_t live_references(struct live *live);

#endif
