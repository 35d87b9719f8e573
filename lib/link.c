// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The commands on links. */
#include "wire.h"

int bpfsys_link_create(const struct bpfsys_link_create_attr *attr)
{
	return WIRE(BPFSYS_LINK_CREATE, link_create, attr);
}

int bpfsys_link_update(const struct bpfsys_link_update_attr *attr)
{
	return WIRE(BPFSYS_LINK_UPDATE, link_update, attr);
}

int bpfsys_link_detach(const struct bpfsys_link_detach_attr *attr)
{
	return WIRE(BPFSYS_LINK_DETACH, link_detach, attr);
}

int bpfsys_iter_create(const struct bpfsys_iter_create_attr *attr)
{
	return WIRE(BPFSYS_ITER_CREATE, iter_create, attr);
}
