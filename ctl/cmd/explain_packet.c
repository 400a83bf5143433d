/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "explain.h"
#include "frame/capture.h"
#include "frame/hex.h"
#include "values.h"

static int read_text(struct explain *explain, const char *text)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	struct why why = {};
	struct spec spec;

	if (spec_parse(text, &diagnostics, &spec) < 0) {
		print_diagnostics(&diagnostics);
		return EXIT_USAGE;
	}
	if (build_frame(&spec, &explain->frame, &why) < 0)
		return fail_usage("%s", why.text);
	return EXIT_DONE;
}

static int read_hex(struct explain *explain, const char *text)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};

	int r = hex_parse(text, &diagnostics, &explain->frame);

	if (r == -ENOMEM)
		return fail("not enough memory");
	if (r < 0)
		print_diagnostics(&diagnostics);
	return r < 0 ? EXIT_USAGE : EXIT_DONE;
}

/* Says what of the frame the capture does not tell. */
static void warn_of_frame(size_t number, const struct capture_frame *frame)
{
	if (frame->captured < frame->size)
		warn("frame %zu: %zu of its %zu bytes were captured; the others are taken as zero",
		     number, frame->captured, frame->size);
	if (frame->is_sent)
		warn("frame %zu was sent by the host that captured it: XDP sees what comes in",
		     number);
}

static int keep_frame(struct explain *explain, size_t number, const struct capture_frame *frame)
{
	if (frame->size > CAPTURE_FRAME_MAX)
		return fail("frame %zu: has %zu bytes; no XDP program is run on more than %d",
			    number, frame->size, CAPTURE_FRAME_MAX);
	explain->frame.bytes = malloc(frame->size + 1);
	if (!explain->frame.bytes)
		return fail("not enough memory");
	memcpy(explain->frame.bytes, frame->bytes, frame->size);
	explain->frame.size = frame->size;
	warn_of_frame(number, frame);
	return EXIT_DONE;
}

static int read_capture(struct explain *explain, const char *path, size_t number)
{
	_cleanup_(capture_close) struct capture *capture = NULL;
	struct capture_frame frame;
	struct why why = {};
	int r = capture_open(path, NULL, &capture, &why);
	size_t n = 0;

	if (r < 0)
		return fail_why(&why);
	do
		r = capture_next(capture, &frame, &why);
	while (r > 0 && ++n < number);
	if (r < 0)
		return fail_why(&why);
	if (n < number)
		return fail_usage("%s: has %zu frames, none numbered %zu", path, n, number);
	return keep_frame(explain, number, &frame);
}

static int read_any(struct explain *explain)
{
	const struct arguments *args = explain->args;
	const char *hex = args_value(args, 'x'), *path = args_value(args, 'p');
	size_t number = 1;

	if ((args->n_operands > 0) + (hex != NULL) + (path != NULL) != 1)
		return fail_usage("name one packet: as text, with --hex or with --pcap; "
				  "see: xdpguard explain --help");
	if (args_has(args, 'n') && !path)
		return fail_usage("--frame is of --pcap");
	if (args_has(args, 'n') && value_count("frame", args_value(args, 'n'), &number))
		return EXIT_USAGE;
	if (hex)
		return read_hex(explain, hex);
	return path ? read_capture(explain, path, number) : read_text(explain, args->operands[0]);
}

int explain_read_packet(struct explain *explain)
{
	int code = read_any(explain);

	if (code != EXIT_DONE)
		return code;
	explain->head = head_read(explain->frame.bytes, explain->frame.size);
	head_format(&explain->head, explain->packet_text);
	return EXIT_DONE;
}
