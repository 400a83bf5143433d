/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the packet program and the tool: every struct that crosses, and nothing else.
 *
 * Fixed-width members, explicit padding, sizes asserted below. Map keys are compared byte by byte,
 * so their padding is always zero. Change any of it and GUARD_ABI changes too.
 *
 * Addresses are 16 bytes in network order; IPv4 is v4-mapped (::ffff:a.b.c.d), so an IPv4 prefix of
 * n bits is 96 + n bits here and one table serves both families.
 *
 * Time is in units of 1/128 ns since boot (CLOCK_MONOTONIC): fine enough that 400 Gbit/s stays
 * within 1 % at the smallest frame. It wraps after 4.5 years, so it is compared by signed difference.
 */
#pragma once

#include <linux/types.h>

#define GUARD_ABI 5

#define GUARD_TIME_SHIFT 7	  /* 128 units a nanosecond */
#define GUARD_FOREVER (~(__u64)0) /* blocked_until of a block without an end */
#define GUARD_BYTE_COST_SHIFT 16  /* byte_cost is units a byte, times 2^16 */

#define GUARD_INTERFACES_MAX 64
#define GUARD_RULES_MAX 1024
#define GUARD_RULE_SLOTS 2048 /* counters outlive a policy: old and new rules side by side */
#define GUARD_LIMITS_PER_RULE 4
#define GUARD_LIMITS_MAX (GUARD_RULES_MAX * GUARD_LIMITS_PER_RULE)
#define GUARD_LIMIT_SLOTS (GUARD_RULE_SLOTS * GUARD_LIMITS_PER_RULE)
#define GUARD_WORDS_MAX (GUARD_RULES_MAX / 64)
#define GUARD_VECTORS_MAX 8192
#define GUARD_BLOCK_REASON_SIZE 40
#define GUARD_BLOCKS_MAX (1u << 20)
#define GUARD_SKETCH_SLOTS (1u << 20) /* of a byte */

/* What became of a packet. Every packet adds one to exactly one of these, on its interface. */
#define GUARD_REASONS(X) \
	X(PASS_OTHER, "other", "neither IPv4 nor IPv6") \
	X(PASS_MALFORMED, "malformed-passed", "malformed, and the policy passes those") \
	X(PASS_RULE, "rule-pass", "a rule with action: pass matched") \
	X(PASS_LIMIT, "within-limit", "a rule's limits matched and held") \
	X(PASS_DEFAULT, "default-pass", "no rule matched; default: pass") \
	X(PASS_NEIGHBOUR, "neighbour-discovery", "IPv6 ND that no rule names") \
	X(PASS_UNGUARDED, "unguarded", "no policy was in force") \
	X(DROP_MALFORMED, "malformed", "a header runs past the packet or contradicts it") \
	X(DROP_BLOCKED, "blocked", "the source, or a prefix of it, is blocked") \
	X(DROP_RULE, "rule-drop", "a rule with action: drop matched") \
	X(DROP_RATE, "over-rate", "over a rule's packet rate") \
	X(DROP_BANDWIDTH, "over-bandwidth", "over a rule's bandwidth") \
	X(DROP_DEFAULT, "default-drop", "no rule matched; default: drop")

enum guard_reason {
#define X(name, text, meaning) GUARD_##name,
	GUARD_REASONS(X)
#undef X
		GUARD_REASON_COUNT,
};
#define GUARD_FIRST_DROP GUARD_DROP_MALFORMED

/*
 * Index of a packet's counter: outcomes [0, GUARD_REASON_COUNT) happened as named; outcome
 * GUARD_REASON_COUNT + r was passed by monitor mode where r would have dropped it.
 */
#define GUARD_OUTCOMES 32

struct guard_address {
	union {
		__u8 bytes[16];
		__u64 words[2]; /* network order */
	};
};

struct guard_count {
	__u64 packets;
	__u64 bytes;
};

/* Map rule_counts: per CPU, by guard_rule.slot. */
struct guard_rule_count {
	struct guard_count passed;
	struct guard_count dropped;
	struct guard_count would_drop; /* also in passed */
};

/*
 * A compiled policy. Each field that the policy uses turns a packet into the number of a bit vector;
 * bit n set: rule n allows this value. AND them, and the lowest set bit is the first matching rule
 * (Lakshman & Stiliadis, "High-speed policy-based packet forwarding", SIGCOMM 1998).
 */
