# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup_file() {
	make_namespaces
	export foreign_pin=/sys/fs/bpf/xdpguard-test-foreign-$$
}

teardown() {
	xdpguard detach --all >/dev/null 2>&1 || true
	rm -rf "$XDPGUARD_DIR" "$foreign_pin"
}

# Without the BPF filesystem, as in a container that did not get it.
without_bpffs() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount bash -c 'while umount -l /sys/fs/bpf 2>/dev/null; do :; done; exec "$@"' - \
		nsenter --net="/run/netns/$guarded" "$XDPGUARD" "$@"
}

# All that help lists.
verbs() {
	"$XDPGUARD" --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | paste -sd ' '
}

@test "no arguments: help on standard error, exit 2" {
	fails_with 2 'usage: xdpguard COMMAND' xdpguard
}

@test "an unknown verb or option is told, with the nearest" {
	fails_with 2 'unknown command "blok"; did you mean "block"?' xdpguard blok
	fails_with 2 'unknown option --jason; see: xdpguard rules --help' xdpguard rules --jason
}

@test "what is typed wrong is told before other tools are waited for" {
	fails_with 2 '"x": expected a number of the history' flock /run/xdpguard.lock timeout 60 "$XDPGUARD" rollback x
}

@test "an option given twice is refused, and does not replace the first" {
	fails_with 2 'apply: "eth1" is a second value for an option that takes one, after "eth0"' \
		xdpguard apply policy.yaml --dev eth0 --dev eth1
	xdpguard check "$policy" --explain --explain >/dev/null
}

# Every verb that a shell completes.
completed() {
	"$XDPGUARD" completion bash | sed -n "s/.*_xdpguard_words '\(check .*\) --help --version'/\1/p"
}

