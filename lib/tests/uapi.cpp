// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The table against the installed <linux/bpf.h>: every field that the header
 * knows is where its row says, at compile time; and every field that a header
 * of its release must know, it knows. A field is asked for in a template, so
 * that one which an older header lacks is no error; which is why this, alone,
 * is C++. The public headers go through a C++ compiler by it too. */
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <linux/bpf.h>
#include <linux/version.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/info.h>

#define KV(major, minor) BPFSYS_KV(major, minor)
#define JOIN_(a, b)	 a##b
#define JOIN(a, b)	 JOIN_(a, b)
#define DOT(...)	 __VA_OPT__(.) __VA_ARGS__

/* Where a header built for i386 has a field that is not aligned there. */
static constexpr std::size_t i386_offset(std::string_view name, std::size_t off)
{
#define I386(cmd, path, at)                                \
	if (sizeof(void *) == 4 && name == #cmd "." #path) \
		return at;
#include "abi/all.def"
	return off;
}

/* A row's struct: what the header says of PATH in T, or that it lacks it. */
#define CHECK(id, name, path, off, len)                                       \
	template <class T, class = void> struct id {                          \
		static constexpr bool known = false;                          \
	};                                                                    \
	template <class T>                                                    \
	struct id<T, std::void_t<decltype(std::declval<T &>().path)>> {       \
		static_assert(offsetof(T, path) == i386_offset(name, off),    \
			      #path ": offset disagrees with <linux/bpf.h>"); \
		static_assert(sizeof(std::declval<T &>().path) == (len),      \
			      #path ": size disagrees with <linux/bpf.h>");   \
		static constexpr bool known = true;                           \
	};

/* The member of union bpf_attr that holds a group; void where the header has
 * none. */
#define GROUP(group, member, end)                                              \
	template <class T, class = void> struct holder_##group {               \
		using type = void;                                             \
	};                                                                     \
	template <class T>                                                     \
	struct holder_##group<                                                 \
		T, std::void_t<decltype((std::declval<T &>() DOT(member)))>> { \
		using type = std::remove_reference_t<decltype((                \
			std::declval<T &>() DOT(member)))>;                    \
	};
#include "abi/all.def"

#define CMD(name, id, nr, group, returns, cap, since) \
	using id##_holder = holder_##group<union bpf_attr>::type;
#include "abi/all.def"

#define FIELD(cmd, path, off, len, kind, dir, since, detail) \
	ROW(__COUNTER__, cmd##_holder, #cmd "." #path, path, off, len, since)
#define INFO(id, path, off, len, kind, dir, since, detail)                    \
	ROW(__COUNTER__, bpf_##id##_info, #id "_info." #path, path, off, len, \
	    since)
#define ROW(...) ROW_(__VA_ARGS__)
#define ROW_(n, type, name, path, off, len, since)          \
	CHECK(JOIN(check_, n), name, path, off, len)        \
	static_assert(JOIN(check_, n) < type > ::known ||   \
			      (since) > LINUX_VERSION_CODE, \
		      name " is since " #since              \
			   ", but this <linux/bpf.h>, no older, lacks it");
#include "abi/all.def"
