/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Names a template by what went into it: FNV-1a with 128 bits, fed by words.
 * It guards against change, not against malice: the cache is the user's. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "vm.h"

__extension__ typedef unsigned __int128 u128;

static void mix(struct hash *h, uint64_t word)
{
	static const u128 prime = ((u128)1 << 88) + 0x13b;
	u128 v = ((u128)h->high << 64 | h->low) ^ word;

	v *= prime;
	h->low = v;
	h->high = v >> 64;
}

void hash_init(struct hash *h)
{
	h->high = 0x6c62272e07bb0142;
	h->low = 0x62b821756295c58d;
}

/* The length first, so that two pieces cannot trade bytes. */
void hash_add(struct hash *h, const void *data, size_t len)
{
	const char *p = data;
	uint64_t word;

	mix(h, len);
	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		mix(h, word);
	}
	word = 0;
	if (len)
		memcpy(&word, p, len);
	mix(h, word);
}

void hash_text(struct hash *h, const char *text)
{
	hash_add(h, text, strlen(text));
}

int hash_identity(struct hash *h, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -1;
	hash_text(h, path);
	mix(h, st.st_dev);
	mix(h, st.st_ino);
	mix(h, st.st_size);
	mix(h, st.st_mtim.tv_sec);
	mix(h, st.st_mtim.tv_nsec);
	mix(h, st.st_ctim.tv_sec);
	mix(h, st.st_ctim.tv_nsec);
	return 0;
}

int hash_content(struct hash *h, int fd)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) || !st.st_size)
		return -1;
	map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	hash_add(h, map, st.st_size);
	munmap(map, st.st_size);
	return 0;
}

void hash_hex(const struct hash *h, char text[HASH_TEXT])
{
	snprintf(text, HASH_TEXT, "%016llx%016llx", (unsigned long long)h->high,
		 (unsigned long long)h->low);
}
