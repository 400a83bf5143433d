/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <limits.h>

#include "command.h"

/* The file that save and restore were given, or the usual one, whose directory is made. An exit code. */
int saved_blocks_path(const struct arguments *args, bool is_made, char path[PATH_MAX]);
