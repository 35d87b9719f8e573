/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs one program as root in a throwaway virtual machine, from C. */
#ifndef BPFVM_BPFVM_H
#define BPFVM_BPFVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bpfvm_accel { BPFVM_ACCEL_AUTO, BPFVM_ACCEL_KVM, BPFVM_ACCEL_TCG };

/** How a run ended. */
enum bpfvm_outcome {
	BPFVM_EXITED,	   /**< program exited; status: exit status 0..255 */
	BPFVM_SIGNALED,	   /**< program was killed; status: the signal */
	BPFVM_PANIC,	   /**< kernel panicked, reset or powered off */
	BPFVM_TIMEOUT,	   /**< no end within timeout_s */
	BPFVM_NO_BOOT,	   /**< our init never came up, retries included */
	BPFVM_VMM_DIED,	   /**< QEMU itself failed or was killed */
	BPFVM_INTERRUPTED, /**< bpfvm_interrupt() was called */
	BPFVM_STOPPED,	   /**< output() or *stop was non-zero */
	BPFVM_ERROR,	   /**< host side, before boot: file, QEMU, space */
};

/** What a kernel reports about itself on its console. */
enum bpfvm_report_kind {
	BPFVM_REPORT_PANIC,
	BPFVM_REPORT_RESET,	 /**< without a panic: likely a triple fault */
	BPFVM_REPORT_REBOOT,	 /**< or power off, from inside */
	BPFVM_REPORT_OOPS,	 /**< page, protection fault, bad opcode, ... */
	BPFVM_REPORT_BUG,	 /**< "kernel BUG at", "BUG: ..." */
	BPFVM_REPORT_CORRUPTION, /**< of a list */
	BPFVM_REPORT_KASAN,	 /**< KMSAN, too */
	BPFVM_REPORT_KFENCE,
	BPFVM_REPORT_UBSAN,
	BPFVM_REPORT_LOCKDEP, /**< RCU usage and wait contexts, too */
	BPFVM_REPORT_WARNING,
	BPFVM_REPORT_KCSAN,
	BPFVM_REPORT_STALL, /**< of RCU or a workqueue */
	BPFVM_REPORT_SOFT_LOCKUP,
	BPFVM_REPORT_HARD_LOCKUP,
	BPFVM_REPORT_HUNG_TASK,
	BPFVM_REPORT_OOM_KILL,
};

#define BPFVM_REPORTS_MOST 8
/** Bytes that a program can be given on its stdin. */
#define BPFVM_INPUT_MOST 32768

/** One report; repetitions of it are counted. Printable ASCII. */
struct bpfvm_report {
	enum bpfvm_report_kind kind;
	unsigned count;
	char title[160];  /**< one line, without processor and process */
	char trace[6144]; /**< cut out of the console, lines end in \n */
};

/** "oops", "warning", "soft lockup": never NULL. */
const char *bpfvm_report_name(enum bpfvm_report_kind kind);

/**
 * Whether such a kernel is broken: false for warnings, data races, stalls,
 * lockups, hung tasks and OOM kills, which load or policy may bring about.
 */
bool bpfvm_report_is_broken(enum bpfvm_report_kind kind);

/** A file or directory that the guest gets from the host or gives to it. */
struct bpfvm_file {
	const char *host;
	const char *guest; /**< absolute path; NULL: where it is on the host */
};

/** What to run; start from bpfvm_config_init(). */
struct bpfvm_config {
	/** bzImage, vmlinux, .deb, build tree, debian:VERSION, or host */
	const char *kernel;
	/** NULL-terminated. argv[0] is a host path that is brought along with
	 * its loader and libraries; without a slash it is sought in PATH. */
	char *const *argv;
	const struct bpfvm_file *files;
	size_t n_files;
	/** Sent once the guest is up, before the program starts: no part of a
	 * template, so these may differ from clone to clone. */
	const struct bpfvm_file *late_files;
	size_t n_late_files;
	/** What to copy out of the guest once the program has ended, however:
	 * guest is absolute; host is where to, NULL: into the working
	 * directory. Links and devices are left out, and said. */
	const struct bpfvm_file *out_files;
	size_t n_out_files; /**< at most 32 */
	uint64_t out_max;   /**< bytes, all together; 0: 1 GiB */
	/** Names of kernel modules to load before the program starts, with
	 * those that they need; of the kernel's package or build tree. */
	const char *const *modules;
	size_t n_modules;
	const char *append; /**< more kernel command line, or NULL */
	/** The guest's architecture: one of bpfvm_arch_name(), or the name that
	 * the kernel or Debian has for it. NULL: the host's. */
	const char *arch;
	unsigned mem_mib;   /**< 0: 512 */
	unsigned cpus;	    /**< 0: 1 */
	unsigned timeout_s; /**< from the program's start; 0: 60 */
	enum bpfvm_accel accel;
	/** Start from a saved boot in the cache, which is made if it is not
	 * there. Where that cannot be, a note says so and the boot is cold. */
	bool clone;
	/** Output and files go through memory shared with the guest, a power
	 * of two MiB of it (0: 1), half of which is the user's window. Without
	 * it, and where the guest cannot map it, over the serial port. */
	unsigned bulk_mib;
	bool no_bulk;
	/** Called before the program starts with the host's mapping of the
	 * window, and after the VM's end with NULL; until then the guest may
	 * change it at any time. The program maps it with bpfvm/guest.h. Not
	 * called where there is no window. NULL: not wanted. */
	void (*window)(void *ctx, void *mem, size_t size);
	/** What the program reads from its stdin, at most BPFVM_INPUT_MOST
	 * bytes; NULL: it reads /dev/null. */
	const void *input;
	size_t input_len;
	/** With clone: the program is run until it writes a byte to the file
	 * descriptor that $BPFVM_READY names, and saved then; every clone goes
	 * on from there, with its own input. It has 30 seconds for that, and
	 * what it writes to stdout and stderr before must be less than 64 KiB.
	 * Without clone the byte goes nowhere. */
	bool await_ready;
	const char *qemu; /**< NULL: $BPFVM_QEMU, the fetched one, PATH */
	/** ELF of the kernel with symbols and debug information, by which
	 * traces get file:line. NULL: that of a build tree, where it is one. */
	const char *vmlinux;
	/** Kept always when given; NULL: in the cache, only after a fault or
	 * a report. */
	const char *console_log;
	/** The program's output, stream 1 or 2, never more than 65536 bytes.
	 * Non-zero stops the VM. NULL: copied to fd 1 and 2. */
	int (*output)(void *ctx, int stream, const void *data, size_t len);
	/** Non-zero, set by another thread at any time, stops the VM within
	 * tens of milliseconds. NULL: not wanted. */
	const volatile int *stop;
	/** A line for people, without newline. NULL: stderr. */
	void (*note)(void *ctx, const char *line);
	/** The guest's console as it comes, untrusted bytes. NULL: ignored. */
	void (*console)(void *ctx, const void *data, size_t len);
	void *ctx;
};

