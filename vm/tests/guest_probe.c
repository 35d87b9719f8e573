/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the VM tests run in the guest: each word is one way to behave. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#if defined(__i386__) || defined(__x86_64__)
#include <sys/io.h>
#endif
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpfvm/guest.h"

#define TALK_BYTES (1024 * 1024)

static void put(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = write(fd, p, len);
		if (n < 0)
			exit(99);
	}
}

static int set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return 99;
	n = write(fd, value, strlen(value));
	close(fd);
	return n < 0 ? 99 : 0;
}

/* Every byte value on stdout, a line on stderr, status 7. */
static int talk(void)
{
	static unsigned char buf[TALK_BYTES];
	size_t i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i * 31 + (i >> 8);
	put(1, buf, sizeof(buf));
	put(2, "to stderr\n", 10);
	return 7;
}

static _Noreturn void flood(void)
{
	static char buf[65536];

	memset(buf, 'y', sizeof(buf));
	for (;;)
		put(1, buf, sizeof(buf));
}

/* Nothing else gets the only CPU again, our init included. */
static int hog(void)
{
	const struct sched_param top = {99};
	volatile unsigned long n = 0;

	if (set("/proc/sys/kernel/sched_rt_runtime_us", "-1") ||
	    sched_setscheduler(0, SCHED_FIFO, &top))
		return 99;
	for (;;)
		n++;
}

/* A child that holds stdout must not keep the run from ending. */
static int orphan(void)
{
	if (!fork()) {
		sleep(600);
		_exit(0);
	}
	put(1, "parent\n", 7);
	return 5;
}

/* A child that begins so long after the end of its parent. */
static bool orphaned(unsigned int ms)
{
	const struct timespec nap = {0, ms * 1000000L};
	const pid_t parent = getpid();

	if (fork())
		return false;
	while (getppid() == parent)
		sched_yield();
	nanosleep(&nap, NULL);
	return true;
}

/* One that never stops writing must not, either. */
static int babble(void)
{
	static const char line[] = "babble\n";

	if (orphaned(30)) {
		for (;;)
			put(1, line, sizeof(line) - 1);
	}
	return 7;
}

/* Another's end is not that of the output. */
static int linger(void)
{
	if (orphaned(30))
		_exit(0);
	if (orphaned(90)) {
		put(1, "late\n", 5);
		_exit(0);
	}
	return 8;
}

static int show(const char *path)
{
	char buf[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return 99;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		put(1, buf, n);
	return 0;
}

/* What a root program may count on, then a file that was brought along. */
static int environment(const char *file)
{
	struct stat st;

	printf("%s %s %d %d\n", getenv("HOME"), getenv("BPFVM"),
	       !stat("/sys/fs/bpf", &st) && S_ISDIR(st.st_mode),
	       !access("/proc/self/status", R_OK) &&
		       !access("/sys/kernel/btf/vmlinux", R_OK) && !getuid());
	fflush(stdout);
	return show(file);
}

static void put_hex(const unsigned char *p, size_t n)
{
	while (n--)
		printf("%02x", *p++);
	putchar(' ');
}

/* What two clones must not share, and the time. */
static int identity(void)
{
	unsigned char buf[2][16];
	int fd = open("/dev/urandom", O_RDONLY);

	if (getrandom(buf[0], 16, 0) != 16 || read(fd, buf[1], 16) != 16)
		return 99;
	put_hex(buf[0], 16);
	put_hex(buf[1], 16);
	put_hex((const void *)getauxval(AT_RANDOM), 16);
	printf("%lld\n", (long long)time(NULL));
	return 0;
}

static int copy_stdin(void)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0)
		put(1, buf, n);
	return n < 0 ? 99 : 0;
}

/* Draws a number, says that it is ready, goes on with its input. */
static int ready(void)
{
	const char *fd = getenv("BPFVM_READY");
	unsigned char drawn[8];

	if (!fd || getrandom(drawn, sizeof(drawn), 0) != sizeof(drawn))
		return 99;
	put_hex(drawn, sizeof(drawn));
	fflush(stdout);
	put(atoi(fd), "", 1);
	return copy_stdin();
}

#if defined(__i386__) || defined(__x86_64__)
/* The keyboard controller pulls the reset line: no kernel is asked. */
static int reset(void)
{
	if (ioperm(0x64, 1, 1))
		return 99;
	outb(0xfe, 0x64);
	return sleep(600);
}
#endif

static char *blocked_page(void)
{
	struct uffdio_register reg;
	struct uffdio_api api;
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(&api, 0, sizeof(api));
	api.api = UFFD_API;
	memset(&reg, 0, sizeof(reg));
	reg.range.start = (unsigned long)page;
	reg.range.len = 4096;
	reg.mode = UFFDIO_REGISTER_MODE_MISSING;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg))
		exit(99);
	return page;
}

static int shared_fd;

static void *read_into(void *page)
{
	return (void *)read(shared_fd, page, 1);
}

/* The first reader waits for its page, with the file position locked; the
 * second waits for that lock, and no signal reaches it. */
