/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Starts a QEMU, sealed and without files, ends it for sure. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bulk.h"
#include "seal.h"
#include "vm.h"

extern char **environ;

#define ARGS_MOST 64
#define TEXT_MOST 8192

/* An argument vector and what it points to. */
struct command {
	const char *argv[ARGS_MOST];
	char text[TEXT_MOST];
	size_t n, used;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void add(struct command *c,
						      const char *fmt, ...)
{
	size_t left = sizeof(c->text) - c->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(c->text + c->used, left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= left || c->n + 1 >= ARGS_MOST) {
		c->full = true;
		return;
	}
	c->argv[c->n++] = c->text + c->used;
	c->used += n + 1;
}

/* What the guest's kernel is told; --append comes last and so wins. */
static int kernel_line(char *line, size_t size, const struct vm_setup *s)
{
	const char *append = s->cfg->append;

	/* cryptomgr.notests: nothing we run leans on these self-tests, and
	 * they take a sixth of a boot.
	 * panic=-1 resets at once, and -no-reboot makes QEMU end on that. */
	return path_fmt(line, size,
			"%s loglevel=%d panic=-1 cryptomgr.notests "
			"rdinit=/init%s%s",
			s->arch->line, s->chatty ? 7 : 5, append ? " " : "",
			append ? append : "");
}

unsigned vm_mem_mib(const struct bpfvm_config *cfg)
{
	return cfg->mem_mib ? cfg->mem_mib : 512;
}

static void add_machine(struct command *c, const struct vm_setup *s)
{
	const struct bpfvm_config *cfg = s->cfg;

	add(c, "%s", s->qemu->path);
	if (*s->qemu->root) {
		add(c, "-L");
		add(c, "usr/share/qemu");
		add(c, "-L");
		add(c, "usr/share/seabios");
	}
	add(c, "-machine");
	add(c, "%s%s", s->arch->board,
	    s->mode == VM_COLD ? "" : ",memory-backend=ram");
	add(c, "-accel");
	add(c, s->kvm ? "kvm" : "tcg");
	add(c, "-cpu");
	add(c, "%s", s->kvm ? "host" : s->arch->cpu);
	add(c, "-m");
	add(c, "%u", vm_mem_mib(cfg));
	add(c, "-smp");
	add(c, "%u", cfg->cpus ? cfg->cpus : 1);
	add(c, "-nodefaults");
	add(c, "-no-user-config");
	add(c, "-display");
	add(c, "none");
	add(c, "-no-reboot");
	add(c, "-nic");
	add(c, "none");
	add(c, "-sandbox");
	add(c, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
	       "resourcecontrol=deny");
}

/* The bulk channel's memory as a PCI device: it asks sock for it. */
static void add_bulk(struct command *c, const struct vm_setup *s, int sock)
{
	if (!s->bulk)
		return;
	add(c, "-chardev");
	add(c, "socket,id=bulk,fd=%d", sock);
	/* Without master=on it would forbid saving the VM. Nobody rings; but
	 * of ivshmem-plain a clone could not be loaded: its memory is a named
	 * file, which x-ignore-shared wants where it was. */
	add(c, "-device");
	add(c, "ivshmem-doorbell,chardev=bulk,vectors=1,master=on");
}

/* While a template is made its RAM is the file that will be kept, and QEMU
 * saves only the devices. A clone maps that file privately: what it does not
 * touch is never read, what it writes is its own. */
static void add_ram(struct command *c, const struct vm_setup *s)
{
	if (s->mode == VM_COLD)
		return;
	add(c, "-object");
	add(c,
	    "memory-backend-file,id=ram,size=%uM,mem-path=/proc/self/fd/%d,%s",
	    vm_mem_mib(s->cfg), s->ram,
	    s->mode == VM_SAVE ? "share=on" : "share=off,readonly=on,rom=off");
}

static void add_boot(struct command *c, const struct vm_setup *s,
		     const char *line)
{
	if (s->mode == VM_CLONE) {
		/* Kernel and initramfs are in the RAM already; what -kernel
		 * leaves among the devices is the ROM that starts it. */
		if (s->arch->image == IMAGE_X86) {
			add(c, "-option-rom");
			add(c,
			    s->kernel->elf ? "pvh.bin" : "linuxboot_dma.bin");
		}
		add(c, "-incoming");
		add(c, "defer");
		return;
	}
	add(c, "-kernel");
	add(c, "/proc/self/fd/%d", s->kernel->fd);
	add(c, "-initrd");
	add(c, "/proc/self/fd/%d", s->initrd);
	add(c, "-append");
	add(c, "%s", line);
}

static void add_channels(struct command *c, const struct arch *arch,
			 int console, int control)
{
	size_t i;

	add(c, "-chardev");
	add(c, "socket,id=console,fd=%d", console);
	add(c, "-chardev");
	add(c, "socket,id=control,fd=%d", control);
	for (i = 0; i < sizeof(arch->devices) / sizeof(*arch->devices); i++) {
		if (arch->devices[i])
			add(c, "%s", arch->devices[i]);
	}
}

int vm_hash(struct hash *h, const struct vm_setup *s)
{
	struct command c = {.n = 0};
	char line[4096];
	size_t i;

	if (kernel_line(line, sizeof(line), s))
		return -E2BIG;
	add_machine(&c, s);
	add_channels(&c, s->arch, 0, 0);
	hash_add(h, &s->bulk_size, sizeof(s->bulk_size));
	for (i = 0; i < c.n; i++)
		hash_text(h, c.argv[i]);
	hash_text(h, line);
	return c.full ? -E2BIG : 0;
}

static void add_monitor(struct command *c, int fd)
{
	add(c, "-chardev");
	add(c, "socket,id=qmp,fd=%d", fd);
	add(c, "-mon");
	add(c, "chardev=qmp,mode=control");
}

/* In the child; only async-signal-safe calls, other threads may exist. */
static void become(const struct command *c, char *const *env, const int *fds,
		   size_t n_fds, const struct seal *seal, pid_t parent)
{
	sigset_t none;
	size_t i;

	seal_apply(seal);
	/* SIGKILL of our parent must not leave a QEMU behind; it may have
	 * died before we asked for that, and another user id forgets it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(fds[0], 0);
	dup2(fds[1], 1);
	dup2(fds[1], 2);
	for (i = 2; i < n_fds; i++) {
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, 0);
	}
	execve(seal->program, (char *const *)c->argv, env);
	dprintf(2, "%s: %s\n", c->argv[0], strerror(errno));
	_exit(126);
}

/* What else there is, tokens and passwords even, is no business of QEMU's. */
static bool is_passed(const char *setting, bool library)
{
	static const char *const heads[] = {
		"PATH=", "TMPDIR=", "LANG=", "LC_", "QEMU_", "LD_"};
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		if (!strncmp(setting, heads[i], strlen(heads[i])))
			return !library ||
			       strncmp(setting, "LD_LIBRARY_PATH=", 16);
	}
	return false;
}

static char **environment(const char *library)
{
	size_t n, i, k = 0;
	char **env;

	for (n = 0; environ[n]; n++)
		;
	env = calloc(n + 2, sizeof(*env));
	for (i = 0; env && i < n; i++) {
		if (is_passed(environ[i], *library))
			env[k++] = environ[i];
	}
	if (env && *library)
		env[k] = (char *)library;
	return env;
}

static int launch(struct vm *vm, const struct command *c, const int *fds,
		  size_t n_fds, const struct vm_setup *s)
{
	char library[PATH_MAX] = "";
	pid_t parent = getpid();
	struct seal seal;
	char **env;

	seal_plan(&seal, s);
	/* It starts in that directory. */
	if (*s->qemu->root && qemu_library_path(library, sizeof(library), "."))
		return -ENAMETOOLONG;
	env = environment(library);
	if (!env)
		return -ENOMEM;
	vm->pid = fork();
	if (!vm->pid)
		become(c, env, fds, n_fds, &seal, parent);
	free(env);
	return vm->pid < 0 ? -errno : 0;
}

static void close_pair(int pair[2])
{
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
}

int vm_start(struct vm *vm, const struct vm_setup *s, const struct why *why)
{
	int con[2] = {-1, -1}, ctl[2] = {-1, -1}, err[2] = {-1, -1};
	int qmp[2] = {-1, -1}, bulk[2] = {-1, -1}, null, ret;
	const int type = SOCK_STREAM | SOCK_CLOEXEC;
	struct command c = {.n = 0};
	char line[4096];

	*vm = (struct vm){-1, -1, -1, -1, -1};
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || socketpair(AF_UNIX, type, 0, con) ||
	    socketpair(AF_UNIX, type, 0, ctl) || pipe2(err, O_CLOEXEC) ||
	    (s->bulk && socketpair(AF_UNIX, type, 0, bulk)) ||
	    (s->bulk && bulk_serve(s->bulk, bulk[0])) ||
	    (s->mode != VM_COLD && socketpair(AF_UNIX, type, 0, qmp))) {
		ret = -errno;
		goto out_close;
	}
	ret = kernel_line(line, sizeof(line), s);
	add_machine(&c, s);
	add_ram(&c, s);
	add_bulk(&c, s, bulk[1]);
	add_boot(&c, s, line);
	add_channels(&c, s->arch, con[1], ctl[1]);
	if (s->mode != VM_COLD)
		add_monitor(&c, qmp[1]);
	if (ret || c.full) {
		ret = -E2BIG;
		goto out_close;
	}
	const bool cold = s->mode == VM_COLD, clone = s->mode == VM_CLONE;
	const int fds[] = {null,
			   err[1],
			   con[1],
			   ctl[1],
			   clone ? -1 : s->kernel->fd,
			   clone ? -1 : s->initrd,
			   qmp[1],
			   cold ? -1 : s->state,
			   cold ? -1 : s->ram,
			   bulk[1]};
	ret = launch(vm, &c, fds, sizeof(fds) / sizeof(*fds), s);
	if (ret)
		goto out_close;
	vm->console = con[0];
	vm->control = ctl[0];
	vm->errors = err[0];
	vm->qmp = qmp[0];
	if (vm->qmp >= 0)
		fcntl(vm->qmp, F_SETFL, O_NONBLOCK);
	fcntl(vm->control, F_SETFL, O_NONBLOCK);
	fcntl(vm->console, F_SETFL, O_NONBLOCK);
	fcntl(vm->errors, F_SETFL, O_NONBLOCK);
	con[0] = ctl[0] = err[0] = qmp[0] = -1;
out_close:
	close_pair(con);
	close_pair(ctl);
	close_pair(err);
	close_pair(qmp);
	close_pair(bulk);
	if (null >= 0)
		close(null);
	return ret ? fault(why, ret, "starting %s: %s", s->qemu->path,
			   strerror(-ret))
		   : 0;
}

int vm_end(struct vm *vm)
{
	int status = 0;

	if (vm->pid > 0) {
		kill(vm->pid, SIGKILL);
		while (waitpid(vm->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (vm->control >= 0)
		close(vm->control);
	if (vm->console >= 0)
		close(vm->console);
	if (vm->errors >= 0)
		close(vm->errors);
	if (vm->qmp >= 0)
		close(vm->qmp);
	*vm = (struct vm){-1, -1, -1, -1, -1};
	return status;
}
