# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup() {
	start_guard
}

# explain FILTER PACKET…
explain() {
	json "$1" xdpguard explain "${@:2}"
}

# What became of all packets: {"blocked":1,…}
reasons() {
	xdpguard status --json | jq -cS '[.reasons[] | {(.reason): .packets}] | add // {}'
}

# All that counts, of all sources, rules and blocks.
all_counts() {
	xdpguard sources --json && xdpguard rules --json && xdpguard blocks --json && xdpguard status --json
}

@test "explain says of a packet what then becomes of a real one, and by which rule" {
	xdpguard block 198.51.100.77
	for case in 192.0.2.1:9 192.0.2.1:53 198.51.100.9:53 198.51.100.9:99 203.0.113.7:9 198.51.100.77:53 \
		198.51.100.1:9 2001:db8:0:1::5:53; do
		from=${case%:*} port=${case##*:} to=198.51.100.1
		[[ $from != *:* ]] || to='[2001:db8:ffff::1]' from_text="[$from]"
		said=$(explain '[.verdict, .reason, .rule]' "udp ${from_text:-$from}:40000 > $to:$port")
		unset from_text
		before=$(reasons)
		send "$from" 1 "$port"
		became=$(jq -nc --argjson a "$before" --argjson b "$(reasons)" \
			'$b | to_entries | map(select(.value != ($a[.key] // 0))) | [.[].key]')
		equal "[$(jq -c .[1] <<<"$said")]" "$became"
		rule=$(jq -r .[2] <<<"$said")
		[[ $rule == null ]] || equal "$(json "[.rules[] | select(.hits > 0) | .name] | index(\"$rule\") != null" xdpguard rules)" true
	done
}

@test "explain moves no counter, no budget and no block of the guard at work" {
	send_traffic
	before=$(all_counts)
	for packet in 'udp 198.51.100.9:1 > 198.51.100.1:53' 'udp 198.51.100.30:1 > 198.51.100.1:99' \
		'udp 192.0.2.200:1 > 198.51.100.1:53' 'tcp [2001:db8:0:1::5]:1 > [2001:db8::1]:80 flags syn'; do
		for _ in {1..20}; do
			xdpguard explain "$packet" >/dev/null
		done
	done
	equal "$(all_counts)" "$before"
	# The budget of 10 is whole, too.
	send 192.0.2.200 10 53
	equal "$(json '.sources[] | select(.address == "192.0.2.200") | .dropped' xdpguard sources)" 0
}

@test "explain sees a budget run out, the block that follows, and that it is in the way" {
	packet='udp 198.51.100.9:40000 > 198.51.100.1:53'
	equal "$(explain '[.source.known, .source.admitted, .limits[0].packets_before]' "$packet")" '[false,true,10]'
	send 198.51.100.9 9 53
	equal "$(explain '[.reason, .source.known, .source.passed, (.limits[0] | .packets_before, .packets_after, .exceeded)]' "$packet")" \
		'["within-limit",true,9,1,0,false]'
	send 198.51.100.9 1 53
	equal "$(explain '[.verdict, .reason, .rule, .limits[0].exceeded, [.blocks[] | [.prefix, .when, .rule]]]' "$packet")" \
		'["drop","over-rate","dns",true,[["198.51.100.9","set by this packet","dns"]]]'
	equal "$(json .blocks xdpguard blocks)" '[]'
	send 198.51.100.9 1 53
	equal "$(explain '[.verdict, .reason, .rule, [.blocks[] | [.prefix, .when]]]' "$packet")" \
		'["drop","blocked",null,[["198.51.100.9","before the packet"]]]'
}

@test "explain names the limit that refused, as the program finds it: not one that an untouched budget passes" {
	cat >"$BATS_TEST_TMPDIR/limits.yaml" <<-'YAML'
		version: 1
		interfaces: [veth0]
		rules:
		  - name: both
		    protocol: udp
		    limits: [{bandwidth: 1kbit/s}, {bandwidth: 1kbit/s, per: all}]
	YAML
	xdpguard apply "$BATS_TEST_TMPDIR/limits.yaml"
	# 1,514 bytes are 12 seconds' worth of the budget that all share.
	in_namespace "$sender" "$FLOOD" --dev veth0 --mac "$receiver" --from 198.51.100.1 --to 203.0.113.1 --port 9 \
		--size 1514 --count 1 >/dev/null
	until [[ $(packets_counted) == 1 ]]; do sleep 0.1; done
	equal "$(explain '[.reason, (.limits[] | [.of, .exceeded])]' 'udp 198.51.100.2:1 > 203.0.113.1:9 size 200')" \
		'["over-bandwidth",["198.51.100.2",false],["all sources",true]]'
}

@test "explain lists no block of a length that the program does not look for" {
	xdpguard block ::/64 >/dev/null
	equal "$(explain '[.verdict, .blocks]' 'udp 198.51.100.2:1 > 203.0.113.1:9')" '["pass",[]]'
	equal "$(explain '[.verdict, .reason, [.blocks[].prefix]]' 'udp [::2]:1 > [2001:db8::1]:9')" '["drop","blocked",["::/64"]]'
}

@test "explain shows rules of any length whole" {
	prefixes=$(printf '2001:db8:1111:2222:3333:4444:5555:%x, ' {4096..4100})
	cat >"$BATS_TEST_TMPDIR/long.yaml" <<-YAML
		version: 1
		rules:
		  - {name: long, from: [$prefixes 192.0.2.77], to: [$prefixes 203.0.113.1], action: drop}
	YAML
	words=$(explain .words --policy "$BATS_TEST_TMPDIR/long.yaml" 'udp 192.0.2.77:1 > 203.0.113.1:9' | jq -r .)
	((${#words} > 400))
	run --separate-stderr xdpguard explain --policy "$BATS_TEST_TMPDIR/long.yaml" 'udp 192.0.2.77:1 > 203.0.113.1:9'
	[[ $output == *"rule:    long (1 of 1): $words"$'\n'* ]]
}

@test "explain says of a rule in monitor mode what it would do" {
	send 198.51.100.30 10 99
	equal "$(explain '[.verdict, .would_drop, .reason, .rule]' 'udp 198.51.100.30:40000 > 198.51.100.1:99')" \
		'["pass",true,"over-rate","trial"]'
}

@test "explain names the sets of the policy in force, and why rules before did not match" {
	cat >"$BATS_TEST_TMPDIR/sets.yaml" <<-'YAML'
		version: 1
		interfaces: [veth0]
		sets:
		  office: [192.0.2.0/24, 2001:db8::/32]
		  servers: [198.51.100.0/24]
		rules:
		  - {name: from, from: 203.0.113.0/24, action: drop}
		  - {name: shape, protocol: udp, action: drop}
		  - {name: flags, tcp_flags: [syn], action: drop}
		  - {name: to-port, protocol: tcp, to_port: 81, action: drop}
		  - {name: from-port, protocol: tcp, from_port: 81, action: drop}
		  - {name: to, to: 203.0.113.0/24, action: drop}
		  - {name: this, from: office, to: servers, action: pass}
	YAML
	xdpguard apply "$BATS_TEST_TMPDIR/sets.yaml"
	packet='tcp 192.0.2.1:40000 > 198.51.100.1:80 flags ack'
	equal "$(explain '[.rule, .sets]' "$packet")" \
		'["this",[{"field":"from","set":"office","prefix":"192.0.2.0/24"},{"field":"to","set":"servers","prefix":"198.51.100.0/24"}]]'
	equal "$(explain '[.not_matched[] | [.name, .because_of]]' "$packet")" \
		'[["from","source address"],["shape","protocol, fragment or flags"],["flags","protocol, fragment or flags"],["to-port","destination port"],["from-port","source port"],["to","destination address"]]'
	# A file that has changed since says nothing about what is in force.
	sed -i 's/office/bureau/' "$BATS_TEST_TMPDIR/sets.yaml"
	equal "$(explain '[.rule, .sets]' "$packet")" '["this",[]]'
	run --separate-stderr xdpguard explain "$packet"
	[[ $output == *"sets have no names here"* ]]
}

@test "explain --policy judges by a file, needs no guard and leaves nothing" {
	xdpguard detach --all
	equal "$(explain '[.in_force, .reason, .rule, .policy]' --policy "$policy" 'udp 203.0.113.7:1 > 198.51.100.1:9')" \
		'[false,"rule-drop","abuse","edge.yaml"]'
	[[ ! -e $XDPGUARD_DIR ]]
	fails_with 1 "no guard in" xdpguard explain 'udp 203.0.113.7:1 > 198.51.100.1:9'
}

@test "explain takes the packet as text, in hexadecimal or from a capture, alike" {
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/capture" <<-'END'
		0 1 0 tcp 192.0.2.200:1 > 198.51.100.1:80 flags syn
		1 1 0 udp 203.0.113.7:5 > 198.51.100.1:53 vlan 9 size 100
	END
	hex=$(tail -c 100 "$BATS_TEST_TMPDIR/capture" | xxd -p)
	for packet in --hex="$hex" '--pcap=capture --frame=2' 'udp 203.0.113.7:5 > 198.51.100.1:53 vlan 9 size 100'; do
		if [[ $packet == --pcap* ]]; then
			said=$(explain '[.packet, .size, .rule]' --pcap "$BATS_TEST_TMPDIR/capture" --frame 2)
		else
			said=$(explain '[.packet, .size, .rule]' "$packet")
		fi
		equal "$said" '["udp 203.0.113.7:5 > 198.51.100.1:53",100,"dns"]'
	done
	fails_with 2 'has 2 frames, none numbered 3' xdpguard explain --pcap "$BATS_TEST_TMPDIR/capture" --frame 3
}

@test "explain tells what is no IP packet, and what is malformed" {
	zeros=$(printf '%090d' 0)
	equal "$(explain '[.verdict, .reason, .packet]' --hex "0200000000010200000000020806$zeros")" \
		'["pass","other","neither IPv4 nor IPv6"]'
	equal "$(explain '[.verdict, .reason, .packet]' --hex "020000000001020000000002080044$zeros")" \
		'["drop","malformed","malformed"]'
}

@test "explain judges frames that do not fit one buffer" {
	equal "$(explain '[.size, .rule]' 'udp 203.0.113.7:1 > 198.51.100.1:9 size 9014')" '[9014,"abuse"]'
}

@test "explain shows the steps as text" {
	send 198.51.100.9 11 53
	run --separate-stderr xdpguard explain --in veth0 'udp 198.51.100.9:40000 > 198.51.100.1:53'
	equal "$status" 0
	[[ $output == *$'packet:  udp 198.51.100.9:40000 > 198.51.100.1:53, 60 bytes\nverdict: DROP\nreason:  blocked: '* ]]
	[[ $output == *'source:  198.51.100.9: in the table, 10 packets passed, 1 dropped'* ]]
	[[ $output == *"state:   as of 20"*", copied from the guard: the source's entry and budgets, 1 block, admission"* ]]
}

@test "what is typed wrong is told with the column, and the way out" {
	fails_with 2 'packet:1:23: error: ":x": expected a port' \
		xdpguard explain 'udp 198.51.100.9:40 > 192.0.2.2:x'
	fails_with 2 'did you mean "flags"?' xdpguard explain 'tcp 192.0.2.1:1 > 192.0.2.2:2 flag syn'
	[[ $stderr == *$'    1 | tcp 192.0.2.1:1 > 192.0.2.2:2 flag syn\n      |                               ^~~~'* ]]
	fails_with 2 'name one packet' xdpguard explain
	fails_with 2 'name one packet' xdpguard explain --hex 00 'udp 192.0.2.1:1 > 192.0.2.2:2'
	fails_with 2 'hex:1:3: error: expected two hexadecimal digits' xdpguard explain --hex 00x
	fails_with 2 'take 42 bytes' xdpguard explain 'udp 192.0.2.1:1 > 192.0.2.2:2 size 20'
	fails_with 1 'eth9 is not guarded; see: xdpguard status' xdpguard explain --in eth9 'udp 192.0.2.1:1 > 192.0.2.2:2'
	fails_with 1 'there is no interface "eth9"' xdpguard explain --policy "$policy" --in eth9 'udp 192.0.2.1:1 > 192.0.2.2:2'
	fails_with 1 'edge.yaml does not guard lo' xdpguard explain --policy "$policy" --in lo 'udp 192.0.2.1:1 > 192.0.2.2:2'
	# Its length on the wire is 70,000.
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/long" <<<'0 1 0 udp 192.0.2.1:1 > 192.0.2.2:2'
	printf '\x70\x11\x01' | dd of="$BATS_TEST_TMPDIR/long" bs=1 seek=36 conv=notrunc status=none
	fails_with 1 'has 70000 bytes' xdpguard explain --policy "$policy" --pcap "$BATS_TEST_TMPDIR/long"
	fails_with 1 'no such file' xdpguard explain --pcap "$BATS_TEST_TMPDIR/none"
	fails_with 2 '--frame is of --pcap' xdpguard explain --frame 2 'udp 192.0.2.1:1 > 192.0.2.2:2'
}
