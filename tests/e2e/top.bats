# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# The live screen as one uses it: in a terminal of tmux's, with keys pressed and the screen read.
load lib

setup() {
	make_lab
	export LC_ALL=C.UTF-8
}

teardown() {
	remove_lab
}

terminal() {
	tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null "$@"
}

# A shell on the server, in the smallest terminal that will do.
open_terminal() {
	lab_in server tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null new-session -d -x 80 -y 24 \
		"PS1='ready> ' bash --norc --noprofile"
	on_exit terminal kill-server
	eventually shows 'ready>'
	type_line "stty -g >'$BATS_TEST_TMPDIR/before'"
}

# type_line TEXT: typed, with Enter behind it.
type_line() {
	terminal send-keys -l "$1"
	terminal send-keys Enter
}

press() {
	terminal send-keys "$@"
}

# start_top [OPTION…]
start_top() {
	type_line "'$XDPGUARD' top --interval 0.2 $*; echo \"exit=\$?\""
	eventually shows 'xdpguard top'
}

screen() {
	terminal capture-pane -p
}

# shows TEXT: somewhere on the screen.
shows() {
	screen | grep -qF -- "$1"
}

shows_not() {
	! shows "$1"
}

# shows_line PATTERN: a line of the screen matches.
shows_line() {
	screen | grep -qE -- "$1"
}

# first_source ADDRESS: it is the first in the list.
first_source() {
	screen | grep -A 1 '^ SOURCE ' | tail -n 1 | grep -q "^ $1 "
}

# ended CODE: with this exit status, and the terminal is as it was before.
ended() {
	eventually shows "exit=$1"
	shows_not 'xdpguard top  '
	type_line "stty -g >'$BATS_TEST_TMPDIR/after'; echo 'the '\"end\""
	eventually shows 'the end'
	equal "$(<"$BATS_TEST_TMPDIR/after")" "$(<"$BATS_TEST_TMPDIR/before")" "settings of the terminal"
}

# The process in the terminal's foreground.
pid_of_top() {
	local shell

	shell=$(terminal display-message -p '#{pane_pid}')
	echo "$(</proc/"$shell"/task/"$shell"/children)"
}

# Who sends to port 53 is limited; the rest passes.
apply_limit() {
	apply_text >/dev/null <<-'YAML'
		version: 1
		sources: {capacity: 64k}
		rules:
		  - {name: dns, protocol: udp, to_port: 53, limit: {rate: 1/h, burst: 10}}
	YAML
}

# start_flood OPTION…: from 192.0.2.66, 1000 packets a second, until the test ends.
start_flood() {
	# shellcheck disable=SC2046 # several options
	lab_start client "$FLOOD" --from 192.0.2.66 $(receiver_of 192.0.2.66) --rate 1000 --seconds 600 "$@" >/dev/null
}

@test "a flood as it happens: rates, reasons, rules and who it is; q gives the terminal back" {
	apply_limit
	open_terminal
	start_top
	start_flood --port 53
	eventually shows_line '^ dropped +[1-9][^ ]*/s +[▁▂▃▄▅▆▇█]'
	eventually shows_line '^ over-rate +[1-9][^ ]*/s .* dns +[1-9][^ ]*/s'
	eventually shows_line '^ 192\.0\.2\.66 +[1-9][^ ]*/s .* dns$'
	shows 'table      1 of '
	shows 'admits every new source'
	press q
	ended 0
}

@test "sort, filter and help" {
	apply_limit
	flood 192.0.2.1 --port 9 --count 500
	flood 192.0.2.66 --port 53 --count 300
	flood 2001:db8:0:7::5 --port 9 --count 20
	open_terminal
	start_top --sort packets
	eventually first_source 192.0.2.1
	press s s
	eventually shows 'SOURCES by drops'
	eventually first_source 192.0.2.66
	press S
	eventually shows 'SOURCES by bytes: 3,'

	press f
	eventually shows 'only sources in: _'
	press 2 0 0 1 : d b 8 Enter
	eventually shows 'expected an address or a prefix'
	press : : / 3 2 Enter
	eventually shows 'SOURCES by bytes in 2001:db8::/32: 1,'
	eventually first_source 2001:db8:0:7::/64
	shows_not 192.0.2.1
	press f C-u Enter
	eventually shows 'SOURCES by bytes: 3,'
	eventually shows 192.0.2.1

	press '?'
	eventually shows 'block the marked source'
	press x
	eventually first_source 192.0.2.1
	press q
	ended 0
}

@test "the marked source is blocked and unblocked, and its packets are dropped meanwhile" {
	apply_limit
	flood 192.0.2.1 --port 9 --count 50
	flood 192.0.2.2 --port 9 --count 40
	open_terminal
	start_top --sort packets
	eventually shows 192.0.2.2
	press b
	eventually shows 'mark the source to block first'
	press Down Down b
	eventually shows 'block 192.0.2.2 for (empty: until unblocked): 10m_'
	press BSpace BSpace BSpace 5 m Enter
	eventually shows 'block 192.0.2.2 for 5m? y/n'
	press n
	eventually shows 'nothing was changed'
	equal "$(number .received "$(flood_counted 192.0.2.2 --count 10)")" 10

	press b C-u 5 m Enter y
	eventually shows 'blocked 192.0.2.2 for 5m'
	eventually shows_line '^ 192\.0\.2\.2 .* in 4m 5'
	equal "$(number .received "$(flood_counted 192.0.2.2 --count 10)")" 0
	equal "$(number .received "$(flood_counted 192.0.2.1 --count 10)")" 10
	equal "$(xdpguard blocks --json | jq -c '[.blocks[] | [.prefix, .reason]]')" '[["192.0.2.2","from xdpguard top"]]'

	press u
	eventually shows 'unblock 192.0.2.2? y/n'
	press y
	eventually shows 'unblocked 192.0.2.2'
	equal "$(number .received "$(flood_counted 192.0.2.2 --count 10)")" 10
	press u
	eventually shows '192.0.2.2 is not blocked'
	press q
	ended 0
}

