// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of programs: what is kept from callers who may not see
 * the kernel's addresses, or have no capability; and how a program is counted
 * that was not run. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "fdinfo.h"
#include "kernel.h"
#include "prog_info.h"
#include "sysctl.h"
#include "unpriv.h"

/* Rooms of all arrays, 0x5a before the call. */
struct rooms {
	struct bpfsys_prog_info info;
	uint8_t bytes[PROG_ARRAYS][512];
};

static void ask_all(void **state, int fd, struct rooms *rooms)
{
	memset(rooms, 0, sizeof(*rooms));
	memset(rooms->bytes, 0x5a, sizeof(rooms->bytes));
	for (enum prog_array which = 0; which < PROG_ARRAYS; which++)
		want_array(&rooms->info, which, rooms->bytes[which], 2);
	get_info(state, fd, &rooms->info, sizeof(rooms->info));
}

static bool untouched(const struct rooms *rooms, enum prog_array which)
{
	for (size_t i = 0; i < sizeof(rooms->bytes[which]); i++)
		if (rooms->bytes[which][i] != 0x5a)
			return false;
	return true;
}

/* How many there are is told, and not where the kernel has them. */
static void check_hidden(void **state, const struct rooms *rooms,
			 const struct rooms *seen, enum prog_array which)
{
	const char *name = array_name(which);

	expect_u64(state, name, 0, array_pointer(&rooms->info, which));
	expect_true(state, name, untouched(rooms, which));
	expect_u64(state, name, array_count(&seen->info, which),
		   array_count(&rooms->info, which));
}

static void check_shown(void **state, const struct rooms *rooms,
			const struct rooms *seen, enum prog_array which)
{
	const char *name = array_name(which);

	expect_u64(state, name, bpfsys_ptr(rooms->bytes[which]),
		   array_pointer(&rooms->info, which));
	expect_u64(state, name, array_count(&seen->info, which),
		   array_count(&rooms->info, which));
	expect_mem(state, name, seen->bytes[which], rooms->bytes[which],
		   sizeof(rooms->bytes[which]));
}

/* What counts is who the descriptor was opened by, not who asks. */
void obj_get_info_by_fd__addresses_hidden(void **state)
{
	static struct rooms seen, rooms;
	struct two_funcs two;
	int64_t was;
	int fd;

	make_two_funcs(&two, state);
	need_jited(state, two.prog_fd);
	was = turn_switch(state, KPTR_RESTRICT, 1);
	fd = open_without_syslog(state, two.prog_fd);
	ask_all(state, two.prog_fd, &seen);
	ask_all(state, fd, &rooms);
	turn_switch(state, KPTR_RESTRICT, was);
	close(fd);
	drop_two_funcs(&two);
	for (enum prog_array which = 0; which < PROG_ARRAYS; which++) {
		bool kernels = which == JITED || which == KSYMS ||
			       which == FUNC_LENS || which == JITED_LINES;

		expect_true(state, array_name(which), !untouched(&seen, which));
		if (kernels)
			check_hidden(state, &rooms, &seen, which);
		else
			check_shown(state, &rooms, &seen, which);
	}
}

