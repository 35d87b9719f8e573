# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Fuzzers.

include fuzzers/seq/seq.mk
include fuzzers/exec.mk
include fuzzers/make/make.mk
include fuzzers/targets.mk
include fuzzers/lines/lines.mk
include fuzzers/host/host.mk
