# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# bpfabi (host side) and bpfabi-guest (the suite).

HARNESS_FLAGS := -Ilib/include -Ilib -Ivm/include -Iharness -Iharness/cases \
	-Ifuzzers

# The suite. Every call of bpf(2) goes through its recorder.
GUEST_SRC := $(wildcard harness/cases/*.c) $(addprefix fuzzers/seq/,\
	encode.c given.c names.c valid.c) # --harvest
GUEST_OBJ := $(GUEST_SRC:%.c=$(BUILD)/guest/%.o)

$(BUILD)/guest/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DBPFABI_GUEST $(HARNESS_FLAGS) -c -o $@ $<

$(BUILD)/bpfabi-guest: $(GUEST_OBJ) $(BUILD)/libbpfsys.a
	$(CC) $(CFLAGS) -Wl,--wrap=bpfsys,--wrap=bpfsys_common -o $@ $^ \
		-lcmocka -lbpf -ljansson -lm

# The suite for other architectures, with libraries that bpfvm --fetch-libs has
# brought. CROSS names those that are wanted.
CROSS ?= $(CROSS_ARCHS)
CROSS_PACKAGES := libc6-dev libbpf-dev libcmocka-dev libjansson-dev
GUEST_CROSS := $(patsubst %,$(BUILD)/bpfabi-guest-%,\
	$(filter $(CROSS),$(SETUP_ARCHS)))

# The compiler knows a libc of its own, which the libraries may be too new for:
# -L puts theirs before it.
define CROSS_RULES
$(BUILD)/guest-$1/%.o: %.c
	@mkdir -p $$(@D)
	$(CROSS_$1)-gcc --sysroot=$(SYSROOTS)/$1 $$(ALL_CFLAGS) -DBPFABI_GUEST \
		$$(HARNESS_FLAGS) -c -o $$@ $$<

$(BUILD)/bpfabi-guest-$1: $(GUEST_SRC:%.c=$(BUILD)/guest-$1/%.o) \
		$(LIB_SRC:%.c=$(BUILD)/guest-$1/%.o)
	$(CROSS_$1)-gcc --sysroot=$(SYSROOTS)/$1 \
		-L$(SYSROOTS)/$1/usr/lib/$(CROSS_$1:i686-%=i386-%) $$(CFLAGS) \
		-Wl,--wrap=bpfsys,--wrap=bpfsys_common -o $$@ $$^ \
		-lcmocka -lbpf -ljansson -lm
endef
$(foreach a,$(SETUP_ARCHS),$(eval $(call CROSS_RULES,$a)))

# bpfabi.
HOST_SRC := $(wildcard harness/host/*.c)
HOST_LIB := $(filter-out %/main.o,$(HOST_SRC:%.c=$(BUILD)/obj/%.o))

$(BUILD)/obj/harness/%.o: harness/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HARNESS_FLAGS) -c -o $@ $<

$(BUILD)/bpfabi: $(BUILD)/obj/harness/host/main.o $(HOST_LIB) \
		$(BUILD)/obj/harness/cases/catalogue.o \
		$(BUILD)/libcampaign.a $(BUILD)/libfuzzvm.a $(BUILD)/libmake.a \
		$(BUILD)/libseq.a $(BUILD)/libbpfvm.a $(BUILD)/libbpfsys.a
	$(CC) $(CFLAGS) -o $@ $^ -ljansson -lm $(VM_LIBS) -ldw -lelf

ALL_TARGETS += $(BUILD)/bpfabi-guest $(BUILD)/bpfabi

# Tests of both, without a VM: the host side against a fake one, the suite's
# expectations against a fake kernel.
HARNESS_TESTS := host_records host_judge host_split host_faults host_report \
	host_cli host_widths host_fuzz host_campaign host_corpus
host_judge_WITH := host_bench
host_split_WITH := host_bench
host_faults_WITH := host_bench
host_report_WITH := host_cli_speak host_ktap
host_cli_WITH := host_cli_speak host_ktap
host_widths_WITH := host_cli_speak host_ktap
host_fuzz_WITH := host_cli_speak
host_fuzz_FAKES := $(BUILD)/obj/fuzzers/tests/fake_vm.o
host_campaign_WITH := host_cli_speak
TEST_OBJ := $(BUILD)/obj/harness/tests

$(BUILD)/obj/fuzzers/tests/%.o: fuzzers/tests/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HARNESS_FLAGS) -c -o $@ $<

.SECONDEXPANSION:
$(HARNESS_TESTS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(TEST_OBJ)/%.o \
		$(TEST_OBJ)/host_fake.o $(BUILD)/vm/host/faults.o \
		$(BUILD)/vm/host/marks.o \
		$$($$*_FAKES) $(HOST_LIB) $(BUILD)/libcampaign.a $(BUILD)/libfuzzvm.a \
		$(BUILD)/libmake.a $(BUILD)/libseq.a $(BUILD)/libbpfsys.a \
		$$(foreach o,$$($$*_WITH),$(TEST_OBJ)/$$(o).o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ -ljansson -lcmocka -lm -ldw -lelf

$(BUILD)/tests/twins: $(TEST_OBJ)/twins.o \
		$(BUILD)/obj/harness/cases/suite.o \
		$(BUILD)/obj/harness/cases/call.o $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wl,--wrap=_fail,--wrap=_skip -o $@ $^ -lcmocka

HOST_TESTS += $(BUILD)/tests/twins $(HARNESS_TESTS:%=$(BUILD)/tests/%)
VM_TESTS += harness/tests/wrong_errno.sh harness/tests/leaks.sh \
	harness/tests/corpus.sh
BENCH_SCRIPTS += harness/bench.sh
SUITE_TESTS += harness/tests/suite.sh@debian:6.1 \
	harness/tests/suite.sh@debian:6.12 \
	harness/tests/suite.sh@debian:7.3,--compat32 \
	harness/tests/foreign.sh@arm64 harness/tests/foreign.sh@s390x
