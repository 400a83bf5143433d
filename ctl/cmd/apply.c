/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply.h"

#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "capabilities.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"
#include "guard/pin.h"
#include "policy/lockout.h"
#include "probation.h"
#include "render/report.h"
#include "report_changes.h"
#include "ssh_session.h"
#include "values.h"
#include "way_back.h"

#define NS_PER_S 1000000000ull
#define PROBATION_MIN_NS NS_PER_S
#define PROBATION_MAX_NS (86400 * NS_PER_S)

/* The policy that may be on probation already, and the probation that this run begins. */
struct probations {
	bool is_on; /* `pending` is filled */
	struct pending pending;
	uint64_t duration_ns; /* 0: this run is for good */
	struct probation probation;
};

static void probations_release(struct probations *probations)
{
	probation_cancel(&probations->probation);
}

static int read_duration(const struct arguments *args, uint64_t *ret_ns)
{
	uint64_t ns = 0;

	if (args_has(args, 'c') && value_duration("confirm", args_value(args, 'c'), &ns))
		return EXIT_USAGE;
	if (args_has(args, 'c') && (ns < PROBATION_MIN_NS || ns > PROBATION_MAX_NS))
		return fail_usage("--confirm %s: expected 1s to 1d", args_value(args, 'c'));
	*ret_ns = ns;
	return EXIT_DONE;
}

static const char *result_words(const struct enforcement *e, bool is_dry_run)
{
	if (!is_dry_run)
		return e->is_changed ? "applied" : "unchanged";
	return enforcement_is_same_policy(e) && !e->interface_changes.n ? "unchanged"
									: "would apply";
}

static void report_probation(struct report *report, const struct enforcement *e,
			     const struct probations *probations)
{
	struct pending pending;

	probation_report(report, e->state,
			 (probations->is_on || probations->duration_ns) &&
					 probation_is_on(e->state, e->after->number, &pending)
				 ? &pending
				 : NULL);
}

static int print_result(const struct arguments *args, struct enforcement *e,
			const struct probations *probations)
{
	bool is_dry_run = args_has(args, 'n');
	const char *result = result_words(e, is_dry_run);
	struct report *report;
	char hash[17];

	/* Of a first apply the table below says it all. */
	if ((e->before || is_dry_run) && changes_join(&e->changes, &e->interface_changes) < 0)
		return fail("not enough memory");
	report = output_begin(args);
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)e->after->hash);
	report_string(report, "result", NULL, result);
	report_string(report, "policy", NULL, e->after->name);
	report_string(report, "hash", NULL, hash);
	report_line(report, "%s: %s (%s)", e->after->name, result, hash);
	report_changes(report, &e->changes);
	if (e->is_resizing)
		report_line(report, "table of sources: %u -> %u, %llu sources copied",
			    e->resize.old_capacity, e->guard->capacity,
			    (unsigned long long)e->resize.n_sources);
	report_probation(report, e, probations);
	if (probations->duration_ns && e->is_settled && !probations->is_on)
		report_line(report, "no probation: this policy was in force already");
	if (e->is_emptied)
		report_line(report,
			    "table of sources: emptied, for another aggregate makes other sources");
	if (!is_dry_run)
		interfaces_report(&e->interfaces, e->guard, e->loaded.policy->chain.attach, report);
	lock_release(e->lock);
	return output_end(&report);
}

/* Where to if nobody confirms; 0: nothing was in force. Whoever is on probation already goes on with the old way. */
static uint64_t way_back_of(const struct enforcement *e, const struct probations *probations)
{
	if (probations->is_on)
		return probations->pending.back_to;
	return e->before ? e->before->number : 0;
}

/* A policy that the tool did not keep, as when the disk was full, could not come back. */
static int check_way_back(const struct enforcement *e, const struct probations *probations)
{
	_cleanup_(history_release) struct history history = {};
	struct why why = {};

	if (!e->before || (probations->is_on && !e->kept))
		return EXIT_DONE;
	if (history_read(e->state, &history, &why) < 0)
		return fail_why(&why);
	if (!history_find(&history, e->kept))
		return fail("the policy in force is not in the history, so that it could not come "
			    "back; apply it once more first: xdpguard apply %s",
			    e->before->path);
	return EXIT_DONE;
}

