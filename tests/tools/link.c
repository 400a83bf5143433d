// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.h"

#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

int link_socket(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "AF_PACKET socket");
	return fd;
}

void link_bind(int fd, const char *interface, uint16_t protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)if_nametoindex(interface),
	};

	if (!address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "%s", interface);
}
