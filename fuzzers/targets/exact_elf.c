/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* ELF files are mapped, and a mapping ends with a page: these stand before
 * elf_open() and give out copies that end where the file does. */
#include <sys/mman.h>

#include "../../vm/host/vm.h"
#include "bytes.h"

int __real_elf_open(struct elf_file *elf, const char *path);
int __wrap_elf_open(struct elf_file *elf, const char *path);
void __wrap_elf_close(struct elf_file *elf);

int __wrap_elf_open(struct elf_file *elf, const char *path)
{
	int ret = __real_elf_open(elf, path);
	void *map = (void *)elf->map;

	if (ret || !map)
		return ret;
	elf->map = exact(map, elf->size);
	munmap(map, elf->size);
	return 0;
}

void __wrap_elf_close(struct elf_file *elf)
{
	free((void *)elf->map);
	elf->map = NULL;
}
