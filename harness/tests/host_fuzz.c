// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi fuzz and repro without a VM: command lines, plots, which inputs of a
 * corpus are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/bpfabi.h"
#include "host/files.h"
#include "host/fuzz_merge.h"
#include "host/fuzz_seeds.h"
#include "host/fuzz_watch.h"
#include "host/triage.h"
#include "host_cli.h"
#include "host_fake.h"
#include "tests/fake_vm.h"

#define FUZZ(...)  SPEAK(cmd_fuzz, "bpfabi fuzz", __VA_ARGS__)
#define REPRO(...) SPEAK(cmd_repro, "bpfabi repro", __VA_ARGS__)

static char dir[64];

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&fake_vm, 0, sizeof(fake_vm));
	strcpy(dir, "/tmp/bpfabi-fuzz.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	setenv("XDG_CACHE_HOME", dir, 1);
	return chdir(dir);
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "cd / && rm -r %s", dir);
	return system(command);
}

static void put(const char *name, const char *text)
{
	assert_int_equal(file_write(name, text, strlen(text)), 0);
}

static void expect(struct spoken spoken, int status, const char *says)
{
	if (spoken.status != status || !strstr(spoken.err, says))
		fail_msg("want %d, %s; got %d: %s", status, says, spoken.status,
			 spoken.err);
	spoken_free(&spoken);
}

static void usage(void **state)
{
	(void)state;
	expect(FUZZ("--quiet"), STATUS_USAGE, "fuzz what?");
	expect(FUZZ("cells"), STATUS_USAGE, "fuzz what?");
	expect(FUZZ("calls", "prog"), STATUS_USAGE, "fuzz what?");
	expect(FUZZ("calls", "--engine", "syz"), STATUS_USAGE, "libfuzzer or");
	expect(FUZZ("calls", "--time", "1d"), STATUS_USAGE, "want 90, 90s");
	expect(FUZZ("calls", "--time", "-1"), STATUS_USAGE, "want 90, 90s");
	expect(FUZZ("calls", "--time", "nan"), STATUS_USAGE, "want 90, 90s");
	expect(FUZZ("calls", "--jobs", "0"), STATUS_USAGE, "want 1 to 64");
	expect(FUZZ("calls", "--jobs", "2x"), STATUS_USAGE, "want 1 to 64");
	expect(FUZZ("calls", "--accel", "hvf"), STATUS_USAGE, "kvm or tcg");
	expect(FUZZ("calls", "--triage", "--merge", "x"), STATUS_USAGE,
	       "one of");
	expect(FUZZ("--plot", "x"), STATUS_USAGE, "which coverage.csv?");
	expect(REPRO("--c"), STATUS_USAGE, "which FILE?");
	expect(REPRO("a", "b"), STATUS_USAGE, "one FILE");
	expect(REPRO("a", "--times", "0"), STATUS_USAGE, "want 1 to");
	expect(REPRO("a", "--timeout", "0"), STATUS_USAGE, "want 1 to 3600");
	expect(REPRO("a", "--accel", "hvf"), STATUS_USAGE, "kvm or tcg");
	expect(REPRO("a", "--c", "--text"), STATUS_USAGE, "one of");
}

static void cannot_run(void **state)
{
	(void)state;
	expect(FUZZ("calls"), STATUS_NO_VERDICT, "make kernel");
	expect(FUZZ("calls", "--kernel", "k", "--corpus", "none"),
	       STATUS_NO_VERDICT, "none: No such file");
	/* There are no engines beside this test. */
	expect(FUZZ("calls", "--kernel", "k"), STATUS_NO_VERDICT,
	       "make engines");
	expect(FUZZ("calls", "--kernel", "k", "--engine", "afl"),
	       STATUS_NO_VERDICT, "afl++");
	expect(FUZZ("calls", "--kernel", "k", "--merge", "out"),
	       STATUS_NO_VERDICT, "no inputs");
	expect(REPRO("none"), STATUS_NO_VERDICT, "none: No such file");
	put("text", "no sequence at all\n");
	expect(REPRO("text"), STATUS_NO_VERDICT, "text: ");
}

static void nothing_to_judge(void **state)
{
	struct spoken spoken =
		FUZZ("calls", "--kernel", "k", "--work", "w", "--triage");

	(void)state;
	assert_int_equal(spoken.status, STATUS_HOLDS);
	spoken_free(&spoken);
}

