/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpfvm_run(): gathers what a VM needs, boots it, judges how it ended. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define ATTEMPTS_MOST	  3
#define BOOT_TIMEOUT_S	  60.0
#define FOREIGN_TIMEOUT_S 120.0 /* their TCG is slower */
#define PROBE_TIMEOUT_S	  15.0	/* KVM, where it has not been seen to work */
#define CLONE_TIMEOUT_S	  10.0	/* a tenth of a second is usual */
#define TIMEOUT_DEFAULT_S 60

void bpfvm_config_init(struct bpfvm_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
}

static size_t append_modules(struct bpfvm_file *files, size_t n,
			     const struct modules *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		files[n + i] = (struct bpfvm_file){m->host[i], m->guest[i]};
	return n + m->n;
}

/* The initramfs, with the modules of the kernel image among its files; id:
 * only what would go into it. */
static int pack(struct run *r, struct hash *id)
{
	const struct bpfvm_config *cfg = r->cfg;
	size_t n = cfg->n_files, i;
	struct bpfvm_file *files = calloc(n + 2 * MODULES_MOST, sizeof(*files));
	struct modules *m = calloc(2, sizeof(*m));
	int ret = files && m ? 0 : -ENOMEM;

	if (!ret)
		ret = modules_find(cfg, r->kernel_path, &m[0], &r->why);
	if (!ret)
		ret = modules_early(r->arch, cfg, r->kernel_path, &m[1]);
	for (i = 0; !ret && i < n; i++)
		files[i] = cfg->files[i];
	for (i = 0; !ret && i < 2; i++)
		n = append_modules(files, n, &m[i]);
	if (!ret && id)
		ret = initramfs_hash(r->arch, &r->prog, files, n, id, &r->why);
	else if (!ret)
		r->initrd = ret =
			initramfs_build(r->arch, &r->prog, files, n, &r->why);
	for (i = 0; m && i < 2; i++)
		modules_free(&m[i]);
	free(m);
	free(files);
	return ret < 0 ? ret : 0;
}

int run_identify(struct run *r, struct hash *id)
{
	return pack(r, id);
}

static int find_command(struct run *r)
{
	int ret = program_find(r->cfg->argv[0], &r->prog, &r->why);

	if (!ret)
		ret = program_fits(r->prog.host, r->arch, &r->why);
	r->res->command_failed =
		ret == -ENOENT || ret == -EACCES || ret == -ENOEXEC;
	return ret;
}

int run_need_boot(struct run *r)
{
	int ret = 0;

	if (r->kernel.fd < 0)
		ret = kernel_load(r->arch, r->kernel_path, &r->kernel, &r->why);
	if (!ret && r->initrd < 0)
		ret = pack(r, NULL);
	return ret;
}

/* x86 runs both of its kinds. */
static bool may_kvm(const struct arch *arch)
{
	return arch->image == arch_native()->image;
}

static int prepare(struct run *r)
{
	const struct bpfvm_config *cfg = r->cfg;
	int ret;

	if (!cfg->kernel || !cfg->argv || !cfg->argv[0])
		return fault(&r->why, -EINVAL, "no kernel or no command given");
	r->arch = arch_find(cfg->arch, &r->why);
	ret = r->arch ? arch_check_init(r->arch, &r->why) : -EINVAL;
	if (!ret && cfg->accel == BPFVM_ACCEL_KVM && !may_kvm(r->arch))
		ret = fault(&r->why, -EINVAL, "there is no KVM for %s here",
			    r->arch->name);
	if (!ret)
		ret = outfiles_check(cfg, &r->why);
	if (!ret)
		ret = bulk_check(cfg, &r->why);
	if (!ret)
		ret = infiles_check(cfg, &r->why);
	if (ret)
		return ret;
	ret = find_command(r);
	if (!ret)
		ret = bpfvm_kernel_resolve_for(r->arch->name, cfg->kernel,
					       r->kernel_path,
					       sizeof(r->kernel_path),
					       r->why.buf, r->why.size);
	if (!ret && !cfg->clone)
		ret = run_need_boot(r);
	if (!ret)
		ret = qemu_find(r->arch, cfg->qemu, &r->qemu, &r->why);
	return ret;
}

static void choose_accel(struct run *r)
{
	int known = 0;

	if (r->cfg->accel == BPFVM_ACCEL_KVM)
		known = 1;
	else if (!may_kvm(r->arch))
		known = 0;
	else if (r->cfg->accel == BPFVM_ACCEL_AUTO)
		known = accel_recall(&r->qemu);
	r->probing = known < 0;
	r->kvm = known != 0;
}

static void warn_old_tcg(struct run *r)
{
	/* Only what can be trusted gets fetched. */
	if (*r->qemu.root)
		return;
	qemu_version(&r->qemu);
	if (r->qemu.major && r->qemu.major < QEMU_TRUSTED)
		say(r->cfg,
		    "warning: TCG of %s (QEMU %u) makes newer kernels panic "
		    "at random; bpfvm --fetch-qemu brings a good one",
		    r->qemu.path, r->qemu.major);
}

static bool is_fault(enum bpfvm_outcome outcome)
{
	return outcome == BPFVM_PANIC || outcome == BPFVM_TIMEOUT ||
	       outcome == BPFVM_NO_BOOT || outcome == BPFVM_VMM_DIED;
}

static void save_console(struct run *r, struct session *s)
{
	struct bpfvm_result *res = r->res;
	char line[512];
	const struct why why = {line, sizeof(line)};

	reports_take(r->cfg, res, &s->con);
	if (!r->cfg->console_log && !is_fault(res->outcome) && !res->n_reports)
		return;
	if (console_save(&s->con, r->cfg->console_log, res->console_log,
			 sizeof(res->console_log), &why))
		say(r->cfg, "warning: %s", line);
	else
		reports_append(res, &s->con);
}

