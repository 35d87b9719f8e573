// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Of a program: what is no bpf(2), and main(). */
#include "parts.h"

#define RUN(what) NEED(NEED_RUN + SEQ_RUN_##what)

const struct part seq_part_ops[] = {
	{NEED(NEED_CLOSE), "/* What calls returned; what is given stays. */\n"
			   "static long close_fd(long fd)\n"
			   "{\n"
			   "\tif (fd < 3 || fd >= 100)\n"
			   "\t\treturn -EBADF;\n"
			   "\treturn result(close((int)fd));\n"
			   "}\n"
			   "\n"},
	{NEED(NEED_READ), "static long read_fd(long fd)\n"
			  "{\n"
			  "\tstatic char buf[4096];\n"
			  "\n"
			  "\treturn result(read((int)fd, buf, sizeof(buf)));\n"
			  "}\n"
			  "\n"},
	{NEED(NEED_MMAP), "static long map_fd(long fd, int prot)\n"
			  "{\n"
			  "\tvoid *mem = mmap(NULL, 4096, prot, MAP_SHARED, "
			  "(int)fd, 0);\n"
			  "\n"
			  "\treturn mem == MAP_FAILED ? -errno : 0;\n"
			  "}\n"
			  "\n"},
	{NEED(NEED_JIT), "static long set_jit(const char *on)\n"
			 "{\n"
			 "\tlong ret = result(pwrite(JIT, on, 1, 0));\n"
			 "\n"
			 "\treturn ret > 0 ? 0 : ret;\n"
			 "}\n"
			 "\n"},
	{RUN(PACKET),
	 "static long run_packet(void)\n"
	 "{\n"
	 "\tchar buf[64];\n"
	 "\tlong ret = result(send(GIVEN_UDP, \"packet of bpfsys\", 16,\n"
	 "\t\t\t       MSG_DONTWAIT));\n"
	 "\n"
	 "\twhile (recv(GIVEN_UDP, buf, sizeof(buf), MSG_DONTWAIT) >= 0)\n"
	 "\t\t;\n"
	 "\treturn ret < 0 ? ret : 0;\n"
	 "}\n"
	 "\n"},
	{RUN(TCP),
	 "static long run_tcp(void)\n"
	 "{\n"
	 "\tint fd = socket(AF_INET, SOCK_STREAM | SOCK_FLAGS, 0), peer;\n"
	 "\tstruct sockaddr_in to;\n"
	 "\tsocklen_t len = sizeof(to);\n"
	 "\tlong ret;\n"
	 "\n"
	 "\tif (fd < 0)\n"
	 "\t\treturn -errno;\n"
	 "\tgetsockname(GIVEN_TCP_LISTEN, (void *)&to, &len);\n"
	 "\tret = result(connect(fd, (void *)&to, len));\n"
	 "\tpeer = accept4(GIVEN_TCP_LISTEN, NULL, NULL, SOCK_FLAGS);\n"
	 "\tif (peer >= 0) {\n"
	 "\t\tif (send(fd, \"bpfsys\", 6, MSG_NOSIGNAL | MSG_DONTWAIT) == 6)\n"
	 "\t\t\tret = 0;\n"
	 "\t\tclose(peer);\n"
	 "\t}\n"
	 "\tclose(fd);\n"
	 "\treturn ret;\n"
	 "}\n"
	 "\n"},
	{RUN(FORK), "static long run_fork(void)\n"
		    "{\n"
		    "\tpid_t child = fork();\n"
		    "\n"
		    "\tif (child == 0)\n"
		    "\t\t_exit(0);\n"
		    "\tif (child < 0)\n"
		    "\t\treturn -errno;\n"
		    "\twaitpid(child, NULL, 0);\n"
		    "\treturn 0;\n"
		    "}\n"
		    "\n"},
	{RUN(OPEN) | RUN(SYSCTL),
	 "/* Opens, reads, and closes. */\n"
	 "static long run_open(const char *path, size_t len)\n"
	 "{\n"
	 "\tint fd = open(path, O_RDONLY | O_CLOEXEC);\n"
	 "\tlong ret = fd < 0 ? -errno : 0;\n"
	 "\tchar buf[64];\n"
	 "\n"
	 "\tif (fd >= 0 && len && read(fd, buf, len) < 0)\n"
	 "\t\tret = -errno;\n"
	 "\tclose(fd);\n"
	 "\treturn ret;\n"
	 "}\n"
	 "\n"},
	{RUN(SOCKOPT),
	 "static long run_sockopt(void)\n"
	 "{\n"
	 "\tint fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;\n"
	 "\tsocklen_t len = sizeof(one);\n"
	 "\tlong ret = fd < 0 ? -errno : 0;\n"
	 "\n"
	 "\tif (fd >= 0 &&\n"
	 "\t    (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, len) ||\n"
	 "\t     getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, &len)))\n"
	 "\t\tret = -errno;\n"
	 "\tclose(fd);\n"
	 "\treturn ret;\n"
	 "}\n"
	 "\n"},
	{NEED(NEED_FORK),
	 "/* A child goes on; this process waits for it and ends. */\n"
	 "static void fork_here(int i)\n"
	 "{\n"
	 "\tpid_t child = fork();\n"
	 "\n"
	 "\tif (child < 0)\n"
	 "\t\tperror(\"fork\");\n"
	 "\tif (child == 0)\n"
	 "\t\treturn;\n"
	 "\twaitpid(child, NULL, 0);\n"
	 "\tprintf(\"r%d = fork: %d\\n\", i, child < 0 ? -1 : 0);\n"
	 "\texit(0);\n"
	 "}\n"
	 "\n"},
	{0, NULL},
};

/* A child makes the calls, so that what it was in can be removed. */
const struct part seq_part_main[] = {
	{UINT64_MAX, "int main(void)\n"
		     "{\n"
		     "\tpid_t child;\n"
		     "\tint status = 0;\n"
		     "\n"
		     "\tsetvbuf(stdout, NULL, _IOLBF, 0);\n"
		     "\tchild = fork();\n"
		     "\tif (child == 0) {\n"
		     "\t\tcalls();\n"
		     "\t\texit(0);\n"
		     "\t}\n"
		     "\tif (child < 0 || waitpid(child, &status, 0) < 0) {\n"
		     "\t\tperror(\"a child that makes the calls\");\n"
		     "\t\treturn 1;\n"
		     "\t}\n"},
	{GIVEN_BIT(CGROUP),
	 "\tchar cgroup[48];\n"
	 "\n"
	 "\tsnprintf(cgroup, sizeof(cgroup), CGROUPS \"/seq-%d\",\n"
	 "\t\t (int)getpid());\n"
	 "\trmdir(cgroup);\n"},
	{UINT64_MAX, "\tif (WIFSIGNALED(status))\n"
		     "\t\tfprintf(stderr, \"signal %d\\n\", "
		     "WTERMSIG(status));\n"
		     "\treturn WIFSIGNALED(status) || WEXITSTATUS(status);\n"
		     "}\n"},
	{0, NULL},
};
