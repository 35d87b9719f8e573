/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads bpfvm's command line. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

enum {
	OPT_IN = 0x100,
	OPT_APPEND,
	OPT_MEM,
	OPT_CPUS,
	OPT_TIMEOUT,
	OPT_ACCEL,
	OPT_CLONE,
	OPT_AWAIT_READY,
	OPT_STDIN,
	OPT_QEMU,
	OPT_CONSOLE_LOG,
	OPT_FETCH_QEMU,
	OPT_FATAL_WARN,
	OPT_MODULE,
	OPT_NO_BULK,
	OPT_OUT,
	OPT_OUT_MAX,
	OPT_SEND,
	OPT_VMLINUX,
	OPT_ARCH,
	OPT_FETCH_LIBS,
};

const char *argp_program_version = "bpfvm 0.1";

static const char doc[] =
	"Runs COMMAND as root on KERNEL in a throwaway virtual machine."
	"\v"
	"KERNEL is a bzImage, a vmlinux, a kernel .deb, a kernel build tree, "
	"debian:VERSION (fetched with apt, such as debian:6.12), or host.\n"
	"COMMAND is a program of the host; it is brought along with its "
	"loader and libraries. Output and exit status are the program's.\n\n"
	"Exit status:\n"
	"  0..255  the program's own\n"
	"  128+N   the program was killed by signal N, or bpfvm was "
	"interrupted by it\n"
	"  122     the kernel panicked, oopsed or reported another breakage, "
	"or the guest was reset\n"
	"  123     the kernel did not boot, or QEMU died\n"
	"  124     the program did not end in time\n"
	"  125     bpfvm failed: usage, missing file, no QEMU, no space\n"
	"  126     COMMAND cannot be executed\n"
	"  127     COMMAND was not found\n\n"
	"Each fault is one line on stderr that begins with \"bpfvm: \" and "
	"names the console log, which is kept in "
	"${XDG_CACHE_HOME:-~/.cache}/bpfsys/console (the newest 20).";

static const struct argp_option options[] = {
	{"in", OPT_IN, "HOST[:GUEST]", 0,
	 "Bring a file or directory along (GUEST: absolute path)", 0},
	{"send", OPT_SEND, "HOST[:GUEST]", 0,
	 "Like --in, but once the guest is up: with --clone, for what differs "
	 "from run to run",
	 0},
	{"out", OPT_OUT, "GUEST[:HOST]", 0,
	 "Copy a file or directory out once COMMAND has ended (HOST: the "
	 "working directory)",
	 0},
	{"out-max", OPT_OUT_MAX, "MIB", 0, "Most that --out may write (1024)",
	 0},
	{"module", OPT_MODULE, "NAME", 0,
	 "Load a module of the kernel's package or tree, and what it needs, "
	 "before COMMAND starts",
	 0},
	{"arch", OPT_ARCH, "NAME", 0,
	 "The guest's architecture: x86_64, i386, arm64, s390x, riscv64", 0},
	{"append", OPT_APPEND, "STR", 0, "More for the kernel command line", 0},
	{"mem", OPT_MEM, "MIB", 0, "Memory of the guest (512)", 0},
	{"cpus", OPT_CPUS, "N", 0, "Processors of the guest (1)", 0},
	{"timeout", OPT_TIMEOUT, "SECONDS", 0,
	 "How long the program may run once the guest is up (60)", 0},
	{"accel", OPT_ACCEL, "auto|kvm|tcg", 0,
	 "auto: KVM if it boots a guest, else TCG", 0},
	{"clone", OPT_CLONE, NULL, 0,
	 "Start from a saved boot, which is made at first use", 0},
	{"no-bulk", OPT_NO_BULK, NULL, 0,
	 "Send all data over the serial port, none through shared memory", 0},
	{"await-ready", OPT_AWAIT_READY, NULL, 0,
	 "With --clone: save the boot when COMMAND writes a byte to the file "
	 "descriptor that $BPFVM_READY names, and go on from there",
	 0},
	{"stdin", OPT_STDIN, "FILE", 0,
	 "What COMMAND reads from its stdin (- for bpfvm's own; at most 32 "
	 "KiB)",
	 0},
	{"qemu", OPT_QEMU, "PROGRAM", 0,
	 "The QEMU to use (else $BPFVM_QEMU, the fetched one, PATH)", 0},
	{"console-log", OPT_CONSOLE_LOG, "FILE", 0,
	 "Keep the kernel's console in FILE, whatever the end", 0},
	{"fatal-warn", OPT_FATAL_WARN, NULL, 0,
	 "Exit with 122 after any report of the kernel, a WARNING too", 0},
	{"vmlinux", OPT_VMLINUX, "FILE", 0,
	 "Find file and line of traces in FILE (else in the build tree's)", 0},
	{"verbose", 'v', NULL, 0, "Copy the console to stderr as it comes", 0},
	{"fetch-qemu", OPT_FETCH_QEMU, NULL, 0,
	 "Bring a QEMU worth trusting (for --arch) into the cache and end; "
	 "needs no root",
	 0},
	{"fetch-libs", OPT_FETCH_LIBS, NULL, 0,
	 "Bring these Debian PACKAGEs of --arch and what they need into the "
	 "cache, where programs of that architecture find libraries; print "
	 "the path and end; needs no root",
	 0},
	{0},
};

