/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spec.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/parse.h"
#include "policy/protocol.h"

#define WORD_MAX 64
#define SPACES " \t"
#define VLAN_MAX 4094
#define SYNTAX "PROTOCOL FROM[:PORT] > TO[:PORT]"

/* A word of the text. */
struct word {
	const char *start;
	size_t length;
};

/* What is left of the text, and the word that was last taken from it. */
struct reader {
	struct diagnostics *diagnostics;
	const char *text;
	const char *at;
	struct word word;
	char copy
		[WORD_MAX]; /* of the word; one that does not fit is cut, and then matches nothing */
	struct word to;	    /* where the destination stands */
	bool has_from_port, has_to_port;
};

__attribute__((format(printf, 2, 3))) static int complain(const struct reader *reader,
							  const char *format, ...)
{
	char text[192];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	diagnostics_add(reader->diagnostics, true, "packet", 1,
			(unsigned)(reader->word.start - reader->text) + 1,
			(unsigned)reader->word.length, reader->text, "%s", text);
	return -EINVAL;
}

static void take(struct reader *reader, const char *separators)
{
	reader->at += strspn(reader->at, SPACES);
	reader->word.start = reader->at;
	reader->word.length = *reader->at == '>' ? 1 : strcspn(reader->at, separators);
	snprintf(reader->copy, sizeof(reader->copy), "%.*s", (int)reader->word.length,
		 reader->word.start);
	reader->at += reader->word.length;
}

/* Up to a blank; '>' is a word by itself. */
static bool take_word(struct reader *reader)
{
	take(reader, SPACES ">");
	return reader->word.length > 0;
}

static int expect(struct reader *reader, const char *what)
{
	return take_word(reader) ? 0 : complain(reader, "expected %s", what);
}

static int read_protocol(struct reader *reader, struct spec *spec)
{
	int protocol, r = expect(reader, "a packet: " SYNTAX);

	if (r < 0)
		return r;
	protocol = strcmp(reader->copy, "icmp6") == 0 ? IPPROTO_ICMPV6
						      : protocol_parse(reader->copy);
	if (protocol < 0)
		return complain(reader, "\"%s\": expected tcp, udp, icmp, icmp6, sctp or a number",
				reader->copy);
	spec->protocol = (uint8_t)protocol;
	return 0;
}

/* The word's address, and what stands behind it: ":53", or "". */
static int read_address(const struct reader *reader, struct guard_address *ret_address,
			const char **ret_rest)
{
	const char *word = reader->copy, *end;
	char address[WORD_MAX];
	struct prefix prefix;
	bool has_host_bits;

	if (word[0] == '[') {
		end = strchr(++word, ']');
		*ret_rest = end ? end + 1 : "";
	} else {
		/* A lone IPv6 address has colons of its own. */
		end = strchr(word, ':');
		if (end && strchr(end + 1, ':'))
			end = NULL;
		end = end ?: word + strlen(word);
		*ret_rest = end;
	}
	if (!end || reader->word.length >= WORD_MAX)
		return -EINVAL;
	snprintf(address, sizeof(address), "%.*s", (int)(end - word), word);
	if (strchr(address, '/') || prefix_parse(address, &prefix, &has_host_bits) < 0)
		return -EINVAL;
	*ret_address = prefix.address;
	return 0;
}

/* ":53"; *ret_port stays where there is none. */
static int read_port(const struct reader *reader, const struct spec *spec, const char *rest,
		     uint16_t *ret_port, bool *ret_has_port)
{
	struct port_range range;

	*ret_has_port = *rest;
	if (!*rest)
		return 0;
	if (*rest != ':' || protocol_parse_ports(rest + 1, &range) < 0 || range.first != range.last)
		return complain(reader, "\"%s\": expected a port, such as :53, behind the address",
				rest);
	if (!protocol_has_ports(spec->protocol))
		return complain(reader, "ports are of tcp, udp and sctp");
	*ret_port = range.first;
	return 0;
}

static int read_end(struct reader *reader, const struct spec *spec, const char *what,
		    struct guard_address *ret_address, uint16_t *ret_port, bool *ret_has_port)
{
	const char *rest;
	int r = expect(reader, what);

	if (r < 0)
		return r;
	if (read_address(reader, ret_address, &rest) < 0)
		return complain(reader,
				"\"%s\": expected %s, such as 192.0.2.1:53 or [2001:db8::1]:53",
				reader->copy, what);
	return read_port(reader, spec, rest, ret_port, ret_has_port);
}

