#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds the library, its headers and the check against <linux/bpf.h> with every
# compiler that is supported, and says so as TAP.
set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0
failed=0

# try NAME COMMAND...: one test.
try()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok $n - $name"
	else
		sed 's/^/# /' "$tmp/log"
		echo "not ok $n - $name"
		failed=1
	fi
}

lib="-Wall -Wextra -Werror -Wpedantic -Ilib/include -Ilib"
cat >"$tmp/use.c" <<END
#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>
#include <bpfsys/info.h>
int use(void);
int use(void) { return bpfsys_map_freeze(0) + (int)bpfsys_ptr(0); }
END
cp "$tmp/use.c" "$tmp/use.cpp"

for pair in "gcc:g++" "clang:clang++" \
	"i686-linux-gnu-gcc:i686-linux-gnu-g++" \
	"clang --target=i686-linux-gnu:clang++ --target=i686-linux-gnu"; do
	cc=${pair%%:*}
	cxx=${pair#*:}
	for source in lib/*.c; do
		# shellcheck disable=SC2086 # the flags are words
		try "$cc: $source" $cc -std=c11 -D_GNU_SOURCE $lib \
			-c "$source" -o "$tmp/out.o"
	done
	# shellcheck disable=SC2086
	try "$cc: public headers as C11" $cc -std=c11 $lib -Wconversion \
		-c "$tmp/use.c" -o "$tmp/out.o"
	# shellcheck disable=SC2086
	try "$cxx: public headers as C++17" $cxx -std=c++17 $lib -Wconversion \
		-c "$tmp/use.cpp" -o "$tmp/out.o"
	# shellcheck disable=SC2086
	try "$cxx: rows agree with <linux/bpf.h>" $cxx -std=c++17 -Wall -Wextra \
		-Werror -Wno-c++20-extensions -Ilib/include -Ilib \
		-c lib/tests/uapi.cpp -o "$tmp/out.o"
done
echo "1..$n"
exit $failed
