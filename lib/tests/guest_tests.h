/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The tests that guest_main.c runs. */
#ifndef BPFSYS_TESTS_GUEST_TESTS_H
#define BPFSYS_TESTS_GUEST_TESTS_H

#include <stddef.h>

struct CMUnitTest;

extern const struct CMUnitTest walk_tests[];
extern const size_t walk_count;
extern const struct CMUnitTest object_tests[];
extern const size_t object_count;

#endif
