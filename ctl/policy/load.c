/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <string.h>

#include "base/cleanup.h"
#include "input.h"
#include "load_rules.h"
#include "load_sets.h"
#include "load_settings.h"
#include "loader.h"
#include "validate.h"
#include "yaml.h"

#define POLICY_BYTES_MAX (16u << 20)

/* In the order of reading: rules look sets up. */
static const struct loader_key policy_keys[] = {
	{"version", load_version},
	{"interfaces", load_interfaces},
	{"mode", loader_mode, offsetof(struct policy, monitor)},
	{"default", load_default},
	{"malformed", load_malformed},
	{"chain", load_chain},
	{"sources", load_sources},
	{"sets", load_sets},
	{"rules", load_rules},
};

static void loader_release(struct loader *loader)
{
	free(loader->set_names);
	document_free(&loader->document);
	policy_free(&loader->policy);
}

static void read_document(struct loader *loader)
{
	const struct node *root = loader->document->root;

	loader_mapping(loader, root, policy_keys, ARRAY_SIZE(policy_keys), loader->policy);
	if (root->kind == NODE_MAPPING && node_lacks(root, "version"))
		loader_error(loader, root, "no \"version\": a policy starts with \"version: 1\"");
}

static int new_policy(const char *path, struct policy **ret_policy)
{
	_cleanup_(policy_free) struct policy *policy = calloc(1, sizeof(*policy));
	const char *slash = strrchr(path, '/');

	if (!policy)
		return -ENOMEM;
	load_settings_defaults(policy);
	policy->path = strdup(path);
	policy->name = strdup(strcmp(path, "-") == 0 ? "stdin" : slash ? slash + 1 : path);
	if (!policy->path || !policy->name)
		return -ENOMEM;

	*ret_policy = take_ptr(policy);
	return 0;
}

/* -EINVAL: told. */
static int read_text(struct loader *loader, const char *file, char **ret_text, size_t *ret_size)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r;

	r = loader_open(loader, NULL, loader->policy->path, &fd, &size);
	if (r == 0)
		r = input_read_all(fd, POLICY_BYTES_MAX, ret_text, ret_size);
	if (r == 0 || r == -ENOMEM)
		return r;

	diagnostics_add(loader->diagnostics, true, file, 0, 0, 0, NULL, "%s",
			r == -EFBIG ? "over 16 MiB; long lists belong in list files"
				    : input_strerror(r));
	return -EINVAL;
}

static bool is_before(const struct diagnostic *a, const struct diagnostic *b, const char *file)
{
	bool is_a_other = strcmp(a->file, file) != 0, is_b_other = strcmp(b->file, file) != 0;

	if (is_a_other || is_b_other)
		return is_a_other < is_b_other;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* In the order of the policy's text; what is about list files comes behind. */
static void sort_diagnostics(struct diagnostics *list, const char *file)
{
	for (size_t i = 1; i < list->n_items; i++) {
		struct diagnostic item = list->items[i];
		size_t j = i;

		for (; j > 0 && is_before(&item, &list->items[j - 1], file); j--)
			list->items[j] = list->items[j - 1];
		list->items[j] = item;
	}
}

static int load(struct loader *loader)
{
	const char *path = loader->policy->path;
	const char *file = strcmp(path, "-") == 0 ? "stdin" : path;
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r;

	loader->is_stdin_read = file != path;
	r = read_text(loader, file, &text, &size);
	if (r < 0)
		return r;
	r = yaml_parse(file, text, size, loader->diagnostics, &loader->document);
	if (r < 0)
		return r;

	read_document(loader);
	if (loader->error < 0)
		return loader->error;
	validate(loader);
	sort_diagnostics(loader->diagnostics, file);
	if (loader->error < 0)
		return loader->error;
	return loader->diagnostics->n_errors > loader->n_errors_before ? -EINVAL : 0;
}

int policy_load(const char *path, const struct load_context *context,
		struct diagnostics *diagnostics, struct policy **ret_policy)
{
	static const struct load_context nothing;
	_cleanup_(loader_release) struct loader loader = {
		.context = context ? context : &nothing,
		.diagnostics = diagnostics,
		.n_errors_before = diagnostics->n_errors,
	};
	int r;

	r = new_policy(path, &loader.policy);
	if (r == 0)
		r = load(&loader);
	if (r < 0)
		return r;

	*ret_policy = take_ptr(loader.policy);
	return 0;
}
