// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps in memory: who may map what, and that memory and map are one. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_typed.h"

#define RW (PROT_READ | PROT_WRITE)

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* A mapping of PAGES pages from page AT on, and its end: 0 or -errno. */
static int try_map(int fd, size_t pages, int prot, int flags, size_t at)
{
	size_t page = page_size();
	void *memory =
		mmap(NULL, pages * page, prot, flags, fd, (off_t)(at * page));

	if (memory == MAP_FAILED)
		return -errno;
	munmap(memory, pages * page);
	return 0;
}

/* An array of exactly three pages. */
static int make_three_pages(void **state, uint32_t flags)
{
	return make_map(state, BPF_MAP_TYPE_ARRAY, 4, (uint32_t)page_size(), 3,
			BPF_F_MMAPABLE | flags);
}

void map_create__mmap_bounds(void **state)
{
	int fd = make_three_pages(state, 0);

	expect_ok(state, "mmap of all pages",
		  try_map(fd, 3, RW, MAP_SHARED, 0));
	expect_ok(state, "mmap of the last page",
		  try_map(fd, 1, RW, MAP_SHARED, 2));
	expect_error(state, "mmap of a page more", EINVAL,
		     try_map(fd, 4, RW, MAP_SHARED, 0));
	expect_error(state, "mmap of the page behind", EINVAL,
		     try_map(fd, 1, RW, MAP_SHARED, 3));
	expect_error(state, "mmap that runs over the end", EINVAL,
		     try_map(fd, 2, RW, MAP_SHARED, 2));
	close(fd);
}

void map_create__mmap_private(void **state)
{
	int fd = make_three_pages(state, 0);
	int ret = try_map(fd, 1, PROT_READ, MAP_PRIVATE, 0);

	close(fd);
	expect_error(state, "mmap with MAP_PRIVATE", EINVAL, ret);
}

void map_create__mmap_not_mmapable(void **state)
{
	int fd = shape_make(state, SHAPE_ARRAY);
	int ret = try_map(fd, 1, PROT_READ, MAP_SHARED, 0);

	close(fd);
	expect_error(state, "mmap of an array without BPF_F_MMAPABLE", EINVAL,
		     ret);
}

/* All but arrays, ring buffers and arenas. */
void map_create__mmap_types_without(void **state)
{
	size_t count;
	const struct map_shape *shapes = map_shapes(&count);

	for (size_t i = 0; i < count; i++) {
		int fd, ret;

		if (shapes[i].type == SHAPE_ARRAY ||
		    shapes[i].type == SHAPE_RINGBUF ||
		    shapes[i].type == SHAPE_USER_RINGBUF ||
		    shapes[i].type == SHAPE_ARENA)
			continue;
		fd = shape_make(state, (enum map_number)shapes[i].type);
		if (fd < 0)
			continue;
		ret = try_map(fd, 1, PROT_READ, MAP_SHARED, 0);
		close(fd);
		expect_error(state, shapes[i].name, BPFSYS_ENOTSUPP, ret);
	}
}

/* What is stored is in memory, and what is written there is found. */
void map_create__mmap_is_the_map(void **state)
{
	int fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 512, BPF_F_MMAPABLE);
	uint32_t key = 511;
	uint64_t value = 0x1234, found = 0, *memory;

	memory = mmap(NULL, 512 * 8, RW, MAP_SHARED, fd, 0);
	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	put_elem(state, fd, &key, &value);
	expect_u64(state, "memory of an element that was stored", 0x1234,
		   memory[511]);
	memory[0] = 0x5678;
	key = 0;
	expect_ok(state, "lookup of an element that was written",
		  bpfsys_map_lookup_elem(&(struct bpfsys_map_elem_attr){
			  .map_fd = (uint32_t)fd,
			  .key = bpfsys_ptr(&key),
			  .value = bpfsys_ptr(&found)}));
	expect_u64(state, "element that was written", 0x5678, found);
	munmap(memory, 512 * 8);
	close(fd);
}

