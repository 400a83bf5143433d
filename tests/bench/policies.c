// SPDX-License-Identifier: GPL-2.0-or-later
#include "policies.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		err(1, "%s", path);
	return file;
}

static void finish(FILE *file, const char *path)
{
	if (ferror(file) || fclose(file) != 0)
		err(1, "%s", path);
}

/* Below every source that the benchmark gives a meaning. */
static uint32_t random_number(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (state >> 32) % 0xe0000000u;
}

/* Hosts and networks by turns. */
static void write_list(const char *path, uint32_t prefixes)
{
	FILE *file = create(path);

	for (uint32_t i = 0; i < prefixes; i++) {
		uint32_t n = random_number();

		if (i % 2)
			n &= ~0xffu;
		fprintf(file, "%u.%u.%u.%u%s\n", n >> 24, n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff,
			i % 2 ? "/24" : "");
		fprintf(file, "2001:db8:%x:%x::/%d\n", n >> 16, n & 0xffff, i % 2 ? 56 : 64);
	}
	finish(file, path);
}

/* Every field that a rule can have, and in each field values of its own. */
static void write_rule(FILE *file, unsigned i)
{
	fprintf(file,
		"  - name: rule-%u\n"
		"    from: [10.%u.%u.0/24, \"2001:db8:e000:%x::/64\"]\n"
		"    to: [203.0.113.%u, \"2001:db8:e001:%x::/64\"]\n"
		"    to_port: [%u, \"%u-%u\"]\n"
		"    from_port: %u\n"
		"    fragment: false\n",
		i, i >> 8, i & 0xff, i, i & 0xff, i & 0xff, 2000 + i, 4000 + i, 4010 + i, 6000 + i);
	if (i % 3 == 0)
		fprintf(file, "    protocol: tcp\n    tcp_flags: [syn, \"!ack\"]\n");
	else
		fprintf(file, "    protocol: [udp, tcp]\n");
	fprintf(file, "    limit: {rate: %u/s, bandwidth: 10Mbit/s}\n", 100 + i);
}

static void write_policy(const struct policy_files *files, const struct policy_size *size)
{
	FILE *file = create(files->policy);
	unsigned last = POLICY_RULES_MIN + (size->prefixes > 0);

	fprintf(file, "version: 1\nsources: {capacity: %u}\nsets:\n", size->capacity);
	fprintf(file, "  denied: [%u.%u.0.0/16, \"2001:db8:%x::/48\"]\n", POLICY_DENIED >> 24,
		POLICY_DENIED >> 16 & 0xff, POLICY_DENIED >> 16);
	if (size->prefixes)
		fprintf(file, "  listed: {file: %s}\n", files->list);
	fprintf(file, "rules:\n");
	for (unsigned i = 0; i + last < size->rules; i++)
		write_rule(file, i);
	if (size->prefixes)
		fprintf(file, "  - {name: listed, from: listed, action: drop}\n");
	fprintf(file,
		"  - {name: denied, from: denied, action: drop}\n"
		"  - {name: limited, protocol: udp, to_port: %d, "
		"limit: {rate: 100M/s, bandwidth: 400Gbit/s}}\n"
		"  - {name: strict, protocol: udp, to_port: %d, limit: {rate: %d/s, burst: %d}}\n",
		POLICY_PORT_LIMITED, POLICY_PORT_STRICT, POLICY_STRICT_RATE, POLICY_STRICT_BURST);
	finish(file, files->policy);
}

void policy_files_make(const struct policy_size *size, struct policy_files *ret_files)
{
	struct policy_files files = {.dir = "/tmp/xdpguard-bench-XXXXXX"};

	if (!mkdtemp(files.dir))
		err(1, "%s", files.dir);
	snprintf(files.policy, sizeof(files.policy), "%s/policy.yaml", files.dir);
	snprintf(files.list, sizeof(files.list), "%s/list.txt", files.dir);
	if (size->prefixes)
		write_list(files.list, size->prefixes);
	write_policy(&files, size);
	*ret_files = files;
}

void policy_files_remove(const struct policy_files *files)
{
	unlink(files->list);
	unlink(files->policy);
	rmdir(files->dir);
}
