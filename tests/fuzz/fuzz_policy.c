/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy, from its text to the packet program's tables. Behind a line "%%" stands what every list file
 * that the policy names has in it.
 */
#include <string.h>

#include "base/cleanup.h"
#include "compile/image.h"
#include "compile/sizing.h"
#include "fuzz.h"
#include "policy/load.h"

#define SEPARATOR "\n%%\n"
#define MEMORY (8ull << 30)
#define CPUS 4

static struct fuzz_file text, list;

static int open_file(void *data, const char *name, const char *path, int *ret_fd,
		     uint64_t *ret_size)
{
	*ret_fd = fuzz_file_open(name ? &list : &text);
	*ret_size = 0;
	return 0;
}

static void split(const uint8_t *data, size_t size)
{
	const uint8_t *end = memmem(data, size, SEPARATOR, strlen(SEPARATOR));
	size_t text_size = end ? (size_t)(end - data) + 1 : size;
	const uint8_t *rest = end ? end + strlen(SEPARATOR) : data + size;

	fuzz_file_write(&text, data, text_size);
	fuzz_file_write(&list, rest, (size_t)(data + size - rest));
}

static void compile(const struct policy *policy, struct diagnostics *diagnostics)
{
	_cleanup_(image_free) struct image *image = NULL;
	struct sizing sizing;
	int r = image_compile(policy, diagnostics, &image);

	if (r < 0) {
		FUZZ_EXPECT(r == -E2BIG && diagnostics->n_errors);
		return;
	}
	FUZZ_EXPECT(image->policy->rules == policy->n_rules);
	sizing_estimate(policy, image, MEMORY, CPUS, &sizing);
	sizing_warn(policy, &sizing, diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct load_context context = {
		.open = open_file,
		.ssh_connection = "192.0.2.7 50000 198.51.100.1 22",
	};
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	_cleanup_(policy_free) struct policy *policy = NULL;
	int r;

	split(data, size);
	r = policy_load("fuzz.yaml", &context, &diagnostics, &policy);
	FUZZ_EXPECT(r == 0 || (r == -EINVAL && diagnostics.n_errors));
	if (r == 0)
		compile(policy, &diagnostics);
	return 0;
}
