#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The library and its tests under ASan and UBSan (gcc), and MSan (clang): on the
# host, and the helpers on a real kernel, in a VM. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${BUILD:=build}"
kernel=${1:-debian:6.12}
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh
export CMOCKA_MESSAGE_OUTPUT=TAP
asan="gcc -fsanitize=address,undefined -fno-sanitize-recover=all"
# The tests' cmocka is not built for MSan, which knows all that matters of it:
# nothing of what it is given comes back.
msan="clang -fsanitize=memory -fsanitize-memory-track-origins"

# build NAME "COMPILER OPTION..." OPTION|SOURCE...
build() {
	local name=$1 compiler=$2

	shift 2
	# shellcheck disable=SC2086 # a compiler and its options
	$compiler -O1 -g -std=c11 -D_GNU_SOURCE -Ilib/include -Ilib \
		-o "$tmp/$name" lib/*.c "$@" -lcmocka -lpthread >"$tmp/log" 2>&1
}

# on_host NAME "COMPILER OPTION..." OPTION|SOURCE...
on_host() {
	build "$@" && "$tmp/$1" >"$tmp/log" 2>&1
	verdict "$1"
}

for pair in "asan:$asan" "msan:$msan"; do
	name=${pair%%:*}
	with=${pair#*:}
	on_host "${name}_table" "$with" lib/tests/table.c
	on_host "${name}_wire" "$with" -DBPFSYS_LIBC_DOOR -Wl,--wrap=syscall \
		lib/tests/wire.c
	on_host "${name}_cpus" "$with" lib/tests/cpus.c
	on_host "${name}_helpers_fake" "$with" -Wl,--wrap=bpfsys \
		lib/tests/helpers_fake.c
	build "${name}_guest" "$with" lib/tests/guest*.c &&
		"$BUILD/bpfvm" --mem 1024 --cpus 2 --timeout 300 "$kernel" -- \
			"$tmp/${name}_guest" >"$tmp/log" 2>&1
	verdict "${name}: the helpers on $kernel"
done

# A sanitizer that sees nothing would pass all of the above.
cat >"$tmp/wrong.c" <<'END'
#include <stdlib.h>
int main(void) { int *p = malloc(4); int r = p[atoi("0")]; free(p); return r ? 1 : 0; }
END
# shellcheck disable=SC2086
$msan -g -o "$tmp/wrong" "$tmp/wrong.c" >"$tmp/log" 2>&1 &&
	! "$tmp/wrong" >"$tmp/log" 2>&1 &&
	grep -q use-of-uninitialized-value "$tmp/log"
verdict "MSan sees what it should"
finish
