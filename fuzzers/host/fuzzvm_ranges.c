// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads the debug information of a vmlinux: a compile unit's name says whether
 * its code is wanted. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzzvm_ranges.h"
#include "grow.h"

/* As far from _stext as coverage goes. */
#define TEXT_MOST (64ULL << 20)

struct found {
	uint64_t text; /* of _stext */
	struct fuzzvm_range *at;
	size_t n, room;
	bool no_memory;
};

static bool is_wanted(const char *name)
{
	static const char *const wanted[] = {"kernel/bpf/", "net/",
					     "arch/x86/net/",
					     "kernel/trace/bpf_trace.c"};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (strncmp(name, wanted[i], strlen(wanted[i])) == 0)
			return true;
	return false;
}

const char *source_below(Dwarf_Die *cu, const char *name)
{
	Dwarf_Attribute attr;
	const char *dir =
		dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	const size_t len = dir ? strlen(dir) : 0;

	if (len && strncmp(name, dir, len) == 0 && name[len] == '/')
		name += len + 1;
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	return name;
}

static void add(struct found *found, uint64_t from, uint64_t to)
{
	void *at;

	if (from < found->text || to <= from || to - found->text > TEXT_MOST)
		return;
	at = grow(found->at, found->n, &found->room, sizeof(*found->at));
	if (!at) {
		found->no_memory = true;
		return;
	}
	found->at = at;
	found->at[found->n++] = (struct fuzzvm_range){
		(uint32_t)(from - found->text), (uint32_t)(to - found->text)};
}

static void take_unit(struct found *found, Dwarf_Die *cu)
{
	const char *name = dwarf_diename(cu);
	Dwarf_Addr base, from, to;
	ptrdiff_t at = 0;

	if (!name || !is_wanted(source_below(cu, name)))
		return;
	while ((at = dwarf_ranges(cu, at, &base, &from, &to)) > 0)
		add(found, from, to);
}

static void take_units(struct found *found, Dwarf *dwarf)
{
	Dwarf_Off at = 0, next;
	size_t head;

	while (dwarf_nextcu(dwarf, at, &next, &head, NULL, NULL, NULL) == 0) {
		Dwarf_Die cu;

		if (dwarf_offdie(dwarf, at + head, &cu))
			take_unit(found, &cu);
		at = next;
	}
}

uint64_t elf_symbol(Elf *elf, const char *name)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Sym sym;

	while ((scn = elf_nextscn(elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_SYMTAB ||
		    !sh.sh_entsize)
			continue;
		data = elf_getdata(scn, NULL);
		for (size_t i = 0; data && i < sh.sh_size / sh.sh_entsize;
		     i++) {
			const char *is;

			if (!gelf_getsym(data, (int)i, &sym))
				continue;
			is = elf_strptr(elf, sh.sh_link, sym.st_name);
			if (is && strcmp(is, name) == 0)
				return sym.st_value;
		}
	}
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct fuzzvm_range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* Joins the two that stand closest to each other. */
static void join_closest(struct found *found)
{
	size_t best = 1;

	for (size_t i = 1; i < found->n; i++)
		if (found->at[i].from - found->at[i - 1].to <
		    found->at[best].from - found->at[best - 1].to)
			best = i;
	found->at[best - 1].to = found->at[best].to;
	memmove(&found->at[best], &found->at[best + 1],
		(found->n - best - 1) * sizeof(*found->at));
	found->n--;
}

/* In order, apart, and few. */
static void merge(struct found *found)
{
	size_t n = 0;

	if (found->n)
		qsort(found->at, found->n, sizeof(*found->at), by_start);
	for (size_t i = 0; i < found->n; i++) {
		if (n && found->at[i].from <= found->at[n - 1].to + 64) {
			if (found->at[i].to > found->at[n - 1].to)
				found->at[n - 1].to = found->at[i].to;
		} else {
			found->at[n++] = found->at[i];
		}
	}
	found->n = n;
	while (found->n > EXEC_RANGES)
		join_closest(found);
}

static int open_vmlinux(const char *vmlinux, const char *kernel)
{
	char path[PATH_MAX];
	struct stat st;
	int fd = -1;

	if (vmlinux)
		fd = open(vmlinux, O_RDONLY | O_CLOEXEC);
	else if (stat(kernel, &st))
		return -errno;
	else if (!S_ISDIR(st.st_mode))
		return -ENOENT;
	else if (snprintf(path, sizeof(path), "%s/vmlinux", kernel) <
		 (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int ranges_find(const char *vmlinux, const char *kernel,
		struct fuzzvm_range *ranges)
{
	int fd = open_vmlinux(vmlinux, kernel), ret;
	struct found found;
	Dwarf *dwarf;

	if (fd < 0)
		return fd;
	memset(&found, 0, sizeof(found));
	dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (dwarf) {
		found.text = elf_symbol(dwarf_getelf(dwarf), "_stext");
		if (found.text)
			take_units(&found, dwarf);
		dwarf_end(dwarf);
	}
	close(fd);
	merge(&found);
	ret = found.no_memory ? -ENOMEM : found.n ? (int)found.n : -ENODATA;
	if (ret > 0)
		memcpy(ranges, found.at, found.n * sizeof(*ranges));
	free(found.at);
	return ret;
}
