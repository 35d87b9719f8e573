// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The helpers on a real kernel, as root of a VM; [ROUNDS] times, for what
 * depends on timing. */
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "guest.h"
#include "guest_tests.h"

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1, failed = 0;
	unsigned int fds = open_fds();

	if (argc > 2)
		cmocka_set_test_filter(argv[2]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	for (int i = 0; i < rounds && !failed; i++)
		failed = _cmocka_run_group_tests("walks", walk_tests,
						 walk_count, NULL, NULL) ||
			 _cmocka_run_group_tests("objects", object_tests,
						 object_count, NULL, NULL);
	if (open_fds() != fds) {
		print_message("not ok - no descriptor is left open\n");
		failed = 1;
	}
	return failed;
}
