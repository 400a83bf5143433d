/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook_words.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "guard/probe.h"

const char *hook_mode_words(const struct hook *hook)
{
	static const char *const words[] = {
		[HOOK_NATIVE] = "native",
		[HOOK_GENERIC] = "generic",
		[HOOK_OFFLOAD] = "offload",
	};

	return words[hook->mode];
}

char *hook_actions_words(unsigned actions, char text[HOOK_WORDS_SIZE])
{
	static const char *const words[] = {"aborted", "drop", "pass", "tx", "redirect"};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (actions >> i & 1)
			used += snprintf(text + used, HOOK_WORDS_SIZE - used, "%s%s",
					 used ? "," : "", words[i]);
	return text;
}

static void alone_words(char text[HOOK_WORDS_SIZE])
{
	int error = hook_freplace_error();

	if (error)
		snprintf(text, HOOK_WORDS_SIZE, "alone (the kernel refused freplace: %s)",
			 strerror(-error));
	else if (!probe_is_bpffs(PROBE_BPFFS))
		snprintf(text, HOOK_WORDS_SIZE, "alone (no BPF filesystem at " PROBE_BPFFS ")");
	else
		snprintf(text, HOOK_WORDS_SIZE, "alone (libxdp used no dispatcher)");
}

char *hook_chain_words(const struct hook *hook, char text[HOOK_WORDS_SIZE])
{
	const struct hook_program *ours = &hook->programs[hook->ours];
	char actions[HOOK_WORDS_SIZE];

	if (hook->chain == HOOK_DISPATCHER)
		snprintf(text, HOOK_WORDS_SIZE, "%d of %u, priority %u, on %s%s", hook->ours + 1,
			 hook->n_programs, ours->priority,
			 hook_actions_words(ours->chain_on, actions),
			 hook->n_ours > 1 ? ", twice: xdpguard apply mends it" : "");
	else
		alone_words(text);
	return text;
}

const char *hook_loss_words(const struct hook *hook)
{
	switch (hook->chain) {
	case HOOK_HOLLOW:
		return "libxdp's dispatcher lost its programs with their pins in /sys/fs/bpf/xdp";
	case HOOK_HIDDEN:
		return "libxdp's dispatcher has its pins in a BPF filesystem not seen from here";
	case HOOK_DISPATCHER:
	case HOOK_ALONE:
		break;
	}
	return NULL;
}
