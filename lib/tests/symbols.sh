#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# What the shared library exports is what its headers declare, under a version,
# and nothing else; the static one's global names are bpfsys and bpfsys_*. Every
# command's wrapper stands in the README's table. A helper is in a static
# program only where it is called. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${BUILD:=build}" "${CC:=gcc}"
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh

# Function declarations are at the left margin, inline functions come with a
# body and "static".
for header in lib/include/bpfsys/*.h; do
	"$CC" -E -P -Ilib/include "$header"
done | tr '\n' ' ' |
	sed -E -e 's/__attribute__ *\(\(([^()]|\([^()]*\))*\)\)//g' \
		-e 's/static inline[^{]*\{[^}]*\}//g' |
	grep -oE '\bbpfsys[a-z0-9_]* *\([^()]*(\([^()]*\)[^()]*)*\) *;' |
	grep -oE '^bpfsys[a-z0-9_]*' | sort -u >"$tmp/declared"
nm -D --defined-only --with-symbol-versions "$BUILD/libbpfsys.so" |
	grep -v ' A ' >"$tmp/dynamic"
sed 's/.* \([^@]*\)@.*/\1/' "$tmp/dynamic" | sort >"$tmp/exported"

[ "$(wc -l <"$tmp/declared")" -gt 40 ]
verdict "the headers declare functions"
diff "$tmp/declared" "$tmp/exported" >"$tmp/log"
verdict "exported is what the headers declare"
! grep -v '@@BPFSYS_0\.[0-9]*$' "$tmp/dynamic" >"$tmp/log"
verdict "every exported symbol has a version"
! nm -g --defined-only "$BUILD/libbpfsys.a" |
	grep -E '^[0-9a-f]+ ' | grep -vE ' bpfsys(_[a-z0-9_]+)?$' >"$tmp/log"
verdict "the static library has no other global name"

sed -n 's/^CMD([A-Z0-9_]*, *\([a-z0-9_]*\),.*/bpfsys_\1/p' lib/abi/*.def |
	sort >"$tmp/wrappers"
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n 's/^| `[A-Za-z]*` | `\(bpfsys_[a-z0-9_]*\)`.*/\1/p
	s/^| (none) | `\(bpfsys_[a-z0-9_]*\)`.*/\1/p' lib/README.md |
	sort >"$tmp/listed"
diff "$tmp/wrappers" "$tmp/listed" >"$tmp/log"
verdict "README has every wrapper in its table"

cat >"$tmp/one.c" <<'END'
#include <string.h>
#include <bpfsys/bpfsys.h>
int main(void)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	return bpfsys_map_freeze(&attr);
}
END
"$CC" -static -Ilib/include "$tmp/one.c" "$BUILD/libbpfsys.a" \
	-Wl,-Map="$tmp/map" -o "$tmp/one" >"$tmp/log" 2>&1 &&
	grep -oE 'libbpfsys.a\([a-z_0-9]*\.o\)' "$tmp/map" | sort -u \
		>"$tmp/members" &&
	! grep -vE '\((map|bpfsys)\.o\)' "$tmp/members" >"$tmp/log"
verdict "a static program has what it calls and no helper"
finish
