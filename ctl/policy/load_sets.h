/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* sets: all of them, flattened. Target: struct policy. */
loader_read load_sets;

/*
 * from, to and their opposites. Target: struct set_list. What is written in place becomes a set
 * without a name.
 */
loader_read load_set_list;
