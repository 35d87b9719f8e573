#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# A wrong row must not build: breaks rows of the table, one at a time, in a copy
# and sees the compiler refuse it. Says so as TAP.
set -u
: "${CC:=gcc}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0
failed=0

builds()
{
	"$CC" -std=c11 -D_GNU_SOURCE -fsyntax-only -I"$tmp/lib/include" \
		-I"$tmp/lib" "$tmp/lib/abi.c" >"$tmp/log" 2>&1
}

# refused FILE OLD NEW: with the row changed the library does not build.
refused()
{
	n=$((n + 1))
	rm -rf "${tmp:?}/lib"
	cp -r lib "$tmp/lib"
	sed -i "s/$2/$3/" "$tmp/lib/abi/$1"
	if cmp -s "lib/abi/$1" "$tmp/lib/abi/$1"; then
		echo "not ok $n - no row like $2 in $1"
		failed=1
	elif builds || ! grep -q "static assertion failed" "$tmp/log"; then
		echo "not ok $n - $3 in $1 is refused by an assertion"
		failed=1
	else
		echo "ok $n - $3 in $1 does not build"
	fi
}

rm -rf "${tmp:?}/lib"
cp -r lib "$tmp/lib"
n=1
if builds; then
	echo "ok $n - the table as it is builds"
else
	sed 's/^/# /' "$tmp/log"
	echo "not ok $n - the table as it is builds"
	failed=1
fi
refused map.def "map_lookup_batch, count, 32, 4" "map_lookup_batch, count, 36, 4"
refused map.def "map_create, map_flags, 16, 4" "map_create, map_flags, 20, 4"
refused prog.def "prog_load, log_level, 24, 4" "prog_load, log_level, 24, 8"
refused prog.def "prog_query, revision, 64, KV" "prog_query, revision, 56, KV"
refused sys.def "ENABLE_STATS, enable_stats, 32" "ENABLE_STATS, enable_stats, 33"
refused common.def "log_true_size, 16, 4" "log_true_size, 12, 4"
refused info.def "map, map_extra, 80, 8" "map, map_extra, 72, 8"
refused info.def "INFO_STRUCT(btf, 32" "INFO_STRUCT(btf, 24"
refused sys.def '"path_permission() asks.*"' '""'
echo "1..$n"
exit $failed
