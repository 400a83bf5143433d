/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watcher.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <syslog.h>

#include "base/cleanup.h"
#include "detach.h"
#include "guard/lock.h"

#define NS_PER_S 1000000000ull
#define LOCK_RETRY_MS 1000
#define RETRY_MS 5000

/* A session's processes may all be killed with it (logind's KillUserProcesses), by its cgroup. */
static void leave_cgroup(void)
{
	_cleanup_close_ int fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) < 0)
		syslog(LOG_INFO, "cannot leave the session's cgroup: %m");
}

static int leave_terminal(const struct watcher *watcher)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		return -errno;
	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	leave_cgroup();
	/* No file system is to be kept from being unmounted. */
	return watcher->dir[0] == '/' && watcher->state[0] == '/' && chdir("/") < 0 ? -errno : 0;
}

/* That the other end is gone ends nothing. */
static void say(const struct watcher *watcher, const char *text)
{
	send(watcher->socket, text, strlen(text), MSG_NOSIGNAL);
}

enum order {
	ORDER_START,
	ORDER_STOP,
	ORDER_NONE, /* who gives them is gone */
};

static enum order hear_order(const struct watcher *watcher)
{
	char text[16];
	ssize_t n = recv(watcher->socket, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	if (!strcmp(text, WATCHER_STOP))
		return ORDER_STOP;
	return strcmp(text, WATCHER_START) != 0 ? ORDER_NONE : ORDER_START;
}

static int open_timer(uint64_t deadline_ns)
{
	struct itimerspec when = {
		.it_value = {(time_t)(deadline_ns / NS_PER_S), (long)(deadline_ns % NS_PER_S)},
	};
	_cleanup_close_ int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Without inotify, of which a machine has only so many, a confirmed probation is seen at its end. */
static int watch_file(int pending_fd)
{
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", pending_fd);
	if (fd < 0 || inotify_add_watch(fd, path, IN_ATTRIB) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Until then; at once when somebody has removed the file: they confirmed, or rolled back. */
static int wait_until(uint64_t deadline_ns, int pending_fd)
{
	_cleanup_close_ int timer = open_timer(deadline_ns);
	_cleanup_close_ int removal = watch_file(pending_fd);
	struct pollfd waits[] = {{.fd = timer, .events = POLLIN},
				 {.fd = removal, .events = POLLIN}};
	char event[sizeof(struct inotify_event) + 256];

	if (timer < 0)
		return timer;
	while (!waits[0].revents && !pending_is_removed(pending_fd)) {
		if (poll(waits, ARRAY_SIZE(waits), -1) < 0 && errno != EINTR)
			return -errno;
		if (waits[1].revents && read(removal, event, sizeof(event)) < 0)
			return -errno;
	}
	return 0;
}

/* Nobody has taken the policy on probation away meanwhile. What cannot be read counts as still there. */
static bool is_in_force(const struct watcher *watcher)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_(record_free) struct record *record = NULL;
	int r = guard_open(watcher->dir, false, &guard, NULL);

	if (r == 0)
		r = record_read(guard, &record, NULL);
	return r == 0 ? record->number == watcher->way.number : r != -ENOENT;
}

/* Another tool might be changing the same guard. What keeps the lock from us, as a full /run, passes. */
static void wait_for_lock(int *ret_lock)
{
	while ((*ret_lock = lock_take(NULL)) < 0)
		poll(NULL, 0, LOCK_RETRY_MS);
}

static int publish(const struct watcher *watcher, struct pending *pending, int pending_fd)
{
	int r;

	/* The time begins when the policy is in force: attaching may take a second. */
	pending->deadline_ns = pending_clock_ns() + watcher->duration_ns;
	r = pending_rewrite(pending_fd, pending);
	return r < 0 ? r : pending_publish(watcher->state, pending_fd);
}

/* What apply has left that was killed. False: its policy did not come into force, or has gone again. */
static bool take_over(const struct watcher *watcher, struct pending *pending, int pending_fd)
{
	_cleanup_close_ int lock = -1;
	int r;

	wait_for_lock(&lock);
	if (pending_is_removed(pending_fd) || !is_in_force(watcher))
		return false;
	r = publish(watcher, pending, pending_fd);
	if (r < 0)
		syslog(LOG_ERR, "nobody can see that policy %" PRIu64 " is on probation: %s",
		       watcher->way.number, strerror(-r));
	return true;
}

/* True: the probation has begun. */
static bool begin(struct watcher *watcher, struct pending *pending, int pending_fd)
{
	enum order order = hear_order(watcher);
	int r = 0;

	if (order == ORDER_NONE && take_over(watcher, pending, pending_fd))
		return true;
	if (order == ORDER_START) {
		r = publish(watcher, pending, pending_fd);
		say(watcher, r < 0 ? strerror(-r) : WATCHER_STARTED);
		closep(&watcher->socket);
	}
	if (order == ORDER_START && r == 0)
		return true;
	pending_abort(watcher->state, pending_fd);
	return false;
}

static void tell_end(const struct way_back *way, const char *failure)
{
	if (!way->to)
		syslog(LOG_WARNING, "policy %" PRIu64 " was not confirmed: detached", way->number);
	else
		syslog(LOG_WARNING,
		       "policy %" PRIu64 " was not confirmed: policy %" PRIu64
		       " is back in force%s%s",
		       way->number, way->to, *failure ? "; " : "", failure);
}

/* Says it once, not at every try. */
static void tell_failure(const struct way_back *way, struct pending *pending, const char *failure)
{
	if (!strcmp(pending->failure, failure))
		return;
	syslog(LOG_ERR, "policy %" PRIu64 " was not confirmed, but stays in force: %s; trying on",
	       way->number, failure);
	snprintf(pending->failure, sizeof(pending->failure), "%s", failure);
}

/* True: nothing is left to be done. */
static bool end_probation(struct watcher *watcher, struct pending *pending, int pending_fd)
{
	_cleanup_close_ int lock = -1;
	bool is_back = false;
	int r;

	wait_for_lock(&lock);
	if (pending_is_removed(pending_fd))
		return true;
	if (is_in_force(watcher)) {
		watcher->error = (struct why){};
		way_back_take(&watcher->way, &is_back);
		if (!is_back) {
			tell_failure(&watcher->way, pending, watcher->error.text);
			pending_rewrite(pending_fd, pending);
			return false;
		}
		tell_end(&watcher->way, watcher->error.text);
	}
	r = pending_remove(watcher->state, NULL);
	if (r < 0)
		syslog(LOG_ERR, "cannot remove the file of the probation: %s", strerror(-r));
	return true;
}

/* What has to come back is read now, while somebody is there to hear that it cannot be. */
static int get_ready(struct watcher *watcher, struct pending *pending, int *ret_pending_fd)
{
	struct why why = {};
	int code;

	messages_leave_terminal(&watcher->error);
	if (leave_terminal(watcher) < 0)
		return fail("cannot leave the terminal: %s", strerror(errno));
	code = way_back_load(&watcher->way, watcher->dir, watcher->state);
	if (code != EXIT_DONE)
		return code;
	pending->deadline_ns = pending_clock_ns() + watcher->duration_ns;
	return pending_create(watcher->state, pending, ret_pending_fd, &why) < 0 ? fail_why(&why)
										 : EXIT_DONE;
}

int watcher_run(struct watcher *watcher)
{
	struct pending pending = {.number = watcher->way.number, .back_to = watcher->way.to};
	_cleanup_close_ int pending_fd = -1;

	openlog("xdpguard", LOG_PID, LOG_DAEMON);
	if (get_ready(watcher, &pending, &pending_fd) != EXIT_DONE) {
		say(watcher, watcher->error.text);
		return EXIT_FAILED;
	}
	say(watcher, WATCHER_READY);
	if (!begin(watcher, &pending, pending_fd))
		return EXIT_FAILED;
	if (wait_until(pending.deadline_ns, pending_fd) < 0)
		syslog(LOG_ERR, "cannot wait: ending the probation now");
	while (!end_probation(watcher, &pending, pending_fd))
		poll(NULL, 0, RETRY_MS);
	return EXIT_DONE;
}
