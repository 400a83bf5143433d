// SPDX-License-Identifier: GPL-2.0-or-later
#include "model.h"

#include <err.h>
#include <netinet/in.h>
#include <string.h>

static struct layer transport_layer(const struct model *m, bool is_ipv4)
{
	if (!strcmp(m->protocol, "tcp"))
		return (struct layer)TCP(m->port, .from_port = m->from_port, .flags = TCP_SYN);
	if (!strcmp(m->protocol, "udp"))
		return (struct layer)UDP(m->port, .from_port = m->from_port);
	if (strcmp(m->protocol, "icmp") != 0)
		errx(2, "--protocol: udp, tcp or icmp");
	/* Echo requests. */
	return is_ipv4 ? (struct layer)ICMP(8) : (struct layer)ICMPV6(128);
}

/* Behind Ethernet and the tags. Returns how many layers. */
static unsigned add_datagram(const struct model *m, bool is_ipv4, struct layer *layers)
{
	if (!strcmp(m->shape, "whole")) {
		layers[0] = is_ipv4 ? (struct layer)IPV4(.to = m->to)
				    : (struct layer)IPV6(.to = m->to);
		layers[1] = transport_layer(m, is_ipv4);
		return 2;
	}
	if (!is_ipv4)
		errx(2, "--shape %s: of IPv4 only", m->shape);
	if (!strcmp(m->shape, "fragment")) {
		/* Eight bytes from the middle of something, and more to come. */
		layers[0] = (struct layer)IPV4(.to = m->to, .offset = 1, .more = true,
					       .protocol = EXACTLY((unsigned)IPPROTO_UDP));
		layers[1] = (struct layer)PAYLOAD(8);
		return 2;
	}
	if (strcmp(m->shape, "malformed") != 0)
		errx(2, "--shape: whole, fragment or malformed");
	/* Says to be longer than the frame. */
	layers[0] = (struct layer)IPV4(.to = m->to, .total = EXACTLY(1400));
	layers[1] = transport_layer(m, true);
	return 2;
}

struct frame model_frame(const struct model *m, size_t *ret_network)
{
	bool is_ipv4 = !strchr(m->to, ':');
	struct layer layers[6] = {};
	struct frame frame;
	unsigned n = 0;

	for (unsigned i = 0; i < m->n_tags; i++)
		layers[n++] = (struct layer)TAG(ETHERTYPE_VLAN);
	n += add_datagram(m, is_ipv4, layers + n);
	frame = frame_of(layers);
	if (m->size > frame.size) {
		layers[n] = (struct layer)PAYLOAD((unsigned)(m->size - frame.size));
		frame = frame_of(layers);
	}
	*ret_network = frame_network_offset(layers);
	memcpy(frame.bytes, m->mac, ETH_ALEN);
	for (unsigned i = 0; i < m->n_tags; i++) {
		frame.bytes[14 + 4 * i] = (unsigned char)(m->tags[i] >> 8);
		frame.bytes[15 + 4 * i] = (unsigned char)m->tags[i];
	}
	return frame;
}
