/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const unsigned char v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Static, so that the millions of comparisons of a sort don't call it. */
static bool is_ipv4(const struct guard_address *address)
{
	return memcmp(address->bytes, v4_mapped, sizeof(v4_mapped)) == 0;
}

static bool is_ipv4_prefix(const struct prefix *prefix)
{
	return prefix->bits >= ADDRESS_IPV4_BITS && is_ipv4(&prefix->address);
}

bool address_is_ipv4(const struct guard_address *address)
{
	return is_ipv4(address);
}

bool prefix_is_ipv4(const struct prefix *prefix)
{
	return is_ipv4_prefix(prefix);
}

void address_mask(struct guard_address *address, unsigned bits)
{
	unsigned whole = bits / 8;

	if (bits >= 128)
		return;
	address->bytes[whole] &= (unsigned char)(0xff00 >> bits % 8);
	memset(address->bytes + whole + 1, 0, sizeof(address->bytes) - whole - 1);
}

static bool is_inside(const struct guard_address *address, const struct prefix *prefix)
{
	struct guard_address masked = *address;

	address_mask(&masked, prefix->bits);
	return memcmp(&masked, &prefix->address, sizeof(masked)) == 0;
}

bool prefix_contains(const struct prefix *prefix, const struct guard_address *address)
{
	return prefix_is_ipv4(prefix) == address_is_ipv4(address) && is_inside(address, prefix);
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	return prefix_is_ipv4(outer) == prefix_is_ipv4(inner) && outer->bits <= inner->bits &&
	       is_inside(&inner->address, outer);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	bool is_a_ipv4 = is_ipv4_prefix(a), is_b_ipv4 = is_ipv4_prefix(b);

	if (is_a_ipv4 != is_b_ipv4)
		return is_b_ipv4 - is_a_ipv4;
	for (int i = 0; i < 2; i++) {
		uint64_t x = be64toh(a->address.words[i]), y = be64toh(b->address.words[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (int)a->bits - (int)b->bits;
}

/* Returns behind the number, or NULL. No leading zeros: some read them as octal. */
static const char *parse_decimal(const char *text, unsigned max, unsigned *ret_value)
{
	const char *start = text;
	unsigned value = 0;

	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (unsigned)(*text - '0');
		if (value > max)
			return NULL;
	}
	if (text == start || (*start == '0' && text > start + 1))
		return NULL;

	*ret_value = value;
	return text;
}

/* By hand, as lists of a million lines go through here. Returns behind it, or NULL. */
static const char *parse_ipv4(const char *text, struct guard_address *ret_address)
{
	struct guard_address address = {};
	unsigned octet = 0;

	memcpy(address.bytes, v4_mapped, sizeof(v4_mapped));
	for (int i = 0; i < 4; i++) {
		if (i > 0 && *text++ != '.')
			return NULL;
		text = parse_decimal(text, 255, &octet);
		if (!text)
			return NULL;
		address.bytes[12 + i] = (unsigned char)octet;
	}

	*ret_address = address;
	return text;
}

static const char *parse_ipv6(const char *text, struct guard_address *ret_address)
{
	size_t length = strcspn(text, "/");
	char copy[INET6_ADDRSTRLEN];

	if (length >= sizeof(copy))
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return inet_pton(AF_INET6, copy, ret_address->bytes) == 1 ? text + length : NULL;
}

int prefix_parse(const char *text, struct prefix *ret_prefix, bool *ret_host_bits)
{
	struct prefix prefix = {.bits = 128};
	const char *end = parse_ipv4(text, &prefix.address);
	unsigned family_bits = end ? 32 : 128, bits = family_bits;
	struct guard_address written;

	if (!end)
		end = parse_ipv6(text, &prefix.address);
	if (end && *end == '/')
		end = parse_decimal(end + 1, family_bits, &bits);
	if (!end || *end)
		return -EINVAL;

	written = prefix.address;
	prefix.bits = (unsigned char)(128 - family_bits + bits);
	address_mask(&prefix.address, prefix.bits);

	*ret_host_bits = memcmp(&written, &prefix.address, sizeof(written)) != 0;
	*ret_prefix = prefix;
	return 0;
}

char *address_format(const struct guard_address *address, char text[ADDRESS_TEXT_SIZE])
{
	if (address_is_ipv4(address))
		inet_ntop(AF_INET, address->bytes + 12, text, ADDRESS_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_SIZE);
	return text;
}

char *prefix_format(const struct prefix *prefix, char text[ADDRESS_TEXT_SIZE])
{
	bool is_ipv4 = prefix_is_ipv4(prefix);
	size_t length;

	/* ::ffff:0:0/90 is no IPv4 prefix, though its address alone would be written as one. */
	if (is_ipv4 || !address_is_ipv4(&prefix->address))
		address_format(&prefix->address, text);
	else
		inet_ntop(AF_INET6, prefix->address.bytes, text, ADDRESS_TEXT_SIZE);

	length = strlen(text);
	if (prefix->bits < 128)
		snprintf(text + length, ADDRESS_TEXT_SIZE - length, "/%u",
			 (unsigned)prefix->bits - (is_ipv4 ? ADDRESS_IPV4_BITS : 0));
	return text;
}
