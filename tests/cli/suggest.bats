# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup_file() {
	make_namespaces
	export capture=$BATS_FILE_TMPDIR/capture.pcap
	# Steady clients, one that comes in bursts across the edges of seconds, resolvers, pings, and a flood.
	{
		for i in {10..29}; do
			echo "0.0$i 300 0.0333 udp 198.51.100.$i:1 > 203.0.113.1:27015"
			echo "0.$i 40 0.2 tcp [2001:db8:0:$i::1]:1 > [2001:db8::1]:443 flags ack size 1000"
			echo "0.$i 2 3 tcp [2001:db8:0:$i::1]:1 > [2001:db8::1]:443 flags syn"
		done
		for i in {1..8}; do
			echo "$i.95 90 0.001 udp 198.51.100.40:1 > 203.0.113.1:27015"
		done
		echo '0 50 0.1 udp 192.0.2.53:53 > 203.0.113.1:45000 size 512'
		echo '0 9 1 icmp 192.0.2.99 > 203.0.113.1'
		echo '5 20000 0.0001 udp 198.51.100.66:1 > 203.0.113.1:27015'
	} | "$MKCAPTURE" "$capture"
}

# suggest [OPTION…]: into $suggested
suggest() {
	suggested=$BATS_TEST_TMPDIR/suggested.yaml
	[[ " $* " == *" --pcap "* ]] || set -- --pcap "$capture" "$@"
	xdpguard suggest "$@" >"$suggested" 2>/dev/null
}

@test "the policy that suggest writes passes check, and drops nothing of what it comes from" {
	for margin in 1 2 10; do
		suggest --margin "$margin"
		equal "$(json '[.rules_count, .warnings]' xdpguard check "$suggested")" '[7,0]'
		equal "$(json '[.verdicts[] | .packets]' xdpguard replay "$capture" --policy "$suggested")" '[27619,0,0]'
	done
}

@test "what it suggests drops what goes beyond" {
	suggest --filter 'not src host 198.51.100.66'
	equal "$(json '[.sources[].address]' xdpguard replay "$capture" --policy "$suggested")" '["198.51.100.66"]'
	equal "$(json '[.verdicts[] | .packets][2] > 19000' xdpguard replay "$capture" --policy "$suggested")" true
}

@test "comments say where the numbers come from, and who stands out" {
	suggest
	grep -qF '27619 packets in' "$suggested"
	grep -qF '# 26720 packets of 22 sources. A source'\''s most in a second: median 30, 99 % up to 10000,' "$suggested"
	grep -qF '# all up to 10000 (198.51.100.66); in a tenth of a second 1000.' "$suggested"
	grep -qF '# LOOK: the busiest needed 333 times' "$suggested"
	grep -qF -- "--filter 'not src net 198.51.100.66'" "$suggested"
	suggest --filter 'not src host 198.51.100.66'
	grep -qF '# Only what matches the filter: not src host 198.51.100.66' "$suggested"
	run ! grep -qF LOOK "$suggested"
}

@test "rules are for handshakes, ports that matter, and the rest by protocol; nothing is dropped yet" {
	suggest
	equal "$(json '[.rules[].name] | join(" ")' xdpguard check "$suggested" --explain)" \
		'"handshakes udp-27015 tcp-443 tcp-other udp-other icmp other"'
	equal "$(json '.settings | startswith("mode monitor, default pass")' xdpguard check "$suggested" --explain)" true
}

@test "a frame that receive offload has joined counts as the packets that it was made of" {
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/joined" <<-'END'
		0.05 20 1 tcp 198.51.100.10:1 > 203.0.113.1:443 flags ack size 60000
		0.05 20 1 tcp [2001:db8::1]:1 > [2001:db8::2]:443 flags ack size 1514 vlan 7
	END
	# 59,946 bytes of payload are 42 packets of up to 1,460.
	suggest --pcap "$BATS_TEST_TMPDIR/joined"
	grep -qF "# 20 frames were longer than the MTU, which receive offload has joined" "$suggested"
	grep -qF "# 860 packets of 2 sources. A source's most in a second: median 1, 99 % up to 42," "$suggested"
	run --separate-stderr xdpguard suggest --pcap "$BATS_TEST_TMPDIR/joined"
	[[ $stderr == *"20 frames are longer than the MTU: receive offload has joined packets"*" 840 in all"* ]]
	suggest --pcap "$BATS_TEST_TMPDIR/joined" --mtu 65535
	grep -qF "# 40 packets of 2 sources" "$suggested"
	run ! grep -qF "receive offload" "$suggested"
}

@test "suggest makes do with a capture that ends in the middle, and with a time stamp that is far off" {
	head -c $(($(stat -c %s "$capture") - 7)) "$capture" >"$BATS_TEST_TMPDIR/cut"
	run --separate-stderr xdpguard suggest --pcap "$BATS_TEST_TMPDIR/cut"
	equal "$status" 0
	[[ $stderr == *"truncated"*"looked at up to there"* ]]
	[[ $output == *"27618 packets in"* ]]
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/off" <<<'0 500 0.1 udp 198.51.100.10:1 > 203.0.113.1:27015'
	printf '\xff' | dd of="$BATS_TEST_TMPDIR/off" bs=1 seek=$((24 + 3)) conv=notrunc status=none
	printf '\xff' | dd of="$BATS_TEST_TMPDIR/off" bs=1 seek=$((24 + 40 * 76 + 3)) conv=notrunc status=none
	run --separate-stderr xdpguard suggest --pcap "$BATS_TEST_TMPDIR/off"
	[[ $stderr == *"2 time stamps lie far in the future"* ]]
	[[ $output =~ "A source's most in a second: median "1[012], ]]
}

