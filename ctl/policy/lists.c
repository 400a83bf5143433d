/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lists.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "list_file.h"
#include "members.h"

/* The path as named from the policy's folder; "-" as it is. */
static char *resolve(struct loader *loader, const char *name)
{
	const char *policy = loader->policy->path, *slash = strrchr(policy, '/');
	char *path;

	if (!slash || name[0] == '/' || strcmp(name, "-") == 0)
		return loader_copy(loader, name);
	if (asprintf(&path, "%.*s/%s", (int)(slash - policy), policy, name) < 0) {
		loader->error = -ENOMEM;
		return NULL;
	}
	return path;
}

void lists_measure(struct loader *loader, const struct node *file)
{
	_cleanup_free_ char *path = resolve(loader, file->text);
	struct stat status;

	if (path && stat(path, &status) == 0 && S_ISREG(status.st_mode))
		loader->list_bytes_all += (size_t)status.st_size;
}

/* Hands `path` on to the policy, whose files outlive the loading. NULL: no memory. */
static const char *keep_path(struct loader *loader, char *path)
{
	struct policy *policy = loader->policy;
	char **grown;

	for (size_t i = 0; i < policy->n_files; i++)
		if (strcmp(policy->files[i], path) == 0) {
			free(path);
			return policy->files[i];
		}
	grown = reallocarray(policy->files, policy->n_files + 1, sizeof(*grown));
	if (!grown) {
		loader->error = -ENOMEM;
		free(path);
		return NULL;
	}
	policy->files = grown;
	return policy->files[policy->n_files++] = path;
}

/* What one list is read into, and for whom. */
struct reading {
	struct loader *loader;
	const struct node *node; /* where the policy names the file */
	const char *name;	 /* as the policy gives it */
	struct prefixes *prefixes;
};

static int add(void *data, const struct prefix *prefix)
{
	struct reading *reading = data;

	if (!members_count(reading->loader, reading->node, 1))
		return 0; /* told; what else is wrong in the file is told, too */
	return prefixes_add(reading->prefixes, prefix);
}

static int open_file(void *data, const char *path, int *ret_fd, uint64_t *ret_size)
{
	const struct reading *reading = data;

	return loader_open(reading->loader, reading->name, path, ret_fd, ret_size);
}

static void tell_progress(void *data, size_t bytes)
{
	struct loader *loader = ((struct reading *)data)->loader;
	const struct load_context *context = loader->context;

	loader->list_bytes_done += bytes;
	if (context->progress)
		context->progress(context->progress_data, loader->list_bytes_done,
				  loader->list_bytes_all);
}

static int read_file(struct loader *loader, const struct node *node, const char *name,
		     const char *path, struct prefixes *prefixes)
{
	struct reading reading = {loader, node, name, prefixes};
	struct list_file file = {
		.path = path,
		.diagnostics = loader->diagnostics,
		.open = open_file,
		.add = add,
		.progress = tell_progress,
		.data = &reading,
	};

	return list_file_read(&file);
}

void lists_read(struct loader *loader, const struct node *node, struct prefixes *prefixes)
{
	const char *path, *text;
	char *resolved;
	int r;

	if (!loader_text(loader, node, "the name of a file", &text))
		return;
	if (strcmp(text, "-") == 0 && loader->is_stdin_read) {
		loader_error(loader, node, "standard input is read already");
		return;
	}
	loader->is_stdin_read |= strcmp(text, "-") == 0;

	resolved = resolve(loader, text);
	path = resolved ? keep_path(loader, resolved) : NULL;
	r = path ? read_file(loader, node, text, path, prefixes) : -ENOMEM;
	if (r == -ENOMEM)
		loader->error = r;
	else if (r < 0)
		loader_error(loader, node, "list file \"%s\": %s", path, list_file_strerror(r));
}
