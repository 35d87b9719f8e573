#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The suite on KERNELS in each of WIDTHS, ROUNDS times: fails where the ABI does
# not hold, and where a round's verdicts are not those of the first. KEEP names
# a directory that keeps the verdicts: rounds that it has are not run again. VMS:
# so many at once, instead of one for each CPU.
set -u
: "${BUILD:=build}" "${ROUNDS:=1}" "${WIDTHS:=64 32}"
: "${KERNELS:=debian:5.10 debian:6.1 debian:6.12 debian:6.19 debian:7.0 \
debian:7.1 debian:7.2 debian:7.3}"
tmp=${KEEP:-}
if [ -n "$tmp" ]; then
	mkdir -p "$tmp" || exit 1
else
	tmp=$(mktemp -d) || exit 1
	trap 'rm -rf "$tmp"' EXIT
fi
trap 'exit 130' INT TERM
failed=0

fail() {
	echo "$*"
	failed=1
}

specs=()
for spec in $KERNELS; do
	specs+=(--kernel "$spec")
done

# run WIDTH ROUND: its KTAP, and what its kernels said, in $tmp/WIDTH.ROUND.
run() {
	local log=$tmp/$1.$2 option=() status=0

	[ "$1" = 64 ] || option=(--compat32)
	"$BUILD/bpfabi" run --quiet --ktap "${specs[@]}" "${option[@]}" \
		${VMS:+--jobs "$VMS"} >"$log" || status=$?
	grep -E '^ *(not )?ok ' "$log" >"$log.verdicts"
	if [ $status -ne 0 ]; then
		fail "bpfabi run of width $1 ended with status $status:"
		grep -vE '^ *ok |^ *(KTAP|1\.\.)' "$log"
	fi
}

# A row for each kernel, of the line that says its verdict.
table() {
	sed -nE 's/^ *# (The ABI|The kernel|No verdict|Interrupted)/\1/p' "$1" |
		awk -v width="$2" -v specs="$KERNELS" '
		BEGIN { split(specs, spec) }
		{ n = split($0, at, /: |, |; /); row = ""
		  for (i = 2; i <= 6; i++) { sub(/ .*/, "", at[i])
		    row = row " " at[i] " |" }
		  print "| " spec[NR] " | " width " |" row " " at[n] " |" }'
}

echo "| kernel | width | passed | failed | absent | skipped | known | took |"
echo "|---|---|---|---|---|---|---|---|"
began=$SECONDS
for ((round = 1; round <= ROUNDS; round++)); do
	for width in $WIDTHS; do
		kept=$tmp/$width.$round
		if [ -e "$kept.done" ]; then
			[ "$(cat "$kept.done")" = "$KERNELS" ] || {
				echo "$KEEP has verdicts of other kernels" >&2
				exit 1
			}
			[ $round -gt 1 ] || table "$kept" "$width"
			continue
		fi
		run "$width" $round
		[ $round -gt 1 ] || table "$kept" "$width"
		[ $round -eq 1 ] || diff "$tmp/$width.1.verdicts" "$kept.verdicts" ||
			fail "round $round of width $width differs from the first"
		[ $round -eq 1 ] || rm -f "$kept" "$kept.verdicts"
		[ $failed -ne 0 ] || echo "$KERNELS" >"$kept.done"
	done
	[ "$ROUNDS" -eq 1 ] ||
		echo "round $round of $ROUNDS after $((SECONDS - began)) s" >&2
done
echo
[ $failed -ne 0 ] || echo "$ROUNDS x width $WIDTHS of $(wc -w <<<"$KERNELS") kernels: all hold, $([ "$ROUNDS" -eq 1 ] || echo "the same verdicts each time, ")$((SECONDS - began)) s"
exit $failed
