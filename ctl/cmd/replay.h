/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture judged by a policy: what the files of replay share. */
#pragma once

#include "base/address.h"
#include "replay_tally.h"
#include "subject.h"

/* Frames that were not judged, or not as they were on the wire. */
struct replay_frames {
	uint64_t read;
	uint64_t judged;
	uint64_t sent;	      /* by the host that captured: left out */
	uint64_t refused;     /* too short or too long for the kernel to run: left out */
	uint64_t cut;	      /* by the capture: what is missing was taken as zero */
	uint64_t cut_headers; /* of these: so short that ports or flags may be missing */
	uint64_t disordered;  /* earlier than the one before: judged at that one's time */
	uint64_t strays;      /* with a time stamp far in the future, alone: likewise */
	uint64_t joined;      /* longer than an Ethernet frame: several packets, judged as one */
};

struct replay {
	const char *path;
	struct subject subject;
	struct replay_frames frames;
	struct replay_tally tally;
	uint64_t took_ns;
};

/* Runs all frames that `filter` (NULL: no filter) lets through. An exit code. */
int replay_run(struct replay *replay, const char *filter);

/* The prefix that a source stands for, as text; returns `text`. */
char *replay_source_name(const struct replay *replay, const struct replay_source *source,
			 char text[ADDRESS_TEXT_SIZE]);
/* What dropped a source that lost something first: the rule's name, or the reason where no rule did. */
const char *replay_source_cause(const struct replay *replay, const struct replay_source *source);

/* Sources of which something was dropped, or would be: the first so many of the sorted tally. */
size_t replay_offenders(const struct replay *replay);

/* "N frames WHAT": frames that do not count in full; of those that are none N is 0. */
struct replay_note {
	uint64_t n;
	const char *what;
};

#define REPLAY_NOTES 8
void replay_notes(const struct replay *replay, struct replay_note ret_notes[REPLAY_NOTES]);

struct report;
/* `top`: at most so many sources; 0: all that lost something, or as many of them as text has room for. */
void replay_report(struct report *report, const struct replay *replay, size_t top, bool is_text);

/* One page for a browser. An exit code. */
int replay_write_page(const struct replay *replay, const char *path);
