/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the probes decide. Input: a byte of how the kernel is, a byte which
 * release, le64 by whose bits calls fail for want of something, a byte for what
 * that is, then questions: a byte what (0xff: no more), le16 a, le16 b. Two
 * kernels:
 * - one that is what a release was: an answer is true or is none;
 * - one that answers anything to anybody, but the same each time, from the
 *   bytes behind the questions: an answer stays, and what is no answer is no
 *   "no". */
#include <errno.h>
#include <stdatomic.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "bytes.h"
#include "union.h"

#define QUESTIONS_MOST 24
#define FD_BASE	       1000000
/* Of Linux 3.18. The table has no history of the sizes before 5.5. */
#define UNION_LEAST 48

/* UNPRIVILEGED: commands refuse the caller; EARLY: bpf(2) does, before it looks
 * at the command; FIRST: before it looks at anything, as until 5.11. REFUSES:
 * every call fails. */
enum { ARBITRARY = 1, UNPRIVILEGED = 2, REFUSES = 4, EARLY = 8, FIRST = 16 };

static struct {
	unsigned int how;
	uint32_t release;
	unsigned int attr_size, calls, open, failed;
	uint64_t fails;
	int want;
	struct bytes answers;
} kernel;

int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size);
int __wrap_bpfsys_untraced_common(unsigned int cmd, void *attr,
				  unsigned int size,
				  struct bpfsys_common_attr *common,
				  unsigned int common_size);
int __real_close(int fd);
int __wrap_close(int fd);

/* What a call may fail with that says nothing of what was asked for. */
static const int wants[] = {-ENOMEM, -EMFILE, -ENFILE, -EAGAIN,
			    -EINTR,  -ENOSYS, -EPERM};
#define EPERM_AT 6 /* which is so always, or never */

/* Those that a probe opens it closes. */
int __wrap_close(int fd)
{
	if (fd != FD_BASE)
		return __real_close(fd);
	must(kernel.open);
	kernel.open--;
	return 0;
}

static uint32_t hash(uint32_t sum, const uint8_t *p, size_t size)
{
	while (size--)
		sum = (sum ^ *p++) * 16777619u;
	return sum;
}

/* Pointers differ from run to run, what they point to does not. */
static uint32_t hash_load(uint32_t sum, const uint8_t *attr, unsigned int size)
{
	uint64_t insns;
	uint32_t count;

	memcpy(&count, attr + 4, sizeof(count));
	memcpy(&insns, attr + 8, sizeof(insns));
	sum = hash(sum, attr, 8);
	sum = hash(sum, (const uint8_t *)(uintptr_t)insns, 8 * (size_t)count);
	return hash(sum, attr + 40, size - 40);
}

/* By what is asked: the same each time. */
static int arbitrary(unsigned int cmd, const uint8_t *attr, unsigned int size)
{
	static const int returns[] = {-EINVAL,		-EBADF,	 -E2BIG,
				      -EPERM,		-EFAULT, -EACCES,
				      -ENOENT,		-ENOMEM, -EOPNOTSUPP,
				      -BPFSYS_ENOTSUPP, -EBUSY,	 -ENODATA,
				      FD_BASE,		0,	 -EAGAIN,
				      -ENOSYS};
	uint32_t sum = cmd * 2654435761u;

	if (!kernel.answers.left)
		return -EINVAL;
	sum = cmd == BPFSYS_PROG_LOAD ? hash_load(sum, attr, size)
				      : hash(sum, attr, size);
	return returns[kernel.answers.p[(sum >> 8) % kernel.answers.left] &
		       0xf];
}

/* Where the last field ends that CMD has in this release. */
static unsigned int last_of(const struct bpfsys_command *cmd)
{
	size_t n;
	const struct bpfsys_last *lasts = bpfsys_abi_lasts(cmd, &n);
	unsigned int end = 0;

	for (size_t i = 0; i < n; i++)
		if (lasts[i].since <= kernel.release)
			end = lasts[i].end;
	return end;
}

static bool has_fd(const struct bpfsys_command *cmd)
{
	size_t n;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &n);

	for (size_t i = 0; i < n; i++)
		if (fields[i].kind == BPFSYS_KIND_FD &&
		    fields[i].since <= cmd->since)
			return true;
	return false;
}

