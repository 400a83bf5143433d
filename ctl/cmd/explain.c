/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "guard/limit_state.h"

static void explain_free(struct explain *explain)
{
	free(explain->budgets);
	free(explain->frame.bytes);
	subject_release(&explain->subject);
}

static int read_budget(const struct explain *explain, const struct guard_limit *limit,
		       struct explain_budget *ret_budget)
{
	const struct guard *guard = trial_guard(explain->subject.trial);
	const struct head *head = &explain->head;
	int r = limit_state_read(guard, explain->subject.compiled, limit, &head->from,
				 head->is_ipv6, true, &ret_budget->admitted);

	return r < 0 ? r
		     : limit_state_read(guard, explain->subject.compiled, limit, &head->from,
					head->is_ipv6, false, &ret_budget->unadmitted);
}

/* All of them, for nobody knows yet which rule decides. */
static int read_budgets(struct explain *explain)
{
	const struct guard_policy *policy = explain->subject.compiled;

	explain->budgets = calloc(GUARD_LIMITS_MAX, sizeof(*explain->budgets));
	if (!explain->budgets)
		return -ENOMEM;
	for (unsigned i = 0; i < policy->rules; i++) {
		const struct guard_rule *rule = &policy->rule[i];

		for (unsigned n = rule->first_limit; n < rule->first_limit + rule->limits; n++) {
			int r = read_budget(explain, &policy->limit[n], &explain->budgets[n]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

uint64_t explain_now(const struct explain *explain)
{
	return explain->copy.now.units >> GUARD_TIME_SHIFT << GUARD_TIME_SHIFT;
}

static int judge(struct explain *explain, struct why *why)
{
	const struct guard *guard = trial_guard(explain->subject.trial);
	struct source_counts after;
	int r;

	read_source(guard, &explain->copy.address, &explain->before);
	r = read_budgets(explain);
	if (r < 0)
		return guard_explain(why, r, "cannot read the limits' budgets");
	r = trial_run(explain->subject.trial, explain->frame.bytes, explain->frame.size,
		      explain_now(explain) >> GUARD_TIME_SHIFT, &explain->verdict);
	if (r == -EINVAL)
		return why_set(why, r, "this kernel runs no frame of %zu bytes",
			       explain->frame.size);
	if (r < 0)
		return guard_explain(why, r, "cannot run the packet program");
	explain->is_admitted = read_source(guard, &explain->copy.address, &after) == 0;
	return 0;
}

static int run(const struct arguments *args)
{
	_cleanup_(explain_free) struct explain explain = {
		.args = args,
		.subject = SUBJECT_NONE,
	};
	_cleanup_(report_free) struct report *report = NULL;
	struct why why = {};
	int code = explain_read_packet(&explain);

	if (code == EXIT_DONE)
		code = explain_open_subject(&explain);
	if (code != EXIT_DONE)
		return code;
	if (judge(&explain, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	if (explain_report(report, &explain, &why) < 0)
		return fail_why(&why);
	return output_end(&report);
}

const struct command command_explain = {
	.name = "explain",
	.operands = "PACKET",
	.max_operands = 1,
	.summary = "Say what becomes of a packet, and why, without sending it",
	.help = "Runs the packet program itself on one packet, in tables of its own: nothing\n"
		"is sent, and no counter or budget of the guard moves. What the guard at\n"
		"work knows of the packet's source (counts, budgets of limits, blocks) is\n"
		"copied over first, so the answer is what would happen now.\n"
		"\n"
		"PACKET: PROTOCOL FROM[:PORT] > TO[:PORT] [flags syn,ack] [size BYTES]\n"
		"[vlan ID] [fragment first|later] [icmp-type N]; PROTOCOL is tcp, udp,\n"
		"icmp, icmp6, sctp or a number, IPv6 with a port is [2001:db8::1]:53.",
	.examples = "  xdpguard explain 'udp 192.0.2.1:1234 > 198.51.100.53:53'\n"
		    "  xdpguard explain --policy new.yaml \\\n"
		    "    'tcp [2001:db8::1]:40000 > [2001:db8::53]:443 flags syn size 74'\n"
		    "  xdpguard explain --pcap attack.pcap --frame 17",
	.options =
		(const struct command_option[]){
			{'i', "in", "IF", "comes in here; only checks that it is guarded"},
			{'P', "policy", "FILE", "judge by this policy, with nothing counted yet"},
			{'x', "hex", "BYTES", "the packet as a whole frame in hexadecimal"},
			{'p', "pcap", "FILE", "the packet is in this capture"},
			{'n', "frame", "N", "the Nth of the capture (1)"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_LOOK_UP(.is_needed = true, .without = 'P'),
			{CAP_BPF, true, .with = 'P', .what_for = "to load the packet program"},
			{CAP_NET_ADMIN, true, .with = 'P',
			 .what_for = "to load the packet program"},
			{CAP_PERFMON, true, .with = 'P', .what_for = "to load the packet program"},
			CAPABILITY_TO_READ(.with = 'P'),
			CAPABILITY_TO_READ(.with = 'p'),
			{},
		},
	.run = run,
};
