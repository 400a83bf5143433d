# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# `apply` is killed while it exchanges both the policy and the place in a chain: at a few points before the
# packet program is loaded, and at most of them behind, where dispatchers and pins are exchanged.
. /source/tests/vm/guest/chain.bash
needs_kernel 5.15

points_before=3
points=12
calls_that_change=bpf,sendto,mkdir,rmdir,unlink

# make_policy NAME PRIORITY: drops by a rule of its own.
make_policy() {
	cat >"/tmp/$1.yaml" <<-YAML
		version: 1
		interfaces: [eth0]
		chain: {priority: $2}
		rules:
		  - {name: denied-by-$1, from: $denied, action: drop}
		  - {name: passed-by-$1, from: $free, action: pass}
	YAML
}

apply() {
	chain xdpguard apply "/tmp/$1.yaml"
}

# record_calls NAME: a line a call of an apply that nobody disturbs. Behind the last that changes something it only
# looks at what it has done.
record_calls() {
	chain strace -qq -e "trace=$calls_that_change" -e signal=none -o /tmp/calls xdpguard apply "/tmp/$1.yaml"
	load=$(awk '/BPF_PROG_LOAD.*prog_name="xdpguard"/ { print NR }' /tmp/calls)
	last=$(awk '/LINK_CREATE|OBJ_PIN|UPDATE_ELEM|^(mkdir|rmdir|unlink)/ { n = NR } END { print n }' /tmp/calls)
	((load > 0 && load + points < last))
}

# position_of POINT: which call is the point's.
position_of() {
	local n=$1 behind=$((points - points_before))

	if ((n <= points_before)); then
		echo $((load * n / (points_before + 1)))
	else
		echo $((load + (last - load) * (n - points_before) / behind))
	fi
}

# apply_killed NAME POSITION: killed at that call. True: it was.
apply_killed() {
	local call nth

	call=$(awk -F '(' -v n="$2" 'NR == n { print $1 }' /tmp/calls)
	nth=$(awk -F '(' -v n="$2" -v call="$call" 'NR <= n && $1 == call { i++ } END { print i }' /tmp/calls)
	fails chain strace -qq -e "trace=$call" -e signal=none -e "inject=$call:signal=KILL:when=$nth" \
		-o /dev/null xdpguard apply "/tmp/$1.yaml"
}

hits_of() {
	chain xdpguard rules --json | jq ".rules[] | select(.name == \"$1\").hits"
}

# judges_whole NAME: one packet is dropped and one passed, each by the rule of that policy.
judges_whole() {
	local dropped passed

	dropped=$(hits_of "denied-by-$1")
	passed=$(hits_of "passed-by-$1")
	xdpguard_works
	(($(hits_of "denied-by-$1") > dropped && $(hits_of "passed-by-$1") > passed))
}

# survives POINT OLD NEW
survives() {
	local in_force

	apply_killed "$3" "$(position_of "$1")"
	echo killed >>/tmp/killed
	in_force=$(chain xdpguard status --json | jq -r .policy)
	echo "$in_force" >>/tmp/in_force
	[[ $in_force == "$2.yaml" || $in_force == "$3.yaml" ]]
	judges_whole "${in_force%.yaml}"
	filter_works

	apply "$3"
	judges_whole "$3"
	filter_works
	[[ $(hook | grep -c "=>") == 2 && $(hook | grep -c " xdpguard ") == 1 ]]
	chain xdpguard status --json | jq -e '.interfaces[0].chain | test("^[12] of 2, priority [0-9]+, on pass$")'
}

both_were_seen() {
	(($(wc -l </tmp/killed) >= 10))
	[[ $(sort -u /tmp/in_force | wc -l) == 2 ]]
}

make_guarded chain
make_policy a 20
make_policy b 5
load_filter native >/dev/null
apply a >/dev/null
record_calls b
old=b new=a
for ((n = 1; n <= points; n++)); do
	check "kill -9 of apply, point $n of $points: old or new policy in force, next apply clean" \
		survives "$n" "$old" "$new"
	((n % 2)) && old=a new=b || old=b new=a
done
check "kill -9 of apply: ten or more were at work, and either policy was found in force" both_were_seen
