// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The commands on programs. */
#include "wire.h"

int bpfsys_prog_load(struct bpfsys_prog_load_attr *attr)
{
	return WIRE(BPFSYS_PROG_LOAD, prog_load, attr);
}

int bpfsys_prog_attach(const struct bpfsys_prog_attach_attr *attr)
{
	return WIRE(BPFSYS_PROG_ATTACH, prog_attach, attr);
}

int bpfsys_prog_detach(const struct bpfsys_prog_attach_attr *attr)
{
	return WIRE(BPFSYS_PROG_DETACH, prog_attach, attr);
}

int bpfsys_prog_test_run(struct bpfsys_prog_test_run_attr *attr)
{
	return WIRE(BPFSYS_PROG_TEST_RUN, prog_test_run, attr);
}

int bpfsys_prog_query(struct bpfsys_prog_query_attr *attr)
{
	return WIRE(BPFSYS_PROG_QUERY, prog_query, attr);
}

int bpfsys_raw_tracepoint_open(const struct bpfsys_raw_tracepoint_attr *attr)
{
	return WIRE(BPFSYS_RAW_TRACEPOINT_OPEN, raw_tracepoint, attr);
}

int bpfsys_prog_bind_map(const struct bpfsys_prog_bind_map_attr *attr)
{
	return WIRE(BPFSYS_PROG_BIND_MAP, prog_bind_map, attr);
}

int bpfsys_prog_stream_read_by_fd(
	const struct bpfsys_prog_stream_read_attr *attr)
{
	return WIRE(BPFSYS_PROG_STREAM_READ_BY_FD, prog_stream_read, attr);
}

int bpfsys_prog_assoc_struct_ops(
	const struct bpfsys_prog_assoc_struct_ops_attr *attr)
{
	return WIRE(BPFSYS_PROG_ASSOC_STRUCT_OPS, prog_assoc_struct_ops, attr);
}
