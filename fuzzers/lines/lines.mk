# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# bpfabi-lines: the kernel's source with what KCOV has seen of it.

LINES_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard fuzzers/lines/*.c))

$(LINES_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ifuzzers -c -o $@ $<

$(BUILD)/bpfabi-lines: $(LINES_OBJ) $(BUILD)/obj/fuzzers/host/fuzzvm_ranges.o
	$(CC) $(CFLAGS) -o $@ $^ -ldw -lelf

ALL_TARGETS += $(BUILD)/bpfabi-lines
