# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# The capabilities that a verb's help names are the ones that it takes: with these and no others another user than root
# does all of it, without any one of them it says which is missing; and root keeps no more.
load lib

packet='udp 192.0.2.1:1 > 198.51.100.1:53'

setup() {
	type -P setpriv >/dev/null || skip "setpriv is not installed"
	make_lab
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR/.." "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR"
	install -m 755 "$XDPGUARD" "$BATS_TEST_TMPDIR/xdpguard"
	install -m 666 /dev/null "$BATS_TEST_TMPDIR/lock"
	install -d -o 65534 -g 65534 "$XDPGUARD_STATE"
	[[ -e /run/xdpguard.lock ]] || install -m 600 /dev/null /run/xdpguard.lock
	write_policy 53
}

teardown() {
	remove_lab
}

# write_policy PORT
write_policy() {
	cat >"$policy" <<-YAML
		version: 1
		interfaces: [eth0]
		sources: {capacity: 1024}
		rules: [{name: dns, protocol: udp, to_port: $1, limit: {rate: 1/h, burst: 10, block: 10m}}]
	YAML
	chmod 644 "$policy"
}

# with_own_lock COMMAND…: with a file of this test's in the place of /run/xdpguard.lock, which is root's.
with_own_lock() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount bash -euc 'mount --bind "$1" /run/xdpguard.lock; exec "${@:2}"' - \
		"$BATS_TEST_TMPDIR/lock" nsenter --net="/run/netns/$lab-server" "$@"
}

# As typed on the server. No guard of this test's has an interface in common with others.
xdpguard() {
	with_own_lock "$XDPGUARD" "$@"
}

