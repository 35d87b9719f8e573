/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The bulk channel in VMs: that all arrives by it, and without it; and guests
 * that misuse it. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bpfvm/bpfvm.h"
#include "vmtest.h"

#define K612  "debian:6.12"
#define K61   "debian:6.1"
#define BLOCK (64 * 1024)
/* The kernel's image, unpacked in memory, is the largest part of it. */
#define PEAK_MOST_KB (96 * 1024)
#define PROBE	     built("tests/guest_probe")

/* What a run gave back, and what it was asked for. */
struct seen {
	uint64_t bytes; /* of guest_stream's output, all of it right */
	bool wrong;
	char notes[1024];
	volatile uint32_t *word;
	size_t size;
	int windows, ended;
	pthread_t thread;
	uint32_t good; /* numbers that were answered */
};

/* As guest_stream writes it. */
static bool is_right(uint64_t at, uint8_t byte)
{
	uint32_t block = at / BLOCK, i = at % BLOCK;

	if (i < sizeof(block))
		return byte == ((const uint8_t *)&block)[i];
	return byte == (uint8_t)(i * 31 + (i >> 8));
}

static int take_output(void *ctx, int stream, const void *data, size_t len)
{
	struct seen *seen = ctx;
	const uint8_t *p = data;

	if (stream != 1)
		return 0;
	for (; len; len--, seen->bytes++)
		seen->wrong |= !is_right(seen->bytes, *p++);
	return 0;
}

static void take_note(void *ctx, const char *line)
{
	struct seen *seen = ctx;
	size_t len = strlen(seen->notes);

	snprintf(seen->notes + len, sizeof(seen->notes) - len, "%s\n", line);
}

static void config(struct bpfvm_config *cfg, struct seen *seen,
		   char *const *argv)
{
	memset(seen, 0, sizeof(*seen));
	bpfvm_config_init(cfg);
	cfg->kernel = K612;
	cfg->argv = argv;
	cfg->accel = BPFVM_ACCEL_TCG;
	cfg->output = take_output;
	cfg->note = take_note;
	cfg->ctx = seen;
}

static void stream(const char *mib, const char *kernel, bool clone)
{
	char *const argv[] = {(char *)built("tests/guest_stream"), (char *)mib,
			      NULL};
	struct bpfvm_config cfg;
	struct bpfvm_result res;
	struct seen seen;

	config(&cfg, &seen, argv);
	cfg.kernel = kernel;
	cfg.clone = clone;
	assert_int_equal(bpfvm_run(&cfg, &res), 0);
	assert_int_equal(res.outcome, BPFVM_EXITED);
	assert_int_equal(res.status, 0);
	assert_int_equal(res.cloned, clone);
	assert_int_equal(seen.bytes, atoi(mib) << 20);
	assert_false(seen.wrong);
	assert_string_equal(seen.notes, "");
}

static void output_cold(void **state)
{
	(void)state;
	stream("64", K612, false);
}

static void output_61(void **state)
{
	(void)state;
	stream("64", K61, false);
}

static void output_of_clones(void **state)
{
	(void)state;
	stream("64", K612, true);
	stream("64", K612, true);
}

/* That path is a file of guest_stream's; it is removed. */
static void check_file(const char *path, const char *mib)
{
	struct stat st;
	char buf[BLOCK];
	uint64_t at = 0;
	ssize_t len, i;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, atoi(mib) << (strchr(mib, 'K') ? 10 : 20));
	while ((len = read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < len; i++, at++)
			if (!is_right(at, buf[i]))
				fail_msg("byte %lu is wrong", (long)at);
	close(fd);
	unlink(path);
}

/* A file of that size comes out the same; the note is what is said of it. */
static void file_out(const char *mib, const char *const *more, const char *note)
{
	char dir[] = "/tmp/bpfvm-stream-XXXXXX", path[64], out[80];
	const char *args[16] = {"--out", out, "--accel", "tcg"};
	struct vmtest t;
	size_t n = 4;

	while (*more)
		args[n++] = *more++;
	args[n++] = K612;
	args[n++] = "--";
	args[n++] = built("tests/guest_stream");
	args[n++] = mib;
	args[n] = "/big";
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/big", dir);
	snprintf(out, sizeof(out), "/big:%s", path);
	vm_whole(&t, args);
	assert_int_equal(t.status, 0);
	if (note)
		assert_said(&t, note);
	else
		assert_null(strstr(t.err_buf, "bpfvm: "));
	vm_clean(&t);
	check_file(path, mib);
	rmdir(dir);
}

