// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Mounts of the bpf filesystem: which options it takes, from whom, and what it
 * says of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "token.h"

#define DIR_NAME "/tmp/bpfabi-bpffs"

/* A bpf filesystem with OPTIONS at DIR_NAME: 0 or a negative errno. */
static int mount_with(void **state, const char *options)
{
	int ret;

	need(state, "mkdir", mkdir(DIR_NAME, 0700) ? -errno : 0);
	ret = mount("bpf", DIR_NAME, "bpf", 0, options) ? -errno : 0;
	if (ret)
		rmdir(DIR_NAME);
	return ret;
}

static void unmount(void **state)
{
	need(state, "umount", umount(DIR_NAME) ? -errno : 0);
	need(state, "rmdir", rmdir(DIR_NAME) ? -errno : 0);
}

/* The filesystem's own options in /proc/self/mountinfo, the last field. */
static void shown_options(void **state, char *options, size_t size)
{
	char line[1024], *last = NULL;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	need(state, "open of /proc/self/mountinfo", file ? 0 : -errno);
	while (!last && fgets(line, sizeof(line), file))
		if (strstr(line, " " DIR_NAME " "))
			last = strrchr(line, ' ');
	fclose(file);
	need(state, "the mount in /proc/self/mountinfo", last ? 0 : -ENOENT);
	snprintf(options, size, "%.*s", (int)strcspn(last + 1, "\n"), last + 1);
}

/* Mounts with OPTIONS, and unmounts: STATUS of the root directory, and SHOWN in
 * the list of mounts. */
static void mount_and_look(void **state, const char *options,
			   struct stat *status, char *shown, size_t size)
{
	int ret;

	expect_ok(state, options, mount_with(state, options));
	ret = stat(DIR_NAME, status) ? -errno : 0;
	shown_options(state, shown, size);
	unmount(state);
	need(state, "stat of the root directory", ret);
}

static void expect_text(void **state, const char *what, const char *want,
			const char *got)
{
	expect_mem(state, what, want, got, strlen(want) + 1);
}

/* Without one it is for all, like /tmp. */
void obj_pin__mount_mode(void **state)
{
	struct stat status;
	char shown[256];

	mount_and_look(state, "", &status, shown, sizeof(shown));
	expect_u64(state, "mode of the root directory", S_IFDIR | 01777,
		   status.st_mode);
	expect_text(state, "options", "rw", shown);
	mount_and_look(state, "mode=0700", &status, shown, sizeof(shown));
	expect_u64(state, "mode of the root directory with mode=0700",
		   S_IFDIR | 01700, status.st_mode);
	expect_text(state, "options", "rw,mode=700", shown);
	expect_error(state, "mode=8", EINVAL, mount_with(state, "mode=8"));
}

void obj_pin__mount_unknown_option(void **state)
{
	struct stat status;
	char shown[256];

	mount_and_look(state, "bpfabi=1,mode=0711", &status, shown,
		       sizeof(shown));
	expect_u64(state, "mode of the root directory", S_IFDIR | 01711,
		   status.st_mode);
}

/* Before, they are options that the filesystem does not know. */
void obj_pin__mount_owner(void **state)
{
	uint32_t offset, size, owner = 0;
	struct stat status;
	char shown[256];

	if (!kernel_has_btf())
		skip_case(state, "the kernel has no BTF to find uid in");
	if (kernel_member("bpf_mount_opts.uid", &offset, &size))
		owner = 1000;
	mount_and_look(state, "uid=1000,gid=1001", &status, shown,
		       sizeof(shown));
	expect_u64(state, "owner of the root directory", owner, status.st_uid);
	expect_u64(state, "group of the root directory", owner ? 1001 : 0,
		   status.st_gid);
	expect_text(state, "options", owner ? "rw,uid=1000,gid=1001" : "rw",
		    shown);
}

/* BPF_COMMON_ATTRS, 1 << 16, came to the commands' names, and the kernel shifts
 * by it where it looks for those of some commands, which UBSAN reports:
 * kernel/bpf/inode.c, seq_print_delegate_opts(), msk = 1ULL << e->val. */
static bool command_names_shown(void)
{
	return !kernel_has_enumerator("bpf_cmd", "BPF_COMMON_ATTRS");
}

static void expect_shown(void **state, const char *options, const char *want)
{
	struct stat status;
	char shown[256];

	mount_and_look(state, options, &status, shown, sizeof(shown));
	expect_text(state, options, want, shown);
}

/* By name, in either case, with a colon between; by number; and all. */
void token_create__options_shown(void **state)
{
	expect_shown(state,
		     "delegate_cmds=any,delegate_maps=HASH:array,"
		     "delegate_progs=0x6,delegate_attachs=cgroup_device",
		     "rw,delegate_cmds=any,delegate_maps=hash:array,"
		     "delegate_progs=socket_filter:kprobe,"
		     "delegate_attachs=cgroup_device");
	if (command_names_shown())
		expect_shown(state, "delegate_cmds=prog_load:map_create",
			     "rw,delegate_cmds=map_create:prog_load");
	expect_error(state, "a command that there is not", EINVAL,
		     mount_with(state, "delegate_cmds=bpfabi"));
}

/* A context of a bpf filesystem. */
static int open_context(void **state)
{
	return check_call(state, "fsopen(\"bpf\")",
			  fsopen("bpf", FSOPEN_CLOEXEC));
}

static int set_option(int fs_fd, const char *option, const char *value)
{
	return fsconfig(fs_fd, FSCONFIG_SET_STRING, option, value, 0) ? -errno
								      : 0;
}

static int make_filesystem(int fs_fd)
{
	return fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ? -errno : 0;
}

/* Root of a user namespace would delegate to itself what it has not. */
void token_create__delegation_privileged(void **state)
{
	static const char *const options[] = {
		"delegate_cmds",
		"delegate_maps",
		"delegate_progs",
		"delegate_attachs",
	};
	static const struct delegation nothing;
	int fs_fd;

	close(token_enter_userns(state, &nothing));
	fs_fd = open_context(state);
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		expect_error(state, options[i], EPERM,
			     set_option(fs_fd, options[i], "any"));
		expect_error(state, options[i], EPERM,
			     set_option(fs_fd, options[i], "0x1"));
		expect_error(state, "delegation of nothing", 0,
			     set_option(fs_fd, options[i], "0"));
	}
	expect_error(state, "fsconfig(FSCONFIG_CMD_CREATE)", EPERM,
		     make_filesystem(fs_fd));
	close(fs_fd);
}

/* Nor does root of the initial one without CAP_SYS_ADMIN. */
void token_create__delegation_sys_admin(void **state)
{
	int fs_fd = open_context(state), without, with;

	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN));
	without = set_option(fs_fd, "delegate_cmds", "map_create");
	regain_caps(state);
	with = set_option(fs_fd, "delegate_cmds", "map_create");
	close(fs_fd);
	expect_error(state, "delegate_cmds without CAP_SYS_ADMIN", EPERM,
		     without);
	expect_error(state, "delegate_cmds with it", 0, with);
}

/* A token is of the filesystem, whose root stands for it. */
void token_create__not_root(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(MAP_CREATE),
	};
	int root_fd = token_enter_userns(state, &what), dir_fd, ret;

	check_call(state, "mkdir in the bpf filesystem",
		   mkdirat(root_fd, "below", 0700));
	dir_fd = check_call(state, "open of it",
			    openat(root_fd, "below",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	ret = token_create(dir_fd);
	close_if_fd(ret);
	close(dir_fd);
	unlinkat(root_fd, "below", AT_REMOVEDIR);
	close(root_fd);
	expect_errno(state, ret);
}
