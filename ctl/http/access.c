/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* Behind the name there is nothing, or a port. */
static bool is_end(const char *text)
{
	if (!*text)
		return true;
	if (*text++ != ':' || !*text)
		return false;
	while (isdigit((unsigned char)*text))
		text++;
	return !*text;
}

bool access_is_loopback_host(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; host && i < ARRAY_SIZE(names); i++)
		if (!strncasecmp(host, names[i], strlen(names[i])) &&
		    is_end(host + strlen(names[i])))
			return true;
	return false;
}

bool access_is_same_origin(const char *origin, const char *host)
{
	static const char scheme[] = "http://",
			  secure[] = "https://"; /* the latter before a proxy */

	if (!origin)
		return true;
	if (!host)
		return false;
	if (!strncasecmp(origin, scheme, strlen(scheme)))
		return !strcasecmp(origin + strlen(scheme), host);
	return !strncasecmp(origin, secure, strlen(secure)) &&
	       !strcasecmp(origin + strlen(secure), host);
}

bool access_is_authorized(const char *authorization, const char *token)
{
	static const char scheme[] = "Bearer ";
	const char *given = "";
	size_t length = strlen(token);
	volatile unsigned char difference = 0;

	if (authorization && !strncasecmp(authorization, scheme, strlen(scheme)))
		given = authorization + strlen(scheme);
	/* Only its length, which is no secret, may be told from the time this takes. */
	if (strlen(given) != length || !length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(given[i] ^ token[i]);
	return !difference;
}
