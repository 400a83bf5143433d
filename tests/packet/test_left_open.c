/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which descriptors are closed behind libxdp, also when another thread opens and closes its own meanwhile. */
#include "check.h"

#include <fcntl.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "guard/left_open.h"

static int load_program(void)
{
	struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "pass", "GPL", pass, ARRAY_SIZE(pass), NULL);

	assert_true(fd >= 0);
	return fd;
}

static uint32_t id_of(int program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(program, &info, &size), 0);
	return info.id;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void the_copy_is_closed_and_the_kept_one_stays(void **state)
{
	struct left_open before;
	int program, copy;

	left_open_begin(&before);
	program = load_program();
	copy = dup(program);
	left_open_end(&before, id_of(program), program);
	assert_true(is_open(program));
	assert_false(is_open(copy));
	close(program);
}

static void what_was_open_before_or_is_no_such_program_stays(void **state)
{
	int program = load_program(), earlier = dup(program), other, file;
	struct left_open before;

	left_open_begin(&before);
	other = load_program();
	file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	left_open_end(&before, id_of(program), program);
	assert_true(is_open(program) && is_open(earlier) && is_open(other) && is_open(file));
	close(program);
	close(earlier);
	close(other);
	close(file);
}

static void a_copy_with_the_number_of_a_file_just_closed_is_closed(void **state)
{
	int program = load_program(), file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct left_open before;

	left_open_begin(&before);
	close(file); /* by another thread */
	assert_int_equal(dup(program), file);
	left_open_end(&before, id_of(program), program);
	assert_false(is_open(file));
	assert_true(is_open(program));
	close(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_copy_is_closed_and_the_kept_one_stays),
		cmocka_unit_test(what_was_open_before_or_is_no_such_program_stays),
		cmocka_unit_test(a_copy_with_the_number_of_a_file_just_closed_is_closed),
	};

	return CHECK_RUN(tests);
}
