// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Why bpf(2) failed: the ERR rows of the command, ranked by what attr says. */
#include <errno.h>
#include <limits.h>

#include <bpfsys/explain.h>
#include <bpfsys/probe.h>

#include "explain.h"
#include "rows.h"
#include "union.h"

static int positive(int err)
{
	if (err == INT_MIN)
		return INT_MAX;
	return err < 0 ? -err : err;
}

static void show_errno(struct text *text, int err)
{
	const char *name = bpfsys_errno_name(err);

	if (name)
		put(text, "%s", name);
	else
		put(text, "errno %d", err);
}

bool bpfsys_cause(struct failure *f, int rank)
{
	if (rank > RANK_PROVEN)
		rank = RANK_PROVEN;
	if (rank != f->rank)
		return false;
	if (f->causes++)
		put(&f->text, "\n");
	f->proven |= rank == RANK_PROVEN;
	show_errno(&f->text, f->err);
	put(&f->text, ": ");
	return true;
}

uint64_t bpfsys_attr_number(const struct failure *f, unsigned int offset,
			    unsigned int size)
{
	uint8_t bytes[8] = {0};

	/* Of a name the start: whether there is one. */
	if (size > sizeof(bytes))
		size = sizeof(bytes);

	for (unsigned int i = 0; i < size && i < sizeof(bytes); i++)
		if (offset + i < f->size)
			bytes[i] = f->attr[offset + i];
	return number_at(bytes, size);
}

static bool test_holds(const struct failure *f, const struct hint *hint)
{
	uint64_t is = bpfsys_attr_number(f, hint->offset, hint->size);

	switch (hint->test) {
	case TEST_IS:
		return is == hint->value;
	case TEST_NOT:
		return is != hint->value;
	case TEST_ABOVE:
		return is > hint->value;
	case TEST_BELOW:
		return is < hint->value;
	case TEST_HAS:
		return (is & hint->value) == hint->value;
	case TEST_LACKS:
		return (is & hint->value) != hint->value;
	case TEST_OUTSIDE:
		return is & ~hint->value;
	case TEST_ONE_OF:
		return is < 64 && hint->value >> is & 1;
	}
	return false;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* Whether SENTENCE has NAME in it as a word of its own. */
static bool mentions(const char *sentence, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = sentence; (at = strstr(at, name)); at++)
		if ((at == sentence ||
		     (!is_word(at[-1]) && at[-1] != '.' && at[-1] != '*')) &&
		    !is_word(at[len]) &&
		    !(at[len] == '.' && is_word(at[len + 1])))
			return true;
	return false;
}

static bool is_pointer(const struct bpfsys_field *field)
{
	return field->kind >= BPFSYS_KIND_PTR_IN;
}

/* A descriptor that none can be, where one that is closed is the cause; a
 * pointer to nothing, where one that cannot be followed is. */
static bool is_at_fault(const struct failure *f, const char *condition)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(f->cmd, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t is =
			bpfsys_attr_number(f, fields[i].offset, fields[i].size);

		if (!mentions(condition, fields[i].name))
			continue;
		if ((f->err == EBADF || f->err == EBADFD) &&
		    fields[i].kind == BPFSYS_KIND_FD && is > INT_MAX)
			return true;
		if (f->err == EFAULT && is_pointer(&fields[i]) && !is)
			return true;
	}
	return false;
}

/* How likely ROW is by what attr says, 0 where attr speaks against it. */
static int rank_of(const struct failure *f, const struct bpfsys_errno_row *row)
{
	size_t count;
	const struct hint *hints = bpfsys_row_hints(row, &count);
	int rank = RANK_POSSIBLE;

	if (!f->attr)
		return rank;
	for (size_t i = 0; i < count; i++) {
		bool holds = test_holds(f, &hints[i]);

		if (hints[i].says == SAYS_PROVES && holds)
			return RANK_PROVEN;
		if (hints[i].says == SAYS_NEEDS && !holds)
			return 0;
		if (hints[i].says == SAYS_UNLESS && holds)
			return 0;
		rank += hints[i].says == SAYS_NEEDS;
	}
	if (is_at_fault(f, row->condition))
		return RANK_PROVEN;
	return rank < RANK_PROVEN ? rank : RANK_PROVEN - 1;
}

/* Whether FIELD stands behind ROW: its sentence names it, or a hint needs it.
 * Other pointers than those at fault say nothing to a reader. */
static bool stands_behind(const struct failure *f,
			  const struct bpfsys_errno_row *row,
			  const struct bpfsys_field *field)
{
	size_t count;
	const struct hint *hints = bpfsys_row_hints(row, &count);

	if (is_pointer(field) && f->err != EFAULT)
		return false;
	if (mentions(row->condition, field->name))
		return true;
	for (size_t i = 0; i < count; i++)
		if (hints[i].says == SAYS_NEEDS &&
		    hints[i].offset == field->offset)
			return true;
	return false;
}