static unsigned number(struct argp_state *state, const char *arg, unsigned most)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(arg, &end, 10);
	if (errno || *end || end == arg || *arg == '-' || !v || v > most)
		argp_error(state, "%s: want a number from 1 to %u", arg, most);
	return v;
}

/* HOST[:GUEST] */
static void add_file(struct argp_state *state, struct bpfvm_file **files,
		     size_t *n, char *arg)
{
	struct bpfvm_file *more = realloc(*files, (*n + 1) * sizeof(*more));
	char *colon = strrchr(arg, ':');

	if (!more)
		argp_failure(state, EXIT_OWN, ENOMEM, "%s", arg);
	*files = more;
	if (colon && colon[1] == '/')
		*colon++ = 0;
	else
		colon = NULL;
	more[(*n)++] = (struct bpfvm_file){arg, colon};
}

static void add_out(struct argp_state *state, struct options *o, char *arg)
{
	struct bpfvm_file *files;
	char *colon = strrchr(arg, ':');

	files = realloc(o->out_files,
			(o->cfg.n_out_files + 1) * sizeof(*files));
	if (!files)
		argp_failure(state, EXIT_OWN, ENOMEM, "--out");
	o->out_files = files;
	if (colon)
		*colon++ = 0;
	files[o->cfg.n_out_files++] = (struct bpfvm_file){colon, arg};
	o->cfg.out_files = files;
}

static void add_module(struct argp_state *state, struct options *o,
		       const char *arg)
{
	size_t n = o->cfg.n_modules + 1;
	const char **modules = realloc(o->modules, n * sizeof(*modules));

	if (!modules)
		argp_failure(state, EXIT_OWN, ENOMEM, "--module");
	o->modules = modules;
	modules[o->cfg.n_modules++] = arg;
	o->cfg.modules = modules;
}

/* There is always room for one more, which ends them. */
static void add_package(struct argp_state *state, struct options *o,
			const char *arg)
{
	const char **packages =
		realloc(o->packages, (o->n_packages + 2) * sizeof(*packages));

	if (!packages)
		argp_failure(state, EXIT_OWN, ENOMEM, "--fetch-libs");
	o->packages = packages;
	packages[o->n_packages++] = arg;
	packages[o->n_packages] = NULL;
}

/* One byte more than can be given, so that too much is refused. */
static void read_input(struct argp_state *state, struct options *o,
		       const char *path)
{
	const bool own = !strcmp(path, "-");
	const size_t most = BPFVM_INPUT_MOST + 1;
	ssize_t n = 1;
	int fd = own ? 0 : open(path, O_RDONLY | O_CLOEXEC);

	free(o->input);
	o->input = malloc(most);
	o->cfg.input_len = 0;
	while (fd >= 0 && o->input && n > 0 && o->cfg.input_len < most) {
		n = read(fd, o->input + o->cfg.input_len,
			 most - o->cfg.input_len);
		o->cfg.input_len += n > 0 ? n : 0;
	}
	if (fd < 0 || n < 0 || !o->input)
		argp_failure(state, EXIT_OWN, errno, "--stdin %s", path);
	if (!own)
		close(fd);
	o->cfg.input = o->input;
}

