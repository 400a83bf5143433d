/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of a capture never goes back: files of several queues are a little out of order. A stamp that
 * leaps ahead counts when the next one has leapt, too: a single wrong one would stop the clock for all
 * that follow.
 */
#include <string.h>

#include "base/cleanup.h"
#include "capture_private.h"

#define LEAP_NS (3600 * 1000000000ull)
#define LAST_LEAP_NS \
	(24 * LEAP_NS) /* of the last frame, which none follows that could bear it out */

size_t capture_frame_room(const struct capture_frame *frame)
{
	return frame->size < CAPTURE_FRAME_MAX ? frame->size : CAPTURE_FRAME_MAX;
}

/* The frame that was read ahead, or the next one. */
static int take_next(struct capture *capture, struct capture_frame *ret_frame, struct why *why)
{
	if (!capture->has_ahead)
		return capture_read(capture, ret_frame, why);
	capture->has_ahead = false;
	if (capture->ahead_result > 0)
		*ret_frame = capture->ahead;
	else if (why)
		*why = capture->ahead_why;
	return capture->ahead_result;
}

/* Reads the frame behind this one, which is kept. */
static void look_ahead(struct capture *capture, struct capture_frame *frame)
{
	memcpy(capture->held, frame->bytes, capture_frame_room(frame));
	frame->bytes = capture->held;
	capture->ahead_result = capture_read(capture, &capture->ahead, &capture->ahead_why);
	capture->has_ahead = true;
}

/* Whether the stamp is one that no other bears out. */
static bool is_stray(struct capture *capture, struct capture_frame *frame)
{
	bool is_first = !capture->has_clock;

	if (capture->is_live || (!is_first && frame->time_ns <= capture->now_ns + LEAP_NS))
		return false;
	look_ahead(capture, frame);
	if (capture->ahead_result <= 0)
		return !is_first && frame->time_ns > capture->now_ns + LAST_LEAP_NS;
	return capture->ahead.time_ns + LEAP_NS < frame->time_ns;
}

static void set_time(struct capture *capture, struct capture_frame *frame)
{
	frame->is_stray = is_stray(capture, frame);
	if (frame->is_stray)
		frame->time_ns = capture->has_clock ? capture->now_ns : capture->ahead.time_ns;
	frame->is_late = capture->has_clock && frame->time_ns < capture->now_ns;
	if (frame->is_late)
		frame->time_ns = capture->now_ns;
	capture->now_ns = frame->time_ns;
	capture->has_clock = true;
}

int capture_next(struct capture *capture, struct capture_frame *ret_frame, struct why *why)
{
	struct capture_frame frame;
	int r = take_next(capture, &frame, why);

	if (r <= 0)
		return r;
	set_time(capture, &frame);
	*ret_frame = frame;
	return r;
}
