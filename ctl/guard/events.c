/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include <linux/membarrier.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "read.h"

struct events {
	const struct guard *guard;
	struct guard_control *control;
	struct ring_buffer *ring;
	int lock; /* whoever holds it is the reader; -1: the guard is not pinned, and has no other */
	int (*each)(const struct guard_event *event, void *data);
	void *data;
	bool is_open; /* else what there is was told to an earlier reader */
	struct guard_event_counts before;
};

static int tell(void *context, void *data, size_t size)
{
	const struct events *events = context;

	if (!events->is_open || size < sizeof(struct guard_event))
		return 0;
	return events->each(data, events->data);
}

/* A process that is killed lets go of it. */
static int take_reading(const struct guard *guard, int *ret_lock, struct why *why)
{
	_cleanup_close_ int fd = open(guard->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return why_set(why, -errno, "%s: %s", guard->dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return why_set(
			why, errno == EWOULDBLOCK ? -EBUSY : -errno,
			errno == EWOULDBLOCK
				? "another xdpguard reads the events of this guard, and each "
				  "event goes to one reader only; end that one first"
				: "cannot lock the guard's directory");
	*ret_lock = take_fd(&fd);
	return 0;
}

bool events_renew(struct events *events, uint64_t now)
{
	const uint64_t until = events->control->events_until;

	__atomic_store_n(&events->control->events_until, now + GUARD_EVENT_LEASE, __ATOMIC_RELEASE);
	return !until || (int64_t)(until - now) > 0;
}

void events_stop(const struct events *events)
{
	__atomic_store_n(&events->control->events_until, 0, __ATOMIC_RELEASE);
	/* Packets that have seen the lease are done when this returns. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static int begin(struct events *events, struct why *why)
{
	int r = guard_map_control(events->guard, true, &events->control, why);

	if (r < 0)
		return r;
	events->ring = ring_buffer__new(events->guard->events, tell, events, NULL);
	if (!events->ring)
		return guard_explain(why, -errno, "cannot read the guard's events");
	events_stop(events);
	r = events_read(events);
	if (r == 0)
		r = read_event_counts(events->guard, &events->before, why);
	events->is_open = true;
	return r;
}

int events_open(const struct guard *guard, int (*each)(const struct guard_event *event, void *data),
		void *data, struct events **ret_events, struct why *why)
{
	_cleanup_(events_close) struct events *events = calloc(1, sizeof(*events));
	int r = 0;

	if (!events)
		return -ENOMEM;
	*events = (struct events){.guard = guard, .lock = -1, .each = each, .data = data};
	if (guard->dir)
		r = take_reading(guard, &events->lock, why);
	if (r == 0)
		r = begin(events, why);
	if (r < 0)
		return r;
	*ret_events = take_ptr(events);
	return 0;
}

void events_close(struct events **events)
{
	struct events *e = *events;

	if (!e)
		return;
	if (e->ring)
		events_stop(e);
	ring_buffer__free(e->ring);
	guard_unmap_control(&e->control);
	closep(&e->lock);
	free(e);
	*events = NULL;
}

int events_fd(const struct events *events)
{
	return ring_buffer__epoll_fd(events->ring);
}

int events_read(struct events *events)
{
	int n = ring_buffer__consume(events->ring);

	return n < 0 ? n : 0;
}

int events_count(const struct events *events, struct guard_event_counts *ret_counts,
		 struct why *why)
{
	struct guard_event_counts now;
	int r = read_event_counts(events->guard, &now, why);

	if (r < 0)
		return r;
	*ret_counts = (struct guard_event_counts){};
	for (int kind = 0; kind < GUARD_EVENT_KINDS; kind++) {
		ret_counts->sent[kind] = now.sent[kind] - events->before.sent[kind];
		ret_counts->suppressed[kind] =
			now.suppressed[kind] - events->before.suppressed[kind];
	}
	return 0;
}
