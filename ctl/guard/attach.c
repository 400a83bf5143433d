/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attach.h"

#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "hook_change.h"
#include "link.h"
#include "probe.h"
#include "way_off.h"

/* What an attachment asks for, and what it meets. */
struct attempt {
	const struct guard *guard;
	const char *interface;
	uint32_t ifindex;
	int row;
	const struct chain *chain;
	struct hook hook; /* as it is before the next step */
	struct why less_than_asked;
};

int attach_find(const char *interface, uint32_t *ret_ifindex, struct why *why)
{
	char names[256];
	unsigned type;

	*ret_ifindex = if_nametoindex(interface);
	if (!*ret_ifindex) {
		link_list(names, sizeof(names));
		return why_set(why, -ENODEV, "no interface \"%s\"; there are: %s", interface,
			       names);
	}
	if (!link_is_ethernet(interface, &type))
		return why_set(
			why, -EPROTONOSUPPORT,
			"%s: its frames have no Ethernet header (link type %u, as of a tunnel), "
			"and the packet program reads no others; guard the interface that "
			"carries them",
			interface, type);
	return 0;
}

static enum hook_mode first_mode(const struct chain *chain)
{
	switch (chain->attach) {
	case ATTACH_GENERIC:
		return HOOK_GENERIC;
	case ATTACH_OFFLOAD:
		return HOOK_OFFLOAD;
	case ATTACH_AUTO:
	case ATTACH_NATIVE:
		break;
	}
	return HOOK_NATIVE;
}

static const char *mode_name(enum hook_mode mode)
{
	static const char *const names[] = {"native", "generic", "offload"};

	return names[mode];
}

static bool is_other_mode(const struct attempt *a)
{
	return a->hook.n_programs && a->chain->attach != ATTACH_AUTO &&
	       a->hook.mode != first_mode(a->chain);
}

/* Programs of others that stand in the way, whatever is tried. */
static int check_others(const struct attempt *a, struct why *why)
{
	const struct hook *hook = &a->hook;
	char way[WAY_OFF_SIZE];

	if (hook->chain == HOOK_HIDDEN)
		return why_set(
			why, -EBUSY,
			"%s: libxdp's dispatcher (id %u) runs programs there whose pins are in "
			"another BPF filesystem than /sys/fs/bpf; run xdpguard in the mount "
			"namespace that attached them",
			a->interface, hook->dispatcher);
	if (hook->ours < 0 && hook->n_programs && hook->chain == HOOK_ALONE)
		return why_set(
			why, -EBUSY,
			"%s: another XDP program (id %u, \"%s\") is attached without libxdp's "
			"dispatcher, so none can join it; take it off first: %s",
			a->interface, hook->programs[0].id, hook->programs[0].name,
			way_off(a->interface, hook, way));
	if (is_other_mode(a) && hook->n_programs > hook->n_ours)
		return why_set(
			why, -EBUSY,
			"%s: other XDP programs run there in %s mode, and an interface has one "
			"mode for all; take them off (xdp-loader unload %s --all), or set "
			"chain.attach to %s",
			a->interface, mode_name(hook->mode), a->interface, mode_name(hook->mode));
	return 0;
}

/* The driver's word, not the kernel's on the program or libxdp's on the chain. */
static bool is_refused_by_driver(int error)
{
	switch (-error) {
	case EACCES:
	case E2BIG:
	case EBUSY:
	case ENOENT:
	case EPERM:
		return false;
	}
	return error < 0;
}

/* Frames may need several buffers: by the MTU, or by what the driver alone knows. */
static bool may_want_frags(const struct attempt *a, enum hook_mode mode, int error)
{
	if (mode != HOOK_NATIVE || !is_refused_by_driver(error))
		return false;
	return error != -EOPNOTSUPP || link_mtu(a->interface) > LINK_MTU_ETHERNET;
}

static int attach_in_mode(struct attempt *a, enum hook_mode mode, struct why *why)
{
	struct hook_order order = {a->guard, a->ifindex, a->row, a->chain, mode, false};
	int r = hook_attach(&order, &a->hook, why);

	if (!may_want_frags(a, mode, r))
		return r;
	order.has_frags = true;
	return hook_attach(&order, &a->hook, why);
}

/* What the driver said, and what may be the reason. */
static const char *refusal(const struct attempt *a, enum hook_mode mode, int error, char text[128])
{
	int mtu = link_mtu(a->interface);

	snprintf(text, 128, "the driver refuses %s XDP: %s", mode_name(mode), strerror(-error));
	if (mtu > LINK_MTU_ETHERNET)
		snprintf(text, 128, "the driver refuses %s XDP at an MTU of %d: %s",
			 mode_name(mode), mtu, strerror(-error));
	return text;
}

