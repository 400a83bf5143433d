/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <time.h>

#include "base/cleanup.h"
#include "guard/link.h"
#include "render/progress.h"
#include "suggest.h"

#define NS_PER_S 1000000000ull
#define LEARNT_SHARE 10 /* so much of the time is for learning which ports there are */
#define TURN 4096	/* frames of one interface before the next has its turn */

struct live {
	struct suggest *suggest;
	struct capture *captures[GUARD_INTERFACES_MAX];
	size_t mtus[GUARD_INTERFACES_MAX];
	uint64_t now_ns; /* of the frames of all of them, which never goes back */
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int open_all(struct live *live, struct why *why)
{
	struct suggest *suggest = live->suggest;

	for (size_t i = 0; i < suggest->n_interfaces; i++) {
		const char *interface = suggest->interfaces[i];
		int r = capture_open_live(interface, suggest->filter, &live->captures[i], why);

		if (r < 0)
			return r;
		live->mtus[i] = suggest->mtu ?: (size_t)link_mtu(interface);
	}
	return 0;
}

static void close_all(struct live *live)
{
	for (size_t i = 0; i < live->suggest->n_interfaces; i++)
		capture_close(&live->captures[i]);
}

/* What has come in on one of them; 0: nothing more is there. */
static int take_turn(struct live *live, size_t i, bool is_measuring, struct why *why)
{
	struct capture_frame frame;

	for (unsigned n = 0; n < TURN; n++) {
		int r = capture_next(live->captures[i], &frame, why);

		if (r == -EAGAIN || r == 0)
			return 0;
		if (r < 0)
			return r;
		if (frame.time_ns < live->now_ns)
			frame.time_ns = live->now_ns;
		live->now_ns = frame.time_ns;
		if (suggest_look_at(live->suggest, &frame, live->mtus[i], is_measuring) < 0)
			return why_set(why, -ENOMEM, "not enough memory");
	}
	return 1;
}

static int take_turns(struct live *live, bool is_measuring, struct why *why)
{
	size_t n = live->suggest->n_interfaces;
	bool is_busy = false;

	for (size_t i = 0; i < n; i++) {
		int r = take_turn(live, i, is_measuring, why);

		if (r < 0)
			return r;
		is_busy |= r > 0;
	}
	if (!is_busy)
		capture_wait(live->captures, n);
	return 0;
}

static int look_until(struct live *live, bool is_measuring, uint64_t until_ns, struct why *why)
{
	_cleanup_(progress_end) struct progress *progress = progress_begin(
		is_measuring ? "measuring what sources need" : "learning which ports are in use");
	uint64_t started = monotonic_ns();
	int r = 0;

	while (r == 0 && monotonic_ns() < until_ns) {
		r = take_turns(live, is_measuring, why);
		progress_update(progress, monotonic_ns() - started, until_ns - started);
	}
	return r;
}

int suggest_look_live(struct suggest *suggest, uint64_t for_ns, struct why *why)
{
	_cleanup_(close_all) struct live live = {.suggest = suggest};
	uint64_t started;
	int r = open_all(&live, why);

	if (r < 0)
		return r;
	started = monotonic_ns();
	r = look_until(&live, false, started + for_ns / LEARNT_SHARE, why);
	if (r < 0)
		return r;
	suggest_choose(&suggest->tally);
	r = look_until(&live, true, started + for_ns, why);
	for (size_t i = 0; i < suggest->n_interfaces; i++)
		suggest->lost += capture_lost(live.captures[i]);
	return r;
}
