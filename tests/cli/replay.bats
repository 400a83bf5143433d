# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

# A flood of 10,000/s on a limit of 500/s, scans that are blocked after two, and an honest client.
traffic='
0 600 0.01   udp 198.51.100.10:1 > 198.51.100.1:27015
2 30000 0.0001 udp 198.51.100.66:1 > 198.51.100.1:27015 size 100
3 5000 0.001 tcp [2001:db8:7::77]:1 > [2001:db8::1]:80 flags syn
'

setup_file() {
	[[ $EUID == 0 ]] || skip "needs root"
	export edge=$BATS_FILE_TMPDIR/replay.yaml capture=$BATS_FILE_TMPDIR/capture.pcap
	cat >"$edge" <<-'YAML'
		version: 1
		rules:
		  - {name: office, from: 192.0.2.0/28, action: pass}
		  - {name: game, protocol: udp, to_port: 27015, limit: {rate: 500/s, burst: 100}}
		  - {name: handshakes, protocol: tcp, tcp_flags: [syn, "!ack"], limit: {rate: 20/s, block: 5m}}
	YAML
	"$MKCAPTURE" "$capture" <<<"$traffic"
}

# replay FILTER [OPTION…]: of the capture, or another as CAPTURE.
replay() {
	json "$1" "$XDPGUARD" replay "${CAPTURE:-$capture}" --policy "$edge" "${@:2}"
}

counts='[.sources[] | [.address, .packets, .passed, .dropped, .by]]'

@test "replay names who would have been dropped, how often, when and by which rule" {
	# From 2.0 s on, for 2.9999 s: a burst of 100 and one every 2 ms.
	equal "$(replay "$counts")" '[["198.51.100.66",30000,1599,28401,"game"],["2001:db8:7::/64",5000,2,4998,"handshakes"]]'
	equal "$(replay '[.sources[0] | .first_seen, .first_drop, .last_drop]')" \
		'["2026-01-01T00:00:02.000Z","2026-01-01T00:00:02.010Z","2026-01-01T00:00:04.999Z"]'
	equal "$(replay '[.verdicts[] | [.verdict, .packets]]')" '[["passed",2201],["dropped",33399],["would_drop",0]]'
	equal "$(replay '[.reasons[] | [.reason, .packets]]')" '[["within-limit",2201],["blocked",4997],["over-rate",28402]]'
	equal "$(replay '[.rules[] | [.name, .passed, .dropped]]')" '[["office",0,0],["game",2199,28401],["handshakes",2,1]]'
	equal "$(replay '[.first, .last, .sources_count, .frames.read, .frames.judged]')" \
		'["2026-01-01T00:00:00.000Z","2026-01-01T00:00:07.999Z",3,35600,35600]'
	equal "$(replay '[(.timeline | map(.dropped) | add), (.timeline | length > 100 and length <= 240)]')" '[33399,true]'
}

@test "replay prints a table" {
	run --separate-stderr "$XDPGUARD" replay "$capture" --policy "$edge"
	equal "$status" 0
	[[ ${lines[0]} =~ ^.*capture.pcap:\ 35.6k\ frames,\ 7s\ 999ms\ from\ 2026-01-01T00:00:00.000Z\ on\;\ replayed\ in ]]
	[[ $output =~ 198.51.100.66\ +30k\ +3\ MB\ +1.6k\ +28.4k\ +0\ +\+2s\ 10ms\ +\+4s\ 999ms\ +game ]]
	[[ $output == *"3 sources in all"* ]]
	run --separate-stderr "$XDPGUARD" replay "$capture" --policy "$edge" --top 1
	[[ $output == *"and 1 more; --top shows more"* ]]
}

@test "replay reads pcapng, raw IP and Linux cooked captures alike" {
	expected=$(replay "$counts")
	for options in --pcapng '--link RAW' '--link LINUX_SLL' '--link LINUX_SLL2' '--pcapng --link RAW'; do
		# shellcheck disable=SC2086 # several options
		"$MKCAPTURE" $options "$BATS_TEST_TMPDIR/other" <<<"$traffic"
		CAPTURE=$BATS_TEST_TMPDIR/other equal "$(replay "$counts")" "$expected"
	done
}

@test "replay reads standard input" {
	equal "$(CAPTURE=- replay .sources_count <"$capture")" 3
}

@test "replay refuses other link types by name" {
	"$MKCAPTURE" --link IEEE802_11 "$BATS_TEST_TMPDIR/wlan" <<<"$traffic"
	fails_with 1 'link type IEEE802_11, which no XDP program sees' "$XDPGUARD" replay "$BATS_TEST_TMPDIR/wlan" --policy "$edge"
}

