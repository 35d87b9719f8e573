# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The pages of section 3, made from the headers and the table, and section 7.

MAN_DATE := November 23, 2026
MAN_HEADERS := $(wildcard lib/include/bpfsys/*.h)
MAN_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/man/*.c))

$(BUILD)/genman: $(MAN_OBJ) $(BUILD)/libbpfsys.a
	$(CC) $(CFLAGS) -o $@ $^

$(BUILD)/man/stamp: $(BUILD)/genman $(MAN_HEADERS) lib/man/bpfsys.7
	rm -rf $(@D)
	@mkdir -p $(@D)/man3 $(@D)/man7
	$(BUILD)/genman $(@D)/man3 "$(MAN_DATE)" $(MAN_HEADERS)
	cp lib/man/bpfsys.7 $(@D)/man7/
	touch $@

LIB_MAN_MADE := $(BUILD)/man/stamp
ALL_TARGETS += $(LIB_MAN_MADE)
HOST_TESTS += lib/tests/man.sh
