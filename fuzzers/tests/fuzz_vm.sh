#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# bpfabi fuzz and repro on a stock kernel, blind: a campaign runs, stops, goes
# on, and leaves no process however it ends. Says so as TAP.
set -u
: "${BUILD:=build}" "${CC:=gcc}"
kernel=debian:6.12
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0
failed=0

# STATUS WHAT: one test point, which is good if STATUS is 0
point()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err" "$tmp/campaign/log.0" 2>/dev/null |
			tail -n 20
	fi
}

# All that a process has started, and it itself
tree()
{
	for child in $(pgrep -P "$1"); do
		tree "$child"
	done
	echo "$1"
}

# Whether none of these is there within 10 s
gone()
{
	for _ in $(seq 100); do
		left=
		for pid in "$@"; do
			state=$(sed 's/.*) \(.\).*/\1/' "/proc/$pid/stat" \
				2>/dev/null || echo Z)
			[ "$state" = Z ] || left="$left $pid"
		done
		[ -n "$left" ] || return 0
		sleep 0.1
	done
	echo "# left:$left"
	return 1
}

# Shells have what runs in the background ignore SIGINT.
begin()
{
	env --default-signal=INT "$BUILD/bpfabi" fuzz calls --kernel "$kernel" --work "$tmp/campaign" \
		--no-triage "$@" >"$tmp/out" 2>"$tmp/err" &
	fuzz=$!
}

# Until inputs run
await_inputs()
{
	for _ in $(seq 1200); do
		case $(tail -n 1 "$tmp/campaign/coverage.csv" 2>/dev/null) in
		'' | seconds* | *,0,*) sleep 0.1 ;;
		*) return 0 ;;
		esac
	done
	return 1
}

begin
await_inputs
point $? "inputs run"
pids=$(tree "$fuzz")
kill -INT "$fuzz"
wait "$fuzz"
[ $? = 130 ]
point $? "Ctrl-C: exit status 130"
# shellcheck disable=SC2086 # a list of words
gone $pids
point $? "Ctrl-C leaves no process"
grep -q 'inputs in' "$tmp/out"
point $? "a summary is printed"
[ "$(grep -c 'fuzzing blind' "$tmp/campaign/log.0")" = 1 ]
point $? "blindness is said, once"
grep -q '<polyline' "$tmp/campaign/coverage.html"
point $? "coverage is plotted"

rows=$(wc -l <"$tmp/campaign/coverage.csv")
last=$(tail -n 1 "$tmp/campaign/coverage.csv" | cut -d, -f2)
begin --time 20s
wait "$fuzz"
status=$?
[ "$status" = 0 ] || [ "$status" = 1 ]
point $? "a campaign ends when its time is up"
[ "$(wc -l <"$tmp/campaign/coverage.csv")" -gt "$rows" ] &&
	[ "$(tail -n 1 "$tmp/campaign/coverage.csv" | cut -d, -f2)" -gt "$last" ]
point $? "it went on where it was"

begin
await_inputs
sleep 2
pids=$(tree "$fuzz")
kill -KILL "$fuzz"
wait "$fuzz" 2>/dev/null
# shellcheck disable=SC2086 # a list of words
gone $pids
point $? "SIGKILL leaves no process"

# A slow machine's campaigns may have found nothing yet.
input=$(find corpus/calls -type f | sort | head -n 1)
"$BUILD/bpfabi" repro "$input" --kernel "$kernel" >"$tmp/out" 2>"$tmp/err" &&
	grep -q '^ *0 [a-z_]* = ' "$tmp/out"
point $? "repro: results of an input"
"$BUILD/bpfabi" repro "$input" --text >"$tmp/text" 2>"$tmp/err" &&
	"$BUILD/bpfabi" repro "$tmp/text" --text >"$tmp/again" 2>>"$tmp/err" &&
	cmp "$tmp/text" "$tmp/again" >>"$tmp/err"
point $? "repro: the text of an input is an input"
"$BUILD/bpfabi" repro "$input" --c >"$tmp/reproduce.c" 2>"$tmp/err" &&
	"$CC" -o "$tmp/reproduce" "$tmp/reproduce.c" 2>>"$tmp/err"
point $? "repro: the C program builds alone"
echo "1..$n"
exit $failed