struct vm_setup run_setup(struct run *r)
{
	return (struct vm_setup){.cfg = r->cfg,
				 .arch = r->arch,
				 .qemu = &r->qemu,
				 .kernel = &r->kernel,
				 .program = r->prog.guest,
				 .initrd = r->initrd,
				 .kvm = r->kvm,
				 .chatty = r->res->attempts > 1,
				 .mode = r->clone ? VM_CLONE : VM_COLD,
				 .state = r->tmpl.state,
				 .ram = r->tmpl.ram,
				 .bulk_size = r->no_bulk || !r->arch->bulk
						      ? 0
						      : bulk_size(r->cfg)};
}

static double boot_timeout(const struct run *r)
{
	if (r->clone)
		return CLONE_TIMEOUT_S;
	if (r->probing && r->kvm)
		return PROBE_TIMEOUT_S;
	return arch_is_native(r->arch) ? BOOT_TIMEOUT_S : FOREIGN_TIMEOUT_S;
}

/* Some builds of QEMU leave the device out. */
static bool lacks_bulk(struct run *r, const struct session *s)
{
	if (r->no_bulk || !s->bulk.mem || s->ready ||
	    !strstr(s->qemu_said, "ivshmem-doorbell"))
		return false;
	say(r->cfg, "no bulk channel: %s; all goes over the serial port",
	    s->qemu_said);
	r->no_bulk = true;
	r->res->attempts = 0;
	return true;
}

/* Of a VM whose init said nothing. */
static bool worth_another(const struct run *r)
{
	const enum bpfvm_outcome outcome = r->res->outcome;

	if (r->clone || (r->probing && r->kvm))
		return outcome == BPFVM_NO_BOOT || outcome == BPFVM_VMM_DIED;
	return outcome == BPFVM_NO_BOOT && r->res->attempts < ATTEMPTS_MOST;
}

/* One boot; again says whether to try another. */
int run_attempt(struct run *r, bool *again)
{
	struct vm_setup setup = run_setup(r);
	struct session s = {.cfg = r->cfg,
			    .mode = setup.mode,
			    .files = {.fd = -1},
			    .late = {.fd = -1},
			    .bulk = {.fd = -1}};
	int ret;

	s.timeout_s = r->cfg->timeout_s ? r->cfg->timeout_s : TIMEOUT_DEFAULT_S;
	ret = console_init(&s.con);
	if (!ret)
		ret = session_request(&s, r->prog.guest, r->cfg->argv,
				      r->clone ? r->tmpl.request : NULL,
				      &r->why);
	if (!ret)
		ret = session_run(&s, &setup, boot_timeout(r), &r->why);
	if (ret)
		goto out_free;
	r->res->outcome = run_judge(r, &s);
	r->res->kvm = r->kvm;
	r->res->cloned = r->clone && s.ready;
	r->res->boot_s = s.boot_s;
	strcpy(r->res->release, s.release);
	r->res->command_failed = s.end == SESSION_NOT_STARTED && !*s.no_module;
	if (s.end == SESSION_NOT_STARTED)
		ret = -(int)s.value;
	*again = !s.ready && (lacks_bulk(r, &s) || worth_another(r));
	if (!*again)
		save_console(r, &s);
	if (s.ready && r->probing)
		accel_remember(&r->qemu, r->kvm);
out_free:
	session_free(&s);
	return ret;
}

static int attempts(struct run *r)
{
	bool again = true;
	int ret = 0;

	while (!ret && again) {
		r->res->attempts++;
		again = false;
		ret = run_attempt(r, &again);
		if (!again)
			break;
		if (!r->res->attempts)
			continue;
		if (r->probing && r->kvm) {
			say(r->cfg,
			    "KVM does not boot guests here (%s): "
			    "using TCG",
			    r->why.buf);
			r->kvm = false;
			r->res->attempts--;
			warn_old_tcg(r);
		} else {
			say(r->cfg, "%s; trying again (%u of %d)", r->why.buf,
			    r->res->attempts + 1, ATTEMPTS_MOST);
		}
	}
	return ret;
}

static int clone_or_boot(struct run *r)
{
	bool again = true;
	int ret = 0;

	if (r->cfg->clone)
		ret = run_clones(r, &again);
	if (!ret && again && is_stopped(r->cfg)) {
		r->res->outcome = BPFVM_STOPPED;
		return fault(&r->why, 0, "stopped");
	}
	if (!ret && again)
		ret = run_need_boot(r);
	return !ret && again ? attempts(r) : ret;
}

int bpfvm_run(const struct bpfvm_config *cfg, struct bpfvm_result *res)
{
	struct run r = {.cfg = cfg, .res = res, .initrd = -1};
	double start = now_s();
	int ret;

	memset(res, 0, sizeof(*res));
	r.why = (struct why){res->reason, sizeof(res->reason)};
	r.kernel.fd = -1;
	r.tmpl.state = r.tmpl.ram = -1;
	res->outcome = BPFVM_ERROR;
	ret = prepare(&r);
	if (ret)
		goto out_close;
	choose_accel(&r);
	if (!r.kvm)
		warn_old_tcg(&r);
	ret = clone_or_boot(&r);
out_close:
	if (ret && !*res->reason)
		fault(&r.why, ret, "%s", strerror(-ret));
	if (ret)
		res->outcome = vm_interrupted ? BPFVM_INTERRUPTED : BPFVM_ERROR;
	if (res->outcome == BPFVM_INTERRUPTED)
		ret = 0;
	if (r.initrd >= 0)
		close(r.initrd);
	if (r.kernel.fd >= 0)
		close(r.kernel.fd);
	res->total_s = now_s() - start;
	return ret;
}
