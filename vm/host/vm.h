/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of libbpfvm share among themselves. */
#ifndef BPFVM_VM_H
#define BPFVM_VM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpfvm/bpfvm.h"
#include "faults.h"

/* A line for people about a failure, and room for it. */
struct why {
	char *buf;
	size_t size;
};

/* Writes the line, returns err, so that a failure is one statement. */
__attribute__((format(printf, 3, 4))) int fault(const struct why *why, int err,
						const char *fmt, ...);

/* util.c */
extern volatile bool vm_interrupted;
double now_s(void);
void printable(char *dst, size_t size, const char *src, size_t len);
int write_all(int fd, const void *data, size_t len);
/* $XDG_CACHE_HOME/bpfsys/<sub>, made if it is missing. */
int cache_dir(char *path, size_t size, const char *sub, const struct why *why);
int make_dirs(const char *path);
/* Like snprintf(), but -ENAMETOOLONG when it does not fit. */
__attribute__((format(printf, 3, 4))) int path_fmt(char *path, size_t size,
						   const char *fmt, ...);
int remove_tree(const char *path);
/* Locks <dir>/lock; the returned fd releases it when closed. */
int lock_dir(const char *dir, const struct why *why);
/* Whether the user wants this VM to end. */
bool is_stopped(const struct bpfvm_config *cfg);
/* Whether that entry of a cache directory is there, which is used now: for
 * USED_S seconds it will not be pruned. */
#define USED_S 600
bool is_used(const char *path);
/* Removes the oldest entries but for keep of them, and but for what was used in
 * the last young_s seconds; and what killed processes have left as ".tmp-*". */
void prune_dir(const char *dir, unsigned keep, unsigned young_s);
void say(const struct bpfvm_config *cfg, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* hash.c */
#define HASH_TEXT 33
struct hash {
	uint64_t high, low;
};
void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t len);
void hash_text(struct hash *h, const char *text);
/* Name, inode, size, mtime and ctime of a file, which no change of its content
 * leaves alone; -1 if it cannot be had. */
int hash_identity(struct hash *h, const char *path);
int hash_content(struct hash *h, int fd);
void hash_hex(const struct hash *h, char text[HASH_TEXT]);

/* spawn.c */
struct capture {
	char *out; /* stdout, NUL-terminated, or NULL */
	size_t len;
	int status; /* as waitpid() gives it */
};
/* Runs argv to its end with LC_ALL=C; err (may be NULL) gets its last line of
 * stderr. -errno if it could not be run or its output was too much. */
int run_command(const char *const *argv, const char *dir, struct capture *cap,
		const struct why *err);
/* For so many seconds at most, then -ETIMEDOUT. */
int run_command_for(unsigned seconds, const char *const *argv, const char *dir,
		    struct capture *cap, const struct why *err);

/* arch.c: the guest's architecture, one row for each */
struct elf_file;
enum image_kind { IMAGE_X86, IMAGE_ARM64, IMAGE_S390, IMAGE_RISCV };
struct arch {
	const char *name, *other; /* ours, and what some call it, too */
	const char *debian;	  /* Debian's name of it */
	const char *triplet;	  /* of its library directories */
	const char *flavour;	  /* of Debian's kernel packages */
	uint16_t machine;	  /* of ELF; wide: 64 bit; big: endian */
	bool wide, big;
	enum image_kind image;
	const char *tree[4]; /* images in a build tree, the best first */
	const char *qemu, *qemu_package;
	const char *board, *cpu; /* -machine and -cpu */
	const char *line;	 /* of the kernel: console and control */
	const char *devices[8];	 /* QEMU's arguments for these */
	const char *module;	 /* driver of control, or NULL: surely there */
	bool bulk; /* its init has been seen to map the bulk channel */
	const uint8_t *init;
	const uint64_t *init_size;
};
const struct arch *arch_native(void);
const struct arch *arch_nth(size_t n); /* NULL past the last */
/* NULL: the native one; returns NULL for an unknown name. */
const struct arch *arch_find(const char *name, const struct why *why);
bool arch_is_native(const struct arch *arch);
/* NULL: a program of none that we know */
const struct arch *arch_of_elf(const struct elf_file *elf);
/* NAME, or NAME-ARCH for what is not the host's: a place in the cache. */
int arch_file(char *path, size_t size, const char *name,
	      const struct arch *arch);
