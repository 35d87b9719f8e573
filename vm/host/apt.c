/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* apt as an ordinary user, leaving the host's lists, cache and packages
 * alone; mirrors come from the host's configuration, trust from its Debian
 * archive keyring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm.h"

#define KEYRING	  "/usr/share/keyrings/debian-archive-keyring.gpg"
#define ARGS_MOST 512

static int no_apt(const struct why *why)
{
	return fault(why, -ENOENT,
		     "apt is not here: debian:VERSION and --fetch-qemu need "
		     "Debian's apt");
}

/* Whether a line of apt-config dump holds for us: hooks of the host would
 * act on the host, and directories are our own. */
static bool inherit(const char *line, size_t len)
{
	return !memmem(line, len, "Invoke", 6) && strncmp(line, "Dir", 3) &&
	       strncmp(line, "DPkg", 4) && strncmp(line, "APT::Archi", 10);
}

static void write_conf(FILE *f, const struct apt *apt, const char *host_conf,
		       bool real_status)
{
	const char *line, *end;

	for (line = host_conf; (end = strchr(line, '\n')); line = end + 1) {
		if (inherit(line, end - line))
			fprintf(f, "%.*s\n", (int)(end - line), line);
	}
	fprintf(f,
		"Dir::Etc::Parts \"/dev/null\";\n"
		"Dir::Etc::Main \"/dev/null\";\n"
		"Dir::Etc::SourceParts \"/dev/null\";\n"
		"Dir::Etc::Preferences \"/dev/null\";\n"
		"Dir::Etc::PreferencesParts \"/dev/null\";\n"
		"Dir::Etc::SourceList \"%s/sources.list\";\n"
		"Dir::State::Lists \"%s/lists\";\n"
		"Dir::Cache \"%s/cache\";\n"
		"APT::Architecture \"%s\";\n"
		"APT::Architectures { \"%s\"; };\n"
		"APT::Sandbox::User \"root\";\n"
		"APT::Get::AllowUnauthenticated \"false\";\n"
		"Acquire::AllowInsecureRepositories \"false\";\n"
		"Acquire::Languages \"none\";\n"
		"Acquire::Retries \"2\";\n",
		apt->dir, apt->dir, apt->dir, apt->arch->debian,
		apt->arch->debian);
	if (!real_status)
		fprintf(f, "Dir::State::status \"%s/status\";\n", apt->dir);
}

/* Through a temporary name, because others may be reading it. */
static int replace_file(const char *path,
			void (*write)(FILE *f, const void *ctx),
			const void *ctx, const struct why *why)
{
	char tmp[PATH_MAX];
	int ret = path_fmt(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = ret ? NULL : fopen(tmp, "we");

	if (!f)
		return fault(why, ret ? ret : -errno, "%s: %s", path,
			     strerror(ret ? -ret : errno));
	write(f, ctx);
	ret = ferror(f) ? -EIO : 0;
	if (fclose(f) || (!ret && rename(tmp, path)))
		ret = -errno;
	return ret ? fault(why, ret, "%s: %s", path, strerror(-ret)) : 0;
}

struct conf {
	const struct apt *apt;
	const char *host_conf;
	bool real_status;
};

static void conf_writer(FILE *f, const void *ctx)
{
	const struct conf *c = ctx;

	write_conf(f, c->apt, c->host_conf, c->real_status);
}

static void empty_writer(FILE *f, const void *ctx)
{
	(void)f;
	(void)ctx;
}

static int in_dir(char *path, const struct apt *apt, const char *name)
{
	return path_fmt(path, PATH_MAX, "%s/%s", apt->dir, name);
}

static int make_state(struct apt *apt, bool real_status, const struct why *why)
{
	static const char *const dump[] = {"apt-config", "dump", NULL};
	static const char *const dirs[] = {"lists/partial",
					   "cache/archives/partial"};
	struct conf conf = {apt, "", real_status};
	struct capture cap;
	char path[PATH_MAX];
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < 2; i++) {
		ret = in_dir(path, apt, dirs[i]);
		if (!ret)
			ret = make_dirs(path);
	}
	if (ret)
		return fault(why, ret, "%s: %s", apt->dir, strerror(-ret));
	ret = run_command(dump, NULL, &cap, why);
	if (ret)
		return ret == -EINTR ? ret : no_apt(why);
	conf.host_conf = cap.out;
	ret = in_dir(path, apt, "apt.conf");
	if (!ret)
		ret = replace_file(path, conf_writer, &conf, why);
	free(cap.out);
	if (!ret)
		ret = in_dir(path, apt, "status");
	return ret ? ret : replace_file(path, empty_writer, NULL, why);
}

