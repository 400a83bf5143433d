/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest.h"

#include <inttypes.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "policy/protocol.h"
#include "render/escape.h"
#include "render/units.h"

#define NS_PER_S 1000000000ull
#define NAME_SIZE 32
#define OUTLIER 10 /* times the median: rather an attacker than a heavy user */

static const char head_text[] =
	"# The first rule that matches a packet decides. A limit's rate is the most packets that "
	"one\n"
	"# source sent in a second, times %g; its burst is what a source with %g times these peaks "
	"can\n"
	"# need at once, wherever in its second they lie.\n"
	"# No rate is below 10/s, no burst below 10.\n"
	"#\n"
	"# Try it on the traffic that you know, and on what is to come:\n"
	"#   xdpguard replay CAPTURE --policy THIS-FILE\n"
	"#   xdpguard apply THIS-FILE    # counts what it would drop, until `mode: monitor` goes\n";

/* A name that others chose, on one line. */
static void write_name(FILE *out, const char *name)
{
	_cleanup_free_ char *escaped = escape_text(name);

	fputs(escaped ?: "?", out);
}

/* In quotes, for YAML would read some names as something else. */
static void write_interface(FILE *out, const char *name)
{
	fputc('"', out);
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			fputc('\\', out);
		fputc(*name, out);
	}
	fputc('"', out);
}

static void write_interfaces(FILE *out, const struct suggest *suggest)
{
	for (size_t i = 0; i < suggest->n_interfaces; i++) {
		fputs(i ? ", " : "", out);
		write_interface(out, suggest->interfaces[i]);
	}
}

/* What of the traffic is not counted as it was. */
static void write_reservations(FILE *out, const struct suggest *suggest)
{
	if (suggest->joined)
		fprintf(out,
			"# %" PRIu64
			" frames were longer than the MTU, which receive offload has joined: they "
			"count as the\n# %" PRIu64
			" packets that they were, if those were as long as "
			"the MTU allows.\n",
			suggest->joined, suggest->segments);
	if (suggest->strays)
		fprintf(out,
			"# %" PRIu64 " had time stamps far in the future, each alone, and count "
			"at the time of the one before.\n",
			suggest->strays);
	if (suggest->dropped)
		fprintf(out,
			"# %" PRIu64 " more were dropped by the guard meanwhile, and are not in "
			"here: see `mode: monitor`.\n",
			suggest->dropped);
	if (suggest->lost)
		fprintf(out, "# %" PRIu64 " more came in too fast to be seen.\n", suggest->lost);
	if (suggest->tally.untracked)
		fprintf(out, "# %" PRIu64 " more are of sources beyond the first %u.\n",
			suggest->tally.untracked, SUGGEST_SOURCES_MAX);
}

static void write_head(FILE *out, const struct suggest *suggest)
{
	const struct suggest_tally *tally = &suggest->tally;
	char start[UNITS_TEXT_SIZE], span[UNITS_TEXT_SIZE];

	fputs("# Suggested by xdpguard suggest, from ", out);
	if (suggest->path)
		write_name(out, suggest->path);
	else
		write_interfaces(out, suggest);
	fprintf(out, ": %" PRIu64 " packets in %s, from %s on.\n", tally->packets,
		units_duration(tally->last_ns - tally->first_ns, span),
		units_timestamp(tally->first_ns, start));
	if (suggest->filter) {
		fputs("# Only what matches the filter: ", out);
		write_name(out, suggest->filter);
		fputc('\n', out);
	}
	write_reservations(out, suggest);
	fprintf(out, head_text, suggest->margin, suggest->margin);
}

static char *class_name(const struct suggest_class *class, char name[NAME_SIZE])
{
	static const char *const names[] = {
		[SUGGEST_HANDSHAKES] = "handshakes", [SUGGEST_TCP] = "tcp-other",
		[SUGGEST_UDP] = "udp-other",	     [SUGGEST_ICMP] = "icmp",
		[SUGGEST_OTHER] = "other",
	};
	char protocol[PROTOCOL_TEXT_SIZE];

	if (class->kind == SUGGEST_PORT)
		snprintf(name, NAME_SIZE, "%s-%u", protocol_format(class->protocol, protocol),
			 class->port);
	else
		snprintf(name, NAME_SIZE, "%s", names[class->kind]);
	return name;
}

static void write_match(FILE *out, const struct suggest_class *class)
{
	static const char *const matches[] = {
		[SUGGEST_HANDSHAKES] = "    protocol: tcp\n    tcp_flags: [syn, \"!ack\"]\n",
		[SUGGEST_TCP] = "    protocol: tcp\n",
		[SUGGEST_UDP] = "    protocol: udp\n",
		[SUGGEST_ICMP] = "    protocol: [icmp, icmpv6]\n",
		[SUGGEST_OTHER] = "",
	};
	char protocol[PROTOCOL_TEXT_SIZE];

	if (class->kind == SUGGEST_PORT)
		fprintf(out, "    protocol: %s\n    to_port: %u\n",
			protocol_format(class->protocol, protocol), class->port);
	else
		fputs(matches[class->kind], out);
}

static void source_text(const struct guard_address *address, char text[ADDRESS_TEXT_SIZE])
{
	struct prefix prefix = {*address, 128};

	if (!address_is_ipv4(address))
		prefix.bits = SUGGEST_IPV6_BITS;
	prefix_format(&prefix, text);
}

static void write_comment(FILE *out, const struct suggest_class *class)
{
	char busiest[ADDRESS_TEXT_SIZE];

	if (!class->n_sources) {
		fputs("  # Nothing of it was seen, so this is a guess.\n", out);
		return;
	}
	source_text(&class->busiest, busiest);
	fprintf(out,
		"  # %" PRIu64 " packets of %zu source%s. A source's most in a second: median %u, ",
		class->packets, class->n_sources, class->n_sources == 1 ? "" : "s", class->median);
	fprintf(out, "99 %% up to %u,\n  # all up to %u (%s); in a tenth of a second %u.\n",
		class->p99, class->most, busiest, class->most_tenth);
	if (class->most <= OUTLIER * class->median)
		return;
	fprintf(out,
		"  # LOOK: the busiest needed %u times what half of the sources did. If that was "
		"an\n"
		"  # attack, leave it out: --filter 'not src net %s'\n",
		class->most / class->median, busiest);
}

static void write_rule(FILE *out, const struct suggest_class *class, double margin)
{
	struct suggest_limit limit = suggest_limit(class, margin);
	char name[NAME_SIZE], rate[QUANTITY_TEXT_SIZE];

	write_comment(out, class);
	fprintf(out, "  - name: %s\n", class_name(class, name));
	write_match(out, class);
	fprintf(out, "    limit: {rate: %s, burst: %" PRIu64 "}\n",
		rate_format(limit.rate, NS_PER_S, rate), limit.burst);
}

void suggest_write(FILE *out, const struct suggest *suggest)
{
	const struct suggest_tally *tally = &suggest->tally;

	write_head(out, suggest);
	fputs("version: 1\n", out);
	if (suggest->n_interfaces) {
		fputs("interfaces: [", out);
		write_interfaces(out, suggest);
		fputs("]\n", out);
	}
	fprintf(out,
		"mode: monitor # drops nothing yet\n"
		"sources:\n"
		"  aggregate: {ipv4: %d, ipv6: %d} # what is one source here\n"
		"rules:\n",
		SUGGEST_IPV4_BITS, SUGGEST_IPV6_BITS);
	for (size_t i = 0; i < tally->n_classes; i++)
		write_rule(out, &tally->classes[i], suggest->margin);
}
