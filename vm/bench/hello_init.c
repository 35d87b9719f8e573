/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The least that an init can do: what a boot costs without bpfvm. */
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
	static const char hello[] = "hello, world\n";

	if (write(1, hello, strlen(hello)) < 0)
		return 1;
	reboot(RB_POWER_OFF);
	return 0;
}
