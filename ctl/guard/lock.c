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

static int take_now(int fd, struct why *why)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return fail(why);
	return why_set(why, -EWOULDBLOCK, "another xdpguard is at work");
}

static int take_in_turn(int fd, struct why *why)
{
	fprintf(stderr, "xdpguard: another xdpguard is at work; waiting for it\n");
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail(why);
	return 0;
}

int lock_try(struct why *why)
{
	_cleanup_close_ int fd = open_file(why);
	int r = fd < 0 ? fd : take_now(fd, why);

	return r < 0 ? r : take_fd(&fd);
}

int lock_take(struct why *why)
{
	_cleanup_close_ int fd = open_file(why);
	int r = fd < 0 ? fd : take_now(fd, why);

	if (r == -EWOULDBLOCK)
		r = take_in_turn(fd, why);
	return r < 0 ? r : take_fd(&fd);
}

void lock_release(int *lock)
{
	closep(lock);
	*lock = -1;
}
