// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the probes say of a kernel, held against its BTF; by callers of every
 * degree of privilege; and what they leave behind, which is nothing. Runs in a
 * VM. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#define MAX_ANSWERS 2048

static struct btf *btf;

/* All that can be asked, each with what BTF says: 1, 0, or -1 for nothing. */
struct asked {
	char name[80];
	int answer, btf;
	bool may_lack; /* what BTF has may not be configured in */
	bool shares;   /* its place with an older field */
};
static struct asked all[MAX_ANSWERS], now[MAX_ANSWERS];
static size_t n_all;

static int quiet(enum libbpf_print_level level, const char *format, va_list ap)
{
	(void)level;
	(void)format;
	(void)ap;
	return 0;
}

/* Whether the enum KIND has NAME; if so, it has to be VALUE, unless that is
 * negative. */
static bool enumerates(const char *kind, const char *name, int value)
{
	int id = btf__find_by_name_kind(btf, kind, BTF_KIND_ENUM);
	const struct btf_type *type;

	assert_true(id > 0);
	type = btf__type_by_id(btf, (uint32_t)id);
	for (uint16_t i = 0; i < btf_vlen(type); i++)
		if (strcmp(btf__name_by_offset(btf, btf_enum(type)[i].name_off),
			   name) == 0) {
			if (value >= 0)
				assert_int_equal(btf_enum(type)[i].val, value);
			return true;
		}
	return false;
}

/* The type of member NAME (LEN bytes) of ID, in unnamed members too; 0. */
static uint32_t member(uint32_t id, const char *name, size_t len)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_member *m;

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	if (!btf_is_composite(type))
		return 0;
	m = btf_members(type);
	for (uint16_t i = 0; i < btf_vlen(type); i++) {
		const char *is = btf__name_by_offset(btf, m[i].name_off);
		uint32_t inner;

		if (*is && strlen(is) == len && strncmp(is, name, len) == 0)
			return m[i].type;
		inner = *is ? 0 : member(m[i].type, name, len);
		if (inner)
			return inner;
	}
	return 0;
}

static bool has_member(const char *path)
{
	uint32_t id = (uint32_t)btf__find_by_name_kind(btf, "bpf_attr",
						       BTF_KIND_UNION);

	for (size_t len; id && *path; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		id = member(id, path, len);
	}
	return id;
}

static struct asked *add(struct asked *to, size_t *n, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static struct asked *add(struct asked *to, size_t *n, const char *format, ...)
{
	struct asked *asked = &to[*n];
	va_list ap;

	assert_true(*n < MAX_ANSWERS);
	++*n;
	asked->btf = -1;
	va_start(ap, format);
	vsnprintf(asked->name, sizeof(asked->name), format, ap);
	va_end(ap);
	return asked;
}

static bool shares_place(const struct bpfsys_field *fields, size_t count,
			 const struct bpfsys_field *field)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].since < field->since &&
		    fields[i].offset < field->offset + field->size &&
		    field->offset < fields[i].offset + fields[i].size)
			return true;
	return false;
}

static void ask_fields(struct asked *to, size_t *n,
		       const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_field *f = bpfsys_abi_fields(cmd, &count);

	for (size_t i = 0; i < count; i++) {
		struct asked *asked = add(to, n, "%s.%s", cmd->id, f[i].name);
		char path[80];

		snprintf(path, sizeof(path), "%s%s%s", cmd->member,
			 cmd->member[0] ? "." : "", f[i].name);
		asked->answer = bpfsys_supports_field(cmd->nr, f[i].name);
		asked->shares = shares_place(f, count, &f[i]);
		/* Of a struct that commands share, BTF does not say which of
		 * them takes a field. */
		asked->btf = f[i].since > cmd->since || cmd->nr >= 32
				     ? has_member(path)
				     : -1;
		if (strcmp(cmd->group, "get_id") == 0 ||
		    strcmp(cmd->group, "map_elem") == 0 ||
		    cmd->nr == BPFSYS_PROG_DETACH)
			asked->btf = -1;
	}
}

static void ask_commands(struct asked *to, size_t *n)
{
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		struct asked *asked = add(to, n, "BPF_%s", cmd->name);

		asked->answer = bpfsys_supports(nr);
		asked->btf = enumerates("bpf_cmd", asked->name, (int)nr);
		ask_fields(to, n, cmd);
	}
}

static void ask_kind(struct asked *to, size_t *n, const char *kind,
		     int (*ask)(unsigned int), bool may_lack)
{
	for (uint32_t value = 0; value < 70; value++) {
		const struct bpfsys_enumerator *row =
			bpfsys_abi_enumerator(kind, value);
		struct asked *asked;

		if (!row || strstr(row->name, "_UNSPEC"))
			continue;
		asked = add(to, n, "%s", row->name);
		asked->answer = ask(value);
		asked->btf = enumerates(kind, row->name, (int)value);
		asked->may_lack = may_lack;
	}
}

