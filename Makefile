# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The one entry for people: `make help` names every target.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
KERNEL ?= debian:6.12

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -MMD -MP
export BUILD CC

# V=1 shows the commands.
ifndef V
MAKEFLAGS += --silent
endif
JOBS := -j$(shell nproc 2>/dev/null || echo 1)

.DEFAULT_GOAL := all
.PHONY: help all setup setup-test setup-cross setup-compat32 cross run kernels \
	flakes test bench lint clean kernel kernel-debug test-faults test-probes \
	setup-kernel mutation coverage

help: ## name every target
	@echo "usage: make TARGET [BUILD=DIR] [CC=COMPILER] [KERNEL=SPEC]"
	@sed -n 's/^\([a-z0-9-]*\):.*## /  \1\t/p' Makefile */*.mk | expand -t 16

include lib/lib.mk
include vm/vm.mk
include harness/harness.mk
include fuzzers/fuzzers.mk

all: $(ALL_TARGETS) ## build the libraries, bpfvm, bpfabi and the suite

setup: ## install with apt what building and running need (done by run and test)
	@harness/setup.sh run
	@echo "building in $(BUILD)/ ..." >&2
	@$(MAKE) --no-print-directory $(JOBS) all
	@$(BUILD)/bpfvm --fetch-qemu

setup-test: ## the same for the tests: a second compiler, 32 bit, linters
	@harness/setup.sh test
	@echo "building in $(BUILD)/ ..." >&2
	@$(MAKE) --no-print-directory $(JOBS) all
	@$(BUILD)/bpfvm --arch i386 --fetch-libs $(CROSS_PACKAGES) >/dev/null
	@$(MAKE) --no-print-directory $(JOBS) all cross $(HOST_TESTS) $(VM_TESTS) \
		$(LIB_VM_PROGRAMS) $(TEST_PARTS)
	@$(BUILD)/bpfvm --fetch-qemu
	@vm/tests/module/build.sh $(BUILD)/tests/module \
		$$($(BUILD)/bpfabi kernels fetch debian:6.1 debian:6.12 | \
		cut -f2)
	@for a in $(filter arm64 s390x,$(SETUP_ARCHS)); do \
		$(BUILD)/bpfabi kernels fetch --arch $$a debian:6.12 \
			>/dev/null || exit; \
	done

setup-cross: ## compilers, libraries and QEMU of CROSS (arm64 s390x ...), the suite for them
	$(if $(filter-out $(CROSS_ARCHS),$(CROSS)),$(error CROSS=$(CROSS): want \
		some of $(CROSS_ARCHS)))
	@harness/setup.sh cross $(foreach a,$(CROSS),$a:$(CROSS_$a))
	@echo "building in $(BUILD)/ ..." >&2
	@$(MAKE) --no-print-directory $(JOBS) all
	@for a in $(CROSS); do \
		$(BUILD)/bpfvm --arch $$a --fetch-qemu && \
		$(BUILD)/bpfvm --arch $$a --fetch-libs $(CROSS_PACKAGES) \
			>/dev/null || exit; \
	done
	@$(MAKE) --no-print-directory $(JOBS) cross

cross: $(GUEST_CROSS) ## build the suite for those of CROSS that setup-cross has brought

setup-compat32: setup ## the suite of 32-bit programs (done by kernels, and run COMPAT32=1)
	@$(MAKE) --no-print-directory setup-cross CROSS=i386

run: $(if $(COMPAT32),setup-compat32,setup) ## judge the bpf(2) of KERNEL (debian:6.12) in a VM, print the report
	@$(BUILD)/bpfabi run --summary --kernel $(KERNEL) \
		$(if $(COMPAT32),--compat32)

kernels: setup-compat32 ## judge all stock kernels (KERNELS), for 64- and 32-bit programs
	@harness/kernels.sh

flakes: setup-compat32 ## the suite ROUNDS (20) times on 6.12 and 6.1 (KERNELS): the same verdicts?
	@ROUNDS=$${ROUNDS:-20} KERNELS="$${KERNELS:-debian:6.12 debian:6.1}" \
		harness/kernels.sh

test: setup-test ## lint, run the project's own tests, then the suite on three kernels
	@$(MAKE) --no-print-directory lint
	@harness/tests/run.sh $(HOST_TESTS) $(VM_TESTS) \
		$(LIB_VM_TESTS) $(SUITE_TESTS)

bench: setup-test $(BENCHES) ## measure side by side what the READMEs claim (ROUNDS=10)
	@for script in $(BENCH_SCRIPTS); do $$script || exit 1; done

kernel: setup-kernel ## build a kernel to fuzz, with KCOV and KASAN (of LINUX=6.12 or 7.3, or KSRC)
	@ksrc='$(KSRC)'; [ -n "$$ksrc" ] || ksrc=$$(vm/kernels/source.sh $(LINUX)); \
	vm/kernels/build.sh vm/kernels/kcov.config "$$ksrc" $(KCOV_KERNEL)
	@vm/kernels/check.sh $(KCOV_KERNEL)

kernel-debug: setup-kernel ## build a kernel with KASAN, UBSAN, lockdep, KCOV (of KSRC, else linux-source-6.12)
	@ksrc='$(KSRC)'; [ -n "$$ksrc" ] || ksrc=$$(vm/kernels/source.sh 6.12); \
	vm/kernels/build.sh vm/kernels/debug.config "$$ksrc" $(DEBUG_KERNEL)

test-faults: setup-test kernel-debug $(VM_INSTRUMENTED) ## break that kernel in every way that it can report
	@vm/tests/module/build.sh $(BUILD)/tests/module $(DEBUG_KERNEL)
	@BPFVM_DEBUG_KERNEL=$(DEBUG_KERNEL) harness/tests/run.sh \
		$(VM_INSTRUMENTED)

test-probes: setup-test ## ask eight kernels, 5.10 to 7.3, what they have: is it true? (8 min)
	@harness/tests/run.sh $(LIB_KERNELS:%=lib/tests/vm.sh@%)

setup-kernel: setup ## the same for a build of Linux
	@harness/setup.sh kernel

mutation: setup-kernel ## break Linux 6.12 in 40 ways: does the suite notice?
	@harness/mutation/run.sh

coverage: setup-kernel ## which lines of kernel/bpf the suite reaches
	@harness/coverage/run.sh

C_FILES = $(shell find lib vm harness fuzzers -name '*.[ch]' -o -name '*.cpp')
LINT_FLAGS := --quiet --enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 --std=c11 --suppress=unknownMacro --suppress="syntaxError:*.def" -Ilib/include \
	-Ilib -Ivm/include -Iharness/cases

lint: ## check formatting, C (cppcheck) and shell (shellcheck)
	@clang-format --dry-run --Werror $(C_FILES)
	@cppcheck $(LINT_FLAGS) lib vm harness fuzzers
	@shellcheck $(shell find . -name '*.sh' -not -path './$(BUILD)/*') .ci/run

clean: ## remove everything that was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
