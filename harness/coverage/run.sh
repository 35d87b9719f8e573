#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Which lines of kernel/bpf does the suite reach? Builds Linux 6.12 with gcov
# there, runs the whole suite in one VM, and prints the line coverage of each
# file and the lines of syscall.c that nothing reached, with what
# unreached.def says of them; writes that to RESULTS.md, too. Boot does not
# count. Exit status: 0 at least 92 % of syscall.c, 1 less, 2 no verdict.
# GCOV: the gcov of the compiler; KSRC: see ../kernel/build.sh.
set -u
: "${BUILD:=build}" "${TIMEOUT:=600}"
here=$(cd "$(dirname "$0")" && pwd)
guest=$(realpath "$BUILD/bpfabi-guest")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

die() { echo "coverage: $*" >&2; exit 2; }
# shellcheck source=harness/coverage/gcov.sh
. "$here/gcov.sh"

if [ ! -x "$BUILD/bpfvm" ] || [ ! -x "$guest" ]; then
	die "$BUILD/bpfvm, $guest: not built; call make"
fi
command -v "$GCOV" >/dev/null || die "$GCOV: not found"
out=$("$here/../kernel/build.sh" "$here/gcov.patch") || exit 2

# The shell is what bpfvm brings along; the suite and its libraries go with it.
in=(--in "$guest")
while read -r library; do
	in+=(--in "$(realpath "$library"):$library")
done < <(ldd "$guest" | grep -o '/[^ ]*')

gcov_run "$out" --timeout "$TIMEOUT" "${in[@]}" -- "$guest" \
	>"$tmp/suite.json" 2>"$tmp/err" ||
	{ tail -n 20 "$tmp/err" >&2; die "the suite failed in the VM"; }
grep -q '^{"end":' "$tmp/suite.json" || die "the suite did not end"
cases=$(grep -c '"verdict"' "$tmp/suite.json")
failed=$(grep -c '"verdict": "fail"' "$tmp/suite.json")

gcov_read "$out"

report() {
	cat <<-MD
	# What the suite reaches of kernel/bpf

	Made by \`make coverage\`: gcov of Linux $(cat "$out/kernel.release"), tinyconfig and
	\`../kernel/config\`; $cases cases in one VM, $failed failed. Boot is not counted.

	**syscall.c: $covered of $lines lines, $(percent "$covered" "$lines") %.**

	$(files_table)

	## Lines of syscall.c that nothing reached

	$(awk -f "$here/unreached.awk" "$here/unreached.def" "$tmp/syscall.c.gcov")
	MD
}

read -r covered lines <<<"$(files | sed -n 's/ syscall\.c$//p')"
report | tee "$here/RESULTS.md"
[ $((covered * 100)) -ge $((lines * 92)) ]
