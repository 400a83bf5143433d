/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list file. Every prefix in it is written and read back. */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "policy/list_file.h"

static int check_prefix(void *data, const struct prefix *prefix)
{
	struct prefix again;
	char text[ADDRESS_TEXT_SIZE];
	bool has_host_bits;

	FUZZ_EXPECT(prefix_parse(prefix_format(prefix, text), &again, &has_host_bits) == 0);
	FUZZ_EXPECT(!has_host_bits && prefix_compare(prefix, &again) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file list;
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	struct list_file file = {
		.path = fuzz_file_write(&list, data, size),
		.diagnostics = &diagnostics,
		.add = check_prefix,
	};
	int r = list_file_read(&file);

	FUZZ_EXPECT(r == 0 || r == -E2BIG);
	return 0;
}
