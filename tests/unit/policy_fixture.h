/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads policies that a test writes down, in a folder of their own, and tells what was said about
 * them.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "policy/load.h"

#define POLICY_FILE "edge.yaml"

struct fixture {
	struct policy *policy;
	struct diagnostics diagnostics;
	int result;
};

static char fixture_folder[] = "/tmp/xdpguard-test-XXXXXX";
static char fixture_home[4096];

/* For cmocka_run_group_tests: works in a new folder, removes it afterwards. */
static inline int fixture_setup(void **state)
{
	return getcwd(fixture_home, sizeof(fixture_home)) && mkdtemp(fixture_folder) &&
			       chdir(fixture_folder) == 0 && mkdir("lists", 0700) == 0
		       ? 0
		       : -1;
}

static inline int fixture_teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", fixture_folder);
	return chdir(fixture_home) == 0 && system(command) == 0 ? 0 : -1;
}

static inline void fixture_write(const char *path, const char *text, size_t size)
{
	_cleanup_fclose_ FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
}

static inline void fixture_release(struct fixture *fixture)
{
	policy_free(&fixture->policy);
	diagnostics_free(&fixture->diagnostics);
}

static inline struct fixture fixture_load(const char *text, const struct load_context *context)
{
	struct fixture fixture = {};

	fixture_write(POLICY_FILE, text, strlen(text));
	fixture.result = policy_load(POLICY_FILE, context, &fixture.diagnostics, &fixture.policy);
	assert_int_equal(fixture.policy != NULL, fixture.result == 0);
	assert_int_equal(fixture.result != 0, fixture.diagnostics.n_errors > 0);
	return fixture;
}

/*
 * "3:7+2 error: …", a line each; the file's name is left out where it is the policy's. Caller
 * frees.
 */
static inline char *fixture_told(const struct fixture *fixture)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < fixture->diagnostics.n_items; i++) {
		const struct diagnostic *item = &fixture->diagnostics.items[i];

		if (strcmp(item->file, POLICY_FILE) != 0)
			fprintf(out, "%s:", item->file);
		fprintf(out, "%u:%u+%u %s: %s\n", item->line, item->column, item->length,
			item->is_error ? "error" : "warning", item->text);
	}
	fclose(out);
	return text;
}

/* A policy about which there is nothing to say. */
static inline struct fixture fixture_load_clean(const char *text)
{
	struct fixture fixture = fixture_load(text, NULL);
	_cleanup_free_ char *told = fixture_told(&fixture);

	assert_string_equal(told, "");
	return fixture;
}

/* Loads, and compares all that was said. */
static inline void fixture_expect(const char *text, const char *expected)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(text, NULL);
	_cleanup_free_ char *told = fixture_told(&fixture);

	if (strcmp(told, expected) != 0)
		print_error("%s\n", text);
	assert_string_equal(told, expected);
}
