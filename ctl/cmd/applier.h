/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who runs the tool, for the history. Asks no directory service: the network may be down. */
#pragma once

/* "alice" who typed sudo, "root", "uid 1000". NULL: no memory. Caller frees. */
char *applier_name(void);

/* Where the SSH session comes from; NULL: none. Caller frees. */
char *applier_address(void);
