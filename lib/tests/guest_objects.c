// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Walks over ids, logs of the verifier and descriptions of programs, of a real
 * kernel. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#include "guest.h"
#include "guest_tests.h"

#ifdef __has_feature
#define SANITIZED __has_feature(memory_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Whether a walk over KIND, to its proper end, comes by ID; *ALL: objects. */
static bool walk_meets(enum bpfsys_object kind, uint32_t wanted, uint32_t *all)
{
	uint32_t id = 0, last = 0;
	bool met = false;
	int fd;

	*all = 0;
	while ((fd = bpfsys_open_next(kind, &id)) >= 0) {
		assert_true(id > last);
		assert_int_equal(close(fd), 0);
		met |= id == wanted;
		last = id;
		++*all;
	}
	assert_int_equal(fd, -ENOENT);
	return met;
}

static int egress_link(int prog)
{
	struct bpfsys_link_create_attr attr;
	int cgroup = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), fd;

	assert_true(cgroup >= 0);
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog;
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_type = BPF_CGROUP_INET_EGRESS;
	fd = bpfsys_link_create(&attr);
	close(cgroup);
	assert_true(fd >= 0);
	return fd;
}

static void ids(void **state)
{
	static const struct bpf_insn pass[] = {MOV_IMM(0, 1), EXIT};
	int maps[3], prog, link;
	uint32_t ids[3], all, id;

	(void)state;
	for (size_t i = 0; i < COUNT(maps); i++) {
		maps[i] = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
		ids[i] = map_id(maps[i]);
	}
	for (size_t i = 0; i < COUNT(maps); i++)
		assert_true(walk_meets(BPFSYS_OBJECT_MAP, ids[i], &all));
	assert_true(all >= COUNT(maps));
	close(maps[1]);
	assert_false(walk_meets(BPFSYS_OBJECT_MAP, ids[1], &all));
	id = ids[2];
	assert_int_equal(bpfsys_open_next(BPFSYS_OBJECT_MAP, &id), -ENOENT);
	assert_int_equal(id, ids[2]);
	prog = load(BPF_PROG_TYPE_CGROUP_SKB, pass, COUNT(pass));
	assert_true(prog >= 0);
	link = egress_link(prog);
	walk_meets(BPFSYS_OBJECT_PROG, 0, &all);
	assert_true(all >= 1);
	walk_meets(BPFSYS_OBJECT_LINK, 0, &all);
	assert_true(all >= 1);
	walk_meets(BPFSYS_OBJECT_BTF, 0, &all);
	assert_true(all >= 1);
	assert_int_equal(bpfsys_open_next((enum bpfsys_object)4, &id), -EINVAL);
	close(link);
	close(prog);
	close(maps[0]);
	close(maps[2]);
}

static atomic_bool stop;

static void *make_and_drop(void *arg)
{
	(void)arg;
	while (!stop) {
		int a = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
		int b = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);

		close(a);
		close(b);
	}
	return NULL;
}

/* A map that goes between its id and its descriptor does not end the walk. */
static void ids_that_vanish(void **state)
{
	pthread_t thread;
	uint32_t id, all;
	int map;

	(void)state;
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, make_and_drop, NULL), 0);
	usleep(20000);
	map = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
	id = map_id(map);
	for (int i = 0; i < 300; i++)
		assert_true(walk_meets(BPFSYS_OBJECT_MAP, id, &all));
	stop = true;
	pthread_join(thread, NULL);
	close(map);
}

static int first_prog(void)
{
	uint32_t id = 0;

	return bpfsys_open_next(BPFSYS_OBJECT_PROG, &id);
}

static void ids_without_capability(void **state)
{
	(void)state;
	assert_int_equal(unprivileged(first_prog), -EPERM);
}

/* A program of COUNT instructions, the last of which is EXIT; r0 is set if
 * GOOD. */
static void program(struct bpfsys_prog_load_attr *attr, uint32_t count,
		    bool good)
{
	static struct bpf_insn insns[8192];
	static const struct bpf_insn filler = MOV_IMM(2, 1), end = EXIT;

	assert_true(count <= COUNT(insns));
	for (uint32_t i = 0; i < count; i++)
		insns[i] = filler;
	if (good)
		insns[0].dst_reg = 0;
	insns[count - 1] = end;
	memset(attr, 0, sizeof(*attr));
	attr->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr->insns = bpfsys_ptr(insns);
	attr->insn_cnt = count;
	attr->license = bpfsys_ptr("GPL");
}

