/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"

struct protocol {
	const char *name;
	unsigned number;
};

static const struct protocol protocols[] = {
	{"tcp", IPPROTO_TCP},	    {"udp", IPPROTO_UDP},   {"icmp", IPPROTO_ICMP},
	{"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}, {"gre", IPPROTO_GRE},
	{"esp", IPPROTO_ESP},
};

const char *const protocol_flags[PROTOCOL_FLAGS] = {"fin", "syn", "rst", "psh",
						    "ack", "urg", "ece", "cwr"};

/* Digits only: "1k" is a count, but no port. */
static int parse_number(const char *text, size_t length, unsigned max)
{
	char copy[8];
	uint64_t number;

	if (length == 0 || length >= sizeof(copy) || strspn(text, "0123456789") < length)
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return count_parse(copy, &number) == 0 && number <= max ? (int)number : -EINVAL;
}

int protocol_parse(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (strcmp(protocols[i].name, text) == 0)
			return (int)protocols[i].number;
	return parse_number(text, strlen(text), 255);
}

char *protocol_format(unsigned protocol, char text[PROTOCOL_TEXT_SIZE])
{
	snprintf(text, PROTOCOL_TEXT_SIZE, "%u", protocol);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			snprintf(text, PROTOCOL_TEXT_SIZE, "%s", protocols[i].name);
	return text;
}

bool protocol_has_ports(unsigned protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static int parse_service(const char *text, struct port_range *ret_range)
{
	const struct servent *service = getservbyname(text, NULL);

	if (!service)
		return -EINVAL;
	ret_range->first = ret_range->last = ntohs((uint16_t)service->s_port);
	return 0;
}

int protocol_parse_ports(const char *text, struct port_range *ret_range)
{
	size_t length = strcspn(text, "-");
	int first, last;

	if (text[0] < '0' || text[0] > '9')
		return parse_service(text, ret_range);
	first = parse_number(text, length, 65535);
	last = text[length] ? parse_number(text + length + 1, strlen(text + length + 1), 65535)
			    : first;
	if (first < 0 || last < first)
		return -EINVAL;

	ret_range->first = (uint16_t)first;
	ret_range->last = (uint16_t)last;
	return 0;
}
