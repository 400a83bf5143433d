/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets from sources of one kind to one program, and what they cost. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream_kind {
	STREAM_SAME,   /* one source */
	STREAM_KNOWN,  /* `sources` from `first` on, at random */
	STREAM_FORGED, /* every source is new, and sends `repeats` packets */
	STREAM_MIXED,  /* forged, and one packet in `known_every` from a known source */
};

struct stream_options {
	enum stream_kind kind;
	bool is_ipv6;
	uint32_t first;
	uint32_t sources;
	uint32_t repeats;
	uint32_t known_every;
	unsigned port; /* UDP, that the packets are sent to */
};

struct stream;

/* `subject` is the descriptor of an XDP program, and stays the caller's. */
struct stream *stream_new(const struct stream_options *options, int subject);
/*
 * Another of the same, for another processor; known sources come from `offset` further on. To run two that
 * do not share their program would make the kernel wait with the second until the first is done. The first
 * must outlive it.
 */
struct stream *stream_twin(const struct stream *stream, uint32_t offset);
void stream_free(struct stream **stream);

/*
 * Sends so many packets; ns that one costs: the loop of BPF_PROG_TEST_RUN and the program, without what
 * varying the source and taking the time cost. What varies goes on where it was.
 */
double stream_run(struct stream *stream, uint32_t packets);

/* What is left out there, and what is not. */
double stream_own_ns(const struct stream *stream);
double stream_loop_ns(void);
