/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "bpf/xdpguard.skel.h"

#define TICKS_WATCHED 4

static bool verbose;

__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *format, va_list arguments)
{
	return verbose && level != LIBBPF_DEBUG ? vfprintf(stderr, format, arguments) : 0;
}

__attribute__((format(printf, 2, 0))) static int print_libxdp(enum libxdp_print_level level,
							      const char *format, va_list arguments)
{
	return verbose ? vfprintf(stderr, format, arguments) : 0;
}

void program_set_verbose(bool is_verbose)
{
	verbose = is_verbose;
	libbpf_set_print(print_libbpf);
	libxdp_set_print(print_libxdp);
}

/* What the packet program is made of (atomic exchanges, global functions) came with Linux 5.13. */
#define OLDEST_KERNEL_MAJOR 5
#define OLDEST_KERNEL_MINOR 15

static bool is_kernel_too_old(const char *release)
{
	unsigned major = 0, minor = 0;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return false;
	return major < OLDEST_KERNEL_MAJOR ||
	       (major == OLDEST_KERNEL_MAJOR && minor < OLDEST_KERNEL_MINOR);
}

/*
 * Why the kernel did not take tables or a program; what else can be wrong guard_explain knows. A kernel that is too
 * old may say anything: before 5.11 even root's tables need CAP_SYS_RESOURCE, which we have dropped.
 */
static int explain_load(struct why *why, int error, const char *what)
{
	struct utsname name;

	if (uname(&name) < 0)
		return guard_explain(why, error, what);
	if (is_kernel_too_old(name.release))
		return why_set(
			why, error,
			"%s: this kernel (%s) is too old; xdpguard needs Linux %d.%d or later",
			what, name.release, OLDEST_KERNEL_MAJOR, OLDEST_KERNEL_MINOR);
	if (error == -EPERM || error == -ENOMEM)
		return guard_explain(why, error, what);
	return why_set(why, error, "%s: this kernel (%s) refused it: %s; --verbose prints why",
		       what, name.release, strerror(-error));
}

static struct xdpguard_bpf *skeleton_open(const struct guard *guard)
{
	struct xdpguard_bpf *program = xdpguard_bpf__open();

	if (!program)
		return NULL;
	bpf_program__set_autoload(program->progs.xdpguard, false);
	bpf_program__set_autoload(program->progs.xdpguard_clocks, false);
	bpf_map__set_max_entries(program->maps.tags, GUARD_TAGS(guard->capacity));
	bpf_map__set_max_entries(program->maps.sources, GUARD_ENTRIES(guard->capacity));
	bpf_map__set_max_entries(program->maps.buckets, guard->capacity);
	return program;
}

static int reuse_maps(const struct guard *guard, struct xdpguard_bpf *program, struct why *why)
{
#define X(name) \
	if (guard->name >= 0 && bpf_map__reuse_fd(program->maps.name, guard->name) < 0) \
		return guard_explain(why, -errno, "cannot use the guard's table \"" #name "\"");
	GUARD_MAPS(X)
#undef X
	return 0;
}

int program_create_maps(struct guard *guard, struct why *why)
{
	_cleanup_(program_close) struct xdpguard_bpf *program = skeleton_open(guard);
	int r;

	if (!program)
		return guard_explain(why, -errno, "cannot open the packet program");
	r = reuse_maps(guard, program, why);
	if (r < 0)
		return r;
	if (xdpguard_bpf__load(program) < 0)
		return explain_load(why, -errno, "cannot make the guard's tables");
#define X(name) \
	if (guard->name < 0) \
		guard->name = fcntl(bpf_map__fd(program->maps.name), F_DUPFD_CLOEXEC, 3); \
	if (guard->name < 0) \
		return guard_explain(why, -errno, "cannot keep the guard's tables");
	GUARD_MAPS(X)
#undef X
	return 0;
}

/* One reading of both clocks. */
static int read_clocks(int fd, uint64_t *ret_jiffies, uint64_t *ret_ns)
{
	unsigned char frame[64] = {};
	uint64_t reading[8];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .data_out = reading, .data_size_out = sizeof(reading), .repeat = 1);

	if (bpf_prog_test_run_opts(fd, &run) < 0)
		return -errno;
	*ret_jiffies = reading[0];
	*ret_ns = reading[1];
	return 0;
}

/*
 * A reading is never before the tick that it shows, so jiffy 0 is at most at any of them less the
 * jiffies; readings right behind a tick are the sharpest.
 */
