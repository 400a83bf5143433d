/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"

#define LOCK_PATH "/run/xdpguard.lock"

static int fail(struct why *why)
{
	if (errno == EACCES)
		return why_set(why, -errno,
			       "%s: only root may change a guard, or whoever root makes that file "
			       "for: install -m 660 -g GROUP /dev/null %s",
			       LOCK_PATH, LOCK_PATH);
	return why_set(why, -errno, "%s: %s", LOCK_PATH, strerror(errno));
}

static int open_file(struct why *why)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? fail(why) : fd;
}

int lock_try(struct why *why)
{
	_cleanup_close_ int fd = open_file(why);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return take_fd(&fd);
	if (errno != EWOULDBLOCK)
		return fail(why);
	return why_set(why, -EWOULDBLOCK, "another xdpguard is at work");
}

int lock_take(struct why *why)
{
	_cleanup_close_ int fd = -1;
	int r = lock_try(why);

	if (r != -EWOULDBLOCK)
		return r;
	fprintf(stderr, "xdpguard: another xdpguard is at work; waiting for it\n");
	fd = open_file(why);
	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail(why);
	return take_fd(&fd);
}
