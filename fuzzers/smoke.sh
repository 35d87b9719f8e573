#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# smoke.sh BUILD SECONDS TARGET...: replays each target's corpus, then fuzzes it
# for so long with libFuzzer and as long with AFL++; 0 seconds: only replays.
# What is found new stays out of the corpus, and in FOUND/TARGET if FOUND names a
# directory; a find is kept beside the target and fails.
set -eu
build=$1
seconds=$2
shift 2
# On memory, as every input becomes files.
work=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo /tmp)")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/tmp"
export TMPDIR="$work/tmp"

libfuzzer()
{
	target=$build/fuzz/$name
	"$target" -runs=0 "corpus/$name" >"$target.log" 2>&1 || return 1
	[ "$seconds" != 0 ] || return 0
	"$target" -max_total_time="$seconds" -timeout=10 -max_len=65536 \
		-rss_limit_mb=2048 -dict="$build/fuzz/abi.dict" \
		-print_final_stats=1 -artifact_prefix="$target-" \
		"$found" "corpus/$name" >>"$target.log" 2>&1
}

# Its targets run for ever if nobody feeds them, so that they have no say in how
# long this takes.
afl()
{
	target=$build/afl/$name
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_STARTUP_CALIBRATION=1 \
		AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_QUIET=1 \
		afl-fuzz -V "$seconds" -m none -t 10000 -i "corpus/$name" \
		-o "$work/afl-$name" -x "$build/fuzz/abi.dict" \
		-- "$target" >"$target.log" 2>&1 || return 1
	finds=$(find "$work/afl-$name/default/crashes" \
		"$work/afl-$name/default/hangs" -name 'id:*' 2>/dev/null)
	for find in $finds; do
		cp "$find" "$target-$(basename "$find" | tr ':,' '--')"
	done
	[ -z "$finds" ] || echo "finds beside $target" >>"$target.log"
	[ -z "$finds" ]
}

stat_of()
{
	sed -n "s/^$2 *: *//p" "$work/afl-$1/default/fuzzer_stats"
}

failed=0
for name in "$@"; do
	seeds=$(find "corpus/$name" -type f | wc -l)
	found=$work/$name
	[ -z "${FOUND:-}" ] || found=$FOUND/$name
	mkdir -p "$found"
	said="$name: $seeds seeds"
	if ! libfuzzer; then
		tail -n 20 "$build/fuzz/$name.log"
		echo "$name: failed with libFuzzer; all of it: $build/fuzz/$name.log"
		failed=1
		continue
	fi
	if [ "$seconds" != 0 ]; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
			"$build/fuzz/$name.log")
		said="$said; in $seconds s libFuzzer $runs runs"
		if ! afl; then
			tail -n 20 "$build/afl/$name.log"
			echo "$name: failed with AFL++; all of it: $build/afl/$name.log"
			failed=1
			continue
		fi
		said="$said, AFL++ $(stat_of "$name" execs_done)"
	fi
	echo "$said; no find"
done
exit "$failed"
