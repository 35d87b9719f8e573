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