enum guard_field {
	GUARD_FIELD_FROM = 1,
	GUARD_FIELD_TO = 2,
	GUARD_FIELD_SHAPE = 4,
	GUARD_FIELD_TO_PORT = 8,
	GUARD_FIELD_FROM_PORT = 16,
};

/* Protocol, fragment state and TCP flags are one field: the packet's shape. */
enum guard_shape {
	GUARD_SHAPE_LATER_FRAGMENT = 0,	  /* + protocol */
	GUARD_SHAPE_FIRST_FRAGMENT = 256, /* + protocol, unless TCP */
	GUARD_SHAPE_WHOLE = 512,	  /* + protocol, unless TCP */
	GUARD_SHAPE_TCP_WHOLE =
		768, /* + TCP flags byte: fin 1 syn 2 rst 4 psh 8 ack 16 urg 32 ece 64 cwr 128 */
	GUARD_SHAPE_TCP_FIRST = 1024, /* + TCP flags byte */
	GUARD_SHAPES = 1280,
};

#define GUARD_NO_PORT 65536 /* later fragments and protocols without ports */
#define GUARD_PORTS 65537

enum guard_action {
	GUARD_ACTION_PASS,
	GUARD_ACTION_DROP,
	GUARD_ACTION_LIMIT,
};

struct guard_rule {
	__u32 slot;	   /* of rule_counts; kept for as long as a rule of this name lives */
	__u16 first_limit; /* in guard_policy.limits */
	__u8 limits;	   /* how many, at most GUARD_LIMITS_PER_RULE; narrowest first */
	__u8 action;	   /* enum guard_action */
	__u8 monitor;	   /* 1: counts what it would drop, drops nothing */
	__u8 pad[7];
};

enum guard_per {
	GUARD_PER_SOURCE,
	GUARD_PER_PREFIX,
	GUARD_PER_ALL,
};

/*
 * GCRA (ITU-T I.371, virtual scheduling): a bucket holds a theoretical arrival time `tat`; a packet
 * conforms when max(tat, now) - now <= tolerance, and then tat = max(tat, now) + interval. For bytes
 * the packet's own cost counts: it conforms when tat <= now, or tat - now + cost <= byte_burst.
 */
struct guard_limit {
	__u64 interval;	    /* time units a packet; 0: no packet rate */
	__u64 tolerance;    /* interval * (burst - 1) */
	__u64 byte_cost;    /* time units a byte << GUARD_BYTE_COST_SHIFT; 0: no bandwidth */
	__u64 byte_burst;   /* time units */
	__u64 block_first;  /* time units; 0: a source that exceeds is not blocked */
	__u64 block_max;    /* time units; no relapse blocks longer */
	__u32 block_factor; /* each relapse blocks so many times longer; 1: always block_first */
	__u32 id;	    /* names the limit in bucket keys; never used again for another */
	__u32 slot;	    /* of map shared */
	__u8 per;	    /* enum guard_per */
	__u8 bits_ipv4;	    /* GUARD_PER_PREFIX: leading bits, v4-mapped (96 + n) */
	__u8 bits_ipv6;
	__u8 pad;
};

struct guard_policy {
	__u32 generation; /* grows with every apply: tells cached classes of older policies apart */
	__u32 words;	  /* 64-bit words of a vector in use: ceil(rules / 64), 0 without rules */
	__u32 fields;	  /* enum guard_field, or-ed */
	__u32 rules;	  /* how many */
	__u32 ranges;	  /* this policy's slot in map ranges */
	__u32 from_root[2]; /* node of the tree of source ranges: IPv4, IPv6 */
	__u32 to_root[2];
	__u8 aggregate[2];     /* leading bits that make one source, v4-mapped: IPv4, IPv6 */
	__u8 default_action;   /* GUARD_ACTION_PASS or _DROP */
	__u8 malformed_action; /* likewise */
	__u8 monitor;	       /* 1: drop nothing, count what would be dropped */
	__u8 admit_always;     /* 1: every new source enters the table at once */
	__u8 pad[2];
	__u32 zero; /* always 0, which the verifier cannot know (parse.h) */
	struct guard_address source_mask[2]; /* of aggregate */
	__u16 shape[GUARD_SHAPES];	     /* vector of each shape */
	__u16 to_port[GUARD_PORTS + 1];
	__u16 from_port[GUARD_PORTS + 1];
	__u64 vectors[GUARD_VECTORS_MAX][GUARD_WORDS_MAX];
	struct guard_rule rule[GUARD_RULES_MAX];
	struct guard_limit limit[GUARD_LIMITS_MAX];
};

