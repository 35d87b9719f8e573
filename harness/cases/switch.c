// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The switch kernel.unprivileged_bpf_disabled itself: what it takes, from whom,
 * and that 1 is for good. kernel/bpf/syscall.c, bpf_unpriv_handler(). */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "unpriv.h"

void any__switch_values(void **state)
{
	struct unpriv unpriv;

	unpriv_begin(&unpriv, state, '0');
	expect_error(state, "2 over 0", 0, unpriv_write('2'));
	expect_u64(state, "the switch", '2', (uint64_t)unpriv_get(state));
	expect_error(state, "3", EINVAL, unpriv_write('3'));
	expect_error(state, "-", EINVAL, unpriv_write('-'));
	expect_u64(state, "the switch", '2', (uint64_t)unpriv_get(state));
	expect_error(state, "0 over 2", 0, unpriv_write('0'));
	expect_u64(state, "the switch", '0', (uint64_t)unpriv_get(state));
	unpriv_end(&unpriv);
}

/* Root by name only, and root of a user namespace. */
void any__switch_for_admin(void **state)
{
	struct unpriv unpriv;
	int status = -1;
	pid_t child;

	unpriv_begin(&unpriv, state, '0');
	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN));
	expect_error(state, "2, without CAP_SYS_ADMIN", EPERM,
		     unpriv_write('2'));
	expect_error(state, "0, which it is, without CAP_SYS_ADMIN", EPERM,
		     unpriv_write('0'));
	regain_caps(state);
	need_userns(state);
	child = need(state, "fork", (int)fork());
	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) ? 0 : -unpriv_write('2'));
	waitpid(child, &status, 0);
	expect_u64(state, "the switch", '0', (uint64_t)unpriv_get(state));
	unpriv_end(&unpriv);
	expect_true(state, "root of a user namespace hears EPERM or EACCES",
		    WIFEXITED(status) && (WEXITSTATUS(status) == EPERM ||
					  WEXITSTATUS(status) == EACCES));
}

static int load_filter(void)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_filter(&attr);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret < 0 ? ret : 0;
}

static int create_hash(void)
{
	struct bpfsys_map_create_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	ret = bpfsys_map_create(&attr);
	close_if_fd(ret);
	return ret < 0 ? ret : 0;
}

/* For good: the last case that its kernel sees. */
void any__switch_locked(void **state)
{
	if (unpriv_get(state) != '1')
		need(state, "1", unpriv_write('1'));
	expect_error(state, "0 over 1", EPERM, unpriv_write('0'));
	expect_error(state, "2 over 1", EPERM, unpriv_write('2'));
	expect_error(state, "1 over 1", 0, unpriv_write('1'));
	expect_u64(state, "the switch", '1', (uint64_t)unpriv_get(state));
	drop_caps(state, ~CAP_BIT(CAP_BPF));
	expect_error(state, "a map with CAP_BPF", 0, create_hash());
	expect_error(state, "a filter with CAP_BPF", 0, load_filter());
	drop_caps(state, ~0ull);
	expect_error(state, "a map without capabilities", EPERM, create_hash());
	expect_error(state, "a filter without capabilities", EPERM,
		     load_filter());
	regain_caps(state);
}
