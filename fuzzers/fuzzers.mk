# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Fuzz targets of the tools' own parsers, built by clang with ASan and UBSan.

include fuzzers/seq/seq.mk
include fuzzers/exec.mk
include fuzzers/make/make.mk
include fuzzers/lines/lines.mk

FUZZ_CC ?= clang
FUZZ_CFLAGS ?= -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
# The engine, as OSS-Fuzz names it.
LIB_FUZZING_ENGINE ?= -fsanitize=fuzzer
# What of the code under test is instrumented for it.
FUZZ_COVERAGE ?= -fsanitize=fuzzer-no-link
FUZZ_SECONDS ?= 20

FUZZ_TARGETS := vm_proto vm_bulk
FUZZ_BINARIES := $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%)
vm_proto_WITH := vm/proto/proto.c
vm_bulk_WITH := vm/proto/proto.c vm/proto/ring.c

.SECONDEXPANSION:
$(FUZZ_BINARIES): $(BUILD)/fuzz/%: fuzzers/%.c $$($$*_WITH) \
		$(wildcard vm/proto/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) -std=c11 -D_GNU_SOURCE $(WARN) $(FUZZ_CFLAGS) \
		$(FUZZ_COVERAGE) -o $@ $< $($*_WITH) $(LIB_FUZZING_ENGINE)

.PHONY: fuzz-smoke
fuzz-smoke: $(FUZZ_BINARIES) ## replay the corpora, fuzz each host target for FUZZ_SECONDS (20)
	@fuzzers/smoke.sh $(FUZZ_SECONDS) $(FUZZ_BINARIES)

# The engines of the kernel targets.
include fuzzers/host/host.mk
