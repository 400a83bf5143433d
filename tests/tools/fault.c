/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD=libfault.so: numbers the calls of a program that may go wrong, and lets one of them go wrong.
 *
 * FAULT_POINTS=changes  calls that change something: bpf(2), netlink, files
 *              calls    those, and bpf(2) and maps of memory that only read
 *              memory   allocations, but those of json-c
 *              json     those of json-c, but its parser's, which does not bear it to fail
 * FAULT_LIST=FILE       a line for each, in order; of memory only how many there were
 * FAULT_AT=N            before the Nth…
 * FAULT=kill            …the process is killed,
 *       kill-behind     …it is killed when the call has been done, which has to be one of bpf(2),
 *       stop            …it stops, until somebody lets it go on,
 *       ENOSPC, …       …or in its place: it fails with that error. Exit status and list say what became of it.
 * FAULT_WALL_CLOCK=S    the wall clock is S seconds ahead, or behind
 *
 * Runs of the packet program for the clock's sake are no points: their number is another each time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/rtnetlink.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define LIST_FD 500
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum points {
	POINTS_NONE,
	POINTS_CHANGES,
	POINTS_CALLS,
	POINTS_MEMORY,
	POINTS_JSON,
};

static enum points points;
static unsigned long n_points, fault_at;
static int fault_signal, fault_errno;
static bool is_behind, is_due;
static long wall_clock_ahead;
static int list = -1;
static pid_t owner; /* what it forks has no points */

extern void *__libc_malloc(size_t size);
extern void *json_tokener_parse(const char *text);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

/* Straight to the kernel: what is wrapped here must not count itself. */
static void write_list(const char *text)
{
	if (list >= 0)
		REAL(syscall)(SYS_write, list, text, strlen(text));
}

static void end_list(void)
{
	char text[32];

	if (points < POINTS_MEMORY || getpid() != owner)
		return;
	snprintf(text, sizeof(text), "%lu\n", n_points);
	write_list(text);
}

static int error_of(const char *name)
{
	static const int errors[] = {ENOSPC, ENOMEM, EPERM, EIO, EROFS};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (!strcmp(strerrorname_np(errors[i]), name))
			return errors[i];
	return 0;
}

static void choose_fault(const char *fault)
{
	is_behind = !strcmp(fault, "kill-behind");
	if (is_behind || !strcmp(fault, "kill"))
		fault_signal = SIGKILL;
	else if (!strcmp(fault, "stop"))
		fault_signal = SIGSTOP;
	else
		fault_errno = error_of(fault);
}

static enum points points_of(const char *name)
{
	static const char *const names[] = {"", "changes", "calls", "memory", "json"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return i;
	return POINTS_NONE;
}

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("FAULT_LIST");

	int fd;

	if (file) {
		fd = (int)REAL(syscall)(SYS_openat, AT_FDCWD, file,
					O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		/* Out of the way of whoever counts on the lowest number. */
		list = fcntl(fd, F_DUPFD_CLOEXEC, LIST_FD);
		REAL(syscall)(SYS_close, fd);
	}
	owner = getpid();
	wall_clock_ahead = strtol(getenv("FAULT_WALL_CLOCK") ?: "0", NULL, 10);
	fault_at = strtoul(getenv("FAULT_AT") ?: "0", NULL, 10);
	choose_fault(getenv("FAULT") ?: "");
	atexit(end_list);
	points = points_of(getenv("FAULT_POINTS") ?: "");
}

/* True: this call is to fail, and errno says how. */
static bool goes_wrong(void)
{
	if (++n_points != fault_at)
		return false;
	is_due = is_behind;
	if (fault_signal && !is_behind)
		raise(fault_signal);
	if (!fault_errno)
		return false;
	errno = fault_errno;
	return true;
}

/* `is_change`: it belongs to either kind of points. */
static bool fails(bool is_change, const char *call, const char *what)
{
	char text[512];

	if (getpid() != owner)
		return false;
	if (points != POINTS_CALLS && !(points == POINTS_CHANGES && is_change))
		return false;
	snprintf(text, sizeof(text), "%s %s\n", call, what);
	write_list(text);
	return goes_wrong();
}

static bool is_parsing_json;

/* Also what libc allocates for it. */
void *json_tokener_parse(const char *text)
{
	void *(*parse)(const char *) = dlsym(RTLD_NEXT, "json_tokener_parse");
	void *json;

	is_parsing_json = true;
	json = parse(text);
	is_parsing_json = false;
	return json;
}

static bool is_json(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) && strstr(info.dli_fname, "/libjson-c.so");
}

static bool allocation_fails(const void *caller)
{
	if (points < POINTS_MEMORY || is_parsing_json || getpid() != owner)
		return false;
	return is_json(caller) == (points == POINTS_JSON) && goes_wrong();
}

