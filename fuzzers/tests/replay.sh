#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Every target replays its corpus under ASan and UBSan. Says so as TAP.
set -u
: "${BUILD:=build}"
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh

for name in $(make -s fuzz-names); do
	try "$name" fuzzers/smoke.sh "$BUILD" 0 "$name"
done
finish
