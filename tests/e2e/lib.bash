# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the end-to-end tests use: a guarded "server" and a "client" in namespaces of the test's own, real
# packets between them, and the tool as it is typed. Each test has a guard of its own.
#
# XDPGUARD, FLOOD, COUNT, ASK and ANSWER name the programs; meson sets them.
#
# shellcheck disable=SC2154 # bats sets status, output and lines

bats_require_minimum_version 1.5.0

# shellcheck source=scripts/lib/cleanup.bash
. "${BASH_SOURCE%/*}/../../scripts/lib/cleanup.bash"
# shellcheck source=scripts/lib/network.bash
. "${BASH_SOURCE%/*}/../../scripts/lib/network.bash"

# In setup. The server has eth0, with 198.51.100.1 and 2001:db8::1; the client the other end, with …2.
make_lab() {
	: "${XDPGUARD:?}" "${FLOOD:?}" "${COUNT:?}" "${ASK:?}" "${ANSWER:?}"
	((EUID == 0)) || skip "needs root"
	[[ $(stat -f -c %T /sys/fs/bpf) == bpf_fs ]] || skip "no BPF filesystem is mounted at /sys/fs/bpf"
	export XDPGUARD_DIR=/sys/fs/bpf/$lab XDPGUARD_STATE=$BATS_TEST_TMPDIR/state
	unset SSH_CONNECTION NO_COLOR
	policy=$BATS_TEST_TMPDIR/policy.yaml
	on_exit rm -rf "$XDPGUARD_DIR"
	lab_add server client
	lab_link server eth0 client eth0
	lab_address server eth0 198.51.100.1/24 2001:db8::1/64
	lab_address client eth0 198.51.100.2/24 2001:db8::2/64
}

# In teardown. What a failed test left attached goes first, for libxdp has pins of its own.
remove_lab() {
	[[ ! -d ${XDPGUARD_DIR:-} ]] || xdpguard detach --all >/dev/null 2>&1 || true
	run_cleanup
}

# As typed on the server.
xdpguard() {
	lab_in server "$XDPGUARD" "$@"
}

# apply_text [OPTION…] <<'YAML': puts the policy on standard input in force, on eth0 if no --dev says where.
apply_text() {
	cat >"$policy"
	[[ " $* " == *" --dev "* ]] || set -- --dev eth0 "$@"
	xdpguard apply "$policy" "$@"
}

# receiver_of FROM: options for flood that name the server's address of the same family.
receiver_of() {
	printf '%s ' --dev "${interface:-eth0}" --mac "$(lab_mac server "${interface:-eth0}")" --to
	if [[ $1 == *:* ]]; then
		echo 2001:db8::1
	else
		echo 198.51.100.1
	fi
}

# flood FROM OPTION…: prints what was sent, as JSON. Before all others: while it is kept from sending, a budget
# that is full earns nothing.
flood() {
	# shellcheck disable=SC2046 # several options
	lab_in client nice -n -20 "$FLOOD" --from "$1" $(receiver_of "$1") "${@:2}"
}

# flood_counted FROM OPTION…: likewise, with how many got past XDP as `received`.
flood_counted() {
	# shellcheck disable=SC2046 # several options
	lab_in server "$COUNT" --dev "${interface:-eth0}" --port 9 \
		nsenter --net="/run/netns/$lab-client" nice -n -20 "$FLOOD" --from "$1" $(receiver_of "$1") "${@:2}" |
		jq -sc add
}

# number FILTER JSON
number() {
	jq -rce "$1" <<<"$2"
}

# source_of ADDRESS FILTER: of its entry in `sources --json`.
source_of() {
	xdpguard sources --json | jq -ce --arg address "$1" ".sources[] | select(.address == \$address) | $2"
}

# reasons: what became of the packets that were judged, such as {"over-rate":9,"within-limit":1}.
reasons() {
	xdpguard status --json | jq -cS '[.reasons[] | select(.packets > 0) | {(.reason): .packets}] | add'
}

# equal ACTUAL EXPECTED [WHAT]
equal() {
	[[ $1 == "$2" ]] || {
		printf '%s\ngot      %s\nexpected %s\n' "${3:-}" "$1" "$2"
		return 1
	}
}

# within ACTUAL EXPECTED PERCENT
within() {
	(($1 * 100 >= $2 * (100 - $3) && $1 * 100 <= $2 * (100 + $3))) || {
		printf 'got      %s\nexpected %s, give or take %s %%\n' "$1" "$2" "$3"
		return 1
	}
}

# eventually COMMAND…: tries for fifteen seconds.
eventually() {
	local tries=150

	until "$@"; do
		((--tries)) || {
			echo "not in 15 s: $*"
			return 1
		}
		sleep 0.1
	done
}

# So that no other tool has to wait.
lock_is_free() {
	flock --nonblock /run/xdpguard.lock true
}

# is_in_call PROCESS CALL: it waits in that one, as /proc says: "0 0x" is read(2), "1 0x1 " a write(2) to standard output.
is_in_call() {
	[[ $(<"/proc/$1/syscall") == "$2"* ]]
}

# fails_with CODE TEXT COMMAND…: exits so, saying so on standard error.
fails_with() {
	run --separate-stderr "${@:3}"
	[[ $status == "$1" && $stderr == *"$2"* ]] || {
		printf 'exit %s, saying %s\nexpected %s: %s\n' "$status" "$stderr" "$1" "$2"
		return 1
	}
}
