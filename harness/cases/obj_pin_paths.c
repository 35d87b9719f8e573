// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_PIN and BPF_OBJ_GET: paths, permissions, path_fd, and what pins keep
 * alive. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "ids.h"
#include "kernel.h"
#include "map_elem.h"
#include "pin.h"
#include "progs.h"

/* BPF_F_PATH_FD */
#define F_PATH_FD (1u << 14)

static void path_in_file(struct world *world, union argument *attr)
{
	/* The pin itself is no directory. */
	need(world->state, "BPF_OBJ_PIN", bpfsys_obj_pin(&attr->obj));
	snprintf((char *)world->in, sizeof(world->in), "%s/x", world->path);
	attr->obj.pathname = bpfsys_ptr(world->in);
}

void obj_pin__directory_is_file(void **state)
{
	judge_broken(state, path_in_file);
}

static void name_too_long(struct world *world, union argument *attr)
{
	int n = snprintf((char *)world->in, sizeof(world->in), "/sys/fs/bpf/");

	memset(world->in + n, 'a', 256);
	attr->obj.pathname = bpfsys_ptr(world->in);
}

void obj_pin__name_too_long(void **state)
{
	judge_broken(state, name_too_long);
}

static void empty_path(struct world *world, union argument *attr)
{
	attr->obj.pathname = bpfsys_ptr(world->in);
}

void obj_pin__empty_path(void **state)
{
	judge_broken(state, empty_path);
}

void obj_get__empty_path(void **state)
{
	judge_broken(state, empty_path);
}

/* Links are followed by BPF_OBJ_GET. */
static void link_loop(struct world *world, union argument *attr)
{
	snprintf(world->dir, sizeof(world->dir), "/sys/fs/bpf/bpfabi-loop");
	need(world->state, "symlink",
	     symlink(world->dir, world->dir) != 0 ? -errno : 0);
	attr->obj.pathname = bpfsys_ptr(world->dir);
}

void obj_get__link_loop(void **state)
{
	judge_broken(state, link_loop);
	unlink("/sys/fs/bpf/bpfabi-loop");
}

static void into_loop(struct world *world, union argument *attr)
{
	link_loop(world, attr);
	snprintf(world->path, sizeof(world->path), "%s/pin", world->dir);
	attr->obj.pathname = bpfsys_ptr(world->path);
}

void obj_pin__link_loop(void **state)
{
	judge_broken(state, into_loop);
	unlink("/sys/fs/bpf/bpfabi-loop");
}

static void name_stdin(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.bpf_fd = 0;
}

void obj_pin__not_an_object(void **state)
{
	judge_broken(state, name_stdin);
}

static void name_btf(struct world *world, union argument *attr)
{
	world->btf_fd = make_btf(world->state);
	attr->obj.bpf_fd = (uint32_t)world->btf_fd;
}

void obj_pin__btf(void **state)
{
	judge_broken(state, name_btf);
}

static void access_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.file_flags = BPF_F_RDONLY;
}

void obj_pin__access_flag(void **state)
{
	judge_broken(state, access_flag);
}

static void stray_path_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.path_fd = 1;
}

void obj_pin__path_fd_without_flag(void **state)
{
	judge_broken(state, stray_path_fd);
}

void obj_get__path_fd_without_flag(void **state)
{
	judge_broken(state, stray_path_fd);
}

/* Before path_fd the flag is EINVAL, as any other. */
static void judge_path_fd(void **state, break_fn *brk)
{
	struct run *run = *state;
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.obj.file_flags = F_PATH_FD;
	brk(&world, &attr);
	ret = call_wrapper(run->which->command, &attr);
	close_if_fd(ret);
	world_drop(&world);
	if (kernel_offers(state, "bpf_attr.path_fd", BPFSYS_KV(6, 5)))
		expect_errno(state, ret);
	else
		expect_error(state, "BPF_F_PATH_FD before 6.5", EINVAL, ret);
}

static void relative_to_closed(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("bpfabi-relative");
	attr->obj.path_fd = CLOSED_FD;
}

void obj_pin__path_fd_closed(void **state)
{
	judge_path_fd(state, relative_to_closed);
}

void obj_get__path_fd_closed(void **state)
{
	judge_path_fd(state, relative_to_closed);
}

static void relative_to_map(struct world *world, union argument *attr)
{
	attr->obj.pathname = bpfsys_ptr("bpfabi-relative");
	attr->obj.path_fd = (uint32_t)world->map_fd;
}

void obj_pin__path_fd_no_directory(void **state)
{
	judge_path_fd(state, relative_to_map);
}

void obj_get__path_fd_no_directory(void **state)
{
	judge_path_fd(state, relative_to_map);
}

/* Nobody's directory and pins: root without the capabilities that let it pass
 * has no more rights than the mode gives others. */
#define NO_OVERRIDE                                                 \
	(CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | \
	 CAP_BIT(CAP_FOWNER))

static void closed_directory(struct world *world, union argument *attr)
{
	void **state = world->state;

	snprintf(world->dir, sizeof(world->dir), "/sys/fs/bpf/bpfabi-closed");
	snprintf(world->path, sizeof(world->path), "%s/pin", world->dir);
	need(state, "mkdir", mkdir(world->dir, 0555) != 0 ? -errno : 0);
	attr->obj.pathname = bpfsys_ptr(world->path);
	drop_caps(state, NO_OVERRIDE);
}

void obj_pin__directory_not_writable(void **state)
{
	judge_broken(state, closed_directory);
	regain_caps(state);
}

/* Pins get mode 0600. */
static int get_with_mode(void **state, mode_t mode, uint32_t flags)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	need(state, "chmod", chmod(world.path, mode) != 0 ? -errno : 0);
	attr.obj.file_flags = flags;
	drop_caps(state, NO_OVERRIDE);
	ret = bpfsys_obj_get(&attr.obj);
	regain_caps(state);
	close_if_fd(ret);
	world_drop(&world);
	return ret;
}

void obj_get__not_writable(void **state)
{
	expect_errno(state, get_with_mode(state, 0400, 0));
}

void obj_get__write_only_not_writable(void **state)
{
	expect_errno(state, get_with_mode(state, 0400, BPF_F_WRONLY));
}

void obj_get__not_readable(void **state)
{
	expect_errno(state, get_with_mode(state, 0200, BPF_F_RDONLY));
}

void obj_get__mode_allows(void **state)
{
	expect_ok(state, "a pin of mode 0400, BPF_F_RDONLY",
		  get_with_mode(state, 0400, BPF_F_RDONLY));
	expect_ok(state, "a pin of mode 0200, BPF_F_WRONLY",
		  get_with_mode(state, 0200, BPF_F_WRONLY));
	expect_ok(state, "a pin of mode 0600", get_with_mode(state, 0600, 0));
}

#define READ_ONLY "/tmp/bpfabi-read-only"

void obj_pin__read_only(void **state)
{
	struct bpfsys_obj_attr attr;
	struct world world;
	int ret;

	world_make_for(&world, state, &(const struct witness){0});
	make_pinnable(&world);
	need(state, "mkdir", mkdir(READ_ONLY, 0700) != 0 ? -errno : 0);
	need(state, "mount of a bpf filesystem",
	     mount("bpf", READ_ONLY, "bpf", MS_RDONLY, NULL) ? -errno : 0);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpfsys_ptr(READ_ONLY "/pin");
	attr.bpf_fd = (uint32_t)world.map_fd;
	ret = bpfsys_obj_pin(&attr);
	umount(READ_ONLY);
	rmdir(READ_ONLY);
	world_drop(&world);
	expect_errno(state, ret);
}
