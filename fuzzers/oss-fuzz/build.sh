#!/bin/bash -eu
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds the host targets as OSS-Fuzz and ClusterFuzzLite ask for it: with CC,
# CXX, CFLAGS, CXXFLAGS and LIB_FUZZING_ENGINE, into OUT, each with its seeds and
# words; WORK holds what is built on the way. Elsewhere, with libFuzzer:
#	OUT=/tmp/out fuzzers/oss-fuzz/build.sh
[ -e fuzzers/targets.mk ] || cd "$(dirname "$0")/../.."
: "${OUT:?names the directory for the targets}"
export CC=${CC:-clang}
CXX=${CXX:-clang++}
SANITIZER=${SANITIZER:-address}
LIB_FUZZING_ENGINE=${LIB_FUZZING_ENGINE:--fsanitize=fuzzer}
work=${WORK:-}
if [ -z "$work" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
if [ -z "${CFLAGS:-}" ]; then
	CFLAGS="-O1 -g -fno-omit-frame-pointer"
	case $SANITIZER in
	address) CFLAGS+=" -fsanitize=address -fsanitize=fuzzer-no-link" ;;
	undefined) CFLAGS+=" -fsanitize=undefined -fno-sanitize-recover=all -fsanitize=fuzzer-no-link" ;;
	coverage) CFLAGS+=" -fprofile-instr-generate -fcoverage-mapping" ;;
	*)
		echo "build.sh: SANITIZER=$SANITIZER: want address, undefined or coverage (libarchive and jansson are not built for others)" >&2
		exit 2
		;;
	esac
fi
CXXFLAGS=${CXXFLAGS:-$CFLAGS}
mkdir -p "$OUT/lib"

# Warnings of newer compilers are no reason not to fuzz.
# shellcheck disable=SC2016 # $ORIGIN is for the loader
make -j"$(nproc)" BUILD="$work/build" CFLAGS=-O1 WARN= FUZZ_CC="$CC" \
	FUZZ_CFLAGS="$CFLAGS" FUZZ_COVERAGE= FUZZ_LD="$CXX" \
	FUZZ_LDFLAGS="$CXXFLAGS"' -Wl,-rpath,'\''$$ORIGIN/lib'\' \
	LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" fuzz-targets

# The machine that runs them need not have these libraries.
take_libraries()
{
	ldd "$1" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | { grep -vE \
		'/(libc|libm|libpthread|libdl|librt|libresolv|libgcc_s|ld-[^/]*)\.so' ||
		true; } | xargs -r cp -L -t "$OUT/lib"
}

for name in $(make -s fuzz-names); do
	cp "$work/build/fuzz/$name" "$OUT/"
	take_libraries "$OUT/$name"
	rm -f "$OUT/${name}_seed_corpus.zip"
	zip -q -j -r "$OUT/${name}_seed_corpus.zip" "corpus/$name"
	cp "$work/build/fuzz/abi.dict" "$OUT/$name.dict"
done
