/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interface of this network namespace, for tools that send and count real frames. What fails ends the
 * program with a message.
 */
#pragma once

#include <stdint.h>

/* An AF_PACKET socket that receives nothing until it is bound. */
int link_socket(void);

/* Sends to, and receives `protocol` (0: nothing) from, the interface alone. */
void link_bind(int fd, const char *interface, uint16_t protocol);
