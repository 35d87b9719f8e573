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
# make hands on its own compiler, which need not know libFuzzer.
unset CC CXX CFLAGS CXXFLAGS LDFLAGS LIB_FUZZING_ENGINE SANITIZER WORK

build() {
	mkdir -p "$OUT"
	fuzzers/oss-fuzz/build.sh
}

complete() {
	local t

	for t in $(make -s fuzz-names); do
		[ -x "$OUT/$t" ] && [ -s "$OUT/$t.dict" ] || return 1
		zip -sf "$OUT/${t}_seed_corpus.zip" | grep '^  ' | sort \
			>"$tmp/packed"
		find "corpus/$t" -type f -printf '  %f\n' | sort |
			diff - "$tmp/packed" || return 1
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
	local t

	for t in $(make -s fuzz-names); do
		"$OUT/$t" "$@" "corpus/$t" || return 1
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
