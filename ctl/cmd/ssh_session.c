/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh_session.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/input.h"

#define VARIABLE "SSH_CONNECTION="
#define ANCESTORS_MAX 64
#define ENVIRONMENT_MAX (4u << 20)

/* NULL: it can't be read. Caller frees; *ret_size without the NUL behind. */
static char *read_proc(pid_t pid, const char *file, size_t *ret_size)
{
	_cleanup_close_ int fd = -1;
	char path[64], *text;
	uint64_t size;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	if (input_open(path, &fd, &size) < 0 ||
	    input_read_all(fd, ENVIRONMENT_MAX, &text, ret_size) < 0)
		return NULL;
	return text;
}

/* Of "pid (name) state parent …"; the name may hold anything. 0: unknown. */
static pid_t parent_of(pid_t pid)
{
	size_t size;
	_cleanup_free_ char *text = read_proc(pid, "stat", &size);
	const char *behind_name = text ? strrchr(text, ')') : NULL;
	int parent = 0;

	if (!behind_name || sscanf(behind_name, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static char *find_variable(pid_t pid)
{
	size_t size;
	_cleanup_free_ char *text = read_proc(pid, "environ", &size);

	for (const char *at = text; text && at < text + size; at += strlen(at) + 1)
		if (!strncmp(at, VARIABLE, strlen(VARIABLE)))
			return strdup(at + strlen(VARIABLE));
	return NULL;
}

static char *remembered; /* NULL: there is no session */

/* sudo takes the variable away, but not from the shell that it was typed in. */
void ssh_session_remember(void)
{
	const char *own = getenv("SSH_CONNECTION");
	pid_t pid = getppid();

	remembered = own ? strdup(own) : NULL;
	for (int i = 0; !remembered && pid > 1 && i < ANCESTORS_MAX; i++) {
		remembered = find_variable(pid);
		pid = parent_of(pid);
	}
}

char *ssh_session_connection(void)
{
	return remembered ? strdup(remembered) : NULL;
}

char *ssh_session_words(const struct prefix *prefix, const struct guard_address *source,
			char text[SSH_SESSION_WORDS_SIZE])
{
	char covering[ADDRESS_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];

	snprintf(text, SSH_SESSION_WORDS_SIZE,
		 "%s covers %s, where your SSH session comes from: it would be cut off",
		 prefix_format(prefix, covering), address_format(source, address));
	return text;
}

bool ssh_session_source(struct guard_address *ret_source)
{
	_cleanup_free_ char *connection = ssh_session_connection();
	struct prefix source;
	bool has_host_bits;

	if (!connection)
		return false;
	connection[strcspn(connection, " %")] = '\0'; /* "fe80::1%eth0 50022 …" */
	if (prefix_parse(connection, &source, &has_host_bits) < 0)
		return false;
	*ret_source = source.address;
	return true;
}
