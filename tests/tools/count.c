// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a command and counts the UDP datagrams to one port that meanwhile get past XDP on an interface:
 *
 *     count --dev IF --port N COMMAND…
 *
 * Prints {"received": N} behind the command's own output, and exits as the command did; SIGTERM goes to the
 * command. The kernel counts, so that none is missed at any rate.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_packet.h>

#include "base/cleanup.h"
#include "link.h"

#define SETTLE_MS 100 /* nothing arrives for so long: all is through */

/* UDP to `port`, by IPv4 without options or IPv6; the kernel has taken an outer VLAN tag out. */
static void filter_port(int fd, uint32_t port)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 36),
		BPF_JUMP(BPF_JMP | BPF_JA, 4, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IPV6, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 56),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0)
		err(1, "filter");
}

/* Since the last call. What finds the socket's buffer full is counted all the same. */
static unsigned take_count(int fd)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		err(1, "PACKET_STATISTICS");
	return stats.tp_packets;
}

static volatile pid_t child;

static void pass_on(int signal_number)
{
	if (child > 0)
		kill(child, signal_number);
}

static int run(char **command)
{
	int status;

	signal(SIGTERM, pass_on);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		signal(SIGTERM, SIG_DFL);
		execvp(command[0], command);
		err(1, "%s", command[0]);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static unsigned long long count_rest(int fd)
{
	unsigned long long total = 0;
	unsigned more;

	do {
		usleep(SETTLE_MS * 1000);
		more = take_count(fd);
		total += more;
	} while (more);
	return total;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"dev", required_argument, NULL, 'd'},
		{"port", required_argument, NULL, 'p'},
		{},
	};
	const char *interface = NULL;
	unsigned long port = 0;
	int option, fd, code;

	/* + : what follows the first operand is the command's. */
	while ((option = getopt_long(argc, argv, "+d:p:", options, NULL)) != -1) {
		if (option == 'd')
			interface = optarg;
		else if (option == 'p')
			port = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (!interface || port < 1 || port > 65535 || optind == argc)
		errx(2, "usage: count --dev IF --port N COMMAND…");

	fd = link_socket();
	filter_port(fd, (uint32_t)port);
	link_bind(fd, interface, ETH_P_ALL);
	code = run(argv + optind);
	printf("{\"received\": %llu}\n", count_rest(fd));
	return code;
}