/* What BTF does not know, and which of it every kernel since 5.10 has. */
static const struct {
	const char *name;
	unsigned int type, number;
	int want;
} helpers[] =
	{
		{"xdp/map_lookup_elem", 6, 1, 1},
		{"xdp/redirect", 6, 23, 1},
		{"xdp/skb_store_bytes", 6, 9, 0},
		{"xdp/jiffies64", 6, 118, 1},
		{"xdp/none", 6, 60000, 0},
		{"sched_cls/skb_store_bytes", 3, 9, 1},
		{"sched_cls/xdp_adjust_head", 3, 44, 0},
		{"kprobe/get_current_comm", 2, 16, 1},
		{"kprobe/redirect", 2, 23, 0},
		{"socket_filter/get_prandom_u32", 1, 7, 1},
		{"tracing/get_current_comm", 26, 16, -ENODATA},
},
  flags[] = {
	  {"hash/NO_PREALLOC", 1, 1, 1},
	  {"array/NO_PREALLOC", 2, 1, 0},
	  {"array/MMAPABLE", 2, 1 << 10, 1},
	  {"hash/MMAPABLE", 1, 1 << 10, 0},
	  {"array/1<<30", 2, 1 << 30, 0},
	  {"lpm/NO_PREALLOC", 11, 1, 1},
	  {"lru/NO_PREALLOC", 9, 1, 0},
	  {"sk_storage/CLONE", 24, 1 << 9, 1},
};

static void ask_all(struct asked *to, size_t *n)
{
	struct asked *asked;

	*n = 0;
	ask_commands(to, n);
	ask_kind(to, n, "bpf_map_type", bpfsys_supports_map_type, true);
	ask_kind(to, n, "bpf_prog_type", bpfsys_supports_prog_type, true);
	ask_kind(to, n, "bpf_attach_type", bpfsys_supports_attach_type, false);
	ask_kind(to, n, "bpf_link_type", bpfsys_supports_link_type, false);
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		add(to, n, "%s", helpers[i].name)->answer =
			bpfsys_supports_helper(helpers[i].type,
					       helpers[i].number);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		add(to, n, "%s", flags[i].name)->answer =
			bpfsys_supports_map_flag(flags[i].type,
						 flags[i].number);
	for (unsigned int bit = 0; bit < 32; bit++) {
		asked = add(to, n, "prog_flags 1<<%u", bit);
		asked->answer = bpfsys_supports_prog_flag(1u << bit);
	}
	asked = add(to, n, "BPF_COMMON_ATTRS");
	asked->answer = bpfsys_supports_common_attrs();
	asked->btf = enumerates("bpf_cmd", asked->name, -1);
}

static int load_btf(void **state)
{
	(void)state;
	libbpf_set_print(quiet);
	btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	return libbpf_get_error(btf) ? -1 : 0;
}

static void attr_size(void **state)
{
	int id = btf__find_by_name_kind(btf, "bpf_attr", BTF_KIND_UNION);

	(void)state;
	assert_int_equal(bpfsys_probe_attr_size(),
			 btf__type_by_id(btf, (uint32_t)id)->size);
}

/* No answer contradicts BTF, and few things cannot be told: fields that share
 * their place with others. */
static void agrees_with_btf(void **state)
{
	unsigned int untold = 0, unconfigured = 0;

	(void)state;
	ask_all(all, &n_all);
	for (size_t i = 0; i < n_all; i++) {
		const struct asked *a = &all[i];

		if (a->answer < 0) {
			print_message("# cannot tell %s: %s\n", a->name,
				      bpfsys_probe_why(a->answer));
			assert_int_equal(a->answer, -ENODATA);
			assert_true(a->shares ||
				    strncmp(a->name, "tracing/", 8) == 0);
			untold++;
		} else if (a->btf == 1 && a->answer == 0 && a->may_lack) {
			print_message("# not configured: %s\n", a->name);
			unconfigured++;
		} else if (a->btf >= 0 && a->btf != a->answer) {
			fail_msg("%s: BTF says %d, the probe %d", a->name,
				 a->btf, a->answer);
		}
	}
	print_message("# %zu asked, %u cannot be told, %u not configured\n",
		      n_all, untold, unconfigured);
	assert_true(n_all > 450 && untold < n_all / 10 && unconfigured < 5);
}

