#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# What a VM for each case costs, beside one VM for all of them, and whether
# the verdicts are the same.
set -eu
: "${BUILD:=build}" "${KERNEL:=debian:6.12}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
TIMEFORMAT='%R %U %S'

# suite NAME OPTION...: KTAP in $tmp/NAME, its lines of verdicts in
# $tmp/NAME.verdicts, "real cpu" in $tmp/NAME.time
suite() {
	local name=$1 real user sys

	shift
	echo "bench: bpfabi run $*" >&2
	{ time "$BUILD/bpfabi" run --ktap --kernel "$KERNEL" "$@" \
		>"$tmp/$name" 2>"$tmp/err" </dev/null; } 2>"$tmp/time" ||
		{ cat "$tmp/err" >&2; exit 1; }
	read -r real user sys <"$tmp/time"
	echo "$real $(awk "BEGIN { print $user + $sys }")" >"$tmp/$name.time"
	grep -E '^(not )?ok ' "$tmp/$name" >"$tmp/$name.verdicts"
}

# one NAME FORMAT EXPRESSION of n (cases), real and cpu
figure() {
	local real cpu

	read -r real cpu <"$tmp/$1.time"
	awk "BEGIN { n = $cases; real = $real; cpu = $cpu; printf \"$2\", $3 }"
}

# The template is made before the clock starts.
"$BUILD/bpfabi" run --ktap --kernel "$KERNEL" --isolate case \
	--filter 'map_freeze/witness' >/dev/null 2>&1
suite together --jobs 1
suite isolated --isolate case
cases=$(wc -l <"$tmp/isolated.verdicts")
cat <<END
| $KERNEL, $cases cases, $(nproc) cores | s | CPU s | s a case |
|---|---|---|---|
| one VM for all | $(figure together %.1f real) | $(figure together %.1f cpu) | $(figure together %.3f real/n) |
| --isolate case | $(figure isolated %.1f real) | $(figure isolated %.1f cpu) | $(figure isolated %.3f real/n) |

END
if diff "$tmp/together.verdicts" "$tmp/isolated.verdicts" >"$tmp/diff"; then
	echo "Both give the same verdicts."
else
	echo "The verdicts differ:"
	cat "$tmp/diff"
	exit 1
fi
