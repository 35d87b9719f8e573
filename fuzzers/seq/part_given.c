// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Of a program: descriptors that sequences find. */
#include "parts.h"

#define EVENTS                                                   \
	(GIVEN_BIT(PERF_SOFTWARE) | GIVEN_BIT(PERF_TRACEPOINT) | \
	 GIVEN_BIT(PERF_SYSCALL) | GIVEN_BIT(PERF_KPROBE) |      \
	 GIVEN_BIT(PERF_UPROBE))
#define MAPS  (GIVEN_BIT(MAP_HASH) | GIVEN_BIT(MAP_ARRAY))
#define PROGS (GIVEN_BIT(PROG_FILTER) | GIVEN_BIT(PROG_XDP))

const struct part seq_part_given[] = {
	{(NEED(SEQ_GIVENS) - 1) | NEED(NEED_JIT),
	 "/* Calls get the lowest numbers; what they find stands above. */\n"
	 "__attribute__((unused))\n"
	 "static void move(int fd, int to)\n"
	 "{\n"
	 "\tif (fd < 0)\n"
	 "\t\treturn;\n"
	 "\tdup3(fd, to, O_CLOEXEC);\n"
	 "\tclose(fd);\n"
	 "}\n"
	 "\n"},
	{EVENTS | GIVEN_BIT(CGROUP),
	 "__attribute__((unused))\n"
	 "static int file_write(const char *path, const char *text)\n"
	 "{\n"
	 "\tint fd = open(path, O_WRONLY | O_CLOEXEC);\n"
	 "\tssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));\n"
	 "\n"
	 "\tif (n < 0)\n"
	 "\t\tperror(path);\n"
	 "\tclose(fd);\n"
	 "\treturn n < 0 ? -1 : 0;\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(CGROUP),
	 "#define CGROUPS \"/sys/fs/cgroup\"\n"
	 "\n"
	 "/* A cgroup of v2, which this process enters. */\n"
	 "static int make_cgroup(void)\n"
	 "{\n"
	 "\tchar path[80], cgroup[48];\n"
	 "\n"
	 "\tif (access(CGROUPS \"/cgroup.procs\", F_OK) &&\n"
	 "\t    mount(\"none\", CGROUPS, \"cgroup2\", 0, NULL))\n"
	 "\t\tperror(\"mounting cgroup2\");\n"
	 "\tsnprintf(cgroup, sizeof(cgroup), CGROUPS \"/seq-%d\",\n"
	 "\t\t (int)getppid());\n"
	 "\tmkdir(cgroup, 0755);\n"
	 "\tsnprintf(path, sizeof(path), \"%s/cgroup.procs\", cgroup);\n"
	 "\tfile_write(path, \"0\");\n"
	 "\treturn open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(BPFFS),
	 "/* A BPF filesystem that is mounted nowhere, as the working directory\n"
	 " * (fsopen, fsconfig FSCONFIG_CMD_CREATE, fsmount). */\n"
	 "static int make_bpffs(void)\n"
	 "{\n"
	 "\tint fs = (int)syscall(430, \"bpf\", 0), fd = -1;\n"
	 "\n"
	 "\tif (fs >= 0 && !syscall(431, fs, 6, NULL, NULL, 0))\n"
	 "\t\tfd = (int)syscall(432, fs, 0, 0);\n"
	 "\tclose(fs);\n"
	 "\tif (fd < 0 || fchdir(fd))\n"
	 "\t\tperror(\"making a BPF filesystem\");\n"
	 "\treturn fd;\n"
	 "}\n"
	 "\n"},
	{MAPS, "static int make_map(uint32_t type, uint32_t entries, "
	       "uint32_t flags)\n"
	       "{\n"
	       "\tuint32_t attr[5] = {type, 4, 8, entries, flags};\n"
	       "\n"
	       "\treturn (int)syscall(SYS_bpf, 0, attr, sizeof(attr));\n"
	       "}\n"
	       "\n"},
	{GIVEN_BIT(MAP_HASH),
	 "/* A hash with four entries, BPF_F_ZERO_SEED. */\n"
	 "static int make_hash(void)\n"
	 "{\n"
	 "\tint fd = make_map(1, 16, 1 << 6);\n"
	 "\n"
	 "\tfor (uint32_t key = 0; key < 4; key++) {\n"
	 "\t\tuint64_t value = key;\n"
	 "\t\tuint64_t attr[4] = {0, (uintptr_t)&key, (uintptr_t)&value};\n"
	 "\n"
	 "\t\tmemcpy(attr, &fd, sizeof(fd));\n"
	 "\t\tsyscall(SYS_bpf, 2, attr, sizeof(attr));\n"
	 "\t}\n"
	 "\treturn fd;\n"
	 "}\n"
	 "\n"},
	{PROGS, "/* A program of TYPE that returns VALUE. */\n"
		"static int make_prog(uint32_t type, uint64_t value)\n"
		"{\n"
		"\tuint64_t insns[2] = {0xb7 | value << 32, 0x95};\n"
		"\tuint64_t attr[6] = {type | 2ull << 32, (uintptr_t)insns,\n"
		"\t\t\t    (uintptr_t)\"GPL\"};\n"
		"\n"
		"\treturn (int)syscall(SYS_bpf, 5, attr, sizeof(attr));\n"
		"}\n"
		"\n"},
	{GIVEN_BIT(BTF_VMLINUX),
	 "/* BPF_BTF_GET_FD_BY_ID */\n"
	 "static int make_btf_vmlinux(void)\n"
	 "{\n"
	 "\tuint32_t attr[4] = {1};\n"
	 "\n"
	 "\treturn (int)syscall(SYS_bpf, 19, attr, sizeof(attr));\n"
	 "}\n"
	 "\n"},
	{0, NULL},
};

