/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve_token.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/input.h"

#define RANDOM_BYTES 24

static int check_mode(int fd, const char *path, struct why *why)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return why_set(why, -errno, "%s: %s", path, strerror(errno));
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return why_set(why, -EACCES,
			       "%s: others than its owner may use it; chmod 600 it, and change the "
			       "token",
			       path);
	return 0;
}

/* What a header can carry: no blanks, no control characters. */
static bool is_fit(const char *token)
{
	for (const char *c = token; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return strlen(token) >= SERVE_TOKEN_MIN;
}

int serve_token_read(const char *path, char **ret_token, struct why *why)
{
	_cleanup_close_ int fd = -1;
	char text[SERVE_TOKEN_MAX + 2];
	uint64_t size;
	ssize_t n;
	int r = input_open(path, &fd, &size);

	if (r < 0)
		return why_set(why, r, "%s: %s", path, input_strerror(r));
	r = check_mode(fd, path, why);
	if (r < 0)
		return r;
	n = input_read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return why_set(why, (int)n, "%s: %s", path, strerror((int)-n));
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (!is_fit(text) || strlen(text) > SERVE_TOKEN_MAX)
		return why_set(why, -EINVAL,
			       "%s: expected a line of %d to %d letters, digits and signs", path,
			       SERVE_TOKEN_MIN, SERVE_TOKEN_MAX);
	*ret_token = strdup(text);
	return *ret_token ? 0 : -ENOMEM;
}

int serve_token_make(char **ret_token, struct why *why)
{
	unsigned char bytes[RANDOM_BYTES];
	char *token;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return why_set(why, -EIO, "cannot get random numbers");
	token = calloc(1, 2 * sizeof(bytes) + 1);
	if (!token)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(token + 2 * i, "%02x", bytes[i]);
	*ret_token = token;
	return 0;
}
