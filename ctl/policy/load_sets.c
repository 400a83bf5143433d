/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_sets.h"

#include <string.h>

#include "base/cleanup.h"
#include "lists.h"
#include "members.h"

#define SETS_DEPTH_MAX 64

enum draft_state {
	DRAFT_READ,
	DRAFT_OPEN, /* its members are being gathered */
	DRAFT_DONE,
};

/* A set on its way from what the file says to a flat list. */
struct draft {
	struct members members;
	const struct node *node;
	enum draft_state state;
	size_t opener;	 /* the set that led here, while open */
	size_t gatherer; /* 1 + the set that last took its prefixes in */
};

struct drafts {
	struct draft *items;
	size_t n_items;
};

static void drafts_release(struct drafts *drafts)
{
	for (size_t i = 0; i < drafts->n_items; i++)
		members_release(&drafts->items[i].members);
	free(drafts->items);
}

static void read_file(struct loader *loader, const struct node *value, void *target)
{
	struct members *members = target;

	lists_read(loader, value, &members->prefixes);
}

static void read_prefixes(struct loader *loader, const struct node *value, void *target)
{
	loader_each(loader, value, members_read_prefix, target);
}

static void read_sets(struct loader *loader, const struct node *value, void *target)
{
	loader_each(loader, value, members_read_set, target);
}

static const struct loader_key set_keys[] = {
	{"prefixes", read_prefixes},
	{"sets", read_sets},
	{"file", read_file},
};

static void read_parts(struct loader *loader, const struct node *node, struct members *members)
{
	char path[NODE_PATH_SIZE];

	loader_mapping(loader, node, set_keys, ARRAY_SIZE(set_keys), members);
	if (node_lacks(node, "prefixes") && node_lacks(node, "sets") && node_lacks(node, "file"))
		loader_error(loader, node, "%s: needs \"prefixes\", \"sets\" or \"file\"",
			     node_path(node, path));
}

static void read_members(struct loader *loader, const struct node *node, struct members *members)
{
	bool is_empty_list = node->kind == NODE_LIST && node->n_items == 0;

	if (node->kind == NODE_MAPPING)
		read_parts(loader, node, members);
	else if (!is_empty_list) /* an empty set is one that nobody is in, yet */
		loader_each(loader, node, members_read, members);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct set_name *)a)->name, ((const struct set_name *)b)->name);
}

/* Names first: sets may be built from those that come later. */
static bool read_names(struct loader *loader, const struct node *node)
{
	struct policy *policy = loader->policy;

	policy->sets = loader_alloc(loader, node->n_items, sizeof(*policy->sets));
	loader->set_names = loader_alloc(loader, node->n_items, sizeof(*loader->set_names));
	if (!policy->sets || !loader->set_names)
		return false;

	for (size_t i = 0; i < node->n_items; i++) {
		const struct node *key = node->items[i].key;
		struct set *set = &policy->sets[policy->n_sets++];

		if (!loader_is_name(key->text))
			loader_error(loader, key, "set name \"%.64s\": expected " LOADER_NAME,
				     key->text);
		set->place = loader_place(loader, key);
		set->name = loader_copy(loader, key->text);
		if (!set->name)
			return false;
		loader->set_names[i] = (struct set_name){.name = set->name, .set = i};
	}
	loader->n_set_names = node->n_items;
	qsort(loader->set_names, loader->n_set_names, sizeof(*loader->set_names), compare_names);
	return true;
}

/* "office > partners > office", by the way back from the set that closes the circle. */
static void report_cycle(struct loader *loader, const struct drafts *drafts, size_t last,
			 const struct member_set *first)
{
	const struct set *sets = loader->policy->sets;
	char text[512];
	size_t start = sizeof(text) - 1, length, at = last;

	text[start] = '\0';
	for (;;) {
		length = strlen(sets[at].name) + 3;
		if (length > start)
			break;
		start -= length;
		memcpy(text + start, sets[at].name, length - 3);
		memcpy(text + start + length - 3, " > ", 3);
		if (at == first->set)
			break;
		at = drafts->items[at].opener;
	}
	loader_error(loader, first->node, "set cycle: %s%s", text + start, sets[first->set].name);
}

static void flatten(struct loader *loader, struct drafts *drafts, size_t set, unsigned depth);