/*
 * Prefixes compile to ranges: a static B-tree from a 64-bit key to a value, in 64-byte cells of map
 * ranges, so that a step down costs one cache line. IPv4 is keyed by the address, IPv6 by its upper
 * 64 bits; a value may lead on to a tree over the lower 64 (GUARD_RANGE_DESCEND).
 *
 * The child, or the value, for key x is the one numbered by how many keys of the cell are <= x.
 */
#define GUARD_NODE_KEYS 7
#define GUARD_LEAF_KEYS 4
#define GUARD_TREE_DEPTH_MAX 10 /* 5 * 8^9 ranges: more than fit the memory */
#define GUARD_CELL_LEAF 0x80000000u

struct guard_cell {
	__u32 child; /* node: number of its first child's cell */
	__u32 keys;  /* how many of key[] count, | GUARD_CELL_LEAF */
	union {
		__u64 key[GUARD_NODE_KEYS]; /* host order, ascending */
		struct {
			__u64 key[GUARD_LEAF_KEYS];
			__u32 value[GUARD_LEAF_KEYS + 1];
			__u32 pad;
		} leaf;
	};
};

/* A range's value: the number of a vector, or with _DESCEND of a root cell, or-ed with flags. */
#define GUARD_RANGE_SPLIT \
	0x80000000u /* other classes share this source's aggregate: do not cache */
#define GUARD_RANGE_DESCEND 0x40000000u
#define GUARD_RANGE_MAY_PASS 0x20000000u /* this class can reach a rule with action: pass */
#define GUARD_RANGE_NUMBER 0x1fffffffu

/* Where a limit's state lives: one bucket a key. */
struct guard_bucket {
	__u64 packet_tat;
	__u64 byte_tat;
};

/* Map buckets: state of limits per prefix, and of limits per source that found no inline room. */
struct guard_bucket_key {
	struct guard_address address; /* masked */
	__u32 limit;		      /* guard_limit.id */
	__u32 pad;
};

/* Map shared, by guard_limit.slot. */
struct guard_shared {
	struct guard_bucket all; /* GUARD_PER_ALL */
	struct guard_bucket
		unadmitted; /* what sources outside the table share, whatever `per` says */
};

/*
 * Packets and bytes in one word, so that counting costs one atomic add: packets << 40 | bytes. Whoever
 * sees bit 63 set empties the word into the wide pair; the total is the sum of both.
 */
#define GUARD_TALLY_BYTES_BITS 40
#define GUARD_TALLY_FULL ((__u64)1 << 63)

/*
 * The table of sources: set-associative, for a miss must cost next to nothing, and the kernel's LRU hash makes
 * it the dearest step. Map tags has a set of tags in a cache line; a tag says which entry of map sources
 * is the source's. Entries are handed out in order, so that few sources lie close together in memory.
 *
 * A source may sit in either of two sets, and goes to the second when the first is full (after Azar, Broder,
 * Karlin & Upfal, "Balanced allocations", 1999): with half as many tags again as entries there is room for all.
 * Behind the last set is one of numbers (enum guard_table_number). table.h is all that writes tags.
 */
#define GUARD_WAYS 8

struct guard_set {
	__u64 tag[GUARD_WAYS];
};

enum guard_table_number {
	GUARD_TABLE_HANDED_OUT, /* entries that a CPU, the tool or a slot has */
	GUARD_TABLE_PLACED,	/* entries that slots have */
	GUARD_TABLE_SPARE,	/* the tool's own; 0: it has none yet */
};

/*
 * Sets, elements of map tags, and entries of map sources for so many sources. Entry 0 is never used; spares
 * are what CPUs and the tool fill before they know where it goes, two for each of a thousand.
 */
#define GUARD_SPARES 2048
#define GUARD_SETS(capacity) ((3ull * (capacity) + 15) / 16 + 1)
#define GUARD_TAGS(capacity) (GUARD_SETS(capacity) + 1)
#define GUARD_ENTRIES(capacity) ((capacity) + 1ull + GUARD_SPARES)
#define GUARD_CAPACITY(entries) ((entries)-1 - GUARD_SPARES)

