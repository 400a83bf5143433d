/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_private.h"

#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/input.h"

#define LIVE_TIMEOUT_MS 100
#define LIVE_MAX 64	       /* interfaces that are waited for at once */
#define LIVE_BUFFER (16 << 20) /* some 100,000 heads of frames, should this process have to wait */

static bool is_known_link(int link)
{
	switch (link) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		return true;
	}
	return false;
}

static int set_filter(struct capture *capture, const char *filter, struct why *why)
{
	struct bpf_program program;
	int r;

	if (pcap_compile(capture->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return why_set(why, -EINVAL, "filter \"%s\": %s", filter,
			       pcap_geterr(capture->pcap));
	r = pcap_setfilter(capture->pcap, &program);
	pcap_freecode(&program);
	return r < 0 ? why_set(why, -EINVAL, "filter \"%s\": %s", filter,
			       pcap_geterr(capture->pcap))
		     : 0;
}

static int check_link(struct capture *capture, const char *path, struct why *why)
{
	const char *name;

	capture->link = pcap_datalink(capture->pcap);
	if (is_known_link(capture->link))
		return 0;
	name = pcap_datalink_val_to_name(capture->link);
	return why_set(why, -EINVAL,
		       "%s: its frames are of link type %s, which no XDP program sees; Ethernet, "
		       "raw IP and Linux cooked captures can be judged",
		       path, name ?: "unknown");
}

/* libpcap by itself would wait for whoever writes to a FIFO. */
static int open_file(struct capture *capture, const char *path, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	_cleanup_fclose_ FILE *file = NULL;
	uint64_t size = 0;
	int fd, r = input_open(path, &fd, &size);

	if (r < 0)
		return why_set(why, r, "%s: %s", path, input_strerror(r));
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return why_set(why, -ENOMEM, "not enough memory");
	}
	capture->pcap =
		pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!capture->pcap)
		return why_set(why, -EINVAL, "%s: %s", path, error);
	take_ptr(file); /* closed with the capture */
	capture->size = size;
	return 0;
}

int capture_open(const char *path, const char *filter, struct capture **ret_capture,
		 struct why *why)
{
	_cleanup_(capture_close) struct capture *capture = calloc(1, sizeof(*capture));
	int r;

	if (!capture)
		return why_set(why, -ENOMEM, "not enough memory");
	r = open_file(capture, path, why);
	if (r == 0)
		r = check_link(capture, path, why);
	if (r == 0 && filter)
		r = set_filter(capture, filter, why);
	if (r == 0)
		*ret_capture = take_ptr(capture);
	return r;
}

static int activate(pcap_t *pcap, const char *interface, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int r;

	pcap_set_snaplen(pcap, CAPTURE_LIVE_SIZE);
	pcap_set_timeout(pcap, LIVE_TIMEOUT_MS);
	pcap_set_buffer_size(pcap, LIVE_BUFFER);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	r = pcap_activate(pcap);
	if (r < 0)
		return why_set(why, -EINVAL, "cannot look at %s: %s", interface,
			       r == PCAP_ERROR ? pcap_geterr(pcap) : pcap_statustostr(r));
	if (pcap_setnonblock(pcap, 1, error) < 0)
		return why_set(why, -EINVAL, "cannot look at %s: %s", interface, error);
	if (pcap_setdirection(pcap, PCAP_D_IN) < 0)
		return why_set(why, -EINVAL, "cannot look at what comes in on %s: %s", interface,
			       pcap_geterr(pcap));
	return 0;
}

int capture_open_live(const char *interface, const char *filter, struct capture **ret_capture,
		      struct why *why)
{
	_cleanup_(capture_close) struct capture *capture = calloc(1, sizeof(*capture));
	char error[PCAP_ERRBUF_SIZE] = "";
	int r;

	if (!capture)
		return why_set(why, -ENOMEM, "not enough memory");
	capture->pcap = pcap_create(interface, error);
	if (!capture->pcap)
		return why_set(why, -EINVAL, "%s: %s", interface, error);
	capture->is_live = true;
	r = activate(capture->pcap, interface, why);
	if (r == 0)
		r = check_link(capture, interface, why);
	if (r == 0 && filter)
		r = set_filter(capture, filter, why);
	if (r == 0)
		*ret_capture = take_ptr(capture);
	return r;
}

void capture_wait(struct capture *const *captures, size_t n)
{
	struct pollfd fds[LIVE_MAX];

	if (n > LIVE_MAX)
		n = LIVE_MAX;
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){pcap_get_selectable_fd(captures[i]->pcap), POLLIN, 0};
	poll(fds, n, LIVE_TIMEOUT_MS);
}

uint64_t capture_lost(const struct capture *capture)
{
	struct pcap_stat stat;

	return pcap_stats(capture->pcap, &stat) < 0 ? 0 : stat.ps_drop;
}

void capture_close(struct capture **capture)
{
	if (!*capture)
		return;
	if ((*capture)->pcap)
		pcap_close((*capture)->pcap);
	free(*capture);
	*capture = NULL;
}

size_t capture_position(const struct capture *capture)
{
	long at = ftell(pcap_file(capture->pcap));

	return at < 0 ? 0 : (size_t)at;
}

size_t capture_size(const struct capture *capture)
{
	return capture->size;
}
