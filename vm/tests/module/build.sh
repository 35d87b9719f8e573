#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds bpfvm_provoke.ko for each IMAGE: for a kernel's build tree into
# OUT/<its name>/, for a Debian kernel in bpfvm's cache into OUT/<package>/, with the headers of just that kernel: downloaded by the apt
# lists by which bpfvm fetched the kernel, no root, nothing installed. What is
# newer than its source is left alone. Without headers the tests say skip.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 OUT [IMAGE...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift

say() { echo "bpfvm_provoke: $*" >&2; }

# RELEASE VERSION: the packages, into the working directory
download()
{
	for lists in apt-near apt-far; do
		[ -r "$cache/$lists/apt.conf" ] || continue
		headers=linux-headers-$1=$2
		rest=$(APT_CONFIG=$cache/$lists/apt.conf apt-cache show \
			"$headers" 2>/dev/null | sed -n 's/^Depends: //p' |
			tr ',' '\n' | sed -n \
			's/^ *\(linux-\(headers\|kbuild\)-[^ ]*\).*/\1/p')
		[ -n "$rest" ] || continue
		# shellcheck disable=SC2086 # a list of words
		if APT_CONFIG=$cache/$lists/apt.conf apt-get -qq download \
			"$headers" $rest >/dev/null 2>&1; then
			return 0
		fi
	done
	return 1
}

# RELEASE DIR: builds in the working directory, where the packages are
compile()
{
	for deb in *.deb; do
		dpkg-deb -x "$deb" root || return 1
	done
	tree=$PWD/root/usr/src/linux-headers-$1
	sed -i "s#^include /usr/#include $PWD/root/usr/#" "$tree/Makefile"
	# No BTF, which takes a pahole.
	rm -f "$tree/vmlinux"
	cp "$here/Kbuild" "$here/bpfvm_provoke.c" .
	set -- "$1" "$2" M="$PWD" modules
	command -v x86_64-linux-gnu-gcc-12 >/dev/null || set -- "$@" CC=gcc
	release=$1
	dir=$2
	shift 2
	MAKEFLAGS='' make -s -C "$tree" "$@" >build.log 2>&1 ||
		{ tail -n 5 build.log >&2; return 1; }
	mv bpfvm_provoke.ko "$dir/"
}

# TREE: a kernel that was built here
for_tree()
{
	dir=$out/$(basename "$1")
	rm -rf "$dir"
	mkdir "$dir"
	cp "$here/Kbuild" "$here/bpfvm_provoke.c" "$dir/"
	MAKEFLAGS='' make -s -C "$1" M="$dir" modules >"$dir/build.log" 2>&1 ||
		{ tail -n 5 "$dir/build.log" >&2; exit 1; }
}

for image in "$@"; do
	if [ -d "$image" ]; then
		for_tree "$image"
		continue
	fi
	package=$(basename "$(dirname "$image")")
	release=${package#*linux-image-}
	version=${release#*_}
	release=${release%%_*}
	dir=$out/$package
	if [ -e "$dir/bpfvm_provoke.ko" ] &&
		[ -z "$(find "$here" -newer "$dir/bpfvm_provoke.ko")" ]; then
		continue
	fi
	rm -rf "$dir"
	mkdir "$dir" "$dir/tmp"
	cd "$dir/tmp"
	if ! download "$release" "$version"; then
		say "no headers of $release to be had: its tests will be skipped"
	elif ! compile "$release" "$dir"; then
		say "cannot be built for $release: its tests will be skipped"
	fi
	cd "$here"
	rm -rf "$dir/tmp"
done
