// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The commands on the system. */
#include "wire.h"

int bpfsys_enable_stats(const struct bpfsys_enable_stats_attr *attr)
{
	return WIRE(BPFSYS_ENABLE_STATS, enable_stats, attr);
}

int bpfsys_task_fd_query(struct bpfsys_task_fd_query_attr *attr)
{
	return WIRE(BPFSYS_TASK_FD_QUERY, task_fd_query, attr);
}

int bpfsys_token_create(const struct bpfsys_token_create_attr *attr)
{
	return WIRE(BPFSYS_TOKEN_CREATE, token_create, attr);
}