@test "replay says which frames were cut, and judges them at their whole length" {
	"$MKCAPTURE" --snaplen 60 "$BATS_TEST_TMPDIR/cut" <<<"$traffic"
	export CAPTURE=$BATS_TEST_TMPDIR/cut
	# 30,000 of 100 bytes, and 5,000 SYNs of IPv6 that lost flags with 14 bytes of TCP.
	equal "$(replay '[.frames.cut, .frames.cut_headers, .sources[0].bytes, .sources[0].dropped, (.sources | length)]')" \
		'[35000,35000,3000000,28401,1]'
	run --separate-stderr "$XDPGUARD" replay "$CAPTURE" --policy "$edge"
	[[ $output == *"35k frames are cut: what is missing was taken as zero"* ]]
	[[ $output == *"35k frames are cut so short that ports or flags may be missing"* ]]
	"$MKCAPTURE" --snaplen 90 "$CAPTURE" <<<"$traffic"
	equal "$(replay '[.frames.cut, .frames.cut_headers, (.sources | length)]')" '[30000,0,2]'
}

@test "replay --filter leaves frames out" {
	equal "$(replay '[.frames.read, [.sources[].address]]' --filter 'not src host 198.51.100.66')" '[5600,["2001:db8:7::/64"]]'
	fails_with 1 'filter "nonsense": ' "$XDPGUARD" replay "$capture" --policy "$edge" --filter nonsense
}

@test "replay judges frames of several buffers, leaves out what no driver delivers, and bears disorder" {
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/odd" <<-'END'
		0 5 1 udp 198.51.100.10:1 > 198.51.100.1:27015 size 9000
	END
	# The third frame's seconds, in front of the second's.
	printf '\0' | dd of="$BATS_TEST_TMPDIR/odd" bs=1 seek=$((24 + 2 * 9016)) conv=notrunc status=none
	equal "$(CAPTURE=$BATS_TEST_TMPDIR/odd replay '[.frames.judged, .frames.disordered, .frames.refused, .verdicts[0].bytes]')" \
		'[5,1,0,45000]'
	"$MKCAPTURE" --snaplen 10 "$BATS_TEST_TMPDIR/odd" <<<'0 1 0 udp 198.51.100.10:1 > 198.51.100.1:27015'
	# Its length on the wire, too, was 10.
	printf '\12' | dd of="$BATS_TEST_TMPDIR/odd" bs=1 seek=36 conv=notrunc status=none
	equal "$(CAPTURE=$BATS_TEST_TMPDIR/odd replay '[.frames.read, .frames.judged, .frames.refused]')" '[1,0,1]'
}

# five [N]: five packets a second apart; the Nth one's year is 2103.
five() {
	five=$BATS_TEST_TMPDIR/five
	"$MKCAPTURE" "$five" <<<'0 5 1 tcp 198.51.100.10:1 > 198.51.100.1:80 flags syn'
	[[ -z ${1:-} ]] || printf '\xff' | dd of="$five" bs=1 seek=$((24 + ($1 - 1) * 76 + 3)) conv=notrunc status=none
}

@test "replay bears a time stamp that is far off, wherever it is, and a gap that is real" {
	five
	equal "$(CAPTURE=$five replay '[.first, .last, .frames.judged, .frames.disordered, .frames.strays]')" \
		'["2026-01-01T00:00:00.000Z","2026-01-01T00:00:04.000Z",5,0,0]'
	five 1
	equal "$(CAPTURE=$five replay '[.first, .last, .frames.judged, .frames.disordered, .frames.strays]')" \
		'["2026-01-01T00:00:01.000Z","2026-01-01T00:00:04.000Z",5,0,1]'
	five 3
	equal "$(CAPTURE=$five replay '[.first, .last, .frames.judged, .frames.disordered, .frames.strays]')" \
		'["2026-01-01T00:00:00.000Z","2026-01-01T00:00:04.000Z",5,0,1]'
	five 5
	equal "$(CAPTURE=$five replay '[.first, .last, .frames.judged, .frames.disordered, .frames.strays]')" \
		'["2026-01-01T00:00:00.000Z","2026-01-01T00:00:03.000Z",5,0,1]'
	run --separate-stderr "$XDPGUARD" replay "$five" --policy "$edge"
	[[ $output == *"note: 1 frames have time stamps far in the future"* ]]
	"$MKCAPTURE" "$five" <<<'0 5 7200 tcp 198.51.100.10:1 > 198.51.100.1:80 flags syn'
	equal "$(CAPTURE=$five replay '[.last, .frames.judged, .frames.strays, .verdicts[0].packets]')" '["2026-01-01T08:00:00.000Z",5,0,5]'
}