static void gather_set(struct loader *loader, struct drafts *drafts, size_t set,
		       const struct member_set *member, unsigned depth)
{
	struct draft *inner = &drafts->items[member->set];
	struct prefixes *prefixes = &drafts->items[set].members.prefixes;

	if (inner->state == DRAFT_OPEN) {
		report_cycle(loader, drafts, set, member);
		return;
	}
	if (inner->state == DRAFT_READ && depth == SETS_DEPTH_MAX) {
		loader_error(loader, member->node, "sets within sets more than %d deep",
			     SETS_DEPTH_MAX);
		return;
	}
	if (inner->state == DRAFT_READ) {
		inner->opener = set;
		flatten(loader, drafts, member->set, depth + 1);
	}
	if (inner->gatherer == set + 1)
		return;
	inner->gatherer = set + 1;
	if (members_count(loader, member->node, inner->members.prefixes.n_items) &&
	    prefixes_append(prefixes, inner->members.prefixes.items,
			    inner->members.prefixes.n_items) < 0)
		loader->error = -ENOMEM;
}

/* Depth first, each set once. */
static void flatten(struct loader *loader, struct drafts *drafts, size_t set, unsigned depth)
{
	struct draft *draft = &drafts->items[set];

	draft->state = DRAFT_OPEN;
	for (size_t i = 0; i < draft->members.n_sets; i++)
		gather_set(loader, drafts, set, &draft->members.sets[i], depth);
	prefixes_normalize(&draft->members.prefixes);
	draft->state = DRAFT_DONE;
}

static void measure_lists(struct loader *loader, const struct node *node)
{
	for (size_t i = 0; i < node->n_items; i++) {
		const struct node *value = node->items[i].value;
		const struct node *file = value->kind == NODE_MAPPING ? node_find(value, "file")
								      : NULL;

		if (file && file->kind == NODE_TEXT)
			lists_measure(loader, file);
	}
}

static void hand_over(struct prefixes *prefixes, struct set *set)
{
	set->n_prefixes = prefixes->n_items;
	set->prefixes = take_ptr(prefixes->items);
}

void load_sets(struct loader *loader, const struct node *node, void *target)
{
	_cleanup_(drafts_release) struct drafts drafts = {};

	if (node->kind != NODE_MAPPING) {
		loader_unexpected(loader, node, "a mapping of names to prefixes");
		return;
	}
	if (!read_names(loader, node))
		return;
	drafts.items = loader_alloc(loader, node->n_items, sizeof(*drafts.items));
	if (!drafts.items)
		return;
	drafts.n_items = node->n_items;

	measure_lists(loader, node);
	for (size_t i = 0; i < node->n_items; i++)
		read_members(loader, node->items[i].value, &drafts.items[i].members);
	for (size_t i = 0; i < node->n_items; i++)
		if (drafts.items[i].state == DRAFT_READ)
			flatten(loader, &drafts, i, 1);
	for (size_t i = 0; i < node->n_items; i++)
		hand_over(&drafts.items[i].members.prefixes, &loader->policy->sets[i]);
}

/* The prefixes written in a rule, as a set of their own. */
static bool add_unnamed(struct loader *loader, const struct node *node, struct prefixes *prefixes,
			size_t *ret_set)
{
	struct policy *policy = loader->policy;
	struct set *grown = reallocarray(policy->sets, policy->n_sets + 1, sizeof(*grown));

	if (!grown) {
		loader->error = -ENOMEM;
		return false;
	}
	policy->sets = grown;
	grown[policy->n_sets] = (struct set){.place = loader_place(loader, node)};
	prefixes_normalize(prefixes);
	hand_over(prefixes, &grown[policy->n_sets]);
	*ret_set = policy->n_sets++;
	return true;
}

static int compare_indexes(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* Each set once. */
static void take_sets(const struct members *members, struct set_list *list)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < members->n_sets; i++)
		list->sets[i] = members->sets[i].set;
	qsort(list->sets, members->n_sets, sizeof(*list->sets), compare_indexes);
	for (size_t i = 0; i < members->n_sets; i++)
		if (i == 0 || list->sets[i] != list->sets[n_kept - 1])
			list->sets[n_kept++] = list->sets[i];
	list->n_sets = n_kept;
}

void load_set_list(struct loader *loader, const struct node *value, void *target)
{
	_cleanup_(members_release) struct members members = {};
	struct set_list *list = target;

	loader_each(loader, value, members_read, &members);
	list->sets = loader_alloc(loader, members.n_sets + 1, sizeof(*list->sets));
	if (!list->sets)
		return;
	take_sets(&members, list);
	if (members.prefixes.n_items &&
	    add_unnamed(loader, value, &members.prefixes, &list->sets[list->n_sets]))
		list->n_sets++;
}
