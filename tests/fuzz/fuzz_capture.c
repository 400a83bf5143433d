/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcap or pcapng file, and each frame in it through the packet program's parser. */
#include <string.h>

#include "base/cleanup.h"
#include "frame/capture.h"
#include "frame/head.h"
#include "frame/segments.h"
#include "fuzz.h"

static void check_frame(const struct capture_frame *frame)
{
	size_t room = capture_frame_room(frame);
	struct head head;

	FUZZ_EXPECT(frame->captured <= room && room <= CAPTURE_FRAME_MAX);
	for (size_t i = frame->captured; i < room; i++)
		FUZZ_EXPECT(frame->bytes[i] == 0);
	head = head_read(frame->bytes, room);
	FUZZ_EXPECT(head.kind != HEAD_IP || room >= 34);
	FUZZ_EXPECT(segments_of(frame, 1500) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	_cleanup_(capture_close) struct capture *capture = NULL;
	struct capture_frame frame;
	struct why why = {};
	uint64_t last_ns = 0;
	int r = capture_open(fuzz_file_write(&file, data, size), NULL, &capture, &why);

	if (r < 0) {
		FUZZ_EXPECT(why.text[0]);
		return 0;
	}
	while ((r = capture_next(capture, &frame, &why)) == 1) {
		check_frame(&frame);
		FUZZ_EXPECT(frame.time_ns >= last_ns);
		last_ns = frame.time_ns;
		FUZZ_EXPECT(capture_position(capture) <= capture_size(capture));
	}
	FUZZ_EXPECT(r == 0 || why.text[0]);
	return 0;
}
