/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook.h"

#include <net/if.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "left_open.h"
#include "program_maps.h"

#define READ_TRIES 3

static void multiprog_close(struct xdp_multiprog **multiprog)
{
	if (*multiprog)
		xdp_multiprog__close(*multiprog);
}

/* Does the program use this map? A guard that is being removed may have it no more: 0. */
static int uses_map(int program, int map)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct program_maps maps;
	int r;

	if (map < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(map, &info, &size) < 0)
		return -errno;
	r = program_maps_read(program, &maps);
	return r == 0 ? program_maps_have(&maps, info.id) : r;
}

/* Who cannot be asked is not taken for somebody else's: that would stay when the guard goes. */
static int find_owner(const struct guard *guard, int program, struct hook_program *ret_program)
{
	int is_ours = guard ? uses_map(program, guard->control) : 0;
	int is_current = is_ours > 0 ? uses_map(program, guard->sources) : is_ours;

	if (is_current < 0)
		return is_current;
	ret_program->is_ours = is_ours;
	ret_program->is_current = is_current;
	return 0;
}

static int add_program(struct hook *hook, const struct xdp_program *program,
		       const struct guard *guard)
{
	struct hook_program *p = &hook->programs[hook->n_programs];
	int r;

	if (hook->n_programs == HOOK_PROGRAMS_MAX)
		return 0;
	p->id = xdp_program__id(program);
	snprintf(p->name, sizeof(p->name), "%s", xdp_program__name(program) ?: "?");
	r = find_owner(guard, xdp_program__fd(program), p);
	if (r < 0)
		return r;
	if (hook->chain == HOOK_DISPATCHER) {
		p->priority = xdp_program__run_prio(program);
		for (unsigned action = 0; action <= XDP_REDIRECT; action++)
			if (xdp_program__chain_call_enabled(program, action))
				p->chain_on |= 1u << action;
	}
	if (p->is_ours) {
		hook->ours = hook->n_programs;
		hook->n_ours++;
	}
	hook->n_programs++;
	return 0;
}

/* Does a link tie a program to this one, as its replacement? What cannot be seen may. */
static bool is_linked_to(uint32_t program)
{
	struct bpf_link_info info;
	__u32 size, id = 0;

	while (bpf_link_get_next_id(id, &id) == 0) {
		_cleanup_close_ int fd = bpf_link_get_fd_by_id(id);

		size = sizeof(info);
		memset(&info, 0, size);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
			return true;
		/* Tracing programs, such as xdpdump's, are tied to it as well, by other types. */
		if (info.type == BPF_LINK_TYPE_TRACING && info.tracing.attach_type == 0 &&
		    info.tracing.target_obj_id == program)
			return true;
	}
	return errno != ENOENT;
}

static enum hook_chain chain_of(const struct xdp_multiprog *multiprog,
				const struct xdp_program *main)
{
	if (!xdp_multiprog__is_legacy(multiprog))
		return HOOK_DISPATCHER;
	/* To libxdp a dispatcher whose pins it does not find is a program like any other. */
	if (!main || strcmp(xdp_program__name(main) ?: "", "xdp_dispatcher") != 0)
		return HOOK_ALONE;
	return is_linked_to(xdp_program__id(main)) ? HOOK_HIDDEN : HOOK_HOLLOW;
}

static int read_programs(const struct xdp_multiprog *multiprog, const struct guard *guard,
			 struct hook *hook)
{
	const struct xdp_program *main = xdp_multiprog__main_prog(multiprog);
	const struct xdp_program *program = NULL;
	int r = 0;

	hook->chain = chain_of(multiprog, main);
	if (hook->chain != HOOK_ALONE)
		hook->dispatcher = xdp_program__id(main);
	if (hook->chain == HOOK_ALONE && main)
		r = add_program(hook, main, guard);
	while (r == 0 && hook->chain == HOOK_DISPATCHER &&
	       (program = xdp_multiprog__next_prog(program, multiprog)))
		r = add_program(hook, program, guard);
	return r;
}

static enum hook_mode mode_of(enum xdp_attach_mode mode)
{
	switch (mode) {
	case XDP_MODE_SKB:
		return HOOK_GENERIC;
	case XDP_MODE_HW:
		return HOOK_OFFLOAD;
	default:
		return HOOK_NATIVE;
	}
}

/* -EAGAIN: there is a program all the same. libxdp finds none when it runs out of memory. */
static int confirm_empty(uint32_t ifindex)
{
	__u32 id = 0;
	int r = bpf_xdp_query_id(ifindex, 0, &id);

	return r < 0 ? r : id ? -EAGAIN : 0;
}

static int read_once(const struct guard *guard, uint32_t ifindex, struct hook *ret_hook)
{
	_cleanup_(multiprog_close) struct xdp_multiprog *multiprog = NULL;
	const struct xdp_program *main;
	struct hook hook = {.ours = -1};
	struct left_open before;
	long error;
	int r;

	left_open_begin(&before);
	multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	error = libxdp_get_error(multiprog);
	if (error) {
		multiprog = NULL;
		r = error == -ENOENT ? confirm_empty(ifindex) : (int)error;
		if (r == 0)
			*ret_hook = hook;
		return r;
	}
	main = xdp_multiprog__main_prog(multiprog);
	if (main)
		left_open_end(&before, xdp_program__id(main), xdp_program__fd(main));
	hook.mode = mode_of(xdp_multiprog__attach_mode(multiprog));
	r = read_programs(multiprog, guard, &hook);
	if (r == 0 && !hook.n_programs &&
	    (hook.chain == HOOK_ALONE || hook.chain == HOOK_DISPATCHER))
		r = confirm_empty(ifindex);
	if (r == 0)
		*ret_hook = hook;
	return r;
}

static bool is_still_there(uint32_t ifindex, uint32_t dispatcher)
{
	__u32 id = 0;

	return bpf_xdp_query_id(ifindex, 0, &id) == 0 && id == dispatcher;
}

int hook_read(const struct guard *guard, uint32_t ifindex, struct hook *ret_hook, struct why *why)
{
	char name[IF_NAMESIZE];
	struct hook hook = {};
	int r = 0;

	if (!if_indextoname(ifindex, name))
		return why_set(why, -ENODEV, "no interface has the number %u", ifindex);
	/* A dispatcher without pins may be one that another tool has just replaced. */
	for (int i = 0; i < READ_TRIES; i++) {
		r = read_once(guard, ifindex, &hook);
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return guard_explain(why, r, name);
		if (hook.chain == HOOK_DISPATCHER || hook.chain == HOOK_ALONE ||
		    is_still_there(ifindex, hook.dispatcher))
			break;
	}
	if (r < 0)
		return why_set(why, r, "%s: what is attached there cannot be read; try again",
			       name);
	*ret_hook = hook;
	return 0;
}

int hook_freplace_error(void)
{
	struct bpf_insn exit_zero[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_EXT, "probe", "GPL", exit_zero, ARRAY_SIZE(exit_zero),
			       NULL);

	if (fd >= 0)
		close(fd);
	/* Without a target the best answer is that the attempt makes no sense. */
	return fd >= 0 || errno == EINVAL ? 0 : -errno;
}
