/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "frame/segments.h"
#include "guard/link.h"
#include "render/progress.h"
#include "values.h"

#define FOR_DEFAULT (600 * 1000000000ull)
#define MARGIN_DEFAULT 2
#define MARGIN_MAX 100
#define MTU_MIN 576	    /* below, headers would be most of a packet */
#define PROGRESS_EVERY 4096 /* frames */

int suggest_look_at(struct suggest *suggest, const struct capture_frame *frame, size_t mtu,
		    bool is_measuring)
{
	struct head head = head_read(frame->bytes, capture_frame_room(frame));
	size_t packets = segments_of(frame, mtu);
	struct guard_address source = head.from;

	if (frame->is_sent || head.kind != HEAD_IP)
		return 0;
	if (!is_measuring) {
		suggest_learn(&suggest->tally, &head, packets);
		return 0;
	}
	if (packets > 1) {
		suggest->joined++;
		suggest->segments += packets;
	}
	suggest->strays += frame->is_stray;
	address_mask(&source,
		     head.is_ipv6 ? SUGGEST_IPV6_BITS : ADDRESS_IPV4_BITS + SUGGEST_IPV4_BITS);
	return suggest_measure(&suggest->tally, &head, &source, frame->time_ns, packets);
}

static int look_at_all(struct suggest *suggest, struct capture *capture, bool is_measuring,
		       struct why *why)
{
	_cleanup_(progress_end) struct progress *progress = progress_begin(suggest->path);
	size_t mtu = suggest->mtu ?: LINK_MTU_ETHERNET;
	struct capture_frame frame;
	uint64_t n = 0;
	int r;

	while ((r = capture_next(capture, &frame, why)) > 0) {
		if (suggest_look_at(suggest, &frame, mtu, is_measuring) < 0)
			return why_set(why, -ENOMEM, "not enough memory");
		if (n++ % PROGRESS_EVERY == 0)
			progress_update(progress, capture_position(capture), capture_size(capture));
	}
	return r;
}

/* A capture is read twice. One that ends in the middle of a frame is common: what there is counts. */
static int look_at_capture(struct suggest *suggest, bool is_measuring, struct why *why)
{
	_cleanup_(capture_close) struct capture *capture = NULL;
	int r = capture_open(suggest->path, suggest->filter, &capture, why);

	if (r == 0)
		r = look_at_all(suggest, capture, is_measuring, why);
	if (r != -ENODATA)
		return r;
	if (is_measuring)
		warn("%s: %s; looked at up to there", suggest->path, why->text);
	return 0;
}

static int from_capture(struct suggest *suggest, struct why *why)
{
	int r = look_at_capture(suggest, false, why);

	if (r < 0)
		return r;
	suggest_choose(&suggest->tally);
	return look_at_capture(suggest, true, why);
}

static int from_interfaces(struct suggest *suggest, const char *dir, uint64_t for_ns,
			   struct why *why)
{
	uint64_t dropped = suggest_guard_dropped(suggest, dir);
	int r;

	if (suggest_is_enforced(suggest, dir))
		warn("the policy in force is not in monitor mode: what it drops cannot be seen "
		     "here; apply it with `mode: monitor` for as long as this looks");
	r = suggest_look_live(suggest, for_ns, why);
	suggest->dropped = suggest_guard_dropped(suggest, dir) - dropped;
	return r;
}

static int read_margin(const char *text, double *ret_margin)
{
	char *end;
	double margin = strtod(text, &end);

	if (end == text || *end || !(margin >= 1 && margin <= MARGIN_MAX))
		return fail_usage(
			"--margin \"%s\": expected a factor from 1 to %d, such as 2 or 1.5", text,
			MARGIN_MAX);
	*ret_margin = margin;
	return EXIT_DONE;
}

static int read_mtu(const char *text, size_t *ret_mtu)
{
	size_t mtu;

	if (value_count("mtu", text, &mtu))
		return EXIT_USAGE;
	if (mtu < MTU_MIN || mtu > CAPTURE_FRAME_MAX)
		return fail_usage("--mtu \"%s\": expected %d to %d bytes", text, MTU_MIN,
				  CAPTURE_FRAME_MAX);
	*ret_mtu = mtu;
	return EXIT_DONE;
}

/* Those of the guard, unless one is named. */
static int read_interfaces(struct suggest *suggest, const char *dir, const char *interface)
{
	struct why why = {};

	if (!interface)
		return suggest_guarded(suggest, dir, &why) < 0
			       ? fail_usage("%s: name a capture with --pcap, or an interface with "
					    "--dev; see: xdpguard suggest --help",
					    why.text)
			       : EXIT_DONE;
	if (!if_nametoindex(interface))
		return fail_usage("--dev: there is no interface \"%s\"", interface);
	strncpy(suggest->interfaces[suggest->n_interfaces++], interface, IF_NAMESIZE - 1);
	return EXIT_DONE;
}

