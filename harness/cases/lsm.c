// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A security module that says no: a BPF program on a hook of the commands. Its
 * errno has to reach the caller, and nothing else may happen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "lsm.h"
#include "pin.h"
#include "progs.h"
#include "token.h"

/* What the module says; no check of the commands says it. */
#define DENIED EXDEV

#define ANY_COMMAND (-1)

bool lsm_active(void **state)
{
	char dir[] = "/tmp/bpfabi-lsm.XXXXXX", path[64], text[256] = "";
	FILE *file;

	need(state, "mkdtemp", mkdtemp(dir) ? 0 : -errno);
	check_call(state, "mount of securityfs",
		   mount("securityfs", dir, "securityfs", 0, NULL));
	snprintf(path, sizeof(path), "%s/lsm", dir);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		fclose(file);
	}
	umount(dir);
	rmdir(dir);
	for (char *save, *word = strtok_r(text, ",\n", &save); word;
	     word = strtok_r(NULL, ",\n", &save))
		if (strcmp(word, "bpf") == 0)
			return true;
	return false;
}

/* Denies what this process asks of HOOK; where that is "bpf", only the command
 * CMD. A descriptor, until which is closed. */
static int deny(void **state, const char *hook, int cmd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		CALL_HELPER(BPF_FUNC_get_current_pid_tgid),
		ALU64_IMM(BPF_RSH, BPF_REG_0, 32),
		JMP_IMM(BPF_JNE, BPF_REG_0, getpid(), 4),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_6, 0),
		JMP_IMM(cmd == ANY_COMMAND ? BPF_JSET : BPF_JNE, BPF_REG_1,
			cmd == ANY_COMMAND ? 0 : cmd, 2),
		MOV64_IMM(BPF_REG_0, -DENIED),
		EXIT(),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_raw_tracepoint_attr open;
	struct bpfsys_prog_load_attr attr;
	char func[64];
	int prog_fd, fd;

	snprintf(func, sizeof(func), "bpf_lsm_%s", hook);
	fill_prog(&attr, BPF_PROG_TYPE_LSM, insns, COUNT_OF(insns));
	attr.expected_attach_type = BPF_LSM_MAC;
	attr.attach_btf_id = need_func_id(state, func);
	prog_fd = load_prog(state, &attr);
	memset(&open, 0, sizeof(open));
	open.prog_fd = (uint32_t)prog_fd;
	fd = need(state, "attaching to a security hook",
		  bpfsys_raw_tracepoint_open(&open));
	close(prog_fd);
	return fd;
}

/* The call that returned RET was denied, if the module is one that counts; if
 * not it succeeded. */
static void judge_denied(void **state, const char *what, int ret)
{
	close_if_fd(ret);
	if (lsm_active(state))
		expect_error(state, what, DENIED, ret);
	else
		expect_ok(state, what, ret);
}

/* The hook comes behind the look at size and argument, and before all else. */
void any__lsm_denies(void **state)
{
	const struct bpfsys_command *cmd;
	int fd = deny(state, "bpf", ANY_COMMAND);
	bool active = lsm_active(state);
	uint8_t tail[512] = {0};

	tail[sizeof(tail) - 1] = 1;
	for (unsigned int nr = 0; active && nr < bpfsys_abi_commands(); nr++) {
		cmd = bpfsys_abi_command(nr);
		expect_error(state, cmd->id, DENIED, bpfsys(cmd->nr, NULL, 0));
	}
	if (active) {
		expect_error(state, "a command that is not there", DENIED,
			     bpfsys(9999, NULL, 0));
		expect_error(state, "an argument that is too long", E2BIG,
			     bpfsys(0, tail, sizeof(tail)));
		expect_error(state, "an argument that cannot be read", EFAULT,
			     bpfsys(0, (void *)BAD_ADDRESS, 8));
	}
	close(fd);
	if (!active)
		skip_case(state, "bpf is not among the active security "
				 "modules, and its hooks are not called");
}

static int create_array(void)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	return bpfsys_map_create(&attr);
}

static int load_filter(void)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	return bpfsys_prog_load(&attr);
}

