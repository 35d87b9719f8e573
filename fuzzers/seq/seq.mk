# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Sequences of calls, for the host and the guest: link libseq.a, then
# libbpfsys.a.

SEQ_SRC := $(wildcard fuzzers/seq/*.c)
SEQ_OBJ := $(SEQ_SRC:%.c=$(BUILD)/obj/%.o)
SEQ_LIB := $(BUILD)/libseq.a

$(BUILD)/obj/fuzzers/seq/%.o: fuzzers/seq/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -Ilib -c -o $@ $<

$(SEQ_LIB): $(SEQ_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

SEQ_TESTS := seq_form seq_text seq_program
$(SEQ_TESTS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: fuzzers/tests/%.c \
		fuzzers/tests/seq_random.c $(SEQ_LIB) $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -o $@ $(filter %.c %.a,$^) \
		-lcmocka

HOST_TESTS += $(SEQ_TESTS:%=$(BUILD)/tests/%)
