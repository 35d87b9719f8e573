#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The shared library against what the last release promised, as abidiff sees it:
# nothing removed, no struct or prototype changed; more is fine. Then, with the
# library broken in three ways, that this is seen. `abi.sh --write` makes the
# promise anew, which is part of a release. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${CC:=gcc}"
promise=lib/pkg/libbpfsys.so.0.abi.gz
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh
unset MAKEFLAGS MAKELEVEL MFLAGS

# shared TREE: TREE/out/libbpfsys.so.0, with what abidiff reads
shared() {
	make --no-print-directory -C "$1" BUILD=out CC="$CC" CFLAGS="-O1 -g" \
		out/libbpfsys.so
}

# copy TREE: of what it takes to build the library
copy() {
	mkdir "$1" && cp -r Makefile lib "$1" &&
		find vm harness fuzzers -name '*.mk' -exec \
			cp --parents {} "$1" \;
}

compatible() {
	shared "$1" && abidiff --no-added-syms "$tmp/promise.abi" \
		"$1/out/libbpfsys.so.0"
}

# seen NAME OLD NEW TEXT: with OLD changed in the library, abidiff says TEXT
seen() {
	local tree=$tmp/broken

	rm -rf "$tree"
	copy "$tree" && find "$tree/lib" -type f -exec sed -i "s/$2/$3/" {} + &&
		! diff -qr lib "$tree/lib" >"$tmp/log" &&
		shared "$tree" >"$tmp/log" 2>&1 &&
		! compatible "$tree" >"$tmp/log" 2>&1 &&
		grep -q "$4" "$tmp/log"
	verdict "$1 is seen"
}

copy "$tmp/now" || exit 1
if [ "${1:-}" = --write ]; then
	shared "$tmp/now" && abidw --no-corpus-path --no-comp-dir-path \
		--no-show-locs "$tmp/now/out/libbpfsys.so.0" | gzip -9n >"$promise"
	exit
fi
if [ "$(uname -m)" != x86_64 ]; then
	echo "ok 1 - # SKIP the promise is that of x86-64"
	echo 1..1
	exit
fi
gzip -dc "$promise" >"$tmp/promise.abi" || exit 1
compatible "$tmp/now" >"$tmp/log" 2>&1
verdict "the ABI is that of the last release, or more"
seen "a function that is gone" 'bpfsys_count_cpus' 'bpfsys_num_cpus' "Removed"
seen "a field that moved" 'bool take;' 'bpfsys_u64 more; bool take;' \
	"data member"
seen "a prototype that changed" 'kind, uint32_t \*id' \
	'kind, uint64_t *id' "parameter"
finish
