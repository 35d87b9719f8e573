#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Runs test programs (PROGRAM or PROGRAM@ARGUMENT) one after the other, each of
# which says TAP or KTAP; shows what failed, and counts everything in the last line. What a program printed
# stays in $BUILD/tests/NAME.tap.
set -u
: "${BUILD:=build}"
mkdir -p "$BUILD/tests" || exit 1
passed=0
failed=0
skipped=0
export CMOCKA_MESSAGE_OUTPUT=TAP
trap 'exit 130' INT TERM

for item in "$@"; do
	program=${item%%@*}
	name=$(basename "$program")
	set --
	if [ "$program" != "$item" ]; then
		set -- "${item#*@}"
	fi
	log=$BUILD/tests/$name${1+-$1}.tap
	printf '%-32s' "$name${1+ $1}"
	status=0
	"$program" "$@" >"$log" 2>&1 || status=$?
	ok=$(grep -cE '^ *ok [0-9]+' "$log")
	skip=$(grep -cE '^ *ok [0-9]+.*# SKIP' "$log")
	bad=$(grep -cE '^ *not ok [0-9]+' "$log")
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ]; then
		echo "no test ran"
		bad=1
	fi
	echo "$ok ok, $bad failed"
	if [ "$bad" -ne 0 ]; then
		grep -vE '^ *ok ' "$log" | tail -n 40
		echo "    (exit status $status; all of it: $log)"
	fi
	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + bad))
done
echo "$((passed + failed + skipped)) tests: $passed passed, $failed failed, $skipped skipped or absent"
[ "$failed" -eq 0 ]
