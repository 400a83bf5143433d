/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "http/access.h"
#include "http/body.h"
#include "http/endpoint.h"

static void only_names_of_loopback_are_loopback(void **state)
{
	static const char *const good[] = {"localhost",	  "LocalHost:9436", "127.0.0.1",
					   "127.0.0.1:1", "[::1]",	    "[::1]:9436"};
	static const char *const bad[] = {"",
					  "localhost.example.com",
					  "127.0.0.1.example.com",
					  "127.0.0.1:",
					  "127.0.0.1:80.example.com",
					  "127.0.0.2",
					  "::1",
					  "example.com"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(access_is_loopback_host(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(access_is_loopback_host(bad[i]));
	assert_false(access_is_loopback_host(NULL));
}

static void an_origin_is_the_host_or_another(void **state)
{
	assert_true(access_is_same_origin(NULL, "localhost:9436"));
	assert_true(access_is_same_origin("http://localhost:9436", "localhost:9436"));
	assert_true(access_is_same_origin("https://edge.example.com", "edge.example.com"));
	assert_false(access_is_same_origin("http://localhost", "localhost:9436"));
	assert_false(access_is_same_origin("http://example.com", "localhost:9436"));
	assert_false(access_is_same_origin("null", "localhost:9436"));
	assert_false(access_is_same_origin("http://localhost:9436", NULL));
}

static void the_token_opens_and_nothing_else_does(void **state)
{
	assert_true(access_is_authorized("Bearer secret", "secret"));
	assert_true(access_is_authorized("bearer secret", "secret"));
	assert_false(access_is_authorized("Bearer secreT", "secret"));
	assert_false(access_is_authorized("Bearer secret ", "secret"));
	assert_false(access_is_authorized("Bearer ", "secret"));
	assert_false(access_is_authorized("Basic secret", "secret"));
	assert_false(access_is_authorized("secret", "secret"));
	assert_false(access_is_authorized(NULL, "secret"));
	assert_false(access_is_authorized("Bearer ", ""));
}

static void an_endpoint_is_an_address_and_a_port(void **state)
{
	static const char *const bad[] = {"",
					  "9436",
					  ":9436",
					  "127.0.0.1",
					  "::1:9436",
					  "[::1]",
					  "[127.0.0.1]:1",
					  "127.0.0.1:",
					  "[::1:1",
					  "127.0.0.1:65536",
					  "127.0.0.1:-1",
					  "127.0.0.1: 1",
					  "localhost:1",
					  "[",
					  "[:1"};
	struct endpoint endpoint;

	assert_int_equal(endpoint_parse("127.0.0.1:9436", &endpoint), 0);
	assert_true(endpoint.is_loopback);
	assert_int_equal(endpoint_parse("[::1]:9436", &endpoint), 0);
	assert_true(endpoint.is_loopback);
	assert_int_equal(endpoint_parse("0.0.0.0:80", &endpoint), 0);
	assert_false(endpoint.is_loopback);
	assert_int_equal(endpoint_parse("[2001:db8::1]:80", &endpoint), 0);
	assert_false(endpoint.is_loopback);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(endpoint_parse(bad[i], &endpoint), -EINVAL);
}

static void a_body_is_an_object_of_strings_that_are_known(void **state)
{
	static const char *const bad[] = {"",
					  "{",
					  "[]",
					  "\"a\"",
					  "null",
					  "{\"a\": 1}",
					  "{\"a\": null}",
					  "{\"c\": \"1\"}",
					  "{\"a\": \"1\", \"c\": \"1\"}",
					  "{\"a\": \"1\"} {",
					  "{\"a\": \"1\\u0000 2\"}",
					  "{\"a\": {\"a\": {\"a\": \"1\"}}}"};
	struct http_field fields[] = {{"a", NULL}, {"b", NULL}};

	assert_int_equal(http_body_read("{\"b\": \"one\"}", fields, ARRAY_SIZE(fields)), 0);
	assert_null(fields[0].value);
	assert_string_equal(fields[1].value, "one");
	http_body_release(fields, ARRAY_SIZE(fields));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(http_body_read(bad[i], fields, ARRAY_SIZE(fields)), -EINVAL);
		assert_null(fields[0].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_names_of_loopback_are_loopback),
		cmocka_unit_test(an_origin_is_the_host_or_another),
		cmocka_unit_test(the_token_opens_and_nothing_else_does),
		cmocka_unit_test(an_endpoint_is_an_address_and_a_port),
		cmocka_unit_test(a_body_is_an_object_of_strings_that_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
