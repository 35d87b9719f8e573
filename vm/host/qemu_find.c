/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Chooses a QEMU: the one asked for, the fetched one, that of PATH. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

static bool runnable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

bool find_program(const char *name, char *path)
{
	const char *list = getenv("PATH");
	size_t len;

	for (; list && *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		if (!path_fmt(path, PATH_MAX, "%.*s/%s", (int)len, list,
			      name) &&
		    runnable(path))
			return true;
	}
	return false;
}

int qemu_library_path(char *buf, size_t size, const char *root)
{
	return path_fmt(buf, size,
			"LD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu:"
			"%s/lib/x86_64-linux-gnu",
			root, root);
}

/* Where a fetched one lies, whether it is there or not. */
static int fetched_path(const struct arch *arch, struct qemu *qemu)
{
	int ret = qemu_private_root(arch, qemu->root, sizeof(qemu->root));

	return ret ? ret
		   : path_fmt(qemu->path, PATH_MAX, "%s/usr/bin/%s", qemu->root,
			      arch->qemu);
}

int qemu_find(const struct arch *arch, const char *wanted, struct qemu *qemu,
	      const struct why *why)
{
	const char *option = arch_is_native(arch) ? "" : " --arch ";

	memset(qemu, 0, sizeof(*qemu));
	/* The setting speaks of one program, that of native guests. */
	if ((!wanted || !*wanted) && !strcmp(arch->qemu, arch_native()->qemu))
		wanted = getenv("BPFVM_QEMU");
	if (wanted && *wanted) {
		if (strchr(wanted, '/')
			    ? runnable(wanted) &&
				      !path_fmt(qemu->path, PATH_MAX, "%s",
						wanted)
			    : find_program(wanted, qemu->path))
			return 0;
		return fault(why, -ENOENT, "QEMU %s: no such program", wanted);
	}
	if (!fetched_path(arch, qemu) && runnable(qemu->path))
		return 0;
	*qemu->root = 0;
	if (find_program(arch->qemu, qemu->path))
		return 0;
	return fault(why, -ENOENT,
		     "no %s found: run bpfvm%s%s --fetch-qemu, or install the "
		     "package %s",
		     arch->qemu, option, *option ? arch->name : "",
		     arch->qemu_package);
}

void qemu_version(struct qemu *qemu)
{
	char library[2 * PATH_MAX + 80] = "BPFVM=1";
	const char *const argv[] = {"env", library, qemu->path, "--version",
				    NULL};
	struct capture cap;
	const char *p;

	if (qemu->major)
		return;
	if (*qemu->root &&
	    qemu_library_path(library, sizeof(library), qemu->root))
		return;
	if (run_command(argv, NULL, &cap, NULL))
		return;
	p = strstr(cap.out, "version ");
	if (p)
		qemu->major = strtoul(p + 8, NULL, 10);
	free(cap.out);
}
