/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs a subcommand of bpfabi, on the fake VM, in a process of its own. */
#ifndef BPFABI_HOST_CLI_H
#define BPFABI_HOST_CLI_H

struct spoken {
	int status; /* exit status, or 256 and the signal that killed it */
	char *out;  /* what it wrote; NUL-terminated */
	char *err;
};

/* ENTRY with the arguments of ARGV, NULL at the end; argv[0] is its name. */
struct spoken speak(int (*entry)(int argc, char **argv),
		    const char *const *argv);

#define SPEAK(entry, ...) speak(entry, (const char *const[]){__VA_ARGS__, NULL})

void spoken_free(struct spoken *spoken);

/* The number of lines of TEXT. */
unsigned int count_lines(const char *text);

#endif
