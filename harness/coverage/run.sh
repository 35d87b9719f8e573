#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Which lines of kernel/bpf does the suite reach? Builds Linux 6.12 with gcov
# there, runs the whole suite in one VM, and prints the line coverage of each
# file and the lines of syscall.c that nothing reached, with what
# unreached.def says of them; writes that to RESULTS.md, too. Boot does not
# count. Exit status: 0 at least 92 % of syscall.c, 1 less, 2 no verdict.
# GCOV: the gcov of the compiler; KSRC: see ../kernel/build.sh.
set -u
: "${BUILD:=build}" "${TIMEOUT:=600}" "${GCOV:=gcov}"
here=$(cd "$(dirname "$0")" && pwd)
guest=$(realpath "$BUILD/bpfabi-guest")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

die() { echo "coverage: $*" >&2; exit 2; }

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

counters=/sys/kernel/debug/gcov
# shellcheck disable=SC2016 # the guest's shell expands it
"$BUILD/bpfvm" --timeout "$TIMEOUT" "${in[@]}" --out "$counters:$tmp" \
	"$out/bzImage" -- /bin/sh -c 'echo 0 >"$1"/reset && exec "$2"' \
	sh "$counters" "$guest" >"$tmp/suite.json" 2>"$tmp/err" ||
	{ tail -n 20 "$tmp/err" >&2; die "the suite failed in the VM"; }
grep -q '^{"end":' "$tmp/suite.json" || die "the suite did not end"
cases=$(grep -c '"verdict"' "$tmp/suite.json")
failed=$(grep -c '"verdict": "fail"' "$tmp/suite.json")

# gcov wants the notes beside the counters, and the source where it was.
cp -r "$out/build" "$out/kernel" "$tmp/" || exit 2
find "$tmp/gcov" -name '*.gcda' -exec cp {} "$tmp/build/kernel/bpf/" \;
(cd "$tmp/build" && for counts in kernel/bpf/*.gcda; do
	"$GCOV" "$counts" >"$tmp/gcov.log" 2>&1 || exit 1
	file=$(basename "$counts" .gcda).c
	[ ! -e "$file.gcov" ] || mv "$file.gcov" "$tmp/$file.gcov"
	rm -f ./*.gcov
done) || { tail -n 5 "$tmp/gcov.log" >&2; die "$GCOV failed"; }
[ -s "$tmp/syscall.c.gcov" ] || die "no counters of syscall.c"

# files: "covered lines file", best known first
files() {
	local gcov

	for gcov in "$tmp"/*.gcov; do
		awk -F: -v file="$(basename "$gcov" .gcov)" '
			$1 ~ /^ *[0-9]/ { covered++; lines++ }
			$1 ~ /#####|=====/ { lines++ }
			END { if (lines) print covered + 0, lines, file }' "$gcov"
	done | sort -k2,2nr
}

percent() { awk "BEGIN { printf \"%.1f\", $1 * 100 / $2 }"; }

report() {
	cat <<-MD
	# What the suite reaches of kernel/bpf

	Made by \`make coverage\`: gcov of Linux $(cat "$out/kernel.release"), tinyconfig and
	\`../kernel/config\`; $cases cases in one VM, $failed failed. Boot is not counted.

	**syscall.c: $covered of $lines lines, $(percent "$covered" "$lines") %.**

	| file | lines | reached | % |
	|---|---|---|---|
	$(files | while read -r c l file; do
		echo "| $file | $l | $c | $(percent "$c" "$l") |"
	done)

	## Lines of syscall.c that nothing reached

	$(awk -f "$here/unreached.awk" "$here/unreached.def" "$tmp/syscall.c.gcov")
	MD
}

read -r covered lines <<<"$(files | sed -n 's/ syscall\.c$//p')"
report | tee "$here/RESULTS.md"
[ $((covered * 100)) -ge $((lines * 92)) ]
