/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook_change.h"

#include <string.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "program.h"

static enum xdp_attach_mode libxdp_mode(enum hook_mode mode)
{
	switch (mode) {
	case HOOK_GENERIC:
		return XDP_MODE_SKB;
	case HOOK_OFFLOAD:
		return XDP_MODE_HW;
	case HOOK_NATIVE:
		break;
	}
	return XDP_MODE_NATIVE;
}

static unsigned xdp_flags(enum hook_mode mode)
{
	switch (mode) {
	case HOOK_GENERIC:
		return XDP_FLAGS_SKB_MODE;
	case HOOK_OFFLOAD:
		return XDP_FLAGS_HW_MODE;
	case HOOK_NATIVE:
		break;
	}
	return XDP_FLAGS_DRV_MODE;
}

static void xdp_program_close(struct xdp_program **program)
{
	if (*program)
		xdp_program__close(*program);
}

static int configure(struct xdp_program *program, const struct chain *chain)
{
	int r = xdp_program__set_run_prio(program, chain->priority);

	for (unsigned action = 0; r == 0 && action <= XDP_REDIRECT; action++)
		r = xdp_program__set_chain_call_enabled(program, action, chain->on >> action & 1);
	return r;
}

/* libxdp loads the object, for its dispatcher or for the interface itself. */
static int attach_by_libxdp(const struct hook_order *order, struct xdpguard_bpf *instance)
{
	_cleanup_(xdp_program_close) struct xdp_program *program = NULL;
	DECLARE_LIBXDP_OPTS(xdp_program_opts, create, .obj = program_object(instance),
			    .prog_name = "xdpguard");
	int r;

	program = xdp_program__create(&create);
	r = libxdp_get_error(program);
	if (r) {
		program = NULL;
		return r;
	}
	r = configure(program, order->chain);
	if (r < 0)
		return r;
	return xdp_program__attach(program, order->ifindex, libxdp_mode(order->mode), 0);
}

/* Puts a new instance in the place of ours that is attached alone: the kernel exchanges them. */
static int exchange_alone(const struct hook_order *order, struct xdpguard_bpf *instance,
			  uint32_t old_id)
{
	_cleanup_close_ int old = bpf_prog_get_fd_by_id(old_id);
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = old);

	if (old < 0)
		return -errno;
	return bpf_xdp_attach(order->ifindex, program_fd(instance),
			      xdp_flags(order->mode) | XDP_FLAGS_REPLACE, &options);
}

int hook_attach(const struct hook_order *order, const struct hook *hook, struct why *why)
{
	bool is_exchange = hook->ours >= 0 && hook->chain == HOOK_ALONE;
	struct program_options options = {
		.interface = order->row,
		.is_alone = is_exchange,
		.has_frags = order->has_frags,
	};
	_cleanup_(program_close) struct xdpguard_bpf *instance = NULL;
	int r = program_open(order->guard, &options, &instance, why);

	if (r < 0)
		return r;
	r = is_exchange ? exchange_alone(order, instance, hook->programs[hook->ours].id)
			: attach_by_libxdp(order, instance);
	return r < 0 ? why_set(why, r, "%s", strerror(-r)) : 0;
}

/* Only if that program is still there: nobody else's is taken off by mistake. */
static int detach_alone(uint32_t ifindex, enum hook_mode mode, uint32_t id)
{
	_cleanup_close_ int program = bpf_prog_get_fd_by_id(id);
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = program);

	if (program < 0)
		return -errno;
	return bpf_xdp_detach(ifindex, xdp_flags(mode) | XDP_FLAGS_REPLACE, &options);
}

int hook_detach(uint32_t ifindex, const struct hook *hook, uint32_t id)
{
	_cleanup_(xdp_program_close) struct xdp_program *program = NULL;
	int r;

	if (hook->chain != HOOK_DISPATCHER)
		return detach_alone(ifindex, hook->mode, id);
	program = xdp_program__from_id(id);
	r = libxdp_get_error(program);
	if (r) {
		program = NULL;
		return r;
	}
	return xdp_program__detach(program, ifindex, libxdp_mode(hook->mode), 0);
}

int hook_clear(uint32_t ifindex, const struct hook *hook)
{
	return detach_alone(ifindex, hook->mode, hook->dispatcher);
}
