/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Writes a report to a file that is there as a whole or not at all. */
#ifndef BPFABI_OUTPUT_H
#define BPFABI_OUTPUT_H

#include <stdio.h>

#include "bpfabi.h"

typedef int output_fn(FILE *out, const void *data);

/* Whether PATH looks like it can be written, before an hour is spent on its
 * contents; complains if not. */
enum status output_check(const char *path);

/* Has WRITE write DATA to PATH, "-" for standard output; complains when that
 * fails, and leaves what was in PATH before. */
enum status output_write(const char *path, output_fn *write, const void *data);

#endif
