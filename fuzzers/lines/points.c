// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Finds the points by the calls' bytes: nothing else in a function's code is a
 * near call to that address. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/fuzzvm_ranges.h"
#include "host/grow.h"
#include "lines/points.h"

enum { CALL = 0xe8, CALL_SIZE = 5 };

struct point {
	uint64_t pc;
	bool reached;
};

struct reading {
	Dwarf *dwarf;
	Elf *elf;
	uint64_t text, trace; /* _stext and the function that is called */
	const char *under;
	const struct pcs *pcs;
	struct points *points;
	struct point *unit; /* the points of this compile unit */
	size_t n_unit, room_unit;
	bool no_memory;
};

static bool is_under(const struct reading *r, const char *file)
{
	return strncmp(file, r->under, strlen(r->under)) == 0;
}

static void add(struct reading *r, Dwarf_Die *cu, const char *file, int line,
		bool reached)
{
	struct points *p = r->points;
	void *at;

	if (!file || line <= 0 || !is_under(r, source_below(cu, file)))
		return;
	at = grow(p->at, p->n, &p->room, sizeof(*p->at));
	if (!at) {
		r->no_memory = true;
		return;
	}
	p->at = at;
	p->at[p->n++] = (struct line){source_below(cu, file),
				      (unsigned int)line, reached};
}

int pcs_ascending(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A point is the call at PC; KCOV has the address that it returns to. */
static void take_point(struct reading *r, Dwarf_Die *cu, uint64_t pc)
{
	const uint32_t key = (uint32_t)(pc + CALL_SIZE - r->text);
	const struct point point = {
		pc, r->pcs->n && bsearch(&key, r->pcs->at, r->pcs->n,
					 sizeof(key), pcs_ascending)};
	Dwarf_Line *row = dwarf_getsrc_die(cu, pc);
	int line = 0;
	void *at;

	at = grow(r->unit, r->n_unit, &r->room_unit, sizeof(*r->unit));
	if (!at) {
		r->no_memory = true;
		return;
	}
	r->unit = at;
	r->unit[r->n_unit++] = point;
	r->points->calls++;
	r->points->reached += point.reached;
	if (row && dwarf_lineno(row, &line) == 0)
		add(r, cu, dwarf_linesrc(row, NULL, NULL), line, point.reached);
}

/* The bytes from FROM, up to LEFT of them. */
static const unsigned char *code(Elf *elf, uint64_t from, uint64_t *left)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_PROGBITS ||
		    !(sh.sh_flags & SHF_EXECINSTR) || from < sh.sh_addr ||
		    from - sh.sh_addr >= sh.sh_size)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data || data->d_size != sh.sh_size)
			return NULL;
		*left = sh.sh_size - (from - sh.sh_addr);
		return (const unsigned char *)data->d_buf + (from - sh.sh_addr);
	}
	return NULL;
}

static void take_range(struct reading *r, Dwarf_Die *cu, uint64_t from,
		       uint64_t to)
{
	uint64_t left, i;
	const unsigned char *at = code(r->elf, from, &left);

	if (!at || from < r->text)
		return;
	if (to - from < left)
		left = to - from;
	for (i = 0; i + CALL_SIZE <= left; i++) {
		int32_t by;

		if (at[i] != CALL)
			continue;
		memcpy(&by, at + i + 1, sizeof(by));
		if (from + i + CALL_SIZE + (uint64_t)(int64_t)by == r->trace)
			take_point(r, cu, from + i);
	}
}

static int compare_point(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return x->pc < y->pc ? -1 : x->pc > y->pc;
}

/* The line that DIE was inlined into has the points between FROM and TO, too.
 */
static void take_inlined(struct reading *r, Dwarf_Die *cu, Dwarf_Die *die,
			 uint64_t from, uint64_t to)
{
	size_t low = 0, high = r->n_unit;
	Dwarf_Word file, line;
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	size_t n;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attr), &file) ||
	    dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attr), &line) ||
	    dwarf_getsrcfiles(cu, &files, &n) || file >= n)
		return;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (r->unit[mid].pc < from)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < r->n_unit && r->unit[low].pc < to; low++)
		add(r, cu, dwarf_filesrc(files, file, NULL, NULL), (int)line,
		    r->unit[low].reached);
}

