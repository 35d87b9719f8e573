/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A program of two functions that has something in every array of its info:
 * maps, BTF, lines, calls. The second function can be replaced. */
#ifndef BPFABI_TWO_FUNCS_H
#define BPFABI_TWO_FUNCS_H

#include "progs.h"

/* Types of its BTF: int main(void) and int sub(void). */
enum { TWO_FUNCS_INT = 1, TWO_FUNCS_PROTO, TWO_FUNCS_MAIN, TWO_FUNCS_SUB };

/* Instructions by number. */
enum {
	TWO_FUNCS_HELPER = 0,
	TWO_FUNCS_MAP = 1,
	TWO_FUNCS_VALUE = 3,
	TWO_FUNCS_CALL = 5,
	TWO_FUNCS_EXIT = 6,
	TWO_FUNCS_SECOND = 7,
	TWO_FUNCS_INSNS = 9,
};

/* What instruction TWO_FUNCS_VALUE takes the address of. */
#define TWO_FUNCS_OFFSET 8
/* What sub() returns, and with it main(). */
#define TWO_FUNCS_RESULT 7
#define TWO_FUNCS_LINES	 3

struct two_funcs {
	void **state;
	int hash_fd, array_fd, btf_fd, prog_fd;
	struct bpf_func_info funcs[2];
	struct bpf_line_info lines[TWO_FUNCS_LINES];
	struct bpf_insn insns[TWO_FUNCS_INSNS];
	struct bpfsys_prog_load_attr attr;
};

/* All but the program; and with it. */
void prepare_two_funcs(struct two_funcs *two, void **state);
void make_two_funcs(struct two_funcs *two, void **state);
void drop_two_funcs(struct two_funcs *two);

/* One more load of it. */
int load_two_funcs(struct two_funcs *two);

/* A program that takes the place of sub() in TARGET_FD, returning RESULT. */
void fill_replacement(struct two_funcs *two, int target_fd, int32_t result,
		      struct bpfsys_prog_load_attr *attr);

/* Another descriptor of the program, made where kernel addresses are not for
 * the caller's eyes (kptr_restrict is 1 already). */
int open_without_syslog(void **state, int prog_fd);

#endif
