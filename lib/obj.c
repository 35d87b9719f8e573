// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The commands on any object. */
#include "wire.h"

int bpfsys_obj_pin(const struct bpfsys_obj_attr *attr)
{
	return WIRE(BPFSYS_OBJ_PIN, obj, attr);
}

int bpfsys_obj_get(const struct bpfsys_obj_attr *attr)
{
	return WIRE(BPFSYS_OBJ_GET, obj, attr);
}

int bpfsys_prog_get_next_id(struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_PROG_GET_NEXT_ID, get_id, attr);
}

int bpfsys_map_get_next_id(struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_MAP_GET_NEXT_ID, get_id, attr);
}

int bpfsys_btf_get_next_id(struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_BTF_GET_NEXT_ID, get_id, attr);
}

int bpfsys_link_get_next_id(struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_LINK_GET_NEXT_ID, get_id, attr);
}

int bpfsys_prog_get_fd_by_id(const struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_PROG_GET_FD_BY_ID, get_id, attr);
}

int bpfsys_map_get_fd_by_id(const struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_MAP_GET_FD_BY_ID, get_id, attr);
}

int bpfsys_btf_get_fd_by_id(const struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_BTF_GET_FD_BY_ID, get_id, attr);
}

int bpfsys_link_get_fd_by_id(const struct bpfsys_get_id_attr *attr)
{
	return WIRE(BPFSYS_LINK_GET_FD_BY_ID, get_id, attr);
}

int bpfsys_obj_get_info_by_fd(struct bpfsys_obj_info_attr *attr)
{
	return WIRE(BPFSYS_OBJ_GET_INFO_BY_FD, obj_info, attr);
}
