// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Prints what the running kernel's bpf(2) has: commands, fields that came
 * later, and types of map. */
#include <stdio.h>

#include <bpfsys/abi.h>
#include <bpfsys/probe.h>

static void print(const char *what, const char *name, int answer)
{
	if (answer < 0)
		printf("%s %s: cannot tell: %s\n", what, name,
		       bpfsys_probe_why(answer));
	else
		printf("%s %s: %s\n", what, name, answer ? "yes" : "no");
}

static void print_command(const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);
	char name[80];

	print("command", cmd->name, bpfsys_supports(cmd->nr));
	for (size_t i = 0; i < count; i++) {
		if (fields[i].since <= cmd->since)
			continue;
		snprintf(name, sizeof(name), "%s.%s", cmd->id, fields[i].name);
		print("field", name,
		      bpfsys_supports_field(cmd->nr, fields[i].name));
	}
}

int main(void)
{
	const struct bpfsys_enumerator *type;

	printf("bpf_attr: %d bytes\n", bpfsys_probe_attr_size());
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++)
		print_command(bpfsys_abi_command(nr));
	for (unsigned int i = 1;
	     (type = bpfsys_abi_enumerator("bpf_map_type", i)); i++)
		print("map type", type->name, bpfsys_supports_map_type(i));
	return 0;
}
