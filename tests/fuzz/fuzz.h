/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share. Each is one file with LLVMFuzzerTestOneInput, which libFuzzer calls. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run where what must hold does not: libFuzzer then keeps the input. */
#define FUZZ_EXPECT(condition) ((condition) ? (void)0 : fuzz_die(__FILE__, __LINE__, #condition))

void fuzz_die(const char *file, int line, const char *what) __attribute__((noreturn));

/* A file in memory, for readers that open one by its name. */
struct fuzz_file {
	int fd; /* 0: not made yet */
	char path[32];
};

/* Its content is now this; it is made the first time. Returns its path. */
const char *fuzz_file_write(struct fuzz_file *file, const void *data, size_t size);
/* A descriptor of its own, from the start. */
int fuzz_file_open(const struct fuzz_file *file);