static int hung(void)
{
	char *page = blocked_page();
	pthread_t first, second;
	static char byte;

	shared_fd = open("/proc/self/exe", O_RDONLY);
	if (set("/proc/sys/kernel/hung_task_timeout_secs", "1") ||
	    pthread_create(&first, NULL, read_into, page) || sleep(1) ||
	    pthread_create(&second, NULL, read_into, &byte))
		return 99;
	sleep(4);
	return 3;
}

/* Returns when the kernel's log has such a line: what its workers say comes
 * later than what they do. */
static int await_logged(const char *text)
{
	char line[8192];
	int fd = open("/dev/kmsg", O_RDONLY);
	ssize_t n = 0;

	while (fd >= 0) {
		n = read(fd, line, sizeof(line) - 1);
		/* EPIPE: lines were lost */
		if (n < 0 && errno != EPIPE)
			break;
		line[n < 0 ? 0 : n] = 0;
		if (strstr(line, text))
			return 0;
	}
	return 99;
}

/* The kernel is asked to kill something, and prefers a child of ours. */
static int oom(void)
{
	const pid_t child = fork();
	int status;

	if (!child) {
		set("/proc/self/oom_score_adj", "1000");
		if (!set("/proc/sysrq-trigger", "f"))
			sleep(600);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL ||
	    await_logged("Killed process"))
		return 99;
	return 3;
}

/* Answers each number that the host writes with its double; 0 ends it. */
static int answer(void)
{
	volatile unsigned *word;
	unsigned last = 0;
	size_t size;

	word = bpfvm_window(&size);
	if (!word)
		return 99;
	word[size / sizeof(*word) - 1] = 1;
	for (;;) {
		while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == last)
			sched_yield();
		last = *word;
		if (!last)
			return 4;
		__atomic_store_n(word + 1, 2 * last, __ATOMIC_RELEASE);
	}
}

/* Writes noise over all that it shares with the host, while output goes on:
 * from byte at on, size bytes. */
static int scribble(size_t at, size_t size)
{
	const char *where = getenv("BPFVM_WINDOW");
	volatile unsigned *word;
	unsigned x = getpid();
	void *mem;
	int fd;

	where = where ? strchr(where, '/') : NULL;
	fd = where ? open(where, O_RDWR) : -1;
	mem = fd < 0 ? MAP_FAILED
		     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    at);
	if (mem == MAP_FAILED)
		return 99;
	if (!fork())
		flood();
	word = mem;
	for (;;) {
		x = x * 1664525 + 1013904223;
		word[(x >> 4) % (size / sizeof(*word))] = x;
	}
}

/* Makes the kernel lose its patience soon; kernels lack one or other. */
static void hasten(void)
{
	/* In seconds but for the last, which is in ms. */
	set("/proc/sys/kernel/watchdog_thresh", "1");
	set("/proc/sys/kernel/hung_task_timeout_secs", "1");
	set("/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "3");
	set("/sys/module/kfence/parameters/sample_interval", "1");
}

/* Our module does it and fails to load, if the kernel survives that. */
static int provoke(const char *kind)
{
	int fd = open("/provoke.ko", O_RDONLY);
	char param[64];

	snprintf(param, sizeof(param), "kind=%s", kind);
	hasten();
	if (fd < 0 || !syscall(SYS_finit_module, fd, param, 0) ||
	    errno != ECANCELED)
		return 99;
	return 7;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "talk"))
		return talk();
	if (!strcmp(how, "flood"))
		flood();
	if (!strcmp(how, "hog"))
		return hog();
	if (!strcmp(how, "orphan"))
		return orphan();
	if (!strcmp(how, "babble"))
		return babble();
	if (!strcmp(how, "linger"))
		return linger();
	if (!strcmp(how, "environment") && argc > 2)
		return environment(argv[2]);
	if (!strcmp(how, "identity"))
		return identity();
	if (!strcmp(how, "stdin"))
		return copy_stdin();
	if (!strcmp(how, "ready"))
		return ready();
	if (!strcmp(how, "sleep"))
		return sleep(600);
	if (!strcmp(how, "doze")) {
		put(1, "asleep\n", 7);
		return sleep(600);
	}
	if (!strcmp(how, "kill"))
		return raise(SIGKILL);
	if (!strcmp(how, "reboot"))
		return reboot(RB_AUTOBOOT);
	if (!strcmp(how, "panic"))
		return set("/proc/sysrq-trigger", "c");
#if defined(__i386__) || defined(__x86_64__)
	if (!strcmp(how, "reset"))
		return reset();
#endif
	if (!strcmp(how, "hung"))
		return hung();
	if (!strcmp(how, "oom"))
		return oom();
	if (!strcmp(how, "answer"))
		return answer();
	if (!strcmp(how, "scribble") && argc > 3)
		return scribble(atoi(argv[2]), atoi(argv[3]));
	if (!strcmp(how, "poweroff"))
		return reboot(RB_POWER_OFF);
	if (!strcmp(how, "lkdtm") && argc > 2)
		return set("/sys/kernel/debug/provoke-crash/DIRECT", argv[2])
			       ? 99
			       : 7;
	if (!strcmp(how, "provoke") && argc > 2)
		return provoke(argv[2]);
	/* Any file of the guest's. */
	if (!strcmp(how, "write") && argc > 3)
		return set(argv[2], argv[3]);
	return 98;
}
