/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve_hooks.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "guard/privileges.h"

#define ANSWER_S 2

struct question {
	uint32_t number; /* an answer that came too late is told by it */
	struct guard_interface interface;
};

struct reply {
	uint32_t number;
	struct interface_state state;
};

static int keeper = -1; /* socket to the other process */

/* The guard may be another one every time. */
static void answer(const char *dir, const struct question *question, struct reply *ret_reply)
{
	_cleanup_(guard_close) struct guard *guard = NULL;

	*ret_reply = (struct reply){.number = question->number};
	if (guard_open(dir, false, &guard, NULL) == 0)
		interface_state_read(guard, &question->interface, &ret_reply->state);
	else
		ret_reply->state.is_unknown = true;
}

static void run_keeper(const char *dir, int socket)
{
	struct question question;
	struct reply reply;

	prctl(PR_SET_NAME, "xdpguard-hooks");
	if (privileges_keep(PRIVILEGE(CAP_SYS_ADMIN), 0, NULL) < 0)
		_exit(1);
	while (recv(socket, &question, sizeof(question), 0) == sizeof(question)) {
		answer(dir, &question, &reply);
		if (send(socket, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int serve_hooks_start(const char *dir, struct why *why)
{
	const struct timeval timeout = {.tv_sec = ANSWER_S};
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return why_set(why, -errno, "cannot make a pair of sockets: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		run_keeper(dir, sockets[1]);
	}
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		return why_set(why, -errno, "cannot start a process: %s", strerror(errno));
	}
	setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	keeper = sockets[0];
	return 0;
}

static bool ask(const struct guard_interface *interface, struct interface_state *ret_state)
{
	static struct question question;
	struct reply reply;

	question.number++;
	question.interface = *interface;
	if (send(keeper, &question, sizeof(question), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return false;
	do {
		if (recv(keeper, &reply, sizeof(reply), 0) != sizeof(reply))
			return false;
	} while (reply.number != question.number);
	*ret_state = reply.state;
	return true;
}

void serve_hooks_read(const struct guard *guard, const struct guard_interface *interface,
		      struct interface_state *ret_state)
{
	/* Where nobody answers, what can be seen without the capability is said here. */
	if (keeper < 0 || !ask(interface, ret_state))
		interface_state_read(guard, interface, ret_state);
}