@test "replay says which frames may be several packets, and leaves out those longer than any program runs" {
	long=$BATS_TEST_TMPDIR/long
	"$MKCAPTURE" "$long" <<-'END'
		0 3 1 tcp 198.51.100.10:1 > 198.51.100.1:80 flags ack size 60000
		5 1 0 tcp 198.51.100.10:1 > 198.51.100.1:80 flags ack size 1514
	END
	equal "$(CAPTURE=$long replay '[.frames.judged, .frames.joined]')" '[4,3]'
	# The first one's length on the wire becomes 70,000.
	printf '\x70\x11\x01' | dd of="$long" bs=1 seek=36 conv=notrunc status=none
	equal "$(CAPTURE=$long replay '[.frames.read, .frames.judged, .frames.refused, .frames.joined]')" '[4,3,1,2]'
	run --separate-stderr "$XDPGUARD" replay "$long" --policy "$edge"
	[[ $output == *"note: 2 frames are longer than 1500 bytes of IP"* ]]
}

@test "replay takes no frame without its cooked header for one of Ethernet" {
	for link in LINUX_SLL LINUX_SLL2; do
		"$MKCAPTURE" --link "$link" --snaplen 15 "$BATS_TEST_TMPDIR/short" <<<'0 2 1 udp 198.51.100.10:1 > 198.51.100.1:27015'
		equal "$(CAPTURE=$BATS_TEST_TMPDIR/short replay '[.frames.read, .frames.judged, .frames.refused]')" '[2,0,2]'
	done
}

@test "replay fails where a capture is broken in the middle" {
	five
	printf '\xff\xff\xff\x7f' | dd of="$five" bs=1 seek=$((24 + 2 * 76 + 8)) conv=notrunc status=none
	fails_with 1 'capture length' "$XDPGUARD" replay "$five" --policy "$edge"
}

@test "replay judges what there is of a capture that ends in the middle" {
	head -c 100000 "$capture" >"$BATS_TEST_TMPDIR/half"
	run --separate-stderr "$XDPGUARD" replay "$BATS_TEST_TMPDIR/half" --policy "$edge" --json
	equal "$status" 0
	[[ $stderr == *"judged up to there"* ]]
	equal "$(jq .frames.judged <<<"$output")" 933
	head -c 30 "$capture" >"$BATS_TEST_TMPDIR/half"
	fails_with 1 'truncated' "$XDPGUARD" replay "$BATS_TEST_TMPDIR/half" --policy "$edge"
	fails_with 1 'unknown file format' "$XDPGUARD" replay "$edge" --policy "$edge"
	fails_with 1 'no such file' "$XDPGUARD" replay "$BATS_TEST_TMPDIR/none" --policy "$edge"
}

@test "replay without --policy judges by the policy in force, and moves none of its counters" {
	make_namespaces
	start_guard
	send_traffic
	"$MKCAPTURE" "$BATS_TEST_TMPDIR/other" <<<'0 30 0.1 udp 198.51.100.9:1 > 198.51.100.1:53'
	before=$(xdpguard sources --json && xdpguard rules --json && xdpguard blocks --json)
	# 198.51.100.9 is blocked at work; the capture was of another day.
	equal "$(json '[.policy, (.sources[] | .passed, .dropped, .by)]' xdpguard replay "$BATS_TEST_TMPDIR/other")" '["edge.yaml",10,20,"dns"]'
	equal "$(xdpguard sources --json && xdpguard rules --json && xdpguard blocks --json)" "$before"
	remove_namespaces
}

@test "replay --html writes one page that needs nothing else" {
	page=$BATS_TEST_TMPDIR/page.html
	"$XDPGUARD" replay "$capture" --policy "$edge" --html "$page" >/dev/null
	grep -q '<svg viewBox' "$page"
	grep -q '<td>198.51.100.66</td>' "$page"
	grep -q '<rect class="dropped"' "$page"
	run ! grep -qE '://|src=|href=|url\(|@import|<script' "$page"
	fails_with 1 'No such file' "$XDPGUARD" replay "$capture" --policy "$edge" --html "$BATS_TEST_TMPDIR/none/page.html"
	fails_with 2 'it would overwrite what is read' "$XDPGUARD" replay "$capture" --policy "$edge" --html "$capture"
	fails_with 2 'it would overwrite what is read' "$XDPGUARD" replay "$capture" --policy "$edge" --html "$edge"
	fails_with 2 'a page needs a file' "$XDPGUARD" replay "$capture" --policy "$edge" --html -
}
