/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prefix_operands.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/list_file.h"
#include "render/progress.h"
#include "values.h"

/* One list that is read. */
struct reading {
	struct prefixes *prefixes;
	struct progress *progress;
	size_t bytes, bytes_all; /* all 0: not known */
};

static int add(void *data, const struct prefix *prefix)
{
	return prefixes_add(((struct reading *)data)->prefixes, prefix);
}

static void show_progress(void *data, size_t bytes)
{
	struct reading *reading = data;

	reading->bytes += bytes;
	progress_update(reading->progress, reading->bytes, reading->bytes_all);
}

static size_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
}

static int read_file(const char *path, struct prefixes *prefixes)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	_cleanup_(progress_end) struct progress *progress = progress_begin("reading the list");
	struct reading reading = {prefixes, progress, 0, file_size(path)};
	struct list_file file = {
		.path = path,
		.diagnostics = &diagnostics,
		.add = add,
		.progress = show_progress,
		.data = &reading,
	};
	int r = list_file_read(&file);

	progress_end(&progress);
	print_diagnostics(&diagnostics);
	if (r == -ENOMEM)
		return fail("%s: not enough memory", path);
	if (r < 0)
		return fail_usage("%s: %s", path, list_file_strerror(r));
	return diagnostics.n_errors ? EXIT_USAGE : EXIT_DONE;
}

static int read_operands(const struct arguments *args, struct prefixes *prefixes)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < args->n_operands; i++) {
		struct prefix prefix;

		if (value_prefix(args->operands[i], &prefix) != EXIT_DONE)
			code = EXIT_USAGE;
		else if (prefixes_add(prefixes, &prefix) < 0)
			return fail("not enough memory");
	}
	return code;
}

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* Prefixes within others stay: each is a block of its own. */
static void sort_unique(struct prefixes *prefixes)
{
	size_t n = 0;

	if (prefixes->n_items)
		qsort(prefixes->items, prefixes->n_items, sizeof(*prefixes->items), compare);
	for (size_t i = 0; i < prefixes->n_items; i++)
		if (n == 0 || prefix_compare(&prefixes->items[n - 1], &prefixes->items[i]) != 0)
			prefixes->items[n++] = prefixes->items[i];
	prefixes->n_items = n;
}

int prefix_operands_read(const struct arguments *args, struct prefixes *ret_prefixes)
{
	_cleanup_(prefixes_release) struct prefixes prefixes = {};
	int code = read_operands(args, &prefixes);

	if (code != EXIT_FAILED && args_has(args, 'f'))
		code = read_file(args_value(args, 'f'), &prefixes) ?: code;
	if (code != EXIT_DONE)
		return code;
	sort_unique(&prefixes);
	*ret_prefixes = prefixes;
	prefixes = (struct prefixes){};
	return EXIT_DONE;
}

char *prefix_operands_words(const struct prefixes *prefixes, char text[ADDRESS_TEXT_SIZE])
{
	if (prefixes->n_items == 1)
		return prefix_format(&prefixes->items[0], text);
	snprintf(text, ADDRESS_TEXT_SIZE, "%zu prefixes", prefixes->n_items);
	return text;
}