@test "suggest looks at an interface, and what it writes can be applied" {
	suggested=$BATS_TEST_TMPDIR/suggested.yaml
	in_namespace "$sender" "$FLOOD" --dev veth0 --mac "$receiver" --from 198.51.100.9 --to 198.51.100.1 \
		--port 27015 --rate 200 --seconds 8 >/dev/null &
	xdpguard suggest --dev veth0 --for 4s >"$suggested"
	wait $!
	# 200/s, of a sender that may be late and then hurries.
	grep -qE "# [0-9]+ packets of 1 source\. A source's most in a second: median (19[5-9]|2[0-9][0-9])," "$suggested"
	xdpguard apply "$suggested"
	equal "$(json '[.interfaces[].name]' xdpguard status)" '["veth0"]'
	equal "$(json '[.rules[].name] | index("udp-27015") != null' xdpguard rules)" true
	xdpguard detach --all
}

# Streams by TCP, as one host sends to another, until $enough is there. Both ends then come to theirs by themselves.
start_stream() {
	enough=$BATS_TEST_TMPDIR/enough
	ip -n "$guarded" addr add 203.0.113.1/24 dev veth0
	ip -n "$sender" addr add 203.0.113.2/24 dev veth0
	in_namespace "$guarded" timeout 60 python3 -c 'if True:
		import socket
		connection = socket.create_server(("203.0.113.1", 7777)).accept()[0]
		while connection.recv(65536): pass' 3>&- &
	until in_namespace "$guarded" ss -Hltn 'sport = :7777' | grep -q .; do sleep 0.1; done
	in_namespace "$sender" timeout 60 python3 -c 'if True:
		import os, socket, sys, time
		connection = socket.create_connection(("203.0.113.1", 7777))
		while not os.path.exists(sys.argv[1]):
			connection.sendall(bytes(200000))
			time.sleep(0.1)' "$enough" 3>&- &
	until in_namespace "$guarded" ss -Htn 'sport = :7777' | grep -q .; do sleep 0.1; done
}

@test "suggest --dev counts the packets of a TCP stream that offload has joined" {
	start_stream
	xdpguard suggest --dev veth0 --for 3s >"$BATS_TEST_TMPDIR/suggested.yaml" 2>/dev/null
	touch "$enough"
	wait
	ip -n "$guarded" addr flush dev veth0
	ip -n "$sender" addr flush dev veth0
	said=$(grep -oE '[0-9]+ frames were longer|# [0-9]+ packets that they were' "$BATS_TEST_TMPDIR/suggested.yaml" | grep -oE '[0-9]+')
	read -r frames packets <<<"${said//$'\n'/ }"
	((frames > 0 && packets >= 2 * frames))
}

# watch_guard MODE: what suggest sees of a flood on the guard's interfaces, into $suggested and $said.
watch_guard() {
	suggested=$BATS_TEST_TMPDIR/suggested.yaml said=$BATS_TEST_TMPDIR/said
	printf 'version: 1\nmode: %s\ninterfaces: [veth0]\nrules:\n  - {name: none, protocol: udp, to_port: 9, action: drop}\n' \
		"$1" >"$BATS_TEST_TMPDIR/guard.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/guard.yaml"
	in_namespace "$sender" "$FLOOD" --dev veth0 --mac "$receiver" --from 198.51.100.9 --to 198.51.100.1 \
		--port 9 --rate 200 --seconds 6 >/dev/null &
	local flooding=$!
	xdpguard suggest --for 3s >"$suggested" 2>"$said" || true
	wait "$flooding"
	xdpguard detach --all
}

@test "suggest --for alone watches the guard's interfaces: all of the traffic in monitor mode, else it says what it misses" {
	watch_guard monitor
	grep -qE "median (19[5-9]|2[0-9][0-9])," "$suggested"
	grep -qF 'interfaces: ["veth0"]' "$suggested"
	run ! grep -F 'dropped' "$said"
	watch_guard enforce
	grep -qF 'the policy in force is not in monitor mode: what it drops cannot be seen' "$said"
	grep -qF 'nothing follows from that' "$said"
}

@test "what is typed wrong is told with the way out" {
	fails_with 2 'name a capture with --pcap, or an interface with --dev' xdpguard suggest
	fails_with 2 'name a capture with --pcap, or an interface with --dev' xdpguard suggest --for 1s
	fails_with 2 '--pcap and --dev' xdpguard suggest --pcap x --dev veth0
	fails_with 2 'read twice, which standard input cannot be' xdpguard suggest --pcap -
	fails_with 2 'there is no interface "eth9"' xdpguard suggest --dev eth9
	fails_with 2 '--margin "0.5": expected a factor from 1 to 100' xdpguard suggest --pcap "$capture" --margin 0.5
	fails_with 2 '--for is of interfaces' xdpguard suggest --pcap "$capture" --for 10s
	fails_with 2 '--mtu "20": expected 576 to 65535 bytes' xdpguard suggest --pcap "$capture" --mtu 20
	fails_with 1 'no such file' xdpguard suggest --pcap "$BATS_TEST_TMPDIR/none"
	fails_with 1 'nothing follows from that' xdpguard suggest --pcap "$capture" --filter 'src host 192.0.2.250'
}
