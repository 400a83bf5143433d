/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generic netlink's family "netdev", which headers of Linux before 6.3 do not know. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "base/cleanup.h"
#include "link.h"

enum {
	NETDEV_COMMAND_GET = 1,
	NETDEV_IFINDEX = 1,
	NETDEV_XDP_FEATURES = 3,
};

enum {
	XDP_BASIC = 1 << 0,
	XDP_OFFLOAD = 1 << 4,
	XDP_FRAGS = 1 << 5,
};

/* One request with one attribute; the answer takes its place. */
struct message {
	struct nlmsghdr netlink;
	struct genlmsghdr generic;
	char attributes[4096];
};

static void add_attribute(struct message *m, uint16_t type, const void *value, size_t size)
{
	struct nlattr header = {.nla_len = NLA_HDRLEN + size, .nla_type = type};

	memcpy(m->attributes, &header, sizeof(header));
	memcpy(m->attributes + NLA_HDRLEN, value, size);
	m->netlink.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(header.nla_len);
}

static int ask(int fd, struct message *m)
{
	const struct nlmsgerr *error = (const void *)&m->generic;
	ssize_t n;

	m->netlink.nlmsg_flags = NLM_F_REQUEST;
	if (send(fd, m, m->netlink.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, m, sizeof(*m), 0);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(m->netlink) + sizeof(m->generic) || m->netlink.nlmsg_len > (size_t)n)
		return -EBADMSG;
	return m->netlink.nlmsg_type == NLMSG_ERROR ? error->error ?: -EBADMSG : 0;
}

/* The value of an attribute of at least `size` bytes, or NULL. */
static const void *find_attribute(const struct message *m, uint16_t type, size_t size)
{
	size_t end = m->netlink.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	struct nlattr header;

	for (size_t at = 0; at + NLA_HDRLEN <= end; at += NLA_ALIGN(header.nla_len)) {
		memcpy(&header, m->attributes + at, sizeof(header));
		if (header.nla_len < NLA_HDRLEN || at + header.nla_len > end)
			break;
		if ((header.nla_type & NLA_TYPE_MASK) == type &&
		    header.nla_len >= NLA_HDRLEN + size)
			return m->attributes + at + NLA_HDRLEN;
	}
	return NULL;
}

static int find_family(int fd, uint16_t *ret_family)
{
	struct message m = {
		.netlink.nlmsg_type = GENL_ID_CTRL,
		.generic = {.cmd = CTRL_CMD_GETFAMILY, .version = 1},
	};
	const void *id;
	int r;

	add_attribute(&m, CTRL_ATTR_FAMILY_NAME, "netdev", sizeof("netdev"));
	r = ask(fd, &m);
	if (r == -ENOENT)
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	id = find_attribute(&m, CTRL_ATTR_FAMILY_ID, sizeof(*ret_family));
	if (!id)
		return -EBADMSG;
	memcpy(ret_family, id, sizeof(*ret_family));
	return 0;
}

static int ask_features(int fd, uint16_t family, uint32_t ifindex, uint64_t *ret_features)
{
	struct message m = {
		.netlink.nlmsg_type = family,
		.generic = {.cmd = NETDEV_COMMAND_GET, .version = 1},
	};
	const void *features;
	int r;

	add_attribute(&m, NETDEV_IFINDEX, &ifindex, sizeof(ifindex));
	r = ask(fd, &m);
	if (r < 0)
		return r;
	features = find_attribute(&m, NETDEV_XDP_FEATURES, sizeof(*ret_features));
	if (!features)
		return -EOPNOTSUPP;
	memcpy(ret_features, features, sizeof(*ret_features));
	return 0;
}

int link_xdp(uint32_t ifindex, struct link_xdp *ret_xdp)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	uint64_t features;
	uint16_t family;
	int r;

	if (fd < 0)
		return -errno;
	r = find_family(fd, &family);
	if (r == 0)
		r = ask_features(fd, family, ifindex, &features);
	if (r < 0)
		return r;
	*ret_xdp = (struct link_xdp){
		.is_native = features & XDP_BASIC,
		.has_frags = features & XDP_FRAGS,
		.is_offload = features & XDP_OFFLOAD,
	};
	return 0;
}