/* In the order in which they are made. */
const struct part seq_part_setup[] = {
	{NEED(NEED_JIT), "\tmove(open(\"/proc/sys/net/core/bpf_jit_enable\",\n"
			 "\t\t  O_RDWR | O_CLOEXEC), JIT);\n"},
	{NEED(NEED_NET), "\tif (unshare(CLONE_NEWNET))\n"
			 "\t\tperror(\"a network namespace\");\n"
			 "\tlo_up();\n"},
	{EVENTS,
	 "\tfile_write(\"/proc/sys/kernel/perf_event_paranoid\", \"-1\");\n"},
	{GIVEN_BIT(PERF_TRACEPOINT) | GIVEN_BIT(PERF_SYSCALL),
	 "\tmount(\"none\", \"/sys/kernel/tracing\", \"tracefs\", 0, NULL);\n"},
	{GIVEN_BIT(CGROUP), "\tmove(make_cgroup(), GIVEN_CGROUP);\n"},
	{GIVEN_BIT(NETNS),
	 "\tmove(open(\"/proc/self/ns/net\", O_RDONLY | O_CLOEXEC), "
	 "GIVEN_NETNS);\n"},
	{GIVEN_BIT(BPFFS), "\tmove(make_bpffs(), GIVEN_BPFFS);\n"},
	{GIVEN_BIT(FILE),
	 "\tmove(open(\"/proc/self/exe\", O_RDONLY | O_CLOEXEC), "
	 "GIVEN_FILE);\n"},
	{GIVEN_BIT(PERF_SOFTWARE), "\tmove(open_event(PERF_TYPE_SOFTWARE,\n"
				   "\t\t\tPERF_COUNT_SW_CONTEXT_SWITCHES, "
				   "NULL, 0),\n"
				   "\t     GIVEN_PERF_SOFTWARE);\n"},
	{GIVEN_BIT(PERF_TRACEPOINT),
	 "\tmove(open_event(PERF_TYPE_TRACEPOINT, file_number(\n"
	 "\t\t\"/sys/kernel/tracing/events/task/task_newtask/id\"), NULL, 0),\n"
	 "\t     GIVEN_PERF_TRACEPOINT);\n"},
	{GIVEN_BIT(PERF_SYSCALL),
	 "\tmove(open_event(PERF_TYPE_TRACEPOINT, file_number(\n"
	 "\t\t\"/sys/kernel/tracing/events/syscalls/sys_enter_getpgid/id\"),\n"
	 "\t\tNULL, 0), GIVEN_PERF_SYSCALL);\n"},
	{GIVEN_BIT(PERF_KPROBE),
	 "\tmove(open_event(file_number(\n"
	 "\t\t\"/sys/bus/event_source/devices/kprobe/type\"), 0,\n"
	 "\t\t\"__x64_sys_getpgid\", 0), GIVEN_PERF_KPROBE);\n"},
	{GIVEN_BIT(PERF_UPROBE),
	 "\tmove(open_event(file_number(\n"
	 "\t\t\"/sys/bus/event_source/devices/uprobe/type\"), 0,\n"
	 "\t\t\"/proc/self/exe\", offset_in_file((uintptr_t)probed)),\n"
	 "\t     GIVEN_PERF_UPROBE);\n"},
	{GIVEN_BIT(PIDFD), "\tmove((int)syscall(434, getpid(), 0), "
			   "GIVEN_PIDFD); /* pidfd_open */\n"},
	{GIVEN_BIT(EPOLL),
	 "\tmove(epoll_create1(EPOLL_CLOEXEC), GIVEN_EPOLL);\n"},
	{GIVEN_BIT(BTF_VMLINUX),
	 "\tmove(make_btf_vmlinux(), GIVEN_BTF_VMLINUX);\n"},
	{GIVEN_BIT(MAP_HASH), "\tmove(make_hash(), GIVEN_MAP_HASH);\n"},
	{GIVEN_BIT(MAP_ARRAY), "\tmove(make_map(2, 4, 0), GIVEN_MAP_ARRAY);\n"},
	{GIVEN_BIT(PROG_FILTER), "\tmove(make_prog(1, 0), "
				 "GIVEN_PROG_FILTER);\n"},
	{GIVEN_BIT(PROG_XDP), "\tmove(make_prog(6, 2), GIVEN_PROG_XDP);\n"},
	{GIVEN_BIT(TCP_LISTEN), "\tmake_tcp();\n"},
	{GIVEN_BIT(UDP), "\tmake_udp();\n"},
	{GIVEN_BIT(UNIX), "\tmake_unix();\n"},
	{GIVEN_BIT(TCP6), "\tmake_tcp6();\n"},
	{0, NULL},
};
