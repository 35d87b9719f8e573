// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Memory for attrs and buffers, mapped once: each slot is followed by a page
 * that is not there. What the kernel reads beyond a buffer is zero up to the
 * end of its page, so that no input sees what was left by the one before. */
#include <emmintrin.h>
#include <sys/mman.h>

#include "executor.h"

#define PAGE	  4096UL
#define SLOT_SIZE ((size_t)SEQ_BUF_MOST + PAGE)
#define STRIDE	  (SLOT_SIZE + PAGE)
/* A fixed place: an attr may end within a pointer, and then what the kernel
 * takes for one has to be nowhere, always. Of the address's lowest bytes, four
 * and more are no memory of ours, and fewer are below all of it (exec.mk). */
#define ARENA ((void *)0x203070000000)

static uint8_t *arena;
static uint8_t *hole;
static size_t protected_len[SLOTS];

bool arena_init(void)
{
	uint8_t *mem = mmap(ARENA, SLOTS * STRIDE + SEQ_BUF_MOST, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				    MAP_FIXED_NOREPLACE,
			    -1, 0);

	if (mem == MAP_FAILED)
		return false;
	for (unsigned int i = 0; i < SLOTS; i++) {
		uint8_t *slot = mem + i * STRIDE;

		if (mprotect(slot, SLOT_SIZE, PROT_READ | PROT_WRITE))
			return false;
		/* The pages that nearly every call uses. */
		slot[SLOT_SIZE - 1] = slot[SLOT_SIZE - PAGE - 1] = 0;
	}
	arena = mem;
	hole = mem + SLOTS * STRIDE;
	return true;
}

/* Not memset(): "rep stosb" is slow where there is no KVM. */
static void clear(uint8_t *from, const uint8_t *to)
{
	const __m128i zero = _mm_setzero_si128();

	for (; from < to; from += sizeof(zero))
		_mm_stream_si128((__m128i *)from, zero);
	_mm_sfence();
}

static size_t round_up(size_t n)
{
	return (n + PAGE - 1) / PAGE * PAGE;
}

uint8_t *arena_place(unsigned int slot, enum seq_place place, size_t len)
{
	uint8_t *end = arena + slot * STRIDE + SLOT_SIZE, *start;

	if (place == SEQ_NULL)
		return NULL;
	if (place == SEQ_UNMAPPED)
		return hole;
	start = end - round_up(len + (place == SEQ_ODD));
	clear(start, end);
	if (place == SEQ_ODD)
		return start + 1;
	protected_len[slot] = (size_t)(end - start);
	return place == SEQ_GUARDED ? end - len : start;
}

void arena_protect(unsigned int slot, bool on)
{
	const size_t len = protected_len[slot];

	mprotect(arena + slot * STRIDE + SLOT_SIZE - len, len,
		 on ? PROT_READ : PROT_READ | PROT_WRITE);
}
