# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The executor of sequences, which runs in the VM, and the host's side of it.

# Static, so that it needs nothing there.
EXEC_SRC := $(wildcard fuzzers/guest/*.c)
EXEC_OBJ := $(EXEC_SRC:%.c=$(BUILD)/obj/%.o)
EXEC_FLAGS := -Ilib/include -Ivm/include

$(EXEC_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXEC_FLAGS) -c -o $@ $<

$(BUILD)/bpfsys-exec: $(EXEC_OBJ) $(SEQ_LIB) $(BUILD)/libbpfsys.a
	$(CC) $(CFLAGS) -static -o $@ $^ $(LIBBPF_STATIC)

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
