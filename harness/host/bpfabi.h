/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the subcommands of bpfabi share: exit statuses, and their entries. */
#ifndef BPFABI_BPFABI_H
#define BPFABI_BPFABI_H

#ifndef BPFABI_VERSION
#define BPFABI_VERSION "0.1.0"
#endif

#define DEFAULT_KERNEL "debian:6.12"

/* Scripts and CI lean on these. */
enum status {
	STATUS_HOLDS = 0,
	STATUS_BROKEN = 1,
	STATUS_USAGE = 2,
	STATUS_NO_VERDICT = 3, /* no VM, no boot, no room for the output */
	STATUS_CRASHED = 4,    /* the kernel crashed or hung */
};

/* The one of A and B that a run of several kernels ends with: a finding is not
 * hidden by trouble elsewhere. 4 before 1 before 3 before 0. */
enum status status_worse(enum status a, enum status b);

/* One line on standard error: "bpfabi: ...". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends standard output: STATUS_NO_VERDICT, with a line, when what was printed
 * did not all arrive. */
enum status finish_stdout(void);

/* The subcommands; argv[0] is the name for messages. They return the exit
 * status of bpfabi. */
int cmd_run(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_kernels(int argc, char **argv);
int cmd_fuzz(int argc, char **argv);
int cmd_repro(int argc, char **argv);

#endif