static void helpers_and_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (bpfsys_supports_helper(helpers[i].type,
					   helpers[i].number) !=
		    helpers[i].want)
			fail_msg("%s: not %d", helpers[i].name,
				 helpers[i].want);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (bpfsys_supports_map_flag(flags[i].type, flags[i].number) !=
		    flags[i].want)
			fail_msg("%s: not %d", flags[i].name, flags[i].want);
	for (unsigned int bit = 0; bit < 5; bit++)
		assert_int_equal(bpfsys_supports_prog_flag(1u << bit), 1);
	assert_int_equal(bpfsys_supports_prog_flag(1u << 30), 0);
	assert_int_equal(bpfsys_supports_prog_flag(1u << 16),
			 bpfsys_supports(BPFSYS_TOKEN_CREATE));
	assert_int_equal(bpfsys_supports_prog_flag(3), -EINVAL);
	assert_int_equal(bpfsys_supports_map_flag(1, 3), -EINVAL);
	assert_int_equal(bpfsys_supports_map_type(1000), -ENODATA);
	assert_int_equal(bpfsys_supports_field(0, "nonsense"), -EINVAL);
	assert_int_equal(bpfsys_supports(1000), -ENODATA);
}

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Objects go with a grace period. */
static unsigned int objects(int (*next)(struct bpfsys_get_id_attr *attr))
{
	struct bpfsys_get_id_attr attr;
	unsigned int n = 0;

	memset(&attr, 0, sizeof(attr));
	while (next(&attr) == 0) {
		attr.start_id = attr.next_id;
		n++;
	}
	return n;
}

static void leaves_nothing(void **state)
{
	static int (*const next[])(struct bpfsys_get_id_attr *) = {
		bpfsys_prog_get_next_id, bpfsys_map_get_next_id,
		bpfsys_btf_get_next_id, bpfsys_link_get_next_id};
	unsigned int fds = open_fds(), before[4], after[4];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		before[i] = objects(next[i]);
	bpfsys_probe_forget();
	ask_all(now, &n);
	assert_int_equal(open_fds(), fds);
	for (int wait = 0; wait < 50; wait++) {
		for (size_t i = 0; i < 4; i++)
			after[i] = objects(next[i]);
		if (memcmp(before, after, sizeof(before)) == 0)
			return;
		usleep(100000);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(after[i], before[i]);
}

/* CAPS, by number, and no others. */
static int keep_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3,
						  0};
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(caps >> (32 * i));
		data[i].permitted = data[i].effective;
		data[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &header, data);
}

/* In a process with CAPS: no answer differs from that of root, but that some
 * cannot be told, MOST of them at most. */
static void ask_again(uint64_t caps, const char *who, size_t most)
{
	size_t n, untold = 0, differ = 0;

	if (keep_caps(caps) != 0)
		_exit(9);
	bpfsys_probe_forget();
	ask_all(now, &n);
	for (size_t i = 0; i < n; i++) {
		untold += now[i].answer < 0 && all[i].answer >= 0;
		if (now[i].answer < 0 || now[i].answer == all[i].answer)
			continue;
		/* Root could not tell either, or it is wrong. */
		if (all[i].answer >= 0) {
			printf("# %s: %s is %d, for root %d\n", who,
			       now[i].name, now[i].answer, all[i].answer);
			differ++;
		}
	}
	printf("# %s: %zu of %zu cannot be told\n", who, untold, n);
	fflush(stdout);
	_exit(differ ? 1 : untold > most ? 2 : 0);
}

static void in_child(uint64_t caps, const char *who, size_t most)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		ask_again(caps, who, most);
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void set_unprivileged(const char *value)
{
	int fd = open("/proc/sys/kernel/unprivileged_bpf_disabled",
		      O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, value, 1) != 1)
			print_message("# unprivileged_bpf_disabled stays\n");
		close(fd);
	}
}

#define CAP(number) (1ull << (number))

static void less_privilege(void **state)
{
	const uint64_t bpf = CAP(CAP_BPF), perfmon = CAP(CAP_PERFMON),
		       net = CAP(CAP_NET_ADMIN);

	(void)state;
	if (!n_all)
		ask_all(all, &n_all);
	in_child(bpf | perfmon | net, "without CAP_SYS_ADMIN", 5);
	in_child(bpf, "CAP_BPF alone", n_all);
	in_child(0, "no capabilities", n_all);
	set_unprivileged("0");
	in_child(0, "no capabilities, unprivileged BPF on", n_all);
	set_unprivileged("2");
}

/* What cannot be tried for lack of descriptors is not a no. */
static void no_descriptors(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_NOFILE, &none);
		bpfsys_probe_forget();
		_exit(bpfsys_supports_map_type(1) == -EMFILE &&
				      bpfsys_supports_prog_type(1) == 1
			      ? 0
			      : 1);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attr_size),
		cmocka_unit_test(agrees_with_btf),
		cmocka_unit_test(helpers_and_flags),
		cmocka_unit_test(leaves_nothing),
		cmocka_unit_test(less_privilege),
		cmocka_unit_test(no_descriptors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib probe", tests, load_btf, NULL);
}
