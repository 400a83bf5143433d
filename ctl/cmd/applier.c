/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applier.h"

#include <string.h>

#include "base/cleanup.h"
#include "ssh_session.h"

char *applier_name(void)
{
	const char *sudo = getenv("SUDO_USER");
	char *name;

	if (sudo && *sudo)
		return strdup(sudo);
	if (getuid() == 0)
		return strdup("root");
	return asprintf(&name, "uid %u", getuid()) < 0 ? NULL : name;
}

char *applier_address(void)
{
	char text[ADDRESS_TEXT_SIZE];
	struct guard_address source;

	return ssh_session_source(&source) ? strdup(address_format(&source, text)) : NULL;
}
