/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the console said of faults, put into the result of a run. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

/* The vmlinux that was named, or that of the build tree; "" if none. */
static void find_vmlinux(const struct bpfvm_config *cfg, char *path,
			 size_t size)
{
	struct stat st;

	*path = 0;
	if (cfg->vmlinux) {
		if (path_fmt(path, size, "%s", cfg->vmlinux))
			*path = 0;
	} else if (!stat(cfg->kernel, &st) && S_ISDIR(st.st_mode)) {
		if (path_fmt(path, size, "%s/vmlinux", cfg->kernel) ||
		    access(path, R_OK))
			*path = 0;
	}
}

void reports_take(const struct bpfvm_config *cfg, struct bpfvm_result *res,
		  struct console *con)
{
	struct faults *f = &con->faults;
	char vmlinux[PATH_MAX];
	unsigned i;

	faults_end(f);
	/* The console may lack its last words; how QEMU ended does not. */
	if (res->outcome == BPFVM_PANIC && !*con->panic)
		faults_add(f,
			   strstr(con->last, "reboot: ") ? BPFVM_REPORT_REBOOT
							 : BPFVM_REPORT_RESET,
			   con->last);
	memcpy(res->reports, f->report, sizeof(res->reports));
	res->n_reports = f->n;
	res->reports_lost = f->lost;
	find_vmlinux(cfg, vmlinux, sizeof(vmlinux));
	for (i = 0; *vmlinux && i < f->n; i++)
		symbolise(&res->reports[i], vmlinux);
}

void reports_append(const struct bpfvm_result *res, const struct console *con)
{
	static const char head[] = "\n[bpfvm: with file and line]\n";
	const struct bpfvm_report *r;
	int fd = -1;
	unsigned i;

	for (i = 0; i < res->n_reports; i++) {
		r = &res->reports[i];
		if (!strcmp(r->trace, con->faults.report[i].trace))
			continue;
		if (fd < 0)
			fd = open(res->console_log,
				  O_WRONLY | O_APPEND | O_CLOEXEC);
		if (fd < 0 || write_all(fd, head, strlen(head)) ||
		    write_all(fd, r->trace, strlen(r->trace)))
			break;
	}
	if (fd >= 0)
		close(fd);
}
