/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "directory.h"

void out_file_abort(struct out_file *file)
{
	if (file->out && file->out != stdout)
		fclose(file->out);
	whole_file_abort(&file->file);
	closep(&file->directory);
	*file = (struct out_file)OUT_FILE_NONE;
}

/* A device or a pipe must not be replaced by a file. */
static bool is_replaceable(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && (stat(path, &status) < 0 || S_ISREG(status.st_mode));
}

/* A stream with a descriptor of its own, so that the file outlives it. */
static FILE *open_stream(int file)
{
	_cleanup_close_ int fd = fcntl(file, F_DUPFD_CLOEXEC, 0);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");

	if (stream)
		take_fd(&fd);
	return stream;
}

static int open_replacement(struct out_file *file)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(file->path, '/');
	int r;

	if (slash)
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - file->path + 1),
			 file->path);
	r = directory_open_at(AT_FDCWD, slash ? directory : ".", false, &file->directory);
	if (r == 0)
		r = whole_file_begin(file->directory, slash ? slash + 1 : file->path, &file->file);
	if (r < 0)
		return r;
	file->out = open_stream(file->file.fd);
	return file->out ? 0 : -errno;
}

/* A device, or a FIFO: -ENXIO when nobody reads it, in place of waiting for somebody. */
static int open_in_place(struct out_file *file)
{
	_cleanup_close_ int fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	file->out = fdopen(fd, "w");
	if (!file->out)
		return -errno;
	take_fd(&fd);
	return 0;
}

static int open_out(struct out_file *file)
{
	if (is_replaceable(file->path))
		return open_replacement(file);
	if (strcmp(file->path, "-") != 0)
		return open_in_place(file);
	file->out = stdout;
	return 0;
}

static const char *explain(int error)
{
	switch (error) {
	case -ENXIO:
		return "nobody reads from there; to write to a pipe give \"-\"";
	case -ENOTSUP:
		return "the name for the new file is taken by what is no file";
	}
	return strerror(-error);
}

int out_file_begin(const char *path, struct out_file *ret_file, struct why *why)
{
	_cleanup_(out_file_abort) struct out_file file = OUT_FILE_NONE;
	int r;

	if (strlen(path) >= sizeof(file.path))
		return why_set(why, -ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	strcpy(file.path, path);
	r = open_out(&file);
	if (r < 0)
		return why_set(why, r, "%s: %s", path, explain(r));
	*ret_file = file;
	file = (struct out_file)OUT_FILE_NONE;
	return 0;
}

int out_file_end(struct out_file *file, struct why *why)
{
	int r = fflush(file->out) != 0 ? -errno : 0;

	if (r == 0 && file->file.fd >= 0)
		r = whole_file_end(&file->file);
	if (r < 0)
		why_set(why, r, "%s: %s", file->path, strerror(-r));
	out_file_abort(file);
	return r;
}
