/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Kernel modules in a build tree. Input: a byte that says by its low bits how
 * the module is named, le16 length of modules.builtin, that, and the module's
 * file. Beside it are modules that it may depend on, one in a circle. */
#include <sys/stat.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

/* What is read of a module: the ELF header's first bytes, and .modinfo. */
#define MODULE(depends)                                              \
	"\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\76\0\1\0\0\0"           \
	"0123456789abcdef0123456789abcdef01234567\0depends=" depends \
	"\0vermagic="

static char tree[PATH_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char none[] = MODULE(""), circle[] = MODULE("around");

	(void)argc;
	(void)argv;
	must(!path_fmt(tree, sizeof(tree), "%s/tree", scratch_dir()));
	must(!mkdir(tree, 0700));
	scratch_file("tree/needs-none.ko", none, sizeof(none));
	scratch_file("tree/around.ko", circle, sizeof(circle));
	return 0;
}

static void check(const struct modules *m)
{
	struct stat st;

	must(m->n && m->n <= MODULES_MOST);
	for (size_t i = 0; i < m->n; i++) {
		must(!stat(m->host[i], &st) && S_ISREG(st.st_mode));
		must(*m->name[i] && !strchr(m->name[i], '/'));
		must(!strncmp(m->guest[i], "/lib/", 5));
		for (size_t k = 0; k < i; k++)
			must(strcmp(m->name[i], m->name[k]));
	}
	/* Those that are needed come before what needs them. */
	must(!strcmp(m->name[m->n - 1], "fuzzed"));
}

static void find(const char *name)
{
	const char *const names[] = {name};
	char text[512] = "";
	const struct why why = {text, sizeof(text)};
	struct modules *m = calloc(1, sizeof(*m));
	struct bpfvm_config cfg;
	int ret;

	must(m);
	bpfvm_config_init(&cfg);
	cfg.kernel = tree;
	cfg.modules = names;
	cfg.n_modules = 1;
	ret = modules_find(&cfg, NULL, m, &why);
	must(ret <= 0);
	if (!ret && m->n)
		check(m);
	modules_free(m);
	free(m);
}

/* The one of these that an architecture may want. */
static void find_early(void)
{
	struct modules *m = calloc(1, sizeof(*m));
	struct bpfvm_config cfg;
	const struct arch *arch;

	must(m);
	bpfvm_config_init(&cfg);
	cfg.kernel = tree;
	for (size_t i = 0; (arch = arch_nth(i)); i++) {
		must(modules_early(arch, &cfg, NULL, m) <= 0);
		modules_free(m);
	}
	free(m);
}

/* Where there is no package, and where nothing could be. */
static void find_nowhere(void)
{
	static const char *const specs[] = {"debian:0", "nonsense"};
	static const char *const names[] = {"fuzzed", "../fuzzed",
					    "needs_none"};
	struct modules *m = calloc(1, sizeof(*m));
	struct bpfvm_config cfg;
	char image[PATH_MAX];

	must(m);
	bpfvm_config_init(&cfg);
	cfg.modules = names;
	cfg.n_modules = sizeof(names) / sizeof(*names);
	must(!path_fmt(image, sizeof(image), "%s/image", scratch_dir()));
	for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		cfg.kernel = specs[i];
		must(modules_find(&cfg, image, m, NULL) < 0 && !m->n);
	}
	cfg.kernel = tree;
	must(modules_find(&cfg, image, m, NULL) < 0);
	modules_free(m);
	free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"tree/fuzzed.ko",
		"tree/fuzzed.ko.xz",
		"tree/fuzzed.ko.gz",
		"tree/fuzzed.ko.zst",
		"tree/virtio-console.ko.xz",
	};
	struct bytes in = {data, size}, builtin;
	const size_t how = take(&in, 1) % (sizeof(names) / sizeof(*names));
	const int before = scratch_next_fd();

	builtin = take_bytes(&in, take(&in, 2));
	scratch_file("tree/modules.builtin", builtin.p, builtin.left);
	scratch_file(names[how], in.p, in.left);
	find("fuzzed");
	find_early();
	find_nowhere();
	scratch_remove(names[how]);
	/* Files are told apart there by what inputs may have in common. */
	scratch_remove("bpfsys");
	must(scratch_next_fd() == before);
	return 0;
}
