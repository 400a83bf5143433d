/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "guard/attach_table.h"
#include "guard/hook.h"
#include "guard/link.h"
#include "guard/way_off.h"
#include "hook_words.h"

/* What a page holds beside headroom and what the kernel appends: the most that drivers give one buffer. */
#define BUFFER_OVERHEAD (256 + 320 + 14)

static void check_attached(struct findings *findings, const char *interface,
			   const struct hook *hook)
{
	char chain[HOOK_WORDS_SIZE];
	struct finding *finding;

	finding = findings_add(findings, interface, "guard",
			       hook->mode == HOOK_NATIVE ? FINDING_GOOD : FINDING_NOTE,
			       "attached in %s mode, %s", hook_mode_words(hook),
			       hook_chain_words(hook, chain));
	if (hook->mode == HOOK_GENERIC)
		finding_advise(finding, "native mode is several times faster; a driver that has it "
					"takes chain.attach: native");
	if (hook->n_ours > 1)
		finding_advise(finding, "an apply was killed on its way; the next one mends it");
}

/* By the guard's own table. */
static bool is_to_be_guarded(const struct guard *guard, const char *interface)
{
	struct attach_table table;

	return guard && attach_table_read(guard, &table, NULL) == 0 &&
	       attach_table_find(&table, interface) >= 0;
}

static void check_absent(struct findings *findings, const char *interface,
			 const struct guard *guard, const struct hook *hook)
{
	char way[WAY_OFF_SIZE];

	switch (hook->chain) {
	case HOOK_HOLLOW:
		finding_advise(findings_add(findings, interface, "guard", FINDING_NOTE, "%s",
					    hook_loss_words(hook)),
			       "xdpguard apply POLICY replaces it");
		return;
	case HOOK_HIDDEN:
		finding_advise(findings_add(findings, interface, "guard", FINDING_BAD, "%s",
					    hook_loss_words(hook)),
			       "run xdpguard in the mount namespace that attached them");
		return;
	case HOOK_ALONE:
		if (!hook->n_programs)
			break;
		finding_advise(findings_add(findings, interface, "guard", FINDING_BAD,
					    "not attached, and \"%s\" (id %u) shares with none",
					    hook->programs[0].name, hook->programs[0].id),
			       "%s", way_off(interface, hook, way));
		return;
	case HOOK_DISPATCHER:
		break;
	}
	if (is_to_be_guarded(guard, interface)) {
		finding_advise(findings_add(findings, interface, "guard", FINDING_BAD,
					    "NOT ATTACHED: somebody else took it off"),
			       "xdpguard apply POLICY puts it back");
		return;
	}
	findings_add(findings, interface, "guard", FINDING_GOOD, "not attached; %s",
		     hook->n_programs ? "it can join the others" : "the hook is free");
}

static void check_others(struct findings *findings, const char *interface, const struct hook *hook)
{
	char actions[HOOK_WORDS_SIZE];

	for (unsigned i = 0; hook->chain == HOOK_DISPATCHER && i < hook->n_programs; i++) {
		const struct hook_program *p = &hook->programs[i];

		if (!p->is_ours)
			findings_add(findings, interface, "neighbour", FINDING_GOOD,
				     "%s (id %u), priority %u, on %s", p->name, p->id, p->priority,
				     hook_actions_words(p->chain_on, actions));
	}
}

static void check_driver(struct findings *findings, const char *interface)
{
	struct link_xdp xdp;
	char driver[32];

	link_driver(interface, driver, sizeof(driver));
	if (link_xdp(if_nametoindex(interface), &xdp) < 0)
		findings_add(findings, interface, "driver", FINDING_GOOD,
			     "%s; this kernel does not tell what it can", driver);
	else if (!xdp.is_native)
		finding_advise(findings_add(findings, interface, "driver", FINDING_NOTE,
					    "%s has no native XDP", driver),
			       "the guard runs in generic mode, which is several times slower");
	else
		findings_add(findings, interface, "driver", FINDING_GOOD, "%s has native XDP%s",
			     driver, xdp.has_frags ? ", with frags" : "");
}

static void check_mtu(struct findings *findings, const char *interface)
{
	long single = sysconf(_SC_PAGESIZE) - BUFFER_OVERHEAD;
	int mtu = link_mtu(interface);
	struct link_xdp xdp = {.is_native = true, .has_frags = true};

	/* Where the kernel does not tell, it stays so. In generic mode every frame is one buffer. */
	link_xdp(if_nametoindex(interface), &xdp);
	if (mtu <= single || !xdp.is_native)
		findings_add(findings, interface, "MTU", FINDING_GOOD, "%d", mtu);
	else if (xdp.has_frags)
		finding_advise(findings_add(findings, interface, "MTU", FINDING_NOTE,
					    "%d takes several buffers a frame (xdp.frags)", mtu),
			       "XDP programs without xdp.frags cannot share this interface");
	else
		finding_advise(findings_add(findings, interface, "MTU", FINDING_NOTE,
					    "%d is too large for this driver's native XDP", mtu),
			       "ip link set %s mtu %ld, else the guard runs in generic mode",
			       interface, single);
}

static void check_offloads(struct findings *findings, const char *interface)
{
	struct link_offloads offloads = link_offloads(interface);

	if (offloads.strips_tags)
		finding_advise(findings_add(findings, interface, "VLAN offload", FINDING_NOTE,
					    "VLAN tags may be taken off before XDP sees a frame"),
			       "to count and limit frames by their full length: ethtool -K %s "
			       "rxvlan off",
			       interface);
	else
		findings_add(findings, interface, "VLAN offload", FINDING_GOOD, "off");
	if (offloads.merges_packets)
		finding_advise(findings_add(findings, interface, "receive offload", FINDING_NOTE,
					    "LRO is on, with which many drivers refuse XDP"),
			       "ethtool -K %s lro off", interface);
}

void doctor_interface(struct findings *findings, const struct guard *guard, const char *interface)
{
	uint32_t ifindex = if_nametoindex(interface);
	unsigned type;
	struct why why = {};
	struct hook hook;
	char names[128];

	if (!ifindex) {
		link_list(names, sizeof(names));
		finding_advise(findings_add(findings, interface, "guard", FINDING_BAD,
					    "there is no such interface"),
			       "there are: %s", names);
		return;
	}
	if (!link_is_ethernet(interface, &type)) {
		finding_advise(findings_add(findings, interface, "guard", FINDING_BAD,
					    "frames have no Ethernet header (link type %u)", type),
			       "guard the interface that carries them");
	} else if (hook_read(guard, ifindex, &hook, &why) < 0) {
		findings_add(findings, interface, "guard", FINDING_BAD, "%s", why.text);
	} else {
		if (hook.ours >= 0)
			check_attached(findings, interface, &hook);
		else
			check_absent(findings, interface, guard, &hook);
		check_others(findings, interface, &hook);
	}
	check_driver(findings, interface);
	check_mtu(findings, interface);
	check_offloads(findings, interface);
}
