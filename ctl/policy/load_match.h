/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule matches beside addresses. */
#pragma once

#include "policy/loader.h"

/* Targets are a struct rule. */
loader_read load_protocol, load_tcp_flags, load_fragment;
/* Target: struct port_list. */
loader_read load_ports;

/* Checks protocol, ports and flags against each other, and fills in the protocols they imply. */
void load_match_finish(struct loader *loader, const struct node *node, struct rule *rule);
