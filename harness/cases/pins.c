// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a pin is worth: it keeps a map, program or link alive, and whoever gets
 * it has the object with the access asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"
#include "pin.h"
#include "progs.h"

const char *pin_object(void **state, int fd, const char *what)
{
	static char path[96];
	struct bpfsys_obj_attr attr;

	snprintf(path, sizeof(path), "/sys/fs/bpf/bpfabi-%d-%s", (int)getpid(),
		 what);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpfsys_ptr(path);
	attr.bpf_fd = (uint32_t)fd;
	need(state, "BPF_OBJ_PIN", bpfsys_obj_pin(&attr));
	return path;
}

int get_pinned(void **state, const char *path, uint32_t flags)
{
	struct bpfsys_obj_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpfsys_ptr(path);
	attr.file_flags = flags;
	fd = bpfsys_obj_get(&attr);
	expect_ok(state, "BPF_OBJ_GET", fd);
	expect_u64(state, "FD_CLOEXEC of the descriptor", FD_CLOEXEC,
		   (uint64_t)fcntl(fd, F_GETFD));
	return fd;
}

/* How the element commands that read, and those that write, end through FD: 0
 * or an errno. The map has ELEM_KEY, and another. */
static void expect_access(void **state, int fd, int reading, int writing)
{
	uint64_t key = ELEM_KEY, value = ELEM_VALUE, next;
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	expect_error(state, "BPF_MAP_UPDATE_ELEM", writing,
		     bpfsys_map_update_elem(&attr));
	expect_error(state, "BPF_MAP_LOOKUP_ELEM", reading,
		     bpfsys_map_lookup_elem(&attr));
	attr.value = 0;
	expect_error(state, "BPF_MAP_DELETE_ELEM", writing,
		     bpfsys_map_delete_elem(&attr));
	attr.key = 0;
	attr.next_key = bpfsys_ptr(&next);
	expect_error(state, "BPF_MAP_GET_NEXT_KEY", reading,
		     bpfsys_map_get_next_key(&attr));
}

void obj_get__access(void **state)
{
	int fd = make_map(state, BPF_MAP_TYPE_HASH, 8, 8, 4, 0);
	const uint64_t keys[] = {ELEM_KEY, 1}, value = ELEM_VALUE;
	const char *path;

	put_elem(state, fd, &keys[0], &value);
	put_elem(state, fd, &keys[1], &value);
	path = pin_object(state, fd, "map");
	close(fd);
	fd = get_pinned(state, path, BPF_F_RDONLY);
	expect_access(state, fd, 0, EPERM);
	close(fd);
	fd = get_pinned(state, path, BPF_F_WRONLY);
	expect_access(state, fd, EPERM, 0);
	close(fd);
	fd = get_pinned(state, path, 0);
	expect_access(state, fd, 0, 0);
	close(fd);
	unlink(path);
}

/* The program is there without a descriptor, and goes with the pin. */
void obj_get__program(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 42);
	uint32_t id = id_of_prog(state, fd);
	const char *path = pin_object(state, fd, "prog");

	close(fd);
	fd = get_pinned(state, path, 0);
	expect_u64(state, "id of the program", id, id_of_prog(state, fd));
	expect_u64(state, "what it returns", 42, run_on_packet(state, fd, 1));
	close(fd);
	fd = open_id(bpfsys_prog_get_fd_by_id, id);
	close_if_fd(fd);
	expect_ok(state, "BPF_PROG_GET_FD_BY_ID of what is pinned alone", fd);
	unlink(path);
	expect_true(state, "the program is gone with its pin",
		    is_gone(bpfsys_prog_get_fd_by_id, id));
}

static void expect_children(void **state, int counters_fd, const char *what,
			    uint64_t want)
{
	uint64_t counters[COUNTERS];

	make_child(state);
	read_counters(state, counters_fd, counters);
	expect_u64(state, what, want, counters[0]);
}

/* The program hangs where it did as long as there is the pin. */
void obj_get__link(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_newtask_prog(state, map_fd);
	int fd = open_raw_tracepoint(state, "task_newtask", prog_fd);
	uint32_t id = id_of_link(state, fd);
	const char *path = pin_object(state, fd, "link");

	close(fd);
	close(prog_fd);
	expect_children(state, map_fd, "children that a pinned link saw", 1);
	fd = get_pinned(state, path, 0);
	expect_u64(state, "id of the link", id, id_of_link(state, fd));
	unlink(path);
	expect_children(state, map_fd, "children that an open link saw", 2);
	close(fd);
	expect_true(state, "the link is gone",
		    is_gone(bpfsys_link_get_fd_by_id, id));
	expect_children(state, map_fd, "children that no link saw", 2);
	close(map_fd);
}
