// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* For an executor that crashes its kernel where a sequence asks for a system
 * call to be seen: no input can do that on a sound kernel. */
#include <fcntl.h>
#include <unistd.h>

#include "../guest/executor.h"

int __real_op_run(const struct seq *seq, unsigned int i);
int __wrap_op_run(const struct seq *seq, unsigned int i);

int __wrap_op_run(const struct seq *seq, unsigned int i)
{
	int fd;

	if (seq->calls[i].op != SEQ_RUN || seq->calls[i].cmd != SEQ_RUN_SYSCALL)
		return __real_op_run(seq, i);
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	return (int)write(fd, "c", 1);
}
