# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Who others have found out is blocked: fail2ban, as Debian has it, on a log; CrowdSec's decisions; plain lists.
#
# FAIL2BAN is the folder that scripts/lib/fetch-package unpacks it in; without it, the one that is installed.
load lib

setup() {
	make_lab
	apply_text >/dev/null <<-'YAML'
		version: 1
		rules: [{name: all, limit: {rate: 1M/s}}]
	YAML
}

teardown() {
	remove_lab
}

blocks() {
	xdpguard blocks --json | jq -c "$1"
}

received_from() {
	number .received "$(flood_counted "$1" --count 20)"
}

# Of the test's own server.
fail2ban_client() {
	"${fail2ban[@]/PROGRAM/client}" "$@"
}

# With sshd's filter and log, in this test's folder alone.
configure_fail2ban() {
	config=$BATS_TEST_TMPDIR/fail2ban
	fail2ban=(env PYTHONPATH="${FAIL2BAN:-}/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
		python3 "${FAIL2BAN:-}/usr/bin/fail2ban-PROGRAM" -c "$config" -s "$config/socket" -p "$config/pid")
	log=$BATS_TEST_TMPDIR/auth.log
	touch "$log"
	mkdir -p "$config/action.d"
	cp -r "${FAIL2BAN:-}/etc/fail2ban/filter.d" "$config/"
	cp "$BATS_TEST_DIRNAME/../../integrations/fail2ban/xdpguard.conf" "$config/action.d/"
	cat >"$config/fail2ban.conf" <<-CONF
		[Definition]
		loglevel = INFO
		logtarget = $config/log
		syslogsocket = auto
		socket = $config/socket
		pidfile = $config/pid
		dbfile = $config/db
		dbpurgeage = 1d
		dbmaxmatches = 10
		allowipv6 = yes
	CONF
	cat >"$config/jail.conf" <<-CONF
		[sshd]
		enabled = true
		backend = polling
		filter = sshd
		logpath = $log
		maxretry = 3
		findtime = 1h
		bantime = 1h
		usedns = no
		banaction = xdpguard
		action = %(banaction)s[xdpguard="nsenter --net=/run/netns/$lab-server $XDPGUARD"]
	CONF
}

start_fail2ban() {
	"${fail2ban[@]/PROGRAM/server}" -f -x start >"$config/output" 2>&1 3>&- &
	fail2ban_id=$!
	on_exit kill "$fail2ban_id"
	eventually fail2ban_client ping
}

# fails_to_log_in ADDRESS TIMES: as sshd writes it, from a process each, by which fail2ban knows sessions.
fails_to_log_in() {
	for ((n = 0; n < $2; n++)); do
		echo "$(LC_ALL=C date '+%b %e %T') server sshd[$((++sshd_id + 1000))]: Failed password for root from $1 port $((40000 + n)) ssh2"
	done >>"$log"
}

is_blocked() {
	[[ $(blocks '[.blocks[].prefix]') == *"\"$1\""* ]]
}

@test "fail2ban: who fails to log in is dropped, and passes again when the ban is lifted" {
	[[ -e ${FAIL2BAN:-}/usr/bin/fail2ban-server ]] || skip "fail2ban is not there (scripts/lib/fetch-package fail2ban FOLDER)"
	configure_fail2ban
	start_fail2ban || { cat "$config/log" "$config/output"; false; }
	fails_to_log_in 192.0.2.7 3
	fails_to_log_in 2001:db8:7::7 3
	fails_to_log_in 192.0.2.8 2
	eventually is_blocked 192.0.2.7 || { cat "$config/log"; false; }
	eventually is_blocked 2001:db8:7::7 || { cat "$config/log" "$log"; false; }
	equal "$(received_from 192.0.2.7)$(received_from 2001:db8:7::7)" 00
	equal "$(received_from 192.0.2.8)" 20
	equal "$(blocks '[.blocks[] | [.by, .reason]] | unique')" '[["hand","fail2ban: sshd"]]'
	# It ends by itself, in an hour.
	blocks '.blocks[].until' | jq -e 'sub("\\.[0-9]+Z"; "Z") | fromdateiso8601 - now | . > 3500 and . <= 3600'

	fail2ban_client set sshd unbanip 192.0.2.7
	equal "$(blocks '[.blocks[].prefix]')" '["2001:db8:7::7"]'
	equal "$(received_from 192.0.2.7)" 20
	# Whatever it has banned it lifts when it is stopped.
	fail2ban_client stop
	wait "$fail2ban_id" || true
	equal "$(blocks .blocks)" '[]'
}

@test "CrowdSec: decisions of its stream become blocks, and go when it deletes them" {
	cat >"$BATS_TEST_TMPDIR/stream.json" <<-'JSON'
		{"deleted": [
		  {"duration": "-1h0m1s", "id": 7, "origin": "cscli", "scenario": "manual 'ban'", "scope": "Ip", "type": "ban", "value": "192.0.2.1"}],
		 "new": [
		  {"duration": "2h59m58.123s", "id": 8, "origin": "crowdsec", "scenario": "crowdsecurity/ssh-bf", "scope": "Ip", "type": "ban", "value": "192.0.2.2"},
		  {"duration": "23h59m", "id": 9, "origin": "CAPI", "scenario": "crowdsecurity/http-probing", "scope": "Range", "type": "ban", "value": "198.51.100.128/25"},
		  {"duration": "1h", "id": 10, "origin": "crowdsec", "scenario": "crowdsecurity/http-probing", "scope": "Ip", "type": "captcha", "value": "192.0.2.3"},
		  {"duration": "1h", "id": 11, "origin": "cscli", "scenario": "manual 'ban'", "scope": "username", "type": "ban", "value": "mallory"},
		  {"duration": "1h", "id": 12, "origin": "crowdsec", "scenario": "crowdsecurity/ssh-bf", "scope": "Ip", "type": "ban", "value": "2001:db8:7::7"}]}
	JSON
	xdpguard block 192.0.2.1
	# As docs/integrations.md says, but for curl.
	curl() {
		cat "$BATS_TEST_TMPDIR/stream.json"
	}
	mapfile -t pipeline < <(sed -n '/^# crowdsec begin/,/^# crowdsec end/p' "$BATS_TEST_DIRNAME/../../docs/integrations.md")
	((${#pipeline[@]} > 5))
	cd "$BATS_TEST_TMPDIR"
	eval "$(printf '%s\n' "${pipeline[@]}")"
	equal "$(blocks '[.blocks[] | [.prefix, .reason]]')" \
		'[["192.0.2.2","crowdsec"],["198.51.100.128/25","crowdsec"],["2001:db8:7::7","crowdsec"]]'
	equal "$(received_from 192.0.2.2)$(received_from 198.51.100.200)$(received_from 2001:db8:7::7)" 000
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.3)" "20 20"

	# What a stream says in which nothing is new.
	echo '{"deleted": null, "new": null}' >"$BATS_TEST_TMPDIR/stream.json"
	eval "$(printf '%s\n' "${pipeline[@]}")"
	equal "$(blocks '.blocks | length')" 3
}
