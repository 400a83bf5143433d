# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# A hook that another program holds alone: doctor and apply name it, and what they say takes it off.
load lib

setup() {
	object=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog_5.3.o)
	[[ -e $object ]] || skip "libxdp's programs are not installed"
	pin=$XDPGUARD_DIR-others
	elsewhere=$BATS_TEST_TMPDIR/bpf
	bpftool prog load "$object" "$pin" 2>/dev/null
}

teardown() {
	rm -f "${pin:-}" "${pin:-}-link"
	umount "$elsewhere" 2>/dev/null || true
	ip -n "$guarded" link set veth0 xdp off
	ip -n "$guarded" link set veth0 xdpgeneric off
	xdpguard detach --all >/dev/null 2>&1 || true
}

# attach xdpdrv|xdpgeneric: as bpftool does.
attach() {
	in_namespace "$guarded" bpftool net attach "$1" pinned "$pin" dev veth0
}

# attach_by_link: which a pin holds.
attach_by_link() {
	in_namespace "$guarded" python3 - "$pin" veth0 <<-'PYTHON'
		import ctypes, socket, sys
		bpf = ctypes.CDLL("libbpf.so.1")
		program = bpf.bpf_obj_get(sys.argv[1].encode())
		link = bpf.bpf_link_create(program, socket.if_nametoindex(sys.argv[2]), 37, None)  # BPF_XDP
		assert link >= 0 and bpf.bpf_obj_pin(link, (sys.argv[1] + "-link").encode()) == 0
	PYTHON
}

# both_say NAME WAY: doctor and apply name the program and give this way out, which goes to $way.
both_say() {
	run --separate-stderr xdpguard doctor --json --dev veth0
	((status == 1))
	found=$(jq -r '.findings[] | select(.what == "guard") | "\(.state): \(.found)"' <<<"$output")
	[[ $found == "bad: not attached, and \"$1\" (id "*") shares with none" ]]
	way=$(jq -r '.findings[] | select(.what == "guard").advice' <<<"$output")
	[[ $way =~ ^$2$ ]] || equal "$way" "$2"
	fails_with 1 "\"$1\") is attached without libxdp's dispatcher, so none can join it; take it off first: $way" \
		xdpguard apply "$policy"
	[[ ! -e $XDPGUARD_DIR ]]
}

# takes_it_off: the command of $way does, and none less.
takes_it_off() {
	local words

	read -ra words <<<"${way%%,*}"
	# The program under test.
	[[ ${words[0]} != xdpguard ]] || words[0]=$XDPGUARD
	in_namespace "$guarded" "${words[@]}"
	xdpguard apply "$policy"
}

@test "native: ip link set dev IF xdp off" {
	attach xdpdrv
	both_say xsk_def_prog "ip link set dev veth0 xdp off"
	takes_it_off
}

@test "generic: ip link set dev IF xdpgeneric off, where xdp off does nothing" {
	attach xdpgeneric
	both_say xsk_def_prog "ip link set dev veth0 xdpgeneric off"
	in_namespace "$guarded" ip link set dev veth0 xdp off
	fails_with 1 "take it off first" xdpguard apply "$policy"
	takes_it_off
}

@test "by a link: bpftool link detach, where ip link is refused" {
	attach_by_link
	both_say xsk_def_prog "bpftool link detach id [0-9]+, or end what holds that link: a process, or a pin in a BPF filesystem"
	run in_namespace "$guarded" ip link set dev veth0 xdp off
	((status != 0))
	takes_it_off
}

# Where the kernel accepts freplace, two guards share a hook.
needs_a_kernel_without_freplace() {
	xdpguard doctor --json --dev veth0 | jq -e '.findings[] | select(.what == "chaining").state == "note"' ||
		skip "guards share the hook on this kernel"
}

@test "another guard's: detach with its --dir" {
	needs_a_kernel_without_freplace
	xdpguard apply "$policy" --dir "$XDPGUARD_DIR-another"
	both_say xdpguard "xdpguard detach --dev veth0 --dir $XDPGUARD_DIR-another"
	takes_it_off
	[[ ! -e $XDPGUARD_DIR-another ]]
}

@test "another guard's, whose tables are in a BPF filesystem elsewhere: that it is a guard's" {
	needs_a_kernel_without_freplace
	mkdir "$elsewhere"
	mount -t bpf bpf "$elsewhere"
	xdpguard apply "$policy" --dir "$elsewhere/guard"
	both_say xdpguard "xdpguard detach --dev veth0 --dir DIR, for it is another guard's: with the --dir that it was applied with"
	xdpguard detach --all --dir "$elsewhere/guard"
	xdpguard apply "$policy"
}
