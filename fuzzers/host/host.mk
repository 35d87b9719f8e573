# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The kernel fuzzers' host side: libcampaign.a, and an engine for each target.

CAMPAIGN_FLAGS := -Ilib/include -Ivm/include -Ifuzzers
CAMPAIGN_SRC := $(filter-out fuzzers/host/fuzzvm%,\
	$(wildcard fuzzers/host/*.c))
CAMPAIGN_OBJ := $(CAMPAIGN_SRC:%.c=$(BUILD)/obj/%.o)
CAMPAIGN_LIB := $(BUILD)/libcampaign.a
# What links it needs these after it.
CAMPAIGN_WITH := $(FUZZVM_LIB) $(MAKE_LIB) $(SEQ_LIB) $(BUILD)/libbpfvm.a \
	$(BUILD)/libbpfsys.a

$(CAMPAIGN_OBJ) $(BUILD)/obj/fuzzers/engines/afl_map.o: $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CAMPAIGN_FLAGS) -c -o $@ $<

$(CAMPAIGN_LIB): $(CAMPAIGN_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# Engines. Nothing of ours is instrumented: only the kernel's coverage counts.
KERNEL_TARGETS := calls prog btf
FUZZ_ENGINES := $(KERNEL_TARGETS:%=$(BUILD)/fuzz/%)
AFL_CC ?= afl-clang-fast
AFL_ENGINES := $(KERNEL_TARGETS:%=$(BUILD)/afl/%) \
	$(KERNEL_TARGETS:%=$(BUILD)/afl/%-mutator.so)
ENGINE_FLAGS = -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g $(CAMPAIGN_FLAGS) \
	-DTARGET=MAKE_$(shell echo $(1) | tr a-z A-Z)

# Compiled by itself: with the engine's flag it would be instrumented.
$(KERNEL_TARGETS:%=$(BUILD)/fuzz/%.o): $(BUILD)/fuzz/%.o: \
		fuzzers/engines/libfuzzer.c $(wildcard fuzzers/host/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(call ENGINE_FLAGS,$*) -c -o $@ $<

$(FUZZ_ENGINES): %: %.o $(CAMPAIGN_LIB) $(CAMPAIGN_WITH)
	$(FUZZ_CC) -g -o $@ $^ $(LIB_FUZZING_ENGINE) $(FUZZVM_LIBS)

$(KERNEL_TARGETS:%=$(BUILD)/afl/%): $(BUILD)/afl/%: fuzzers/engines/afl.c \
		$(BUILD)/obj/fuzzers/engines/afl_map.o $(CAMPAIGN_LIB) $(CAMPAIGN_WITH)
	@mkdir -p $(@D)
	echo 'src: *' >$(@D)/not-instrumented
	AFL_QUIET=1 AFL_LLVM_DENYLIST=$(@D)/not-instrumented $(AFL_CC) $(call ENGINE_FLAGS,$*) -o $@ $^ $(FUZZVM_LIBS)

# The mutator runs within afl-fuzz.
MUTATOR_SRC := $(addprefix fuzzers/host/,mutate.c hints.c files.c) \
	$(wildcard fuzzers/make/*.c fuzzers/seq/*.c lib/*.c)
$(KERNEL_TARGETS:%=$(BUILD)/afl/%-mutator.so): $(BUILD)/afl/%-mutator.so: \
		fuzzers/engines/afl_mutator.c $(MUTATOR_SRC)
	@mkdir -p $(@D)
	$(CC) $(call ENGINE_FLAGS,$*) -Ilib -fPIC -shared -o $@ $^

ALL_TARGETS += $(if $(shell command -v $(FUZZ_CC)),$(FUZZ_ENGINES))

.PHONY: engines
engines: $(FUZZ_ENGINES) $(if $(shell command -v $(AFL_CC)),$(AFL_ENGINES)) ## build the kernel fuzzers of libFuzzer, and of AFL++ where it is

# What they do around a VM, with a fake one, and the sanitizers.
FUZZ_FAKE := $(addprefix fuzzers/tests/,fake_vm.c fuzz_work.c fuzz_finds.c)
$(BUILD)/tests/fuzz_host: fuzzers/tests/fuzz_host.c $(FUZZ_FAKE) \
		$(CAMPAIGN_SRC) $(MAKE_SRC) $(SEQ_SRC) vm/host/faults.c vm/host/marks.c \
		lib/abi.c $(wildcard fuzzers/host/*.h fuzzers/tests/*.h)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MF $@.d $(CAMPAIGN_FLAGS) -Ilib -fsanitize=address,undefined \
		-fno-sanitize-recover=all -o $@ $(filter %.c,$^) -lcmocka

# What runs inputs, with a thread for a VM; -O0: what is read twice is.
$(BUILD)/tests/fuzzvm_fake: fuzzers/tests/fuzzvm_fake.c \
		fuzzers/host/fuzzvm.c fuzzers/host/fuzzvm_vm.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O0 -MF $@.d $(CAMPAIGN_FLAGS) -fsanitize=address,undefined \
		-fno-sanitize-recover=all -o $@ $(filter %.c,$^) -lcmocka -lpthread

HOST_TESTS += $(BUILD)/tests/fuzz_host $(BUILD)/tests/fuzzvm_fake
VM_TESTS += fuzzers/tests/fuzz_vm.sh
