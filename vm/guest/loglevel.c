/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Lets the console have what kernels say in a low voice once they run. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

/* The trace of a hung task is KERN_INFO. So is most of what a boot says, whose
 * way through the serial port takes long: the host asks for 5 then. Any other
 * level is the user's own. */
void raise_loglevel(void)
{
	int fd = open("/proc/sys/kernel/printk", O_RDWR | O_CLOEXEC);
	char now[64] = "";

	if (fd >= 0 && read(fd, now, sizeof(now) - 1) > 0 &&
	    !strncmp(now, "5\t", 2) && pwrite(fd, "7", 1, 0) != 1)
		perror("/proc/sys/kernel/printk");
	if (fd >= 0)
		close(fd);
}
