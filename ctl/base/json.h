/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-c/json.h>

/* For _cleanup_. */
static inline void json_free(json_object **json)
{
	json_object_put(*json);
}
