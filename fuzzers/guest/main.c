// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Readies the guest, then runs one input of the host after the other, or those
 * of the files and directories that are named. A
 * supervisor looks after the process that does: it interrupts calls that last,
 * and starts another when one is killed (programs can send signals). */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpfvm/guest.h>

#include "../clock.h"
#include "executor.h"

#define VERSION 1
/* Polls of the bell before the processor is given up between them. */
#define SPINS	(1U << 16)
#define NAP_NS	200000L
#define WATCH_S 0.25
/* For how long an input's calls may last. */
#define LAST_S 4.0

struct exec_page *page;
uint8_t *window;
struct results *results;
bool has_kasan;
static uint64_t text;
static bool has_kcov;

int fd_move(int fd, int to)
{
	if (fd < 0) {
		close(to);
		return -1;
	}
	if (dup3(fd, to, O_CLOEXEC) < 0)
		to = -1;
	close(fd);
	return to;
}

int file_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

long file_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long number;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1;
	fclose(f);
	return number;
}

/* What /proc/kallsyms tells: where the text begins, and whether there is
 * KASAN, with which arenas and large maps are dear: it gives the 4 GiB of each
 * a shadow of 512 MiB at once, which takes longer than an input may. Only a
 * kernel that is made to fuzz is read to the end. */
static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	const bool all = access("/sys/kernel/debug/kcov", F_OK) == 0;
	unsigned long long address;
	char line[512], name[256];

	while (f && fgets(line, sizeof(line), f) && (all || !text)) {
		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		if (strcmp(name, "_stext") == 0)
			text = address;
		else if (strcmp(name, "kasan_populate_vmalloc") == 0)
			has_kasan = true;
	}
	if (f)
		fclose(f);
}

/* A clone's window is empty, whatever the template's held. */
static void announce(void)
{
	page->version = VERSION;
	page->kcov = has_kcov;
	page->text = text;
	__atomic_store_n(&page->magic, EXEC_MAGIC, __ATOMIC_RELEASE);
}

static uint32_t await_ring(void)
{
	const struct timespec nap = {0, NAP_NS};
	unsigned int spins = 0;
	uint32_t ring;

	for (;;) {
		if (page->magic != EXEC_MAGIC)
			announce();
		ring = __atomic_load_n(&page->ring, __ATOMIC_ACQUIRE);
		if (ring != page->done)
			return ring;
		__builtin_ia32_pause();
		if (++spins > SPINS)
			nanosleep(&nap, NULL);
	}
}

static void clear_results(void)
{
	page->n_calls = page->n_pcs = page->pcs_lost = page->n_cmps = 0;
	memset(page->calls, 0, sizeof(page->calls));
	memset(results->made, 0, sizeof(results->made));
}

/* A program may close what is not its own (bpf_sys_close). */
static bool may_close(const struct seq *seq)
{
	for (unsigned int i = 0; i < seq->n; i++)
		if (seq->calls[i].op <= SEQ_BPF_COMMON &&
		    seq->calls[i].cmd == BPF_PROG_LOAD)
			return true;
	return false;
}

/* False: the worker has not all that it needs any more. */
static bool run_input(uint32_t flags)
{
	static struct seq seq;
	uint32_t repeat = flags & EXEC_LOOP ? page->repeat : 1;
	struct timespec from, to;

	clear_results();
	if (seq_decode(&seq, window + EXEC_INPUT, page->input_len))
		return true;
	cover_want(flags);
	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clear_results();
		/* The loop measures calls: only its last round tells. */
		cover_keep(repeat <= 1);
		if (flags & EXEC_FRESH) {
			fresh_run(&seq, flags);
		} else {
			calls_run(&seq, 0, flags);
			undo_all(&seq);
		}
	} while (repeat-- > 1);
	clock_gettime(CLOCK_MONOTONIC, &to);
	page->ns = (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000U +
		   (uint64_t)to.tv_nsec - (uint64_t)from.tv_nsec;
	if (flags & EXEC_COUNT)
		count_all();
	return !may_close(&seq) || world_is_whole();
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Everything that a worker needs of its own. */
static void ready_worker(unsigned int number)
{
	struct sigaction sa;
	char cgroup[64], pid[16];

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;
	sigaction(SIGALRM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	cover_init();
	has_kcov = page->kcov;
	if (!world_cgroup(number, cgroup, sizeof(cgroup))) {
		char procs[96];

		snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup);
		snprintf(pid, sizeof(pid), "%d", getpid());
		file_write(procs, pid);
	}
	world_make(UINT64_MAX, cgroup);
	world_note();
	undo_begin();
	/* Work that the kernel puts off goes first. */
	setpriority(PRIO_PROCESS, 0, 10);
}

static void say_ready(void)
{
	const char *fd = getenv("BPFVM_READY");

	if (fd && write(atoi(fd), "", 1) == 1)
		close(atoi(fd));
}

static void work(unsigned int number)
{
	ready_worker(number);
	announce();
	if (number == 2)
		say_ready();
	for (;;) {
		const uint32_t ring = await_ring();

		/* Whoever waits for the worker answers then. */
		if (!run_input(page->flags))
			_exit(0);
		__atomic_store_n(&page->done, ring, __ATOMIC_RELEASE);
	}
}

/* Interrupts what lasts: whoever waits for it, waits on. */
static void watch(void)
{
	const struct timespec nap = {0, (long)(WATCH_S * 1e9)};
	uint32_t last = page->done;
	double since = now_s();
	int status;

	while (waitpid(-1, &status, WNOHANG) == 0) {
		nanosleep(&nap, NULL);
		if (page->ring == page->done || page->done != last) {
			last = page->done;
			since = now_s();
		} else if (now_s() - since > LAST_S) {
			kill(0, SIGALRM);
		}
	}
}

static bool find_window(bool alone)
{
	size_t size = 0;

	if (alone)
		return alone_window();
	window = bpfvm_window(&size);
	return window && size >= EXEC_WINDOW;
}

static bool prepare(bool alone)
{
	if (!find_window(alone)) {
		fprintf(stderr,
			"bpfsys-exec: no window of %d bytes: it wants "
			"bpfvm with bulk_mib\n",
			EXEC_WINDOW);
		return false;
	}
	page = (struct exec_page *)window;
	results = mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED || !arena_init() || !detail_init()) {
		perror("bpfsys-exec: mmap");
		return false;
	}
	read_symbols();
	page->text = text;
	world_init();
	names_init();
	return true;
}

static int serve(void)
{
	signal(SIGALRM, SIG_IGN);
	/* The first cgroup is that of fresh worlds. */
	for (unsigned int number = 2;; number++) {
		const pid_t worker = fork();

		if (worker < 0)
			return 1;
		if (worker == 0)
			work(number);
		watch();
		/* What killed it is answered, as far as it went. */
		__atomic_store_n(&page->done, page->ring, __ATOMIC_RELEASE);
	}
}

int main(int argc, char **argv)
{
	const bool alone = argc > 1;
	pid_t server;
	int ret;

	if (!prepare(alone))
		return 1;
	if (!alone)
		return serve();
	server = fork();
	if (server < 0)
		return 1;
	if (server == 0) {
		setpgid(0, 0);
		return serve();
	}
	ret = alone_feed(argv + 1);
	kill(-server, SIGKILL);
	return ret;
}