void *malloc(size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

/* NULL: a command that only reads. */
static const char *changing_command(long command)
{
	static const char *const names[] = {
		[BPF_MAP_CREATE] = "MAP_CREATE",
		[BPF_MAP_UPDATE_ELEM] = "MAP_UPDATE_ELEM",
		[BPF_MAP_DELETE_ELEM] = "MAP_DELETE_ELEM",
		[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = "MAP_LOOKUP_AND_DELETE_ELEM",
		[BPF_PROG_LOAD] = "PROG_LOAD",
		[BPF_OBJ_PIN] = "OBJ_PIN",
		[BPF_PROG_ATTACH] = "PROG_ATTACH",
		[BPF_PROG_DETACH] = "PROG_DETACH",
		[BPF_BTF_LOAD] = "BTF_LOAD",
		[BPF_MAP_FREEZE] = "MAP_FREEZE",
		[BPF_MAP_UPDATE_BATCH] = "MAP_UPDATE_BATCH",
		[BPF_MAP_DELETE_BATCH] = "MAP_DELETE_BATCH",
		[BPF_LINK_CREATE] = "LINK_CREATE",
		[BPF_LINK_UPDATE] = "LINK_UPDATE",
		[BPF_LINK_DETACH] = "LINK_DETACH",
		[BPF_PROG_BIND_MAP] = "PROG_BIND_MAP",
	};

	return command >= 0 && command < (long)ARRAY_SIZE(names) ? names[command] : NULL;
}

/* What a command of bpf(2) is about, as far as it has a name. */
static const char *subject_of(long command, const union bpf_attr *attr)
{
	switch (command) {
	case BPF_MAP_CREATE:
		return attr->map_name;
	case BPF_PROG_LOAD:
		return attr->prog_name;
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
		return (const char *)(uintptr_t)attr->pathname;
	}
	return "";
}

static bool bpf_fails(long command, const union bpf_attr *attr)
{
	const char *name = changing_command(command);
	char call[48];

	if (command == BPF_PROG_TEST_RUN)
		return false;
	if (name)
		snprintf(call, sizeof(call), "bpf %s", name);
	else
		snprintf(call, sizeof(call), "bpf reads by command %ld", command);
	return fails(name, call, subject_of(command, attr));
}

long syscall(long number, ...)
{
	long a[6], result;
	va_list arguments;

	va_start(arguments, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_bpf && bpf_fails(a[0], (const union bpf_attr *)a[1]))
		return -1;
	result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (is_due)
		raise(fault_signal);
	return result;
}

/* What is asked of a watcher, or of the kernel: an interface's program is one of the things that are set. */
static bool is_change_of(const void *message, size_t size)
{
	const struct nlmsghdr *header = message;

	return size < sizeof(*header) || header->nlmsg_len != size ||
	       header->nlmsg_type == RTM_SETLINK;
}

ssize_t send(int fd, const void *message, size_t size, int flags)
{
	if (fails(is_change_of(message, size), "send", ""))
		return -1;
	return REAL(send)(fd, message, size, flags);
}

int mkdir(const char *path, mode_t mode)
{
	return fails(true, "mkdir", path) ? -1 : REAL(mkdir)(path, mode);
}

int mkdirat(int directory, const char *path, mode_t mode)
{
	return fails(true, "mkdirat", path) ? -1 : REAL(mkdirat)(directory, path, mode);
}

int rmdir(const char *path)
{
	return fails(true, "rmdir", path) ? -1 : REAL(rmdir)(path);
}

int unlink(const char *path)
{
	return fails(true, "unlink", path) ? -1 : REAL(unlink)(path);
}

int unlinkat(int directory, const char *path, int flags)
{
	return fails(true, "unlinkat", path) ? -1 : REAL(unlinkat)(directory, path, flags);
}

int rename(const char *from, const char *to)
{
	return fails(true, "rename", to) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	return fails(true, "renameat", to) ? -1
					   : REAL(renameat)(from_directory, from, to_directory, to);
}

int chmod(const char *path, mode_t mode)
{
	return fails(true, "chmod", path) ? -1 : REAL(chmod)(path, mode);
}

int fchmod(int fd, mode_t mode)
{
	return fails(true, "fchmod", "") ? -1 : REAL(fchmod)(fd, mode);
}

int fchmodat(int directory, const char *path, mode_t mode, int flags)
{
	return fails(true, "fchmodat", path) ? -1 : REAL(fchmodat)(directory, path, mode, flags);
}

int fchown(int fd, uid_t user, gid_t group)
{
	return fails(true, "fchown", "") ? -1 : REAL(fchown)(fd, user, group);
}

int fchownat(int directory, const char *path, uid_t user, gid_t group, int flags)
{
	return fails(true, "fchownat", path) ? -1
					     : REAL(fchownat)(directory, path, user, group, flags);
}

int openat64(int directory, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (flags & O_CREAT && fails(true, "openat", path))
		return -1;
	return REAL(openat64)(directory, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (flags & O_CREAT && fails(true, "open", path))
		return -1;
	return REAL(open64)(path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	return fails(true, "write", "") ? -1 : REAL(write)(fd, bytes, size);
}

int fsync(int fd)
{
	return fails(true, "fsync", "") ? -1 : REAL(fsync)(fd);
}

int ftruncate64(int fd, off64_t size)
{
	return fails(true, "ftruncate", "") ? -1 : REAL(ftruncate64)(fd, size);
}

void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
	if (flags & MAP_SHARED && fails(false, "mmap", ""))
		return MAP_FAILED;
	return REAL(mmap64)(at, size, protection, flags, fd, offset);
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
	int r = REAL(clock_gettime)(id, ret_now);

	if (r == 0 && id == CLOCK_REALTIME)
		ret_now->tv_sec += wall_clock_ahead;
	return r;
}