static void logs(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char *log;
	int fd;

	(void)state;
	program(&attr, 10, true);
	fd = bpfsys_prog_load_log(&attr, &log);
	assert_true(fd >= 0);
	assert_null(log);
	close(fd);
	program(&attr, 10, false);
	assert_int_equal(bpfsys_prog_load_log(&attr, &log), -EACCES);
	assert_non_null(log);
	assert_non_null(strstr(log, "R0 !read_ok"));
	free(log);
	attr.insn_cnt = 0;
	assert_int_equal(bpfsys_prog_load_log(&attr, &log), -E2BIG);
	assert_null(log);
	program(&attr, 10, true);
	attr.log_level = 2;
	fd = bpfsys_prog_load_log(&attr, &log);
	assert_true(fd >= 0);
	assert_non_null(log);
	assert_non_null(strstr(log, "processed 10 insns"));
	assert_int_equal(attr.log_level, 2);
	assert_int_equal(attr.log_buf, 0);
	assert_int_equal(attr.log_size, 0);
	free(log);
	close(fd);
}

/* The log is several times the first buffer: the verdict is the program's, and
 * the text is whole. */
static void log_that_grows(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char *log;
	int fd;

	(void)state;
	program(&attr, 8192, false);
	assert_int_equal(bpfsys_prog_load_log(&attr, &log), -EACCES);
	assert_non_null(log);
	assert_true(strlen(log) > 128 * 1024);
	assert_non_null(strstr(log, "\n0: "));
	assert_non_null(strstr(log, "R0 !read_ok"));
	if (attr.log_true_size)
		assert_int_equal(strlen(log) + 1, attr.log_true_size);
	free(log);
	program(&attr, 8192, true);
	attr.log_level = 2;
	fd = bpfsys_prog_load_log(&attr, &log);
	assert_true(fd >= 0);
	assert_true(strlen(log) > 128 * 1024);
	free(log);
	close(fd);
}

/* No memory for the log: what is wrong with the program is said all the same.
 */
static void log_that_cannot_grow(void **state)
{
	struct bpfsys_prog_load_attr attr;
	struct rlimit none = {0, 0}, was;
	size_t length;
	char *log;
	int ret, fd;

	(void)state;
	if (SANITIZED) /* whose memory has no such limit */
		skip();
	/* Of the heap there is enough for the first room, and no more to get.
	 */
	mallopt(M_MMAP_THRESHOLD, 100 * 1024);
	malloc_trim(0);
	log = malloc(90 * 1024);
	assert_non_null(log);
	free(log);
	program(&attr, 8192, false);
	assert_int_equal(getrlimit(RLIMIT_AS, &was), 0);
	none.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	ret = bpfsys_prog_load_log(&attr, &log);
	length = log ? strlen(log) : 0;
	free(log);
	program(&attr, 8192, true);
	attr.log_level = 2;
	fd = bpfsys_prog_load_log(&attr, &log);
	assert_int_equal(setrlimit(RLIMIT_AS, &was), 0);
	assert_int_equal(ret, -EACCES);
	assert_in_range(length, 64 * 1024 - 1, 128 * 1024 - 1);
	assert_true(fd >= 0);
	free(log);
	close(fd);
}

static int load_logged(void)
{
	struct bpfsys_prog_load_attr attr;
	char *log;
	int ret;

	program(&attr, 2, true);
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	ret = bpfsys_prog_load_log(&attr, &log);
	return log ? -1000 : ret;
}

static void log_without_capability(void **state)
{
	(void)state;
	assert_int_equal(unprivileged(load_logged), -EPERM);
}

