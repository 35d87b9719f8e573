// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A program that makes one map call, for its size; by libbpf with BY_LIBBPF. */
#ifdef BY_LIBBPF
#include <bpf/bpf.h>

int main(void)
{
	unsigned int key = 0, value;

	return bpf_map_lookup_elem(3, &key, &value) != 0;
}
#else
#include <string.h>

#include <bpfsys/bpfsys.h>

int main(void)
{
	struct bpfsys_map_elem_attr attr;
	unsigned int key = 0, value;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = 3;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	return bpfsys_map_lookup_elem(&attr) != 0;
}
#endif