/* FN with the hook HOOK, or what kernels before 6.9 call it, denying. */
static void judge_hook(void **state, const char *hook, const char *old,
		       int (*fn)(void))
{
	char func[64];
	int fd, ret;

	snprintf(func, sizeof(func), "bpf_lsm_%s", hook);
	if (old && kernel_has_btf() && kernel_func_id(func) < 0)
		hook = old;
	fd = deny(state, hook, ANY_COMMAND);
	ret = fn();
	close(fd);
	judge_denied(state, hook, ret);
}

void map_create__lsm_denies(void **state)
{
	judge_hook(state, "bpf_map_create", "bpf_map_alloc_security",
		   create_array);
}

void map_create__lsm_denies_descriptor(void **state)
{
	judge_hook(state, "bpf_map", NULL, create_array);
}

void prog_load__lsm_denies(void **state)
{
	judge_hook(state, "bpf_prog_load", "bpf_prog_alloc_security",
		   load_filter);
}

void prog_load__lsm_denies_descriptor(void **state)
{
	judge_hook(state, "bpf_prog", NULL, load_filter);
}

void map_get_fd_by_id__lsm_denies(void **state)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	struct bpfsys_get_id_attr attr;
	int fd, ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id_of_map(state, map_fd);
	fd = deny(state, "bpf_map", ANY_COMMAND);
	ret = bpfsys_map_get_fd_by_id(&attr);
	close(fd);
	close(map_fd);
	judge_denied(state, "bpf_map", ret);
}

void prog_get_fd_by_id__lsm_denies(void **state)
{
	int prog_fd =
		make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);
	struct bpfsys_get_id_attr attr;
	int fd, ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id_of_prog(state, prog_fd);
	fd = deny(state, "bpf_prog", ANY_COMMAND);
	ret = bpfsys_prog_get_fd_by_id(&attr);
	close(fd);
	close(prog_fd);
	judge_denied(state, "bpf_prog", ret);
}

void obj_get__lsm_denies(void **state)
{
	struct bpfsys_obj_attr attr;
	struct world world;
	int fd, ret;

	world_make_for(&world, state, &(const struct witness){0});
	make_pinnable(&world);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpfsys_ptr(world.path);
	attr.bpf_fd = (uint32_t)world.map_fd;
	need(state, "BPF_OBJ_PIN", bpfsys_obj_pin(&attr));
	attr.bpf_fd = 0;
	fd = deny(state, "bpf_map", ANY_COMMAND);
	ret = bpfsys_obj_get(&attr);
	close(fd);
	world_drop(&world);
	judge_denied(state, "bpf_map", ret);
}

static const struct delegation queues = {
	.cmds = CMD_BIT(MAP_CREATE),
	.maps = 1ull << BPF_MAP_TYPE_QUEUE,
};

void token_create__lsm_denies(void **state)
{
	bool active = lsm_active(state);
	int fd = deny(state, "bpf_token_create", ANY_COMMAND), dir_fd, ret;

	dir_fd = token_enter_userns(state, &queues);
	ret = token_create(dir_fd);
	close_if_fd(ret);
	close(dir_fd);
	close(fd);
	if (active)
		expect_error(state, "bpf_token_create", DENIED, ret);
	else
		expect_ok(state, "bpf_token_create", ret);
}

/* With HOOK denying, the token is as good as none. */
static void judge_use(void **state, const char *hook)
{
	bool active = lsm_active(state);
	int fd = deny(state, hook, ANY_COMMAND), dir_fd, token_fd, ret;
	struct bpfsys_map_create_attr attr;

	dir_fd = token_enter_userns(state, &queues);
	token_fd = need(state, "BPF_TOKEN_CREATE", token_create(dir_fd));
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_QUEUE;
	attr.value_size = 8;
	attr.max_entries = 1;
	attr.map_flags = BPFABI_F_TOKEN_FD;
	attr.map_token_fd = token_fd;
	ret = bpfsys_map_create(&attr);
	close_if_fd(ret);
	close(token_fd);
	close(dir_fd);
	close(fd);
	if (active)
		expect_error(state, hook, EPERM, ret);
	else
		expect_ok(state, hook, ret);
}

void token_create__lsm_denies_command(void **state)
{
	judge_use(state, "bpf_token_cmd");
}

void token_create__lsm_denies_capability(void **state)
{
	judge_use(state, "bpf_token_capable");
}
