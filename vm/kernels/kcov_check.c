/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* In a VM, after a kernel was built: does KCOV say where in bpf(2) a call was,
 * and what it compared? Static, so that it runs beside any userland. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/kcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KCOV   "/sys/kernel/debug/kcov"
#define WORDS  (64u << 10)
#define SYMBOL "__sys_bpf"

static int die(const char *what)
{
	perror(what);
	return 1;
}

/* Where the function is: up to the next symbol. */
static int find(unsigned long long *from, unsigned long long *to)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long at;
	char line[512], name[256];

	*from = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %255s", &at, name) == 2 &&
		    !strcmp(name, SYMBOL))
			*from = at;
	}
	if (!f || !*from)
		return -1;
	*to = ~0ull;
	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx", &at) == 1 && at > *from && at < *to)
			*to = at;
	}
	fclose(f);
	return 0;
}

/* A call that succeeds with KCOV on; how many words it left. */
static unsigned long record(int kcov, unsigned long *area, unsigned long mode)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	if (ioctl(kcov, KCOV_ENABLE, mode))
		exit(die("KCOV_ENABLE"));
	area[0] = 0;
	if (syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0)
		exit(die("BPF_MAP_CREATE"));
	if (ioctl(kcov, KCOV_DISABLE, 0))
		exit(die("KCOV_DISABLE"));
	return area[0];
}

int main(void)
{
	unsigned long long from, to;
	unsigned long *area, n, i, in = 0;
	int kcov = open(KCOV, O_RDWR | O_CLOEXEC);

	if (kcov < 0 || ioctl(kcov, KCOV_INIT_TRACE, WORDS))
		return die(KCOV);
	area = mmap(NULL, WORDS * sizeof(*area), PROT_READ | PROT_WRITE,
		    MAP_SHARED, kcov, 0);
	if (area == MAP_FAILED)
		return die("mmap of " KCOV);
	if (find(&from, &to))
		return die("/proc/kallsyms has no " SYMBOL);
	n = record(kcov, area, KCOV_TRACE_PC);
	for (i = 1; i <= n; i++)
		in += area[i] >= from && area[i] < to;
	printf("map_create: %lu PCs, %lu of them in " SYMBOL "\n", n, in);
	n = record(kcov, area, KCOV_TRACE_CMP);
	printf("map_create: %lu comparisons\n", n);
	return in && n ? 0 : 1;
}
