/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* For what files of the library share, and no one else sees. */
#ifndef BPFSYS_HIDDEN_H
#define BPFSYS_HIDDEN_H

#define HIDDEN __attribute__((visibility("hidden")))

#endif
