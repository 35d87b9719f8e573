#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Do the fuzzers find bugs that are there? Builds Linux 6.12 as make kernel does,
# with planted.patch; fuzzes it once for each bug ("run.sh 0 3": only those),
# from an empty corpus and with one VM, until the bug is found and judged, or
# TIME is over; prints what it was named and when it was first seen. "run.sh
# --build" says where the kernel is, "run.sh --trigger" provokes each bug by
# hand, "run.sh --crash" (CRASHES=100) what crashes cost and leave. Exit status: 0 all are found, 1 not, 2 no verdict. TIME: as of bpfabi
# fuzz (30m); WORK: directory for campaigns (kept; else a temporary one); KSRC:
# a tarball, else Debian's linux-source-6.12.
set -u
: "${BUILD:=build}" "${TIME:=30m}" "${CRASHES:=100}" "${KSRC:=}" "${CC:=gcc}"
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../vm/kernels
tree=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys/built/planted
tmp=$(mktemp -d) || exit 2
: "${WORK:=$tmp/campaigns}"
campaign=
trap '[ -z "$campaign" ] || kill -TERM "$campaign"; wait; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

die() { echo "planted: $*" >&2; exit 2; }

table() { grep -E '^[0-9]+\|' "$here/planted.patch"; }

# column BIT N: of that bug's row
column() { table | grep "^$1|" | cut -d'|' -f"$2"; }

# The words before the patch are no reason to build it again.
build() {
	[ -n "$KSRC" ] || KSRC=$("$kernels/source.sh" 6.12) || exit 2
	sed -n '/^--- /,$p' "$here/planted.patch" >"$tmp/patch"
	"$kernels/build.sh" "$kernels/kcov.config" "$KSRC" "$tree" \
		"$tmp/patch" || exit 2
}

# trigger BIT MASK: how the program, or the kernel, ended
trigger() {
	local status=0

	"$BUILD/bpfvm" --append "bpf_planted=$2" --in "$tmp/trigger" "$tree" \
		-- "$tmp/trigger" "$1" >"$tmp/said" 2>&1 || status=$?
	if grep -q 'KASAN: \|kernel BUG' "$tmp/said"; then
		echo reported
	elif [ "$status" = 0 ]; then
		echo seen
	elif [ "$status" = 1 ]; then
		echo not there
	else
		cat "$tmp/said" >&2
		echo "failed ($status)"
	fi
}

trigger_all() {
	local bit off on failed=0

	"$CC" -O2 -static -D_GNU_SOURCE -o "$tmp/trigger" "$here/trigger.c" ||
		exit 2
	for bit in $(table | cut -d'|' -f1); do
		off=$(trigger "$bit" 0)
		on=$(trigger "$bit" $((1 << bit)))
		echo "$(column "$bit" 4): $off without the bug, $on with it"
		case "$off, $on" in
		'not there, reported' | 'not there, seen') ;;
		*) failed=1 ;;
		esac
	done
	return $failed
}

# left DIR: what files are left there, and which processes name $tmp.
left() {
	find "$1" -mindepth 1
	pgrep -af "$tmp" || true
}