/* Whether there is an init for it. */
int arch_check_init(const struct arch *arch, const struct why *why);

/* elf.c: all that is read of ELF files, bounds checked */
struct elf_file {
	const uint8_t *map;
	size_t size;
};
int elf_open(struct elf_file *elf, const char *path);
void elf_close(struct elf_file *elf);
bool elf_is(const struct elf_file *elf);
bool elf_same_arch(const struct elf_file *a, const struct elf_file *b);
bool elf_is_of(const struct elf_file *elf, const struct arch *arch);
/* PT_INTERP, or NULL */
const char *elf_interp(const struct elf_file *elf);
/* The n-th string of dynamic tag, or NULL */
const char *elf_dynamic(const struct elf_file *elf, int64_t tag, unsigned n);
/* True if QEMU can start it by the PVH protocol. */
bool elf_has_pvh(const struct elf_file *elf);
/* Bytes that the program headers say there are. */
uint64_t elf_extent(const struct elf_file *elf);
bool elf_is_kernel(const struct elf_file *elf);

/* elfdeps.c: calls bring() for every file that program needs to run, with its
 * place on the host and in the guest */
typedef int (*bring_fn)(void *ctx, const char *host, const char *guest);
int elf_deps(const char *program, const struct arch *arch, bring_fn bring,
	     void *ctx, const struct why *why);

/* initramfs.c: the archive as a memfd */
struct program {
	char host[PATH_MAX];  /* the file */
	char guest[PATH_MAX]; /* where it will be */
};
int program_find(const char *name, struct program *prog, const struct why *why);
/* -ENOEXEC: an ELF file that such a guest cannot execute */
int program_fits(const char *path, const struct arch *arch,
		 const struct why *why);
int initramfs_build(const struct arch *arch, const struct program *prog,
		    const struct bpfvm_file *files, size_t n_files,
		    const struct why *why);

/* What would go into it: files by their identity. */
int initramfs_hash(const struct arch *arch, const struct program *prog,
		   const struct bpfvm_file *files, size_t n_files,
		   struct hash *id, const struct why *why);

/* kernel.c */
struct kernel {
	int fd;	  /* what QEMU is given: an image or PVH vmlinux */
	bool elf; /* that it is the latter */
};
int kernel_load(const struct arch *arch, const char *path,
		struct kernel *kernel, const struct why *why);
uint32_t le32(const uint8_t *p);
/* What is packed in any of the usual ways, as a memfd. size: what it has to
 * be, 0: any. -ENOEXEC: not packed in a way that we know. */
int unpack_memory(const uint8_t *data, size_t len, uint64_t size);
/* -ENOEXEC: there is less than it says it has */
int check_whole(const char *path, const char *what, uint64_t there,
		uint64_t wanted, const struct why *why);
/* image.c: the kernels of other architectures than x86 */
bool image_is(const struct elf_file *f, enum image_kind kind);
/* Whose image it is: NULL if of none that we know */
const struct arch *image_arch(const struct elf_file *f);
int image_load(const struct elf_file *f, const struct arch *arch,
	       const char *path, struct kernel *kernel, const struct why *why);
/* deb.c: the first member of a .deb's data that accept() likes, written to
 * the file dst */
int deb_extract(const char *deb, bool (*accept)(const char *name),
		const char *dst, const struct why *why);
int deb_unpack(const char *deb, const char *dir, const struct why *why);
bool deb_is_kernel_member(const char *name);

