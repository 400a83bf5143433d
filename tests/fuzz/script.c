/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script.h"

#include <string.h>

#include "base/cleanup.h"

#define EXTENSIONS_MAX 10
#define LAYERS_MAX (3 + 1 + EXTENSIONS_MAX + 1 + 2 + 1)
#define PATCHES_MAX 4

struct script {
	const uint8_t *data;
	size_t size, at;
	struct layer layers[LAYERS_MAX];
	size_t n_layers;
};

static unsigned next(struct script *script)
{
	return script->at < script->size ? script->data[script->at++] : 0;
}

static unsigned next16(struct script *script)
{
	unsigned high = next(script);

	return high << 8 | next(script);
}

/* Mostly what is right: 0. */
static unsigned maybe_exactly(struct script *script, unsigned mask)
{
	unsigned choice = next(script);

	return choice < 0xe0 ? 0 : EXACTLY(next16(script) & mask);
}

static void add(struct script *script, struct layer layer)
{
	script->layers[script->n_layers++] = layer;
}

static void add_tags(struct script *script)
{
	static const unsigned types[] = {0x8100, 0x88a8, 0x9100};

	for (unsigned n = next(script) % 8; n >= 5; n--)
		add(script, (struct layer)TAG(types[next(script) % ARRAY_SIZE(types)]));
}

static void add_ipv4(struct script *script)
{
	static const char *const addresses[] = {"192.0.2.1",	"192.0.2.127",	"192.0.2.128",
						"192.0.3.1",	"198.51.100.1", "203.0.113.255",
						"198.51.100.0", "0.0.0.0"};
	unsigned shape = next(script);

	add(script, (struct layer)IPV4(.from = addresses[next(script) % ARRAY_SIZE(addresses)],
				       .to = addresses[next(script) % ARRAY_SIZE(addresses)],
				       .options = shape % 4 ? 0 : shape / 4 % 11 * 4,
				       .offset = shape & 0x40 ? next16(script) & 0x1fff : 0,
				       .more = shape & 0x80, .version = maybe_exactly(script, 15),
				       .header = maybe_exactly(script, 15),
				       .total = maybe_exactly(script, 0xffff),
				       .protocol = maybe_exactly(script, 0xff)));
}

static void add_extension(struct script *script)
{
	static const unsigned numbers[] = {0, 43, 51, 60, 135, 139, 140, 59, 50, 44};
	unsigned kind = next(script) % (ARRAY_SIZE(numbers) + 2);

	if (kind < ARRAY_SIZE(numbers))
		add(script, (struct layer)EXTENSION(numbers[kind], .options = next(script) % 16 * 8,
						    .header = maybe_exactly(script, 0xff),
						    .protocol = maybe_exactly(script, 0xff)));
	else
		add(script, (struct layer)FRAGMENT(.more = next(script) & 1,
						   .offset = kind == ARRAY_SIZE(numbers)
								     ? 0
								     : next16(script) & 0x1fff,
						   .protocol = maybe_exactly(script, 0xff)));
}

static void add_ipv6(struct script *script)
{
	static const char *const addresses[] = {
		"2001:db8::1",	 "2001:db8:1::",     "2001:db8:1:ffff:ffff:ffff:ffff:ffff",
		"2001:db8:2::1", "2001:db8:ffff::1", "::ffff:192.0.2.1"};
	unsigned n = next(script) % (2 * EXTENSIONS_MAX);

	add(script, (struct layer)IPV6(.from = addresses[next(script) % ARRAY_SIZE(addresses)],
				       .to = addresses[next(script) % ARRAY_SIZE(addresses)],
				       .version = maybe_exactly(script, 15),
				       .total = maybe_exactly(script, 0xffff),
				       .protocol = maybe_exactly(script, 0xff)));
	for (; n > EXTENSIONS_MAX; n--)
		add_extension(script);
}

static unsigned next_port(struct script *script)
{
	static const unsigned ports[] = {1, 53, 80, 443, 1023, 1024, 40000, 65535};
	unsigned choice = next(script);

	return choice < 0xc0 ? ports[choice % ARRAY_SIZE(ports)] : next16(script);
}

static void add_transport(struct script *script)
{
	static const enum layer_kind kinds[] = {LAYER_TCP,  LAYER_UDP,	   LAYER_TCP,	 LAYER_UDP,
						LAYER_SCTP, LAYER_ICMP,	   LAYER_ICMPV6, LAYER_GRE,
						LAYER_ESP,  LAYER_NOTHING, LAYER_PAYLOAD};
	enum layer_kind kind = kinds[next(script) % ARRAY_SIZE(kinds)];

	add(script, (struct layer){
			    .kind = kind,
			    .from_port = next_port(script),
			    .to_port = next_port(script),
			    .type = next(script),
			    .flags = next(script),
			    .options = kind == LAYER_TCP ? next(script) % 11 * 4 : 0,
			    .header = maybe_exactly(script, 15),
			    .total = maybe_exactly(script, 0xffff),
		    });
}

static void add_layers(struct script *script)
{
	unsigned family;

	add_tags(script);
	family = next(script) % 16;
	if (family == 15) {
		add(script, (struct layer)OTHER(next16(script)));
		return;
	}
	if (family % 2)
		add_ipv6(script);
	else
		add_ipv4(script);
	add_transport(script);
	add(script, (struct layer)PAYLOAD(next(script), .fill = next(script)));
	add(script, (struct layer)PADDING(next(script) % 64, .fill = next(script)));
}

/* Bytes that no layer would have, and an end where none is expected. */
static void damage(struct script *script, struct frame *frame)
{
	for (unsigned n = next(script) % (2 * PATCHES_MAX); n > PATCHES_MAX; n--) {
		size_t at = next16(script) % frame->size;

		frame->bytes[at] = (unsigned char)next(script);
	}
	if (next(script) >= 0xc0)
		frame->size = next16(script) % (frame->size + 1);
}

static struct frame raw_frame(const uint8_t *data, size_t size)
{
	struct frame frame = {.size = size < FRAME_SIZE_MAX ? size : FRAME_SIZE_MAX};

	memcpy(frame.bytes, data, frame.size);
	return frame;
}

struct frame script_frame(const uint8_t *data, size_t size)
{
	struct script script = {.data = data, .size = size};
	struct frame frame;

	if (next(&script) % 8 == 7)
		return raw_frame(data + script.at, size - script.at);
	add_layers(&script);
	add(&script, (struct layer){.kind = LAYER_END});
	frame = frame_of(script.layers);
	damage(&script, &frame);
	return frame;
}
