// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi-guest stands beside bpfabi, unless the user says otherwise; the one
 * for another architecture is called after that. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

/* The suite that a 64-bit kernel runs as 32-bit programs. */
#define COMPAT32_ARCH "i386"

static const char *suffix(const struct run_options *options)
{
	return options->compat32 ? COMPAT32_ARCH : options->arch;
}

static int find_beside(const struct run_options *options, char *path,
		       size_t size)
{
	const char *arch = suffix(options);
	ssize_t len = readlink("/proc/self/exe", path, size - 1);
	size_t room;
	char *slash;

	if (len < 0)
		return -errno;
	path[len] = '\0';
	slash = strrchr(path, '/');
	room = slash ? size - (size_t)(slash - path) : 0;
	if ((size_t)snprintf(slash, room, "/bpfabi-guest%s%s", arch ? "-" : "",
			     arch ? arch : "") >= room)
		return -ENAMETOOLONG;
	return 0;
}

static int find(const struct run_options *options, char *path, size_t size)
{
	const char *given = options->guest, *env = getenv("BPFABI_GUEST");
	int ret = 0;

	if (!given && env && *env)
		given = env;
	if (!given)
		ret = find_beside(options, path, size);
	/* libbpfvm seeks a name without a slash in PATH; a file is meant. */
	else if (snprintf(path, size, "%s%s", strchr(given, '/') ? "" : "./",
			  given) >= (int)size)
		ret = -ENAMETOOLONG;
	if (ret < 0)
		return ret;
	return access(path, R_OK | X_OK) == 0 ? 0 : -errno;
}

static bool is_narrow(const char *path)
{
	unsigned char ident[EI_NIDENT] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ident, sizeof(ident));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)sizeof(ident) &&
	       memcmp(ident, ELFMAG, SELFMAG) == 0 &&
	       ident[EI_CLASS] == ELFCLASS32;
}

static const char *make_what(const struct run_options *options)
{
	if (options->compat32)
		return " setup-cross CROSS=" COMPAT32_ARCH;
	return options->arch ? " setup-cross" : "";
}

enum status guest_find(const struct run_options *options, struct guest *guest)
{
	int ret = find(options, guest->path, sizeof(guest->path));

	if (ret < 0) {
		complain("the suite %s cannot be used: %s; `make%s` builds it, "
			 "--guest names another",
			 ret == -ENAMETOOLONG ? "" : guest->path,
			 strerror(-ret), make_what(options));
		return STATUS_NO_VERDICT;
	}
	/* What the reports say of a suite that --guest names holds, too. */
	guest->compat32 = !options->arch && is_narrow(guest->path);
	if (options->compat32 && !guest->compat32) {
		complain("--compat32 wants a suite of 32 bits, and %s is none; "
			 "`make%s` builds one",
			 guest->path, make_what(options));
		return STATUS_NO_VERDICT;
	}
	return STATUS_HOLDS;
}
