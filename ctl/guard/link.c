/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/sockios.h>

#include "base/cleanup.h"

/* An ioctl on the interface, with `data` or for what it writes to the request. */
static int ask(const char *interface, unsigned long what, void *data, struct ifreq *ret_answer)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (data)
		request.ifr_data = data;
	if (fd < 0 || ioctl(fd, what, &request) < 0)
		return -errno;
	*ret_answer = request;
	return 0;
}

int link_mtu(const char *interface)
{
	struct ifreq answer = {};

	return ask(interface, SIOCGIFMTU, NULL, &answer) == 0 ? answer.ifr_mtu : LINK_MTU_ETHERNET;
}

bool link_is_ethernet(const char *interface, unsigned *ret_type)
{
	struct ifreq answer = {};

	*ret_type = ask(interface, SIOCGIFHWADDR, NULL, &answer) == 0 ? answer.ifr_hwaddr.sa_family
								      : ARPHRD_ETHER;
	return *ret_type == ARPHRD_ETHER || *ret_type == ARPHRD_LOOPBACK;
}

void link_driver(const char *interface, char *text, size_t size)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq answer;

	if (ask(interface, SIOCETHTOOL, &driver, &answer) < 0)
		strcpy(driver.driver, "?");
	snprintf(text, size, "%s", driver.driver);
}

struct link_offloads link_offloads(const char *interface)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ifreq answer;

	if (ask(interface, SIOCETHTOOL, &flags, &answer) < 0)
		return (struct link_offloads){};
	return (struct link_offloads){
		.strips_tags = flags.data & ETH_FLAG_RXVLAN,
		.merges_packets = flags.data & ETH_FLAG_LRO,
	};
}

void link_list(char *text, size_t size)
{
	struct if_nameindex *list = if_nameindex();
	size_t used = 0;

	text[0] = '\0';
	for (struct if_nameindex *i = list; i && i->if_index && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s", used ? ", " : "", i->if_name);
	if (list)
		if_freenameindex(list);
}
