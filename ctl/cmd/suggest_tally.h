/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sources needed, by the rules that a suggested policy would have: first it is learnt which ports
 * matter, then it is measured how many packets a source sends at most in a second and in a tenth of one.
 * Pure.
 */
#pragma once

#include "frame/head.h"
#include "source_index.h"

#define SUGGEST_IPV4_BITS \
	32 /* leading bits that make one source, as in policies without a word on it */
#define SUGGEST_IPV6_BITS 64
#define SUGGEST_PORTS_MAX 16
#define SUGGEST_SOURCES_MAX (1u << 22)

enum suggest_kind {
	SUGGEST_HANDSHAKES, /* TCP, SYN without ACK */
	SUGGEST_PORT,
	SUGGEST_TCP, /* to other ports, such as answers to what this host asked */
	SUGGEST_UDP,
	SUGGEST_ICMP,
	SUGGEST_OTHER,
};

/* The packets of one rule. */
struct suggest_class {
	enum suggest_kind kind;
	uint8_t protocol; /* of SUGGEST_PORT, as the next */
	uint16_t port;

	/* Known when all was measured. */
	uint64_t packets;
	size_t n_sources;
	struct guard_address busiest;
	uint32_t median, p99, most; /* of the sources' peaks, packets a second */
	uint32_t most_tenth;	    /* packets in a tenth of a second */
};

#define SUGGEST_CLASSES_MAX (SUGGEST_PORTS_MAX + SUGGEST_OTHER)

struct suggest_peak;

struct suggest_tally {
	uint64_t *learnt; /* packets by port: TCP, then UDP */
	uint64_t n_learnt;
	uint8_t *port_classes; /* likewise: 1 + class; 0: it has none */
	struct suggest_class classes[SUGGEST_CLASSES_MAX];
	size_t n_classes;

	struct source_index index;
	struct suggest_peak *peaks; /* by number in the index */
	size_t room;
	uint64_t first_ns, last_ns;
	uint64_t packets;   /* that were measured */
	uint64_t untracked; /* of sources beyond SUGGEST_SOURCES_MAX */
};

/* -ENOMEM. Release it with suggest_tally_release. */
int suggest_tally_new(struct suggest_tally *ret_tally);
void suggest_tally_release(struct suggest_tally *tally);

/* `packets` alike, that came at once. */
void suggest_learn(struct suggest_tally *tally, const struct head *head, size_t packets);
/* Learning is over: which classes there are stands. */
void suggest_choose(struct suggest_tally *tally);
/* `source` is masked to the aggregate. Time must not go back. -ENOMEM. */
int suggest_measure(struct suggest_tally *tally, const struct head *head,
		    const struct guard_address *source, uint64_t time_ns, size_t packets);
/* -ENOMEM. */
int suggest_finish(struct suggest_tally *tally);

struct suggest_limit {
	uint64_t rate; /* packets a second */
	uint64_t burst;
};

/*
 * A limit that no source of the class exceeds even if it needs `margin` times its peaks. In whichever
 * windows the peaks lay, T seconds hold at most min(most * (T + 2), most_tenth * (10 T + 2)) packets; the
 * burst is what of that the rate leaves over. Of a class without packets it is a guess.
 */
struct suggest_limit suggest_limit(const struct suggest_class *class, double margin);
