# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of lib.bash and of bats; those that a function sets for its caller
#
# A verb goes wrong at one of its points a run: it is killed there, or a call or an allocation of its fails
# (tests/tools/fault.c numbers them). Behind each, the state before the verb or the one that it makes is in force,
# whole, as real packets show; its exit status says which; typed again it is done; and nothing is left lying about.
#
# Of each verb: before_VERB makes the state before, and verb_VERB sets what is typed, and both states.
load lib
load twins

errors=(ENOSPC ENOMEM EPERM)
blocked=198.51.100.66
whole_pins="admission blocks buckets control event_counts events interfaces outcomes policies ranges record \
rule_counts shared sketch sources tags"

# In setup. a and b are twins; large is b with room for more sources.
make_points() {
	: "${FAULT:?}"
	make_lab
	make_twins "$BATS_TEST_TMPDIR" 1 4
	sed -i 's/^sources: {/&capacity: 2000, /' "$BATS_TEST_TMPDIR"/[ab].yaml
	sed 's/capacity: 2000/capacity: 4000/' "$BATS_TEST_TMPDIR/b.yaml" >"$BATS_TEST_TMPDIR/large.yaml"
	complaints=$BATS_TEST_TMPDIR/complaints
	list=$BATS_TEST_TMPDIR/points
	: >"$complaints"
}

apply() {
	xdpguard apply "$BATS_TEST_TMPDIR/$1.yaml" --dev eth0 >/dev/null
}

# verb_is OLD NEW WORD…: sets what a verb is.
verb_is() {
	old=$1 new=$2 command=("${@:3}")
}

before_first() {
	[[ ! -e $XDPGUARD_DIR ]] || xdpguard detach --all >/dev/null
	rm -rf "$XDPGUARD_STATE"
}
verb_first() { verb_is none a.yaml apply "$BATS_TEST_TMPDIR/a.yaml" --dev eth0; }

before_change() { apply a; }
verb_change() { verb_is a.yaml b.yaml apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0; }

before_group() {
	before_first
	apply a
}
verb_group() { verb_is a.yaml b.yaml apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0 --group 65534; }

before_resize() { apply a; }
verb_resize() { verb_is a.yaml large.yaml apply "$BATS_TEST_TMPDIR/large.yaml" --dev eth0; }

before_rollback() {
	rm -rf "$XDPGUARD_STATE"
	apply a
	apply b
}
verb_rollback() { verb_is b.yaml a.yaml rollback; }

before_detach() { apply a; }
verb_detach() { verb_is a.yaml none detach --all; }

before_block() {
	apply a
	[[ $(state_of block) == free ]] || xdpguard unblock "$blocked" >/dev/null
}
verb_block() { verb_is free blocked block "$blocked"; }

before_unblock() {
	apply a
	xdpguard block "$blocked" >/dev/null
}
verb_unblock() { verb_is blocked free unblock "$blocked"; }

# They change nothing: of them only what they say is of interest.
before_check() { [[ -e $XDPGUARD_DIR ]] || apply a; }
verb_check() { verb_is a.yaml a.yaml check "$BATS_TEST_TMPDIR/a.yaml" --explain; }

before_sources() { before_check; }
verb_sources() { verb_is a.yaml a.yaml sources --json; }

is_attached() {
	ip -n "$lab-server" link show eth0 | grep -q prog/xdp
}

# state_of VERB. "none": nothing judges packets, whatever lies in the guard's directory.
state_of() {
	case $1 in
	block | unblock) xdpguard blocks --json | jq -r 'if .blocks | length == 0 then "free" else "blocked" end' ;;
	*) if is_attached; then xdpguard status --json | jq -r .policy; else echo none; fi ;;
	esac
}

hits_of() {
	xdpguard rules --json | jq ".rules[] | select(.name == \"$1\") | .hits"
}

# is_whole STATE: every packet of the client's passes by that policy's rule; without a policy they just pass.
is_whole() {
	local rule before after

	case $1 in
	none) rule= ;;
	b.yaml | large.yaml) rule=pass-b ;;
	*) rule=pass-a ;;
	esac
	[[ -z $rule ]] || before=$(hits_of $rule) || return
	equal "$(number .received "$(flood_counted 198.18.0.0/20 --count 20)")" 20 received || return
	[[ -n $rule ]] || return 0
	after=$(hits_of $rule) && equal $((after - before)) 20 "hits of $rule"
}