static int check_family(const struct reader *reader, const struct spec *spec)
{
	bool is_ipv6 = !address_is_ipv4(&spec->to);

	if (is_ipv6 != spec->is_ipv6)
		return complain(reader, "from IPv%d to IPv%d", spec->is_ipv6 ? 6 : 4,
				is_ipv6 ? 6 : 4);
	if (spec->protocol == (is_ipv6 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return complain(reader, "IPv%d has %s", is_ipv6 ? 6 : 4,
				is_ipv6 ? "icmp6" : "icmp");
	if (is_ipv6 && is_extension(spec->protocol))
		return complain(reader,
				"%u is an extension header of IPv6; name the protocol behind it",
				spec->protocol);
	return 0;
}

static int read_ends(struct reader *reader, struct spec *spec)
{
	int r;

	spec->from_port = SPEC_DEFAULT_FROM_PORT;
	r = read_end(reader, spec, "a source address", &spec->from, &spec->from_port,
		     &reader->has_from_port);
	if (r < 0)
		return r;
	spec->is_ipv6 = !address_is_ipv4(&spec->from);
	r = expect(reader, "\">\" and a destination");
	if (r < 0)
		return r;
	if (strcmp(reader->copy, ">") != 0)
		return complain(reader, "\"%s\": expected \">\" and a destination", reader->copy);
	r = read_end(reader, spec, "a destination address", &spec->to, &spec->to_port,
		     &reader->has_to_port);
	reader->to = reader->word;
	return r < 0 ? r : check_family(reader, spec);
}

/* A number from `min` to `max`. */
static int read_number(struct reader *reader, unsigned min, unsigned max, unsigned *ret_number)
{
	char *end;
	unsigned long number;

	if (!take_word(reader))
		return complain(reader, "expected a number from %u to %u", min, max);
	number = strtoul(reader->copy, &end, 10);
	if (reader->copy[0] < '0' || reader->copy[0] > '9' || *end || number < min || number > max)
		return complain(reader, "\"%s\": expected a number from %u to %u", reader->copy,
				min, max);
	*ret_number = (unsigned)number;
	return 0;
}

static int find_flag(const char *name)
{
	for (unsigned i = 0; i < PROTOCOL_FLAGS; i++)
		if (strcmp(protocol_flags[i], name) == 0)
			return (int)i;
	return -EINVAL;
}

static int read_flags(struct reader *reader, struct spec *spec)
{
	if (spec->protocol != IPPROTO_TCP)
		return complain(reader, "flags are of tcp");
	do {
		int flag;

		take(reader, SPACES ",>");
		flag = find_flag(reader->copy);
		if (flag < 0)
			return complain(reader,
					"\"%s\": expected fin, syn, rst, psh, ack, urg, ece or cwr",
					reader->copy);
		spec->flags |= (uint8_t)(1 << flag);
	} while (*reader->at == ',' && reader->at++);
	return 0;
}

static int read_size(struct reader *reader, struct spec *spec)
{
	unsigned size = 0;
	int r = read_number(reader, 1, SPEC_SIZE_MAX, &size);

	spec->size = size;
	return r;
}

static int read_vlan(struct reader *reader, struct spec *spec)
{
	unsigned tag = 0;
	int r;

	if (spec->n_tags == SPEC_TAGS_MAX)
		return complain(reader, "at most %d VLAN tags are looked behind", SPEC_TAGS_MAX);
	r = read_number(reader, 0, VLAN_MAX, &tag);
	if (r < 0)
		return r;
	spec->tags[spec->n_tags++] = (uint16_t)tag;
	return 0;
}

static int read_fragment(struct reader *reader, struct spec *spec)
{
	take_word(reader);
	if (strcmp(reader->copy, "first") == 0)
		spec->fragment = SPEC_FIRST;
	else if (strcmp(reader->copy, "later") == 0)
		spec->fragment = SPEC_LATER;
	else
		return complain(reader, "\"%s\": expected first or later", reader->copy);
	return 0;
}

static int read_icmp_type(struct reader *reader, struct spec *spec)
{
	unsigned type = 0;
	int r;

	if (spec->protocol != IPPROTO_ICMP && spec->protocol != IPPROTO_ICMPV6)
		return complain(reader, "icmp-type is of icmp and icmp6");
	r = read_number(reader, 0, 255, &type);
	spec->icmp_type = (uint8_t)type;
	return r;
}

static const struct {
	const char *name;
	int (*read)(struct reader *reader, struct spec *spec);
} options[] = {
	{"flags", read_flags},	     {"size", read_size},	    {"vlan", read_vlan},
	{"fragment", read_fragment}, {"icmp-type", read_icmp_type},
};

static int unknown_option(const struct reader *reader)
{
	const char *names[ARRAY_SIZE(options)], *nearest;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		names[i] = options[i].name;
	nearest = diagnostic_nearest(reader->copy, names, ARRAY_SIZE(options));
	if (nearest)
		return complain(reader, "\"%s\": unknown; did you mean \"%s\"?", reader->copy,
				nearest);
	return complain(reader, "\"%s\": expected flags, size, vlan, fragment or icmp-type",
			reader->copy);
}

static int read_option(struct reader *reader, struct spec *spec)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(options[i].name, reader->copy) == 0)
			return options[i].read(reader, spec);
	return unknown_option(reader);
}

/* Whether there should have been ports is known when all is read. */
static int check_ports(struct reader *reader, const struct spec *spec)
{
	reader->word = reader->to;
	if (spec->fragment == SPEC_LATER && (reader->has_from_port || reader->has_to_port))
		return complain(reader, "a later fragment carries no ports");
	if (spec->fragment != SPEC_LATER && protocol_has_ports(spec->protocol) &&
	    !reader->has_to_port)
		return complain(reader, "expected a port behind the destination, such as :53");
	return 0;
}

int spec_parse(const char *text, struct diagnostics *diagnostics, struct spec *ret_spec)
{
	struct reader reader = {.diagnostics = diagnostics, .text = text, .at = text};
	struct spec spec = {};
	int r = read_protocol(&reader, &spec);

	/* What is asked for when no type is given: echo requests. */
	spec.icmp_type = spec.protocol == IPPROTO_ICMPV6 ? 128 : 8;
	if (r == 0)
		r = read_ends(&reader, &spec);
	while (r == 0 && take_word(&reader))
		r = read_option(&reader, &spec);
	if (r == 0)
		r = check_ports(&reader, &spec);
	if (r == 0)
		*ret_spec = spec;
	return r;
}
