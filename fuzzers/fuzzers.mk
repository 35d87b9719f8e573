# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Fuzzers. A part that has a target without a VM adds it to FUZZ_TARGETS (see
# targets.mk) before that is included.

include fuzzers/seq/seq.mk
include fuzzers/exec.mk
include fuzzers/make/make.mk

include fuzzers/targets.mk
