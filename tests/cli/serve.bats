# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# The server, asked by curl on the guarded host. PROMTOOL names promtool, which Debian has in its package
# prometheus; without it, the one that is installed.
load lib

setup_file() {
	make_namespaces
	ip -n "$guarded" link set lo up
	start_guard
	send_traffic
}

teardown_file() {
	remove_namespaces
}

setup() {
	url=http://127.0.0.1:9436
	token=0123456789abcdef
	server=
}

teardown() {
	[[ -z $server ]] || stop_server
}

is_served() {
	curl_there -o /dev/null "$url/api/server"
}

# start_server OPTION…: in the guarded namespace, as $server.
start_server() {
	# A sanitizer traces the process for leaks, which the kernel refuses to one that only reads.
	ASAN_OPTIONS=detect_leaks=0 nsenter --net="/run/netns/$guarded" "$XDPGUARD" serve "$@" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	server=$!
	eventually is_served
}

stop_server() {
	kill "$server"
	wait "$server"
	server=
}

# curl_there OPTION…
curl_there() {
	in_namespace "$guarded" curl -sS -m 30 "$@"
}

# get PATH OPTION…
get() {
	curl_there "$url$1" "${@:2}"
}

# code_of PATH OPTION…: the HTTP status.
code_of() {
	get "$1" -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' "${@:2}"
}

# post PATH JSON OPTION…: likewise, with the token. Asks again while another tool on this machine has the lock.
post() {
	local code tries=100

	while ((--tries)); do
		code=$(code_of "$1" -H "Content-Type: ${type:-application/json}" -H "Authorization: Bearer $token" \
			-d "$2" "${@:3}")
		[[ $code == 503 && $(<"$BATS_TEST_TMPDIR/body") == *"another xdpguard"* ]] || break
		sleep 0.1
	done
	echo "$code"
}

error_is() {
	[[ $(jq -r .error "$BATS_TEST_TMPDIR/body") == *"$1"* ]] || { cat "$BATS_TEST_TMPDIR/body"; return 1; }
}

start_with_control() {
	(umask 077 && echo "$token" >"$BATS_TEST_TMPDIR/token")
	start_server --allow-control --token-file "$BATS_TEST_TMPDIR/token"
}

# metric LINE: its value.
metric() {
	get /metrics | awk -v name="$1" '$1 == name { print $2 }'
}

eventually() {
	local tries=150

	until "$@" 2>/dev/null; do
		((--tries)) || { echo "not in 15 s: $*"; return 1; }
		sleep 0.1
	done
}

@test "promtool has nothing to say of the metrics" {
	promtool=${PROMTOOL:-$(type -P promtool || true)}
	[[ -x $promtool ]] || skip "promtool is not there (scripts/lib/fetch-package prometheus FOLDER)"
	start_server
	run "$promtool" check metrics < <(get /metrics)
	((status == 0))
	equal "$output" ""
	run "$promtool" check metrics < <(get /metrics | sed 's/^# HELP xdpguard_up .*//')
	[[ $output == *xdpguard_up* ]]
}

@test "the metrics count what was sent" {
	start_server
	equal "$(metric 'xdpguard_packets_total{interface="veth0",verdict="passed",reason="rule-pass"}')" 20
	equal "$(metric 'xdpguard_packets_total{interface="veth0",verdict="dropped",reason="blocked"}')" 39
	equal "$(metric 'xdpguard_packets_total{interface="veth0",verdict="dropped",reason="over-rate"}')" 1
	equal "$(metric 'xdpguard_packets_total{interface="veth0",verdict="would_drop",reason="over-rate"}')" 40
	equal "$(metric 'xdpguard_bytes_total{interface="veth0",verdict="dropped",reason="rule-drop"}')" 1800
	equal "$(metric 'xdpguard_rule_packets_total{rule="trial",verdict="passed"}')" 10
	equal "$(metric 'xdpguard_rule_packets_total{rule="trial",verdict="would_drop"}')" 40
	equal "$(metric 'xdpguard_source_packets_total{source="198.51.100.9",verdict="dropped"}')" 40
	equal "$(metric 'xdpguard_interface_attached{interface="veth0"}')" 1
	equal "$(metric 'xdpguard_sources')" 5
	equal "$(metric 'xdpguard_blocks{by="rule"}')" 1
	equal "$(get /metrics | awk '/^xdpguard_packets_total/ { sum += $2 } END { print sum }')" 155
}

