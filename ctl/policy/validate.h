/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is only seen when a policy is looked at as a whole. */
#pragma once

#include "policy/loader.h"

void validate(struct loader *loader);
