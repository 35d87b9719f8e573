// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A map of every type, from map_shapes.def, and what becomes of it when one
 * field is another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "map_shape.h"

#define STRUCT_OPS "bpf_struct_ops_tcp_congestion_ops"

static const struct map_shape shapes[] = {
#define SHAPE(type, number, name, key, value, entries, with, must, takes, may, \
	      config)                                                          \
	{number, name,	"BPF_MAP_TYPE_" #type,                                 \
	 key,	 value, entries,                                               \
	 with,	 must,	takes,                                                 \
	 may,	 config},
#include "map_shapes.def"
#undef SHAPE
};

const struct map_shape *map_shapes(size_t *count)
{
	*count = COUNT_OF(shapes);
	return shapes;
}

const struct map_shape *map_shape(enum map_number type)
{
	return &shapes[type - 1];
}

static void fill(void **state, const struct map_shape *shape,
		 struct shaped *shaped)
{
	struct bpfsys_map_create_attr *attr = &shaped->attr;

	memset(shaped, 0, sizeof(*shaped));
	shaped->with_fd = -1;
	attr->map_type = shape->type;
	attr->key_size = shape->key_size;
	attr->value_size = shape->value_size;
	attr->max_entries = shape->max_entries;
	attr->map_flags = shape->must;
	if (shape->with == INNER) {
		shaped->with_fd =
			make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
		attr->inner_map_fd = (uint32_t)shaped->with_fd;
	} else if (shape->with != ALONE) {
		shaped->with_fd = make_btf(state);
		attr->btf_fd = (uint32_t)shaped->with_fd;
	}
	if (shape->with == TYPED)
		attr->btf_key_type_id = attr->btf_value_type_id = 1;
	if (shape->with == OPS && kernel_struct_id(STRUCT_OPS) > 0) {
		/* 5.10 reads its own BTF with the first program. */
		close(make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0));
		attr->btf_vmlinux_value_type_id =
			(uint32_t)kernel_struct_id(STRUCT_OPS);
		attr->value_size = kernel_struct_size(STRUCT_OPS);
	}
}

void shape_drop(struct shaped *shaped)
{
	close_if_fd(shaped->with_fd);
}

int try_create(struct bpfsys_map_create_attr *attr)
{
	int ret = bpfsys_map_create(attr);

	close_if_fd(ret);
	return ret;
}

/* The kernel makes no maps of the type: it does not know the number, or was
 * built without. */
static bool may_lack(const struct map_shape *shape)
{
	return *shape->config || !kernel_has_btf() ||
	       !kernel_has_enumerator("bpf_map_type", shape->enumerator);
}

bool shape_fill(void **state, const struct map_shape *shape,
		struct shaped *shaped)
{
	char text[96];
	int ret;

	fill(state, shape, shaped);
	ret = try_create(&shaped->attr);
	if (ret >= 0)
		return true;
	shape_drop(shaped);
	snprintf(text, sizeof(text), "BPF_MAP_CREATE of a %s", shape->name);
	if (!may_lack(shape))
		expect_ok(state, text, ret);
	expect_error(state, text, EINVAL, ret);
	return false;
}

bool shape_exists(void **state, enum map_number type)
{
	struct shaped shaped;
	bool exists = shape_fill(state, map_shape(type), &shaped);

	if (exists)
		shape_drop(&shaped);
	return exists;
}

void shape_need(void **state, enum map_number type, struct shaped *shaped)
{
	const struct map_shape *shape = map_shape(type);

	if (!shape_fill(state, shape, shaped))
		skip_case(state, "the kernel makes no %s: EINVAL", shape->name);
}

int shape_make(void **state, enum map_number type)
{
	struct shaped shaped;
	int fd = -1;

	if (shape_fill(state, map_shape(type), &shaped)) {
		fd = need(state, "BPF_MAP_CREATE",
			  bpfsys_map_create(&shaped.attr));
		shape_drop(&shaped);
	}
	return fd;
}

int shape_make_needed(void **state, enum map_number type)
{
	int fd = shape_make(state, type);

	if (fd < 0)
		skip_case(state, "the kernel makes no %s: EINVAL",
			  map_shape(type)->name);
	return fd;
}

