// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The words of the text form. */
#include <string.h>

#include "seq.h"
#include "words.h"

#define WORDS(name, ...)                                                     \
	const char *seq_##name##_word(unsigned int i)                        \
	{                                                                    \
		static const char *const words[] = {__VA_ARGS__};            \
                                                                             \
		return i < sizeof(words) / sizeof(*words) ? words[i] : NULL; \
	}

WORDS(op, "", "", "close", "dup", "read", "mmap", "run", "fork", "jit")
WORDS(place, "", "guarded", "odd", "readonly", "unmapped", "null")
WORDS(kind, "", "insns", "btf", "text")
WORDS(run, "syscall", "packet", "tcp", "fork", "open", "sysctl", "sockopt")
WORDS(mmap, "", "read", "write", "both")
WORDS(jit, "off", "on")

int seq_find_word(const char *(*word_of)(unsigned int), const char *text,
		  size_t len)
{
	const char *word;

	for (unsigned int i = 0; (word = word_of(i)); i++)
		if (len && strlen(word) == len && !memcmp(word, text, len))
			return (int)i;
	return -1;
}
