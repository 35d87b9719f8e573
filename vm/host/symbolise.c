/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Gives the addresses of a trace the file and line that they stand for. */
#include <ctype.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

#define PLACES_MOST 64
/* A vmlinux with DWARF takes a second or two. */
#define TOOL_PATIENCE_S 60

/* One "function+0x12/0x34" of a trace. */
struct place {
	const char *name;
	size_t len;
	const char *end; /* where it ends in the trace */
	uint64_t offset, size;
	bool exact;    /* no return address: the instruction itself */
	uint64_t addr; /* of the function; found says whether */
	uint64_t off_by;
	bool found;
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

/* The instruction pointer of a register dump, against a return address. */
static bool is_exact(const char *text, const char *at)
{
	const char *line = at;

	while (line > text && line[-1] != '\n')
		line--;
	return !strncmp(line, "RIP: ", 5) || !strncmp(line, "pc : ", 5) ||
	       !strncmp(line, "WARNING: ", 9);
}

static size_t find_places(const char *text, struct place *places)
{
	const char *p = text, *name;
	struct place *pl;
	size_t n = 0;
	char *end;

	while (n < PLACES_MOST && (p = strstr(p, "+0x"))) {
		for (name = p; name > text && is_name(name[-1]); name--)
			;
		pl = &places[n];
		memset(pl, 0, sizeof(*pl));
		pl->name = name;
		pl->len = p - name;
		pl->offset = strtoull(p + 1, &end, 16);
		p = end;
		if (!pl->len || strncmp(p, "/0x", 3))
			continue;
		pl->size = strtoull(p + 1, &end, 16);
		pl->end = p = end;
		pl->exact = is_exact(text, name);
		/* A module's: not in vmlinux. What never returns is called
		 * by the last instruction. */
		if (pl->offset <= pl->size && strncmp(p, " [", 2))
			n++;
	}
	return n;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

/* Static functions share names; the size, which kallsyms rounds up to the
 * next symbol, tells them apart. */
static void try_symbol(struct place *places, size_t n, const Elf64_Sym *sym,
		       const char *name, size_t room)
{
	uint64_t off_by;
	size_t i;

	for (i = 0; i < n; i++) {
		if (places[i].len >= room || name[places[i].len] ||
		    memcmp(name, places[i].name, places[i].len))
			continue;
		off_by = distance(sym->st_size, places[i].size);
		if (places[i].found && off_by >= places[i].off_by)
			continue;
		places[i].found = true;
		places[i].off_by = off_by;
		places[i].addr = sym->st_value;
	}
}

static bool section(const struct elf_file *f, uint64_t i, Elf64_Shdr *sh)
{
	Elf64_Ehdr eh;

	memcpy(&eh, f->map, sizeof(eh));
	if (i >= eh.e_shnum || eh.e_shentsize != sizeof(*sh) ||
	    eh.e_shoff > f->size || (f->size - eh.e_shoff) / sizeof(*sh) <= i)
		return false;
	memcpy(sh, f->map + eh.e_shoff + i * sizeof(*sh), sizeof(*sh));
	return sh->sh_type == SHT_NOBITS ||
	       (sh->sh_offset <= f->size &&
		sh->sh_size <= f->size - sh->sh_offset);
}

static void look_up(const struct elf_file *f, struct place *places, size_t n)
{
	Elf64_Shdr tab, str;
	Elf64_Sym sym;
	uint64_t i;

	if (!elf_is(f) || f->map[EI_CLASS] != ELFCLASS64 ||
	    f->map[EI_DATA] != ELFDATA2LSB)
		return;
	for (i = 0; section(f, i, &tab) && tab.sh_type != SHT_SYMTAB; i++)
		;
	if (!section(f, i, &tab) || !section(f, tab.sh_link, &str) ||
	    str.sh_type != SHT_STRTAB)
		return;
	for (i = 0; i < tab.sh_size / sizeof(sym); i++) {
		memcpy(&sym, f->map + tab.sh_offset + i * sizeof(sym),
		       sizeof(sym));
		if (ELF64_ST_TYPE(sym.st_info) == STT_FUNC &&
		    sym.st_name < str.sh_size)
			try_symbol(places, n, &sym,
				   (const char *)f->map + str.sh_offset +
					   sym.st_name,
				   str.sh_size - sym.st_name);
	}
}

/* One line of output for each place that was found. */
static int ask(bool llvm, const char *vmlinux, const struct place *places,
	       size_t n, struct capture *cap)
{
	const char *argv[PLACES_MOST + 16] = {NULL};
	char addr[PLACES_MOST][24];
	size_t argc = 0, i;
	int ret;

	if (llvm) {
		argv[argc++] = "llvm-symbolizer";
		argv[argc++] = "--output-style=GNU";
		argv[argc++] = "--functions=none";
		argv[argc++] = "--no-inlines";
	} else {
		argv[argc++] = "addr2line";
	}
	argv[argc++] = "-e";
	argv[argc++] = vmlinux;
	for (i = 0; i < n; i++) {
		if (!places[i].found)
			continue;
		snprintf(addr[i], sizeof(addr[i]), "0x%llx",
			 (unsigned long long)(places[i].addr +
					      places[i].offset -
					      (!places[i].exact &&
					       places[i].offset)));
		argv[argc++] = addr[i];
	}
	ret = run_command_for(TOOL_PATIENCE_S, argv, NULL, cap, NULL);
	if (!ret && cap->status) {
		free(cap->out);
		ret = -1;
	}
	return ret;
}

/* Source files in the tree of the vmlinux are named from its top. */
static void short_place(char *buf, size_t size, const char *said,
			const char *vmlinux)
{
	const char *slash = strrchr(vmlinux, '/');
	size_t top = slash ? slash - vmlinux + 1 : 0;

	if (top && !strncmp(said, vmlinux, top))
		said += top;
	printable(buf, size, said, strcspn(said, "\n "));
}

static void annotate(struct bpfvm_report *r, const struct place *places,
		     size_t n, const char *said, const char *vmlinux)
{
	char text[sizeof(r->trace)], where[200];
	const char *from = r->trace;
	size_t used = 0, i;
	int len;

	for (i = 0; i < n && said && *said; i++) {
		if (!places[i].found)
			continue;
		short_place(where, sizeof(where), said, vmlinux);
		said = strchr(said, '\n');
		if (said)
			said++;
		if (*where == '?' || strstr(where, ":?") || strstr(where, ":0"))
			continue;
		len = snprintf(text + used, sizeof(text) - used, "%.*s (%s)",
			       (int)(places[i].end - from), from, where);
		/* The rest must fit, too. */
		if (len < 0 ||
		    used + len + strlen(places[i].end) >= sizeof(text))
			break;
		used += len;
		from = places[i].end;
	}
	snprintf(text + used, sizeof(text) - used, "%s", from);
	memcpy(r->trace, text, sizeof(text));
}

void symbolise(struct bpfvm_report *r, const char *vmlinux)
{
	struct place places[PLACES_MOST];
	size_t n = find_places(r->trace, places), i, found = 0;
	char real[PATH_MAX];
	struct elf_file f;
	struct capture cap;

	if (!n || !realpath(vmlinux, real) || elf_open(&f, real))
		return;
	look_up(&f, places, n);
	elf_close(&f);
	for (i = 0; i < n; i++)
		found += places[i].found;
	if (!found || (ask(false, real, places, n, &cap) &&
		       ask(true, real, places, n, &cap)))
		return;
	annotate(r, places, n, cap.out, real);
	free(cap.out);
}