struct bpfvm_result {
	enum bpfvm_outcome outcome;
	int status;
	char release[65]; /**< uname -r as the guest said, printable */
	char reason[256]; /**< one line: what happened, on what, what next */
	char console_log[4096]; /**< path of the log that was kept, or "" */
	bool command_failed; /**< BPFVM_ERROR: argv[0] is missing or cannot run
			      */
	bool kvm;	     /**< the accelerator used */
	bool cloned;	     /**< it was started from a template */
	unsigned attempts;   /**< boots it took */
	double boot_s;	     /**< start of the good QEMU to our init's word */
	double total_s;
	/** What the kernel reported, whatever the outcome: a program may exit
	 * with 0 and leave a warning behind. In order of appearance. */
	unsigned n_reports, reports_lost; /**< lost: beyond the bound */
	struct bpfvm_report reports[BPFVM_REPORTS_MOST];
};

/** Sets every field to its default. */
void bpfvm_config_init(struct bpfvm_config *cfg);

/**
 * Boots a VM, runs the program, throws the VM away. Several threads may do so
 * at once. *res is always filled.
 *
 * Returns 0 when there is a verdict in res->outcome, or -errno with
 * BPFVM_ERROR: -ENOENT and -EACCES speak of argv[0] or a file named in *cfg,
 * -ENOEXEC of the kernel, -ENOSPC of memory or disk.
 */
int bpfvm_run(const struct bpfvm_config *cfg, struct bpfvm_result *res);

/**
 * Ends every bpfvm_run() of the process with BPFVM_INTERRUPTED, those that
 * start later too. Async-signal-safe.
 */
void bpfvm_interrupt(void);

/**
 * Finds the kernel image (bzImage or vmlinux) that SPEC means, and fetches or
 * unpacks it into the cache if need be. path gets at most size bytes, why at
 * most why_size bytes of a line for people on failure.
 *
 * Returns 0 or -errno.
 */
int bpfvm_kernel_resolve(const char *spec, char *path, size_t size, char *why,
			 size_t why_size);
/** The same for guests of the architecture arch; NULL: the host's. */
int bpfvm_kernel_resolve_for(const char *arch, const char *spec, char *path,
			     size_t size, char *why, size_t why_size);

/**
 * Calls each() for every kernel of an architecture (NULL: the host's) that the
 * cache holds, in the order of versions: spec is what it was fetched as
 * (debian:6.12), path its image.
 *
 * Returns 0 or -errno, and then why has a line for people.
 */
int bpfvm_kernel_each(const char *arch,
		      void (*each)(void *ctx, const char *spec,
				   const char *path),
		      void *ctx, char *why, size_t why_size);

/**
 * Opens the uncompressed vmlinux ELF that a kernel image holds (from a bzImage
 * by unpacking it into memory).
 *
 * Returns a file descriptor that the caller closes, or -errno.
 */
int bpfvm_kernel_vmlinux(const char *path, char *why, size_t why_size);

/**
 * Makes sure that there is a QEMU whose TCG can be trusted (10.0 or newer):
 * the one in PATH, or one brought into the cache with apt. Needs no root.
 *
 * Returns 0 or -errno.
 */
int bpfvm_fetch_qemu(char *why, size_t why_size);
/** The same for guests of the architecture arch; NULL: the host's. */
int bpfvm_fetch_qemu_for(const char *arch, char *why, size_t why_size);

/**
 * Brings Debian packages of a foreign architecture and all that they need into
 * the cache with apt, as a root of their own: compilers find headers there
 * (--sysroot), and bpfvm_run() the libraries of a foreign program. Those that
 * were brought before stay. packages ends with NULL; path gets where they are.
 *
 * Returns 0 or -errno.
 */
int bpfvm_fetch_libs(const char *arch, const char *const *packages, char *path,
		     size_t size, char *why, size_t why_size);

/** The n-th known architecture, the host's first; NULL past the last. */
const char *bpfvm_arch_name(size_t n);
/** Our name for what goes by this name, or NULL with a reason. */
const char *bpfvm_arch_find(const char *name, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif

#endif
