/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "members.h"

#include <string.h>

#include "base/cleanup.h"

#define PREFIXES_MAX (1u << 25) /* 800 MB: more is a mistake, or a bomb of sets within sets */

bool members_count(struct loader *loader, const struct node *node, size_t n_prefixes)
{
	bool was_full = loader->n_prefixes > PREFIXES_MAX;

	loader->n_prefixes += n_prefixes;
	if (loader->n_prefixes <= PREFIXES_MAX)
		return true;
	if (!was_full)
		loader_error(loader, node, "more than %u prefixes in all sets together",
			     PREFIXES_MAX);
	return false;
}

void members_read_prefix(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "a prefix such as 192.0.2.0/24 or 2001:db8::/32";
	struct members *members = target;
	char masked[ADDRESS_TEXT_SIZE];
	struct prefix prefix;
	bool has_host_bits;
	const char *text;

	if (!loader_text(loader, value, expected, &text))
		return;
	if (prefix_parse(text, &prefix, &has_host_bits) < 0) {
		loader_unexpected(loader, value, expected);
		return;
	}
	if (has_host_bits)
		loader_warn(loader, value, "\"%s\" has host bits set: taken as %s", text,
			    prefix_format(&prefix, masked));
	if (members_count(loader, value, 1) && prefixes_add(&members->prefixes, &prefix) < 0)
		loader->error = -ENOMEM;
}

static int compare_name(const void *name, const void *entry)
{
	return strcmp(name, ((const struct set_name *)entry)->name);
}

static void unknown_set(struct loader *loader, const struct node *node)
{
	size_t n_names = diagnostics_shows_more(loader->diagnostics) ? loader->n_set_names : 0;
	_cleanup_free_ const char **names = loader_alloc(loader, n_names, sizeof(*names));
	char path[NODE_PATH_SIZE], suggestion[LOADER_SUGGESTION_SIZE];

	if (!names)
		return;
	for (size_t i = 0; i < n_names; i++)
		names[i] = loader->set_names[i].name;
	loader_suggest(loader, node->text, names, n_names, suggestion);
	loader_error(loader, node, "unknown set \"%.64s\" in %s%s", node->text,
		     node_path(node->key ? node : node->parent, path), suggestion);
}

static void add_set(struct loader *loader, struct members *members, struct member_set set)
{
	if (members->n_sets == members->n_sets_allocated) {
		size_t n = members->n_sets ? members->n_sets * 2 : 8;
		struct member_set *grown = reallocarray(members->sets, n, sizeof(*grown));

		if (!grown) {
			loader->error = -ENOMEM;
			return;
		}
		members->sets = grown;
		members->n_sets_allocated = n;
	}
	members->sets[members->n_sets++] = set;
}

void members_read_set(struct loader *loader, const struct node *value, void *target)
{
	const struct set_name *found = NULL;
	const char *text;

	if (!loader_text(loader, value, "the name of a set", &text))
		return;
	if (loader->n_set_names)
		found = bsearch(text, loader->set_names, loader->n_set_names, sizeof(*found),
				compare_name);
	if (!found)
		unknown_set(loader, value);
	else
		add_set(loader, target, (struct member_set){.set = found->set, .node = value});
}

/* Names start with a letter, and every IPv6 address has a colon. */
static bool looks_like_prefix(const char *text)
{
	return (text[0] >= '0' && text[0] <= '9') || strpbrk(text, ":/");
}

void members_read(struct loader *loader, const struct node *value, void *target)
{
	const char *text;

	if (!loader_text(loader, value, "a prefix or the name of a set", &text))
		return;
	if (looks_like_prefix(text))
		members_read_prefix(loader, value, target);
	else
		members_read_set(loader, value, target);
}

void members_release(struct members *members)
{
	prefixes_release(&members->prefixes);
	free(members->sets);
	*members = (struct members){};
}
