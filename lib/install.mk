# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Installing libbpfsys, and the tarball of everything.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
INSTALL ?= install

LIB_HEADERS := $(notdir $(wildcard lib/include/bpfsys/*.h))
LIB_META := $(BUILD)/pkg/libbpfsys.pc $(BUILD)/pkg/bpfsys-config.cmake \
	$(BUILD)/pkg/bpfsys-config-version.cmake

# Pages that another part of the makefile makes, where it does.
LIB_MAN = $(shell find $(BUILD)/man -name '*.[37]')

$(BUILD)/pkg/%: lib/pkg/%.in FORCE
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(LIB_VERSION)|' \
		-e 's|@MAJOR@|$(LIB_MAJOR)|' \
		-e 's|@SONAME@|$(LIB_SONAME)|' \
		-e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e "s|@INCLUDE_FROM_CMAKE@|$$(realpath -m --relative-to \
			'$(LIBDIR)/cmake/bpfsys' '$(INCLUDEDIR)')|" $< >$@

TO := $(DESTDIR)
install: $(BUILD)/libbpfsys.a $(BUILD)/libbpfsys.so $(LIB_META) $(LIB_MAN_MADE) ## install libbpfsys (PREFIX=/usr/local DESTDIR= LIBDIR= INCLUDEDIR= MANDIR=)
	$(INSTALL) -d $(TO)$(LIBDIR)/pkgconfig $(TO)$(LIBDIR)/cmake/bpfsys \
		$(TO)$(INCLUDEDIR)/bpfsys
	$(INSTALL) -m 644 $(LIB_HEADERS:%=lib/include/bpfsys/%) \
		$(TO)$(INCLUDEDIR)/bpfsys
	$(INSTALL) -m 644 $(BUILD)/libbpfsys.a $(TO)$(LIBDIR)
	$(INSTALL) -m 755 $(BUILD)/$(LIB_SONAME) \
		$(TO)$(LIBDIR)/libbpfsys.so.$(LIB_VERSION)
	ln -sf libbpfsys.so.$(LIB_VERSION) $(TO)$(LIBDIR)/$(LIB_SONAME)
	ln -sf $(LIB_SONAME) $(TO)$(LIBDIR)/libbpfsys.so
	$(INSTALL) -m 644 $(BUILD)/pkg/libbpfsys.pc $(TO)$(LIBDIR)/pkgconfig
	$(INSTALL) -m 644 $(filter %.cmake,$(LIB_META)) \
		$(TO)$(LIBDIR)/cmake/bpfsys
	for page in $(LIB_MAN); do \
		$(INSTALL) -D -m 644 $$page \
			$(TO)$(MANDIR)/man$${page##*.}/$${page##*/} || exit; \
	done

uninstall: $(LIB_MAN_MADE) ## remove what install put there (the same variables)
	rm -f $(LIB_HEADERS:%=$(TO)$(INCLUDEDIR)/bpfsys/%) $(TO)$(LIBDIR)/libbpfsys.a \
		$(TO)$(LIBDIR)/libbpfsys.so $(TO)$(LIBDIR)/$(LIB_SONAME) \
		$(TO)$(LIBDIR)/libbpfsys.so.$(LIB_VERSION) \
		$(TO)$(LIBDIR)/pkgconfig/libbpfsys.pc \
		$(patsubst $(BUILD)/pkg/%,$(TO)$(LIBDIR)/cmake/bpfsys/%,\
		$(filter %.cmake,$(LIB_META))) \
		$(patsubst $(BUILD)/man/%,$(TO)$(MANDIR)/%,$(LIB_MAN))
	for dir in $(INCLUDEDIR)/bpfsys $(LIBDIR)/cmake/bpfsys; do \
		[ ! -d $(TO)$$dir ] || rmdir --ignore-fail-on-non-empty $(TO)$$dir; \
	done

dist: ## make $(BUILD)/bpfsys-VERSION.tar.gz, the same bytes every time
	@lib/pkg/dist.sh bpfsys-$(LIB_VERSION)

.PHONY: install uninstall dist
