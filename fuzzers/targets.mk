# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Fuzz targets that need no VM. Each is built from one source in three ways:
# build/fuzz/T for libFuzzer (or LIB_FUZZING_ENGINE), build/afl/T for AFL++, and
# build/fuzzcov/T, which says which lines a corpus reaches.

FUZZ_CC ?= clang
# What links: a C++ compiler, if an engine's library wants it.
FUZZ_LD ?= $(FUZZ_CC)
FUZZ_CFLAGS ?= -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_LDFLAGS ?=
# The engine, as OSS-Fuzz names it.
LIB_FUZZING_ENGINE ?= -fsanitize=fuzzer
# What of the code under test is instrumented for it.
FUZZ_COVERAGE ?= -fsanitize=fuzzer-no-link
AFL_CC ?= afl-clang-fast
AFL_CFLAGS ?= -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_SECONDS ?= 5

# Of a target T: T_WITH, libraries and sources that it is linked with;
# T_WRAPS, functions that it stands in for; T_LIBS, others' libraries;
# T_ABOUT, the files that it is there for, whose coverage is told.
FUZZ_TARGETS += vm_proto vm_bulk
vm_proto_WITH := libvm.a
vm_proto_ABOUT := vm/proto/proto.c
vm_bulk_WITH := libvm.a
vm_bulk_ABOUT := vm/proto/ring.c

FUZZ_TARGETS += image deb module console qmp outfiles
FUZZ_VM := fuzzers/targets/scratch.c libvm.a
image_WITH := fuzzers/targets/exact_elf.c $(FUZZ_VM)
image_WRAPS := elf_open elf_close
image_ABOUT := vm/host/kernel.c vm/host/image.c vm/host/elf.c
deb_WITH := $(FUZZ_VM)
deb_ABOUT := vm/host/deb.c
module_WITH := fuzzers/targets/exact_elf.c $(FUZZ_VM)
module_WRAPS := elf_open elf_close
module_ABOUT := vm/host/modules.c
console_WITH := fuzzers/targets/exact_elf.c $(FUZZ_VM)
console_WRAPS := elf_open elf_close run_command_for
console_ABOUT := $(patsubst %,vm/host/%.c,console faults marks symbolise)
qmp_WITH := $(FUZZ_VM)
qmp_ABOUT := vm/host/qmp.c
outfiles_WITH := $(FUZZ_VM)
outfiles_WRAPS := openat mkdirat unlinkat
outfiles_ABOUT := vm/host/outfiles.c
$(foreach t,image deb module console qmp outfiles,$(eval $t_LIBS := -larchive))

FUZZ_TARGETS += results
results_WITH := libhost.a libvm.a libbpfsys.a
results_LIBS := -ljansson
results_ABOUT := $(patsubst %,harness/host/%.c,reader records text result json \
	junit ktap)

FUZZ_TARGETS += explain probes helpers
explain_WITH := libbpfsys.a
explain_WRAPS := bpfsys_untraced bpfsys_untraced_common
explain_ABOUT := $(patsubst %,lib/%.c,explain explain_size errno show trace \
	peek union)
probes_WITH := libbpfsys.a
probes_WRAPS := bpfsys_untraced bpfsys_untraced_common close
probes_ABOUT := $(patsubst %,lib/%.c,probe probe_field probe_hook probe_map \
	probe_prog)
helpers_WITH := libbpfsys.a
helpers_WRAPS := bpfsys
helpers_ABOUT := $(patsubst %,lib/%.c,helpers_cpus helpers_ids helpers_info \
	helpers_load helpers_walk)

FUZZ_TARGETS += seq
seq_WITH := libseq.a libbpfsys.a
seq_ABOUT := $(SEQ_SRC)