static void show_field(struct failure *f, const struct bpfsys_field *field)
{
	const struct bpfsys_enumerator *known = NULL;
	uint8_t bytes[16] = {0};

	for (unsigned int i = 0; i < field->size && i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)bpfsys_attr_number(f, field->offset + i, 1);
	put(&f->text, "%s=", field->name);
	bpfsys_show_value(&f->text, field, bytes);
	if (field->kind == BPFSYS_KIND_ENUM)
		known = bpfsys_abi_enumerator(field->detail,
					      (uint32_t)number_at(bytes, 4));
	if (known)
		put(&f->text, " %s", known->name);
	if (known &&
	    known->since > bpfsys_release_at_least(f->kernel.attr_size)) {
		put(&f->text, ", first in ");
		bpfsys_show_release(&f->text, known->since);
	}
}

static void show_fields(struct failure *f, const struct bpfsys_errno_row *row)
{
	size_t count, end = 0, shown = 0;
	const struct bpfsys_field *fields = bpfsys_abi_fields(f->cmd, &count);

	for (size_t i = 0; i < count; i++) {
		if (fields[i].offset < end ||
		    !stands_behind(f, row, &fields[i]))
			continue;
		put(&f->text, shown++ ? ", " : " (");
		show_field(f, &fields[i]);
		end = (size_t)fields[i].offset + fields[i].size;
	}
	if (shown)
		put(&f->text, ")");
}

static void row_causes(struct failure *f)
{
	size_t count;
	const struct bpfsys_errno_row *rows = bpfsys_abi_errnos(f->cmd, &count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].err != f->err ||
		    !bpfsys_cause(f, rank_of(f, &rows[i])))
			continue;
		put(&f->text, "%s", rows[i].condition);
		if (f->attr) {
			show_fields(f, &rows[i]);
		} else if (rows[i].since > f->cmd->since) {
			put(&f->text, "; since ");
			bpfsys_show_release(&f->text, rows[i].since);
		}
	}
}

/* With attr at hand, bpfsys_size_causes() says what the rows on attr would. */
static void any_causes(struct failure *f)
{
	size_t count;
	const struct any_row *rows = bpfsys_any_rows(&count);

	if (f->attr && (f->err == E2BIG || f->err == EINVAL))
		return;
	for (size_t i = 0; i < count; i++)
		if (rows[i].err == f->err && bpfsys_cause(f, RANK_GENERAL))
			put(&f->text, "%s", rows[i].condition);
}

static void explain(struct failure *f)
{
	/* What is proven leaves no room for what is likely. */
	for (f->rank = RANK_PROVEN; f->rank > 0; f->rank--) {
		if (f->rank < RANK_PROVEN && f->proven)
			break;
		bpfsys_size_causes(f);
		row_causes(f);
		any_causes(f);
	}
	if (f->causes)
		return;
	show_errno(&f->text, f->err);
	put(&f->text, ": not documented for BPF_%s%s", f->cmd->name,
	    f->attr ? " with such an attr" : "");
}

int bpfsys_explain_on(const struct kernel *kernel, unsigned int cmd,
		      const void *attr, unsigned int size, int err, char *buf,
		      size_t len)
{
	struct failure f = {
		.cmd = bpfsys_abi_command(cmd & ~BPFSYS_COMMON_ATTRS),
		.attr = attr,
		.size = attr ? size : 0,
		.err = positive(err),
		.kernel = *kernel,
		.text = {buf, len, 0},
	};

	if (len)
		buf[0] = '\0';
	if (f.err == 0) {
		put(&f.text, "no error");
	} else if (!f.cmd) {
		show_errno(&f.text, f.err);
		put(&f.text, ": command %u is not in the table",
		    cmd & ~BPFSYS_COMMON_ATTRS);
	} else {
		explain(&f);
	}
	return (int)f.text.used;
}

int bpfsys_explain(unsigned int cmd, const void *attr, unsigned int size,
		   int err, char *buf, size_t len)
{
	struct kernel kernel = {0, -ENODATA};
	int before = errno, used;

	err = positive(err);
	if (attr)
		kernel.attr_size = bpfsys_probe_attr_size();
	if (attr && err == EINVAL)
		kernel.has_command =
			bpfsys_supports(cmd & ~BPFSYS_COMMON_ATTRS);
	used = bpfsys_explain_on(&kernel, cmd, attr, size, err, buf, len);
	errno = before;
	return used;
}

const char *bpfsys_strerrno(unsigned int cmd, int err)
{
	const struct bpfsys_command *command =
		bpfsys_abi_command(cmd & ~BPFSYS_COMMON_ATTRS);
	const struct bpfsys_errno_row *rows;
	const struct any_row *any;
	size_t count;

	err = positive(err);
	rows = command ? bpfsys_abi_errnos(command, &count) : NULL;
	for (size_t i = 0; rows && i < count; i++)
		if (rows[i].err == err)
			return rows[i].condition;
	any = bpfsys_any_rows(&count);
	for (size_t i = 0; i < count; i++)
		if (any[i].err == err)
			return any[i].condition;
	return "not documented for this command";
}
