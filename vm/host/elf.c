/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads what we need of ELF files: 64 and 32 bit, of either
 * byte order. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

/* One program header, whatever the class. */
struct segment {
	uint32_t type;
	uint64_t offset, vaddr, filesz, memsz, paddr;
};

int elf_open(struct elf_file *elf, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = 0;
	struct stat st;
	void *map;

	elf->map = NULL;
	elf->size = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		ret = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		ret = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	} else if (st.st_size) {
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map == MAP_FAILED) {
			ret = -errno;
		} else {
			elf->map = map;
			elf->size = st.st_size;
		}
	}
	close(fd);
	return ret;
}

void elf_close(struct elf_file *elf)
{
	if (elf->map)
		munmap((void *)elf->map, elf->size);
	elf->map = NULL;
}

static bool is64(const struct elf_file *elf)
{
	return elf->map[EI_CLASS] == ELFCLASS64;
}

bool elf_is(const struct elf_file *elf)
{
	if (elf->size < sizeof(Elf32_Ehdr) ||
	    memcmp(elf->map, ELFMAG, SELFMAG) ||
	    (elf->map[EI_DATA] != ELFDATA2LSB &&
	     elf->map[EI_DATA] != ELFDATA2MSB))
		return false;
	return is64(elf) ? elf->size >= sizeof(Elf64_Ehdr)
			 : elf->map[EI_CLASS] == ELFCLASS32;
}

static bool inside(const struct elf_file *elf, uint64_t off, uint64_t len)
{
	return off <= elf->size && len <= elf->size - off;
}

/* A number of the file in its byte order; the caller knows it is inside. */
static uint64_t get(const struct elf_file *elf, uint64_t off, size_t size)
{
	const uint8_t *p = elf->map + off;
	bool big = elf->map[EI_DATA] == ELFDATA2MSB;
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < size; i++)
		v = v << 8 | p[big ? i : size - 1 - i];
	return v;
}

/* A member of a structure that starts at base and has a variant for either
 * class. */
