# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a script made is removed when it ends, whatever ends it.

cleanup_commands=()

# on_exit COMMAND…: runs at the end, the last one first.
on_exit() {
	cleanup_commands=("$(printf '%q ' "$@")" "${cleanup_commands[@]}")
}

run_cleanup() {
	local command

	for command in "${cleanup_commands[@]}"; do
		eval "$command" || true
	done
	cleanup_commands=()
}

end_cleanly() {
	local status=$?

	trap - EXIT
	trap '' INT TERM HUP
	run_cleanup
	exit "$status"
}

# For scripts; bats has traps of its own, and calls run_cleanup from teardown.
clean_up_at_exit() {
	trap end_cleanly EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}