static int explain(const struct attempt *a, enum hook_mode mode, int error, struct why *why)
{
	struct why detail = why ? *why : (struct why){};
	char text[128];

	switch (-error) {
	case E2BIG:
		return why_set(
			why, error,
			"%s: libxdp's dispatcher holds no more than %d programs; take one off: "
			"xdp-loader unload %s --id ID",
			a->interface, HOOK_PROGRAMS_MAX, a->interface);
	case ENOENT:
		return why_set(
			why, error,
			"%s: libxdp does not find its dispatcher, the file xdp-dispatcher.o; "
			"install all of libxdp (Debian: libxdp1)",
			a->interface);
	case EACCES:
		return why_set(why, error, "%s: the kernel refused the packet program: %s",
			       a->interface, detail.text);
	case EPERM:
	case ENOMEM:
		snprintf(text, sizeof(text), "%s: cannot attach in %s mode", a->interface,
			 mode_name(mode));
		return guard_explain(why, error, text);
	}
	return why_set(why, error, "%s: %s%s", a->interface, refusal(a, mode, error, text),
		       mode == HOOK_NATIVE ? "; set chain.attach: generic in the policy" : "");
}

static int attach_by_mode(struct attempt *a, struct why *why)
{
	enum hook_mode mode = first_mode(a->chain);
	uint32_t verified;
	char text[128];
	int r;

	/* A hook has one mode for all its programs: whoever came first has chosen. */
	if (a->chain->attach == ATTACH_AUTO && a->hook.n_programs)
		mode = a->hook.mode;
	r = attach_in_mode(a, mode, why);
	if (r == 0)
		return 0;
	/* A driver says so of a mode, and a kernel that is too old of the program. */
	if (r == -EINVAL && probe_program(&verified, why) < 0)
		return r;
	if (a->chain->attach != ATTACH_AUTO || a->hook.n_programs || !is_refused_by_driver(r))
		return explain(a, mode, r, why);
	why_set(&a->less_than_asked, r, "%s: in generic mode, which is slower: %s", a->interface,
		refusal(a, mode, r, text));
	r = attach_in_mode(a, HOOK_GENERIC, why);
	return r < 0 ? explain(a, HOOK_GENERIC, r, why) : 0;
}

/* The instance of ours that is as the chain asks for it, or -1. */
static int find_as_asked(const struct hook *hook, const struct chain *chain)
{
	if (chain->attach != ATTACH_AUTO && hook->mode != first_mode(chain))
		return -1;
	for (unsigned i = 0; i < hook->n_programs; i++) {
		const struct hook_program *p = &hook->programs[i];

		if (p->is_ours && p->is_current &&
		    (hook->chain == HOOK_ALONE ||
		     (p->priority == chain->priority && p->chain_on == chain->on)))
			return i;
	}
	return -1;
}

/* Takes off all of ours but `keep`, an index or -1. */
static int detach_others_of_ours(const struct attempt *a, int keep, struct why *why)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < a->hook.n_programs; i++)
		if (a->hook.programs[i].is_ours && (int)i != keep)
			r = hook_detach(a->ifindex, &a->hook, a->hook.programs[i].id);
	return r < 0 ? guard_explain(why, r, a->interface) : 0;
}

static struct chain chain_before(const struct hook *hook)
{
	static const enum attach_mode modes[] = {
		[HOOK_NATIVE] = ATTACH_NATIVE,
		[HOOK_GENERIC] = ATTACH_GENERIC,
		[HOOK_OFFLOAD] = ATTACH_OFFLOAD,
	};
	const struct hook_program *ours = &hook->programs[hook->ours];

	return (struct chain){ours->priority, ours->chain_on, modes[hook->mode]};
}

/* The kernel has one mode a hook, so a change of it is the one thing that leaves a gap. */
static int change_mode(struct attempt *a, struct why *why)
{
	struct attempt back = *a;
	struct chain before = chain_before(&a->hook);
	int r = detach_others_of_ours(a, -1, why);

	if (r == 0)
		r = hook_read(a->guard, a->ifindex, &a->hook, why);
	if (r == 0)
		r = attach_by_mode(a, why);
	if (r == 0)
		return 0;
	back.hook = a->hook;
	back.chain = &before;
	attach_by_mode(&back, NULL);
	return r;
}

/* Attaches anew, and only then takes the old instance off: no packet goes by unjudged. */
static int attach_anew(struct attempt *a, struct why *why)
{
	int r;

	if (a->hook.chain == HOOK_HOLLOW) {
		r = hook_clear(a->ifindex, &a->hook);
		if (r < 0)
			return guard_explain(why, r, a->interface);
	}
	if (a->hook.ours >= 0 && is_other_mode(a))
		return change_mode(a, why);
	r = attach_by_mode(a, why);
	if (r < 0 || a->hook.chain == HOOK_ALONE)
		return r;
	return detach_others_of_ours(a, -1, why);
}