#define GET(elf, base, type, member)                                   \
	(is64(elf) ? get(elf, (base) + offsetof(Elf64_##type, member), \
			 sizeof(((Elf64_##type *)0)->member))          \
		   : get(elf, (base) + offsetof(Elf32_##type, member), \
			 sizeof(((Elf32_##type *)0)->member)))

static uint16_t machine(const struct elf_file *elf)
{
	return GET(elf, 0, Ehdr, e_machine);
}

bool elf_same_arch(const struct elf_file *a, const struct elf_file *b)
{
	return elf_is(a) && elf_is(b) && is64(a) == is64(b) &&
	       machine(a) == machine(b);
}

bool elf_is_of(const struct elf_file *elf, const struct arch *arch)
{
	return elf_is(elf) && is64(elf) == arch->wide &&
	       (elf->map[EI_DATA] == ELFDATA2MSB) == arch->big &&
	       machine(elf) == arch->machine;
}

bool elf_is_kernel(const struct elf_file *elf)
{
	return elf_is(elf) && elf->map[EI_DATA] == ELFDATA2LSB &&
	       machine(elf) == (is64(elf) ? EM_X86_64 : EM_386) &&
	       GET(elf, 0, Ehdr, e_type) == ET_EXEC && !elf_interp(elf);
}

static bool segment_at(const struct elf_file *elf, unsigned n,
		       struct segment *seg)
{
	size_t size = is64(elf) ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t off = GET(elf, 0, Ehdr, e_phoff) + (uint64_t)n * size;

	if (n >= GET(elf, 0, Ehdr, e_phnum) ||
	    GET(elf, 0, Ehdr, e_phentsize) != size || !inside(elf, off, size))
		return false;
	*seg = (struct segment){
		GET(elf, off, Phdr, p_type),  GET(elf, off, Phdr, p_offset),
		GET(elf, off, Phdr, p_vaddr), GET(elf, off, Phdr, p_filesz),
		GET(elf, off, Phdr, p_memsz), GET(elf, off, Phdr, p_paddr)};
	return true;
}

static bool find_segment(const struct elf_file *elf, uint32_t type,
			 struct segment *seg)
{
	unsigned n;

	for (n = 0; segment_at(elf, n, seg); n++) {
		if (seg->type == type && inside(elf, seg->offset, seg->filesz))
			return true;
	}
	return false;
}

/* A string that ends inside the file. */
static const char *string_at(const struct elf_file *elf, uint64_t off)
{
	if (off >= elf->size || !memchr(elf->map + off, 0, elf->size - off))
		return NULL;
	return (const char *)elf->map + off;
}

const char *elf_interp(const struct elf_file *elf)
{
	struct segment seg;

	if (!elf_is(elf) || !find_segment(elf, PT_INTERP, &seg))
		return NULL;
	return string_at(elf, seg.offset);
}

static bool dynamic_entry(const struct elf_file *elf, const struct segment *dyn,
			  uint64_t n, int64_t *tag, uint64_t *val)
{
	size_t size = is64(elf) ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t at = dyn->offset + n * size;

	if (n >= dyn->filesz / size)
		return false;
	/* Tags are signed, but those that we ask for are small. */
	*tag = GET(elf, at, Dyn, d_tag);
	*val = GET(elf, at, Dyn, d_un);
	return *tag != DT_NULL;
}

static bool dynamic_value(const struct elf_file *elf, const struct segment *dyn,
			  int64_t want, unsigned nth, uint64_t *val)
{
	int64_t tag;
	uint64_t n;

	for (n = 0; dynamic_entry(elf, dyn, n, &tag, val); n++) {
		if (tag == want && !nth--)
			return true;
	}
	return false;
}

static bool file_offset(const struct elf_file *elf, uint64_t vaddr,
			uint64_t *off)
{
	struct segment seg;
	unsigned n;

	for (n = 0; segment_at(elf, n, &seg); n++) {
		if (seg.type != PT_LOAD || vaddr < seg.vaddr ||
		    vaddr - seg.vaddr >= seg.filesz)
			continue;
		*off = vaddr - seg.vaddr + seg.offset;
		return true;
	}
	return false;
}

const char *elf_dynamic(const struct elf_file *elf, int64_t tag, unsigned n)
{
	uint64_t strtab, off, val;
	struct segment dyn;

	if (!elf_is(elf) || !find_segment(elf, PT_DYNAMIC, &dyn) ||
	    !dynamic_value(elf, &dyn, DT_STRTAB, 0, &strtab) ||
	    !dynamic_value(elf, &dyn, tag, n, &val) ||
	    !file_offset(elf, strtab, &off) || val > elf->size)
		return NULL;
	return string_at(elf, off + val);
}

uint64_t elf_extent(const struct elf_file *elf)
{
	uint64_t end, most = 0;
	struct segment seg;
	unsigned n;

	for (n = 0; segment_at(elf, n, &seg); n++) {
		end = seg.offset + seg.filesz;
		if (end > most)
			most = end;
	}
	return most;
}

bool elf_has_pvh(const struct elf_file *elf)
{
	/* XEN_ELFNOTE_PHYS32_ENTRY: where PVH enters a Linux vmlinux. */
	static const uint32_t phys32_entry = 18;
	struct segment seg;
	const uint8_t *p;
	Elf64_Nhdr note;
	uint64_t at, len;

	if (!elf_is_kernel(elf) || !find_segment(elf, PT_NOTE, &seg))
		return false;
	p = elf->map + seg.offset;
	for (at = 0; at + sizeof(note) <= seg.filesz; at += len) {
		memcpy(&note, p + at, sizeof(note));
		if (note.n_type == phys32_entry && note.n_namesz == 4 &&
		    at + sizeof(note) + 4 <= seg.filesz &&
		    !memcmp(p + at + sizeof(note), "Xen", 4))
			return true;
		len = sizeof(note) + ((note.n_namesz + 3ULL) & ~3ULL) +
		      ((note.n_descsz + 3ULL) & ~3ULL);
	}
	return false;
}
