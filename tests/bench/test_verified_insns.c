// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much the verifier has to follow grows unnoticed until some kernel refuses the program. So the count is
 * written down in a file, and whoever makes it grow writes down the new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "guard/guard.h"
#include "guard/program.h"

#define MORE_PERCENT 20 /* kernels differ by less */

static const char *recorded_path;

static unsigned recorded_count(void)
{
	_cleanup_fclose_ FILE *file = fopen(recorded_path, "r");
	unsigned count = 0;

	if (!file || fscanf(file, "%u", &count) != 1)
		fail_msg("%s does not say how many instructions", recorded_path);
	return count;
}

static struct bpf_prog_info info_of_program(void)
{
	const struct program_options options = {.is_alone = true};
	_cleanup_(program_close) struct xdpguard_bpf *program = NULL;
	_cleanup_(guard_close) struct guard *guard = NULL;
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	struct why why = {};

	program_set_verbose(false);
	if (guard_create(NULL, 1024, &guard, &why) == -EPERM) {
		print_message("# %s\n", why.text);
		skip();
	}
	assert_non_null(guard);
	assert_int_equal(program_open(guard, &options, &program, &why), 0);
	assert_int_equal(bpf_obj_get_info_by_fd(program_fd(program), &info, &size), 0);
	return info;
}

static void the_verifier_follows_no_more_than_was_written_down(void **state)
{
	struct bpf_prog_info info = info_of_program();
	unsigned recorded = recorded_count();

	print_message("# %u instructions, %u bytes of machine code, %u verified (recorded: %u)\n",
		      info.xlated_prog_len / 8, info.jited_prog_len, info.verified_insns, recorded);
	if (info.verified_insns > (uint64_t)recorded * (100 + MORE_PERCENT) / 100)
		fail_msg("the verifier follows %u instructions, %s says %u: make them fewer, or "
			 "write the new count there and say why it is worth it",
			 info.verified_insns, recorded_path, recorded);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verifier_follows_no_more_than_was_written_down),
	};

	if (argc != 2)
		return 2;
	recorded_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