static int watch_ticks(int fd, uint64_t jiffy_ns, uint64_t *ret_zero_ns)
{
	uint64_t jiffies = 0, ns = 0, seen = 0, zero = 0;
	bool is_first = true;
	int r;

	for (unsigned ticks = 0; ticks <= TICKS_WATCHED;) {
		r = read_clocks(fd, &jiffies, &ns);
		if (r < 0)
			return r;
		if (is_first || (int64_t)(ns - jiffies * jiffy_ns - zero) < 0)
			zero = ns - jiffies * jiffy_ns;
		ticks += is_first || jiffies != seen;
		is_first = false;
		seen = jiffies;
	}
	*ret_zero_ns = zero;
	return 0;
}

static int measure_clocks(uint64_t *ret_jiffy_ns, uint64_t *ret_zero_ns, struct why *why)
{
	_cleanup_(program_close) struct xdpguard_bpf *program = xdpguard_bpf__open();
	struct timespec tick;
	int r;

	if (!program)
		return guard_explain(why, -errno, "cannot open the packet program");
	bpf_program__set_autoload(program->progs.xdpguard, false);
	if (xdpguard_bpf__load(program) < 0)
		return explain_load(why, -errno, "cannot load the program that reads the clocks");
	/* The resolution of the coarse clock is the kernel's tick. */
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) < 0)
		return -errno;
	r = watch_ticks(bpf_program__fd(program->progs.xdpguard_clocks), tick.tv_nsec, ret_zero_ns);
	if (r < 0)
		return guard_explain(why, r, "cannot read the kernel's clocks");
	*ret_jiffy_ns = tick.tv_nsec;
	return 0;
}

/* The clocks do not change while the kernel runs, so once a process is enough. */
static int set_clock(struct xdpguard_bpf *program, struct why *why)
{
	static uint64_t jiffy_ns, zero_ns;
	int r;

	if (!jiffy_ns) {
		r = measure_clocks(&jiffy_ns, &zero_ns, why);
		if (r < 0)
			return r;
	}
	program->rodata->cfg_jiffy = jiffy_ns << GUARD_TIME_SHIFT;
	program->rodata->cfg_jiffy_zero = zero_ns << GUARD_TIME_SHIFT;
	return 0;
}

/* A table that ordinary traffic turns over in a quarter of a minute still keeps who talks. */
static uint32_t admit_budget(uint32_t capacity)
{
	return capacity / 256 > 256 ? capacity / 256 : 256;
}

int program_open(const struct guard *guard, const struct program_options *options,
		 struct xdpguard_bpf **ret_program, struct why *why)
{
	_cleanup_(program_close) struct xdpguard_bpf *program = skeleton_open(guard);
	int r;

	if (!program)
		return guard_explain(why, -errno, "cannot open the packet program");
	r = reuse_maps(guard, program, why);
	if (r < 0)
		return r;
	program->rodata->cfg_interface = options->interface;
	program->rodata->cfg_admit_budget =
		admit_budget(options->admission_capacity ?: guard->capacity);
	program->rodata->cfg_sets = GUARD_SETS(guard->capacity);
	program->rodata->cfg_capacity = guard->capacity;
	memcpy((void *)program->rodata->cfg_seed, guard->memory->seed, sizeof(guard->memory->seed));
	program->rodata->cfg_has_frags = options->has_frags;
	program->rodata->cfg_test_clock = options->has_test_clock;
	if (options->has_test_clock)
		program->rodata->cfg_jiffy = UINT64_MAX; /* tests lag the clocks as they like */
	else
		r = set_clock(program, why);
	if (r < 0)
		return r;
	bpf_program__set_autoload(program->progs.xdpguard, true);
	if (options->has_frags)
		bpf_program__set_flags(program->progs.xdpguard, BPF_F_XDP_HAS_FRAGS);
	if (options->is_alone && xdpguard_bpf__load(program) < 0)
		return explain_load(why, -errno, "cannot load the packet program");
	*ret_program = take_ptr(program);
	return 0;
}

void program_close(struct xdpguard_bpf **program)
{
	if (!*program)
		return;
	xdpguard_bpf__destroy(*program);
	*program = NULL;
}

struct bpf_object *program_object(const struct xdpguard_bpf *program)
{
	return program->obj;
}

int program_fd(const struct xdpguard_bpf *program)
{
	return bpf_program__fd(program->progs.xdpguard);
}