# as_nobody CAPABILITIES COMMAND…: as another user than root, with these alone, such as "net_admin,bpf".
as_nobody() {
	local set=-all${1:+,+${1//,/,+}}

	with_own_lock setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="$set" --ambient-caps="$set" \
		--bounding-set="$set" "${@:2}"
}

# nobody_with CAPABILITIES VERB ARGUMENT…
nobody_with() {
	as_nobody "$1" "$BATS_TEST_TMPDIR/xdpguard" "${@:2}"
}

# needs CAPABILITIES VERB ARGUMENT…: with these it does, without any one of them it says so.
needs() {
	local name

	for name in ${1//,/ }; do
		fails_with 1 "$2 needs CAP_${name^^} to " nobody_with "$(tr , '\n' <<<"$1" | grep -vx "$name" | paste -sd,)" "${@:2}"
		[[ $stderr == *"run it as root, or with the capabilities that xdpguard $2 --help names"* ]]
	done
	run --separate-stderr nobody_with "$@"
	[[ $status == 0 ]] || { echo "$* exits $status, saying $stderr"; return 1; }
}

@test "another user changes a guard with CAP_NET_ADMIN and CAP_SYS_ADMIN, and no less" {
	needs net_admin,sys_admin apply "$policy"
	equal "$(jq -r '.interfaces[0].state' < <(nobody_with sys_admin status --json))" attached
	write_policy 54
	needs net_admin,sys_admin apply "$policy" --confirm 1h
	needs "" confirm
	needs net_admin,sys_admin rollback
	needs "" apply "$policy" --dry-run
	needs net_admin,sys_admin detach --all
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "what reads a guard of one's own takes none, and neither does what blocks" {
	nobody_with net_admin,sys_admin apply "$policy"
	for verb in status sources rules drops blocks history events "diff $policy" "check $policy" "block 203.0.113.7" \
		save restore "unblock 203.0.113.7" "snapshot -" "completion bash"; do
		# shellcheck disable=SC2086 # several words
		needs "" $verb
	done
	needs bpf reset
}

@test "what tries packets takes what loads a program, or finds the tables of the policy in force" {
	nobody_with net_admin,sys_admin apply "$policy"
	printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\0\0' >"$BATS_TEST_TMPDIR/empty"
	chmod 644 "$BATS_TEST_TMPDIR/empty"
	needs sys_admin explain "$packet"
	needs bpf,net_admin,perfmon explain --policy "$policy" "$packet"
	needs sys_admin replay "$BATS_TEST_TMPDIR/empty"
	needs bpf,net_admin,perfmon replay "$BATS_TEST_TMPDIR/empty" --policy "$policy"
}

@test "suggest takes CAP_NET_RAW to look at interfaces" {
	fails_with 1 "suggest needs CAP_NET_RAW to look at interfaces" nobody_with "" suggest --dev eth0 --for 1s
	fails_with 1 "no packet of IPv4 or IPv6 was seen" nobody_with net_raw suggest --dev eth0 --for 1s
}

@test "doctor, suggest from a capture, serve and top do without any: they show what is attached with CAP_SYS_ADMIN" {
	nobody_with net_admin,sys_admin apply "$policy"
	run --separate-stderr nobody_with "" doctor --dev eth0
	[[ $status == [01] && $output == *eth0* && $stderr != *"needs CAP_"* ]]
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/capture" <<<'0 2000 0.001 udp 192.0.2.1:1 > 198.51.100.1:53'
	chmod 644 "$BATS_TEST_TMPDIR/capture"
	[[ $(nobody_with "" suggest --pcap "$BATS_TEST_TMPDIR/capture") == *"version: 1"* ]]
	serve_as_nobody "" "cannot be read"
	serve_as_nobody sys_admin attached
	top_as_nobody ""
	top_as_nobody sys_admin
}

# serve_as_nobody CAPABILITIES STATE: that of eth0, as the API tells it.
serve_as_nobody() {
	local waiting

	ip -n "$lab-server" link set lo up
	nobody_with "$1" serve --listen 127.0.0.1:9436 3>&- &
	waiting=$!
	on_exit pkill -f "^$BATS_TEST_TMPDIR/xdpguard serve "
	eventually lab_in server curl -sf -o /dev/null http://127.0.0.1:9436/api/server
	equal "$(lab_in server curl -s http://127.0.0.1:9436/api/status | jq -r '.interfaces[0].state')" "$2"
	pkill -f "^$BATS_TEST_TMPDIR/xdpguard serve "
	wait "$waiting"
}

# top_as_nobody CAPABILITIES: until it shows the policy in force, in a terminal.
top_as_nobody() {
	type -P tmux >/dev/null || skip "tmux is not installed"
	export -f as_nobody with_own_lock
	export lab BATS_TEST_TMPDIR XDPGUARD_DIR XDPGUARD_STATE
	LC_ALL=C.UTF-8 terminal new-session -d -x 80 -y 24 bash -c "as_nobody '$1' '$BATS_TEST_TMPDIR/xdpguard' top; read -r"
	on_exit terminal kill-server
	eventually top_shows policy.yaml
	terminal send-keys q
	eventually top_shows_not policy.yaml
	terminal kill-server
}

terminal() {
	tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null "$@"
}

top_shows() {
	terminal capture-pane -p | grep -qF -- "$1"
}

top_shows_not() {
	! top_shows "$1"
}

@test "without CAP_SYS_ADMIN the kernel looks up no program for libxdp: status cannot read what is attached" {
	nobody_with net_admin,sys_admin apply "$policy"
	equal "$(nobody_with bpf,net_admin,perfmon status --json | jq -r '.interfaces[0].state')" "cannot be read"
	equal "$(nobody_with sys_admin status --json | jq -r '.interfaces[0].state')" attached
	type -P strace >/dev/null || skip "strace is not installed"
	as_nobody bpf,net_admin,perfmon strace -qq -e trace=bpf "$BATS_TEST_TMPDIR/xdpguard" status 2>&1 |
		grep 'BPF_PROG_GET_FD_BY_ID.* = -1 EPERM'
}

# Root has no say over the state folder of another user.
own_state() {
	export XDPGUARD_STATE=$BATS_TEST_TMPDIR/own
}

# kept VERB ARGUMENT…: by root, in the order of their numbers. Nothing may be read before that.
kept() {
	local calls=$BATS_TEST_TMPDIR/calls

	with_own_lock strace -qq -s 200 -e trace=capset,openat -o "$calls" "$XDPGUARD" "$@" >/dev/null 2>&1 </dev/null || true
	grep -n '"'"$BATS_TEST_TMPDIR" "$calls" | head -1 | cut -d: -f1 >"$BATS_TEST_TMPDIR/first-read"
	last=$(grep -n '^capset' "$calls" | tail -1)
	[[ $last ]] || { echo "keeps all: $*"; return 1; }
	[[ ! -s $BATS_TEST_TMPDIR/first-read ]] || ((${last%%:*} < $(<"$BATS_TEST_TMPDIR/first-read"))) ||
		{ echo "reads first: $*"; return 1; }
	sed -E 's/.*permitted=([^,]*),.*/\1/; s/1<<CAP_//g; s/\|/,/g; s/^0$//' <<<"${last,,}" | sed 's/1<<cap_//g'
}

@test "root keeps what the verb takes, and drops the rest before it reads anything" {
	type -P strace >/dev/null || skip "strace is not installed"
	equal "$(kept check "$policy")" dac_read_search
	equal "$(kept apply "$policy")" dac_read_search,net_admin,sys_admin
	equal "$(kept apply "$policy" --dry-run)" dac_read_search
	for verb in sources rules drops blocks history confirm events restore save "block 203.0.113.7" \
		"unblock 203.0.113.7" "completion bash"; do
		# shellcheck disable=SC2086 # several words
		equal "$(kept $verb)" "" "$verb"
	done
	equal "$(kept reset)" bpf
	equal "$(kept status)" sys_admin
	equal "$(kept save "$BATS_TEST_TMPDIR/saved")" dac_override
	equal "$(kept restore "$BATS_TEST_TMPDIR/saved")" dac_read_search
	equal "$(kept block --from "$BATS_TEST_TMPDIR/none")" dac_read_search
	equal "$(kept explain "$packet")" sys_admin
	equal "$(kept explain "$packet" --policy "$policy")" dac_read_search,net_admin,perfmon,bpf
	equal "$(kept suggest --pcap "$BATS_TEST_TMPDIR/none")" dac_read_search
	equal "$(kept suggest --dev eth0 --for 1s)" net_raw
	equal "$(kept doctor)" net_admin,sys_admin
	equal "$(kept serve --listen 127.0.0.1:x)" setpcap,net_bind_service,sys_admin
	equal "$(kept replay "$BATS_TEST_TMPDIR/none")" dac_read_search,sys_admin
	equal "$(kept replay "$BATS_TEST_TMPDIR/none" --policy "$policy")" dac_read_search,net_admin,perfmon,bpf
	equal "$(kept snapshot "$BATS_TEST_TMPDIR/snapshot")" dac_override,sys_admin
	equal "$(kept diff "$BATS_TEST_TMPDIR/snapshot")" dac_read_search,sys_admin
	equal "$(kept top)" sys_admin
	equal "$(kept apply "$policy" --group 0)" chown,dac_read_search,fsetid,net_admin,sys_admin
	equal "$(kept rollback --dry-run 1)" ""
	equal "$(kept rollback 1)" net_admin,sys_admin
	equal "$(kept detach --all)" net_admin,sys_admin
}

@test "what a verb drops it can't have back" {
	own_state
	xdpguard apply "$policy"
	"$XDPGUARD" events --follow >/dev/null &
	follower=$!
	on_exit lab_stop "$follower"
	limits_of_follower() {
		[[ $(awk '/^Cap(Inh|Prm|Eff|Amb|Bnd)|^NoNewPrivs/ { print $2 }' "/proc/$follower/status" | xargs) == "$1" ]]
	}
	# CAP_BPF is the verb's, and what the bounding set allows nobody has.
	none=0000000000000000
	eventually limits_of_follower "$none $none $none 0000008000000000 $none 1"
}

@test "the watcher of a probation keeps CAP_NET_ADMIN and CAP_SYS_ADMIN" {
	own_state
	xdpguard apply "$policy"
	write_policy 54
	xdpguard apply "$policy" --confirm 1h
	watcher=$(pgrep -f "^$XDPGUARD apply $policy --confirm 1h")
	equal "$(awk '/^CapPrm|^CapBnd/ { print $2 }' "/proc/$watcher/status" | sort -u)" 0000000000201000
	equal "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$watcher/status")" 1
	xdpguard confirm
}

@test "root reads and writes in the folder that another user keeps to himself" {
	install -d -m 700 -o 65534 -g 65534 "$BATS_TEST_TMPDIR/home"
	install -m 600 -o 65534 -g 65534 "$policy" "$BATS_TEST_TMPDIR/home/edge.yaml"
	own_state
	cd "$BATS_TEST_TMPDIR/home"
	xdpguard check edge.yaml
	xdpguard apply edge.yaml
	xdpguard block 203.0.113.7
	xdpguard save blocks
	xdpguard restore blocks
	equal "$(stat -c %u blocks)" 0
}

# member_of GROUP VERB ARGUMENT…: another user of that group, without any capability.
member_of() {
	with_own_lock setpriv --reuid=65533 --regid=65533 --groups="$1" --inh-caps=-all --bounding-set=-all \
		"$BATS_TEST_TMPDIR/xdpguard" "${@:2}"
}

@test "the pins are their owner's alone" {
	xdpguard apply "$policy"
	equal "$(stat -c %a:%u "$XDPGUARD_DIR")" 700:0
	equal "$(stat -c %a:%u "$XDPGUARD_DIR"/* | sort -u)" 600:0
	fails_with 1 "not permitted; run as root, or as who applied the policy" member_of 65532 status
}

@test "apply --group lets a group read, without a capability, and nothing else" {
	own_state
	fails_with 2 'there is no such group' xdpguard apply "$policy" --group nosuch
	xdpguard apply "$policy" --group 65532
	xdpguard block 203.0.113.7
	equal "$(member_of 65532 blocks --json | jq -r '.blocks[].prefix')" 203.0.113.7
	flood 192.0.2.1 --count 5 >/dev/null
	flood 192.0.2.2 --count 3 >/dev/null
	equal "$(member_of 65532 sources --match 192.0.2.0/24 --json | jq -c '[.sources[] | [.address, .packets]] | sort')" \
		'[["192.0.2.1",5],["192.0.2.2",3]]'
	for verb in status sources rules drops "diff $policy" "snapshot -"; do
		# shellcheck disable=SC2086 # several words
		member_of 65532 $verb >/dev/null
	done
	# These write.
	for verb in "unblock 203.0.113.7" reset events "detach --all" "apply $policy"; do
		# shellcheck disable=SC2086 # several words
		run member_of 65532 $verb
		((status == 1))
	done
	equal "$(member_of 65532 blocks --json | jq -r '.blocks[].prefix')" 203.0.113.7
	fails_with 1 "not permitted" member_of 65531 status
}

@test "what is pinned later the group may read, too: another policy, and a larger table" {
	own_state
	xdpguard apply "$policy" --group 65532
	write_policy 54
	sed -i 's/1024/2048/' "$policy"
	xdpguard apply "$policy"
	xdpguard reset
	equal "$(stat -c %a:%g "$XDPGUARD_DIR"/* | sort -u)" 640:65532
	equal "$(member_of 65532 status --json | jq '[.. | .capacity? // empty] | first')" 2048
	[[ $(member_of 65532 rules) == *"to_port 54"* ]]
}

# documented VERB: the capabilities that docs/threat-model.md names in its row, a line each.
documented() {
	grep "^|.*\`$1\`.*|.*|" "${BATS_TEST_FILENAME%/*}/../../docs/threat-model.md" | grep -o 'CAP_[A-Z_]*' | sort -u
}

@test "the documentation names for each verb what its help names" {
	verbs=$("$XDPGUARD" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
	(($(wc -w <<<"$verbs") > 20))
	for verb in $verbs; do
		equal "$(documented "$verb")" "$("$XDPGUARD" "$verb" --help | grep -o '^  CAP_[A-Z_]*' | tr -d ' ' | sort -u)" "$verb"
	done
}
