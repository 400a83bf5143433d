/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the packet program on an interface's hook, and takes programs off. What for, attach.c knows. */
#pragma once

#include "hook.h"
#include "policy/policy.h"

struct hook_order {
	const struct guard *guard;
	uint32_t ifindex;
	uint32_t row; /* of map interfaces */
	const struct chain *chain;
	enum hook_mode mode;
	bool has_frags; /* frames may lie in several buffers (xdp.frags) */
};

/*
 * Loads an instance and attaches it beside what is there; ours that is there alone it replaces, in one
 * step. Fails with what the driver, the kernel or libxdp answered; `why` only says more.
 */
int hook_attach(const struct hook_order *order, const struct hook *hook, struct why *why);

/* Takes off the program with this id: the others on the hook go on. */
int hook_detach(uint32_t ifindex, const struct hook *hook, uint32_t id);

/* Takes a dispatcher off that runs nothing any more. */
int hook_clear(uint32_t ifindex, const struct hook *hook);