static void plots(void **state)
{
	struct spoken spoken;
	char *page;
	size_t len;

	(void)state;
	put("a.csv", "seconds,execs,pcs\n0.0,0,0\n10.0,100,5000\n");
	put("<b>.csv", "seconds,execs,pcs\n1.0,10,70\n600.0,9000,12345\n");
	spoken = FUZZ("--plot", "out.html", "a.csv", "<b>.csv");
	assert_int_equal(spoken.status, STATUS_HOLDS);
	spoken_free(&spoken);
	page = (char *)file_read("out.html", 1 << 20, &len);
	assert_non_null(page);
	assert_non_null(strstr(page, "<svg"));
	assert_non_null(strstr(page, "12345"));
	assert_non_null(strstr(page, "minutes"));
	assert_non_null(strstr(page, "&#60;b&#62;.csv"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "http"));
	/* Two curves, the second reaching the upper right corner. */
	assert_non_null(strstr(strstr(page, "<polyline") + 1, "<polyline"));
	assert_non_null(strstr(page, " 840.0,20.0 "));
	free(page);
	put("none.csv", "seconds,execs,pcs\nnan,1,1\n");
	expect(FUZZ("--plot", "x.html", "none.csv"), STATUS_NO_VERDICT,
	       "no rows");
	assert_int_not_equal(access("x.html", F_OK), 0);
	expect(FUZZ("--plot", "/nowhere/x", "a.csv"), STATUS_NO_VERDICT,
	       "/nowhere/x: No such");
}

static void fewest_inputs(void **state)
{
	uint32_t a[] = {0, 1}, b[] = {2, 3}, all[] = {0, 1, 2, 4}, c[] = {0, 1},
		 d[] = {3};
	uint32_t *const sets[] = {a, b, all, c, d};
	const uint32_t counts[] = {2, 2, 4, 2, 1};
	const size_t bytes[] = {10, 20, 99, 5, 7};
	bool keep[5] = {false};

	(void)state;
	/* All but 3 by one; that is in two others, the smaller is taken. */
	assert_int_equal(merge_choose(sets, counts, bytes, 5, 5, keep), 2);
	assert_true(keep[2]);
	assert_true(keep[4]);
	memset(keep, 0, sizeof(keep));
	assert_int_equal(merge_choose(sets, counts, bytes, 2, 5, keep), 2);
	assert_int_equal(merge_choose(sets, counts, bytes, 0, 5, keep), 0);
}

static int take_name(void *path, const char *name)
{
	return path_make(path, "w/corpus/%s", name);
}

/* Text becomes an input, an input stays where it is, noise is left out. */
static void seeds_may_be_text(void **state)
{
	static struct fuzz_options options = {.corpus = "seeds", .work = "w"};
	char path[FILES_PATH];
	uint8_t *input;
	size_t len;

	(void)state;
	assert_int_equal(dir_make("seeds"), 0);
	put("seeds/noise", "noise\n");
	put("seeds/text", "r0 = run(packet)\n");
	assert_int_equal(seeds_prepare(&options), STATUS_HOLDS);
	assert_int_equal(seeds_count("w/corpus"), 1);
	dir_each("w/corpus", take_name, path);
	input = file_read(path, SEQ_MOST, &len);
	assert_non_null(input);
	assert_int_equal(file_write("seeds/text", input, len), 0);
	free(input);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(seeds_prepare(&options), STATUS_HOLDS);
	assert_int_equal(seeds_count("w/corpus"), 0);
}

/* What AFL++ has found is in WORK/corpus, or somebody is told. */
static void queues_are_collected(void **state)
{
	static struct fuzz_options options = {.work = "w",
					      .engine = ENGINE_AFL};

	(void)state;
	assert_int_equal(seeds_collect(&options), STATUS_HOLDS);
	assert_int_equal(dir_make("w/afl/main/queue"), 0);
	assert_int_equal(dir_make("w/corpus"), 0);
	put("w/afl/main/queue/one", "x");
	assert_int_equal(seeds_collect(&options), STATUS_HOLDS);
	assert_int_equal(seeds_count("w/corpus"), 1);
	assert_int_equal(rename("w/corpus", "w/old"), 0);
	put("w/corpus", "no directory");
	assert_int_equal(seeds_collect(&options), STATUS_NO_VERDICT);
	assert_int_equal(seeds_prepare(&options), STATUS_NO_VERDICT);
}

/* Finds are told by who is asked to send them to somebody else. */
static void what_is_told_can_be_pasted(void **state)
{
	static const struct fuzzvm_config vm = {.kernel = "my image",
						.append = "it's=1 quiet",
						.accel = BPFVM_ACCEL_TCG,
						.timeout_s = 30};
	static const struct find find = {.name = "oracle-jit-result"};
	const struct verdict verdict = {
		.find = &find, .confirmed = 3, .of = 3, .seen = 1, .vm = &vm};
	struct suspect suspect = {.n = 0};
	char want[256], *report;
	size_t len;

	(void)state;
	assert_true(suspect_add(&suspect, (const uint8_t *)"", 0));
	assert_int_equal(dir_make("w/finds/oracle-jit-result"), 0);
	put("my image", "");
	assert_int_equal(
		find_tell("w/finds/oracle-jit-result", &suspect, &verdict), 0);
	report = (char *)file_read("w/finds/oracle-jit-result/report.txt",
				   1 << 20, &len);
	assert_non_null(report);
	snprintf(want, sizeof(want),
		 "bpfabi repro %s/w/finds/oracle-jit-result "
		 "--kernel '%s/my image' --append 'it'\\''s=1 quiet' "
		 "--accel tcg --timeout 30\n",
		 dir, dir);
	if (!strstr(report, want))
		fail_msg("want %s got %s", want, report);
	free(report);
	suspect_free(&suspect);
}

