#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The script for OSS-Fuzz, with libFuzzer and with an engine of our own that is
# an object file: every target comes with its seeds and words, loads its
# libraries from beside itself, and replays its corpus. Says so as TAP.
# shellcheck disable=SC2317 # functions are called through try
set -u
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh
export TMPDIR=$tmp

build() {
	mkdir -p "$OUT"
	fuzzers/oss-fuzz/build.sh
}

complete() {
	for name in $(make -s fuzz-names); do
		[ -x "$OUT/$name" ] && [ -s "$OUT/$name.dict" ] &&
			[ "$(zip -sf "$OUT/${name}_seed_corpus.zip" |
				grep -c '^  ')" = "$(find "corpus/$name" -type f | wc -l)" ] || {
			echo "$name: not all of it is in OUT"
			return 1
		}
	done
}

# A library that is not found beside the target is found in the system's
# directories on this machine, so ask which one it is.
own_libraries() {
	ldd "$OUT/image" | grep libarchive | grep -F "$OUT/lib/" &&
		ldd "$OUT/results" | grep libjansson | grep -F "$OUT/lib/"
}

# ARGUMENT...: before the corpus
replay() {
	for name in $(make -s fuzz-names); do
		"$OUT/$name" "$@" "corpus/$name" || return 1
	done
}

export OUT=$tmp/libfuzzer
try "builds with libFuzzer" build
try "brings seeds and words" complete
try "brings libraries" own_libraries
try "libFuzzer replays the corpora" replay -runs=0

export OUT=$tmp/other CC=clang CXX=clang++ CFLAGS=-O1 SANITIZER=none
clang -O1 -D_GNU_SOURCE -c -o "$tmp/engine.o" fuzzers/targets/replay.c
export LIB_FUZZING_ENGINE=$tmp/engine.o
try "builds with an engine of its own" build
try "which replays the corpora" replay
finish
