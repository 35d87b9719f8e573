// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What each wrapper hands to the kernel, seen in place of the kernel: linked
 * with --wrap=syscall, so that no bpf(2) is needed. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

static struct {
	long number;
	unsigned int cmd, size, common_size;
	const void *attr, *common;
	unsigned int calls;
	long answer;
	int err;
} seen;

long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	va_list ap;

	va_start(ap, number);
	seen.number = number;
	seen.cmd = va_arg(ap, unsigned int);
	seen.attr = va_arg(ap, const void *);
	seen.size = va_arg(ap, unsigned int);
	if (seen.cmd & BPFSYS_COMMON_ATTRS) {
		seen.common = va_arg(ap, const void *);
		seen.common_size = va_arg(ap, unsigned int);
	}
	va_end(ap);
	seen.calls++;
	if (seen.answer < 0)
		errno = seen.err;
	return seen.answer;
}

/* Every wrapper with an argument full of a pattern: handed on as it is, under
 * its command's number, with its group's size. */
static void wrappers_are_a_wire(void **state)
{
	(void)state;
#define CMD(name, id, nr, group, returns, cap, since)                      \
	{                                                                  \
		struct bpfsys_##group##_attr attr, before;                 \
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr); \
                                                                           \
		memset(&attr, 0xa5, sizeof(attr));                         \
		memcpy(&before, &attr, sizeof(attr));                      \
		memset(&seen, 0, sizeof(seen));                            \
		seen.answer = 7;                                           \
		assert_int_equal(bpfsys_##id(&attr), 7);                   \
		assert_int_equal(seen.calls, 1);                           \
		assert_int_equal(seen.number, SYS_bpf);                    \
		assert_int_equal(seen.cmd, nr);                            \
		assert_ptr_equal(seen.attr, &attr);                        \
		assert_int_equal(seen.size, cmd->group_end);               \
		assert_true(seen.size <= sizeof(attr));                    \
		assert_memory_equal(&attr, &before, sizeof(attr));         \
	}
#include "abi/all.def"
}

static void errors_are_negative(void **state)
{
	struct bpfsys_map_elem_attr attr = {0};
	static const int errs[] = {EINVAL, E2BIG, EPERM, BPFSYS_ENOTSUPP};

	(void)state;
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		memset(&seen, 0, sizeof(seen));
		seen.answer = -1;
		seen.err = errs[i];
		errno = 0;
		assert_int_equal(bpfsys_map_freeze(&attr), -errs[i]);
		assert_int_equal(errno, errs[i]);
	}
}

/* A call that succeeds leaves errno alone, and nothing is tried twice. */
static void success_leaves_errno(void **state)
{
	struct bpfsys_prog_load_attr attr = {0};

	(void)state;
	memset(&seen, 0, sizeof(seen));
	errno = EDOM;
	assert_int_equal(bpfsys_prog_load(&attr), 0);
	assert_int_equal(errno, EDOM);
	seen.answer = -1;
	seen.err = EAGAIN;
	assert_int_equal(bpfsys_prog_load(&attr), -EAGAIN);
	assert_int_equal(seen.calls, 2);
}

static void raw_door(void **state)
{
	char bytes[4096];

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(bpfsys(12345, bytes, 4097), 0);
	assert_int_equal(seen.cmd, 12345);
	assert_ptr_equal(seen.attr, bytes);
	assert_int_equal(seen.size, 4097);
}

static void five_arguments(void **state)
{
	struct bpfsys_map_create_attr attr = {0};
	struct bpfsys_common_attr common = {0};

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(
		bpfsys_common(BPFSYS_MAP_CREATE, &attr, 92, &common, 20), 0);
	assert_int_equal(seen.cmd, BPFSYS_MAP_CREATE | BPFSYS_COMMON_ATTRS);
	assert_ptr_equal(seen.attr, &attr);
	assert_int_equal(seen.size, 92);
	assert_ptr_equal(seen.common, &common);
	assert_int_equal(seen.common_size, 20);
	seen.answer = -1;
	seen.err = EFAULT;
	assert_int_equal(bpfsys_common(BPFSYS_MAP_CREATE, &attr, 92, &common,
				       20),
			 -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrappers_are_a_wire),
		cmocka_unit_test(errors_are_negative),
		cmocka_unit_test(success_leaves_errno),
		cmocka_unit_test(raw_door),
		cmocka_unit_test(five_arguments),
	};

	return cmocka_run_group_tests_name("lib wire", tests, NULL, NULL);
}