/* What a real one looks at, in its order, as far as a probe can tell. */
static int by_release(unsigned int nr, const uint8_t *attr, unsigned int size)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);

	if (kernel.how & FIRST)
		return -EPERM;
	for (unsigned int i = kernel.attr_size; i < size; i++)
		if (attr[i])
			return -E2BIG;
	if (kernel.how & EARLY)
		return -EPERM;
	if (!cmd || cmd->since > kernel.release)
		return -EINVAL;
	for (unsigned int i = last_of(cmd); i < size; i++)
		if (attr[i])
			return -EINVAL;
	if (kernel.how & UNPRIVILEGED)
		return -EPERM;
	if (nr == BPFSYS_MAP_CREATE || nr == BPFSYS_BTF_LOAD ||
	    nr == BPFSYS_PROG_LOAD)
		return -E2BIG;
	if (nr == BPFSYS_OBJ_GET)
		return -EFAULT;
	return has_fd(cmd) ? -EBADF : -EINVAL;
}

static bool fails_now(void)
{
	const bool fails = kernel.fails >> (kernel.calls++ % 64) & 1;

	kernel.failed += fails || kernel.how & REFUSES;
	return fails || kernel.how & REFUSES;
}

static int opened(int ret)
{
	errno = EDOM;
	kernel.open += ret == FD_BASE;
	return ret;
}

/* Half of what is refused is so in the verifier's words. */
static void write_log(const uint8_t *attr, int ret)
{
	static const char *const says[] = {"R0 !read_ok\n",
					   "unknown func bpf_x#1\n", ""};
	uint64_t log;
	uint32_t size;

	memcpy(&size, attr + 28, sizeof(size));
	memcpy(&log, attr + 32, sizeof(log));
	if (log && size > 32)
		strcpy((char *)(uintptr_t)log, says[(unsigned int)-ret % 3]);
}

/* What no kernel accepts this one refuses, too: no program of the probes is a
 * good one, but for that of a session's. */
static bool can_open(unsigned int cmd, const uint8_t *attr)
{
	uint32_t type, count, value_size;

	memcpy(&type, attr, sizeof(type));
	memcpy(&count, attr + 4, sizeof(count));
	memcpy(&value_size, attr + 8, sizeof(value_size));
	if (cmd == BPFSYS_MAP_CREATE)
		return type < 64 && value_size != UINT32_MAX;
	return cmd == BPFSYS_PROG_LOAD && type == 2 && count == 2;
}

int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size)
{
	int ret;

	must(size <= 4096);
	if (fails_now())
		return opened(kernel.want);
	if (!(kernel.how & ARBITRARY))
		return opened(by_release(cmd, attr, size));
	ret = arbitrary(cmd, attr, size);
	if (ret >= 0 && (cmd == BPFSYS_MAP_CREATE || cmd == BPFSYS_PROG_LOAD))
		ret = can_open(cmd, attr) ? FD_BASE : -EINVAL;
	else if (ret >= 0)
		ret = 0;
	if (cmd == BPFSYS_PROG_LOAD)
		write_log(attr, ret);
	return opened(ret);
}

int __wrap_bpfsys_untraced_common(unsigned int cmd, void *attr,
				  unsigned int size,
				  struct bpfsys_common_attr *common,
				  unsigned int common_size)
{
	int ret;

	(void)attr;
	(void)size;
	must(!common && common_size == 8);
	if (fails_now())
		return opened(kernel.want);
	/* A map of no size is never made. */
	if (kernel.how & ARBITRARY)
		ret = arbitrary(cmd, NULL, 0);
	else
		ret = kernel.release >= BPFSYS_KV(7, 2) ? -EFAULT : -EINVAL;
	return opened(ret < 0 ? ret : -EFAULT);
}

struct question {
	unsigned int what, a, b;
};

static const struct bpfsys_field *field_of(const struct question *q)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(q->a);
	size_t n = 0;
	const struct bpfsys_field *fields =
		cmd ? bpfsys_abi_fields(cmd, &n) : NULL;

	return n ? &fields[q->b % n] : NULL;
}

