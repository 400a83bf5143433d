// SPDX-License-Identifier: GPL-2.0-or-later
#include "checksum.h"

#include <netinet/in.h>
#include <stdint.h>

static uint32_t sum_words(uint32_t sum, const unsigned char *at, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	if (size % 2)
		sum += (uint32_t)at[size - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(unsigned char *at, uint16_t value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* Where a protocol's header has its checksum; 0: it has none. */
static size_t checksum_offset(unsigned protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	}
	return 0;
}

static void fill_payload(unsigned char *payload, size_t size, unsigned protocol,
			 uint32_t pseudo_header)
{
	size_t offset = checksum_offset(protocol);
	uint16_t sum;

	if (!offset || size < offset + 2)
		return;
	put16(payload + offset, 0);
	if (protocol != IPPROTO_ICMP)
		pseudo_header += protocol + (uint32_t)size;
	else
		pseudo_header = 0;
	sum = fold(sum_words(pseudo_header, payload, size));
	/* To UDP, 0 says that there is no checksum. */
	put16(payload + offset, sum || protocol != IPPROTO_UDP ? sum : 0xffff);
}

void checksum_fill(unsigned char *datagram, size_t size)
{
	if (datagram[0] >> 4 == 6) {
		fill_payload(datagram + 40, size - 40, datagram[6], sum_words(0, datagram + 8, 32));
		return;
	}
	put16(datagram + 10, 0);
	put16(datagram + 10, fold(sum_words(0, datagram, 20)));
	fill_payload(datagram + 20, size - 20, datagram[9], sum_words(0, datagram + 12, 8));
}
