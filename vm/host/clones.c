/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs in a clone: finds or makes its template, and what to do if neither. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

static void say_damaged(const struct run *r, const char *why)
{
	say(r->cfg, "template of %s: %s; making it anew", r->cfg->kernel, why);
}

static int make_template(struct run *r, ino_t avoid)
{
	struct vm_setup setup;
	int lock, ret;

	lock = template_lock(r->cfg, &r->why);
	if (lock < 0)
		return lock;
	/* Another may have been faster. */
	ret = template_open(&r->tmpl, avoid);
	if (!ret)
		goto out_unlock;
	if (ret == -ESTALE)
		say_damaged(r, "damaged or of another version");
	ret = run_need_boot(r);
	if (!ret) {
		setup = run_setup(r);
		ret = template_make(&r->tmpl, &setup, &r->why);
	}
out_unlock:
	close(lock);
	return ret;
}

/* The one that clone_obstacle() has found, or else makes it. */
static int get_template(struct run *r, ino_t avoid)
{
	int ret = 0;

	if (r->tmpl.state < 0)
		ret = make_template(r, avoid);
	if (!ret)
		r->kernel.elf = r->tmpl.elf;
	return ret;
}

/* Why there can be no clones here, or NULL. */
static const char *clone_obstacle(struct run *r)
{
	static const char old[] = "QEMU is older than 9.0";

	if (r->kvm)
		return "not done with KVM";
	/* Only where there is none yet QEMU has to be asked, which costs. */
	if (!template_open(&r->tmpl, 0))
		return NULL;
	qemu_version(&r->qemu);
	return r->qemu.major && r->qemu.major < QEMU_CLONES ? old : NULL;
}

int run_clones(struct run *r, bool *again)
{
	const struct vm_setup setup = run_setup(r);
	struct hash id;
	ino_t avoid = 0;
	const char *no;
	int tries, ret;

	*again = true;
	/* Whether KVM works is found out by a boot. */
	if (r->probing)
		return 0;
	hash_init(&id);
	ret = run_identify(r, &id);
	if (ret)
		return ret;
	ret = template_key(&r->tmpl, &setup, r->kernel_path, &id, &r->why);
	no = ret ? r->why.buf : clone_obstacle(r);
	for (tries = 0; !no && *again && tries < 2; tries++) {
		ret = get_template(r, avoid);
		if (ret) {
			no = r->why.buf;
			break;
		}
		avoid = template_inode(&r->tmpl);
		r->clone = true;
		ret = run_attempt(r, again);
		r->clone = false;
		template_close(&r->tmpl);
		if (ret)
			return ret;
		if (*again && tries)
			no = r->why.buf;
		else if (*again)
			say_damaged(r, r->why.buf);
	}
	if (vm_interrupted)
		return *again ? -EINTR : 0;
	if (*again && is_stopped(r->cfg))
		return 0;
	if (*again)
		say(r->cfg, "no clone: %s; booting cold", no);
	else
		r->res->attempts = 1;
	return 0;
}