@test "every verb has --help with an example, no line over 80 columns, and exit 0" {
	export LC_ALL=C.UTF-8 # columns, not bytes
	for verb in $(verbs) completion; do
		run --separate-stderr "$XDPGUARD" "$verb" --help
		equal "$status" 0
		[[ $output == *"usage: xdpguard $verb"*"options:"*"example"*"  xdpguard $verb"* ]] ||
			{ echo "$output"; return 1; }
		equal "$stderr" ""
		for line in "${lines[@]}"; do
			((${#line} <= 80)) || { echo "$line"; return 1; }
		done
	done
}

@test "help lists every verb but those for machines" {
	equal "$(verbs)" "$(completed)"
	[[ $(verbs) != *completion* ]]
}

@test "without a guard every verb says how to start one" {
	for verb in status sources rules drops blocks reset confirm rollback save restore "block 192.0.2.1" "unblock 192.0.2.1"; do
		# shellcheck disable=SC2086 # words
		fails_with 1 "no guard in $XDPGUARD_DIR; start one with: xdpguard apply POLICY" xdpguard $verb
	done
	fails_with 1 "no guard in $XDPGUARD_DIR" xdpguard detach --all
}

@test "an unknown interface is told with those that there are, and leaves nothing" {
	fails_with 1 'no interface "nosuch0"; there are: lo, veth0' xdpguard apply "$policy" --dev nosuch0
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "a missing capability is named" {
	fails_with 1 'apply needs CAP_NET_ADMIN to attach programs, and CAP_SYS_ADMIN to ' in_namespace "$guarded" setpriv --inh-caps=-all --bounding-set=-all \
		"$XDPGUARD" apply "$policy"
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "another user is told to be root" {
	start_guard
	fails_with 1 'run as root' in_namespace "$guarded" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$XDPGUARD" status
}

@test "an unmounted BPF filesystem is told with the command that mounts it" {
	for verb in "apply $policy" status sources rules drops blocks reset confirm rollback save restore "block 192.0.2.1" \
		"unblock 192.0.2.1" "detach --all" "snapshot $BATS_TEST_TMPDIR/snapshot" events; do
		# shellcheck disable=SC2086 # words
		fails_with 1 'mount -t bpf bpf /sys/fs/bpf' without_bpffs $verb
	done
}

@test "a foreign XDP program without dispatcher is left alone, and named" {
	object=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog_5.3.o)
	[[ -e $object ]] || skip "libxdp's programs are not installed"
	bpftool prog load "$object" "$foreign_pin" 2>/dev/null
	in_namespace "$guarded" bpftool net attach xdp pinned "$foreign_pin" dev veth0
	fails_with 1 'veth0: another XDP program' xdpguard apply "$policy"
	[[ $stderr == *'without libxdp'?'s dispatcher'*'ip link set dev veth0 xdp off'* ]]
	[[ $(in_namespace "$guarded" bpftool net show dev veth0) == *xdp*veth0* ]]
	[[ ! -e $XDPGUARD_DIR ]]
	in_namespace "$guarded" bpftool net detach xdp dev veth0
}

# Whatever was typed, the guard stays, and the way out works.
expect_refused() {
	for verb in status "block 192.0.2.1" "apply $policy"; do
		# shellcheck disable=SC2086 # words
		fails_with 1 "$1" xdpguard $verb
		[[ $stderr == *"xdpguard detach --all"* && -e $XDPGUARD_DIR/control ]]
	done
	[[ $(in_namespace "$guarded" bpftool net show dev veth0) == *veth0* ]]
	xdpguard detach --all
	[[ ! -e $XDPGUARD_DIR && $(in_namespace "$guarded" bpftool net show dev veth0) != *veth0* ]]
}

@test "a guard of another version is left alone, whatever tables it has" {
	start_guard
	# The number is the first word of the table.
	mapfile -t words < <(bpftool -j map dump pinned "$XDPGUARD_DIR/control" | jq -r '.[0].value[]')
	bpftool map update pinned "$XDPGUARD_DIR/control" key 0 0 0 0 value hex 01 "${words[@]:1}"
	rm "$XDPGUARD_DIR/sketch"
	expect_refused "the guard in $XDPGUARD_DIR is of another version of xdpguard (tables 1, this tool "
}

@test "a guard whose tables have other entries is left alone, though its version is the same" {
	start_guard
	rm "$XDPGUARD_DIR/blocks"
	bpftool map create "$XDPGUARD_DIR/blocks" type hash key 24 value 80 entries 16 name blocks
	expect_refused 'is of another build of xdpguard (entries of "blocks" have 24 + 80 bytes, this tool'
}

@test "errors of a policy: exit 2, and the guard as it was" {
	start_guard
	echo 'version: 1
rules: [{name: a, limit: {rat: 5/s}}]' >"$BATS_TEST_TMPDIR/bad.yaml"
	fails_with 2 'did you mean "rate"' xdpguard apply "$BATS_TEST_TMPDIR/bad.yaml"
	equal "$(json '.rules | length' xdpguard rules)" 4
}

@test "apply says unchanged the second time, and detach leaves nothing behind" {
	start_guard
	run --separate-stderr xdpguard apply "$policy"
	[[ ${lines[0]} == "edge.yaml: unchanged ("*")" ]]
	run --separate-stderr xdpguard detach --all
	equal "$status" 0
	[[ ! -e $XDPGUARD_DIR ]]
	[[ $(in_namespace "$guarded" bpftool net show dev veth0) != *veth0* ]]
	fails_with 1 'no guard' xdpguard status
}

@test "a reader that has seen enough ends the tool without a word" {
	start_guard
	run --separate-stderr bash -c "nsenter --net=/run/netns/$guarded '$XDPGUARD' sources --watch 0.1 | head -1"
	equal "$status" 0
	equal "$stderr" ""
}

@test "a full disk is told" {
	[[ -c /dev/full ]] || skip "no /dev/full"
	start_guard
	fails_with 1 'cannot write the output: No space left on device' bash -c \
		"nsenter --net=/run/netns/$guarded '$XDPGUARD' rules >/dev/full"
}
