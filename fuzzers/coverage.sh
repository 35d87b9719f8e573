#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Which lines of kernel/bpf do the sequences of these folders reach? "coverage.sh
# DIR..." runs them in one VM of Linux 6.12 with gcov there, the kernel of `make
# coverage`, so that its percentage and the suite's are of the same lines. Prints
# a table; with LISTING=FILE writes gcov's syscall.c there. Exit status: 2 no
# verdict. TIMEOUT: seconds (1800). GCOV, KSRC: see ../harness/coverage/run.sh.
set -u
: "${BUILD:=build}" "${TIMEOUT:=1800}"
here=$(cd "$(dirname "$0")/../harness/coverage" && pwd)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

die() { echo "coverage: $*" >&2; exit 2; }
# shellcheck source=harness/coverage/gcov.sh
. "$here/gcov.sh"

[ $# -gt 0 ] || { echo "usage: $0 DIR..." >&2; exit 2; }
exec=$(realpath -e "$BUILD/bpfsys-exec" 2>/dev/null) ||
	die "$BUILD/bpfsys-exec: not built; call make"
command -v "$GCOV" >/dev/null || die "$GCOV: not found"
in=(--in "$exec:/bpfsys-exec")
n=0
for dir; do
	[ -d "$dir" ] || die "$dir: no folder"
	in+=(--in "$(realpath "$dir"):/corpus/$((n += 1))")
done
out=$("$here/../kernel/build.sh" "$here/gcov.patch") || exit 2
gcov_run "$out" --timeout "$TIMEOUT" --mem 1024 "${in[@]}" -- \
	/bpfsys-exec /corpus >"$tmp/said" 2>"$tmp/err" ||
	{ tail -n 20 "$tmp/err" >&2; die "not all sequences ran"; }
gcov_read "$out"
[ -z "${LISTING-}" ] || cp "$tmp/syscall.c.gcov" "$LISTING" || exit 2
read -r covered lines <<<"$(files | sed -n 's/ syscall\.c$//p')"
tail -n 1 "$tmp/said"
echo "syscall.c: $covered of $lines lines, $(percent "$covered" "$lines") %"
files_table
