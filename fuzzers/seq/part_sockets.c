// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Of a program: sockets and perf events that sequences find. */
#include "parts.h"

#define EVENTS                                                   \
	(GIVEN_BIT(PERF_SOFTWARE) | GIVEN_BIT(PERF_TRACEPOINT) | \
	 GIVEN_BIT(PERF_SYSCALL) | GIVEN_BIT(PERF_KPROBE) |      \
	 GIVEN_BIT(PERF_UPROBE))

const struct part seq_part_sockets[] = {
	{NEED(NEED_NET),
	 "static void lo_up(void)\n"
	 "{\n"
	 "\tint fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);\n"
	 "\tstruct ifreq ifr;\n"
	 "\n"
	 "\tmemset(&ifr, 0, sizeof(ifr));\n"
	 "\tstrcpy(ifr.ifr_name, \"lo\");\n"
	 "\tifr.ifr_flags = IFF_UP | IFF_RUNNING;\n"
	 "\tif (ioctl(fd, SIOCSIFFLAGS, &ifr))\n"
	 "\t\tperror(\"lo\");\n"
	 "\tclose(fd);\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(TCP_LISTEN) | GIVEN_BIT(UDP),
	 "#define SOCK_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)\n"
	 "\n"
	 "/* Bound to a port of 127.0.0.1, which *ADDR gets. */\n"
	 "static int bound(int type, struct sockaddr_in *addr)\n"
	 "{\n"
	 "\tint fd = socket(AF_INET, type | SOCK_FLAGS, 0);\n"
	 "\tsocklen_t len = sizeof(*addr);\n"
	 "\n"
	 "\tmemset(addr, 0, sizeof(*addr));\n"
	 "\taddr->sin_family = AF_INET;\n"
	 "\taddr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);\n"
	 "\tif (bind(fd, (void *)addr, len) ||\n"
	 "\t    getsockname(fd, (void *)addr, &len))\n"
	 "\t\tperror(\"a socket on lo\");\n"
	 "\treturn fd;\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(TCP_LISTEN),
	 "static void make_tcp(void)\n"
	 "{\n"
	 "\tstruct sockaddr_in addr;\n"
	 "\tint listener = bound(SOCK_STREAM, &addr);\n"
	 "\tint fd = socket(AF_INET, SOCK_STREAM | SOCK_FLAGS, 0);\n"
	 "\n"
	 "\tlisten(listener, 16);\n"
	 "\tconnect(fd, (void *)&addr, sizeof(addr));\n"
	 "\tmove(accept4(listener, NULL, NULL, SOCK_FLAGS), GIVEN_TCP_PEER);\n"
	 "\tmove(fd, GIVEN_TCP);\n"
	 "\tmove(listener, GIVEN_TCP_LISTEN);\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(UDP), "/* Connected to itself. */\n"
			 "static void make_udp(void)\n"
			 "{\n"
			 "\tstruct sockaddr_in addr;\n"
			 "\tint fd = bound(SOCK_DGRAM, &addr);\n"
			 "\n"
			 "\tconnect(fd, (void *)&addr, sizeof(addr));\n"
			 "\tmove(fd, GIVEN_UDP);\n"
			 "}\n"
			 "\n"},
	{GIVEN_BIT(UNIX),
	 "static void make_unix(void)\n"
	 "{\n"
	 "\tint pair[2];\n"
	 "\n"
	 "\tif (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | "
	 "SOCK_CLOEXEC,\n"
	 "\t\t       0, pair)) {\n"
	 "\t\tperror(\"socketpair\");\n"
	 "\t\treturn;\n"
	 "\t}\n"
	 "\tmove(pair[0], GIVEN_UNIX);\n"
	 "\tmove(pair[1], GIVEN_UNIX_PEER);\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(TCP6),
	 "static void make_tcp6(void)\n"
	 "{\n"
	 "\tstruct sockaddr_in6 addr = {.sin6_family = AF_INET6,\n"
	 "\t\t\t\t    .sin6_addr = IN6ADDR_LOOPBACK_INIT};\n"
	 "\tint fd = socket(AF_INET6,\n"
	 "\t\t\tSOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);\n"
	 "\n"
	 "\tif (bind(fd, (void *)&addr, sizeof(addr)))\n"
	 "\t\tperror(\"a socket on lo over IPv6\");\n"
	 "\telse\n"
	 "\t\tmove(fd, GIVEN_TCP6);\n"
	 "}\n"
	 "\n"},
	{0, NULL},
};

const struct part seq_part_events[] = {
	{EVENTS & ~GIVEN_BIT(PERF_SOFTWARE),
	 "static long file_number(const char *path)\n"
	 "{\n"
	 "\tFILE *file = fopen(path, \"re\");\n"
	 "\tlong number = -1;\n"
	 "\n"
	 "\tif (!file || fscanf(file, \"%ld\", &number) != 1)\n"
	 "\t\tperror(path);\n"
	 "\tif (file)\n"
	 "\t\tfclose(file);\n"
	 "\treturn number;\n"
	 "}\n"
	 "\n"},
	{EVENTS,
	 "static int open_event(long type, long config, const char *name,\n"
	 "\t\t      uint64_t offset)\n"
	 "{\n"
	 "\tstruct perf_event_attr attr;\n"
	 "\n"
	 "\tif (type < 0 || config < 0)\n"
	 "\t\treturn -1;\n"
	 "\tmemset(&attr, 0, sizeof(attr));\n"
	 "\tattr.size = sizeof(attr);\n"
	 "\tattr.type = (uint32_t)type;\n"
	 "\tattr.config = (uint64_t)config;\n"
	 "\tattr.sample_period = type == PERF_TYPE_SOFTWARE ? 0 : 1;\n"
	 "\tattr.config1 = (uintptr_t)name;\n"
	 "\tattr.config2 = offset;\n"
	 "\treturn (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);\n"
	 "}\n"
	 "\n"},
	{GIVEN_BIT(PERF_UPROBE),
	 "__attribute__((noinline, used)) static int probed(int number)\n"
	 "{\n"
	 "\t__asm__ volatile(\"\");\n"
	 "\treturn number + 1;\n"
	 "}\n"
	 "\n"
	 "static uint64_t offset_in_file(uintptr_t at)\n"
	 "{\n"
	 "\tFILE *maps = fopen(\"/proc/self/maps\", \"re\");\n"
	 "\tunsigned long start, end, offset;\n"
	 "\tuint64_t found = 0;\n"
	 "\tchar line[512];\n"
	 "\n"
	 "\twhile (maps && fgets(line, sizeof(line), maps))\n"
	 "\t\tif (sscanf(line, \"%lx-%lx %*s %lx\", &start, &end,\n"
	 "\t\t\t   &offset) == 3 && at >= start && at < end)\n"
	 "\t\t\tfound = at - start + offset;\n"
	 "\tif (maps)\n"
	 "\t\tfclose(maps);\n"
	 "\treturn found;\n"
	 "}\n"
	 "\n"},
	{0, NULL},
};