/* All that is inlined within DIE, of CU. */
static void take_tree(struct reading *r, Dwarf_Die *cu, Dwarf_Die *die)
{
	Dwarf_Addr base, from, to;
	ptrdiff_t range = 0;
	Dwarf_Die child;

	if (dwarf_tag(die) == DW_TAG_inlined_subroutine)
		while ((range = dwarf_ranges(die, range, &base, &from, &to)) >
		       0)
			take_inlined(r, cu, die, from, to);
	if (dwarf_child(die, &child))
		return;
	do
		take_tree(r, cu, &child);
	while (dwarf_siblingof(&child, &child) == 0);
}

static void take_unit(struct reading *r, Dwarf_Die *cu)
{
	Dwarf_Addr base, from, to;
	ptrdiff_t range = 0;

	r->n_unit = 0;
	while ((range = dwarf_ranges(cu, range, &base, &from, &to)) > 0)
		take_range(r, cu, from, to);
	if (!r->n_unit)
		return;
	qsort(r->unit, r->n_unit, sizeof(*r->unit), compare_point);
	take_tree(r, cu, cu);
}

static void take_units(struct reading *r)
{
	Dwarf_Off at = 0, next;
	size_t head;

	while (dwarf_nextcu(r->dwarf, at, &next, &head, NULL, NULL, NULL) ==
	       0) {
		const char *name;
		Dwarf_Die cu;

		if (dwarf_offdie(r->dwarf, at + head, &cu) &&
		    (name = dwarf_diename(&cu)) &&
		    is_under(r, source_below(&cu, name)))
			take_unit(r, &cu);
		at = next;
	}
	free(r->unit);
}

static int compare_line(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	const int by_file = strcmp(x->file, y->file);

	if (by_file)
		return by_file;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* A line is reached if any of its points is. */
static void unite(struct points *p)
{
	size_t i, n = 0;

	if (p->n)
		qsort(p->at, p->n, sizeof(*p->at), compare_line);
	for (i = 0; i < p->n; i++) {
		if (n && compare_line(&p->at[n - 1], &p->at[i]) == 0)
			p->at[n - 1].reached |= p->at[i].reached;
		else
			p->at[n++] = p->at[i];
	}
	p->n = n;
}

static int read_all(struct reading *r, const char **why)
{
	r->elf = dwarf_getelf(r->dwarf);
	r->text = elf_symbol(r->elf, "_stext");
	r->trace = elf_symbol(r->elf, "__sanitizer_cov_trace_pc");
	*why = "a kernel without KCOV; make kernel builds one that has it";
	if (!r->text || !r->trace)
		return -ENOENT;
	take_units(r);
	*why = strerror(ENOMEM);
	if (r->no_memory)
		return -ENOMEM;
	unite(r->points);
	*why = "no instrumented code there";
	return r->points->calls ? 0 : -ENOENT;
}

int points_read(const char *vmlinux, const char *under, const struct pcs *pcs,
		struct points *points, const char **why)
{
	struct reading r = {.under = under, .pcs = pcs, .points = points};
	int fd = open(vmlinux, O_RDONLY | O_CLOEXEC), ret;

	memset(points, 0, sizeof(*points));
	*why = strerror(errno);
	if (fd < 0)
		return -errno;
	r.dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (r.dwarf) {
		points->dwarf = r.dwarf;
		ret = read_all(&r, why);
	} else {
		*why = "no debug information";
		ret = -ENOEXEC;
	}
	close(fd);
	if (ret)
		points_free(points);
	return ret;
}

void points_free(struct points *points)
{
	if (points->dwarf)
		dwarf_end(points->dwarf);
	free(points->at);
	memset(points, 0, sizeof(*points));
}
