# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# The units. Nothing here starts them, which takes a machine that systemd runs: systemd-analyze reads them, and
# what they allow is held against what the tool does.
load lib

setup() {
	: "${UNITS:?}"
	service=$BATS_TEST_TMPDIR/xdpguard.service
	server=$BATS_TEST_TMPDIR/xdpguard-serve.service
	# With the tool where it is built: systemd-analyze looks for it.
	for unit in "$service" "$server"; do
		sed "s|^\(Exec[A-Za-z]*=-\?\)[^ ]*/xdpguard |\1$XDPGUARD |" "$UNITS/${unit##*/}" >"$unit"
	done
	cp "$UNITS/xdpguard.path" "$UNITS/xdpguard-reload.service" "$BATS_TEST_TMPDIR/"
}

needs() {
	type -P "$1" >/dev/null || skip "$1 is not installed"
}

# value_of KEY: what the service sets it to.
value_of() {
	sed -n "s/^$1=//p" "$service"
}

@test "systemd-analyze verify finds nothing to say of the units" {
	needs systemd-analyze
	run systemd-analyze verify --man=no "$service" "$server" "$BATS_TEST_TMPDIR/xdpguard.path" \
		"$BATS_TEST_TMPDIR/xdpguard-reload.service"
	((status == 0))
	equal "$output" ""
}

@test "systemd-analyze verify would see a mistake" {
	needs systemd-analyze
	sed -i 's/^ExecStart=.*/ExecStart=nothing-of-the-kind/' "$service"
	run systemd-analyze verify --man=no "$service"
	((status != 0))
}

@test "systemd-analyze security rates the services' exposure 3.0 and less" {
	needs systemd-analyze
	systemd-analyze security --offline=true --threshold=30 "$service"
	systemd-analyze security --offline=true --threshold=30 "$server"
	systemd-analyze security --offline=true --threshold=30 "$BATS_TEST_TMPDIR/xdpguard-reload.service"
}

@test "ExecReload applies the same policy as ExecStart, ExecStop takes all off, and blocks outlive both" {
	equal "$(value_of ExecStart)" "$XDPGUARD apply /etc/xdpguard/policy.yaml"
	equal "$(value_of ExecReload)" "$(value_of ExecStart)"
	equal "$(value_of ExecStartPost)" "-$XDPGUARD restore"
	equal "$(value_of ExecStop)" "-$XDPGUARD save
$XDPGUARD detach --all"
}

@test "the folders of the policy and of its lists are watched, as the example policies name them" {
	mapfile -t folders < <(sed -n 's/^PathChanged=//p' "$UNITS/xdpguard.path")
	mapfile -t lists < <(sed -nE 's|^ *file: (.*)|/etc/xdpguard/\1|p' "$BATS_TEST_DIRNAME"/../../policies/*.yaml)
	((${#lists[@]} > 0))
	for file in /etc/xdpguard/policy.yaml "${lists[@]}"; do
		[[ " ${folders[*]} " == *" ${file%/*} "* ]] || equal "${folders[*]}" "${file%/*}"
	done
}

@test "no number of changes keeps the policy from being applied again" {
	equal "$(sed -n '/^\[Unit\]/,/^\[Service\]/s/^StartLimitIntervalSec=//p' "$UNITS/xdpguard-reload.service")" 0
}

# as_the_unit VERB…: with the capabilities that the service leaves, and none else.
as_the_unit() {
	local sets

	sets=-all,$(value_of CapabilityBoundingSet | sed 's/CAP_/+/g; s/ /,/g; s/.*/\L&/')
	in_namespace "$guarded" setpriv --bounding-set="$sets" --inh-caps=-all --no-new-privs "$XDPGUARD" "$@"
}

@test "the capabilities that the unit leaves are enough to start, reload and stop" {
	needs setpriv
	as_the_unit apply "$policy"
	equal "$(xdpguard status --json | jq -r '.interfaces[0].state')" attached
	sed -i 's/burst: 10/burst: 20/' "$policy"
	as_the_unit apply "$policy"
	as_the_unit detach --all
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "the capabilities that the server's unit leaves are enough to see what is attached" {
	needs setpriv
	start_guard
	ip -n "$guarded" link set lo up
	service=$server
	# As in serve.bats.
	ASAN_OPTIONS=detect_leaks=0 nsenter --net="/run/netns/$guarded" setpriv --bounding-set=-all,+bpf,+sys_admin --inh-caps=-all --no-new-privs \
		"$XDPGUARD" serve 3>&- &
	served=$!
	equal "$(value_of CapabilityBoundingSet)" "CAP_BPF CAP_SYS_ADMIN"
	state=$(in_namespace "$guarded" curl -sS --retry 20 --retry-connrefused --retry-delay 1 \
		http://127.0.0.1:9436/api/status | jq -r '.interfaces[0].state')
	kill "$served"
	wait "$served"
	equal "$state" attached
	xdpguard detach --all
}

# allowed_calls: that SystemCallFilter= names, groups resolved.
allowed_calls() {
	local name

	for name; do
		if [[ $name == @* ]]; then
			# shellcheck disable=SC2046 # several names
			allowed_calls $(systemd-analyze syscall-filter "$name" | awk '/^    [^#]/ { print $1 }')
		else
			echo "$name"
		fi
	done
}

@test "every system call of start, reload and stop is one that the unit allows" {
	needs systemd-analyze
	needs strace
	made=$BATS_TEST_TMPDIR/made
	changed=$BATS_TEST_TMPDIR/changed.yaml
	sed 's/burst: [0-9]*/burst: 30/' "$policy" >"$changed"
	for verb in "apply $policy" "apply $changed" "detach --all"; do
		# Leaks are not looked for where a sanitizer would, for it can't under a tracer.
		# shellcheck disable=SC2086 # several words
		ASAN_OPTIONS=detect_leaks=0 in_namespace "$guarded" strace -f -qq -e signal=none -A -o "$made" "$XDPGUARD" $verb
	done
	# shellcheck disable=SC2046 # several names
	allowed_calls $(value_of SystemCallFilter) | sort -u >"$BATS_TEST_TMPDIR/allowed"
	run comm -23 <(sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$made" | sort -u) "$BATS_TEST_TMPDIR/allowed"
	equal "$output" ""
}
