// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The commands on maps. */
#include "wire.h"

int bpfsys_map_create(const struct bpfsys_map_create_attr *attr)
{
	return WIRE(BPFSYS_MAP_CREATE, map_create, attr);
}

int bpfsys_map_lookup_elem(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_LOOKUP_ELEM, map_elem, attr);
}

int bpfsys_map_update_elem(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_UPDATE_ELEM, map_elem, attr);
}

int bpfsys_map_delete_elem(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_DELETE_ELEM, map_elem, attr);
}

int bpfsys_map_get_next_key(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_GET_NEXT_KEY, map_elem, attr);
}

int bpfsys_map_lookup_and_delete_elem(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_LOOKUP_AND_DELETE_ELEM, map_elem, attr);
}

int bpfsys_map_freeze(const struct bpfsys_map_elem_attr *attr)
{
	return WIRE(BPFSYS_MAP_FREEZE, map_elem, attr);
}

int bpfsys_map_lookup_batch(struct bpfsys_map_batch_attr *attr)
{
	return WIRE(BPFSYS_MAP_LOOKUP_BATCH, map_batch, attr);
}

int bpfsys_map_lookup_and_delete_batch(struct bpfsys_map_batch_attr *attr)
{
	return WIRE(BPFSYS_MAP_LOOKUP_AND_DELETE_BATCH, map_batch, attr);
}

int bpfsys_map_update_batch(struct bpfsys_map_batch_attr *attr)
{
	return WIRE(BPFSYS_MAP_UPDATE_BATCH, map_batch, attr);
}

int bpfsys_map_delete_batch(struct bpfsys_map_batch_attr *attr)
{
	return WIRE(BPFSYS_MAP_DELETE_BATCH, map_batch, attr);
}
