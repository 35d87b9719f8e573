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

$(BUILD)/tests/lib_cpus: lib/tests/cpus.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $^ -lcmocka

$(BUILD)/tests/lib_helpers_fake: lib/tests/helpers_fake.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -Wl,--wrap=bpfsys -o $@ $^ -lcmocka

HOST_TESTS += $(BUILD)/tests/lib_table $(BUILD)/tests/lib_wire \
	$(BUILD)/tests/lib_door $(BUILD)/tests/lib_cpus \
	$(BUILD)/tests/lib_helpers_fake \
	lib/tests/compilers.sh lib/tests/wrong_rows.sh lib/tests/symbols.sh \
	lib/tests/abi.sh

# Tests in a VM.
LIB_GUEST_SRC := $(wildcard lib/tests/guest*.c)

$(BUILD)/tests/lib_guest: $(LIB_GUEST_SRC) lib/tests/guest.h \
		lib/tests/guest_tests.h $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -o $@ $(filter-out %.h,$^) -lcmocka -lpthread

LIB_VM_PROGRAMS := $(BUILD)/tests/lib_guest
LIB_VM_TESTS := lib/tests/helpers.sh@debian:6.1 \
	lib/tests/helpers.sh@debian:6.12 lib/tests/consumer.sh \
	lib/tests/sanitizers.sh lib/tests/valgrind.sh

abi-check: ## is the shared library what the last release promised?
	@lib/tests/abi.sh

lib-builds: setup-test ## libbpfsys by every compiler, musl, arm64, s390x; run in VMs (wants setup-cross)
	@harness/setup.sh cross arm64:$(CROSS_arm64) s390x:$(CROSS_s390x)
	@lib/tests/builds.sh

.PHONY: abi-check lib-builds

# What a call costs. libbpf is linked as we are, so that neither has a PLT.
LIB_BENCH := $(BUILD)/lib/bench
BENCHES += $(LIB_BENCH)/calls $(LIB_BENCH)/one_call $(LIB_BENCH)/one_call_musl \
	$(LIB_BENCH)/one_call_libbpf
BENCH_SCRIPTS += lib/bench/bench.sh
LIBBPF_STATIC := -lbpf -lelf -lz

$(LIB_BENCH)/calls: lib/bench/calls.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -static -o $@ $^ $(LIBBPF_STATIC)

$(LIB_BENCH)/one_call: lib/bench/one_call.c $(BUILD)/libbpfsys.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib/include -static -s -o $@ $^

$(LIB_BENCH)/one_call_libbpf: lib/bench/one_call.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DBY_LIBBPF -static -s -o $@ $^ $(LIBBPF_STATIC)

$(LIB_BENCH)/one_call_musl: lib/bench/one_call.c $(LIB_SRC)
	@mkdir -p $(@D)
	lib/tests/build_for.sh $(@D)/musl musl-gcc
	musl-gcc -O2 -Ilib/include -static -s -o $@ $< $(@D)/musl/libbpfsys.a

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
	$(CC) $(ALL_CFLAGS) $(LIB_FLAGS) -Wl,--wrap=bpfsys_untraced -o $@ $< \
		$(BUILD)/libbpfsys.a -lcmocka -pthread

$(BUILD)/tests/lib_probe_tsan: lib/tests/probe_fake.c $(LIB_SRC)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O1 $(LIB_FLAGS) -fsanitize=thread \
		-Wl,--wrap=bpfsys_untraced -o $@ $< $(LIB_SRC) -lcmocka -pthread

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
include lib/install.mk
