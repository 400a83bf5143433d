/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet, the policy that judges it, and what became of it: what the files of explain share. */
#pragma once

#include "frame/build.h"
#include "frame/head.h"
#include "guard/mismatch.h"
#include "guard/read.h"
#include "guard/trial_copy.h"
#include "render/report.h"
#include "subject.h"

/* A limit's budget before the packet came, for a source in the table and for one outside of it. */
struct explain_budget {
	struct guard_bucket admitted, unadmitted;
};

struct explain {
	const struct arguments *args;

	struct frame frame;
	struct head head;
	char packet_text[HEAD_TEXT_SIZE];

	struct subject
		subject; /* subject.loaded: also the file of the policy in force, for its sets */
	struct trial_copy copy;
	struct source_counts before; /* of the source; copy.has_source says whether it was known */
	struct explain_budget *budgets; /* by number of the limit */
	struct trial_verdict verdict;
	bool is_admitted; /* the source was in the table, or has entered it */
};

/* When the packet is judged: time units, in whole ns as the program is told it. */
uint64_t explain_now(const struct explain *explain);

/* From what was typed. An exit code. */
int explain_read_packet(struct explain *explain);
/* Makes the tables that the packet is judged by. An exit code. */
int explain_open_subject(struct explain *explain);

int explain_report_limits(struct report *report, const struct explain *explain, struct why *why);
int explain_report(struct report *report, const struct explain *explain, struct why *why);