/* "<codename>" or "<codename>-security" of Debian itself. */
static bool debian_suite(const char *suite, char *codename, size_t size,
			 bool *security)
{
	static const char *const known[] = {"bullseye", "bookworm", "trixie",
					    "forky",	"duke",	    "sid"};
	size_t i, n;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		n = strlen(known[i]);
		if (strncmp(suite, known[i], n))
			continue;
		*security = !strcmp(suite + n, "-security");
		if (*security || !suite[n])
			return !path_fmt(codename, size, "%s", known[i]);
	}
	return false;
}

static void take_target(struct apt *apt, char *line)
{
	char *origin, *suite, *uri, *save = NULL;
	bool security;

	origin = strtok_r(line, " ", &save);
	suite = strtok_r(NULL, " ", &save);
	uri = strtok_r(NULL, " ", &save);
	/* No origin (a lone "="): the host has not read its lists yet. */
	if (!uri || (strcmp(origin, "=Debian") && strcmp(origin, "=")) ||
	    !debian_suite(suite, apt->codename, sizeof(apt->codename),
			  &security))
		return;
	path_fmt(security ? apt->security_uri : apt->main_uri,
		 sizeof(apt->main_uri), "%s", uri);
}

/* Where the host gets Debian from. */
static int host_mirrors(struct apt *apt, const struct why *why)
{
	static const char *const argv[] = {"apt-get",
					   "indextargets",
					   "--format",
					   "=$(ORIGIN) $(RELEASE) $(REPO_URI)",
					   "Created-By: Packages",
					   NULL};
	struct capture cap;
	char *line, *save = NULL;
	int ret = run_command(argv, NULL, &cap, why);

	if (ret)
		return ret == -EINTR ? ret : no_apt(why);
	for (line = strtok_r(cap.out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		take_target(apt, line);
	free(cap.out);
	if (!*apt->main_uri)
		return fault(why, -ENOENT,
			     "the host's apt sources have no Debian suite; "
			     "name a kernel file instead");
	if (access(KEYRING, R_OK))
		return fault(why, -ENOENT,
			     KEYRING " is missing: install the package "
				     "debian-archive-keyring");
	return 0;
}

int apt_open(struct apt *apt, const struct arch *arch, const char *name,
	     bool real_status, const struct why *why)
{
	char dir[64];
	int ret;

	memset(apt, 0, sizeof(*apt));
	apt->arch = arch;
	ret = arch_file(dir, sizeof(dir), name, arch);
	if (!ret)
		ret = cache_dir(apt->dir, sizeof(apt->dir), dir, why);
	if (!ret)
		ret = host_mirrors(apt, why);
	return ret ? ret : make_state(apt, real_status, why);
}

int apt_run(const struct apt *apt, const char *const *args, const char *dir,
	    struct capture *cap, const struct why *why)
{
	char conf[PATH_MAX + 32], tool[32], said[200] = "";
	const struct why last = {said, sizeof(said)};
	const char *argv[ARGS_MOST] = {"env", conf, tool};
	size_t n;
	int ret;

	for (n = 1; args[n]; n++) {
		if (n + 3 >= ARGS_MOST)
			return fault(why, -E2BIG, "too many packages");
		argv[n + 2] = args[n];
	}
	path_fmt(conf, sizeof(conf), "APT_CONFIG=%s/apt.conf", apt->dir);
	path_fmt(tool, sizeof(tool), "apt-%s", args[0]);
	ret = run_command(argv, dir, cap, &last);
	if (!ret && cap->status) {
		free(cap->out);
		cap->out = NULL;
		ret = -EIO;
	}
	return ret ? fault(why, ret, "apt-%s %s: %s", args[0], args[1],
			   *said ? said : strerror(-ret))
		   : 0;
}

struct sources {
	const struct apt *apt;
	const char *const *suites;
	size_t n;
};

static void sources_writer(FILE *f, const void *ctx)
{
	const struct sources *s = ctx;
	const char *uri;
	size_t i;

	for (i = 0; i < s->n; i++) {
		uri = strstr(s->suites[i], "-security") ? s->apt->security_uri
							: s->apt->main_uri;
		if (*uri)
			fprintf(f, "deb [signed-by=" KEYRING "] %s %s main\n",
				uri, s->suites[i]);
	}
}

int apt_update(struct apt *apt, const char *const *suites, size_t n,
	       const struct why *why)
{
	static const char *const update[] = {"get", "update", "-q", NULL};
	const struct sources sources = {apt, suites, n};
	const struct why failed = {apt->failed, sizeof(apt->failed)};
	char path[PATH_MAX];
	struct capture cap;
	int ret = in_dir(path, apt, "sources.list");

	if (!ret)
		ret = replace_file(path, sources_writer, &sources, why);
	if (ret)
		return ret;
	/* A suite that has left the mirror fails it, too: what was read may
	 * be enough. */
	apt->failed[0] = 0;
	ret = apt_run(apt, update, NULL, &cap, &failed);
	free(cap.out);
	return ret == -EINTR ? fault(why, ret, "interrupted") : 0;
}
