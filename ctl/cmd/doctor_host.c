/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "doctor.h"
#include "guard/hook.h"
#include "guard/probe.h"

/* The first word of a file, or "" where there is none. */
static const char *read_word(const char *path, char word[64])
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	if (!file || fscanf(file, "%63s", word) != 1)
		word[0] = '\0';
	return word;
}

static uint64_t effective_capabilities(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/status", "re");
	unsigned long long bits = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %llx", &bits) == 1)
			break;
	return bits;
}

/* False: what takes them cannot be tried. */
static bool check_capabilities(struct findings *findings)
{
	static const struct {
		unsigned bit;
		const char *name;
	} wanted[] = {
		{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
		{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, /* covers CAP_BPF and CAP_PERFMON */
	};
	uint64_t have = effective_capabilities();
	char missing[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!(have >> wanted[i].bit & 1))
			used += snprintf(missing + used, sizeof(missing) - used, "%s%s",
					 used ? ", " : "", wanted[i].name);
	if (!used) {
		findings_add(findings, NULL, "capabilities", FINDING_GOOD, "all that it needs");
		return true;
	}
	finding_advise(findings_add(findings, NULL, "capabilities", FINDING_BAD, "without %s",
				    missing),
		       "run as root, or give the process these capabilities");
	return false;
}

static void check_kernel(struct findings *findings)
{
	struct utsname name = {};
	uint32_t verified = 0;
	struct why why = {};

	uname(&name);
	if (probe_program(&verified, &why) == 0)
		findings_add(findings, NULL, "packet program", FINDING_GOOD,
			     "Linux %s takes it (%u instructions followed)", name.release,
			     verified);
	else
		findings_add(findings, NULL, "packet program", FINDING_BAD, "%s", why.text);
}

static void check_frags(struct findings *findings)
{
	struct why why = {};

	if (probe_frags(&why) == 0)
		findings_add(findings, NULL, "xdp.frags", FINDING_GOOD,
			     "the kernel takes programs for frames in several buffers");
	else
		finding_advise(
			findings_add(findings, NULL, "xdp.frags", FINDING_NOTE,
				     "the kernel refuses programs for frames in several buffers"),
			"needs Linux 5.18; without it a large MTU means generic mode");
}

static void check_chaining(struct findings *findings)
{
	int error = hook_freplace_error();

	if (error)
		finding_advise(findings_add(findings, NULL, "chaining", FINDING_NOTE,
					    "the kernel refuses freplace programs: %s",
					    strerror(-error)),
			       "the guard is attached alone: no other XDP program can share its "
			       "interfaces on this kernel");
	else if (probe_dispatcher_file() < 0)
		finding_advise(findings_add(findings, NULL, "chaining", FINDING_BAD,
					    "libxdp does not find xdp-dispatcher.o"),
			       "install all of libxdp (Debian: libxdp1)");
	else
		findings_add(findings, NULL, "chaining", FINDING_GOOD,
			     "libxdp's dispatcher can be used");
}

static void check_bpffs(struct findings *findings, const char *dir)
{
	char parent[PATH_MAX], *slash;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (slash && slash != parent)
		*slash = '\0';
	if (!probe_is_bpffs(parent))
		finding_advise(findings_add(findings, NULL, "BPF filesystem", FINDING_BAD,
					    "none at %s", parent),
			       "mount -t bpf bpf %s", parent);
	else if (!probe_is_bpffs(PROBE_BPFFS))
		finding_advise(findings_add(findings, NULL, "BPF filesystem", FINDING_NOTE,
					    "at %s, but none at %s, which libxdp uses", parent,
					    PROBE_BPFFS),
			       "mount -t bpf bpf %s: without it no program is chained",
			       PROBE_BPFFS);
	else
		findings_add(findings, NULL, "BPF filesystem", FINDING_GOOD, "at %s", parent);
}

static void check_jit(struct findings *findings)
{
	char enabled[64], harden[64];

	read_word("/proc/sys/net/core/bpf_jit_enable", enabled);
	read_word("/proc/sys/net/core/bpf_jit_harden", harden);
	if (!*enabled)
		findings_add(findings, NULL, "JIT", FINDING_NOTE,
			     "the kernel does not tell in this network namespace");
	else if (!strcmp(enabled, "0"))
		finding_advise(findings_add(findings, NULL, "JIT", FINDING_NOTE,
					    "off: programs are interpreted, many times slower"),
			       "sysctl net.core.bpf_jit_enable=1");
	else if (!strcmp(harden, "2"))
		finding_advise(findings_add(findings, NULL, "JIT", FINDING_NOTE,
					    "on, with constants blinded for root as well: slower"),
			       "sysctl net.core.bpf_jit_harden=1");
	else
		findings_add(findings, NULL, "JIT", FINDING_GOOD, "on");
}

static void check_clock(struct findings *findings)
{
	static const char *const slow[] = {"acpi_pm", "hpet", "jiffies", "refined-jiffies"};
	char clock[64];

	read_word("/sys/devices/system/clocksource/clocksource0/current_clocksource", clock);
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++)
		if (!strcmp(clock, slow[i])) {
			finding_advise(findings_add(findings, NULL, "clock source", FINDING_NOTE,
						    "%s, which is slow to read", clock),
				       "see /sys/devices/system/clocksource/clocksource0/"
				       "available_clocksource for a better one");
			return;
		}
	findings_add(findings, NULL, "clock source", FINDING_GOOD, "%s",
		     *clock ? clock : "unknown");
}

static void check_statistics(struct findings *findings)
{
	char enabled[64];

	if (strcmp(read_word("/proc/sys/kernel/bpf_stats_enabled", enabled), "1") != 0)
		findings_add(findings, NULL, "BPF statistics", FINDING_GOOD, "off");
	else
		finding_advise(findings_add(findings, NULL, "BPF statistics", FINDING_NOTE,
					    "on: every packet reads the clock twice"),
			       "sysctl kernel.bpf_stats_enabled=0");
}

/* The path of this process in the unified hierarchy of control groups, or "". */
static void read_cgroup(char path[PATH_MAX])
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];

	path[0] = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "0::", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			strcpy(path, line + 3);
			return;
		}
}

/* The tightest limit of the group and those above it, or 0. */
static unsigned long long memory_limit(void)
{
	unsigned long long limit = 0, found;
	char group[PATH_MAX], path[PATH_MAX + 64], word[64], *slash;

	read_cgroup(group);
	while ((slash = strrchr(group, '/'))) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.max", group);
		if (sscanf(read_word(path, word), "%llu", &found) == 1 && (!limit || found < limit))
			limit = found;
		*slash = '\0';
	}
	return limit;
}

/* Since Linux 5.11 maps count in the control group, and no longer in RLIMIT_MEMLOCK. */
static void check_memory(struct findings *findings)
{
	unsigned long long limit = memory_limit();

	if (!limit)
		findings_add(findings, NULL, "memory for maps", FINDING_GOOD,
			     "not limited (RLIMIT_MEMLOCK does not matter since Linux 5.11)");
	else
		finding_advise(findings_add(findings, NULL, "memory for maps", FINDING_NOTE,
					    "this control group has %llu MiB for all", limit >> 20),
			       "xdpguard check POLICY says what a policy takes");
}

void doctor_host(struct findings *findings, const char *dir)
{
	if (check_capabilities(findings)) {
		check_kernel(findings);
		check_chaining(findings);
		check_frags(findings);
	}
	check_bpffs(findings, dir);
	check_memory(findings);
	check_jit(findings);
	check_clock(findings);
	check_statistics(findings);
}