#define GUARD_TAG_HASH (~(__u64)0x1fffffffff) /* bits of the source's hash; 0: the slot is free */
#define GUARD_TAG_ENTRY_SHIFT 12
#define GUARD_TAG_ENTRY 0x1ffffff   /* index in map sources; 0: the slot has none yet */
#define GUARD_TAG_ESTABLISHED 0x800 /* came back after GUARD_ESTABLISHED packets */
#define GUARD_TAG_AGE 0x7ff	    /* when the source was last seen, in 2^GUARD_AGE_SHIFT */
#define GUARD_AGE_SHIFT 39	    /* time units: 4.3 s */
#define GUARD_ESTABLISHED 8	    /* packets; forged floods repeat a source two or three times */

#define GUARD_INLINE_LIMITS 2

struct guard_inline_limit {
	struct guard_bucket bucket;
	__u32 limit; /* guard_limit.id; 0: free */
	__u32 pad;
};

/*
 * Map sources. What every packet needs is in the first cache line, budgets are in the second. What an entry
 * caches of slower tables sits in one word with the generation that it holds for, so that no CPU sees half
 * of an update.
 */
struct guard_source {
	struct guard_address address; /* masked to the aggregate */
	__u64 passed;		      /* tally words */
	__u64 dropped;
	__u64 last_seen;
	__u64 range; /* guard_policy.generation << 32 | value of the source's range in it */
	__u64 block; /* guard_control.block_generation << 32 | enum guard_block_flag; 0: not looked up */
	__u16 drop_slot;  /* 1 + slot of the rule that last dropped, or would have; 0: none did */
	__u8 drop_reason; /* enum guard_reason of that */
	__u8 pad[5];

	struct guard_inline_limit limits[GUARD_INLINE_LIMITS];
	__u64 first_seen;
	__u64 would_drop; /* packets; also in passed */

	struct guard_count passed_wide;
	struct guard_count dropped_wide;
	__u64 blocked_until; /* when block has _ACTIVE */
	__u64 event; /* window << GUARD_EVENT_BITS | a bit for each rule that an event told of in it */
	__u64 unused[2];
};

enum guard_block_flag {
	GUARD_BLOCK_MONITOR = 1, /* set by a rule in monitor mode: counts, drops nothing */
	GUARD_BLOCK_BY_HAND = 2,
	GUARD_BLOCK_ACTIVE = 4, /* in guard_source.block: there is a block, until blocked_until */
};

/* Map blocks: not LRU, so nothing pushes a block out; when it is full that is counted. */
struct guard_block_key {
	struct guard_address address; /* masked to bits */
	__u32 bits;
	__u32 pad;
};

struct guard_block {
	__u64 since;
	__u64 until; /* GUARD_FOREVER, or when it ends; kept after that while a relapse would count */
	__u64 forget; /* when an ended block is no longer remembered */
	__u32 level;  /* relapses so far */
	__u16 slot;   /* 1 + slot of the rule; 0: by hand */
	__u8 flags;   /* enum guard_block_flag */
	__u8 pad;
	char reason[GUARD_BLOCK_REASON_SIZE]; /* by hand: the operator's text, NUL-terminated */
};

/* Map control: one entry, what changes while the program runs. */
struct guard_control {
	__u32 abi;    /* GUARD_ABI of whoever made the maps */
	__u32 active; /* slot of map policies that judges packets: the commit point of apply */
	/*
	 * Moves when a block is added or lifted that sources have to look up. Odd: the tool is at it, or was killed at it, and
	 * sources look up each time.
	 */
	__u32 block_generation;
	__u32 sketch_age;   /* grows as the sketch fills: counts of an older age are forgotten */
	__u64 events_until; /* a reader of map events wants them until then; it has to renew it */
	/* By family, bit n of word n / 64: blocks of n leading bits (v4-mapped) may exist. */
	__u64 block_bits[2][4];
	__u64 blocks_full; /* blocks that found the table full */
	__u64 seed[2];	   /* odd and random: nobody can tell which sources share a set */
	__u64 test_coarse; /* clock of tests and replay, ns: read only when cfg_test_clock */
	__u64 test_precise;
};

