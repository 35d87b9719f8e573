#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Does the suite notice what breaks bpf(2)? Builds Linux 6.12 with the
# regressions of mutations.patch in it, runs the suite on each ("run.sh 3
# 17" only on these), and prints which cases failed: of the command that is broken
# if any, else of all. Without arguments it writes RESULTS.md, too. Exit status: 0 at least 95 % are caught, 1 fewer, 2 no
# verdict. JOBS: VMs at once; TIMEOUT: seconds for one; KSRC: see
# ../kernel/build.sh.
set -u
: "${BUILD:=build}" "${JOBS:=$(nproc)}" "${TIMEOUT:=300}"
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
vms=
trap '[ -z "$vms" ] || kill -- -"$vms"; wait; exit 130' INT TERM
export BUILD TIMEOUT tmp

say() { echo "mutation: $*" >&2; }
die() { say "$*"; exit 2; }

table() { grep -E '^[0-9]+\|' "$here/mutations.patch"; }

if [ ! -x "$BUILD/bpfabi" ] || [ ! -x "$BUILD/bpfabi-guest" ]; then
	die "$BUILD/bpfabi: not built; call make"
fi
out=$("$here/../kernel/build.sh" "$here/mutations.patch") || exit 2
# What is running is what began, though someone builds meanwhile.
cp "$out/bzImage" "$BUILD/bpfabi" "$BUILD/bpfabi-guest" "$tmp/" || exit 2

# judge N OPTION...: KTAP in $tmp/N.ktap, what bpfabi says in $tmp/N.status
judge() {
	local n=$1 status=0

	shift
	"$tmp/bpfabi" run --ktap --quiet --jobs 1 --kernel "$tmp/bzImage" \
		--append "bpf_mutant=$n" --timeout "$TIMEOUT" "$@" \
		>"$tmp/$n.ktap" 2>"$tmp/$n.err" </dev/null || status=$?
	echo "$status" >"$tmp/$n.status"
	echo "mutation: $n: bpfabi $* says $status" >&2
}

# mutant N FILTER...: the cases of these names; if all of them pass, the suite
mutant() {
	local n=$1 filter options=()

	shift
	for filter; do
		options+=(--filter "$filter")
	done
	judge "$n" "${options[@]}"
	[ "$(cat "$tmp/$n.status")" != 0 ] || judge "$n"
}
export -f judge mutant

# The cases that failed, one a line; a case that the kernel died in is one.
failed() { sed -n 's/^ *not ok [0-9]* \([^ ]*\/[^ ]*\).*/\1/p' "$tmp/$1.ktap"; }

# caught N: "3 cases: a/b, c/d, ..."; MISSED if none
caught() {
	local n

	n=$(failed "$1" | wc -l)
	if [ "$n" -eq 0 ]; then
		echo "**MISSED**"
	else
		failed "$1" | head -n 3 | paste -sd, | sed 's/,/, /g' | tr -d '\n'
		[ "$n" -le 3 ] || printf ' and %d more' $((n - 3))
		echo
	fi
}

rows() {
	local n kind place what

	table | cut -d'|' -f1-3,5 | while IFS='|' read -r n kind place what; do
		[ ! -e "$tmp/$n.status" ] ||
			echo "| $n | $kind | \`$place\` | $what | $(caught "$n") |"
	done
}

report() {
	cat <<-MD
	# What the suite catches

	Made by \`make mutation\`: Linux $(cat "$out/kernel.release") with the regressions of
	\`mutations.patch\`, one turned on at a time; the suite of $cases cases.
	Without any of them every case passes. A mutant runs the cases of the command
	that it breaks; the whole suite, if these pass.

	**$hits of $all are caught.**

	| | kind | where | what | caught by |
	|---|---|---|---|---|
	$(rows)
	MD
}

# grouped COMMAND...: in a process group, so that all of it can be ended
grouped() {
	set -m
	"$@" &
	vms=$!
	set +m
	wait "$vms" || die "interrupted"
	vms=
}

mutants=${*:-$(table | cut -d'|' -f1)}
for n in $mutants; do
	table | grep -q "^$n|" || die "$n: no such mutation"
done
grouped judge 0
[ "$(cat "$tmp/0.status")" = 0 ] || {
	cat "$tmp/0.err" >&2
	grep -B 4 '^ *not ok' "$tmp/0.ktap" >&2
	die "the suite does not pass where nothing is broken"
}
cases=$(grep -cE '^ *(not )?ok [0-9]+ [^ ]+/' "$tmp/0.ktap")
for n in $mutants; do
	echo "$n $(table | sed -n "s/^$n|[^|]*|[^|]*|\([^|]*\)|.*/\1/p")"
done >"$tmp/order"
# shellcheck disable=SC2016 # the inner shell expands it
grouped xargs -P "$JOBS" -d '\n' -n 1 -a "$tmp/order" bash -fc 'mutant $0'

all=0
hits=0
for n in $mutants; do
	# 1: a case failed, 4: the kernel died in one
	case $(cat "$tmp/$n.status") in
	0 | 1 | 4) ;;
	*) cat "$tmp/$n.err" >&2; die "$n: no verdict" ;;
	esac
	all=$((all + 1))
	[ "$(failed "$n" | wc -l)" -eq 0 ] || hits=$((hits + 1))
done
if [ $# -eq 0 ]; then
	report | tee "$here/RESULTS.md"
else
	report
fi
[ $((hits * 100)) -ge $((all * 95)) ]