# A campaign against a kernel that dies of MAP_FREEZE, as all its seeds do:
# CRASHES in a row, each of whose inputs is kept.
crash_all() {
	local dir=$tmp/campaign kept status=0 rest i

	mkdir -p "$tmp/left" "$tmp/seeds"
	TMPDIR=$tmp/left "$BUILD/fuzzers/bench/crash" "$BUILD/bpfsys-exec" \
		"$tree" bpf_planted=32 "$CRASHES" || return 1
	for ((i = 1; i <= CRASHES; i++)); do
		cat >"$tmp/seeds/$i" <<-END
			r0 = MAP_CREATE(size=72) map_type=BPF_MAP_TYPE_ARRAY key_size=4 value_size=8 max_entries=$i
			r1 = MAP_FREEZE(size=4) map_fd=r0
		END
	done
	TMPDIR=$tmp/left "$BUILD/bpfabi" fuzz calls --kernel "$tree" \
		--append bpf_planted=32 --corpus "$tmp/seeds" --work "$dir" \
		--no-triage --time "$TIME" >"$tmp/said" 2>&1 &
	campaign=$!
	while kept=$(cat "$dir"/finds/raw/*/log 2>/dev/null | wc -l) &&
		[ "$kept" -lt "$CRASHES" ] && kill -0 "$campaign" 2>/dev/null; do
		sleep 1
	done
	kill -TERM "$campaign" 2>/dev/null
	wait "$campaign" || status=$?
	campaign=
	grep restarts "$tmp/said"
	kept=$(cat "$dir"/finds/raw/*/log | wc -l)
	rest=$(left "$tmp/left")
	echo "campaign ended with $status: $kept crashes kept;" \
		"left behind: ${rest:-nothing}"
	[ "$kept" -ge "$CRASHES" ] && [ -z "$rest" ]
}

# found BIT DIR: what is there of such a name, if anything
found() {
	local patterns pattern find

	read -ra patterns <<<"$(column "$1" 3)"
	for find in "$2"/finds/*/; do
		find=$(basename "$find")
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053 # a pattern
			[[ $find != $pattern ]] || { echo "$find"; return; }
		done
	done
}

# first_seen BIT DIR BEGAN: when the engine kept the first of such a name, in
# seconds since the campaign began
first_seen() {
	local patterns pattern log

	read -ra patterns <<<"$(column "$1" 3)"
	for pattern in "${patterns[@]}"; do
		for log in "$2/finds/raw/"$pattern/log; do
			[ ! -e "$log" ] || cat "$log"
		done
	done | sort -n | head -n 1 |
		awk -v began="$3" '{ printf "%d", $1 - began }'
}

# hunt BIT: a row of the table; 1 if nothing was found
hunt() {
	local dir=$WORK/$1 began name status=0

	[ ! -e "$dir" ] || die "$dir: a campaign was there"
	mkdir -p "$dir" "$tmp/empty"
	began=$(date +%s)
	"$BUILD/bpfabi" fuzz "$(column "$1" 2)" --kernel "$tree" \
		--append "bpf_planted=$((1 << $1))" --corpus "$tmp/empty" \
		--work "$dir" --time "$TIME" --quiet >"$tmp/said" 2>&1 &
	campaign=$!
	while name=$(found "$1" "$dir") && [ -z "$name" ] &&
		kill -0 "$campaign" 2>/dev/null; do
		sleep 1
	done
	[ -z "$name" ] || kill -TERM "$campaign" 2>/dev/null
	wait "$campaign" || status=$?
	campaign=
	name=$(found "$1" "$dir")
	if [ -z "$name" ] && [ "$status" -ge 2 ]; then
		tail -n 5 "$tmp/said" >&2
		die "the campaign against bug $1 failed"
	fi
	echo "| $1 | $(column "$1" 4) | \`$(column "$1" 5)\` | $(column "$1" 2) |" \
		"${name:+$(first_seen "$1" "$dir" "$began") s}" \
		"| ${name:-**not found in $TIME**} |"
	[ -n "$name" ]
}

bits=$(table | cut -d'|' -f1 | head -n 5)
case ${1-} in
--build) build; echo "$tree"; exit ;;
--trigger) build; trigger_all; exit ;;
--crash) build; crash_all; exit ;;
'') ;;
*) bits=$* ;;
esac
[ -x "$BUILD/bpfabi" ] || die "$BUILD/bpfabi: not built; call make"
for bit in $bits; do
	[ -n "$(column "$bit" 2)" ] || die "$bit: no such bug"
done
build
missed=0
echo '| | bug | where | target | first seen after | named |'
echo '|---|---|---|---|---|---|'
for bit in $bits; do
	hunt "$bit" || missed=1
done
exit $missed
