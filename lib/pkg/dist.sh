#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Makes $BUILD/NAME.tar.gz of the sources: what git tracks, or, in a tarball
# unpacked, all there is. Same sources, same bytes: order, owners, modes and
# times are given, the time being $SOURCE_DATE_EPOCH, that of the last commit,
# or that which the tarball gave its files.
set -eu
: "${BUILD:=build}"
name=$1
list=$(mktemp)
trap 'rm -f "$list"' EXIT
trap 'exit 130' INT TERM

if git rev-parse --is-inside-work-tree >/dev/null 2>&1 &&
	[ -e .git ]; then
	git ls-files -z >"$list"
	: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
else
	find . -path "./$BUILD" -prune -o \( -type f -o -type l \) -print0 |
		sed -z 's|^\./||' >"$list"
	: "${SOURCE_DATE_EPOCH:=$(stat -c %Y Makefile)}"
fi
mkdir -p "$BUILD"
LC_ALL=C sort -z -o "$list" "$list"
tar -cf "$BUILD/$name.tar" --format=ustar --no-recursion --owner=0 --group=0 \
	--numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" \
	--transform="s|^|$name/|SH" --null -T "$list"
gzip -9nf "$BUILD/$name.tar"
echo "$BUILD/$name.tar.gz"
