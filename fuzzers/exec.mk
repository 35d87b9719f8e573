# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The executor of sequences, which runs in the VM, and the host's side of it.

# Static, so that it needs nothing there; away from addresses that three bytes
# can name.
EXEC_LDFLAGS := -static -no-pie -Wl,-Ttext-segment=0x10000000
EXEC_SRC := $(wildcard fuzzers/guest/*.c)
EXEC_OBJ := $(EXEC_SRC:%.c=$(BUILD)/obj/%.o)
EXEC_FLAGS := -Ilib/include -Ilib -Ivm/include

$(EXEC_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -c -o $@ $<

$(BUILD)/bpfsys-exec: $(EXEC_OBJ) $(SEQ_LIB) $(BUILD)/libbpfsys.a
	$(CC) $(CFLAGS) $(EXEC_LDFLAGS) -o $@ $^ $(LIBBPF_STATIC)

ALL_TARGETS += $(BUILD)/bpfsys-exec

# What runs inputs there: link libfuzzvm.a, then libseq.a, libbpfvm.a, libbpfsys.a
# and FUZZVM_LIBS.
FUZZVM_SRC := $(wildcard fuzzers/host/fuzzvm*.c)
FUZZVM_OBJ := $(FUZZVM_SRC:%.c=$(BUILD)/obj/%.o)
FUZZVM_LIB := $(BUILD)/libfuzzvm.a
FUZZVM_LIBS := $(VM_LIBS) -ldw -lelf -lpthread

$(FUZZVM_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -c -o $@ $<

$(FUZZVM_LIB): $(FUZZVM_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

EXEC_LIBS := $(FUZZVM_LIB) $(SEQ_LIB) $(BUILD)/libbpfvm.a $(BUILD)/libbpfsys.a

$(BUILD)/tests/exec-deadly: fuzzers/tests/deadly.c $(EXEC_OBJ) $(SEQ_LIB) \
		$(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -Wl,--wrap=op_run $(EXEC_LDFLAGS) -o $@ \
		$(filter %.c %.o %.a,$^) \
		$(LIBBPF_STATIC)

$(BUILD)/tests/exec_vm: fuzzers/tests/exec_vm.c fuzzers/tests/build.c \
		$(EXEC_LIBS) | $(BUILD)/bpfsys-exec $(BUILD)/tests/exec-deadly
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -DBUILD='"$(BUILD)"' -o $@ \
		$(filter %.c %.o %.a,$^) \
		-lcmocka $(FUZZVM_LIBS)

VM_TESTS += $(BUILD)/tests/exec_vm

BENCHES += $(BUILD)/fuzzers/bench/exec $(BUILD)/fuzzers/bench/crash
BENCH_SCRIPTS += fuzzers/bench/bench.sh

$(BUILD)/fuzzers/bench/%: fuzzers/bench/%.c $(EXEC_LIBS) | \
		$(BUILD)/bpfsys-exec
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -o $@ $(filter %.c %.a,$^) \
		$(FUZZVM_LIBS)
