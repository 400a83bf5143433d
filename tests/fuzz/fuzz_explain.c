/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as `explain` takes it: in words, and as hexadecimal digits. */
#include <string.h>

#include "base/cleanup.h"
#include "frame/build.h"
#include "frame/head.h"
#include "frame/hex.h"
#include "frame/spec.h"
#include "fuzz.h"

static int parse_words(const char *text, struct spec *ret_spec)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	int r = spec_parse(text, &diagnostics, ret_spec);

	FUZZ_EXPECT(r == 0 || (r == -EINVAL && diagnostics.n_errors == 1));
	return r;
}

static int build(const struct spec *spec, struct head *ret_head)
{
	struct frame frame;
	struct why why = {};
	int r = build_frame(spec, &frame, &why);

	FUZZ_EXPECT(r == 0 || (r == -EINVAL && why.text[0]));
	if (r < 0)
		return r;
	*ret_head = head_read(frame.bytes, frame.size);
	free(frame.bytes);
	return 0;
}

/* Well-formed is what can be described, and the description says all of the head. */
static void check_words(const char *text)
{
	struct head head, again;
	struct spec spec;
	char described[HEAD_TEXT_SIZE], described_again[HEAD_TEXT_SIZE];

	if (parse_words(text, &spec) < 0 || build(&spec, &head) < 0)
		return;
	FUZZ_EXPECT(head.kind == HEAD_IP);
	FUZZ_EXPECT(head.protocol == spec.protocol && head.is_ipv6 == spec.is_ipv6);
	FUZZ_EXPECT(memcmp(&head.from, &spec.from, sizeof(head.from)) == 0);
	FUZZ_EXPECT(memcmp(&head.to, &spec.to, sizeof(head.to)) == 0);

	head_format(&head, described);
	FUZZ_EXPECT(parse_words(described, &spec) == 0 && build(&spec, &again) == 0);
	FUZZ_EXPECT(strcmp(described, head_format(&again, described_again)) == 0);
}

static void check_hex(const char *text)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	char described[HEAD_TEXT_SIZE];
	struct frame frame;
	struct head head;
	int r = hex_parse(text, &diagnostics, &frame);

	FUZZ_EXPECT(r == 0 || (r == -EINVAL && diagnostics.n_errors == 1));
	if (r < 0)
		return;
	FUZZ_EXPECT(frame.size >= HEX_SIZE_MIN && frame.size <= HEX_SIZE_MAX);
	head = head_read(frame.bytes, frame.size);
	FUZZ_EXPECT(head_format(&head, described)[0]);
	free(frame.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);

	FUZZ_EXPECT(text);
	check_words(text);
	check_hex(text);
	return 0;
}