static int keep(struct enforcement *e, const struct probations *probations)
{
	struct why why = {};

	if (enforcement_keep(e, &why) == 0)
		return EXIT_DONE;
	if (probations->duration_ns)
		return fail("no probation without the history: %s", why.text);
	warn("the history does not take this policy, so that xdpguard rollback will not find it: "
	     "%s",
	     why.text);
	return EXIT_DONE;
}

static int begin_probation(struct enforcement *e, struct probations *probations)
{
	struct why why = {};
	int code;

	e->kept = way_back_of(e, probations);
	code = check_way_back(e, probations);
	if (code != EXIT_DONE)
		return code;
	code = keep(e, probations);
	if (code != EXIT_DONE || (e->is_settled && !probations->is_on))
		return code;
	return probation_begin(e, e->kept, probations->duration_ns, &probations->probation, &why) <
			       0
		       ? fail_why(&why)
		       : EXIT_DONE;
}

static int end_probation(const struct enforcement *e)
{
	struct why why = {};

	return pending_remove(e->state, &why) < 0 ? fail_why(&why) : EXIT_DONE;
}

/* Nobody would put the old policy back in time, so it comes back now. */
static int call_off(const struct enforcement *e, const struct why *reason)
{
	_cleanup_(way_back_release) struct way_back way = {
		.number = e->after->number,
		.to = e->kept,
	};
	bool is_back = false;

	if (way_back_load(&way, e->dir, e->state) == EXIT_DONE)
		way_back_take(&way, &is_back);
	pending_remove(e->state, NULL);
	if (!is_back)
		return fail("%s; and the old policy could not be put back", reason->text);
	return fail("%s; %s", reason->text,
		    e->kept ? "the old policy is back in force" : "the guard is taken off again");
}

/* What is in force now. An exit code; *ret_stays: the new policy stays, whatever the code. */
static int settle(struct enforcement *e, struct probations *probations, bool *ret_stays)
{
	struct why why = {};

	*ret_stays = e->is_in_force;
	if (!e->is_in_force)
		return EXIT_DONE;
	if (probations->probation.socket < 0)
		return probations->is_on ? end_probation(e) : EXIT_DONE;
	if (probation_start(&probations->probation, &why) == 0)
		return EXIT_DONE;
	*ret_stays = false;
	return call_off(e, &why);
}

static int change(struct enforcement *e, struct probations *probations, bool *ret_stays)
{
	int code = probations->duration_ns ? begin_probation(e, probations) : keep(e, probations);
	int settled;

	if (code != EXIT_DONE) {
		if (e->entry)
			history_abort(e->state);
		return code;
	}
	code = enforcement_carry_out(e);
	settled = settle(e, probations, ret_stays);
	return code ?: settled;
}

static bool is_way_back(const struct enforcement *e, const struct pending *pending)
{
	return e->source && e->source == pending->back_to;
}

/* By its name or number. */
static int read_group(const struct arguments *args, gid_t *ret_group)
{
	const char *text = args_value(args, 'G');
	const struct group *group = text ? getgrnam(text) : NULL;
	char *end;

	if (!text)
		return EXIT_DONE;
	*ret_group = group ? group->gr_gid : (gid_t)strtoul(text, &end, 10);
	if (!group && (!*text || *end))
		return fail_usage("--group \"%s\": there is no such group", text);
	return EXIT_DONE;
}

/* Nobody reads a guard whose parent does not let him pass. */
static void warn_of_parent(const char *dir, gid_t group)
{
	char parent[PATH_MAX], *slash;
	struct stat status;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return;
	*slash = '\0';
	if (stat(parent, &status) == 0 && !(status.st_mode & S_IXOTH) &&
	    !(status.st_mode & S_IXGRP && status.st_gid == group))
		warn("%s lets the group not pass: chmod o+x %s", parent, parent);
}

static int let_group_read(const struct arguments *args, const struct enforcement *e)
{
	struct why why = {};
	gid_t group = 0;
	int code = read_group(args, &group);

	if (code != EXIT_DONE || !args_has(args, 'G'))
		return code;
	warn_of_parent(e->dir, group);
	return pin_share(e->dir, group, &why) < 0 ? fail("the policy is in force, but %s", why.text)
						  : EXIT_DONE;
}

