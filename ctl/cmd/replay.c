/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "guard/read.h"
#include "render/report.h"
#include "values.h"

static void replay_free(struct replay *replay)
{
	replay_tally_release(&replay->tally);
	subject_release(&replay->subject);
}

char *replay_source_name(const struct replay *replay, const struct replay_source *source,
			 char text[ADDRESS_TEXT_SIZE])
{
	struct prefix prefix = view_source_prefix(&replay->subject.view, &source->address);

	return prefix_format(&prefix, text);
}

const char *replay_source_cause(const struct replay *replay, const struct replay_source *source)
{
	if (source->first_drop_rule < 0)
		return reason_name(source->first_drop_reason);
	return replay->subject.view.record->identity.rules[source->first_drop_rule].name;
}

size_t replay_offenders(const struct replay *replay)
{
	size_t n = 0;

	while (n < replay->tally.n_sources && replay_source_lost(&replay->tally.sources[n]))
		n++;
	return n;
}

void replay_notes(const struct replay *replay, struct replay_note ret_notes[REPLAY_NOTES])
{
	const struct replay_frames *frames = &replay->frames;
	const struct replay_note notes[REPLAY_NOTES] = {
		{frames->sent, "were sent by the capturing host: left out"},
		{frames->refused, "are too short or too long to be run: left out"},
		{frames->cut, "are cut: what is missing was taken as zero"},
		{frames->cut_headers,
		 "are cut so short that ports or flags may be missing: those were zero, too"},
		{frames->disordered, "are earlier than the one before: judged at its time"},
		{frames->strays,
		 "have time stamps far in the future, each alone: judged at the time of the one "
		 "before"},
		{frames->joined,
		 "are longer than 1500 bytes of IP: where that is no jumbo frame, receive offload "
		 "has joined packets, and limits of packets saw one"},
		{replay->tally.untracked,
		 "are of sources beyond the first 2M: they are in the totals only"},
	};

	memcpy(ret_notes, notes, sizeof(notes));
}

static int print(const struct arguments *args, const struct replay *replay, size_t top)
{
	bool is_text = !args_has(args, 'J') && !args_has(args, 'C');
	struct report *report = output_begin(args);

	replay_report(report, replay, top, is_text);
	return output_end(&report);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* A page must not take the place of what it is about. */
static int check_page(const char *page, const char *capture, const char *policy)
{
	if (page && !strcmp(page, "-"))
		return fail_usage("--html -: a page needs a file");
	if (is_same_file(page, capture) || is_same_file(page, policy))
		return fail_usage("--html %s: it would overwrite what is read", page);
	return EXIT_DONE;
}

static int run(const struct arguments *args)
{
	_cleanup_(replay_free) struct replay replay = {
		.path = args->operands[0],
		.subject = SUBJECT_NONE,
	};
	const char *page = args_value(args, 'H');
	size_t top = 0;
	int code;

	if (args_has(args, 'n') && value_count("top", args_value(args, 'n'), &top))
		return EXIT_USAGE;
	code = check_page(page, replay.path, args_value(args, 'P'))
		       ?: subject_open(args->dir, args_value(args, 'P'), NULL, 0, &replay.subject);
	if (code == EXIT_DONE)
		code = replay_run(&replay, args_value(args, 'f'));
	if (code == EXIT_DONE && page)
		code = replay_write_page(&replay, page);
	return code == EXIT_DONE ? print(args, &replay, top) : code;
}

const struct command command_replay = {
	.name = "replay",
	.operands = "CAPTURE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Judge captured traffic by a policy: who would have been dropped, and when",
	.help = "Runs the packet program itself on every frame of a pcap or pcapng file, in\n"
		"tables of its own and by the capture's clock, so that limits and blocks\n"
		"last as long as they would have. Nothing is attached, and no counter of\n"
		"the guard moves. XDP sees what comes in: capture with tcpdump -Q in, or\n"
		"leave out with --filter what the host itself has sent.\n"
		"\n"
		"Of frames that the capture has cut the rest is taken as zero: lengths and\n"
		"limits are right, ports that were cut off are not. It says how many.",
	.examples = "  tcpdump -Q in -i eth0 -w monday.pcap\n"
		    "  xdpguard replay monday.pcap --policy edge.yaml\n"
		    "  xdpguard replay monday.pcap --policy edge.yaml --html monday.html\n"
		    "  xdpguard replay monday.pcap --filter 'not src host 198.51.100.1'",
	.options =
		(const struct command_option[]){
			{'P', "policy", "FILE", "judge by this one, not the policy in force"},
			{'f', "filter", "EXPRESSION", "only frames that match, as tcpdump has it"},
			{'H', "html", "FILE", "write a page with charts, too"},
			{'n', "top", "N", "only the N worst sources"},
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
			CAPABILITY_TO_READ(.with = CAPABILITY_OPERAND),
			CAPABILITY_TO_WRITE(.with = 'H'),
			{},
		},
	.run = run,
};