/* modpackage.c: where the modules of a kernel's .deb have been unpacked */
#define MODULES_PACKAGE "linux-modules-"
bool is_deb_name(const char *name);
int modpackage_root(const char *image_deb, bool may_fetch, char *root,
		    const struct why *why);

/* modules.c: what is to be loaded, in that order */
#define MODULES_MOST 64
struct modules {
	const char *spec; /* of the kernel */
	const char *dir;  /* in the guest */
	size_t n;
	char *host[MODULES_MOST];
	char name[MODULES_MOST][128], guest[MODULES_MOST][160];
};
int modules_find(const struct bpfvm_config *cfg, const char *image,
		 struct modules *m, const struct why *why);
/* What arch's control port needs where it is not built in; nothing if it
 * cannot be found: it may be built in. */
int modules_early(const struct arch *arch, const struct bpfvm_config *cfg,
		  const char *image, struct modules *m);
void modules_free(struct modules *m);

/* apt.c: apt with a configuration and state of our own */
struct apt {
	char dir[PATH_MAX];
	char main_uri[1024], security_uri[1024]; /* "": the host has none */
	char codename[32];			 /* of the host's suites */
	const struct arch *arch;		 /* of the packages */
	char failed[256]; /* what the last update could not get, or "" */
};
/* Uses <cache>/<name>; real_status: what is installed on the host counts. */
int apt_open(struct apt *apt, const struct arch *arch, const char *name,
	     bool real_status, const struct why *why);
/* Reads the lists of these suites, and of no others. */
int apt_update(struct apt *apt, const char *const *suites, size_t n,
	       const struct why *why);
/* Runs "apt-<args[0]> args[1]..." in dir; its failure is one, too. */
int apt_run(const struct apt *apt, const char *const *args, const char *dir,
	    struct capture *cap, const struct why *why);
/* apt_tree.c: downloads packages and all that they need and apt does not think
 * is there, to dir, and unpacks them to root; version becomes that of the
 * first one. suite: to be preferred, or NULL. */
int apt_tree(const struct apt *apt, const char *suite,
	     const char *const *packages, const char *dir, const char *root,
	     char version[128], const struct why *why);
/* Makes dir/name of root, and dir/link a symbolic link to it. */
int apt_tree_publish(const char *dir, const char *root, const char *name,
		     const char *link, const struct why *why);

/* sysroot.c: where the libraries of foreign programs are, or "" */
int sysroot_path(char *path, size_t size, const struct arch *arch);

/* debian.c */
int debian_kernel(const struct arch *arch, const char *version, char *path,
		  size_t size, const struct why *why);
/* Orders package versions as dpkg does. */
int debian_compare(const char *a, const char *b);
/* 6.1 is 6.1.192-2 and not 6.12.1-1. */
bool debian_version_matches(const char *pkg_version, const char *want);
/* Which of two packages of one version has the image; 0: none has. */
int debian_image_rank(const struct arch *arch, const char *package);

/* qemu.c */
struct qemu {
	char path[PATH_MAX];
	char root[PATH_MAX]; /* of a fetched one, or "" */
	unsigned major;	     /* 0: not known */
};
int qemu_find(const struct arch *arch, const char *wanted, struct qemu *qemu,
	      const struct why *why);
/* Runs it once to fill in major, if that is not known yet. */
void qemu_version(struct qemu *qemu);
/* qemu_fetch.c: path of the one in the cache */
#define QEMU_TRUSTED 10 /* first major version whose TCG we trust */
bool find_program(const char *name, char *path);
/* A fetched QEMU finds its libraries by this setting. */
int qemu_library_path(char *buf, size_t size, const char *root);
int qemu_private_root(const struct arch *arch, char *root, size_t size);

