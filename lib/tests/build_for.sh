#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds libbpfsys into DIR with another compiler: build_for.sh DIR CC [AR].
set -eu
dir=$1
cc=$2
mkdir -p "$dir"
exec make --no-print-directory BUILD="$dir" CC="$cc" AR="${3:-ar}" \
	CFLAGS=-O2 "$dir/libbpfsys.a" "$dir/libbpfsys.so"
