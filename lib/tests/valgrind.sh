#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Nothing undefined reaches the kernel from the library: every wrapper and those
# helpers that make arguments of their own, under valgrind, in a VM; and what a
# caller leaves undefined is seen. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${BUILD:=build}" "${CC:=gcc}"
kernel=${1:-debian:6.12}
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh

# memcheck wants the names in ld.so, which Debian keeps in a file of its own.
symbols()
{
	local loader id

	loader=$(realpath /lib64/ld-linux-x86-64.so.2)
	id=$(readelf -n "$loader" | sed -n 's/.*Build ID: //p')
	echo "/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug"
}

build()
{
	"$CC" -O1 -g -std=c11 -D_GNU_SOURCE -Ilib/include -Ilib \
		-Wl,--wrap=bpfsys -o "$tmp/all_calls" lib/tests/all_calls.c \
		"$BUILD/libbpfsys.a" && cp "$BUILD/tests/lib_guest" "$tmp"
}

# One VM for all; each line of the answer is a name and a status.
run()
{
	local cmocka

	cmocka=$("$CC" -print-file-name=libcmocka.so.0)
	cat >"$tmp/all.sh" <<-'END'
		#!/bin/sh
		try() {
			name=$1
			shift
			/usr/bin/valgrind.bin -q "$@" >&2
			echo "$name $?"
		}
		try clean /root/all_calls
		try dirty /root/all_calls dirty
		for test in logs info few; do
			try $test --error-exitcode=99 /root/lib_guest 1 $test
		done
	END
	chmod +x "$tmp/all.sh"
	"$BUILD/bpfvm" --mem 1024 --timeout 400 --in /usr/libexec/valgrind \
		--in /usr/bin/valgrind.bin --in "$(symbols)" \
		--in "$(realpath "$cmocka"):/usr/lib/libcmocka.so.0" \
		--in "$tmp/all_calls:/root/all_calls" \
		--in "$tmp/lib_guest:/root/lib_guest" "$kernel" -- \
		"$tmp/all.sh" >"$tmp/answers" 2>"$tmp/said" ||
		cat "$tmp/said"
}

says()
{
	grep -v 'unhandled eBPF command' "$tmp/said"
	cat "$tmp/answers"
	grep -qx "$1" "$tmp/answers"
}

try "programs are built" build
try "all run in a VM" run
try "every wrapper passes what is defined, and no more" says "clean 0"
try "what is left undefined is seen in every one" says "dirty 0"
for helper in logs info few; do
	try "helpers, test $helper" says "$helper 0"
done
finish