/* Also with an error behind its coming into force: somebody has to hear until when. */
static int change_and_print(const struct arguments *args, struct enforcement *e,
			    struct probations *probations)
{
	bool stays = false;
	int code = change(e, probations, &stays);
	int shared = stays ? let_group_read(args, e) : EXIT_DONE;
	int printed = stays ? print_result(args, e, probations) : EXIT_DONE;

	return code ?: shared ?: printed;
}

/* A block outlives the rule that let a session pass it. */
static void warn_of_block(const struct enforcement *e)
{
	_cleanup_free_ char *connection = ssh_session_connection();
	const struct policy *policy = e->loaded.policy;
	struct prefix source = {.bits = 128};
	char address[ADDRESS_TEXT_SIZE];

	if (!e->guard || policy->monitor || !ssh_session_source(&source.address) ||
	    lockout_is_passed(policy, connection) ||
	    !blocks_until(e->guard, &source, clock_now_read().units))
		return;
	address_format(&source.address, address);
	warn("your SSH session from %s is blocked, and would be cut off: no rule with action: pass "
	     "matches it first; lift the block (xdpguard blocks --match %s), or add such a rule",
	     address, address);
}

int apply_locked(const struct arguments *args, struct enforcement *e)
{
	_cleanup_(probations_release) struct probations probations = {.probation = PROBATION_NONE};
	int code = read_duration(args, &probations.duration_ns) ?: enforcement_plan(e);

	if (code != EXIT_DONE)
		return code;
	e->is_trial = probations.duration_ns;
	probations.is_on = e->before &&
			   probation_is_on(e->state, e->before->number, &probations.pending);
	warn_of_block(e);
	if (args_has(args, 'n'))
		return interfaces_check(&e->interfaces) ?: print_result(args, e, &probations);
	if (probations.is_on && !probations.duration_ns && !is_way_back(e, &probations.pending))
		return probation_refuse(&probations.pending);
	return change_and_print(args, e, &probations);
}

static int run(const struct arguments *args)
{
	_cleanup_(enforcement_release) struct enforcement e = {
		.dir = args->dir,
		.state = args->state,
		.how = "apply",
	};
	_cleanup_close_ int lock = -1;
	struct why why = {};
	uint64_t ignored;
	gid_t group;
	int code = read_duration(args, &ignored)
			   ?: read_group(args, &group)
			   ?: enforcement_load(&e, args->operands[0], args_value(args, 'd'));

	if (code != EXIT_DONE)
		return code;
	lock = lock_take(&why);
	e.lock = &lock;
	return lock < 0 ? fail_why(&why) : apply_locked(args, &e);
}

const struct command command_apply = {
	.name = "apply",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Put a policy in force, or change the one that is",
	.help = "The first apply loads the packet program and attaches it; later ones\n"
		"exchange the policy under traffic: every packet sees the old one or the\n"
		"new one. Counters, blocks and limits' budgets stay. Prints what changed,\n"
		"rule by rule.\n\n"
		"With --confirm the old policy comes back by itself when xdpguard confirm\n"
		"does not come in time, also when the session that it was typed in is gone.",
	.examples = "  xdpguard apply edge.yaml\n"
		    "  xdpguard apply edge.yaml --dev eth0\n"
		    "  xdpguard apply edge.yaml --dry-run\n"
		    "  xdpguard apply edge.yaml --confirm 60s",
	.options =
		(const struct command_option[]){
			{'d', "dev", "IF[,IF…]", "attach here, whatever the policy says"},
			{'c', "confirm", "TIME", "on probation: back to the old one after 60s, …"},
			{'G', "group", "GROUP", "let this group read what is counted"},
			{'n', "dry-run", NULL, "print what would change, and change nothing"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_ATTACH(.without = 'n'),
			CAPABILITY_TO_LOOK_UP(.is_needed = true, .without = 'n'),
			CAPABILITY_TO_DROP(.with = 'c'),
			{CAP_CHOWN, .with = 'G', .what_for = "to let a group in"},
			{CAP_FSETID, .with = 'G', .what_for = "to let a group in"},
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_READ(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
