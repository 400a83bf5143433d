/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policies that we hand out: nothing is to be said about them, and a session of an admin
 * survives them.
 */
#include "policy_fixture.h"

#include <glob.h>

#define FOLDER "../../policies/" /* from tests/unit, where the tests run */

static void every_example_loads_without_a_word(void **state)
{
	const struct load_context context = {.ssh_connection = "192.0.2.10 50022 203.0.113.1 22"};
	glob_t found;

	assert_int_equal(glob(FOLDER "*.yaml", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 6);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		_cleanup_(fixture_release) struct fixture fixture = {};
		_cleanup_free_ char *told = NULL;

		fixture.result = policy_load(found.gl_pathv[i], &context, &fixture.diagnostics,
					     &fixture.policy);
		told = fixture_told(&fixture);
		assert_string_equal(told, "");
		assert_int_equal(fixture.result, 0);
		assert_true(fixture.policy->n_rules > 0);
	}
	globfree(&found);
}

static void lockdown_tells_who_is_not_an_admin(void **state)
{
	const struct load_context context = {.ssh_connection = "198.51.100.7 50022 203.0.113.1 22"};
	_cleanup_(fixture_release) struct fixture fixture = {};

	fixture.result = policy_load(FOLDER "lockdown.yaml", &context, &fixture.diagnostics,
				     &fixture.policy);
	assert_int_equal(fixture.result, 0);
	assert_int_equal(fixture.diagnostics.n_items, 1);
	assert_non_null(strstr(fixture.diagnostics.items[0].text, "would be cut off"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_loads_without_a_word),
		cmocka_unit_test(lockdown_tells_who_is_not_an_admin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