static int read_arguments(const struct arguments *args, struct suggest *suggest, uint64_t *for_ns)
{
	const char *path = args_value(args, 'p'), *interface = args_value(args, 'd');
	const char *margin = args_value(args, 'm'), *time = args_value(args, 't');
	const char *mtu = args_value(args, 'u');

	if (path && interface)
		return fail_usage("--pcap and --dev: name a capture, or an interface");
	if (path && strcmp(path, "-") == 0)
		return fail_usage(
			"--pcap: a capture is read twice, which standard input cannot be");
	if (time && path)
		return fail_usage("--for is of interfaces; a capture is read to its end");
	if (margin && read_margin(margin, &suggest->margin))
		return EXIT_USAGE;
	if (mtu && read_mtu(mtu, &suggest->mtu))
		return EXIT_USAGE;
	if (time && value_duration("for", time, for_ns))
		return EXIT_USAGE;
	suggest->path = path;
	suggest->filter = args_value(args, 'f');
	return path ? EXIT_DONE : read_interfaces(suggest, args->dir, interface);
}

static void suggest_free(struct suggest *suggest)
{
	suggest_tally_release(&suggest->tally);
}

static void warn_of_frames(const struct suggest *suggest)
{
	if (suggest->joined)
		warn("%" PRIu64 " frames are longer than the MTU: receive offload has joined "
		     "packets; each counts as those it was made of, %" PRIu64 " in all",
		     suggest->joined, suggest->segments);
	if (suggest->strays)
		warn("%" PRIu64 " time stamps lie far in the future, each alone: taken for the "
		     "time of the frame before",
		     suggest->strays);
	if (suggest->dropped)
		warn("the guard dropped %" PRIu64 " packets meanwhile, which are not in here",
		     suggest->dropped);
}

static int run(const struct arguments *args)
{
	_cleanup_(suggest_free) struct suggest suggest = {.margin = MARGIN_DEFAULT};
	uint64_t for_ns = FOR_DEFAULT;
	struct why why = {};
	int r, code = read_arguments(args, &suggest, &for_ns);

	if (code != EXIT_DONE)
		return code;
	if (suggest_tally_new(&suggest.tally) < 0)
		return fail("not enough memory");
	r = suggest.path ? from_capture(&suggest, &why)
			 : from_interfaces(&suggest, args->dir, for_ns, &why);
	if (r < 0)
		return fail_why(&why);
	if (suggest_finish(&suggest.tally) < 0)
		return fail("not enough memory");
	if (!suggest.tally.packets)
		return fail("no packet of IPv4 or IPv6 was seen: nothing follows from that");
	warn_of_frames(&suggest);
	suggest_write(stdout, &suggest);
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : fail("cannot write the policy");
}

const struct command command_suggest = {
	.name = "suggest",
	.summary = "Write a policy whose limits stand above what real sources needed",
	.help = "Looks at traffic, in a capture or as it comes in on an interface, and writes a\n"
		"policy to standard output: a limit for TCP handshakes, for each port that\n"
		"matters, and for the rest by protocol, each so much above what the busiest\n"
		"source needed at its peak. Comments say where the numbers come from. The\n"
		"policy is in monitor mode: read it, try it, then take that line out.\n"
		"\n"
		"Without --pcap or --dev it looks at what the guard's interfaces let in. What\n"
		"the guard drops cannot be seen: have its policy in monitor mode meanwhile.\n"
		"Frames longer than the MTU are packets that receive offload has joined, and\n"
		"count as those.\n"
		"\n"
		"What attacks meanwhile counts as needed: the comments point out sources far\n"
		"above the others, and --filter leaves them out.",
	.examples = "  xdpguard suggest --for 10m >edge.yaml\n"
		    "  xdpguard suggest --dev eth0 --for 1h >edge.yaml\n"
		    "  xdpguard suggest --pcap monday.pcap >edge.yaml\n"
		    "  xdpguard suggest --pcap monday.pcap --filter 'not src net 192.0.2.66'",
	.options =
		(const struct command_option[]){
			{'p', "pcap", "FILE", "from this capture, all of it"},
			{'d', "dev", "IF", "from what comes in on this interface"},
			{'t', "for", "TIME", "look at it for so long (10m)"},
			{'u', "mtu", "BYTES", "longest packet (the interface's; 1500 of FILE)"},
			{'m', "margin", "FACTOR", "limits so many times what was needed (2)"},
			{'f', "filter", "EXPRESSION", "only frames that match, as tcpdump has it"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			{CAP_NET_RAW, true, .without = 'p', .what_for = "to look at interfaces"},
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_READ(.with = 'p'),
			{},
		},
	.run = run,
};
