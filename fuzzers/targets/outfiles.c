/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files that a guest sends. Input: le16 for what most it may send in KiB, then
 * frames: a byte of which the low 2 bits say what it is; BEGIN: a byte which,
 * a byte mode, a byte length and so much path; DATA: le16 length and the bytes;
 * END: le16 errno; else: a type byte and le16 length of raw bytes. Whatever is
 * asked of the host's files is asked of a name in a directory, and never by way
 * of a link. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../vm/host/outfiles.h"
#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

static const char kept[] = "as it was";
static int here = -1, there = -1, notes;

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __real_mkdirat(int dir, const char *name, mode_t mode);
int __wrap_mkdirat(int dir, const char *name, mode_t mode);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);

static void check_name(int dir, const char *name)
{
	must(dir >= 0);
	must(*name && !strchr(name, '/'));
	must(strcmp(name, ".") && strcmp(name, ".."));
}

int __wrap_openat(int dir, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	check_name(dir, name);
	must(flags & O_NOFOLLOW);
	must(flags & (O_DIRECTORY | O_EXCL));
	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		must(!(mode & ~0777U));
	}
	return __real_openat(dir, name, flags, mode);
}

int __wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	check_name(dir, name);
	must(!(mode & ~0777U));
	return __real_mkdirat(dir, name, mode);
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	check_name(dir, name);
	must(!flags);
	return __real_unlinkat(dir, name, flags);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[PATH_MAX];

	(void)argc;
	(void)argv;
	must(!path_fmt(path, sizeof(path), "%s/beside", scratch_dir()));
	must(!mkdir(path, 0700));
	scratch_file("beside/kept", kept, sizeof(kept));
	here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	there = open(scratch_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(here >= 0 && there >= 0);
	return 0;
}

static void check_beside(void)
{
	int fd = open("beside/kept", O_RDONLY | O_CLOEXEC);
	char is[sizeof(kept) + 1];
	struct dirent *de;
	struct stat st;
	size_t n = 0;
	DIR *d;

	must(scratch_read(fd, is, sizeof(is)) == sizeof(kept));
	must(!memcmp(is, kept, sizeof(kept)));
	must(!fstat(fd, &st) && (st.st_mode & 07777) == 0600);
	close(fd);
	d = opendir("beside");
	while (d && (de = readdir(d)))
		n++;
	must(n == 3);
	closedir(d);
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	notes++;
	must(!strncmp(line, "--out: ", 7));
	for (; *line; line++)
		must(*line >= ' ' && *line < 127);
}

/* A payload of BEGIN, DATA, END, or of anything. */
static size_t frame(struct bytes *in, struct proto_frame *f, uint8_t *buf)
{
	static const uint32_t modes[] = {
		S_IFREG | 0644,	 S_IFDIR | 0755, 0,
		S_IFLNK | 0777,	 S_IFREG,	 S_IFDIR,
		S_IFREG | 07777, S_IFCHR | 0600};
	const unsigned int what = take(in, 1) & 3;
	struct bytes more = {NULL, 0};
	size_t len = 0;

	if (what == 0) {
		f->type = PROTO_OUT_BEGIN;
		proto_put32(buf, take(in, 1) & 7);
		proto_put32(buf + 4, modes[take(in, 1) & 7]);
		len = 8;
		more = take_bytes(in, take(in, 1));
	} else if (what == 1) {
		f->type = PROTO_OUT_DATA;
		more = take_bytes(in, take(in, 2));
	} else if (what == 2) {
		f->type = PROTO_OUT_END;
		proto_put32(buf, take(in, 2));
		len = 4;
	} else {
		f->type = PROTO_OUT_BEGIN + take(in, 1) % 3;
		more = take_bytes(in, take(in, 2));
	}
	if (more.left)
		memcpy(buf + len, more.p, more.left);
	return len + more.left;
}

static void receive(const struct bpfvm_config *cfg, struct bytes *in)
{
	static uint8_t buf[8 + 65536];
	struct outfiles o;
	struct proto_frame f;
	uint8_t *payload;
	int ret = 0;

	outfiles_init(&o, cfg);
	while (in->left && !ret) {
		f.len = frame(in, &f, buf);
		payload = exact(buf, f.len);
		f.data = payload;
		ret = outfiles_take(&o, cfg, &f);
		free(payload);
		must(o.used <= cfg->out_max);
		must(ret <= 0);
		must(!ret || ret == -EPROTO || *o.why);
		must(o.fd < 0 || o.open);
	}
	outfiles_end(&o);
}

/* The frames that ask for it all; they are counted before they are made. */
static void request(const struct bpfvm_config *cfg)
{
	uint32_t seq = 0, again = 0;
	const size_t len = outfiles_request(cfg, NULL, &seq);
	uint8_t *frames = malloc(len);

	must(frames);
	must(outfiles_request(cfg, frames, &again) == len && seq == again);
	free(frames);
}

static void check_config(const struct bpfvm_config *cfg)
{
	static const struct bpfvm_file bad[] = {
		{"gone/away", "/a"},
		{NULL, "relative"},
		{NULL, "/a/.."},
	};
	char text[256];
	const struct why why = {text, sizeof(text)};
	struct bpfvm_config other = *cfg;

	must(!outfiles_check(cfg, &why));
	other.n_out_files = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		other.out_files = &bad[i];
		must(outfiles_check(&other, &why) < 0);
	}
	other.n_out_files = PROTO_WANT_MOST + 1;
	must(outfiles_check(&other, &why) == -E2BIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bpfvm_file files[] = {
		{"out/file", "/a"},
		{"out/dir", "/b"},
		{NULL, "/tmp/came"},
	};
	struct bytes in = {data, size};
	struct bpfvm_config cfg;
	const int before = scratch_next_fd();

	must(!fchdir(there));
	must(!mkdir("out", 0700) && !mkdir("out/dir", 0700));
	must(!symlink("../beside", "out/link"));
	must(!symlink("../../beside", "out/dir/link"));
	must(!symlink("../../beside/kept", "out/dir/kept"));
	bpfvm_config_init(&cfg);
	cfg.out_files = files;
	cfg.n_out_files = sizeof(files) / sizeof(*files);
	cfg.out_max = (take(&in, 2) + 1) << 10;
	cfg.note = note;
	check_config(&cfg);
	request(&cfg);
	receive(&cfg, &in);
	check_beside();
	scratch_remove("out");
	scratch_remove("came");
	must(!fchdir(here));
	must(scratch_next_fd() == before);
	return 0;
}
