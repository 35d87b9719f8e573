// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The command that loads BTF. */
#include "wire.h"

int bpfsys_btf_load(struct bpfsys_btf_load_attr *attr)
{
	return WIRE(BPFSYS_BTF_LOAD, btf_load, attr);
}
