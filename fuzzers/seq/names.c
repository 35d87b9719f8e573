// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What sequences know by name of the kernel's BTF. */
#include "seq.h"

const struct seq_name seq_names[] = {
#define NAME(kind, name) {kind, name},
#include "names.def"
#undef NAME
};

const unsigned int seq_names_count = sizeof(seq_names) / sizeof(*seq_names);