static void file_cold(void **state)
{
	const char *more[] = {NULL};

	(void)state;
	file_out("64", more, NULL);
}

static void file_of_clones(void **state)
{
	const char *more[] = {"--clone", NULL};

	(void)state;
	file_out("64", more, NULL);
	file_out("64", more, NULL);
}

static void file_without_pci(void **state)
{
	const char *more[] = {"--append", "pci=off", NULL};

	(void)state;
	file_out("1", more,
		 "bpfvm: no bulk channel: the guest cannot map its PCI device "
		 "(No such device); all goes over the serial port\n");
}

/* A directory goes into a guest that is up, and its file out through the link
 * in it. */
static void sent(const char *mib, const char *const *more)
{
	char dir[] = "/tmp/bpfvm-sent-XXXXXX", path[64], link[64];
	char make[256], in[80], out[80];
	const char *args[16] = {"--send", in, "--out", out, "--accel", "tcg"};
	struct vmtest t;
	size_t n = 6;

	while (*more)
		args[n++] = *more++;
	args[n++] = K612;
	args[n++] = "--";
	args[n++] = PROBE;
	args[n++] = "kill";
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sub", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(symlink("sub/big", link), 0);
	snprintf(make, sizeof(make), "%s %s %s/sub/big 2>/dev/null",
		 built("tests/guest_stream"), mib, dir);
	assert_int_equal(system(make), 0);
	snprintf(in, sizeof(in), "%s:/data", dir);
	snprintf(out, sizeof(out), "/data/link:%s/got", dir);
	vm_whole(&t, args);
	assert_int_equal(t.status, 137);
	vm_clean(&t);
	snprintf(path, sizeof(path), "%s/got", dir);
	check_file(path, mib);
	snprintf(path, sizeof(path), "%s/sub/big", dir);
	unlink(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
	unlink(link);
	assert_int_equal(rmdir(dir), 0);
}

static void sent_cold(void **state)
{
	const char *more[] = {NULL};

	(void)state;
	sent("64", more);
}

/* One template, however different what is sent. */
static void sent_to_clones(void **state)
{
	const char *more[] = {"--clone", NULL};

	(void)state;
	sent("64", more);
	sent("32", more);
}

static void sent_without_bulk(void **state)
{
	const char *more[] = {"--no-bulk", NULL};

	(void)state;
	sent("64K", more);
}

static void nowhere_to_send(void **state)
{
	const char *args[] = {"--accel", "tcg",
			      "--send",	 "/etc/hostname:/proc/x",
			      K612,	 "--",
			      PROBE,	 "kill",
			      NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "bpfvm: --send: /proc/x: No such file or directory "
			    "(in the guest)");
	vm_clean(&t);
	args[3] = "/nonesuch";
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "bpfvm: --send /nonesuch: No such file");
	vm_clean(&t);
}

/* A QEMU that was built without the device is asked again without it. */
static void qemu_without_device(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"case \"$*\" in *ivshmem-doorbell*) echo \"-device ivshmem-doorbell: "
		"'ivshmem-doorbell' is not a valid device model name\" >&2; "
		"exit 1;; esac\nexit 3\n";
	char qemu[] = "/tmp/bpfvm-qemu-XXXXXX";
	const char *args[] = {"--accel", "tcg", "--qemu", qemu, K612,
			      "--",	 PROBE, "talk",	  NULL};
	struct vmtest t;
	int fd;

	(void)state;
	fd = mkstemp(qemu);
	assert_int_equal(write(fd, script, strlen(script)), strlen(script));
	assert_int_equal(fchmod(fd, 0755), 0);
	close(fd);
	vm_whole(&t, args);
	unlink(qemu);
	assert_int_equal(t.status, 123);
	assert_said(&t, "bpfvm: no bulk channel: ");
	assert_said(&t, "QEMU ended with status 3 ");
	vm_clean(&t);
}