# is_tidy STATE: the pins of a whole guard, or none, and no file that was to become another.
is_tidy() {
	local pins

	pins=$(cd "$XDPGUARD_DIR" 2>/dev/null && echo *) || pins=none
	pins=${pins//record_[01]/record}
	if [[ $1 == none ]]; then
		equal "$pins" none pins || return
	else
		equal "${pins/record record/record}" "$whole_pins" pins || return
	fi
	equal "$(find "$XDPGUARD_STATE" -name '*new' -o -name next)" "" files
}

# with_fault POINTS AT FAULT: puts exit status and standard error into $code and $said.
with_fault() {
	code=0
	rm -f "$list"
	said=$(lab_in server env LD_PRELOAD="$FAULT" FAULT_POINTS="$1" FAULT_AT="$2" FAULT="$3" FAULT_LIST="$list" \
		"$XDPGUARD" "${command[@]}" 2>&1 >/dev/null) || code=$?
}

# What it says and where it leaves the guard belong together.
is_honest() {
	[[ $fault != kill ]] || equal "$code" 137 "exit status" || return
	case $code in
	0) equal "$state" "$new" "state behind exit 0" ;;
	1 | 2) # 2: the policy could not be read
		[[ $said == *"error: "* ]] || equal "$said" "an error message" || return
		# Done, but for what it then says: what goes with the policy, its own words; detach takes programs off first.
		if [[ $said =~ "the policy is in force, but"|"cannot write the output" ]]; then
			equal "$state" "$new" "state behind \"$said\""
		else
			[[ $verb:$state == detach:none ]] || equal "$state" "$old" "state behind exit $code"
		fi
		;;
	137) [[ $state == "$old" || $state == "$new" ]] || equal "$state" "$old or $new" state ;;
	*) equal "$code" "0 or 1" "exit status" ;;
	esac
}

# The same again. A guard that is off cannot be taken off again, and a policy that was put back would be taken back in
# turn: there the next command is another.
next_command() {
	case $verb:$state in
	detach:none) [[ ! -e $XDPGUARD_DIR ]] || xdpguard detach --all >/dev/null ;;
	rollback:"$new") apply a ;;
	*) xdpguard "${command[@]}" >/dev/null ;;
	esac
}

does_it_again() {
	next_command || return
	equal "$(state_of "$verb")" "$new" "state after the same again" && is_whole "$new" && is_tidy "$new"
}

# All that must hold; returns at the first that does not.
holds() {
	is_honest || return
	[[ $old != "$new" ]] || return 0
	is_whole "$state" && does_it_again
}

# So that one point's trouble is not the next one's.
clear_away() {
	ip -n "$lab-server" link set dev eth0 xdp off
	rm -rf "$XDPGUARD_DIR" "$XDPGUARD_STATE"
}

# try_point VERB POINTS AT FAULT
try_point() {
	local verb=$1 fault=$4 old new command state code said what

	"before_$verb"
	"verb_$verb"
	with_fault "$2" "$3" "$fault"
	what=$(sed -n "$3p" "$list" 2>/dev/null) || true
	state=$(state_of "$verb")
	outcomes+=("$code:$state")
	holds >"$list.said" 2>&1 || {
		printf '%s, point %s of %s (%s), %s: exit %s, saying: %s\n%s\n' \
			"$verb" "$3" "$2" "$what" "$fault" "$code" "$said" "$(<"$list.said")"
		clear_away
	} >>"$complaints"
}

# number_of_points VERB POINTS: of a run that nothing disturbs, into $n_points. Its list stays.
number_of_points() {
	local old new command code said

	"before_$1"
	"verb_$1"
	with_fault "$2" 0 none
	equal "$code" 0 "$1 undisturbed"
	case $2 in
	memory | json) n_points=$(<"$list") ;;
	*) n_points=$(wc -l <"$list") ;;
	esac
}

# chosen_points POINTS FEW: their numbers, evenly spread. Reads that are alike and stand in a row are one.
chosen_points() {
	case $1 in
	memory | json) seq "$n_points" ;;
	*) awk '$0 != last || !/reads/ { print NR } { last = $0 }' "$list" ;;
	esac | awk -v few="$2" '{ at[NR] = $1 }
		END { for (i = 0; i < few && i < NR; i++) print at[NR <= few ? i + 1 : 1 + int((i + 0.5) * NR / few)] }'
}

# try_points VERB POINTS FEW FAULT…: at so many points, or XDPGUARD_POINTS, one of the faults in turn.
# Prints exit statuses with the state behind them; appends them to the file XDPGUARD_POINTS_REPORT, too.
try_points() {
	local verb=$1 points=$2 few=$3 faults=("${@:4}") n_points at tried=0 outcomes=()

	few=${XDPGUARD_POINTS:-$few}
	number_of_points "$verb" "$points"
	for at in $(chosen_points "$points" "$few"); do
		try_point "$verb" "$points" "$at" "${faults[tried++ % ${#faults[@]}]}"
	done
	((tried))
	echo "$verb, $tried of $n_points points of $points, ${faults[*]}:" \
		"$(printf '%s\n' "${outcomes[@]}" | sort | uniq -c | awk '{ printf " %s times %s;", $1, $2 }')" |
		tee -a "${XDPGUARD_POINTS_REPORT:-/dev/null}"
}

# At the end of a test.
nothing_to_complain_of() {
	[[ ! -s $complaints ]] || {
		cat "$complaints"
		return 1
	}
}
