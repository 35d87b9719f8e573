/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Prints the words of the ABI as a dictionary for libFuzzer and AFL++: names of
 * commands, fields, errnos and enumerators, and the numbers of the latter. */
#include <stdio.h>
#include <string.h>

#include <bpfsys/abi.h>

static void word(const char *name)
{
	printf("\"%s\"\n", name);
}

/* Of a command the fields that no earlier command's group has, too. */
static bool is_new(unsigned int nr)
{
	const char *group = bpfsys_abi_command(nr)->group;

	while (nr--)
		if (!strcmp(bpfsys_abi_command(nr)->group, group))
			return false;
	return true;
}

static void command(unsigned int nr)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
	const struct bpfsys_field *fields;
	size_t n;

	printf("\"BPF_%s\"\n", cmd->name);
	word(cmd->id);
	fields = bpfsys_abi_fields(cmd, &n);
	for (size_t i = 0; is_new(nr) && i < n; i++)
		word(fields[i].name);
}

static void enumerators(const char *kind)
{
	const struct bpfsys_enumerator *e;

	for (uint32_t i = 0; (e = bpfsys_abi_enumerator(kind, i)); i++) {
		word(e->name);
		printf("\"\\x%02x\\x00\\x00\\x00\"\n", e->value & 0xff);
	}
}

int main(void)
{
	static const char *const kinds[] = {"bpf_map_type", "bpf_prog_type",
					    "bpf_attach_type", "bpf_link_type"};

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++)
		command(nr);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		enumerators(kinds[i]);
	for (int err = 1; err <= BPFSYS_ENOTSUPP; err++)
		if (bpfsys_errno_name(err))
			word(bpfsys_errno_name(err));
	return fflush(stdout) ? 1 : 0;
}
