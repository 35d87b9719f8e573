#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Says where the tarball of Debian's linux-source-VERSION is; downloads it into
# the cache with apt if it is neither there nor installed.
set -eu

[ $# = 1 ] || { echo "usage: $0 VERSION" >&2; exit 2; }
name=linux-source-$1
dir=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys/source
for there in "/usr/src/$name.tar.xz" "$dir/$name.tar.xz"; do
	if [ -r "$there" ]; then
		echo "$there"
		exit 0
	fi
done
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/.tmp-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
echo "kernel: downloading $name" >&2
cd "$tmp"
apt-get -qq -o APT::Sandbox::User=root download "$name" >&2 || {
	echo "kernel: apt-get download $name failed: apt-get update, or name a tree by KSRC" >&2
	exit 1
}
dpkg-deb --fsys-tarfile ./*.deb | tar -x "./usr/src/$name.tar.xz"
mv "usr/src/$name.tar.xz" "$dir/"
echo "$dir/$name.tar.xz"
