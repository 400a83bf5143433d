/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probation.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "guard/privileges.h"
#include "render/report.h"
#include "watcher.h"

#define NS_PER_S 1000000000ull

bool probation_is_on(const char *state, uint64_t in_force, struct pending *ret_pending)
{
	struct pending pending;
	struct why why = {};
	int r = pending_read(state, &pending, &why);

	if (r < 0 && r != -ENOENT)
		warn("whether the policy in force is to be confirmed cannot be read: %s", why.text);
	/* One of another number was started by a tool that was killed before its policy was in force. */
	if (r < 0 || pending.number != in_force)
		return false;
	*ret_pending = pending;
	return true;
}

static uint64_t remaining_ns(const struct pending *pending)
{
	uint64_t now = pending_clock_ns();

	return pending->deadline_ns > now ? pending->deadline_ns - now : 0;
}

/* "within 42s", as the next second that is whole. */
static const char *deadline_words(const struct pending *pending, char text[QUANTITY_TEXT_SIZE + 16])
{
	uint64_t seconds = (remaining_ns(pending) + NS_PER_S - 1) / NS_PER_S;
	char duration[QUANTITY_TEXT_SIZE];

	if (seconds)
		snprintf(text, QUANTITY_TEXT_SIZE + 16, "within %s",
			 duration_format(seconds * NS_PER_S, duration));
	else
		strcpy(text, "now");
	return text;
}

int probation_refuse(const struct pending *pending)
{
	char when[QUANTITY_TEXT_SIZE + 16] = "";

	if (pending->is_watched)
		deadline_words(pending, when);
	return fail("policy %" PRIu64 " is on probation and to be confirmed%s%s: first xdpguard "
		    "confirm, or xdpguard rollback; or --confirm TIME, which keeps the way back",
		    pending->number, *when ? " " : "", when);
}

/* In the new process: it has everything open that the tool has, and wants none of it, the lock least. */
static void become_watcher(const struct enforcement *e, struct watcher *watcher, int socket)
{
	struct enforcement copy = *e;

	enforcement_release(&copy);
	watcher->socket = dup2(socket, STDERR_FILENO + 1);
	if (watcher->socket < 0 || close_range(STDERR_FILENO + 2, ~0u, 0) < 0)
		_exit(EXIT_FAILED);
	/* Files that apply was to read are read. */
	if (privileges_keep(PRIVILEGE(CAP_NET_ADMIN) | PRIVILEGE(CAP_SYS_ADMIN), 0, NULL) < 0)
		_exit(EXIT_FAILED);
	_exit(watcher_run(watcher));
}

static int hear(int socket, char text[WATCHER_MESSAGE_MAX + 1])
{
	ssize_t n = recv(socket, text, WATCHER_MESSAGE_MAX, 0);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : n < 0 ? -errno : -EPIPE;
}

static int start(const struct enforcement *e, struct watcher *watcher, struct probation *probation)
{
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_watcher(e, watcher, sockets[1]);
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		return -errno;
	}
	probation->socket = sockets[0];
	return 0;
}

int probation_begin(const struct enforcement *e, uint64_t back_to, uint64_t duration_ns,
		    struct probation *ret_probation, struct why *why)
{
	struct watcher watcher = {
		.dir = e->dir,
		.state = e->state,
		.way = {.number = e->after->number, .to = back_to},
		.duration_ns = duration_ns,
	};
	char text[WATCHER_MESSAGE_MAX + 1];
	struct probation probation = PROBATION_NONE;
	int r = start(e, &watcher, &probation);

	if (r < 0)
		return why_set(why, r,
			       "cannot start the process that would put the old policy "
			       "back: %s",
			       strerror(-r));
	r = hear(probation.socket, text);
	if (r < 0 || strcmp(text, WATCHER_READY) != 0) {
		close(probation.socket);
		return why_set(why, r < 0 ? r : -EIO, "the old policy could not be put back: %s",
			       *text ? text : "its watcher has died");
	}
	*ret_probation = probation;
	return 0;
}

static void tell(struct probation *probation, const char *text)
{
	send(probation->socket, text, strlen(text), MSG_NOSIGNAL);
}

int probation_start(struct probation *probation, struct why *why)
{
	char text[WATCHER_MESSAGE_MAX + 1];
	int r;

	tell(probation, WATCHER_START);
	r = hear(probation->socket, text);
	close(take_fd(&probation->socket));
	if (r == 0 && !strcmp(text, WATCHER_STARTED))
		return 0;
	return why_set(why, r ?: -EIO, "nobody would watch over the probation: %s",
		       r < 0 ? "its watcher has died" : text);
}

void probation_cancel(struct probation *probation)
{
	if (probation->socket < 0)
		return;
	tell(probation, WATCHER_STOP);
	close(take_fd(&probation->socket));
}

static const char *state_words(const struct pending *pending)
{
	if (*pending->failure)
		return "failed";
	return pending->is_watched ? "waiting" : "unwatched";
}

/* "policy 3 (edge.yaml) comes back" */
static void end_words(const char *state, const struct pending *pending, char *text, size_t size)
{
	_cleanup_(history_release) struct history history = {};
	const struct entry *entry = NULL;

	if (!pending->back_to) {
		snprintf(text, size, "the guard is taken off again");
		return;
	}
	if (history_read(state, &history, NULL) == 0)
		entry = history_find(&history, pending->back_to);
	snprintf(text, size, "policy %" PRIu64 " (%s) comes back", pending->back_to,
		 entry ? entry->name : "that is not in the history");
}

static void report_line_of(struct report *report, const char *state, const struct pending *pending)
{
	char when[QUANTITY_TEXT_SIZE + 16], end[320];

	end_words(state, pending, end, sizeof(end));
	if (*pending->failure)
		report_line(report,
			    "NOT CONFIRMED, and the old policy could not be put back: %s; try "
			    "xdpguard rollback, or keep this one: xdpguard confirm",
			    pending->failure);
	else if (!pending->is_watched)
		report_line(report,
			    "TO BE CONFIRMED, but the process that watched over it was killed: it "
			    "stays in force until xdpguard confirm or xdpguard rollback");
	else
		report_line(report, "to be confirmed %s, with xdpguard confirm, or %s",
			    deadline_words(pending, when), end);
	report_colour(report, *pending->failure || !pending->is_watched ? REPORT_BAD : REPORT_WARN);
}

static uint64_t wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void probation_report(struct report *report, const char *state, const struct pending *pending)
{
	if (!pending) {
		report_string(report, "probation", NULL, NULL);
		return;
	}
	report_line_of(report, state, pending);
	report_object(report, "probation", NULL);
	report_string(report, "state", NULL, state_words(pending));
	report_value(report, "number", NULL, REPORT_NUMBER, pending->number);
	report_value(report, "back_to", NULL, REPORT_NUMBER, pending->back_to);
	report_value(report, "deadline", NULL, REPORT_TIME,
		     wall_clock_ns() + remaining_ns(pending));
	report_value(report, "remaining", NULL, REPORT_DURATION, remaining_ns(pending));
	report_string(report, "failure", NULL, *pending->failure ? pending->failure : NULL);
	report_object_end(report);
}
