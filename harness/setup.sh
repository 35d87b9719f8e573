#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Brings what building and running need ("run"), the tests too ("test"),
# compilers for other architectures ("cross ARCH:TRIPLET..."), or what a build of
# Linux needs ("kernel"). What is there is found by looking for it, so a second
# call does not touch apt, and a machine without apt that has everything is fine.
set -eu

missing=

need()
{
	missing="$missing $1"
}

# PACKAGE COMMAND
command_in()
{
	command -v "$2" >/dev/null 2>&1 || need "$1"
}

# PACKAGE HEADER
header_in()
{
	printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' "$2" |
		gcc -E -x c - >/dev/null 2>&1 || need "$1"
}

# ARCH:TRIPLET: a compiler and a static libc, for the guest's init
cross_in()
{
	triplet=${1#*:}
	[ -e "$("$triplet-gcc" -print-file-name=libc.a 2>/dev/null || echo none)" ] ||
		missing="$missing gcc-$triplet libc6-dev-${1%%:*}-cross"
}

command_in gcc gcc
command_in make make
[ -e "$(gcc -print-file-name=libc.a 2>/dev/null || echo none)" ] ||
	need libc6-dev
header_in linux-libc-dev linux/bpf.h
header_in libcmocka-dev cmocka.h
header_in libarchive-dev archive.h
header_in libjansson-dev jansson.h
header_in libbpf-dev bpf/btf.h
header_in libdw-dev elfutils/libdw.h

if [ "${1:-run}" = test ]; then
	command_in g++ g++
	command_in clang clang
	command_in clang clang++
	command_in afl++ afl-clang-fast
	command_in g++-i686-linux-gnu i686-linux-gnu-g++
	cross_in i386:i686-linux-gnu
	command_in clang-format clang-format
	command_in cppcheck cppcheck
	command_in shellcheck shellcheck
	command_in cpio cpio
	command_in cmake cmake
	command_in pkg-config pkg-config
	command_in musl-tools musl-gcc
	command_in abigail-tools abidiff
	command_in valgrind valgrind
	# valgrind wants the symbols of the dynamic linker.
	[ -d /usr/lib/debug/.build-id ] || need libc6-dbg
	command_in mandoc mandoc
	command_in bsdextrautils col
	command_in afl++ afl-fuzz
	command_in llvm llvm-cov
	command_in zip zip
fi

if [ "${1:-run}" = cross ]; then
	shift
	for arch in "$@"; do
		cross_in "$arch"
	done
fi

if [ "${1:-run}" = kernel ]; then
	command_in bc bc
	command_in bison bison
	command_in dwarves pahole
	command_in flex flex
	header_in libelf-dev gelf.h
	header_in libssl-dev openssl/opensslv.h
	command_in patch patch
	command_in xz-utils xz
fi

[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list of words
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
fi
if ! command -v apt-get >/dev/null 2>&1 ||
	{ [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; }; then
	echo "setup: install these packages (Debian's names) and call make again: $missing" >&2
	exit 2
fi
echo "setup: installing $missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update >&2
# shellcheck disable=SC2086 # a list of words
$as_root apt-get -qq -y -o Dpkg::Use-Pty=0 install \
	--no-install-recommends $missing >/dev/null
