// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Opening one object after the other, by their ids. */
#include <errno.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

static const struct {
	int (*next)(struct bpfsys_get_id_attr *attr);
	int (*open)(const struct bpfsys_get_id_attr *attr);
} kinds[] = {
	[BPFSYS_OBJECT_PROG] = {bpfsys_prog_get_next_id,
				bpfsys_prog_get_fd_by_id},
	[BPFSYS_OBJECT_MAP] = {bpfsys_map_get_next_id, bpfsys_map_get_fd_by_id},
	[BPFSYS_OBJECT_BTF] = {bpfsys_btf_get_next_id, bpfsys_btf_get_fd_by_id},
	[BPFSYS_OBJECT_LINK] = {bpfsys_link_get_next_id,
				bpfsys_link_get_fd_by_id},
};

int bpfsys_open_next(enum bpfsys_object kind, uint32_t *id)
{
	struct bpfsys_get_id_attr attr;
	int ret;

	if ((size_t)kind >= sizeof(kinds) / sizeof(kinds[0]))
		return -EINVAL;
	for (;;) {
		memset(&attr, 0, sizeof(attr));
		attr.start_id = *id;
		ret = kinds[kind].next(&attr);
		if (ret)
			return ret;
		*id = attr.next_id;
		memset(&attr, 0, sizeof(attr));
		attr.start_id = *id; /* the field of every kind's id */
		ret = kinds[kind].open(&attr);
		if (ret != -ENOENT)
			return ret;
	}
}
