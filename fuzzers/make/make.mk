# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The generator and mutator: link libmake.a, then libseq.a and libbpfsys.a.

MAKE_SRC := $(wildcard fuzzers/make/*.c)
MAKE_OBJ := $(MAKE_SRC:%.c=$(BUILD)/obj/%.o)
MAKE_LIB := $(BUILD)/libmake.a
MAKE_FLAGS := -Ilib/include -Ilib -Ivm/include

$(MAKE_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(MAKE_FLAGS) -c -o $@ $<

$(MAKE_LIB): $(MAKE_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# With the sanitizers, from source.
MAKE_TESTS := $(patsubst fuzzers/tests/%.c,$(BUILD)/tests/%,\
	$(filter-out %_vm.c,$(wildcard fuzzers/tests/make_*.c)))

$(MAKE_TESTS): $(BUILD)/tests/%: fuzzers/tests/%.c $(MAKE_SRC) $(SEQ_SRC) \
		lib/abi.c $(wildcard fuzzers/make/*.h fuzzers/make/*.def)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MF $@.d $(MAKE_FLAGS) -fsanitize=address,undefined \
		-fno-sanitize-recover=all -o $@ $(filter %.c,$^) -lcmocka

HOST_TESTS += $(MAKE_TESTS)

# Do the recipes succeed?
$(BUILD)/tests/make_vm: fuzzers/tests/make_vm.c $(MAKE_LIB) $(EXEC_LIBS) \
		| $(BUILD)/bpfsys-exec
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(MAKE_FLAGS) -DBUILD='"$(BUILD)"' -o $@ \
		$(filter %.c %.o %.a,$^) -lcmocka $(FUZZVM_LIBS)

VM_TESTS += $(BUILD)/tests/make_vm
