/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write.h"

#include "base/cleanup.h"
#include "policy/input.h"

#define CHUNK_SIZE (256u << 10)

int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

int write_copy(int from, int to, uint64_t max)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_SIZE);
	uint64_t all = 0;
	ssize_t n;
	int r = 0;

	if (!chunk)
		return -ENOMEM;
	do {
		n = input_read(from, chunk, CHUNK_SIZE);
		if (n < 0)
			return (int)n;
		r = write_all(to, chunk, (size_t)n);
		all += (uint64_t)n;
	} while (r == 0 && n == CHUNK_SIZE && all < max);
	return r;
}
