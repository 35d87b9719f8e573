/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds the program to run as a shell would, and its place in the guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

static int usable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		return -EACCES;
	return 0;
}

static int find_in_path(const char *name, char *found, const struct why *why)
{
	const char *list = getenv("PATH");
	char path[PATH_MAX];
	int ret = -ENOENT, got;
	size_t len;

	if (!list)
		list = "/usr/bin:/bin";
	for (; *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		if (!len || path_fmt(path, sizeof(path), "%.*s/%s", (int)len,
				     list, name))
			continue;
		got = usable(path);
		if (!got) {
			strcpy(found, path);
			return 0;
		}
		if (got == -EACCES)
			ret = got;
	}
	return fault(why, ret, "%s: %s", name,
		     ret == -EACCES ? "found in PATH, but not executable"
				    : "command not found in PATH");
}

/* The absolute path with the directory's links resolved, not the file's:
 * busybox and its like look at the name they were called by. */
static int absolute(const char *name, char *path)
{
	const char *base = strrchr(name, '/') + 1;
	char dir[PATH_MAX], real[PATH_MAX];
	int ret;

	ret = path_fmt(dir, sizeof(dir), "%.*s", (int)(base - name), name);
	if (!ret && !realpath(dir, real))
		ret = -errno;
	if (!ret)
		ret = path_fmt(path, PATH_MAX, "%s/%s",
			       strcmp(real, "/") ? real : "", base);
	return ret;
}

int program_find(const char *name, struct program *prog, const struct why *why)
{
	static const char *const mounted[] = {"/dev/", "/proc/", "/sys/"};
	char found[PATH_MAX];
	size_t i;
	int ret;

	if (!*name)
		return fault(why, -ENOENT, "the command is empty");
	if (strchr(name, '/'))
		ret = path_fmt(found, sizeof(found), "%s", name);
	else
		ret = find_in_path(name, found, why);
	if (ret)
		return ret;
	ret = usable(found);
	if (!ret)
		ret = absolute(found, prog->host);
	if (ret == -EACCES)
		return fault(why, ret, "%s: not an executable file", name);
	if (ret)
		return fault(why, ret, "%s: %s", name, strerror(-ret));
	strcpy(prog->guest, prog->host);
	/* The guest has its own file systems there. */
	for (i = 0; i < sizeof(mounted) / sizeof(*mounted); i++) {
		if (!strncmp(prog->host, mounted[i], strlen(mounted[i])))
			ret = path_fmt(prog->guest, sizeof(prog->guest),
				       "/bin%s", strrchr(prog->host, '/'));
	}
	return ret;
}

int program_fits(const char *path, const struct arch *arch,
		 const struct why *why)
{
	const struct arch *its;
	struct elf_file elf;
	bool fits;
	int ret = elf_open(&elf, path);

	if (ret)
		return fault(why, ret, "%s: %s", path, strerror(-ret));
	its = arch_of_elf(&elf);
	/* A 64-bit x86 kernel runs the programs of a 32-bit one. */
	fits = !elf_is(&elf) || its == arch ||
	       (arch_is_native(arch) && its && its->image == arch->image);
	elf_close(&elf);
	return fits ? 0
		    : fault(why, -ENOEXEC,
			    "%s: a program for %s, and the guest is %s "
			    "(--arch)",
			    path, its ? its->name : "another architecture",
			    arch->name);
}