@test "whoever asks for OpenMetrics gets it" {
	start_server
	run get /metrics -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' \
		-w '%{content_type}\n'
	[[ ${lines[-1]} == application/openmetrics-text* ]]
	equal "${lines[-2]}" "# EOF"
	[[ $output == *"# TYPE xdpguard_packets counter"* && $output == *"# TYPE xdpguard_build info"* ]]
}

@test "every metric of the Grafana dashboard is there" {
	start_server
	dashboard=$BATS_TEST_DIRNAME/../../docs/grafana.json
	jq -r '.panels[].targets[].expr' "$dashboard" | grep -o 'xdpguard_[a-z_]*' | sort -u >"$BATS_TEST_TMPDIR/used"
	(($(wc -l <"$BATS_TEST_TMPDIR/used") > 10))
	get /metrics | sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' | sort >"$BATS_TEST_TMPDIR/there"
	equal "$(comm -23 "$BATS_TEST_TMPDIR/used" "$BATS_TEST_TMPDIR/there")" ""
}

@test "only the worst sources are metrics, as many as --top says" {
	start_server --top 2
	equal "$(get /metrics | grep -c '^xdpguard_source_packets_total.*"dropped"')" 2
	equal "$(metric 'xdpguard_source_packets_total{source="203.0.113.7",verdict="dropped"}')" ""
}

# without_clock: two looks at the clocks may differ by a millisecond.
without_clock() {
	jq -cS 'walk(if type == "string" and test("^20..-..-..T") then "a time" else . end)'
}

@test "the API answers with what the verbs print" {
	start_server
	for verb in status rules drops blocks sources; do
		equal "$(get "/api/$verb" | without_clock)" "$(xdpguard "$verb" --json | without_clock)"
	done
	equal "$(get '/api/sources?sort=drops&top=2' | without_clock)" \
		"$(xdpguard sources --sort drops --top 2 --json | without_clock)"
	equal "$(get '/api/sources?match=2001:db8::/32' | jq -c '[.sources[].address]')" '["2001:db8:0:1::/64"]'
	equal "$(get '/api/blocks?match=192.0.2.0/24' | jq -c .blocks)" '[]'
}

@test "what is wrong with a request is told as JSON, with a status" {
	start_server
	equal "$(code_of /api/nothing)" 404
	error_is "/api/nothing"
	equal "$(code_of '/api/sources?sort=pps')" 400
	error_is "packets, bytes, drops"
	equal "$(code_of '/api/sources?top=1001')" 400
	equal "$(code_of '/api/blocks?match=192.0.2')" 400
	equal "$(code_of /api/status -X POST)" 405
	equal "$(code_of /api/block)" 405
}

@test "pages elsewhere get nothing: by a name of theirs, or by a request that says whose it is" {
	start_server
	equal "$(code_of /api/status -H 'Host: rebound.example.com')" 421
	equal "$(code_of /api/status -H 'Host: 127.0.0.1.example.com')" 421
	equal "$(code_of /api/status -H 'Host:')" 400
	equal "$(code_of /api/status -H 'Host: localhost:9436')" 200
	equal "$(code_of /api/status -H 'Origin: http://example.com')" 403
	equal "$(code_of /api/status -H "Origin: $url")" 200
	run get /api/status -i
	[[ $output == *"Content-Security-Policy: default-src 'none'"* && $output != *Access-Control* ]]
}

