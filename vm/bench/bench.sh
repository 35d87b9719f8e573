#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Measures bpfvm beside its peers in one run and prints the table of
# vm/README.md. Every figure is a median of ROUNDS; what is compared takes
# turns, so that a noisy machine is noisy for both.
set -eu
: "${BUILD:=build}" "${ROUNDS:=10}" "${CLONES:=500}"
: "${KERNELS:=debian:6.1 debian:6.12}"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
TIMEFORMAT='%R %U %S'

say() {
	echo "bench: $*" >&2
}

# bash's own clock: run NAME COMMAND... adds "real cpu" to $tmp/NAME; its
# children are counted, as bpfvm waits for QEMU.
run() {
	local name=$1 real user sys
	shift
	{ time "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; } 2>"$tmp/time" ||
		{ say "failed: $*"; cat "$tmp/err" >&2; exit 1; }
	read -r real user sys <"$tmp/time"
	awk "BEGIN { print $real, $user + $sys }" >>"$tmp/$name"
}

# median NAME COLUMN
median() {
	cut -d' ' -f"$2" "$tmp/$1" | sort -g | awk '{ v[NR] = $1 }
		END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

calc() {
	awk "BEGIN { printf \"$1\", $2 }"
}

# shellcheck disable=SC2317 # run by run()
qemu() {
	local root=$cache/qemu/current

	if [ -x "$root/usr/bin/qemu-system-x86_64" ]; then
		LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu \
			"$root/usr/bin/qemu-system-x86_64" \
			-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
	else
		qemu-system-x86_64 "$@"
	fi
}

# What somebody types who has nothing but QEMU.
# shellcheck disable=SC2317
bare() {
	qemu -machine q35 -accel tcg -cpu max -m 512 -nodefaults -no-reboot \
		-display none -nic none -serial stdio -kernel "$1" \
		-initrd "$tmp/hello.cpio" -append "console=ttyS0 quiet panic=-1"
}

hello_initramfs() {
	mkdir "$tmp/root"
	cp "$BUILD/vm/bench/hello_init" "$tmp/root/init"
	(cd "$tmp/root" && echo init | cpio -o -H newc --quiet) >"$tmp/hello.cpio"
}

boots() {
	local kernel=$1 image i

	image=$("$BUILD/bpfabi" kernels fetch "$kernel" | cut -f2)
	bpfvm=("$BUILD/bpfvm" --accel tcg)
	say "$kernel: bare QEMU, bpfvm, bpfvm --clone: $ROUNDS rounds"
	"${bpfvm[@]}" --clone "$kernel" -- true
	for ((i = 0; i < ROUNDS; i++)); do
		run "bare-$kernel" bare "$image"
		grep -q hello "$tmp/out"
		run "cold-$kernel" "${bpfvm[@]}" "$kernel" -- true
		run "clone-$kernel" "${bpfvm[@]}" --clone "$kernel" -- true
	done
}

boots_table() {
	local kernel

	echo "| kernel | bare QEMU, s (CPU s) | bpfvm, s (CPU s) | overhead |" \
		"clone, s (CPU s) | clone's CPU of a cold boot's |"
	echo "|---|---|---|---|---|---|"
	for kernel in $KERNELS; do
		local b c l
		b=$(median "bare-$kernel" 1)
		c=$(median "cold-$kernel" 1)
		l=$(median "clone-$kernel" 1)
		local bc cc lc
		bc=$(median "bare-$kernel" 2)
		cc=$(median "cold-$kernel" 2)
		lc=$(median "clone-$kernel" 2)
		echo "| $kernel | $b ($bc) | $c ($cc) |" \
			"$(calc '%+.0f %%' "100 * ($c / $b - 1)") |" \
			"$l ($lc) | $(calc '%.1f %%' "100 * $lc / $cc") |"
	done
}

# rate NAME KIB OPTION...: adds the KB/s that a program's write() saw
rate() {
	local name=$1 kib=$2

	shift 2
	run "run-$name" "${bpfvm[@]}" --timeout 300 "$@" "${KERNELS##* }" -- \
		"$BUILD/tests/guest_stream" "${kib}K"
	awk "/ s\$/ { print $kib / \$1 }" "$tmp/err" >>"$tmp/$name"
}

# A file of 256 MiB by --out: what the run takes longer than without.
file_rate() {
	local run=("${bpfvm[@]}" --mem 1024 "$@") file=$tmp/file
	local what=("${KERNELS##* }" -- "$BUILD/tests/guest_stream" 256 /tmp/f)

	run "out-with" "${run[@]}" --out "/tmp/f:$file" "${what[@]}"
	run "out-without" "${run[@]}" "${what[@]}"
	rm -f "$file"
}

# Of the bulk channel so much more that either takes its time.
channels() {
	local i

	say "serial port and bulk channel: $ROUNDS rounds"
	"${bpfvm[@]}" --clone "${KERNELS##* }" -- "$BUILD/tests/guest_stream" 0 \
		2>/dev/null
	"${bpfvm[@]}" --no-bulk --clone "${KERNELS##* }" -- \
		"$BUILD/tests/guest_stream" 0 2>/dev/null
	file_rate --clone
	rm "$tmp/out-with" "$tmp/out-without"
	for ((i = 0; i < ROUNDS; i++)); do
		file_rate --clone
		rate uart-cold 512 --no-bulk
		rate bulk-cold 65536
		rate uart-clone 512 --no-bulk --clone
		rate bulk-clone 65536 --clone
	done
}

channels_table() {
	local how u b

	echo "| ${KERNELS##* } | serial port, KB/s | bulk channel, KB/s | times |"
	echo "|---|---|---|---|"
	for how in cold clone; do
		u=$(median "uart-$how" 1)
		b=$(median "bulk-$how" 1)
		echo "| $how | $(calc %.0f "$u") | $(calc %.0f "$b") |" \
			"$(calc %.0f "$b / $u") |"
	done
	b="256 * 1024 / ($(median out-with 1) - $(median out-without 1))"
	echo "| --out, clone | $(calc %.0f "$u") | $(calc %.0f "$b") |" \
		"$(calc %.0f "$b / $u") |"
}

clones() {
	local kernel=${KERNELS##* } i bad=0

	say "$CLONES clones in a row of $kernel"
	for ((i = 0; i < CLONES; i++)); do
		{ time "$BUILD/bpfvm" --accel tcg --clone "$kernel" -- true \
			2>>"$tmp/clones" || bad=$((bad + 1)); } 2>"$tmp/time"
		awk '{ print $1, $2 + $3 }' "$tmp/time" >>"$tmp/row"
	done
	cat "$tmp/clones" >&2
	[ -s "$tmp/clones" ] && bad="$bad, not all silent"
	local s c
	s=$(median row 1)
	c=$(median row 2)
	echo "$CLONES clones of $kernel in a row: $bad failed; median $s s," \
		"CPU $c s," "$(calc '%.1f %%' "100 * $c / $(median "cold-$kernel" 2)")" \
		"of a cold boot's"
	[ "$bad" = 0 ]
}

hello_initramfs
for kernel in $KERNELS; do
	boots "$kernel"
done
status=0
channels
boots_table
echo
channels_table
echo
clones || status=1
exit $status
