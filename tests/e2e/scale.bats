# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup() {
	make_lab
}

teardown() {
	remove_lab
}

# A million prefixes that lie apart: half of them addresses of 10.0.0.0/8, half /64s of 2001:db8::/32.
million() {
	awk 'BEGIN {
		for (i = 0; i < 500000; i++) {
			a = 33 * i
			printf "10.%d.%d.%d\n", int(a / 65536), int(a / 256) % 256, a % 256
			b = 8589 * i
			printf "2001:db8:%x:%x::/64\n", int(b / 65536), b % 65536
		}
	}'
}

# 1,024 rules: the list first, then one a port.
rules() {
	echo '  - {name: listed, from: million, action: drop}'
	for ((i = 1; i < 1024; i++)); do
		echo "  - {name: port-$i, protocol: udp, to_port: $((20000 + i)), limit: {rate: 12/m, burst: $i}}"
	done
}

@test "1,024 rules and 1,000,000 prefixes are applied in less than 10 s, and judge as they say" {
	million >"$BATS_TEST_TMPDIR/million.txt"
	{
		printf 'version: 1\nsets: {million: {file: million.txt}}\nrules:\n'
		rules
	} >"$policy"
	start=${EPOCHREALTIME/./}
	xdpguard apply "$policy" --dev eth0 >"$BATS_TEST_TMPDIR/applied" 2>&1
	ms=$(((${EPOCHREALTIME/./} - start) / 1000))
	echo "applied in $ms ms"
	((ms < 10000))

	# Listed: the first, one in the middle, the last; and their neighbours, which are not.
	for n in 0 250000 499999; do
		a=$((33 * n)) b=$((8589 * n))
		v4=10.$((a >> 16)).$((a >> 8 & 255))
		printf -v v6 2001:db8:%x:%x $((b >> 16)) $((b & 65535))
		printf -v next 2001:db8:%x:%x $(((b + 1) >> 16)) $(((b + 1) & 65535))
		echo "$v4.$((a & 255)) $v6::1 $next::1"
		equal "$(number .received "$(flood_counted "$v4.$((a & 255))" --count 100)")" 0
		equal "$(number .received "$(flood_counted "$v4.$(((a & 255) ^ 1))" --count 100)")" 100
		equal "$(number .received "$(flood_counted "$v6::1" --count 100)")" 0
		equal "$(number .received "$(flood_counted "$next::1" --count 100)")" 100
	done

	# The first rule, one in the middle and the last pass each its own burst.
	for n in 1 500 1023; do
		flood 192.0.2.1 --port $((20000 + n)) --count 2000
		eventually equal "$(xdpguard rules --json | jq -c ".rules[] | select(.name == \"port-$n\") | [.passed, .dropped]")" \
			"[$n,$((2000 - n))]"
	done
}