@test "without --allow-control nothing can be changed" {
	start_server
	equal "$(post /api/block '{"prefix": "198.51.100.77"}')" 403
	equal "$(xdpguard blocks --match 198.51.100.77 --json | jq -c .blocks)" '[]'
}

@test "the token blocks and unblocks, and nothing else does" {
	start_with_control
	equal "$(code_of /api/block -H 'Content-Type: application/json' -d '{"prefix": "198.51.100.77"}')" 401
	equal "$(token=${token/0/1} post /api/block '{"prefix": "198.51.100.77"}')" 401
	equal "$(post /api/block '{"prefix": "198.51.100.77"}' -H 'Origin: http://example.com')" 403
	equal "$(type=text/plain post /api/block '{"prefix": "198.51.100.77"}')" 415
	equal "$(post /api/block '{"prefix": "198.51.100.77", "for": "10m", "reason": "by a test"}')" 200
	equal "$(xdpguard blocks --match 198.51.100.77 --json | jq -r '.blocks[0].reason')" "by a test"
	send 198.51.100.77 7
	equal "$(json '.sources[0].dropped' xdpguard sources --match 198.51.100.77)" 7
	equal "$(post /api/unblock '{"prefix": "198.51.100.77"}')" 200
	equal "$(post /api/unblock '{"prefix": "198.51.100.77"}')" 404
	equal "$(type='application/json; charset=utf-8' post /api/block '{"prefix": "198.51.100.0/24"}')" 200
	equal "$(post /api/unblock '{"prefix": "198.51.100.77"}')" 409
	equal "$(post /api/unblock '{"prefix": "198.51.100.0/24"}')" 200
	send 198.51.100.77 3
	equal "$(json '.sources[0].passed' xdpguard sources --match 198.51.100.77)" 3
}

@test "a body that is none, or too long, changes nothing" {
	start_with_control
	for body in '' '{' '[]' '{"prefix": 1}' '{"prefix": "198.51.100.0/33"}' '{"prefix": "198.51.100.78", "until": "1m"}' \
		'{"prefix": "198.51.100.78", "for": "soon"}' '{"prefix": "198.51.100.78", "for": {"a": {"b": {"c": 1}}}}'; do
		equal "$(post /api/block "$body")" 400
	done
	long=$(printf '%5000s' '')
	equal "$(post /api/block "{\"prefix\": \"198.51.100.78\"$long}")" 413
	equal "$(post /api/block "{\"prefix\": \"198.51.100.78\"$long}" -H 'Transfer-Encoding: chunked')" 413
	equal "$(xdpguard blocks --match 198.51.100.78 --json | jq -c .blocks)" '[]'
}

@test "the token is made where none is given, and nobody else may read its file" {
	start_server --allow-control
	token=$(sed -n 's/^token: //p' "$BATS_TEST_TMPDIR/said")
	[[ $token =~ ^[0-9a-f]{48}$ ]]
	equal "$(post /api/unblock '{"prefix": "198.51.100.79"}')" 404
	[[ $(tr '\0' ' ' <"/proc/$server/cmdline") != *"$token"* ]]
	echo "$token" >"$BATS_TEST_TMPDIR/token"
	chmod 644 "$BATS_TEST_TMPDIR/token"
	fails_with 1 "chmod 600" xdpguard serve --listen 127.0.0.1:9437 --allow-control --token-file "$BATS_TEST_TMPDIR/token"
	(umask 077 && echo short >"$BATS_TEST_TMPDIR/short")
	fails_with 1 "expected a line" xdpguard serve --listen 127.0.0.1:9437 --allow-control \
		--token-file "$BATS_TEST_TMPDIR/short"
}

