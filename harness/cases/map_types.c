// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps whose keys and values have types: BTF with the structs that the kernel
 * takes for more than bytes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "kernel.h"
#include "map_types.h"

static void add_struct(struct btf *btf, const char *name, uint32_t size)
{
	btf__add_struct(btf, name, size);
}

/* In the order of enum type_id. */
void add_map_types(struct btf *btf)
{
	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_int(btf, "unsigned long", 8, 0);
	add_struct(btf, "bpf_spin_lock", 4);
	btf__add_field(btf, "val", TYPE_INT, 0, 0);
	add_struct(btf, "locked", 16);
	btf__add_field(btf, "number", TYPE_INT, 0, 0);
	btf__add_field(btf, "lock", TYPE_LOCK, 32, 0);
	btf__add_field(btf, "data", TYPE_LONG, 64, 0);
	add_struct(btf, "bpf_timer", 16);
	btf__add_field(btf, "a", TYPE_LONG, 0, 0);
	btf__add_field(btf, "b", TYPE_LONG, 64, 0);
	add_struct(btf, "timed", 24);
	btf__add_field(btf, "data", TYPE_LONG, 0, 0);
	btf__add_field(btf, "timer", TYPE_TIMER, 64, 0);
	add_struct(btf, "prefix", 8);
	btf__add_field(btf, "prefixlen", TYPE_INT, 0, 0);
	btf__add_field(btf, "data", TYPE_INT, 32, 0);
}

static void add_tagged(struct btf *btf)
{
	add_struct(btf, "task_struct", 8);
	btf__add_type_tag(btf, "kptr_untrusted", TYPE_TASK);
	btf__add_ptr(btf, TYPE_TAG);
	add_struct(btf, "pointing", 8);
	btf__add_field(btf, "task", TYPE_KPTR, 0, 0);
}

int try_map_types(struct btf *btf)
{
	struct bpfsys_btf_load_attr attr;
	uint32_t size;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.btf = bpfsys_ptr(btf__raw_data(btf, &size));
	attr.btf_size = size;
	ret = bpfsys_btf_load(&attr);
	btf__free(btf);
	return ret;
}

int load_map_types(void **state, struct btf *btf)
{
	return need(state, "BPF_BTF_LOAD of map types", try_map_types(btf));
}

int make_types(void **state, bool tags)
{
	struct btf *btf = btf__new_empty();
	int ret;

	add_map_types(btf);
	if (tags)
		add_tagged(btf);
	ret = try_map_types(btf);
	if (ret == -EINVAL && tags && !kernel_has_constant("BTF_KIND_TYPE_TAG"))
		skip_case(state, "no type tags in BTF: EINVAL");
	return need(state, "BPF_BTF_LOAD of map types", ret);
}

static uint32_t size_of(enum type_id type)
{
	switch (type) {
	case TYPE_INT:
	case TYPE_LOCK:
		return 4;
	case TYPE_LOCKED:
	case TYPE_TIMER:
		return 16;
	case TYPE_TIMED:
		return 24;
	default:
		return 8;
	}
}

void type_values(struct bpfsys_map_create_attr *attr, int btf_fd,
		 enum type_id type)
{
	attr->btf_fd = (uint32_t)btf_fd;
	attr->btf_key_type_id = TYPE_INT;
	if (attr->map_type == SHAPE_LPM_TRIE)
		attr->btf_key_type_id = TYPE_PREFIX;
	if (attr->map_type == SHAPE_CGROUP_STORAGE ||
	    attr->map_type == SHAPE_PERCPU_CGROUP_STORAGE)
		attr->btf_key_type_id = TYPE_LONG;
	attr->btf_value_type_id = type;
	attr->value_size = size_of(type);
}

int make_locked(void **state, enum map_number type)
{
	struct shaped shaped;
	int fd, btf_fd = make_types(state, false);

	shape_need(state, type, &shaped);
	type_values(&shaped.attr, btf_fd, TYPE_LOCKED);
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	close(btf_fd);
	return fd;
}
