/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pending.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "directory.h"
#include "policy/input.h"
#include "write.h"

#define PENDING "pending"
#define PENDING_NEW "pending.new"
#define PENDING_SIZE_MAX 4096
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_SIZE 64

uint64_t pending_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* "" where it cannot be read: all boots are one then. */
static void read_boot_id(char id[BOOT_ID_SIZE])
{
	_cleanup_close_ int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : input_read(fd, id, BOOT_ID_SIZE - 1);

	id[n > 0 ? n : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
}

static int open_state(const char *state, int *ret_fd, struct why *why)
{
	return directory_open(state, false, ret_fd, why);
}

static int explain(struct why *why, int error, const char *state)
{
	return why_set(why, error, "%s/" PENDING ": %s", state, strerror(-error));
}

static uint64_t get_number(const json_object *json, const char *key)
{
	return json_object_get_uint64(json_object_object_get(json, key));
}

static bool is_of_this_boot(const json_object *json)
{
	const char *id = json_object_get_string(json_object_object_get(json, "boot_id"));
	char own[BOOT_ID_SIZE];

	read_boot_id(own);
	return id && !strcmp(id, own);
}

static int parse(const char *text, struct pending *ret_pending)
{
	_cleanup_(json_free) json_object *json = json_tokener_parse(text);
	const char *failure;

	if (!json || !get_number(json, "number"))
		return -EBADMSG;
	if (!is_of_this_boot(json))
		return -ENOENT;
	failure = json_object_get_string(json_object_object_get(json, "failure"));
	*ret_pending = (struct pending){
		.number = get_number(json, "number"),
		.back_to = get_number(json, "back_to"),
		.deadline_ns = get_number(json, "deadline_ns"),
	};
	snprintf(ret_pending->failure, sizeof(ret_pending->failure), "%s", failure ?: "");
	return 0;
}

static int read_file(int directory, struct pending *ret_pending)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	struct pending pending;
	uint64_t file_size;
	size_t size;
	int r = file_open_at(directory, PENDING, O_RDONLY | O_NOFOLLOW, 0, &fd, &file_size);

	if (r < 0)
		return r;
	r = input_read_all(fd, PENDING_SIZE_MAX, &text, &size);
	if (r == 0)
		r = parse(text, &pending);
	if (r < 0)
		return r;
	pending.is_watched = flock(fd, LOCK_SH | LOCK_NB) < 0;
	*ret_pending = pending;
	return 0;
}

int pending_read(const char *state, struct pending *ret_pending, struct why *why)
{
	_cleanup_close_ int directory = -1;
	int r = open_state(state, &directory, why);

	if (r < 0)
		return r;
	r = read_file(directory, ret_pending);
	return r < 0 ? explain(why, r, state) : 0;
}

int pending_remove(const char *state, struct why *why)
{
	_cleanup_close_ int directory = -1;
	int r = open_state(state, &directory, why);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (unlinkat(directory, PENDING, 0) < 0 && errno != ENOENT)
		return explain(why, -errno, state);
	return 0;
}

int pending_rewrite(int fd, const struct pending *pending)
{
	_cleanup_(json_free) json_object *json = json_object_new_object();
	char boot_id[BOOT_ID_SIZE];
	const char *text;
	int r;

	read_boot_id(boot_id);
	r = json_add(json, "number", json_object_new_uint64(pending->number));
	r = r ?: json_add(json, "back_to", json_object_new_uint64(pending->back_to));
	r = r ?: json_add(json, "deadline_ns", json_object_new_uint64(pending->deadline_ns));
	r = r ?: json_add(json, "boot_id", json_object_new_string(boot_id));
	r = r ?: json_add(json, "failure", json_object_new_string(pending->failure));
	text = r < 0 ? NULL : json_whole_text(json, JSON_C_TO_STRING_PLAIN);
	if (!text)
		return -ENOMEM;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = write_all(fd, text, strlen(text));
	return r == 0 && ftruncate(fd, (off_t)strlen(text)) < 0 ? -errno : r;
}

int pending_create(const char *state, const struct pending *pending, int *ret_fd, struct why *why)
{
	_cleanup_close_ int directory = -1, fd = -1;
	int r = open_state(state, &directory, why);

	if (r < 0)
		return r;
	if (unlinkat(directory, PENDING_NEW, 0) < 0 && errno != ENOENT)
		return explain(why, -errno, state);
	fd = openat(directory, PENDING_NEW, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return explain(why, -errno, state);
	r = pending_rewrite(fd, pending);
	if (r < 0)
		return explain(why, r, state);
	*ret_fd = take_fd(&fd);
	return 0;
}

bool pending_is_removed(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

int pending_publish(const char *state, int fd)
{
	_cleanup_close_ int directory = -1;
	int r = open_state(state, &directory, NULL);

	if (r < 0)
		return r;
	if (pending_is_removed(fd))
		return -ENOENT;
	return renameat(directory, PENDING_NEW, directory, PENDING) < 0 ? -errno : 0;
}

void pending_abort(const char *state, int fd)
{
	_cleanup_close_ int directory = -1;

	if (!pending_is_removed(fd) && open_state(state, &directory, NULL) == 0)
		unlinkat(directory, PENDING_NEW, 0);
}
