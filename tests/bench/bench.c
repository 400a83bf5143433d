// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a packet costs xdpguard, in each case that the project has a target for, beside the cost of the
 * plain counter measured at the same time. See docs/performance.md.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "eviction.h"
#include "flood.h"
#include "growth.h"
#include "known.h"
#include "measure.h"
#include "processors.h"
#include "told.h"

#define ROUNDS 15
#define ROUNDS_QUICK 7

struct options {
	const char *json;
	const char *growth;
	const char *only;
	unsigned rounds;
	bool is_quick;
};

/* Each program's run would read the clock twice, and that costs more than the program. */
static void refuse_statistics(void)
{
	FILE *file = fopen("/proc/sys/kernel/bpf_stats_enabled", "r");
	int enabled = 0;

	if (!file)
		return;
	if (fscanf(file, "%d", &enabled) == 1 && enabled)
		errx(1, "kernel.bpf_stats_enabled is on and would be measured too; turn it off: "
			"sysctl kernel.bpf_stats_enabled=0");
	fclose(file);
}

static void print_harness(const struct bench *bench)
{
	static const char *const names[] = {"known", "forged"};

	for (int kind = STREAM_KNOWN; kind <= STREAM_FORGED; kind++) {
		const struct stream_options options = {.kind = kind, .sources = 1000, .repeats = 1};
		struct stream *stream = stream_new(&options, bench->floors->nothing);

		printf("varying the source (%s): %.1f ns, not in the figures\n",
		       names[kind - STREAM_KNOWN], stream_own_ns(stream));
		stream_free(&stream);
	}
}

static void print_program(struct bench *bench)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(subject_fd(bench_small(bench)), &info, &size) < 0)
		err(1, "cannot ask for the program's size");
	printf("the program: %u instructions, %u bytes of machine code, %u verified\n",
	       info.xlated_prog_len / 8, info.jited_prog_len, info.verified_insns);
}

static void run(struct bench *bench)
{
	print_program(bench);
	printf("the loop of BPF_PROG_TEST_RUN: %.1f ns, in all figures\n", stream_loop_ns());
	print_harness(bench);
	results_print_head();
	known_measure(bench);
	told_measure(bench);
	processors_measure(bench);
	flood_measure(bench);
	eviction_measure(bench);
	results_print_foot(&bench->results);
}

static void usage(FILE *out)
{
	fputs("usage: bench [OPTION…]\n"
	      "  --quick        fewer rounds, shorter floods\n"
	      "  --only TEXT    rows that have TEXT in their name\n"
	      "  --rounds N     of floor and candidate by turns (default: 15)\n"
	      "  --json FILE    write the results there too\n"
	      "  --growth FILE  nothing of that: what growing rules, prefixes and sources cost, as "
	      "CSV\n",
	      out);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"quick", no_argument, NULL, 'q'},
		{"only", required_argument, NULL, 'o'},
		{"rounds", required_argument, NULL, 'r'},
		{"json", required_argument, NULL, 'j'},
		{"growth", required_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'q':
			o->is_quick = true;
			break;
		case 'o':
			o->only = optarg;
			break;
		case 'r':
			o->rounds = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'j':
			o->json = optarg;
			break;
		case 'g':
			o->growth = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			exit(2);
		}
	}
	if (!o->rounds)
		o->rounds = o->is_quick ? ROUNDS_QUICK : ROUNDS;
	if (o->rounds > ROUNDS_MAX || optind < argc)
		errx(2, "see bench --help");
}

int main(int argc, char **argv)
{
	struct options o = {};
	struct bench bench = {};

	parse_options(argc, argv, &o);
	refuse_statistics();
	program_set_verbose(false);
	processor_stay(0);
	bench.rounds = o.rounds;
	bench.only = o.only;
	bench.is_quick = o.is_quick;
	bench.floors = floors_new(BENCH_CAPACITY);
	bench_fill_floors(bench.floors);
	if (o.growth)
		growth_measure(&bench, o.growth);
	else
		run(&bench);
	if (o.json)
		results_write_json(&bench.results, o.json);
	subject_free(&bench.small);
	subject_free(&bench.large);
	floors_free(&bench.floors);
	results_free(&bench.results);
	return 0;
}
