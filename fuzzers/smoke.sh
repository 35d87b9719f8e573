#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# smoke.sh SECONDS TARGET...: replays each target's corpus, then fuzzes it for so
# long. What is found new stays out of the corpus; a crash is kept beside the
# target and fails.
set -eu
seconds=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0

for target in "$@"; do
	name=$(basename "$target")
	log=$target.log
	mkdir "$work/$name"
	if "$target" -runs=0 "corpus/$name" >"$log" 2>&1 &&
		"$target" -max_total_time="$seconds" -timeout=10 \
			-rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
			-artifact_prefix="$target-" "$work/$name" \
			"corpus/$name" >>"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "$name: $(find "corpus/$name" -type f | wc -l) seeds, $runs runs in $seconds s, no find"
	else
		tail -n 20 "$log"
		echo "$name: failed; all of it: $log"
		failed=1
	fi
done
exit "$failed"
