// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "packet/frame.h"
#include "results.h"
#include "tests/bench/traffic.skel.h"
#include "traffic.h"

#define CALIBRATE_ROUNDS 9
#define CALIBRATE_PACKETS 50000

struct stream {
	struct traffic_bpf *traffic; /* NULL: another's */
	int fd;
	double own_ns; /* what varying costs, and is not the subject's */
	struct frame frame;
	size_t state_at; /* in the frame */
};

static struct frame make_frame(const struct stream_options *o)
{
	const unsigned state = sizeof(struct traffic_state);

	if (o->is_ipv6)
		return frame_of(FRAME(IPV6(), UDP(o->port), PAYLOAD(state)));
	return frame_of(FRAME(IPV4(), UDP(o->port), PAYLOAD(state)));
}

static struct bpf_program *program_of(struct traffic_bpf *traffic, enum stream_kind kind)
{
	switch (kind) {
	case STREAM_SAME:
		return traffic->progs.vary_nothing;
	case STREAM_KNOWN:
		return traffic->progs.vary_known;
	case STREAM_FORGED:
		return traffic->progs.vary_forged;
	case STREAM_MIXED:
		break;
	}
	return traffic->progs.vary_mixed;
}

static struct traffic_bpf *load_traffic(const struct stream_options *o)
{
	struct traffic_bpf *traffic = traffic_bpf__open();
	struct bpf_program *each;

	if (!traffic)
		err(1, "cannot open the traffic programs");
	bpf_object__for_each_program(each, traffic->obj) bpf_program__set_autoload(
		each, each == program_of(traffic, o->kind) || each == traffic->progs.nothing);
	traffic->rodata->cfg_is_ipv6 = o->is_ipv6;
	traffic->rodata->cfg_first = o->first;
	traffic->rodata->cfg_sources = o->sources;
	traffic->rodata->cfg_repeats = o->repeats;
	traffic->rodata->cfg_known_every = o->known_every ?: 1;
	if (traffic_bpf__load(traffic) < 0)
		err(1, "cannot load the traffic programs");
	return traffic;
}

static void point_at(const struct stream *stream, int subject)
{
	__u32 zero = 0;

	if (bpf_map__update_elem(stream->traffic->maps.subject, &zero, sizeof(zero), &subject,
				 sizeof(subject), BPF_ANY) < 0)
		err(1, "cannot put the program behind the traffic");
}

/* Nobody else's turn, and nobody else's data in the caches, in the middle of a round. */
static void go_first(bool is_first)
{
	const struct sched_param param = {.sched_priority = is_first};

	if (sched_setscheduler(0, is_first ? SCHED_FIFO : SCHED_OTHER, &param) < 0)
		err(1, "cannot go before other processes");
}

static void run_program(int program, struct frame *frame, uint32_t packets)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->size,
		    .data_out = frame->bytes, .data_size_out = sizeof(frame->bytes),
		    .repeat = packets);

	go_first(true);
	if (bpf_prog_test_run_opts(program, &run) < 0)
		err(1, "cannot run the program");
	go_first(false);
	if (run.retval == XDP_ABORTED)
		errx(1, "the packet did not reach the program");
}

double stream_run(struct stream *stream, uint32_t packets)
{
	struct traffic_state state;

	memcpy(&state, stream->frame.bytes + stream->state_at, sizeof(state));
	state.left = 0;
	state.period = packets;
	memcpy(stream->frame.bytes + stream->state_at, &state, sizeof(state));
	run_program(stream->fd, &stream->frame, packets + 1);
	memcpy(&state, stream->frame.bytes + stream->state_at, sizeof(state));
	return (double)(state.stamps[1] - state.stamps[0]) / packets - stream->own_ns;
}

static double thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* What the loop takes for each packet: a long run less a short one leaves out what a run itself takes. */
static double measure_loop(int nothing)
{
	struct frame frame = frame_of(FRAME(IPV4(), UDP(9), PAYLOAD(22)));
	double ns[CALIBRATE_ROUNDS];

	for (int i = 0; i < CALIBRATE_ROUNDS; i++) {
		double start = thread_ns(), middle;

		run_program(nothing, &frame, CALIBRATE_PACKETS);
		middle = thread_ns();
		run_program(nothing, &frame, 11 * CALIBRATE_PACKETS);
		ns[i] = (thread_ns() - middle - (middle - start)) / (10 * CALIBRATE_PACKETS);
	}
	return median(ns, CALIBRATE_ROUNDS);
}

double stream_loop_ns(void)
{
	static double loop_ns;
	struct traffic_bpf *traffic;

	if (loop_ns > 0)
		return loop_ns;
	traffic = load_traffic(&(struct stream_options){.kind = STREAM_SAME});
	loop_ns = measure_loop(bpf_program__fd(traffic->progs.nothing));
	traffic_bpf__destroy(traffic);
	return loop_ns;
}

/* What varying costs is what is left of a run with nothing behind it. */
static double measure_own(struct stream *stream)
{
	double ns[CALIBRATE_ROUNDS];

	point_at(stream, bpf_program__fd(stream->traffic->progs.nothing));
	for (int i = 0; i < CALIBRATE_ROUNDS; i++)
		ns[i] = stream_run(stream, CALIBRATE_PACKETS);
	return median(ns, CALIBRATE_ROUNDS) - stream_loop_ns();
}

struct stream *stream_new(const struct stream_options *options, int subject)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		err(1, NULL);
	stream->frame = make_frame(options);
	stream->state_at = options->is_ipv6 ? TRAFFIC_STATE_IPV6 : TRAFFIC_STATE_IPV4;
	stream->traffic = load_traffic(options);
	stream->fd = bpf_program__fd(program_of(stream->traffic, options->kind));
	stream->own_ns = measure_own(stream);
	point_at(stream, subject);
	return stream;
}

struct stream *stream_twin(const struct stream *stream, uint32_t offset)
{
	struct stream *twin = malloc(sizeof(*twin));
	struct traffic_state state;

	if (!twin)
		err(1, NULL);
	*twin = *stream;
	twin->traffic = NULL;
	memcpy(&state, twin->frame.bytes + twin->state_at, sizeof(state));
	state.offset = offset;
	memcpy(twin->frame.bytes + twin->state_at, &state, sizeof(state));
	return twin;
}

void stream_free(struct stream **stream)
{
	if (!*stream)
		return;
	traffic_bpf__destroy((*stream)->traffic);
	free(*stream);
	*stream = NULL;
}

double stream_own_ns(const struct stream *stream)
{
	return stream->own_ns;
}
