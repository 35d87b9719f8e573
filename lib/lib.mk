# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# libbpfsys, static and shared.

LIB_SRC := $(wildcard lib/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
LIB_PIC := $(LIB_SRC:%.c=$(BUILD)/pic/%.o)
LIB_SONAME := libbpfsys.so.0
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
	$(CC) $(CFLAGS) -shared -Wl,-soname,$(LIB_SONAME) -Wl,-z,defs \
		-Wl,--version-script=lib/bpfsys.map -o $(BUILD)/$(LIB_SONAME) $(LIB_PIC)
	ln -sf $(LIB_SONAME) $@

ALL_TARGETS += $(BUILD)/libbpfsys.a $(BUILD)/libbpfsys.so

# Tests on the host; no bpf(2) needed.
$(BUILD)/tests/lib_table: lib/tests/table.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $< $(BUILD)/libbpfsys.a -lcmocka

$(BUILD)/tests/lib_wire: lib/tests/wire.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -Wl,--wrap=syscall -o $@ $< $(BUILD)/libbpfsys.a -lcmocka

HOST_TESTS += $(BUILD)/tests/lib_table $(BUILD)/tests/lib_wire \
	lib/tests/compilers.sh lib/tests/wrong_rows.sh

# Explanations and probes, also with the sanitizers: these read what anybody
# passes, and are called by any thread.
$(BUILD)/tests/lib_explain: lib/tests/explain.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $< $(BUILD)/libbpfsys.a -lcmocka

$(BUILD)/tests/lib_explain_asan: lib/tests/explain.c $(LIB_SRC)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O1 $(LIB_FLAGS) -fsanitize=address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(LIB_SRC) -lcmocka

HOST_TESTS += $(BUILD)/tests/lib_explain $(BUILD)/tests/lib_explain_asan

# Probes, in VMs: what runs in one is static, so that it needs nothing there.
$(BUILD)/tests/lib_probe_vm: lib/tests/probe_vm.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $< $(BUILD)/libbpfsys.a -lcmocka -lbpf

# On a fake kernel; the second finds races.
$(BUILD)/tests/lib_probe_fake: lib/tests/probe_fake.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -Wl,--wrap=untraced -o $@ $< \
		$(BUILD)/libbpfsys.a -lcmocka -pthread

$(BUILD)/tests/lib_probe_tsan: lib/tests/probe_fake.c $(LIB_SRC)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O1 $(LIB_FLAGS) -fsanitize=thread \
		-Wl,--wrap=untraced -o $@ $< $(LIB_SRC) -lcmocka -pthread

HOST_TESTS += $(BUILD)/tests/lib_probe_fake $(BUILD)/tests/lib_probe_tsan

# Examples, built as a user would, and run in a VM.
EXAMPLES := $(patsubst lib/examples/%.c,$(BUILD)/examples/%,$(wildcard \
	lib/examples/*.c))

$(BUILD)/examples/%: lib/examples/%.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -static -o $@ $< $(BUILD)/libbpfsys.a

LIB_KERNELS := debian:5.10 debian:6.1 debian:6.12 debian:6.19 debian:7.0 \
	debian:7.1 debian:7.2 debian:7.3
TEST_PARTS += $(BUILD)/tests/lib_probe_vm $(EXAMPLES)
SUITE_TESTS += lib/tests/vm.sh@debian:6.1 lib/tests/vm.sh@debian:6.12

include lib/man/man.mk
