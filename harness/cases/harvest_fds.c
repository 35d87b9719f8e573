// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What descriptors, IDs and types are to a sequence: something that one of its
 * calls made, or something that every sequence finds. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <bpfsys/abi.h>

#include "call.h"
#include "harvest_call.h"
#include "kernel.h"

#define MOST_FDS 1024

static struct {
	bool made;
	unsigned int at; /* call of the case */
	uint32_t id;	 /* of the object, or 0 */
} made[MOST_FDS];

void harvest_fds_forget(void)
{
	memset(made, 0, sizeof(made));
}

/* The first field of what a link's, map's or program's info has is the type,
 * the second the ID; of BTF it is the fourth. */
static uint32_t id_of(int fd)
{
	struct bpfsys_obj_info_attr attr;
	uint32_t info[8] = {0};
	char path[64], what[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, what, sizeof(what) - 1);
	if (n < 0)
		return 0;
	what[n] = '\0';
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(info);
	if (__real_bpfsys(BPFSYS_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0)
		return 0;
	return strcmp(what, "anon_inode:btf") == 0 ? info[3] : info[1];
}

void harvest_fd_made(const struct harvested *call, int ret, unsigned int at)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->call.cmd);

	if (!cmd || cmd->returns != BPFSYS_RETURNS_FD || ret < 0 ||
	    ret >= MOST_FDS)
		return;
	made[ret].made = true;
	made[ret].at = at;
	made[ret].id = id_of(ret);
}

static unsigned int given_of_socket(int fd)
{
	int type = 0, domain = 0, listens = 0;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int), size = sizeof(peer);

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len);
	if (domain == AF_UNIX)
		return SEQ_GIVEN_UNIX;
	if (type == SOCK_DGRAM)
		return SEQ_GIVEN_UDP;
	if (listens)
		return SEQ_GIVEN_TCP_LISTEN;
	return getpeername(fd, (struct sockaddr *)&peer, &size) == 0
		       ? SEQ_GIVEN_TCP
		       : SEQ_GIVEN_TCP6;
}

static unsigned int given_of_event(int fd)
{
	struct bpfsys_task_fd_query_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pid = (uint32_t)getpid();
	attr.fd = (uint32_t)fd;
	if (__real_bpfsys(BPFSYS_TASK_FD_QUERY, &attr, sizeof(attr)) < 0)
		return SEQ_GIVEN_PERF_SOFTWARE;
	switch (attr.fd_type) {
	case 1: /* BPF_FD_TYPE_TRACEPOINT */
		return SEQ_GIVEN_PERF_TRACEPOINT;
	case 2: /* BPF_FD_TYPE_KPROBE */
	case 3: /* BPF_FD_TYPE_KRETPROBE */
		return SEQ_GIVEN_PERF_KPROBE;
	default:
		return SEQ_GIVEN_PERF_UPROBE;
	}
}

static unsigned int given_of_file(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return SEQ_GIVEN_FILE;
	if ((uint32_t)fs.f_type == CGROUP2_SUPER_MAGIC)
		return SEQ_GIVEN_CGROUP;
	if ((uint32_t)fs.f_type == BPF_FS_MAGIC)
		return SEQ_GIVEN_BPFFS;
	return SEQ_GIVEN_FILE;
}

static unsigned int given_of(int fd)
{
	static const struct {
		const char *prefix;
		unsigned int given;
	} kinds[] = {
		{"net:[", SEQ_GIVEN_NETNS},
		{"anon_inode:[pidfd]", SEQ_GIVEN_PIDFD},
		{"anon_inode:[eventpoll]", SEQ_GIVEN_EPOLL},
		{"anon_inode:btf", SEQ_GIVEN_BTF_VMLINUX},
		{"anon_inode:bpf-map", SEQ_GIVEN_MAP_HASH},
		{"anon_inode:bpf-prog", SEQ_GIVEN_PROG_FILTER},
	};
	char path[64], what[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, what, sizeof(what) - 1);
	if (n < 0)
		return SEQ_GIVEN_CLOSED;
	what[n] = '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strncmp(what, kinds[i].prefix, strlen(kinds[i].prefix)) ==
		    0)
			return kinds[i].given;
	if (strncmp(what, "socket:", 7) == 0)
		return given_of_socket(fd);
	if (strcmp(what, "anon_inode:[perf_event]") == 0)
		return given_of_event(fd);
	return given_of_file(fd);
}

static struct seq_ref *new_ref(struct harvested *call, unsigned int kind,
			       unsigned int in, unsigned int at,
			       unsigned int width)
{
	struct seq_ref *ref;

	if (call->call.n_refs == SEQ_REFS)
		return NULL;
	ref = &call->call.refs[call->call.n_refs++];
	ref->in = (uint8_t)in;
	ref->kind = (uint8_t)kind;
	ref->width = (uint8_t)width;
	ref->at = (uint16_t)at;
	return ref;
}

/* A descriptor that was closed meanwhile is another's now, or nobody's. */
static bool still_there(int fd)
{
	return fcntl(fd, F_GETFD) >= 0 &&
	       (!made[fd].id || made[fd].id == id_of(fd));
}

void harvest_fd_ref(struct harvested *call, int fd, unsigned int in,
		    unsigned int at, unsigned int width)
{
	const bool ours =
		fd >= 0 && fd < MOST_FDS && made[fd].made && still_there(fd);
	struct seq_ref *ref =
		new_ref(call, ours ? SEQ_REF_FD : SEQ_REF_GIVEN, in, at, width);

	if (ref && ours)
		call->needs[ref - call->call.refs] = made[fd].at;
	else if (ref)
		ref->which = (uint8_t)given_of(fd);
}

bool harvest_id_ref(struct harvested *call, uint32_t id, unsigned int at)
{
	struct seq_ref *ref;

	for (int fd = 0; id && fd < MOST_FDS; fd++) {
		if (!made[fd].made || made[fd].id != id)
			continue;
		ref = new_ref(call, SEQ_REF_ID, SEQ_IN_ATTR, at, 4);
		if (ref)
			call->needs[ref - call->call.refs] = made[fd].at;
		return ref;
	}
	return false;
}

bool harvest_pid_ref(struct harvested *call, pid_t pid, unsigned int at)
{
	struct seq_ref *ref = pid == getpid() ? new_ref(call, SEQ_REF_GIVEN,
							SEQ_IN_ATTR, at, 4)
					      : NULL;

	if (ref)
		ref->which = SEQ_GIVEN_PID;
	return ref;
}

static int id_of_name(const struct seq_name *name)
{
	if (strcmp(name->kind, "func") == 0)
		return kernel_func_id(name->name);
	if (strcmp(name->kind, "struct") == 0)
		return kernel_struct_id(name->name);
	return kernel_typedef_id(name->name);
}

bool harvest_btf_ref(struct harvested *call, uint32_t id, unsigned int at)
{
	struct seq_ref *ref;

	for (unsigned int i = 0; id && i < seq_names_count; i++) {
		if (id_of_name(&seq_names[i]) != (int)id)
			continue;
		ref = new_ref(call, SEQ_REF_BTF, SEQ_IN_ATTR, at, 4);
		if (ref)
			ref->which = (uint8_t)i;
		return ref;
	}
	return false;
}