static void info(void **state)
{
	const unsigned int which = BPFSYS_INFO_MAP_IDS |
				   BPFSYS_INFO_XLATED_INSNS |
				   BPFSYS_INFO_PROG_TAGS;
	struct bpfsys_prog_info info;
	const uint32_t *map_ids;
	int maps[3], prog;
	void *mem;

	(void)state;
	for (size_t i = 0; i < COUNT(maps); i++)
		maps[i] = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
	prog = load_with_maps(maps, COUNT(maps));
	assert_int_equal(bpfsys_prog_info(prog, which, &info, &mem), 0);
	assert_int_equal(info.nr_map_ids, 3);
	map_ids = (const uint32_t *)(uintptr_t)info.map_ids;
	for (size_t i = 0; i < COUNT(maps); i++)
		assert_int_equal(map_ids[i], map_id(maps[i]));
	assert_int_equal(info.xlated_prog_len, 8 * (2 * 3 + 2));
	assert_int_equal(((const unsigned char *)(uintptr_t)info
				  .xlated_prog_insns)[info.xlated_prog_len - 8],
			 0x95);
	assert_int_equal(info.nr_prog_tags, 1);
	assert_memory_equal((const void *)(uintptr_t)info.prog_tags, info.tag,
			    BPFSYS_TAG_SIZE);
	assert_int_equal(info.jited_prog_insns, 0);
	free(mem);
	/* All at once; and none. */
	assert_int_equal(bpfsys_prog_info(prog, 0x1ff, &info, &mem), 0);
	assert_int_equal(info.nr_map_ids, 3);
	free(mem);
	assert_int_equal(bpfsys_prog_info(prog, 0, &info, &mem), 0);
	assert_null(mem);
	close(prog);
	for (size_t i = 0; i < COUNT(maps); i++)
		close(maps[i]);
}

static void info_of_no_program(void **state)
{
	int map = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
	const unsigned int which = BPFSYS_INFO_MAP_IDS;
	int prog = load_with_maps(&map, 1);
	struct bpfsys_prog_info info;
	void *mem;

	(void)state;
	assert_int_equal(bpfsys_prog_info(prog, 0x200, &info, &mem), -EINVAL);
	assert_int_equal(bpfsys_prog_info(map, which, &info, &mem), -EINVAL);
	assert_int_equal(bpfsys_prog_info(-1, which, &info, &mem), -EBADFD);
	assert_null(mem);
	close(prog);
	close(map);
}

static void *bind(void *arg)
{
	struct bpfsys_prog_bind_map_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t) * (int *)arg;
	for (int i = 0; i < 200; i++) {
		int map = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);

		attr.map_fd = (uint32_t)map;
		assert_int_equal(bpfsys_prog_bind_map(&attr), 0);
		close(map);
	}
	stop = true;
	return NULL;
}

/* Maps are bound while the program is described: no id is missing. */
static void info_that_grows(void **state)
{
	struct bpfsys_prog_info info;
	const uint32_t *map_ids;
	uint32_t last = 0;
	pthread_t thread;
	void *mem;
	int map = new_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1), ret;
	int prog = load_with_maps(&map, 1);

	(void)state;
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, bind, &prog), 0);
	for (bool done = false; !done;) {
		done = stop;
		ret = bpfsys_prog_info(prog, BPFSYS_INFO_MAP_IDS, &info, &mem);
		assert_true(!ret || ret == -EAGAIN);
		if (ret)
			continue;
		map_ids = (const uint32_t *)(uintptr_t)info.map_ids;
		assert_true(info.nr_map_ids >= last);
		for (uint32_t i = 0; i < info.nr_map_ids; i++)
			assert_int_not_equal(map_ids[i], 0);
		last = info.nr_map_ids;
		free(mem);
	}
	pthread_join(thread, NULL);
	assert_int_equal(last, 201);
	close(prog);
	close(map);
}

const struct CMUnitTest object_tests[] = {
	cmocka_unit_test(ids),
	cmocka_unit_test(ids_that_vanish),
	cmocka_unit_test(ids_without_capability),
	cmocka_unit_test(logs),
	cmocka_unit_test(log_that_grows),
	cmocka_unit_test(log_that_cannot_grow),
	cmocka_unit_test(log_without_capability),
	cmocka_unit_test(info),
	cmocka_unit_test(info_of_no_program),
	cmocka_unit_test(info_that_grows),
};

const size_t object_count = sizeof(object_tests) / sizeof(object_tests[0]);
