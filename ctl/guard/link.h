/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of network interfaces, beside what is on their hook. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_MTU_ETHERNET 1500

/* Ethernet's when the kernel does not say. */
int link_mtu(const char *interface);

/* Its frames begin with an Ethernet header, as the packet program reads them. Yes when the kernel does not say. */
bool link_is_ethernet(const char *interface, unsigned *ret_type);

/* "eth0, lo": all there are, as far as they fit. */
void link_list(char *text, size_t size);

/* "virtio_net"; "?" when the kernel does not say. */
void link_driver(const char *interface, char *text, size_t size);

struct link_offloads {
	bool strips_tags;    /* VLAN tags are taken off before XDP sees the frame */
	bool merges_packets; /* large receive offload */
};

struct link_offloads link_offloads(const char *interface);

/* What the driver can do for XDP. */
struct link_xdp {
	bool is_native;
	bool has_frags; /* native, for frames in several buffers */
	bool is_offload;
};

/* -EOPNOTSUPP: the kernel does not tell; it does since Linux 6.3. */
int link_xdp(uint32_t ifindex, struct link_xdp *ret_xdp);
