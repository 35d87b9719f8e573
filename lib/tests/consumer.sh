#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Installs the library out of the tarball into a temporary place, builds a program
# against it by pkg-config and by CMake, static and shared, as C and as C++, runs
# each in a VM, and uninstalls. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
: "${BUILD:=build}" "${CC:=gcc}"
kernel=${1:-debian:6.12}
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh
dest=$tmp/dest
lib=/opt/bpfsys/lib/sub
bpfvm=$(realpath "$BUILD/bpfvm")
source=$PWD/lib/tests/consumer.c
# What make says of jobs and variables is for its own children.
unset MAKEFLAGS MAKELEVEL MFLAGS BUILD

make_in() {
	make --no-print-directory -C "$tmp/src" "$@"
}

install_variables=(PREFIX=/opt/bpfsys "LIBDIR=$lib" "DESTDIR=$dest")

# dist NAME: a tarball made into $tmp/NAME.tar.gz
dist() {
	make --no-print-directory BUILD="$tmp/$1" dist &&
		mv "$tmp/$1"/bpfsys-*.tar.gz "$tmp/$1.tar.gz"
}

dists_are_equal() {
	dist one && sleep 1.1 && (umask 077 && dist two) &&
		cmp "$tmp/one.tar.gz" "$tmp/two.tar.gz"
}

unpack_and_install() {
	mkdir "$tmp/src" &&
		tar -C "$tmp/src" --strip-components=1 -xf "$tmp/one.tar.gz" &&
		make_in "${install_variables[@]}" install
}

dist_of_itself() {
	make_in dist && cmp "$tmp/one.tar.gz" "$tmp"/src/build/bpfsys-*.tar.gz
}

flags() {
	PKG_CONFIG_LIBDIR=$dest$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest \
		pkg-config "$@" libbpfsys
}

# by_pkg_config NAME COMPILER OPTION...
by_pkg_config() {
	local name=$1

	shift
	# shellcheck disable=SC2046 # flags are words
	"$@" -Wall -Wextra -Wpedantic -Wconversion -Werror $(flags --cflags) \
		-o "$tmp/$name" "$source" $(flags --static --libs)
}

by_cmake() {
	mkdir -p "$tmp/cmake" && cat >"$tmp/cmake/CMakeLists.txt" <<-END
		cmake_minimum_required(VERSION 3.13)
		project(consumer C)
		find_package(bpfsys 0.1 REQUIRED)
		add_executable(cmake_shared $source)
		target_link_libraries(cmake_shared bpfsys::bpfsys)
		add_executable(cmake_static $source)
		target_link_libraries(cmake_static bpfsys::static)
	END
	cmake -S "$tmp/cmake" -B "$tmp/cmake/build" \
		-Dbpfsys_ROOT="$dest$lib/cmake/bpfsys" &&
		cmake --build "$tmp/cmake/build" &&
		mv "$tmp"/cmake/build/cmake_{shared,static} "$tmp"
}

cmake_refuses() {
	sed -i 's/bpfsys 0.1/bpfsys 1.0/' "$tmp/cmake/CMakeLists.txt"
	! cmake -S "$tmp/cmake" -B "$tmp/cmake/other" \
		-Dbpfsys_ROOT="$dest$lib/cmake/bpfsys"
}

# needs NAME yes|no: whether the program needs the shared library
needs() {
	local answer=no

	! readelf -d "$tmp/$1" | grep -q 'NEEDED.*libbpfsys.so.0' || answer=yes
	[ "$answer" = "$2" ]
}

# All programs in one VM, each with its name before its output.
run_all() {
	local name in=()

	printf '#!/bin/sh\n' >"$tmp/all.sh"
	for name in "$@"; do
		in+=(--in "$tmp/$name:/root/$name")
		echo "echo $name: \$(/root/$name) \$?" >>"$tmp/all.sh"
		printf '%s: found 1 0\n' "$name" >>"$tmp/want"
	done
	chmod +x "$tmp/all.sh"
	"$bpfvm" "${in[@]}" \
		--in "$dest$lib/libbpfsys.so.0:/usr/lib/libbpfsys.so.0" \
		"$kernel" -- "$tmp/all.sh" >"$tmp/got" &&
		diff "$tmp/want" "$tmp/got"
}

nothing_left() {
	make_in "${install_variables[@]}" uninstall &&
		[ -z "$(find "$dest" ! -type d -print)" ] &&
		[ ! -d "$dest/opt/bpfsys/include/bpfsys" ]
}

try "two tarballs are the same bytes" dists_are_equal
try "the tarball builds and installs" unpack_and_install
try "the tarball makes itself again" dist_of_itself
try "pkg-config, shared" by_pkg_config pc_shared "$CC" -std=c11
try "pkg-config, static" by_pkg_config pc_static "$CC" -std=c11 -static
try "pkg-config, C++17" by_pkg_config pc_cpp g++ -std=c++17 -x c++
try "CMake, shared and static" by_cmake
try "CMake refuses another major version" cmake_refuses
try "shared programs need the soname" needs pc_shared yes
try "so do those of CMake" needs cmake_shared yes
try "static ones do not" needs cmake_static no
try "all run in a VM" run_all pc_shared pc_static pc_cpp cmake_shared \
	cmake_static
try "uninstall leaves nothing" nothing_left
finish
