#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds the library, static and shared, with every compiler that it is for, and
# runs a program of each in a VM of its architecture. A compiler or a VM that is
# not there is a failure: `make lib-builds` brings them. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${BUILD:=build}"
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh
bpfvm=$BUILD/bpfvm
unset MAKEFLAGS MAKELEVEL MFLAGS

# build DIR COMPILER: both libraries, and the consumer, static
build() {
	# shellcheck disable=SC2086 # a compiler and its options
	lib/tests/build_for.sh "$tmp/$1" "$2" &&
		$2 -O2 -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror \
			-Ilib/include -static -o "$tmp/$1/consumer" \
			lib/tests/consumer.c "$tmp/$1/libbpfsys.a"
}

# runs DIR ARCH KERNEL
runs() {
	[ "$("$bpfvm" --arch "$2" "$3" -- "$tmp/$1/consumer")" = "found 1" ]
}

while read -r dir arch kernel compiler; do
	try "$compiler builds it" build "$dir" "$compiler"
	try "what $compiler built runs on $arch" runs "$dir" "$arch" "$kernel"
done <<END
gcc x86_64 debian:6.12 gcc
clang x86_64 debian:6.12 clang
musl x86_64 debian:6.12 musl-gcc
m32 x86_64 debian:6.12 i686-linux-gnu-gcc -m32
arm64 arm64 debian:6.12 aarch64-linux-gnu-gcc
s390x s390x debian:6.12 s390x-linux-gnu-gcc
END
finish
