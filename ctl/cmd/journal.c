/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "base/cleanup.h"

#define JOURNAL_PATH "/run/systemd/journal/socket"
#define SYSLOG_PATH "/dev/log"

static int connect_journal(int *ret_socket)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = JOURNAL_PATH};

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_socket = take_fd(&fd);
	return 0;
}

int journal_open(int *ret_socket, struct why *why)
{
	if (connect_journal(ret_socket) == 0)
		return 0;
	if (access(SYSLOG_PATH, W_OK) < 0)
		return why_set(why, -ENOENT,
			       "neither the journal (%s) nor syslog (%s) is here to take events",
			       JOURNAL_PATH, SYSLOG_PATH);
	openlog("xdpguard", LOG_PID, LOG_DAEMON);
	*ret_socket = -1;
	return 0;
}

/* NAME=value lines, one datagram a message. */
static int send_fields(int socket, int priority, const char *message,
		       const struct journal_field *fields, size_t n_fields)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=xdpguard\n", message, priority);
	for (size_t i = 0; i < n_fields; i++)
		if (fields[i].value)
			fprintf(out, "%s=%s\n", fields[i].name, fields[i].value);
	if (fclose(out) || !text)
		return -ENOMEM;
	return send(socket, text, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int journal_send(int socket, int priority, const char *message, const struct journal_field *fields,
		 size_t n_fields)
{
	if (socket >= 0)
		return send_fields(socket, priority, message, fields, n_fields);
	syslog(priority, "%s", message);
	return 0;
}
