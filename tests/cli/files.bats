# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Files that are named to the tool may be anything. What is no file is refused at once and by name; a tool that waited
# for somebody to write to a FIFO would be ended by timeout, with another exit status.
load lib

packet='udp 192.0.2.1:1 > 198.51.100.1:53'

setup_file() {
	make_namespaces
	start_guard
	mkfifo "$BATS_FILE_TMPDIR/fifo"
	"$MKCAPTURE" "$BATS_FILE_TMPDIR/capture" <<<"0 1 0 $packet"
}

setup() {
	fifo=$BATS_FILE_TMPDIR/fifo
}

# refuses CODE TEXT VERB ARGUMENT…: at once. Another tool may be at work, and the lock is waited for.
refuses() {
	fails_with "$1" "$2" in_namespace "$guarded" timeout 120 "$XDPGUARD" "${@:3}"
}

# refuses_file CODE TEXT FILE VERB ARGUMENT…: likewise, by its name.
refuses_file() {
	refuses "$1" "$2" "${@:4}" </dev/null
	[[ $stderr == *"$3: "* ]] || { echo "said: $stderr"; return 1; }
}

# readers FILE: the verbs that read one, a line each with the exit status of refusing it.
readers() {
	cat <<-VERBS
		2 check $1
		2 apply $1
		2 diff $1
		2 block --from $1
		2 unblock --from $1
		1 restore $1
		1 replay $1
		2 replay $BATS_FILE_TMPDIR/capture --policy $1
		1 explain --pcap $1
		1 suggest --pcap $1
		1 serve --allow-control --token-file $1
	VERBS
}

# all_refuse TEXT FILE
all_refuse() {
	local code words

	while read -r code words; do
		# shellcheck disable=SC2086 # several words
		refuses_file "$code" "$1" "$2" $words
	done < <(readers "$2")
	refuses_file 2 "$1" "$2" explain --policy "$2" "$packet"
}

@test "a FIFO is refused by every verb that reads a file" {
	all_refuse "not a regular file; to read a pipe give \"-\"" "$fifo"
}

@test "a device is refused, which never ends" {
	all_refuse "not a regular file; to read a pipe give \"-\"" /dev/zero
}

@test "a folder is refused" {
	all_refuse "is a folder, not a file" "$BATS_FILE_TMPDIR"
}

@test "what is not there is told so" {
	all_refuse "no such file" "$BATS_FILE_TMPDIR/nothing"
}

@test "a list that a policy names is refused likewise, by its line" {
	for file in "$fifo" /dev/zero "$BATS_TEST_TMPDIR"; do
		cat >"$BATS_TEST_TMPDIR/policy.yaml" <<-YAML
			version: 1
			sets:
			  bad: {file: $file}
			rules: [{name: a, from: \$bad, action: drop}]
		YAML
		refuses 2 "policy.yaml:3:" check "$BATS_TEST_TMPDIR/policy.yaml"
		[[ $stderr == *"list file \"$file\": "* ]]
	done
}

@test "what is too long is refused before it is read" {
	truncate -s 17M "$BATS_TEST_TMPDIR/long"
	refuses 2 "over 16 MiB" check "$BATS_TEST_TMPDIR/long"
	truncate -s 513M "$BATS_TEST_TMPDIR/long"
	refuses 2 "over 512 MiB" block --from "$BATS_TEST_TMPDIR/long"
	refuses 1 "over 512 MiB" restore "$BATS_TEST_TMPDIR/long"
}

@test "nobody is waited for who would read what is written" {
	refuses 1 "fifo: nobody reads from there" save "$fifo"
	refuses 1 "fifo: nobody reads from there" snapshot "$fifo"
	mkfifo "$BATS_TEST_TMPDIR/saved.new"
	refuses 1 "is taken by what is no file" save "$BATS_TEST_TMPDIR/saved"
	refuses 1 "fifo: not a regular file" replay "$BATS_FILE_TMPDIR/capture" --policy "$policy" --html "$fifo" \
		>/dev/null
}

@test "a FIFO in the state folder holds up nobody" {
	mkfifo "$BATS_TEST_TMPDIR/pending"
	run --separate-stderr env XDPGUARD_STATE="$BATS_TEST_TMPDIR" timeout 120 nsenter --net="/run/netns/$guarded" \
		"$XDPGUARD" status
	equal "$status" 0
	[[ $stderr == *"whether the policy in force is to be confirmed cannot be read"* ]]
}

@test "pipes are read on standard input" {
	run --separate-stderr "$XDPGUARD" check - < <(cat "$policy")
	equal "$status" 0
	equal "$(json .frames.read "$XDPGUARD" replay - --policy "$policy" < <(cat "$BATS_FILE_TMPDIR/capture"))" 1
	xdpguard block --from - < <(echo 203.0.113.200)
	xdpguard save - | xdpguard restore -
	equal "$(json '[.blocks[].prefix]' xdpguard blocks)" '["203.0.113.200"]'
}
