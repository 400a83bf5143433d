/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of saved blocks. What is read is written and read back. */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "store/saved_blocks.h"

#define BLOCKS_MAX 4096

struct blocks {
	struct saved_block items[BLOCKS_MAX];
	size_t n;
};

static int keep(const struct saved_block *block, void *data)
{
	struct blocks *blocks = data;

	if (blocks->n < BLOCKS_MAX)
		blocks->items[blocks->n++] = *block;
	return 0;
}

static void write_all_of(const struct blocks *blocks, const char *path)
{
	struct saved_blocks *saved = NULL;

	FUZZ_EXPECT(saved_blocks_begin(path, &saved, NULL) == 0);
	for (size_t i = 0; i < blocks->n; i++)
		FUZZ_EXPECT(saved_blocks_add(saved, &blocks->items[i]) == 0);
	FUZZ_EXPECT(saved_blocks_end(&saved, NULL) == 0);
}

static bool are_equal(const struct saved_block *a, const struct saved_block *b)
{
	return prefix_compare(&a->prefix, &b->prefix) == 0 && a->since_ns == b->since_ns &&
	       a->until_ns == b->until_ns && a->forget_ns == b->forget_ns &&
	       a->relapses == b->relapses && a->is_by_hand == b->is_by_hand &&
	       a->is_monitor == b->is_monitor && !strcmp(a->rule, b->rule) &&
	       !strcmp(a->reason, b->reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char path[] = "/dev/shm/xdpguard-fuzz-blocks";
	static struct blocks blocks, again;
	static struct fuzz_file file;
	struct why why = {};
	int r;

	blocks.n = again.n = 0;
	r = saved_blocks_read(fuzz_file_write(&file, data, size), keep, &blocks, &why);
	FUZZ_EXPECT(r == 0 || (r == -EBADMSG && why.text[0]));
	if (!blocks.n)
		return 0;
	write_all_of(&blocks, path);
	FUZZ_EXPECT(saved_blocks_read(path, keep, &again, &why) == 0);
	FUZZ_EXPECT(again.n == blocks.n);
	for (size_t i = 0; i < blocks.n; i++)
		FUZZ_EXPECT(are_equal(&blocks.items[i], &again.items[i]));
	return 0;
}
