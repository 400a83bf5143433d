/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool keeps of itself on disk: an entry of the history, and the policy on probation. "@boot@" in
 * the input stands for this boot.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "store/directory.h"
#include "store/entry.h"
#include "store/pending.h"

#define BOOT "@boot@"
#define BOOT_ID_SIZE 36

static char state[] = "/dev/shm/xdpguard-fuzz-XXXXXX";
static int directory = -1;

static void remove_state(void)
{
	unlinkat(directory, "entry.json", 0);
	unlinkat(directory, "policy.yaml", 0);
	unlinkat(directory, "list-1", 0);
	unlinkat(directory, "pending", 0);
	rmdir(state);
}

static void put(const char *name, const void *data, size_t size)
{
	_cleanup_close_ int fd =
		openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_EXPECT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void make_state(void)
{
	FUZZ_EXPECT(mkdtemp(state));
	directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_EXPECT(directory >= 0);
	put("policy.yaml", "version: 1\n", 11);
	put("list-1", "192.0.2.1\n", 10);
	atexit(remove_state);
}

static void check_entry(void)
{
	_cleanup_(entry_free) struct entry *entry = NULL;
	struct copies copies = {};
	int r = entry_read(directory, &entry);

	FUZZ_EXPECT(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	FUZZ_EXPECT(entry->number && entry->name && entry->path && entry->by && entry->how);
	r = entry_open_copies(directory, &copies);
	FUZZ_EXPECT(r == 0 || r == -ENOENT); /* only one list is there */
	if (r == 0)
		copies_release(&copies);
}

static void check_pending(void)
{
	struct pending pending;
	int r = pending_read(state, &pending, NULL);

	FUZZ_EXPECT(r == 0 || r == -EBADMSG || r == -ENOENT || r == -EFBIG);
	FUZZ_EXPECT(r < 0 || (pending.number && !pending.is_watched));
}

static void append_boot_id(FILE *out)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");
	char id[BOOT_ID_SIZE + 1];

	FUZZ_EXPECT(in && fgets(id, sizeof(id), in) && fputs(id, out) >= 0);
}

static void put_pending(const uint8_t *data, size_t size)
{
	const uint8_t *boot = memmem(data, size, BOOT, strlen(BOOT));
	size_t n = boot ? (size_t)(boot - data) : size;
	_cleanup_free_ char *text = NULL;
	size_t text_size = 0;
	FILE *out = open_memstream(&text, &text_size);

	FUZZ_EXPECT(out);
	fwrite(data, 1, n, out);
	if (boot) {
		append_boot_id(out);
		fwrite(boot + strlen(BOOT), 1, size - n - strlen(BOOT), out);
	}
	FUZZ_EXPECT(fclose(out) == 0);
	put("pending", text, text_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (directory < 0)
		make_state();
	put("entry.json", data, size);
	put_pending(data, size);
	check_entry();
	check_pending();
	return 0;
}
