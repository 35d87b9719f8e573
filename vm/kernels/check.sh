#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Boots the kernel that build.sh has built in TREE and asserts what a fuzzer
# relies on: KCOV has PCs and comparisons of bpf(2), and KASAN reports a write
# beyond an allocation (lkdtm's).
set -eu

[ $# = 1 ] || { echo "usage: $0 TREE" >&2; exit 2; }
: "${BUILD:=build}"
: "${CC:=gcc}"
tree=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

die()
{
	tail -n 20 "$tmp/said" >&2
	echo "kernel: $tree: $*" >&2
	exit 1
}

cmp -s "$tree/key" "$tree/checked" && exit 0
"$CC" -O2 -Wall -static -D_GNU_SOURCE -o "$tmp/kcov_check" \
	"$(dirname "$0")/kcov_check.c"
"$BUILD/bpfvm" --in "$tmp/kcov_check" "$tree" -- "$tmp/kcov_check" \
	>"$tmp/said" 2>&1 || die "no coverage of bpf(2) arrives"
sed 's/^/kernel: /' "$tmp/said" >&2
# shellcheck disable=SC2016 # the guest's shell expands it
"$BUILD/bpfvm" "$tree" -- /bin/sh -c \
	'echo SLAB_LINEAR_OVERFLOW >/sys/kernel/debug/provoke-crash/DIRECT' \
	>"$tmp/said" 2>&1 || :
grep -q 'KASAN: slab-out-of-bounds' "$tmp/said" ||
	die "KASAN does not report a write out of bounds"
echo "kernel: KASAN reports" >&2
cp "$tree/key" "$tree/checked"