/* Without CAP_BPF there is what concerns the caller, and no more. */
void obj_get_info_by_fd__prog_without_bpf(void **state)
{
	int64_t was = turn_switch(state, UNPRIV_NAME, 0);
	static struct rooms seen, rooms;
	struct two_funcs two;

	make_two_funcs(&two, state);
	ask_all(state, two.prog_fd, &seen);
	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_BPF));
	ask_all(state, two.prog_fd, &rooms);
	regain_caps(state);
	turn_switch(state, UNPRIV_NAME, was);
	drop_two_funcs(&two);
	check_shown(state, &rooms, &seen, MAP_IDS);
	for (enum prog_array which = 0; which < PROG_ARRAYS; which++) {
		if (which == MAP_IDS)
			continue;
		expect_true(state, array_name(which), untouched(&rooms, which));
		/* The number of tags is as it came. */
		expect_u64(state, array_name(which), which == TAGS ? 2 : 0,
			   array_count(&rooms.info, which));
	}
	expect_u64(state, "type", seen.info.type, rooms.info.type);
	expect_u64(state, "id", seen.info.id, rooms.info.id);
	expect_mem(state, "tag", seen.info.tag, rooms.info.tag,
		   sizeof(rooms.info.tag));
	expect_u64(state, "load_time", seen.info.load_time,
		   rooms.info.load_time);
	/* 5.10 keeps it back. */
	if (rooms.info.btf_id || kernel_presence("bpf_prog_info.attach_btf_id",
						 BPFSYS_KV(6, 0)) == PRESENT)
		expect_u64(state, "btf_id", seen.info.btf_id,
			   rooms.info.btf_id);
	expect_u64(state, "verified_insns", seen.info.verified_insns,
		   rooms.info.verified_insns);
}

/* Constants are blinded: each becomes three instructions. */
static int load_blinded(void **state)
{
	int64_t was = turn_switch(state, JIT_HARDEN, 2);
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 4711);

	turn_switch(state, JIT_HARDEN, was);
	return fd;
}

/* Blinded constants are for the eyes of those who may see addresses. */
void obj_get_info_by_fd__blinded(void **state)
{
	int fd = load_blinded(state), hidden_fd;
	int64_t was;
	static struct rooms seen, rooms;

	need_jited(state, fd);
	was = turn_switch(state, KPTR_RESTRICT, 1);
	hidden_fd = open_without_syslog(state, fd);
	ask_all(state, fd, &seen);
	ask_all(state, hidden_fd, &rooms);
	turn_switch(state, KPTR_RESTRICT, was);
	close(hidden_fd);
	close(fd);
	expect_range(state, "xlated_prog_len of a blinded program",
		     3 * sizeof(struct bpf_insn), 16 * sizeof(struct bpf_insn),
		     seen.info.xlated_prog_len);
	expect_true(state, "the instructions are there",
		    !untouched(&seen, XLATED));
	check_hidden(state, &rooms, &seen, XLATED);
	expect_true(state, "machine code is kept, too",
		    untouched(&rooms, JITED));
}

#define MISSES "bpf_prog_info.recursion_misses", BPFSYS_KV(5, 12)

/* Called as an element of a hash goes, deletes one of MAP_FD itself. */
static int load_recursive(void **state, int map_fd)
{
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_W, BPF_REG_10, -4, 0),
		LD_MAP_FD(BPF_REG_1, map_fd),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -4),
		CALL_HELPER(BPF_FUNC_map_delete_elem),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			     need_func_id(state, "htab_map_delete_elem"), insns,
			     COUNT_OF(insns));
}

static void delete_elem(int map_fd)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	bpfsys_map_delete_elem(&attr);
}

/* A program in which it itself would run is not run, and that is counted. */
void obj_get_info_by_fd__recursion_misses(void **state)
{
	struct bpfsys_prog_info before, after;
	int map_fd, prog_fd, fd;

	/* Older kernels would run it, without an end. */
	if (!kernel_offers(state, MISSES))
		skip_case(state, "bpf_prog_info has no recursion_misses");
	map_fd = make_map(state, BPF_MAP_TYPE_HASH, 4, 4, 1, 0);
	prog_fd = load_recursive(state, map_fd);
	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	fd = open_raw_tracepoint(state, NULL, prog_fd);
	get_info(state, prog_fd, &before, sizeof(before));
	delete_elem(map_fd);
	delete_elem(map_fd);
	close(fd);
	get_info(state, prog_fd, &after, sizeof(after));
	expect_fdinfo_u64(state, prog_fd, "recursion_misses",
			  after.recursion_misses);
	close(prog_fd);
	close(map_fd);
	expect_u64(state, "recursion_misses at first", 0,
		   before.recursion_misses);
	expect_u64(state, "recursion_misses after two runs", 2,
		   after.recursion_misses);
}
