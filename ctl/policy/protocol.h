/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocols, ports and TCP flags by their names. */
#pragma once

#include "policy/policy.h"

#define PROTOCOL_TEXT_SIZE 8
#define PROTOCOL_FLAGS 8

/* The names of a TCP header's flags, lowest bit first. */
extern const char *const protocol_flags[PROTOCOL_FLAGS];

/* "tcp", "47"; -EINVAL. */
int protocol_parse(const char *text);
/* The name, or the number where there is none; returns `text`. */
char *protocol_format(unsigned protocol, char text[PROTOCOL_TEXT_SIZE]);
bool protocol_has_ports(unsigned protocol);

/* "53", "8000-8099", "domain" (by the system's services). -EINVAL: none of these, or backwards. */
int protocol_parse_ports(const char *text, struct port_range *ret_range);
