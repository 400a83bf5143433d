# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What test scripts in the guest use: results, waiting, namespaces, packets. A script is
#
#	. /source/tests/vm/guest/lib.sh
#	make_guarded web
#	a_ping_is_answered() { ping_guarded web 3; }
#	check "a ping is answered" a_ping_is_answered
#
# and runs under set -euo pipefail. Programs beside those of tests/vm/contents are busybox's.

results=/run/results

result_count() {
	[[ ! -e $results ]] || wc -l <"$results"
}

# Each result is one write, so that nothing comes between.
report() {
	echo "$2" >>"$results"
	printf '%s %d - %s\n' "$1" "$(result_count)" "$2"
}

ok() {
	report ok "$1"
}

# not_ok NAME [WHY]
not_ok() {
	report "not ok" "$1"
	[[ -z ${2:-} ]] || echo "# ${2//$'\n'/$'\n# '}"
}

# skip NAME WHY
skip() {
	report ok "$1 # SKIP $2"
}

# check NAME COMMAND…: ok if the command, often a function, succeeds. A function runs in a subshell
# and ends at its first failing command; what it did and said is shown if it fails. It may end
# itself by `unsupported WHY`, which makes the check a skipped one.
check() {
	local name=$1 status

	shift
	: >/tmp/unsupported
	# A subshell that is part of a condition would go on after a failing command.
	set +e
	(
		set -ex
		"$@"
	) >/tmp/output 2>&1
	status=$?
	set -e

	if [[ -s /tmp/unsupported ]]; then
		skip "$name" "$(</tmp/unsupported)"
	elif ((status == 0)); then
		ok "$name"
	else
		not_ok "$name" "$(tail -n 40 /tmp/output)"
	fi
}

unsupported() {
	echo "$*" >/tmp/unsupported
	exit 1
}

# kernel_is_since VERSION: at least as new as that, such as 5.15.
kernel_is_since() {
	[[ $(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1) == "$1" ]]
}

# needs_kernel VERSION: else the script ends here. Not a skipped test: it asks what such a kernel does not promise, and
# 05-old sees that xdpguard says so.
needs_kernel() {
	kernel_is_since "$1" || { echo "# not for this kernel: needs Linux $1" && exit; }
}

# tap PROGRAM…: runs a test program that speaks TAP, and takes over its results. What a script runs is
# meant to run: a test that is skipped has failed, and so has a program whose plan is not kept.
tap() {
	local line name status=0 planned=0 got=0

	CMOCKA_MESSAGE_OUTPUT=TAP "$@" >/tmp/tap 2>&1 || status=$?
	while IFS= read -r line; do
		if [[ $line =~ ^1\.\.([0-9]+)$ ]]; then
			planned=$((planned + BASH_REMATCH[1]))
		elif [[ $line =~ ^((not )?ok)\ [0-9]+\ (- )?(.*)$ ]]; then
			got=$((got + 1))
			name=${BASH_REMATCH[4]}
			if [[ $name == *"# "[Ss][Kk][Ii][Pp]* ]]; then
				not_ok "${name//"# "/}" "skipped, where it is meant to run"
			else
				report "${BASH_REMATCH[1]}" "$name"
			fi
		fi
	done </tmp/tap
	((status == 0 && got > 0 && got == planned)) ||
		not_ok "${1##*/} runs to its end" "exit status $status, $got of $planned tests
$(tail -n 40 /tmp/tap)"
}

# fails COMMAND…: succeeds if the command does not; unlike `!`, ends the check if it does.
fails() {
	if "$@"; then
		return 1
	fi
}

# eventually COMMAND…: tries for half a minute.
eventually() {
	local tries=300

	until "$@"; do
		((--tries)) || return 1
		sleep 0.1
	done
}

# in_namespace NAME COMMAND…: unlike `ip netns exec`, leaves /sys alone, and with it bpffs.
in_namespace() {
	local name=$1

	shift
	nsenter --net="/run/netns/$name" "$@"
}

# make_guarded NAME: namespace NAME with eth0, to be guarded, and NAME-outside with the other end.
# eth0 has 198.51.100.1 and 2001:db8::1; outside has …2 to …9 of both, to send from.
make_guarded() {
	local host

	ip netns add "$1"
	ip netns add "$1-outside"
	ip -n "$1" link add eth0 type veth peer name eth0 netns "$1-outside"
	ip -n "$1" address add 198.51.100.1/24 dev eth0
	ip -n "$1" address add 2001:db8::1/64 dev eth0 nodad
	for host in {2..9}; do
		ip -n "$1-outside" address add "198.51.100.$host/24" dev eth0
		ip -n "$1-outside" address add "2001:db8::$host/64" dev eth0 nodad
	done
	ip -n "$1" link set lo up
	ip -n "$1" link set eth0 up
	ip -n "$1-outside" link set lo up
	ip -n "$1-outside" link set eth0 up
}

# ping_within NAME COUNT SECONDS [SOURCE [TARGET]]: succeeds if one is answered; waits so long for the last.
ping_within() {
	in_namespace "$1-outside" ping -q -A -c "$2" -W "$3" ${4:+-I "$4"} "${5:-198.51.100.1}"
}

# ping_guarded NAME COUNT [SOURCE [TARGET]]: succeeds if one is answered. An emulated machine beside others may take
# seconds over it.
ping_guarded() {
	ping_within "$1" "$2" 10 "${@:3}"
}

# ping_is_lost NAME [SOURCE [TARGET]]: succeeds if one is not answered.
ping_is_lost() {
	fails ping_within "$1" 1 1 "${@:2}"
}

# start_xdpdump NAME CAPTURE: captures what XDP programs on eth0 of namespace NAME leave with, until stop_xdpdump.
start_xdpdump() {
	# Not through a function, for then $! would be a shell.
	nsenter --net="/run/netns/$1" xdpdump --interface eth0 --rx-capture exit --perf-wakeup 1 \
		--write "$2" 2>/tmp/xdpdump &
	xdpdump=$!
	eventually xdpdump_listens
}

# It says that it listens before it has made the buffers that packets go to; it waits for one a processor.
xdpdump_listens() {
	(($(cat /proc/"$xdpdump"/fdinfo/* | grep -c '^tfd:') == $(nproc)))
}

stop_xdpdump() {
	kill "$xdpdump"
	wait "$xdpdump"
}

# send_udp NAME COUNT PORT
send_udp() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_namespace "$1-outside" bash -c \
		'for ((i = 0; i < $1; i++)); do echo "$i" >/dev/udp/198.51.100.1/"$2"; done' - "$2" "$3"
}
