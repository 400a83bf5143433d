/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "frame/capture.h"
#include "frame/head.h"
#include "frame/segments.h"
#include "guard/link.h"
#include "guard/trial_copy.h"
#include "render/progress.h"
#include "replay.h"

#define NS_PER_S 1000000000ull
#define CLOCK_START \
	(86400 * NS_PER_S)  /* the program's time of the first frame: late enough for any past */
#define PROGRESS_EVERY 4096 /* frames */

/* Where the replay stands. */
struct position {
	uint64_t first_ns;	     /* of the first frame */
	int rules[GUARD_RULE_SLOTS]; /* by slot: index in the policy */
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void note_rules(struct position *position, const struct identity *identity)
{
	for (size_t i = 0; i < GUARD_RULE_SLOTS; i++)
		position->rules[i] = -1;
	for (size_t i = 0; i < identity->n_rules; i++)
		position->rules[identity->rules[i].slot % GUARD_RULE_SLOTS] = (int)i;
}

/* What is not as it was on the wire. */
static void count_flaws(struct replay_frames *frames, const struct capture_frame *frame)
{
	frames->disordered += frame->is_late;
	frames->strays += frame->is_stray;
	frames->joined += segments_of(frame, LINK_MTU_ETHERNET) > 1;
	if (frame->captured == frame->size)
		return;
	frames->cut++;
	frames->cut_headers += frame->captured < CAPTURE_HEADERS_SIZE;
}

static struct replay_event event_of(const struct replay *replay, const struct position *position,
				    const struct capture_frame *frame,
				    const struct trial_verdict *verdict)
{
	struct head head = head_read(frame->bytes, frame->size);
	struct replay_event event = {
		.time_ns = frame->time_ns,
		.size = frame->size,
		.has_source = head.kind == HEAD_IP,
		.is_dropped = verdict->is_dropped,
		.is_monitored = verdict->is_monitored,
		.reason = verdict->reason,
		.rule = verdict->slot < 0 ? -1 : position->rules[verdict->slot],
	};

	if (event.has_source)
		event.source = trial_source(replay->subject.compiled, &head.from, head.is_ipv6);
	return event;
}

static int judge(struct replay *replay, struct position *position,
		 const struct capture_frame *frame, struct why *why)
{
	struct trial_verdict verdict;
	struct replay_event event;
	int r;

	if (replay->frames.read++ == 0)
		position->first_ns = frame->time_ns;
	if (frame->is_sent) {
		replay->frames.sent++;
		return 0;
	}
	r = frame->size > CAPTURE_FRAME_MAX
		    ? -EINVAL
		    : trial_run(replay->subject.trial, frame->bytes, frame->size,
				CLOCK_START + frame->time_ns - position->first_ns, &verdict);
	if (r == -EINVAL) {
		replay->frames.refused++;
		return 0;
	}
	if (r < 0)
		return guard_explain(why, r, "cannot run the packet program");
	replay->frames.judged++;
	count_flaws(&replay->frames, frame);
	event = event_of(replay, position, frame, &verdict);
	r = replay_tally_add(&replay->tally, &event);
	return r < 0 ? why_set(why, r, "not enough memory for more than %zu sources",
			       replay->tally.n_sources)
		     : 0;
}

static int judge_all(struct replay *replay, struct capture *capture, struct position *position,
		     struct why *why)
{
	_cleanup_(progress_end) struct progress *progress = progress_begin(replay->path);
	struct capture_frame frame;
	int r;

	while ((r = capture_next(capture, &frame, why)) > 0) {
		r = judge(replay, position, &frame, why);
		if (r < 0)
			return r;
		if (replay->frames.read % PROGRESS_EVERY == 0)
			progress_update(progress, capture_position(capture), capture_size(capture));
	}
	if (r != -ENODATA || !replay->frames.read)
		return r;
	/* A capture that was cut off in the middle is common, and what there is counts. */
	warn("%s: %s; judged up to there", replay->path, why->text);
	return 0;
}

int replay_run(struct replay *replay, const char *filter)
{
	_cleanup_(capture_close) struct capture *capture = NULL;
	_cleanup_free_ struct position *position = calloc(1, sizeof(*position));
	uint64_t started = monotonic_ns();
	struct why why = {};

	if (!position)
		return fail("not enough memory");
	if (capture_open(replay->path, filter, &capture, &why) < 0)
		return fail_why(&why);
	note_rules(position, &replay->subject.view.record->identity);
	if (judge_all(replay, capture, position, &why) < 0)
		return fail_why(&why);
	replay->took_ns = monotonic_ns() - started;
	replay_tally_sort(&replay->tally);
	return EXIT_DONE;
}