/* The mapping holds the map. */
void map_create__mmap_outlives_fd(void **state)
{
	int fd = make_three_pages(state, 0);
	volatile uint64_t *memory =
		mmap(NULL, page_size(), RW, MAP_SHARED, fd, 0);

	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	close(fd);
	memory[0] = 7;
	expect_u64(state, "memory of a map that was closed", 7, memory[0]);
	munmap((void *)(uintptr_t)memory, page_size());
}

void map_create__mmap_rdonly_prog(void **state)
{
	int fd = make_three_pages(state, BPF_F_RDONLY_PROG);

	expect_error(state, "writable mmap of a map that programs only read",
		     EACCES, try_map(fd, 1, RW, MAP_SHARED, 0));
	expect_ok(state, "readable mmap of a map that programs only read",
		  try_map(fd, 1, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

/* Without the right to write the mapping is not shared in the end, which maps
 * refuse: do_mmap() drops VM_SHARED, and bpf_map_mmap() wants it. */
void map_create__mmap_access(void **state)
{
	int rdonly = make_three_pages(state, BPF_F_RDONLY);
	int wronly = make_three_pages(state, BPF_F_WRONLY);

	expect_error(state, "writable mmap of a BPF_F_RDONLY descriptor",
		     EACCES, try_map(rdonly, 1, RW, MAP_SHARED, 0));
	expect_error(state, "readable mmap of a BPF_F_RDONLY descriptor",
		     EINVAL, try_map(rdonly, 1, PROT_READ, MAP_SHARED, 0));
	expect_error(state, "mmap of a BPF_F_WRONLY descriptor", EACCES,
		     try_map(wronly, 1, PROT_READ, MAP_SHARED, 0));
	close(rdonly);
	close(wronly);
}

/* What was mapped to read stays so, what was not executable too. */
void map_create__mmap_protection(void **state)
{
	int ret, exec, fd = make_three_pages(state, 0);
	void *memory = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);

	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	ret = mprotect(memory, page_size(), RW) ? -errno : 0;
	exec = mprotect(memory, page_size(), PROT_READ | PROT_EXEC) ? -errno
								    : 0;
	munmap(memory, page_size());
	close(fd);
	expect_error(state, "mprotect of a readable mapping to writable",
		     EACCES, ret);
	expect_error(state, "mprotect of a mapping to executable", EACCES,
		     exec);
}

static void freeze(void **state, int fd)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	expect_ok(state, "BPF_MAP_FREEZE", bpfsys_map_freeze(&attr));
}

void map_freeze__no_writable_mmap(void **state)
{
	int fd = make_three_pages(state, 0);

	freeze(state, fd);
	expect_error(state, "writable mmap of a frozen map", EPERM,
		     try_map(fd, 1, RW, MAP_SHARED, 0));
	expect_ok(state, "readable mmap of a frozen map",
		  try_map(fd, 1, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

/* Readable mappings are no hindrance, nor is a writable one that is gone. */
void map_freeze__after_mappings(void **state)
{
	int fd = make_three_pages(state, 0);
	void *memory = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);

	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	need(state, "writable mmap", try_map(fd, 1, RW, MAP_SHARED, 0));
	freeze(state, fd);
	munmap(memory, page_size());
	close(fd);
}

/* A mapping that was cut in two is two; both have to go. */
void map_freeze__split_mapping(void **state)
{
	struct bpfsys_map_elem_attr attr;
	size_t page = page_size();
	int half, fd = make_three_pages(state, 0);
	uint8_t *memory = mmap(NULL, 3 * page, RW, MAP_SHARED, fd, 0);

	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	munmap(memory + page, page);
	munmap(memory, page);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	half = bpfsys_map_freeze(&attr);
	munmap(memory + 2 * page, page);
	expect_error(state, "freeze with a page mapped", EBUSY, half);
	freeze(state, fd);
	close(fd);
}

/* Programs write the data, whoever reads only his own position. */
void map_create__mmap_ringbuf(void **state)
{
	size_t data = 65536 / page_size();
	int fd = shape_make_needed(state, SHAPE_RINGBUF);

	expect_ok(state, "writable mmap of the consumer's page",
		  try_map(fd, 1, RW, MAP_SHARED, 0));
	expect_error(state, "writable mmap of two pages", EPERM,
		     try_map(fd, 2, RW, MAP_SHARED, 0));
	expect_error(state, "writable mmap of the producer's page", EPERM,
		     try_map(fd, 1, RW, MAP_SHARED, 1));
	expect_ok(state, "readable mmap of positions and data, twice",
		  try_map(fd, 2 + 2 * data, PROT_READ, MAP_SHARED, 0));
	expect_error(state, "mmap of a page more", EINVAL,
		     try_map(fd, 3 + 2 * data, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

/* The other way round. */
void map_create__mmap_user_ringbuf(void **state)
{
	size_t data = 65536 / page_size();
	int fd = shape_make_needed(state, SHAPE_USER_RINGBUF);

	expect_error(state, "writable mmap of the consumer's page", EPERM,
		     try_map(fd, 1, RW, MAP_SHARED, 0));
	expect_ok(state, "readable mmap of the consumer's page",
		  try_map(fd, 1, PROT_READ, MAP_SHARED, 0));
	expect_ok(state, "writable mmap of the producer's page and data",
		  try_map(fd, 1 + 2 * data, RW, MAP_SHARED, 1));
	close(fd);
}

/* An arena is mapped at one place and in one size. */
void map_create__mmap_arena(void **state)
{
	size_t page = page_size();
	int fd = shape_make_needed(state, SHAPE_ARENA);
	uint8_t *memory = mmap(NULL, 4 * page, RW, MAP_SHARED, fd, 0);

	need(state, "mmap of an arena", memory == MAP_FAILED ? -errno : 0);
	memory[3 * page] = 7;
	expect_u64(state, "memory of an arena, written", 7, memory[3 * page]);
	expect_u64(state, "memory of an arena, new", 0, memory[0]);
	expect_error(state, "a second mmap elsewhere", EINVAL,
		     try_map(fd, 4, RW, MAP_SHARED, 0));
	expect_error(state, "a larger mmap", E2BIG,
		     try_map(fd, 5, RW, MAP_SHARED, 0));
	expect_error(state, "mmap of an arena from its second page", EINVAL,
		     try_map(fd, 1, RW, MAP_SHARED, 1));
	munmap(memory, 4 * page);
	close(fd);
}

/* A child maps an arena with FLAGS and reads its last page; its wait status: 0
 * where that is zero. */
static int touch_arena(void **state, uint32_t flags)
{
	size_t page = page_size();
	volatile uint8_t *memory;
	struct shaped shaped;
	int status, fd;
	pid_t child;

	shape_need(state, SHAPE_ARENA, &shaped);
	shaped.attr.map_flags |= flags;
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	child = fork();
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		memory = mmap(NULL, 4 * page, RW, MAP_SHARED, fd, 0);
		_exit(memory == MAP_FAILED ? 2 : memory[3 * page] != 0);
	}
	need(state, "fork", child < 0 ? -errno : 0);
	need(state, "waitpid", waitpid(child, &status, 0) < 0 ? -errno : 0);
	close(fd);
	return status;
}

void map_create__mmap_arena_fault(void **state)
{
	int zero = touch_arena(state, 0);
	int fault = touch_arena(state, BPFABI_F_SEGV_ON_FAULT);

	expect_u64(state, "wait status of who reads a new page", 0,
		   (uint64_t)zero);
	expect_true(state, "who reads a page that nobody allocated dies",
		    WIFSIGNALED(fault));
	expect_u64(state, "signal that it dies of", SIGSEGV,
		   (uint64_t)WTERMSIG(fault));
}
