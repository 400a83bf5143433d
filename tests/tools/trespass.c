/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD=libtrespass.so: with the first client that a server takes, tries from within its process what nobody
 * who takes it over should be able to do, and says on standard error what the kernel answers. Where it is let, nothing changes:
 * what is written is what was there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define PAGE 4096 /* no entry is larger */

static void say(const char *what, bool is_done)
{
	fprintf(stderr, "trespass: %s %s\n", what, is_done ? "done" : strerrorname_np(errno));
}

static void try_to_write(int table)
{
	unsigned key = 0;
	char value[PAGE];

	say("read", bpf_map_lookup_elem(table, &key, value) == 0);
	say("write", bpf_map_update_elem(table, &key, value, BPF_ANY) == 0);
}

static void try_to_map(int table)
{
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, table, 0);

	say("map", memory != MAP_FAILED);
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, table, 0);
	say("map to read", memory != MAP_FAILED);
	say("remap", mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == 0);
}

static void try_files(void)
{
	say("chmod", chmod("control", 0600) == 0);
	say("unlink", unlink("none") == 0);
	say("open", open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0);
	say("create", open("none/none", O_CREAT | O_CLOEXEC, 0600) >= 0);
}

int accept4(int socket, struct sockaddr *address, socklen_t *size, int flags)
{
	static bool is_done;
	__typeof__(&accept4) real = (__typeof__(&accept4))dlsym(RTLD_NEXT, "accept4");

	if (!is_done && chdir(getenv("XDPGUARD_DIR")) == 0) {
		try_to_write(bpf_obj_get("interfaces"));
		try_to_map(bpf_obj_get("control"));
		try_files();
	}
	is_done = true;
	return real(socket, address, size, flags);
}