static enum bpfvm_accel accel(struct argp_state *state, const char *arg)
{
	if (!strcmp(arg, "kvm"))
		return BPFVM_ACCEL_KVM;
	if (!strcmp(arg, "tcg"))
		return BPFVM_ACCEL_TCG;
	if (strcmp(arg, "auto"))
		argp_error(state, "--accel %s: want auto, kvm or tcg", arg);
	return BPFVM_ACCEL_AUTO;
}

static const char *arch(struct argp_state *state, const char *arg)
{
	char why[256];
	const char *name = bpfvm_arch_find(arg, why, sizeof(why));

	if (!name)
		argp_error(state, "--arch: %s", why);
	return name;
}

static void show_console(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	fwrite(data, 1, len, stderr);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_IN:
		add_file(state, &o->files, &o->cfg.n_files, arg);
		o->cfg.files = o->files;
		return 0;
	case OPT_SEND:
		add_file(state, &o->late_files, &o->cfg.n_late_files, arg);
		o->cfg.late_files = o->late_files;
		return 0;
	case OPT_OUT:
		add_out(state, o, arg);
		return 0;
	case OPT_OUT_MAX:
		o->cfg.out_max = (uint64_t)number(state, arg, 1 << 20) << 20;
		return 0;
	case OPT_MODULE:
		add_module(state, o, arg);
		return 0;
	case OPT_APPEND:
		o->cfg.append = arg;
		return 0;
	case OPT_MEM:
		o->cfg.mem_mib = number(state, arg, 1 << 20);
		return 0;
	case OPT_CPUS:
		o->cfg.cpus = number(state, arg, 255);
		return 0;
	case OPT_TIMEOUT:
		o->cfg.timeout_s = number(state, arg, 1 << 30);
		return 0;
	case OPT_ACCEL:
		o->cfg.accel = accel(state, arg);
		return 0;
	case OPT_CLONE:
		o->cfg.clone = true;
		return 0;
	case OPT_NO_BULK:
		o->cfg.no_bulk = true;
		return 0;
	case OPT_AWAIT_READY:
		o->cfg.await_ready = true;
		return 0;
	case OPT_STDIN:
		read_input(state, o, arg);
		return 0;
	case OPT_QEMU:
		o->cfg.qemu = arg;
		return 0;
	case OPT_CONSOLE_LOG:
		o->cfg.console_log = arg;
		return 0;
	case OPT_FATAL_WARN:
		o->fatal_warn = true;
		return 0;
	case OPT_VMLINUX:
		o->cfg.vmlinux = arg;
		return 0;
	case OPT_FETCH_QEMU:
		o->fetch_qemu = true;
		return 0;
	case OPT_FETCH_LIBS:
		o->fetch_libs = true;
		return 0;
	case OPT_ARCH:
		o->cfg.arch = arch(state, arg);
		return 0;
	case 'v':
		o->cfg.console = show_console;
		return 0;
	case ARGP_KEY_ARG:
		if (o->fetch_libs) {
			add_package(state, o, arg);
			return 0;
		}
		if (state->arg_num == 0) {
			o->cfg.kernel = arg;
			return 0;
		}
		/* The rest is the command, options and all. */
		o->cfg.argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (o->fetch_libs && !o->n_packages)
			argp_error(state, "--fetch-libs: want PACKAGE...");
		if (!o->fetch_qemu && !o->fetch_libs && !o->cfg.argv)
			argp_error(state, "want KERNEL -- COMMAND");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	const struct argp argp = {options, parse, "KERNEL -- COMMAND [ARG...]",
				  doc,	   NULL,  NULL,
				  NULL};

	memset(o, 0, sizeof(*o));
	bpfvm_config_init(&o->cfg);
	argp_err_exit_status = EXIT_OWN;
	return argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, o);
}

void options_free(struct options *o)
{
	free(o->files);
	free(o->late_files);
	free(o->out_files);
	free(o->modules);
	free(o->packages);
	free(o->input);
}
