/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "policy/load.h"
#include "render/progress.h"
#include "ssh_session.h"

static void show_progress(void *data, size_t done, size_t all)
{
	progress_update(data, done, all);
}

static int read_policy(const char *path, struct copies *copies, struct diagnostics *diagnostics,
		       struct policy **ret_policy)
{
	_cleanup_free_ char *connection = ssh_session_connection();
	_cleanup_(progress_end) struct progress *progress = progress_begin("reading lists");
	struct load_context context = {
		.open = copies ? copies_open : NULL,
		.open_data = copies,
		.ssh_connection = connection,
		.progress = show_progress,
		.progress_data = progress,
	};

	return policy_load(path, &context, diagnostics, ret_policy);
}

static int compile(const char *path, struct copies *copies, struct diagnostics *diagnostics,
		   struct loaded *loaded)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	int r = read_policy(path, copies, diagnostics, &loaded->policy);

	if (r < 0)
		return r;
	r = image_compile(loaded->policy, diagnostics, &loaded->image);
	if (r < 0)
		return r;
	sizing_estimate(loaded->policy, loaded->image, memory, sysconf(_SC_NPROCESSORS_CONF),
			&loaded->sizing);
	sizing_warn(loaded->policy, &loaded->sizing, diagnostics);
	return 0;
}

int load_policy(const char *path, struct loaded *ret_loaded)
{
	return load_policy_copied(path, NULL, ret_loaded);
}

int load_policy_copied(const char *path, struct copies *copies, struct loaded *ret_loaded)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	_cleanup_(loaded_free) struct loaded loaded = {};
	int r = compile(path, copies, &diagnostics, &loaded);

	print_diagnostics(&diagnostics);
	loaded.n_warnings = diagnostics.n_items - diagnostics.n_errors;
	if (r == -ENOMEM)
		return fail("%s: not enough memory", path);
	if (r < 0)
		return EXIT_USAGE;
	*ret_loaded = loaded;
	loaded = (struct loaded){};
	return EXIT_DONE;
}

void loaded_free(struct loaded *loaded)
{
	image_free(&loaded->image);
	policy_free(&loaded->policy);
}
