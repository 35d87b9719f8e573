// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* In a VM: provokes the planted bug whose bit is the argument, or says that it
 * is not there (exit status 1). Those that the kernel itself reports end the VM
 * or leave a report; of a leak and of a write out of bounds this sees the
 * effect (exit status 0). */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSN(c, d, s, o, i)                \
	((struct bpf_insn){.code = (c),    \
			   .dst_reg = (d), \
			   .src_reg = (s), \
			   .off = (o),     \
			   .imm = (i)})
#define MOV_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOV_REG(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ALU(op, d, i) INSN(BPF_ALU64 | (op) | BPF_K, d, 0, 0, i)
#define EXIT	      INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define LD_MAP(d, fd)                                                 \
	INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), \
		INSN(0, 0, 0, 0, 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)

enum { VALUE = 16 };

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int must(int ret, const char *what)
{
	if (ret < 0) {
		fprintf(stderr, "%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return ret;
}

static int make_map(unsigned int value_size, unsigned int entries)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = value_size;
	attr.max_entries = entries;
	return must(bpf(BPF_MAP_CREATE, &attr), "map_create");
}

static int load(unsigned int type, unsigned int attach,
		const struct bpf_insn *insns, unsigned int n)
{
	static char log[1 << 16];
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = attach;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = n;
	attr.license = (uintptr_t) "GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	ret = bpf(BPF_PROG_LOAD, &attr);
	if (ret < 0)
		fputs(log, stderr);
	return ret;
}

/* 0: as many keys as there are given, in room for one. */
static int batch_count(void)
{
	static char keys[64 << 10], values[64 << 10];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = make_map(4, 1);
	attr.batch.keys = (uintptr_t)keys;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = 64;
	bpf(BPF_MAP_UPDATE_BATCH, &attr);
	return 1;
}

/* 1: a detached link is freed while it is held. */
static int link_detach(void)
{
	const struct bpf_insn pass[] = {MOV_IMM(BPF_REG_0, 1), EXIT};
	union bpf_attr attr;
	int prog, group, link;

	mkdir("/tmp/cgroup", 0755);
	must(mount("none", "/tmp/cgroup", "cgroup2", 0, NULL), "cgroup2");
	group = must(open("/tmp/cgroup", O_RDONLY), "cgroup2");
	prog = must(load(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, pass,
			 2),
		    "prog_load");
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = prog;
	attr.link_create.target_fd = group;
	attr.link_create.attach_type = BPF_CGROUP_INET_EGRESS;
	link = must(bpf(BPF_LINK_CREATE, &attr), "link_create");
	close(prog);
	memset(&attr, 0, sizeof(attr));
	attr.link_detach.link_fd = link;
	must(bpf(BPF_LINK_DETACH, &attr), "link_detach");
	close(link);
	sleep(2);
	return 1;
}

/* The byte that is written is up to 120 beyond the start of 16. */
static int load_shift(int map)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ST | BPF_W | BPF_MEM, BPF_REG_10, 0, -4, 0),
		MOV_REG(BPF_REG_2, BPF_REG_10),
		ALU(BPF_ADD, BPF_REG_2, -4),
		LD_MAP(BPF_REG_1, map),
		CALL(BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0),
		MOV_IMM(BPF_REG_0, 0),
		EXIT,
		INSN(BPF_LDX | BPF_B | BPF_MEM, BPF_REG_1, BPF_REG_0, 0, 0),
		ALU(BPF_AND, BPF_REG_1, 15),
		ALU(BPF_LSH, BPF_REG_1, 3),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0),
		INSN(BPF_ST | BPF_B | BPF_MEM, BPF_REG_0, 0, 0, 77),
		MOV_IMM(BPF_REG_0, 0),
		EXIT,
	};

	return load(BPF_PROG_TYPE_SOCKET_FILTER, 0, insns,
		    sizeof(insns) / sizeof(*insns));
}

/* 2: element 0 is given to the program, which writes into another. */
static int shift_bounds(void)
{
	unsigned char value[VALUE] = {15}, packet[64] = {0};
	uint32_t key = 0;
	union bpf_attr attr;
	int map = make_map(VALUE, 16), prog;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)value;
	must(bpf(BPF_MAP_UPDATE_ELEM, &attr), "map_update_elem");
	prog = load_shift(map);
	if (prog < 0)
		return 1;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = prog;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	must(bpf(BPF_PROG_TEST_RUN, &attr), "prog_test_run");
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)value;
	key = 15 * 8 / VALUE;
	must(bpf(BPF_MAP_LOOKUP_ELEM, &attr), "map_lookup_elem");
	return value[15 * 8 % VALUE] == 77 ? 0 : 1;
}

/* 3: a function with more parameters than there are bytes. */
static int btf_vlen(void)
{
	static const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len, type_off, type_len, str_off, str_len;
		uint32_t name, info, type;
		char strings[4];
	} btf = {0xeb9f, 1, 0, 24, 0, 12, 12, 1, 0, 13u << 24 | 4096, 0, ""};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)&btf;
	attr.btf_size = 24 + 12 + 1;
	bpf(BPF_BTF_LOAD, &attr);
	return 1;
}

static unsigned int count_maps(void)
{
	union bpf_attr attr;
	unsigned int n = 0;

	memset(&attr, 0, sizeof(attr));
	while (!bpf(BPF_MAP_GET_NEXT_ID, &attr)) {
		attr.start_id = attr.next_id;
		n++;
	}
	return n;
}

/* 4: binding a map twice leaves it behind. */
static int bind_twice(void)
{
	const struct bpf_insn pass[] = {MOV_IMM(BPF_REG_0, 0), EXIT};
	const unsigned int before = count_maps();
	union bpf_attr attr;
	int prog = must(load(BPF_PROG_TYPE_SOCKET_FILTER, 0, pass, 2),
			"prog_load");
	int map = make_map(4, 1);

	memset(&attr, 0, sizeof(attr));
	attr.prog_bind_map.prog_fd = prog;
	attr.prog_bind_map.map_fd = map;
	must(bpf(BPF_PROG_BIND_MAP, &attr), "prog_bind_map");
	must(bpf(BPF_PROG_BIND_MAP, &attr), "prog_bind_map");
	close(prog);
	close(map);
	sleep(2);
	return count_maps() > before ? 0 : 1;
}

/* 5: any map. */
static int freeze(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = make_map(4, 1);
	bpf(BPF_MAP_FREEZE, &attr);
	return 1;
}

int main(int argc, char **argv)
{
	static int (*const provoke[])(void) = {batch_count,  link_detach,
					       shift_bounds, btf_vlen,
					       bind_twice,   freeze};
	const unsigned int bit = argc == 2 ? (unsigned int)atoi(argv[1]) : 99;

	if (bit >= sizeof(provoke) / sizeof(*provoke)) {
		fprintf(stderr, "usage: %s BIT\n", argv[0]);
		return 2;
	}
	return provoke[bit]();
}
