/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_settings.h"

#include <ctype.h>
#include <net/if.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/cleanup.h"

#define CAPACITY_MIN 1000
#define CAPACITY_MAX (16u << 20)
#define PRIORITY_DEFAULT 10
#define PRIORITY_MAX 65535

const char *const load_settings_verdicts[] = {
	[XDP_ABORTED] = "aborted", [XDP_DROP] = "drop",		[XDP_PASS] = "pass",
	[XDP_TX] = "tx",	   [XDP_REDIRECT] = "redirect",
};

const char *const load_settings_attach[] = {
	[ATTACH_AUTO] = "auto",
	[ATTACH_NATIVE] = "native",
	[ATTACH_GENERIC] = "generic",
	[ATTACH_OFFLOAD] = "offload",
};

void load_settings_defaults(struct policy *policy)
{
	policy->chain.priority = PRIORITY_DEFAULT;
	policy->chain.on = 1u << XDP_PASS;
	policy->aggregate_ipv4 = 32;
	policy->aggregate_ipv6 = 64;
}

void load_version(struct loader *loader, const struct node *value, void *target)
{
	const char *text;

	if (loader_text(loader, value, "1", &text) && strcmp(text, "1") != 0)
		loader_unexpected(loader, value, "1, the version that this xdpguard reads");
}

/* As the kernel has it (dev_valid_name). */
static bool is_interface_name(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= IFNAMSIZ || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '/' || text[i] == ':' || isspace((unsigned char)text[i]))
			return false;
	return true;
}

static bool has_interface(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_interfaces; i++)
		if (strcmp(policy->interfaces[i], name) == 0)
			return true;
	return false;
}

static void read_interface(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "the name of an interface, 15 characters at most";
	struct policy *policy = target;
	char path[NODE_PATH_SIZE], **grown;
	const char *text;

	if (!loader_text(loader, value, expected, &text))
		return;
	if (!is_interface_name(text)) {
		loader_unexpected(loader, value, expected);
		return;
	}
	if (has_interface(policy, text)) {
		loader_error(loader, value, "%s: \"%s\" is named twice", node_path(value, path),
			     text);
		return;
	}
	if (policy->n_interfaces == GUARD_INTERFACES_MAX) {
		loader_error(loader, value, "%s: at most %d interfaces", node_path(value, path),
			     GUARD_INTERFACES_MAX);
		return;
	}
	grown = reallocarray(policy->interfaces, policy->n_interfaces + 1, sizeof(*grown));
	if (!grown) {
		loader->error = -ENOMEM;
		return;
	}
	policy->interfaces = grown;
	policy->interfaces[policy->n_interfaces] = loader_copy(loader, text);
	policy->n_interfaces += policy->interfaces[policy->n_interfaces] != NULL;
}

void load_interfaces(struct loader *loader, const struct node *value, void *target)
{
	bool is_empty_list = value->kind == NODE_LIST && value->n_items == 0;

	if (!is_empty_list) /* as without the key: --dev names them */
		loader_each(loader, value, read_interface, target);
}

void load_default(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;

	loader_flag(loader, value, "pass", "drop", &policy->default_drop);
}

void load_malformed(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;

	loader_flag(loader, value, "drop", "pass", &policy->malformed_pass);
}

static void read_priority(struct loader *loader, const struct node *value, void *target)
{
	struct chain *chain = target;
	uint64_t priority;

	if (loader_count(loader, value, 0, PRIORITY_MAX, &priority))
		chain->priority = (unsigned)priority;
}

static void read_verdict(struct loader *loader, const struct node *value, void *target)
{
	struct chain *chain = target;
	unsigned verdict;

	if (loader_choice(loader, value, load_settings_verdicts, LOAD_SETTINGS_VERDICTS, &verdict))
		chain->on |= 1u << verdict;
}

static void read_on(struct loader *loader, const struct node *value, void *target)
{
	struct chain *chain = target;

	chain->on = 0;
	loader_each(loader, value, read_verdict, chain);
}

static void read_attach(struct loader *loader, const struct node *value, void *target)
{
	struct chain *chain = target;
	unsigned mode;

	if (loader_choice(loader, value, load_settings_attach + ATTACH_NATIVE,
			  LOAD_SETTINGS_ATTACH - ATTACH_NATIVE, &mode))
		chain->attach = ATTACH_NATIVE + mode;
}

static const struct loader_key chain_keys[] = {
	{"priority", read_priority}, {"on", read_on}, {"attach", read_attach}};

void load_chain(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;

	loader_mapping(loader, value, chain_keys, ARRAY_SIZE(chain_keys), &policy->chain);
}

static void read_capacity(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;
	uint64_t capacity;

	if (value->kind == NODE_TEXT && strcmp(value->text, "auto") == 0)
		policy->capacity = 0;
	else if (loader_count(loader, value, CAPACITY_MIN, CAPACITY_MAX, &capacity))
		policy->capacity = (uint32_t)capacity;
}

static void read_aggregate_ipv4(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;
	uint64_t bits;

	if (loader_count(loader, value, 1, 32, &bits))
		policy->aggregate_ipv4 = (uint8_t)bits;
}

static void read_aggregate_ipv6(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;
	uint64_t bits;

	if (loader_count(loader, value, 1, 128, &bits))
		policy->aggregate_ipv6 = (uint8_t)bits;
}

static const struct loader_key aggregate_keys[] = {{"ipv4", read_aggregate_ipv4},
						   {"ipv6", read_aggregate_ipv6}};

static void read_aggregate(struct loader *loader, const struct node *value, void *target)
{
	loader_mapping(loader, value, aggregate_keys, ARRAY_SIZE(aggregate_keys), target);
}

static void read_admission(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;

	loader_flag(loader, value, "auto", "always", &policy->admit_always);
}

static const struct loader_key source_keys[] = {
	{"capacity", read_capacity}, {"aggregate", read_aggregate}, {"admission", read_admission}};

void load_sources(struct loader *loader, const struct node *value, void *target)
{
	loader_mapping(loader, value, source_keys, ARRAY_SIZE(source_keys), target);
}
