// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Loads a program of two instructions, runs it on a packet, and says what it
 * returned and what the kernel calls it. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/explain.h>
#include <bpfsys/info.h>

static int load(void)
{
	/* return 42 */
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 42},
		{.code = BPF_JMP | BPF_EXIT},
	};
	static char log[4096];
	struct bpfsys_prog_load_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = bpfsys_ptr(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = bpfsys_ptr("GPL");
	attr.log_buf = bpfsys_ptr(log);
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	strcpy(attr.prog_name, "answer");
	fd = bpfsys_prog_load(&attr);
	if (fd < 0)
		fprintf(stderr, "load: %s\n%s",
			bpfsys_strerrno(BPFSYS_PROG_LOAD, fd), log);
	return fd;
}

static int run(int fd)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64];
	int ret;

	memset(packet, 0, sizeof(packet));
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)fd;
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	attr.repeat = 1;
	ret = bpfsys_prog_test_run(&attr);
	if (ret < 0)
		fprintf(stderr, "run: %s\n",
			bpfsys_strerrno(BPFSYS_PROG_TEST_RUN, ret));
	else
		printf("returned %u\n", attr.retval);
	return ret;
}

static int describe(int fd)
{
	struct bpfsys_obj_info_attr attr;
	struct bpfsys_prog_info info;
	int ret;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info = bpfsys_ptr(&info);
	attr.info_len = sizeof(info);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	if (ret < 0)
		fprintf(stderr, "info: %s\n",
			bpfsys_strerrno(BPFSYS_OBJ_GET_INFO_BY_FD, ret));
	else
		printf("is %.16s, %u bytes of instructions\n", info.name,
		       info.xlated_prog_len);
	return ret;
}

int main(void)
{
	int fd = load();

	return fd < 0 || run(fd) < 0 || describe(fd) < 0;
}