static int ask_now(const struct question *q)
{
	const struct bpfsys_field *field = field_of(q);
	const unsigned int flag = q->b & 0x8000 ? q->b : 1u << q->b % 32;

	switch (q->what % 11) {
	case 0:
		return bpfsys_probe_attr_size();
	case 1:
		return bpfsys_supports(q->a);
	case 2:
		return bpfsys_supports_field(q->a, field ? field->name : "no");
	case 3:
		return bpfsys_supports_map_type(q->a);
	case 4:
		return bpfsys_supports_map_flag(q->a, flag);
	case 5:
		return bpfsys_supports_prog_type(q->a);
	case 6:
		return bpfsys_supports_prog_flag(flag);
	case 7:
		return bpfsys_supports_helper(q->a, q->b);
	case 8:
		return bpfsys_supports_attach_type(q->a);
	case 9:
		return bpfsys_supports_link_type(q->a);
	default:
		return bpfsys_supports_common_attrs();
	}
}

/* What was asked, when nothing was there to be asked for. */
static bool is_known_no(const struct question *q)
{
	return ((q->what % 11 == 5 || q->what % 11 == 9) && !q->a) ||
	       (q->what % 11 == 7 && (!q->a || !q->b));
}

/* What holds of every answer, of any kernel. */
static int ask(const struct question *q)
{
	int answer;

	kernel.calls = kernel.failed = 0;
	errno = ERANGE;
	answer = ask_now(q);
	must(errno == ERANGE);
	must(!kernel.open);
	must(answer <= 1 || (q->what % 11 == 0 && answer < 4096));
	must(*bpfsys_probe_why(answer));
	/* Nothing has answered: what is said is not the kernel's word. */
	if (kernel.calls && kernel.calls == kernel.failed)
		must(answer < 0 || is_known_no(q));
	return answer;
}

/* 1 or 0: what the kernel that is by release has; negative: not told. */
static int truth(const struct question *q)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(q->a);
	const struct bpfsys_field *field = field_of(q);

	if (q->what % 11 == 0)
		return (int)kernel.attr_size;
	if (q->what % 11 == 1 && cmd)
		return cmd->since <= kernel.release;
	if (q->what % 11 == 10)
		return kernel.release >= BPFSYS_KV(7, 2);
	if (q->what % 11 == 2 && field)
		return cmd->since <= kernel.release &&
		       field->since <= kernel.release;
	return -ENODATA;
}

static void judge(const struct question *q)
{
	const int first = ask(q), second = ask(q);

	/* An answer that was had may be lost, but is not another one. */
	must(first < 0 || second < 0 || first == second);
	if (!(kernel.how & ARBITRARY))
		must(first < 0 || truth(q) < 0 || first == truth(q));
	if (kernel.fails || kernel.how & REFUSES)
		return;
	must(first == second);
	bpfsys_probe_forget();
	must(ask(q) == first);
}

static uint32_t release_of(unsigned int n)
{
	/* 3.18, 4.0 to 4.20, 5.0 to 5.19, 6.0 to 6.19, 7.0 to 7.3 */
	n %= 66;
	if (!n)
		return BPFSYS_KV(3, 18);
	n--;
	if (n < 21)
		return BPFSYS_KV(4, n);
	n -= 21;
	return n < 40 ? BPFSYS_KV(5 + n / 20, n % 20) : BPFSYS_KV(7, n - 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size};
	struct question q[QUESTIONS_MOST];
	unsigned int want;
	size_t n;

	bpfsys_probe_forget();
	memset(&kernel, 0, sizeof(kernel));
	kernel.how = take(&in, 1);
	kernel.release = release_of(take(&in, 1));
	kernel.attr_size = bpfsys_union_size_before(kernel.release + 1);
	if (kernel.attr_size < UNION_LEAST)
		kernel.attr_size = UNION_LEAST;
	kernel.fails = take(&in, 8);
	want = take(&in, 1) % (sizeof(wants) / sizeof(*wants));
	if (want == EPERM_AT)
		kernel.fails = 0;
	kernel.want = wants[want];
	for (n = 0; n < QUESTIONS_MOST && in.left; n++) {
		q[n].what = take(&in, 1);
		if (q[n].what == 0xff)
			break;
		q[n].a = take(&in, 2);
		q[n].b = take(&in, 2);
	}
	kernel.answers = in;
	for (size_t i = 0; i < n; i++)
		judge(&q[i]);
	return 0;
}
