# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# bpfvm, libbpfvm.a and their tests; included by the top Makefile.

VM_CLI_SRC := vm/host/main.c vm/host/options.c
VM_LIB_SRC := $(wildcard vm/proto/*.c) $(filter-out $(VM_CLI_SRC),\
	$(wildcard vm/host/*.c))
VM_LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(VM_LIB_SRC)) \
	$(BUILD)/vm/host/init_blob.o
VM_LIBS := $(shell $(PKG_CONFIG) --libs libarchive 2>/dev/null || \
	echo -larchive)
VM_CPPFLAGS := -Ivm/include
OBJCOPY ?= objcopy

ALL_TARGETS += $(BUILD)/bpfvm $(BUILD)/libbpfvm.a

# Foreign architectures, and the compilers' names for them. What there is a
# compiler and a libc for gets an init, which is carried along in libbpfvm.
CROSS_ARCHS := i386 arm64 s390x riscv64
CROSS_i386 := i686-linux-gnu
CROSS_arm64 := aarch64-linux-gnu
CROSS_s390x := s390x-linux-gnu
CROSS_riscv64 := riscv64-linux-gnu
INIT_ARCHS := $(foreach a,$(CROSS_ARCHS),$(if $(shell f=$$($(CROSS_$a)-gcc \
	-print-file-name=libc.a 2>/dev/null) && test -e "$$f" && echo y),$a))

# Those of them that setup-cross has brought all of.
SYSROOTS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bpfsys/sysroot
SETUP_ARCHS := $(foreach a,$(INIT_ARCHS),$(if $(wildcard \
	$(SYSROOTS)/$a/usr/include/cmocka.h),$a))

# The guest's init must run on any kernel, so it is static and never carries
# what CFLAGS may ask of host programs, such as sanitizers.
VM_GUEST_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) -Os -static -s -MMD -MP

VM_GUEST_SRC := $(wildcard vm/guest/*.c vm/proto/*.c)
VM_GUEST_DEP := $(VM_GUEST_SRC) $(wildcard vm/guest/*.h vm/proto/*.h)
VM_INITS := $(BUILD)/vm/guest/init $(INIT_ARCHS:%=$(BUILD)/vm/guest/init-%)

$(BUILD)/vm/guest/init: $(VM_GUEST_DEP)
	@mkdir -p $(@D)
	$(CC) $(VM_GUEST_CFLAGS) -o $@ $(VM_GUEST_SRC)

$(INIT_ARCHS:%=$(BUILD)/vm/guest/init-%): $(BUILD)/vm/guest/init-%: \
		$(VM_GUEST_DEP)
	@mkdir -p $(@D)
	$(CROSS_$*)-gcc $(VM_GUEST_CFLAGS) -o $@ $(VM_GUEST_SRC)

# Compilers may come and go.
$(BUILD)/vm/init_archs: FORCE
	@mkdir -p $(@D)
	@echo '$(INIT_ARCHS)' | cmp -s - $@ || echo '$(INIT_ARCHS)' >$@

.PHONY: FORCE

$(BUILD)/vm/host/init_blob.o: vm/host/init_blob.S $(VM_INITS) \
		$(BUILD)/vm/init_archs
	@mkdir -p $(@D)
	$(CC) -DINIT_x86_64='"$(BUILD)/vm/guest/init"' $(foreach a,\
		$(INIT_ARCHS),-DINIT_$a='"$(BUILD)/vm/guest/init-$a"') -c -o $@ $<

$(BUILD)/vm/%.o: vm/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(VM_CPPFLAGS) -c -o $@ $<

# One object in which only bpfvm_* is global: a user's own say() or fault()
# must not meet ours.
$(BUILD)/vm/libbpfvm.o: $(VM_LIB_OBJ)
	$(LD) -r -o $@ $^
	$(OBJCOPY) --wildcard --keep-global-symbol='bpfvm_*' $@

$(BUILD)/libbpfvm.a: $(BUILD)/vm/libbpfvm.o
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/bpfvm: $(VM_CLI_SRC:%.c=$(BUILD)/%.o) $(BUILD)/libbpfvm.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(VM_LIBS)

VM_BOOTING := vm/tests/vm_boot.c vm/tests/vm_crash.c vm/tests/vm_files.c \
	vm/tests/vm_clone.c vm/tests/vm_stream.c vm/tests/vm_foreign.c \
	vm/tests/vm_provoke.c vm/tests/vm_leftovers.c vm/tests/vm_sealed.c \
	vm/tests/vm_instrumented.c vm/tests/vm_modtree.c
VM_BOOT_TESTS := $(VM_BOOTING:vm/tests/%.c=$(BUILD)/tests/%)
VM_HOST_TESTS := $(patsubst vm/tests/%.c,$(BUILD)/tests/%,\
	$(filter-out $(VM_BOOTING),$(wildcard vm/tests/vm_*.c)))
HOST_TESTS += $(VM_HOST_TESTS)
# make test-faults runs that one.
VM_INSTRUMENTED := $(BUILD)/tests/vm_instrumented
VM_TESTS += $(filter-out $(VM_INSTRUMENTED),$(VM_BOOT_TESTS))

# They run bpfvm and the probe, so those have to be there first.
$(VM_HOST_TESTS) $(VM_BOOT_TESTS): $(BUILD)/tests/vm_%: \
		$(BUILD)/vm/tests/vm_%.o $(BUILD)/vm/tests/vmtest.o \
		$(BUILD)/vm/tests/provoke.o $(BUILD)/vm/tests/owncache.o \
		$(VM_LIB_OBJ) | $(BUILD)/bpfvm $(BUILD)/tests/guest_probe \
		$(BUILD)/tests/guest_stream
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(VM_LIBS)

$(BUILD)/tests/guest_probe: vm/tests/guest_probe.c
	@mkdir -p $(@D)
	$(CC) $(VM_GUEST_CFLAGS) $(VM_CPPFLAGS) -o $@ $<

# For timing the way out of the guest.
$(BUILD)/tests/guest_stream: vm/tests/guest_stream.c
	@mkdir -p $(@D)
	$(CC) $(VM_GUEST_CFLAGS) -o $@ $<

FOREIGN_PROBES := $(SETUP_ARCHS:%=$(BUILD)/tests/guest_probe-%)
$(FOREIGN_PROBES): $(BUILD)/tests/guest_probe-%: vm/tests/guest_probe.c
	@mkdir -p $(@D)
	$(CROSS_$*)-gcc $(VM_GUEST_CFLAGS) $(VM_CPPFLAGS) -o $@ $<

$(BUILD)/tests/vm_foreign: | $(FOREIGN_PROBES)

# A dynamic one of 32 bits for 64-bit guests, with a library that no host has.
NARROW_PROBE := $(addprefix $(BUILD)/tests/guest_probe-,\
	$(patsubst i386,narrow,$(filter i386,$(SETUP_ARCHS))))
$(NARROW_PROBE): vm/tests/guest_probe.c
	@mkdir -p $(@D)
	$(CROSS_i386)-gcc --sysroot=$(SYSROOTS)/i386 \
		-L$(SYSROOTS)/i386/usr/lib/i386-linux-gnu -std=c11 \
		-D_GNU_SOURCE $(WARN) -Os -MMD -MP $(VM_CPPFLAGS) -o $@ $< \
		-Wl,--no-as-needed -lcmocka

$(BUILD)/tests/vm_clone: | $(NARROW_PROBE)

BENCHES += $(BUILD)/vm/bench/hello_init
BENCH_SCRIPTS += vm/bench/bench.sh

$(BUILD)/vm/bench/%: vm/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(VM_GUEST_CFLAGS) -o $@ $<

# Built outside of $(BUILD), as it takes long; of Debian's source where KSRC, a
# tree or a tarball, is not given.
BUILT := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bpfsys/built
DEBUG_KERNEL := $(BUILT)/debug
# What is fuzzed: of Debian's source of LINUX, or of KSRC
LINUX ?= 6.12
KCOV_KERNEL := $(BUILT)/kcov$(if $(KSRC),,-$(LINUX))
KSRC ?=