struct vm {
	pid_t pid;
	int control, console, errors, qmp; /* -1 when closed */
};
enum vm_mode {
	VM_COLD,
	VM_SAVE,  /* boots with its RAM in ram, then is saved to state */
	VM_CLONE, /* is loaded from both; needs no kernel and no initrd */
};
struct vm_setup {
	const struct bpfvm_config *cfg;
	const struct arch *arch;
	const struct qemu *qemu;
	const struct kernel *kernel; /* VM_CLONE: elf only */
	const char *program;	     /* its path in the guest */
	int initrd;
	bool kvm, chatty;
	enum vm_mode mode;
	int state, ram;	  /* VM_SAVE: to be written; VM_CLONE: to be read */
	size_t bulk_size; /* 0: no bulk channel */
	const struct bulk *bulk; /* its memory, or NULL */
};
int vm_start(struct vm *vm, const struct vm_setup *setup,
	     const struct why *why);
/* Kills and reaps; returns the wait status. */
int vm_end(struct vm *vm);
/* What the guest gets, 512 where none is asked for. */
unsigned vm_mem_mib(const struct bpfvm_config *cfg);
/* All that the machine and its kernel are told, file descriptors aside. */
int vm_hash(struct hash *h, const struct vm_setup *setup);

/* qmp.c: file descriptors are QEMU's own */
enum qmp_news { QMP_NOTHING, QMP_RESUMED, QMP_SAVED, QMP_FAILED, QMP_CLOSED };
struct qmp {
	char line[1024], said[256]; /* said: what QEMU refused, and why */
	size_t len;
};
int qmp_save(int qmp, int state);
int qmp_load(int qmp, int state);
enum qmp_news qmp_read(struct qmp *q, int fd);

/* template.c */
/* First major version that maps a file it may not write privately (8.2). */
#define QEMU_CLONES 9
struct template
{
	char key[HASH_TEXT];
	int state, ram;		 /* -1 when closed */
	bool elf;		 /* the kernel was a PVH ELF */
	char request[HASH_TEXT]; /* what its program was prepared for */
};
/* Names the template for setup, whose kernel is kernel_path's content; more is
 * what else went into it. */
int template_key(struct template *t, const struct vm_setup *setup,
		 const char *kernel_path, const struct hash *more,
		 const struct why *why);
/* -ENOENT: there is none but the one whose inode is avoid; -ESTALE: it is not
 * what was written. */
int template_open(struct template *t, ino_t avoid);
ino_t template_inode(const struct template *t);
void template_close(struct template *t);
/* The right to make one, given back by closing the fd. */
int template_lock(const struct bpfvm_config *cfg, const struct why *why);
/* Makes it in place of any that is there, and opens it. */
int template_make(struct template *t, const struct vm_setup *setup,
		  const struct why *why);

/* accel.c: what auto means here; 1 KVM, 0 TCG, -1 not known yet */
int accel_recall(const struct qemu *qemu);
void accel_remember(const struct qemu *qemu, bool kvm);

/* symbolise.c: adds " (file:line)" to every "function+0x1/0x2" of a trace that
 * vmlinux knows; without a tool or debug information nothing is done. */
void symbolise(struct bpfvm_report *report, const char *vmlinux);

/* console.c */
#define CONSOLE_KEEP (512 * 1024)
struct console {
	char *head, *tail;
	uint64_t total;
	char line[256]; /* the one being received */
	size_t line_len;
	char last[256], panic[256], bug[256];
	struct faults faults;
};
int console_init(struct console *con);
void console_free(struct console *con);
void console_add(struct console *con, const char *data, size_t len);
/* Writes the log to path, or to a new file in the cache when path is NULL;
 * where gets the path. */
int console_save(const struct console *con, const char *path, char *where,
		 size_t size, const struct why *why);

/* reports.c: fills in the result's reports, symbolised if that can be */
void reports_take(const struct bpfvm_config *cfg, struct bpfvm_result *res,
		  struct console *con);
/* Adds the symbolised traces to the console log that was kept. */
void reports_append(const struct bpfvm_result *res, const struct console *con);

#endif
