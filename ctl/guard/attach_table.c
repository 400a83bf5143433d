/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attach_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

int attach_table_read_row(const struct guard *guard, uint32_t row, struct guard_interface *ret_row)
{
	return bpf_map_lookup_elem(guard->interfaces, &row, ret_row) < 0 ? -errno : 0;
}

int attach_table_read(const struct guard *guard, struct attach_table *ret_table, struct why *why)
{
	int r = 0;

	for (uint32_t row = 0; r == 0 && row < GUARD_INTERFACES_MAX; row++)
		r = attach_table_read_row(guard, row, &ret_table->rows[row]);
	if (r < 0)
		return guard_explain(why, r, "cannot read the table of interfaces");
	return 0;
}

int attach_table_find(const struct attach_table *table, const char *interface)
{
	uint32_t ifindex = if_nametoindex(interface);
	char name[IF_NAMESIZE];

	for (int row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (ifindex && table->rows[row].ifindex == ifindex)
			return row;
	for (int row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (table->rows[row].ifindex && !if_indextoname(table->rows[row].ifindex, name) &&
		    !strcmp(table->rows[row].name, interface))
			return row;
	return -1;
}

const char *attach_table_name(const struct guard_interface *row, char name[IF_NAMESIZE])
{
	return if_indextoname(row->ifindex, name) ?: row->name;
}

static int find_free_row(const struct attach_table *table, const char *last_name)
{
	for (int row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (!table->rows[row].ifindex && !strcmp(table->rows[row].name, last_name))
			return row;
	return -ENOSPC;
}

int attach_table_choose(const struct attach_table *table, const char *interface)
{
	int row = attach_table_find(table, interface);

	if (row < 0)
		row = find_free_row(table, interface);
	return row < 0 ? find_free_row(table, "") : row;
}

static int write_row(const struct guard *guard, __u32 row, const struct guard_interface *value)
{
	return bpf_map_update_elem(guard->interfaces, &row, value, BPF_ANY) < 0 ? -errno : 0;
}

int attach_table_set(const struct guard *guard, uint32_t row, uint32_t ifindex,
		     const char *interface)
{
	struct guard_interface value = {.ifindex = ifindex};

	snprintf(value.name, sizeof(value.name), "%s", interface);
	return write_row(guard, row, &value);
}

int attach_table_clear(const struct guard *guard, uint32_t row, const struct guard_interface *value)
{
	struct guard_interface empty = *value;

	empty.ifindex = 0;
	return write_row(guard, row, &empty);
}