/* A find that triage has written: inputs of one command. */
static void make_find(const char *name, unsigned int cmd)
{
	static uint8_t data[SEQ_MOST];
	const size_t len = fake_input(data, &cmd, 1);
	char path[FILES_PATH];

	path_make(path, "w/finds/%s", name);
	assert_int_equal(dir_make(path), 0);
	path_make(path, "w/finds/%s/input.bin", name);
	assert_int_equal(file_write(path, data, len), 0);
}

static void expect_out(struct spoken spoken, int status, const char *says)
{
	if (spoken.status != status || !strstr(spoken.out, says))
		fail_msg("want %d, %s; got %d: %s%s", status, says,
			 spoken.status, spoken.out, spoken.err);
	spoken_free(&spoken);
}

/* That the kernel lives does not say that it is as it should be. */
static void finds_are_judged_by_what_they_are(void **state)
{
	const unsigned int prog_load = 5;

	(void)state;
	make_find("leak-objects-map_freeze", FAKE_LEAKS);
	expect_out(REPRO("w/finds/leak-objects-map_freeze/", "--kernel", "k"),
		   STATUS_BROKEN, "it leaves");
	make_find("leak-objects-obj_pin", FAKE_MARKS);
	expect_out(REPRO("w/finds/leak-objects-obj_pin", "--kernel", "k"),
		   STATUS_HOLDS, "not this time");
	make_find("oracle-verdict-twice", prog_load);
	expect_out(REPRO("w/finds/oracle-verdict-twice", "--kernel", "k"),
		   STATUS_HOLDS, "not this time");
	fake_vm.odd = true;
	expect_out(REPRO("w/finds/oracle-verdict-twice", "--kernel", "k",
			 "--times", "2"),
		   STATUS_BROKEN, "2 of 2 times");
	/* It may also be gone as another. */
	make_find("oracle-jit-result", prog_load);
	expect_out(REPRO("w/finds/oracle-jit-result", "--kernel", "k"),
		   STATUS_BROKEN, "oracle-verdict-twice");
	make_find("leak-objects-link_create", FAKE_DIES);
	expect_out(REPRO("w/finds/leak-objects-link_create", "--kernel", "k"),
		   STATUS_CRASHED, "kasan-");
}

/* s/1 kills the VM behind it, s/2 is innocent. */
static void make_late_death(void)
{
	const unsigned int cmd = FAKE_DIES_LATER;
	static uint8_t data[SEQ_MOST];

	assert_int_equal(dir_make("s"), 0);
	assert_int_equal(file_write("s/1", data, fake_input(data, &cmd, 1)), 0);
	assert_int_equal(
		file_write("s/2", data,
			   fake_input(data, (unsigned int[]){4, 4}, 2)),
		0);
	put("exec", "");
	assert_int_equal(chmod("exec", 0700), 0);
	assert_int_equal(setenv("BPFABI_EXEC", "exec", 1), 0);
}

static void late_deaths_are_not_the_next_ones(void **state)
{
	struct spoken spoken;

	(void)state;
	make_late_death();
	spoken = SPEAK(cmd_run, "bpfabi run", "--corpus", "s", "--kernel", "k");
	assert_int_equal(spoken.status, STATUS_CRASHED);
	assert_non_null(strstr(spoken.out, "\n# before 2: CRASH: BUG: KASAN"));
	assert_non_null(strstr(spoken.out, "\n2: MAP_"));
	spoken_free(&spoken);
	expect(FUZZ("calls", "--kernel", "k", "--corpus", "s", "--work", "w",
		    "--merge", "out"),
	       STATUS_HOLDS, "s/1: the kernel dies of it, left out");
	assert_int_equal(seeds_count("out"), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(usage),
		TEST(cannot_run),
		TEST(nothing_to_judge),
		TEST(plots),
		TEST(fewest_inputs),
		TEST(seeds_may_be_text),
		TEST(queues_are_collected),
		TEST(what_is_told_can_be_pasted),
		TEST(finds_are_judged_by_what_they_are),
		TEST(late_deaths_are_not_the_next_ones),
	};

	return cmocka_run_group_tests_name("host_fuzz", tests, NULL, NULL);
}
