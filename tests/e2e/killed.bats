# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# `apply` is killed at twenty points of its way: the old policy or the new one is in force, whole, and the next
# apply is clean.
load lib
load twins

kills=20

setup() {
	make_lab
	make_twins "$BATS_TEST_TMPDIR" 30000
}

teardown() {
	remove_lab
}

apply() {
	xdpguard apply "$BATS_TEST_TMPDIR/$1.yaml" --dev eth0 >/dev/null
}

# apply_killed NAME N MS: killed after N of $kills parts of MS milliseconds. True: it was still at work.
apply_killed() {
	local id ms

	nsenter --net="/run/netns/$lab-server" "$XDPGUARD" apply "$BATS_TEST_TMPDIR/$1.yaml" --dev eth0 \
		>/dev/null 2>&1 &
	id=$!
	ms=$(($2 * $3 / kills))
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
	kill -KILL "$id" 2>/dev/null || true
	wait "$id" 2>/dev/null || (($? == 137))
}

# How many milliseconds the command takes.
duration_of() {
	local start=${EPOCHREALTIME/./}

	"$@"
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

in_force() {
	xdpguard status --json | jq -r .policy
}

# Every packet of the client's passes by the policy's rule: none by the other's, none by a mixture.
judges_whole() {
	local rule=pass-${1%.yaml} before after

	before=$(xdpguard rules --json | jq ".rules[] | select(.name == \"$rule\") | .hits")
	equal "$(number .received "$(flood_counted 198.18.0.0/20 --count 200)")" 200
	after=$(xdpguard rules --json | jq ".rules[] | select(.name == \"$rule\") | .hits")
	equal $((after - before)) 200 "hits of $rule"
}

@test "apply killed while it replaces a policy leaves the old or the new one" {
	apply a
	ms=$(duration_of apply b)
	killed=0 old=0 new=0
	for ((n = 1; n <= kills; n++)); do
		apply a
		! apply_killed b "$n" "$ms" || killed=$((killed + 1))
		policy=$(in_force)
		case $policy in
		a.yaml) old=$((old + 1)) ;;
		b.yaml) new=$((new + 1)) ;;
		*) equal "$policy" "a.yaml or b.yaml" ;;
		esac
		judges_whole "$policy"
		apply b
		judges_whole b.yaml
	done
	echo "killed $killed of $kills: old policy $old, new policy $new"
	((killed >= kills / 4 && old > 0))
}

@test "a first apply that is killed is mended by the next one" {
	ms=$(duration_of apply a)
	xdpguard detach --all >/dev/null
	killed=0
	for ((n = 1; n <= kills; n++)); do
		! apply_killed a "$n" "$ms" || killed=$((killed + 1))
		apply a
		equal "$(in_force)" a.yaml
		judges_whole a.yaml
		xdpguard detach --all >/dev/null
		[[ ! -e $XDPGUARD_DIR ]]
		equal "$(ip -n "$lab-server" -j link show eth0 | jq -c '.[0].xdp')" null
	done
	echo "killed $killed of $kills"
	((killed >= kills / 4))
}