@test "a block waits for another tool, and the screen goes on" {
	apply_limit
	flood 192.0.2.2 --port 9 --count 40
	open_terminal
	start_top
	eventually shows 192.0.2.2
	exec 9<>/run/xdpguard.lock
	flock 9
	press Down b Enter y
	eventually shows 'another xdpguard is at work; waiting for it'
	exec 9>&-
	eventually shows 'blocked 192.0.2.2 for 10m'
	equal "$(number .received "$(flood_counted 192.0.2.2 --count 10)")" 0
	press q
	ended 0
}

@test "the source of one's own SSH session is not blocked without a word" {
	apply_limit
	flood 192.0.2.2 --port 9 --count 40
	export SSH_CONNECTION="192.0.2.2 50022 198.51.100.1 22"
	open_terminal
	start_top
	eventually shows 192.0.2.2
	press Down b Enter
	eventually shows '192.0.2.2 covers 192.0.2.2, where your SSH session comes from: it would be cut'
	press y Enter
	eventually shows 'nothing is blocked'
	equal "$(xdpguard blocks --json | jq -c .blocks)" '[]'
	press q
	ended 0
}

@test "while it is paused the screen stands still" {
	apply_limit
	flood 192.0.2.1 --port 9 --count 50
	open_terminal
	start_top
	eventually shows_line '^ 192\.0\.2\.1 .* 50 '
	press p
	eventually shows PAUSED
	flood 192.0.2.1 --port 9 --count 7
	eventually equal "$(source_of 192.0.2.1 .packets)" 57
	before=$(screen)
	# A key is answered, and so is whatever came before it.
	press Down
	eventually shows_line '^ 192\.0\.2\.1 .* 50 '
	shows PAUSED
	press Escape p
	eventually shows_line '^ 192\.0\.2\.1 .* 57 '
	[[ $(screen) != "$before" ]]
	shows_not PAUSED
	press q
	ended 0
}

@test "it follows the size of the terminal" {
	apply_limit
	flood 192.0.2.1 --port 9 --count 50
	open_terminal
	start_top
	eventually shows 192.0.2.1
	shows_not 'LAST SEEN'
	terminal resize-window -x 120 -y 40
	eventually shows 'LAST SEEN'
	eventually shows_line '^ q quit'
	equal "$(screen | wc -l)" 40
	terminal resize-window -x 79 -y 24
	eventually shows 'too small: 79x24; it takes 80x24'
	terminal resize-window -x 80 -y 24
	eventually first_source 192.0.2.1
	press q
	ended 0
}

@test "a signal gives the terminal back, too" {
	apply_limit
	open_terminal
	for signal in INT TERM HUP; do
		start_top
		eventually shows 'no sources'
		kill -"$signal" "$(pid_of_top)"
		ended 0
		type_line clear
	done
	start_top
	press C-c
	ended 0
}

@test "guards and policies come, change and go below it" {
	open_terminal
	start_top
	eventually shows "no guard in $XDPGUARD_DIR; start one with: xdpguard"
	apply_limit
	flood 192.0.2.1 --port 9 --count 50
	eventually shows 'policy.yaml on eth0'
	eventually first_source 192.0.2.1
	eventually shows_line ' dns +0/s'
	apply_text >/dev/null <<-'YAML'
		version: 1
		sources: {capacity: 64k}
		rules:
		  - {name: another, protocol: udp, action: drop}
	YAML
	eventually shows_line ' another +0/s'
	flood 192.0.2.1 --port 9 --count 50
	eventually shows_line '^ rule-drop .* another .* 50$'
	xdpguard detach --all
	eventually shows "no guard in $XDPGUARD_DIR"
	apply_limit
	eventually shows_line ' dns +0/s'
	press q
	ended 0
}

@test "without a terminal it names what to use instead" {
	apply_limit
	fails_with 1 'top needs a terminal; without one: xdpguard sources --watch 1' xdpguard top </dev/null
	open_terminal
	type_line "TERM=nosuch '$XDPGUARD' top"
	eventually shows 'named "nosuch"'
	type_line "'$XDPGUARD' top --interval 0"
	eventually shows 'expected seconds from 0.1 to 86400'
}

@test "outside of UTF-8 it is ASCII" {
	export LC_ALL=C
	apply_limit
	open_terminal
	start_top
	start_flood --port 9
	eventually shows_line '^ passed +[1-9][^ ]*/s +[#%*+]'
	[[ -z $(screen | tr -d '\0-\177') ]]
	press q
	ended 0
}
