/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor looks at, and what it found. */
#pragma once

#include <net/if.h>
#include <stddef.h>

struct guard;

enum finding_state {
	FINDING_GOOD,
	FINDING_NOTE, /* works, with less or slower */
	FINDING_BAD,  /* keeps xdpguard from working */
};

struct finding {
	char interface[IF_NAMESIZE]; /* "": the host */
	const char *what;
	enum finding_state state;
	char found[256];
	char advice[384]; /* the way out; "": none is needed */
};

#define FINDINGS_MAX 512 /* 64 interfaces and the host, with room to spare */

struct findings {
	struct finding items[FINDINGS_MAX];
	size_t n;
};

/* Adds one. `interface` NULL: of the host. What is too much goes into the last one. */
struct finding *findings_add(struct findings *findings, const char *interface, const char *what,
			     enum finding_state state, const char *found, ...)
	__attribute__((format(printf, 5, 6)));

void finding_advise(struct finding *finding, const char *advice, ...)
	__attribute__((format(printf, 2, 3)));

/* `dir` is the guard's. */
void doctor_host(struct findings *findings, const char *dir);

/* `guard` may be NULL. */
void doctor_interface(struct findings *findings, const struct guard *guard, const char *interface);
