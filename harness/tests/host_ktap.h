/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A checker of KTAP, independent of what writes it. */
#ifndef BPFABI_HOST_KTAP_H
#define BPFABI_HOST_KTAP_H

struct ktap_seen {
	unsigned int subtests;
	unsigned int tests; /* result lines at all levels */
	unsigned int not_ok;
	unsigned int skips;
	unsigned int xfails;
};

/* Fails the test where TEXT is not valid KTAP. */
void ktap_check(const char *text, struct ktap_seen *seen);

#endif
