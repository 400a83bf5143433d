/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "directory.h"

#define NEXT "next" /* the entry between its two steps */
#define NUMBER_TEXT_SIZE 24

static int open_history(const char *state, bool is_made, int *ret_fd, struct why *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/history", state);
	return directory_open(path, is_made, ret_fd, why);
}

static int explain(struct why *why, int error, const char *state)
{
	return why_set(why, error, "%s/history: %s", state, strerror(-error));
}

/* 0: not the directory of an entry. */
static uint64_t parse_number(const char *name)
{
	char *end;
	uint64_t number = strtoull(name, &end, 10);

	return name[0] >= '1' && name[0] <= '9' && !*end ? number : 0;
}

static const char *format_number(uint64_t number, char text[NUMBER_TEXT_SIZE])
{
	snprintf(text, NUMBER_TEXT_SIZE, "%" PRIu64, number);
	return text;
}

static int read_entry(int directory, const char *name, struct entry **ret_entry)
{
	_cleanup_close_ int fd = -1;
	int r = directory_open_at(directory, name, false, &fd);

	return r < 0 ? r : entry_read(fd, ret_entry);
}

/* What cannot be read is no entry, and hides no other; but its number is taken. */
static int add(struct history *history, int directory, const char *name)
{
	struct entry **entries = reallocarray(history->entries, history->n + 1, sizeof(*entries));
	_cleanup_(entry_free) struct entry *entry = NULL;
	uint64_t number = parse_number(name);
	int r;

	if (!entries)
		return -ENOMEM;
	history->entries = entries;
	r = read_entry(directory, name, &entry);
	if (r == -ENOMEM)
		return r;
	if (number > history->last)
		history->last = number;
	if (r == 0 && entry->number == number)
		entries[history->n++] = take_ptr(entry);
	else
		history->n_unreadable++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

static int read_all(int directory, struct history *history)
{
	int fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	DIR *names = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *name;
	int r = 0;

	if (!names) {
		r = -errno;
		closep(&fd);
		return r;
	}
	rewinddir(names);
	while (r == 0 && (name = readdir(names)))
		if (parse_number(name->d_name))
			r = add(history, directory, name->d_name);
	closedir(names);
	if (history->n)
		qsort(history->entries, history->n, sizeof(*history->entries), compare);
	return r;
}

int history_read(const char *state, struct history *ret_history, struct why *why)
{
	_cleanup_(history_release) struct history history = {};
	_cleanup_close_ int directory = -1;
	int r = open_history(state, false, &directory, why);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		r = read_all(directory, &history);
	if (r < 0 && r != -ENOENT)
		return explain(why, r, state);
	*ret_history = history;
	history = (struct history){};
	return 0;
}

void history_release(struct history *history)
{
	for (size_t i = 0; i < history->n; i++)
		entry_free(&history->entries[i]);
	free(history->entries);
	*history = (struct history){};
}

const struct entry *history_find(const struct history *history, uint64_t number)
{
	for (size_t i = 0; i < history->n; i++)
		if (history->entries[i]->number == number)
			return history->entries[i];
	return NULL;
}

bool history_is_rolled_back(const struct history *history, const struct entry *entry)
{
	for (size_t i = 0; i < history->n; i++)
		if (history->entries[i]->rolled_back == entry->number)
			return true;
	return false;
}

/* What became of the policy when it was last put in force is what counts. */
static bool was_mistake(const struct history *history, const struct entry *entry)
{
	const struct entry *last = entry;

	for (size_t i = 0; i < history->n; i++)
		if (entry_is_same(history->entries[i], entry))
			last = history->entries[i];
	return last->is_unconfirmed || history_is_rolled_back(history, last);
}

const struct entry *history_find_before(const struct history *history, const struct entry *now,
					uint64_t hash)
{
	for (size_t i = history->n; i-- > 0;) {
		const struct entry *entry = history->entries[i];

		if (now ? entry->number >= now->number || entry_is_same(entry, now)
			: entry->hash == hash)
			continue;
		if (!was_mistake(history, entry))
			return entry;
	}
	return NULL;
}

static int open_entry(const char *state, uint64_t number, int *ret_fd)
{
	_cleanup_close_ int directory = -1;
	char name[NUMBER_TEXT_SIZE];
	int r = open_history(state, false, &directory, NULL);

	return r < 0 ? r : directory_open_at(directory, format_number(number, name), false, ret_fd);
}

int history_confirm(const char *state, uint64_t number, struct why *why)
{
	_cleanup_close_ int entry = -1;
	int r = open_entry(state, number, &entry);

	if (r == 0)
		r = entry_confirm(entry);
	return r < 0 ? explain(why, r, state) : 0;
}

int history_open_copies(const char *state, uint64_t number, struct copies *ret_copies,
			struct why *why)
{
	_cleanup_close_ int entry = -1;
	int r = open_entry(state, number, &entry);

	if (r == 0)
		r = entry_open_copies(entry, ret_copies);
	if (r == -ENOENT)
		return why_set(why, r,
			       "policy %" PRIu64 " is not in the history; see: xdpguard history",
			       number);
	return r < 0 ? why_set(why, r, "policy %" PRIu64 " of the history cannot be read: %s",
			       number, strerror(-r))
		     : 0;
}

static int rename_next(int directory, uint64_t number)
{
	char name[NUMBER_TEXT_SIZE];

	if (renameat(directory, NEXT, directory, format_number(number, name)) < 0)
		return -errno;
	return fsync(directory) < 0 ? -errno : 0;
}

/* What a tool that was killed has left: it got as far as putting the policy in force, or it did not. */
static int mend(int directory, uint64_t in_force)
{
	_cleanup_(entry_free) struct entry *left = NULL;
	int r = read_entry(directory, NEXT, &left);

	if (r == 0 && left->number == in_force)
		return rename_next(directory, in_force);
	return directory_remove_at(directory, NEXT);
}

static int write_next(int directory, const struct entry *entry, const struct copies *copies)
{
	_cleanup_close_ int next = -1;
	int r = directory_open_at(directory, NEXT, true, &next);

	if (r == 0)
		r = entry_write(next, entry, copies);
	return r < 0 ? r : fsync(directory) < 0 ? -errno : 0;
}

int history_begin(const char *state, struct entry *entry, const struct copies *copies,
		  uint64_t in_force, struct why *why)
{
	_cleanup_(history_release) struct history history = {};
	_cleanup_close_ int directory = -1;
	int r = open_history(state, true, &directory, why);

	if (r < 0)
		return r;
	r = mend(directory, in_force);
	if (r == 0)
		r = read_all(directory, &history);
	if (r < 0)
		return explain(why, r, state);
	entry->number = 1 + (history.last > in_force ? history.last : in_force);
	r = write_next(directory, entry, copies);
	if (r < 0) {
		directory_remove_at(directory, NEXT);
		return explain(why, r, state);
	}
	return 0;
}

static int prune(int directory, const struct history *history, uint64_t number, uint64_t kept)
{
	uint64_t bytes = 0;
	size_t n = history->n;
	char name[NUMBER_TEXT_SIZE];
	int r = 0;

	for (size_t i = 0; i < history->n; i++)
		bytes += history->entries[i]->bytes;
	for (size_t i = 0; r == 0 && i < history->n; i++) {
		const struct entry *entry = history->entries[i];

		if (n <= HISTORY_ENTRIES_MAX && (bytes <= HISTORY_BYTES_MAX || n <= 2))
			break;
		if (entry->number == number || entry->number == kept)
			continue;
		r = directory_remove_at(directory, format_number(entry->number, name));
		bytes -= entry->bytes;
		n--;
	}
	return r;
}

int history_finish(const char *state, uint64_t number, uint64_t kept, struct why *why)
{
	_cleanup_(history_release) struct history history = {};
	_cleanup_close_ int directory = -1;
	int r = open_history(state, false, &directory, why);

	if (r < 0)
		return r;
	r = rename_next(directory, number);
	if (r == 0)
		r = read_all(directory, &history);
	if (r == 0)
		r = prune(directory, &history, number, kept);
	return r < 0 ? explain(why, r, state) : 0;
}

void history_abort(const char *state)
{
	_cleanup_close_ int directory = -1;

	if (open_history(state, false, &directory, NULL) == 0)
		directory_remove_at(directory, NEXT);
}
