// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* struct bpf_prog_info with its arrays, which may grow while they are read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#define TRIES 8
/* Bytes of all arrays together, more than any kernel has of one program. */
#define MOST ((uint64_t)PTRDIFF_MAX)

#define AT(field) offsetof(struct bpfsys_prog_info, field)

/* In the order of BPFSYS_INFO_*. */
static const struct {
	uint16_t array, count;
	uint16_t size;	   /* bytes of an element, or */
	uint16_t rec_size; /* where they stand */
} arrays[] = {
	{AT(jited_prog_insns), AT(jited_prog_len), 1, 0},
	{AT(xlated_prog_insns), AT(xlated_prog_len), 1, 0},
	{AT(map_ids), AT(nr_map_ids), 4, 0},
	{AT(jited_ksyms), AT(nr_jited_ksyms), 8, 0},
	{AT(jited_func_lens), AT(nr_jited_func_lens), 4, 0},
	{AT(func_info), AT(nr_func_info), 0, AT(func_info_rec_size)},
	{AT(line_info), AT(nr_line_info), 0, AT(line_info_rec_size)},
	{AT(jited_line_info), AT(nr_jited_line_info), 0,
	 AT(jited_line_info_rec_size)},
	{AT(prog_tags), AT(nr_prog_tags), BPFSYS_TAG_SIZE, 0},
};

#define ARRAYS (sizeof(arrays) / sizeof(arrays[0]))

static uint32_t number(const struct bpfsys_prog_info *info, size_t at)
{
	uint32_t value;

	memcpy(&value, (const char *)info + at, sizeof(value));
	return value;
}

static void set(struct bpfsys_prog_info *info, size_t at, const void *value,
		size_t size)
{
	memcpy((char *)info + at, value, size);
}

/* The kernel does not say what it describes, but of nothing else does it have
 * this much to say. */
static int get(int fd, struct bpfsys_prog_info *info)
{
	struct bpfsys_obj_info_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = sizeof(*info);
	attr.info = bpfsys_ptr(info);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	return !ret && attr.info_len < AT(run_time_ns) ? -EINVAL : ret;
}

/* Bytes that array I takes, up to the next one. */
static uint64_t bytes(const struct bpfsys_prog_info *info, size_t i)
{
	uint64_t each = arrays[i].size ? arrays[i].size
				       : number(info, arrays[i].rec_size);

	return (number(info, arrays[i].count) * each + 7) & ~(uint64_t)7;
}

/* Those that all of WHICH take; -E2BIG where nothing has as many. */
static int all_bytes(const struct bpfsys_prog_info *info, unsigned int which,
		     size_t *size)
{
	*size = 0;
	for (size_t i = 0; i < ARRAYS; i++) {
		if (!(which & 1u << i))
			continue;
		if (bytes(info, i) > MOST - *size)
			return -E2BIG;
		*size += (size_t)bytes(info, i);
	}
	return 0;
}

/* Asks ROOM's arrays of WHICH into MEM: INFO, as far as the kernel reads it. */
static void ask(struct bpfsys_prog_info *info, unsigned int which,
		const struct bpfsys_prog_info *room, char *mem)
{
	bpfsys_u64 ptr;
	uint32_t value;

	memset(info, 0, sizeof(*info));
	for (size_t i = 0; i < ARRAYS; i++) {
		if (!(which & 1u << i) || !number(room, arrays[i].count))
			continue;
		ptr = bpfsys_ptr(mem);
		mem += bytes(room, i);
		set(info, arrays[i].array, &ptr, sizeof(ptr));
		value = number(room, arrays[i].count);
		set(info, arrays[i].count, &value, sizeof(value));
		if (arrays[i].size)
			continue;
		value = number(room, arrays[i].rec_size);
		set(info, arrays[i].rec_size, &value, sizeof(value));
	}
}

static bool fits(const struct bpfsys_prog_info *info, unsigned int which,
		 const struct bpfsys_prog_info *room)
{
	for (size_t i = 0; i < ARRAYS; i++)
		if (which & 1u << i && number(info, arrays[i].count) >
					       number(room, arrays[i].count))
			return false;
	return true;
}

int bpfsys_prog_info(int prog_fd, unsigned int which,
		     struct bpfsys_prog_info *info, void **mem)
{
	struct bpfsys_prog_info room;
	size_t size;
	int ret;

	*mem = NULL;
	if (which >> ARRAYS)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	ret = get(prog_fd, info);
	for (int i = 0; !ret && i < TRIES; i++) {
		memcpy(&room, info, sizeof(room));
		ret = all_bytes(&room, which, &size);
		if (ret || !size)
			return ret;
		*mem = calloc(1, size);
		if (!*mem)
			return -ENOMEM;
		ask(info, which, &room, *mem);
		ret = get(prog_fd, info);
		if (!ret && fits(info, which, &room))
			return 0;
		free(*mem);
		*mem = NULL;
	}
	return ret ? ret : -EAGAIN;
}