/* Of an interface that is guarded, and has another name now. */
static int explain_name(const struct attach_table *table, const char *interface, struct why *why)
{
	char name[IF_NAMESIZE];

	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (!strcmp(table->rows[row].name, interface) &&
		    if_indextoname(table->rows[row].ifindex, name))
			return why_set(
				why, -ENODEV,
				"no interface \"%s\": it is \"%s\" now, and guarded; name that in "
				"the policy, or with --dev",
				interface, name);
	return -ENODEV;
}

static int attempt_begin(struct attempt *a, struct why *why)
{
	struct attach_table table;
	int r = attach_table_read(a->guard, &table, why);

	if (r == 0)
		r = attach_find(a->interface, &a->ifindex, why);
	if (r == -ENODEV)
		explain_name(&table, a->interface, why);
	if (r < 0)
		return r;
	a->row = attach_table_choose(&table, a->interface);
	if (a->row < 0)
		return why_set(why, a->row,
			       "%s: the guard has had %d interfaces and counts each; start it "
			       "afresh: xdpguard detach --all",
			       a->interface, GUARD_INTERFACES_MAX);
	r = hook_read(a->guard, a->ifindex, &a->hook, why);
	return r < 0 ? r : check_others(a, why);
}

int attach_check(const struct guard *guard, const char *interface, const struct chain *chain,
		 struct why *why)
{
	struct attempt a = {.guard = guard, .interface = interface, .chain = chain};

	return attempt_begin(&a, why);
}

static int attempt_carry_out(struct attempt *a, int keep, struct why *why)
{
	bool was_attached = a->hook.ours >= 0;
	struct guard_interface row = {};
	int r;

	/* The row first: a program whose row nobody knows would count where nobody looks. */
	r = attach_table_set(a->guard, a->row, a->ifindex, a->interface);
	if (r < 0)
		return guard_explain(why, r, "cannot write the table of interfaces");
	if (keep >= 0)
		return detach_others_of_ours(a, keep, why);
	r = attach_anew(a, why);
	if (r < 0 && !was_attached) {
		snprintf(row.name, sizeof(row.name), "%s", a->interface);
		attach_table_clear(a->guard, a->row, &row);
	}
	return r;
}

int attach_interface(const struct guard *guard, const char *interface, const struct chain *chain,
		     struct attachment *ret_attachment, struct why *why)
{
	struct attempt a = {.guard = guard, .interface = interface, .chain = chain};
	struct attachment attachment = {};
	int keep, r;

	r = attempt_begin(&a, why);
	if (r < 0)
		return r;
	keep = find_as_asked(&a.hook, chain);
	attachment.is_changed = keep < 0 || a.hook.n_ours > 1;
	attachment.was_attached = a.hook.ours >= 0;
	if (attachment.was_attached)
		attachment.before = chain_before(&a.hook);
	r = attempt_carry_out(&a, keep, why);
	if (r < 0)
		return r;
	attachment.less_than_asked = a.less_than_asked;
	*ret_attachment = attachment;
	return 0;
}

/* Every program of the guard's on the interface, no other. Returns how many there were. */
static int detach_ours(const struct guard *guard, uint32_t ifindex, const char *name,
		       struct why *why)
{
	struct hook hook;
	int r = hook_read(guard, ifindex, &hook, why), n_ours = 0;

	for (unsigned i = 0; r == 0 && i < hook.n_programs; i++) {
		if (!hook.programs[i].is_ours)
			continue;
		n_ours++;
		r = hook_detach(ifindex, &hook, hook.programs[i].id);
		if (r < 0)
			guard_explain(why, r, name);
	}
	return r < 0 ? r : n_ours;
}

int attach_remove(const struct guard *guard, unsigned row, struct why *why)
{
	struct guard_interface value;
	__u32 key = row;
	int r;

	if (bpf_map_lookup_elem(guard->interfaces, &key, &value) < 0)
		return guard_explain(why, -errno, "cannot read the table of interfaces");
	r = detach_ours(guard, value.ifindex, value.name, why);
	if (r < 0 && r != -ENODEV)
		return r;
	r = attach_table_clear(guard, row, &value);
	return r < 0 ? guard_explain(why, r, "cannot write the table of interfaces") : 0;
}

int attach_remove_all(const struct guard *guard, void (*each)(const char *interface, void *data),
		      void *data, struct why *why)
{
	struct if_nameindex *list = if_nameindex();
	int r = list ? 0 : why_set(why, -errno, "cannot list interfaces: %s", strerror(errno));

	for (struct if_nameindex *i = list; r >= 0 && i && i->if_index; i++) {
		r = detach_ours(guard, i->if_index, i->if_name, why);
		if (r > 0)
			each(i->if_name, data);
		if (r == -ENODEV) /* it went while we looked */
			r = 0;
	}
	if (list)
		if_freenameindex(list);
	return r < 0 ? r : 0;
}
