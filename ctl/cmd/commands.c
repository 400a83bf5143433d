/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

extern const struct command command_apply, command_block, command_blocks, command_check,
	command_completion, command_confirm, command_detach, command_diff, command_doctor,
	command_drops, command_events, command_explain, command_history, command_replay,
	command_reset, command_restore, command_rollback, command_rules, command_save,
	command_serve, command_snapshot, command_sources, command_status, command_suggest,
	command_top, command_unblock;

/* In the order that help lists them: first what changes, then what shows. */
const struct command *const commands[] = {
	&command_check,	   &command_diff,	&command_apply,
	&command_confirm,  &command_rollback,	&command_history,
	&command_detach,   &command_block,	&command_unblock,
	&command_save,	   &command_restore,	&command_reset,
	&command_top,	   &command_status,	&command_sources,
	&command_rules,	   &command_drops,	&command_blocks,
	&command_snapshot, &command_events,	&command_explain,
	&command_replay,   &command_suggest,	&command_serve,
	&command_doctor,   &command_completion, NULL,
};