void shape_change(struct bpfsys_map_create_attr *attr,
		  const struct map_change *change)
{
	uint32_t value = (uint32_t)change->value;

	switch (change->field) {
	case KEY_SIZE:
		attr->key_size = value;
		break;
	case VALUE_SIZE:
		attr->value_size = value;
		break;
	case MAX_ENTRIES:
		attr->max_entries = value;
		break;
	case ADD_FLAGS:
		attr->map_flags |= value;
		break;
	case DROP_FLAGS:
		attr->map_flags &= ~value;
		break;
	case NUMA_NODE:
		attr->map_flags |= BPF_F_NUMA_NODE;
		attr->numa_node = value;
		break;
	case MAP_EXTRA:
		attr->map_extra = change->value;
		break;
	case IFINDEX:
		attr->map_ifindex = value;
		break;
	case KEY_TYPE:
		attr->btf_key_type_id = value;
		break;
	case VALUE_TYPE:
		attr->btf_value_type_id = value;
		break;
	}
}

/* "queue with key_size 0x4" */
static void describe(char *text, size_t size, enum map_number type,
		     const struct map_change *change)
{
	static const char *const fields[] = {
		[KEY_SIZE] = "key_size",
		[VALUE_SIZE] = "value_size",
		[MAX_ENTRIES] = "max_entries",
		[ADD_FLAGS] = "flag",
		[DROP_FLAGS] = "flags but",
		[NUMA_NODE] = "numa_node",
		[MAP_EXTRA] = "map_extra",
		[IFINDEX] = "map_ifindex",
		[KEY_TYPE] = "btf_key_type_id",
		[VALUE_TYPE] = "btf_value_type_id",
	};

	snprintf(text, size, "%s with %s 0x%llx", map_shape(type)->name,
		 fields[change->field], (unsigned long long)change->value);
}

void refuse_create(void **state, const char *text,
		   struct bpfsys_map_create_attr *attr)
{
	struct run *run = *state;

	expect_error(state, text, run->which->err, try_create(attr));
}

void refuse_each(void **state, enum map_number type,
		 const struct map_change *changes, size_t count)
{
	struct shaped good, shaped;
	char text[128];

	shape_need(state, type, &good);
	for (size_t i = 0; i < count; i++) {
		shaped = good;
		shape_change(&shaped.attr, &changes[i]);
		describe(text, sizeof(text), type, &changes[i]);
		refuse_create(state, text, &shaped.attr);
	}
	shape_drop(&good);
}

void skip_before_5_11(void **state, enum map_number type,
		      const struct map_change *changes, size_t count, int err)
{
	uint32_t offset, size;
	struct run *run = *state;
	static struct suite_case old;

	if (!kernel_member("bpf_map.memory", &offset, &size))
		return;
	old = *run->which;
	old.err = err;
	run->which = &old;
	refuse_each(state, type, changes, count);
	skip_case(state, "checked since 5.11 or later: this kernel says %s",
		  bpfsys_errno_name(err));
}

/* The flags in the info: those of a descriptor are not the map's, and programs
 * only read these types: dev_map_init_map(), insn_array_alloc(). */
static uint32_t flags_shown(const struct bpfsys_map_create_attr *attr)
{
	uint32_t flags =
		attr->map_flags & ~(uint32_t)(BPF_F_RDONLY | BPF_F_WRONLY);

	if (attr->map_type == SHAPE_INSN_ARRAY ||
	    attr->map_type == SHAPE_DEVMAP ||
	    attr->map_type == SHAPE_DEVMAP_HASH)
		flags |= BPF_F_RDONLY_PROG;
	return flags;
}

/* Of a map that was made as ATTR says. */
static void check_info(void **state, int fd,
		       const struct bpfsys_map_create_attr *attr)
{
	struct bpfsys_map_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", attr->map_type, info.type);
	expect_u64(state, "info: key_size", attr->key_size, info.key_size);
	expect_u64(state, "info: value_size", attr->value_size,
		   info.value_size);
	/* A hash with a list for each CPU rounds it up to their number. */
	if (!(attr->map_flags & BPF_F_NO_COMMON_LRU))
		expect_u64(state, "info: max_entries", attr->max_entries,
			   info.max_entries);
	expect_u64(state, "info: map_flags", flags_shown(attr), info.map_flags);
	if (attr->map_extra)
		expect_u64(state, "info: map_extra", attr->map_extra,
			   info.map_extra);
}

void accept_each(void **state, enum map_number type,
		 const struct map_change *changes, size_t count)
{
	struct shaped good, shaped;
	char text[128];
	int fd;

	if (!shape_fill(state, map_shape(type), &good))
		return;
	for (size_t i = 0; i < count; i++) {
		shaped = good;
		shape_change(&shaped.attr, &changes[i]);
		describe(text, sizeof(text), type, &changes[i]);
		fd = bpfsys_map_create(&shaped.attr);
		expect_ok(state, text, fd);
		check_info(state, fd, &shaped.attr);
		close(fd);
	}
	shape_drop(&good);
}