/* The host's side of guest_probe's answer(). */
static void *ask(void *arg)
{
	struct seen *seen = arg;
	const struct timespec nap = {0, 100000};
	volatile uint32_t *w = seen->word;
	uint32_t n, tries;

	for (n = 1; n <= 100; n++) {
		__atomic_store_n(w, n, __ATOMIC_RELEASE);
		for (tries = 0; tries < 100000 && w[1] != 2 * n; tries++)
			nanosleep(&nap, NULL);
		seen->good += w[1] == 2 * n;
	}
	__atomic_store_n(w, 0, __ATOMIC_RELEASE);
	return NULL;
}

static void take_window(void *ctx, void *mem, size_t size)
{
	struct seen *seen = ctx;

	if (!mem) {
		seen->ended++;
		pthread_join(seen->thread, NULL);
		assert_int_equal(seen->word[seen->size / 4 - 1], 1);
		return;
	}
	seen->windows++;
	seen->word = mem;
	seen->size = size;
	assert_int_equal(pthread_create(&seen->thread, NULL, ask, seen), 0);
}

/* Host and guest talk through the window, in every clone from the start. */
static void window(bool clone)
{
	char *const argv[] = {(char *)PROBE, (char *)"answer", NULL};
	struct bpfvm_config cfg;
	struct bpfvm_result res;
	struct seen seen;

	config(&cfg, &seen, argv);
	cfg.clone = clone;
	cfg.bulk_mib = 16;
	cfg.window = take_window;
	assert_int_equal(bpfvm_run(&cfg, &res), 0);
	assert_int_equal(res.outcome, BPFVM_EXITED);
	assert_int_equal(res.status, 4);
	assert_int_equal(seen.windows, 1);
	assert_int_equal(seen.ended, 1);
	assert_int_equal(seen.size, 8 << 20);
	assert_int_equal(seen.good, 100);
}

static void window_cold(void **state)
{
	(void)state;
	window(false);
}

static void window_of_clones(void **state)
{
	(void)state;
	window(true);
	window(true);
}

/* Noise from byte at on: a verdict, in time, and never "all is well". */
static void hostile(const char *at, const char *size)
{
	const char *args[] = {"--accel", "tcg", "--timeout", "5",
			      K612,	 "--",	PROBE,	     "scribble",
			      at,	 size,	NULL};
	struct timespec from, to;
	struct vmtest t;

	clock_gettime(CLOCK_MONOTONIC, &from);
	vm_whole(&t, args);
	clock_gettime(CLOCK_MONOTONIC, &to);
	/* 122: our init found it out first; 124: it waits for room for ever */
	if (t.status < 122 || t.status > 124)
		fail_msg("status %d: %s", t.status, t.err_buf);
	assert_int_equal(strncmp(t.err_buf, "bpfvm: ", 7), 0);
	assert_true(to.tv_sec - from.tv_sec < 60);
	assert_true(t.peak_kb < PEAK_MOST_KB);
	vm_clean(&t);
}

static void scribbles_on_indices(void **state)
{
	(void)state;
	hostile("0", "4096");
}

static void scribbles_on_records(void **state)
{
	(void)state;
	/* The quarter of 1 MiB that is the ring to the host. */
	hostile("262144", "262144");
}

/* vm_stream [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_cold),
		cmocka_unit_test(output_61),
		cmocka_unit_test(output_of_clones),
		cmocka_unit_test(file_cold),
		cmocka_unit_test(file_of_clones),
		cmocka_unit_test(file_without_pci),
		cmocka_unit_test(sent_cold),
		cmocka_unit_test(sent_to_clones),
		cmocka_unit_test(sent_without_bulk),
		cmocka_unit_test(nowhere_to_send),
		cmocka_unit_test(qemu_without_device),
		cmocka_unit_test(window_cold),
		cmocka_unit_test(window_of_clones),
		cmocka_unit_test(scribbles_on_indices),
		cmocka_unit_test(scribbles_on_records),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_stream", tests, NULL, NULL) != 0;
}
