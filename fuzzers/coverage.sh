#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# coverage.sh BUILD TARGET FOUND FILE...: which lines of FILEs the corpus of
# TARGET, and what is in FOUND/TARGET ("": nothing), reaches; a line for each
# file and one for all of them. Below 85 % of all it fails.
set -eu
build=$1
name=$2
found=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

dirs=corpus/$name
if [ -n "$found" ] && [ -d "$found/$name" ]; then
	dirs="$dirs $found/$name"
fi
# shellcheck disable=SC2086 # a list of directories
TMPDIR=$work LLVM_PROFILE_FILE=$work/raw "$build/fuzzcov/$name" $dirs \
	>"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
llvm-profdata merge -o "$work/data" "$work/raw"
llvm-cov report "$build/fuzzcov/$name" -instr-profile="$work/data" "$@" \
	>"$work/report"
# Columns 8 and 9: lines, and those that were missed.
awk -v name="$name" -v want=85 '
	$1 == "TOTAL" || $1 ~ /\.[ch]$/ {
		what = $1 == "TOTAL" ? "all" : $1
		sub(/.*\//, "", what)
		share = 100 * ($8 - $9) / $8
		printf "%-10s %-24s %5d of %5d lines %6.1f %%\n",
			name, what, $8 - $9, $8, share
		if ($1 == "TOTAL")
			failed = share < want
	}
	END { exit failed }' "$work/report" || {
	echo "$name: less than 85 %: grow corpus/$name" >&2
	exit 1
}