FUZZ_FLAVOURS := fuzz afl fuzzcov
FUZZ_FLAGS := -std=c11 -D_GNU_SOURCE $(WARN) -MMD -MP $(HARNESS_FLAGS)
fuzz_COMPILE = $(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_COVERAGE)
fuzz_LINK = $(FUZZ_LD) $(FUZZ_CFLAGS) $(FUZZ_LDFLAGS)
fuzz_ENGINE = $(LIB_FUZZING_ENGINE)
afl_COMPILE = AFL_QUIET=1 $(AFL_CC) $(AFL_CFLAGS)
afl_LINK = $(afl_COMPILE)
afl_ENGINE = -fsanitize=fuzzer
fuzzcov_COMPILE = clang -O1 -g -fprofile-instr-generate -fcoverage-mapping
fuzzcov_LINK = $(fuzzcov_COMPILE)
fuzzcov_REPLAY := $(BUILD)/fuzzcov/obj/fuzzers/targets/replay.o
fuzzcov_ENGINE =

FUZZ_HOST_SRC := $(filter-out %/main.c,$(HOST_SRC)) harness/cases/catalogue.c

# $1: a flavour, $2: a target
define FUZZ_TARGET_RULE
$(BUILD)/$1/$2: $(BUILD)/$1/obj/fuzzers/targets/$2.o \
		$(patsubst %.c,$(BUILD)/$1/obj/%.o,$(filter %.c,$($2_WITH))) \
		$(addprefix $(BUILD)/$1/,$(filter %.a,$($2_WITH)))
	$$($1_LINK) -o $$@ $$^ $(addprefix -Wl$(COMMA)--wrap=,$($2_WRAPS)) \
		$$($1_ENGINE) $($2_LIBS)
endef

# $1: a flavour
define FUZZ_RULES
$$(BUILD)/$1/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$($1_COMPILE) $$(FUZZ_FLAGS) -c -o $$@ $$<

$$(BUILD)/$1/libvm.a: $$(VM_LIB_SRC:%.c=$$(BUILD)/$1/obj/%.o)
$$(BUILD)/$1/libhost.a: $$(FUZZ_HOST_SRC:%.c=$$(BUILD)/$1/obj/%.o)
$$(BUILD)/$1/libseq.a: $$(SEQ_SRC:%.c=$$(BUILD)/$1/obj/%.o)
$$(BUILD)/$1/libbpfsys.a: $$(LIB_SRC:%.c=$$(BUILD)/$1/obj/%.o)
$$(BUILD)/$1/lib%.a:
	rm -f $$@
	$$(AR) rcs $$@ $$^

$1_BINARIES := $(FUZZ_TARGETS:%=$(BUILD)/$1/%)
$(foreach t,$(FUZZ_TARGETS),$(eval $(call FUZZ_TARGET_RULE,$1,$t)))
endef
COMMA := ,
$(foreach f,$(FUZZ_FLAVOURS),$(eval $(call FUZZ_RULES,$f)))
$(fuzzcov_BINARIES): $(fuzzcov_REPLAY)

# Looking up rows of the table is most of what many targets do, and tells an
# engine nothing.
$(BUILD)/fuzz/obj/lib/abi.o: FUZZ_COVERAGE :=
$(BUILD)/afl/obj/lib/abi.o: AFL_CC := clang

# Words of the ABI: names of commands, fields, errnos, enumerators.
$(BUILD)/fuzz/dict: fuzzers/dict.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -o $@ $^

$(BUILD)/fuzz/abi.dict: $(BUILD)/fuzz/dict
	$< >$@

.PHONY: fuzz-names fuzz-targets fuzz-smoke fuzz-coverage
fuzz-names:
	@echo $(FUZZ_TARGETS)

fuzz-targets: $(fuzz_BINARIES) $(BUILD)/fuzz/abi.dict

fuzz-smoke: fuzz-targets $(afl_BINARIES) ## replay the corpora, fuzz each host target for FUZZ_SECONDS (5) with libFuzzer and AFL++
	@fuzzers/smoke.sh $(BUILD) $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-coverage: $(fuzzcov_BINARIES) ## which lines the corpora (and FOUND, a directory) reach of what each host target is for
	@failed=0; $(foreach t,$(FUZZ_TARGETS),fuzzers/coverage.sh $(BUILD) $t \
		"$(FOUND)" $($t_ABOUT) || failed=1;) exit $$failed

# Every corpus is replayed; longer is for fuzz-smoke.
HOST_TESTS += fuzzers/tests/replay.sh
SUITE_TESTS += fuzzers/tests/oss_fuzz.sh
TEST_PARTS += $(fuzz_BINARIES) $(BUILD)/fuzz/abi.dict
