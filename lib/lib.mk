# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# libbpfsys, static and shared.

LIB_SRC := $(wildcard lib/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
LIB_PIC := $(LIB_SRC:%.c=$(BUILD)/pic/%.o)
LIB_VERSION := 0.1.0
LIB_MAJOR := $(firstword $(subst ., ,$(LIB_VERSION)))
LIB_SONAME := libbpfsys.so.$(LIB_MAJOR)
LIB_FLAGS := -Wpedantic -Ilib/include -Ilib

$(BUILD)/obj/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -c -o $@ $<

$(BUILD)/pic/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -fPIC -c -o $@ $<

$(BUILD)/libbpfsys.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libbpfsys.so: $(LIB_PIC) lib/bpfsys.map
	$(CC) $(CFLAGS) -shared -Wl,-soname,$(LIB_SONAME) -Wl,-z,defs -Wl,-Bsymbolic-functions \
		-Wl,--version-script=lib/bpfsys.map -o $(BUILD)/$(LIB_SONAME) $(LIB_PIC)
	ln -sf $(LIB_SONAME) $@

ALL_TARGETS += $(BUILD)/libbpfsys.a $(BUILD)/libbpfsys.so

# Tests on the host; no bpf(2) needed.
$(BUILD)/tests/lib_table: lib/tests/table.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $< $(BUILD)/libbpfsys.a -lcmocka

# A fake kernel has to stand in libc: the door's instruction is lib_door's.
$(BUILD)/tests/lib_wire: lib/tests/wire.c lib/bpfsys.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -DBPFSYS_LIBC_DOOR \
		-Wl,--wrap=syscall -o $@ $^ -lcmocka

$(BUILD)/tests/lib_door: lib/tests/door.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $^ -lcmocka

HOST_TESTS += $(BUILD)/tests/lib_table $(BUILD)/tests/lib_wire \
	$(BUILD)/tests/lib_door \
	lib/tests/compilers.sh lib/tests/wrong_rows.sh

include lib/install.mk