# capabilities PROCESS SET: as a number; 0: none.
capabilities() {
	echo $((16#$(awk -v "set=$2:" '$1 == set { print $2 }' "/proc/$1/status")))
}

@test "the process that answers has no capability, and gets none back" {
	start_with_control
	bpf=$((1 << 39)) admin=$((1 << 21))
	for set in CapEff CapPrm CapInh CapAmb CapBnd; do
		(($(capabilities "$server" $set) & ~bpf)) && return 1
	done
	# Since Linux 5.19 not even CAP_BPF.
	[[ $(printf '5.19\n%s\n' "$(uname -r)" | sort -V | head -n 1) != 5.19 ]] || equal "$(capabilities "$server" CapEff)" 0
	equal "$(awk '/NoNewPrivs/ { print $2 }' "/proc/$server/status")" 1
	# The other one looks up programs for it, and does nothing else.
	keeper=$(<"/proc/$server/task/$server/children")
	for set in CapEff CapPrm CapBnd; do
		equal "$(capabilities "${keeper% }" $set)" $admin
	done
}

# trespasses OPTION…: what the kernel answers when the server's process tries what it should not, a line for each.
trespasses() {
	LD_PRELOAD=$TRESPASS start_server "$@"
	get /api/status -o /dev/null
	sed -n 's/^trespass: //p' "$BATS_TEST_TMPDIR/said"
	stop_server
}

@test "without --allow-control the process that answers can write to no table, and to no file" {
	[[ $(ldd "$XDPGUARD") != *asan* ]] || skip "the sanitizer has to be loaded first"
	diff <(trespasses) <(printf '%s\n' "read done" "write EPERM" "map EPERM" "map to read done" "remap EACCES" \
		"chmod EPERM" "unlink EPERM" "open EPERM" "create EPERM")
	diff <(trespasses --allow-control) <(printf '%s\n' "read done" "write done" "map done" "map to read done" "remap EACCES" \
		"chmod done" "unlink ENOENT" "open done" "create ENOENT")
}

@test "without CAP_SYS_ADMIN it serves all but what is on the hook" {
	nsenter --net="/run/netns/$guarded" setpriv --bounding-set=-all --inh-caps=-all "$XDPGUARD" serve \
		2>"$BATS_TEST_TMPDIR/said" 3>&- &
	server=$!
	eventually is_served
	equal "$(get /api/status | jq -r '.interfaces[0].state')" "cannot be read"
	equal "$(metric xdpguard_up)" 1
	equal "$(metric 'xdpguard_interface_attached{interface="veth0"}')" ""
}

@test "clients that are slow, or many, hold nobody up for long, and are shown the door" {
	start_server
	cat >"$BATS_TEST_TMPDIR/slow.py" <<-'PYTHON'
		import socket, sys, time

		begun = time.monotonic()
		held = [socket.create_connection(("127.0.0.1", 9436)) for _ in range(int(sys.argv[1]))]
		for client in held:
		    client.send(b"GET /api/status HTTP/1.1\r\nHost: localhost\r\nX: ")
		    client.setblocking(False)
		print("held", flush=True)
		while held and time.monotonic() - begun < 60:
		    for client in list(held):
		        try:
		            client.send(b"y")
		            if not client.recv(4096):
		                held.remove(client)
		        except BlockingIOError:
		            pass
		        except OSError:
		            held.remove(client)
		    time.sleep(0.2)
		print("left", len(held), flush=True)
	PYTHON
	in_namespace "$guarded" python3 "$BATS_TEST_TMPDIR/slow.py" 40 >"$BATS_TEST_TMPDIR/slow" 3>&- &
	slow=$!
	eventually grep -q held "$BATS_TEST_TMPDIR/slow"
	equal "$(code_of /api/status -m 5)" 200
	wait "$slow"
	grep -qx "left 0" "$BATS_TEST_TMPDIR/slow"
	in_namespace "$guarded" python3 "$BATS_TEST_TMPDIR/slow.py" 90 >"$BATS_TEST_TMPDIR/slow" 3>&- &
	slow=$!
	eventually grep -q held "$BATS_TEST_TMPDIR/slow"
	equal "$(code_of /api/status -m 60)" 200
	kill "$slow"
}

@test "the page needs nothing but itself, and its policy allows no more" {
	start_server
	get / -D "$BATS_TEST_TMPDIR/headers" >"$BATS_TEST_TMPDIR/page"
	python3 - "$BATS_TEST_TMPDIR" <<-'PYTHON'
		import base64, hashlib, re, sys

		page = open(sys.argv[1] + "/page", encoding="utf-8").read()
		headers = open(sys.argv[1] + "/headers").read()
		for kind in ["script", "style"]:
		    (text,) = re.findall(f"<{kind}>(.*?)</{kind}>", page, re.S)
		    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
		    assert f"{kind}-src 'sha256-{digest}';" in headers, kind
		assert "default-src 'none'" in headers and "unsafe" not in headers
		outside = re.findall(r'(?:src|href)="(?!data:,)|@import|url\(', page)
		assert not outside, outside
		assert not re.search("innerHTML|outerHTML|insertAdjacent|document.write|eval", page)
		ids = set(re.findall(r'id="([^"]+)"', page))
		assert set(re.findall(r'byId\("([^"]+)"\)', page)) <= ids
	PYTHON
}

@test "Chromium shows what the API says, and its buttons block and unblock" {
	type -P chromium >/dev/null || skip "chromium is not installed"
	start_with_control
	in_namespace "$guarded" "$BATS_TEST_DIRNAME/../../scripts/page-test" -t "$BATS_TEST_TMPDIR/token" "$url" "$BATS_TEST_TMPDIR"
}

@test "noise is no request" {
	start_server
	head -c 100000 /dev/urandom | in_namespace "$guarded" timeout 5 bash -c 'cat >/dev/tcp/127.0.0.1/9436' || true
	equal "$(code_of /api/status -H "X: $(printf '%20000s' '' | tr ' ' x)")" 431
	equal "$(code_of /api/status)" 200
	equal "$(code_of /api/status -I)" 200
}

@test "it goes on when the policy is exchanged, and when the guard goes and comes" {
	start_server
	sed 's/name: trial/name: changed/' "$policy" >"$BATS_TEST_TMPDIR/changed.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/changed.yaml"
	equal "$(get /api/rules | jq -r '.rules[2].name')" changed
	xdpguard detach --all
	equal "$(metric xdpguard_up)" 0
	equal "$(code_of /api/status)" 503
	error_is "xdpguard apply"
	xdpguard apply "$policy"
	equal "$(metric xdpguard_up)" 1
	equal "$(get /api/status | jq -r '.interfaces[0].state')" attached
}

@test "it starts before the guard" {
	export XDPGUARD_DIR=/sys/fs/bpf/xdpguard-none-$$
	start_server
	grep -q "waiting for it" "$BATS_TEST_TMPDIR/said"
	equal "$(metric xdpguard_up)" 0
}

@test "it says who can reach it when it listens for others" {
	start_server --listen 0.0.0.0:9436
	grep -q "whoever reaches 0.0.0.0:9436" "$BATS_TEST_TMPDIR/said"
	equal "$(code_of /api/status -H 'Host: edge.example.com')" 200
}

@test "SIGTERM ends it, bad usage is 2, a port that is taken 1" {
	start_server
	fails_with 1 "cannot listen on 127.0.0.1:9436: Address already in use" xdpguard serve
	fails_with 1 "cannot listen on 192.0.2.7:9436: Cannot assign requested address" xdpguard serve --listen 192.0.2.7:9436
	stop_server
	fails_with 2 "--listen" xdpguard serve --listen 9436
	fails_with 2 "--listen" xdpguard serve --listen ::1:9436
	fails_with 2 "--listen" xdpguard serve --listen 127.0.0.1:65536
	fails_with 2 "--top" xdpguard serve --top 0
	fails_with 2 "--allow-control" xdpguard serve --token-file /dev/null
}