/* Map interfaces: where the guard is attached; row n counts in row n of map outcomes. */
struct guard_interface {
	__u32 ifindex; /* 0: the row is free */
	__u32 pad[3];
	char name[16]; /* when it was attached; a free row keeps it, and what it counted */
};

#define GUARD_ADMIT_WINDOW_SHIFT 33 /* 2^33 time units: 67 ms */

/* Map admission: per CPU, one entry. A packet that is held, as most of a forged flood are, touches the first four words. */
struct guard_admission {
	__u64 window;	 /* number of the current window: time units >> GUARD_ADMIT_WINDOW_SHIFT */
	__u64 fresh;	 /* sources admitted in it without asking the sketch */
	__u64 held;	 /* packets of sources that were not admitted, in all */
	__u64 last_held; /* when, time units; 0: never */
	__u64 admitted;	 /* in all */
	__u64 spare;	 /* entry of map sources that this CPU fills next; 0: it has none yet */
	__u64 failed;	 /* packets of sources that found no place */
	__u64 admitted_then;   /* `admitted` when the current window began */
	__u64 admitted_before; /* in the window before the current one */
};

/*
 * Events, for a reader that renews its lease. A source's first drop by a rule in a window is one, and every
 * block that a rule begins, but of each no more than so many in a window on one CPU. What is above is counted.
 */
#define GUARD_EVENTS_SIZE (256 * 1024)	   /* of map events */
#define GUARD_EVENT_LEASE ((__u64)1 << 40) /* time units: 8.6 s */
#define GUARD_EVENT_WINDOW_SHIFT 37	   /* time units: 1.07 s */
#define GUARD_EVENTS_PER_WINDOW 1000
#define GUARD_EVENT_BITS 48 /* of guard_source.event */

enum guard_event_kind {
	GUARD_EVENT_DROP, /* or what monitor mode would drop */
	GUARD_EVENT_BLOCK,
	GUARD_EVENT_KINDS,
};

/* In map events. Of a malformed packet nothing is known but its length. */
struct guard_event {
	__u64 time;
	struct guard_address from; /* of the packet, in full; or what is blocked, masked to bits */
	struct guard_address to;
	__u64 until;	 /* of a block, as guard_block.until */
	__u32 length;	 /* of the frame; likewise the next */
	__u32 from_port; /* or GUARD_NO_PORT */
	__u32 to_port;
	__u16 shape;
	__u16 slot;	/* 1 + slot of the rule; 0: none */
	__u8 kind;	/* enum guard_event_kind */
	__u8 reason;	/* enum guard_reason */
	__u8 monitor;	/* 1: nothing is dropped */
	__u8 bits;	/* of a block's prefix */
	__u8 interface; /* row of map interfaces */
	__u8 pad[3];
};

/* Map event_counts: per CPU, one entry. While a lease runs, sent and suppressed are all that there was. */
struct guard_event_counts {
	__u64 window;			/* the current one */
	__u64 taken[GUARD_EVENT_KINDS]; /* in it */
	__u64 sent[GUARD_EVENT_KINDS];	/* in all */
	__u64 suppressed[GUARD_EVENT_KINDS];
};

#ifdef __cplusplus
#define GUARD_ASSERT(condition, why) static_assert(condition, why)
#else
#define GUARD_ASSERT(condition, why) _Static_assert(condition, why)
#endif
GUARD_ASSERT(2 * GUARD_REASON_COUNT <= GUARD_OUTCOMES, "outcomes index");
GUARD_ASSERT(sizeof(struct guard_address) == 16, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_rule) == 16, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_limit) == 64, "one cache line");
GUARD_ASSERT(sizeof(struct guard_cell) == 64, "one cache line");
GUARD_ASSERT(sizeof(struct guard_bucket_key) == 24, "no hidden padding in a map key");
GUARD_ASSERT(sizeof(struct guard_block_key) == 24, "no hidden padding in a map key");
GUARD_ASSERT(sizeof(struct guard_block) == 72, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_set) == 64, "one cache line");
GUARD_ASSERT(sizeof(struct guard_source) == 192, "three cache lines");
GUARD_ASSERT(sizeof(struct guard_control) == 128, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_interface) == 32, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_event) == 72, "no hidden padding");
GUARD_ASSERT(sizeof(struct guard_policy) % 8 == 0, "array elements are multiples of 8");
