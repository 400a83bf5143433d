# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who does the same job on the same interface: eth0 of namespace "guarded". start_NAME puts it there,
# stop_NAME takes it away. All but xdp-filter, which has no rates, let a source send 1,000 packets a second.
#
# What any of them lets pass is dropped right behind them, by the same rule for all: measured is who limits,
# not what the kernel's stack does with the rest. Needs network.bash, and what scripts/bench sets.
#
# shellcheck disable=SC2034,SC2154

all_peers=(XDP_DROP xdpguard xdp-filter nftables iptables)
sources_max=1048576

drop_the_rest() {
	lab_in guarded nft -f - <<-RULES
		table ip rest {
			chain rest {
				type filter hook prerouting priority -290;
				drop
			}
		}
	RULES
}

attach() {
	ip -n "$lab-guarded" link set dev eth0 xdpdrv obj "$build/tests/bench/floor.bpf.o" program "$1"
}

start_XDP_DROP() {
	attach nothing
}

stop_XDP_DROP() {
	ip -n "$lab-guarded" link set dev eth0 xdpdrv off
}

# quietly COMMAND…: what it says is of interest only when it fails.
quietly() {
	"$@" >"$work/said" 2>&1 || {
		cat "$work/said" >&2
		return 1
	}
}

guard() {
	quietly lab_in guarded env XDPGUARD_DIR="$guard_dir" "$build/xdpguard" "$@"
}

# apply_limit ADMISSION
apply_limit() {
	cat >"$work/limit.yaml" <<-POLICY
		version: 1
		interfaces: [eth0]
		sources: {capacity: $sources_max, admission: $1}
		rules:
		  - {name: all, protocol: udp, limit: {rate: 1000/s, burst: 100}}
	POLICY
	guard apply "$work/limit.yaml"
}

start_xdpguard() {
	apply_limit always
}

# The table is full of sources by now; from here on it decides who comes in.
settle_xdpguard() {
	apply_limit auto
}

stop_xdpguard() {
	guard detach --all
}

start_xdp-filter() {
	quietly lab_in guarded xdp-filter load eth0
	quietly lab_in guarded xdp-filter ip --mode src 192.0.2.1
}

stop_xdp-filter() {
	quietly lab_in guarded xdp-filter unload eth0
}

start_nftables() {
	lab_in guarded nft -f - <<-RULES
		table ip peer {
			set sources {
				type ipv4_addr
				size $sources_max
				flags dynamic, timeout
				timeout 60s
			}
			chain before {
				type filter hook prerouting priority raw;
				update @sources { ip saddr limit rate over 1000/second burst 100 packets } drop
			}
		}
	RULES
}

stop_nftables() {
	lab_in guarded nft delete table ip peer
}

hashlimit() {
	lab_in guarded iptables -t raw "$1" PREROUTING -m hashlimit --hashlimit-name bench \
		--hashlimit-mode srcip --hashlimit-above 1000/second --hashlimit-burst 100 \
		--hashlimit-htable-size "$sources_max" --hashlimit-htable-max "$sources_max" \
		--hashlimit-htable-expire 60000 -j DROP
}

start_iptables() {
	hashlimit -A
}

stop_iptables() {
	hashlimit -D
}
