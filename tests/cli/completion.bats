# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of bats
#
# Completions in the shells themselves: what is printed is loaded, and completes as one types. bash's are
# tests/unit/test_completion.c. Needs no root.

bats_require_minimum_version 1.5.0

setup() {
	: "${XDPGUARD:?}"
	export LC_ALL=C.UTF-8 HOME=$BATS_TEST_TMPDIR
	mkdir "$BATS_TEST_TMPDIR/folder"
	touch "$BATS_TEST_TMPDIR/folder/edge.yaml"
	cd "$BATS_TEST_TMPDIR/folder" || return
}

teardown() {
	tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || true
}

# fish_offers TYPED EXPECTED: the words that fish offers, with blanks between them.
fish_offers() {
	local offered

	offered=$(fish --no-config -c "source $BATS_TEST_TMPDIR/xdpguard.fish; complete -C '$1'" | cut -f 1 | paste -sd ' ')
	[[ $offered == "$2" ]] || { printf '%s: offers "%s", expected "%s"\n' "$1" "$offered" "$2"; return 1; }
}

@test "fish completes verbs, options and values" {
	[[ -n $(type -P fish) ]] || skip "fish is not installed"
	"$XDPGUARD" completion fish >"$BATS_TEST_TMPDIR/xdpguard.fish"
	fish_offers 'xdpguard sta' status
	fish_offers 'xdpguard rol' rollback
	fish_offers 'xdpguard sources --so' --sort
	fish_offers 'xdpguard sources --sort p' 'packets pps'
	fish_offers 'xdpguard top -s l' last-seen
	fish_offers 'xdpguard check ed' edge.yaml
	fish_offers 'xdpguard block --from ed' edge.yaml
	fish_offers 'xdpguard block ed' ''
}

# zsh_completes TYPED EXPECTED: what the line is after the tabulator key.
zsh_completes() {
	local line

	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys C-u
	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys -l "$1"
	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys Tab
	for ((i = 0; i < 100; i++)); do
		line=$(tmux -S "$BATS_TEST_TMPDIR/tmux" capture-pane -p | grep '^ready> ' | tail -n 1)
		[[ $line != "ready> $2" ]] || return 0
		sleep 0.1
	done
	printf '%s: completed to "%s", expected "%s"\n' "$1" "$line" "$2"
	return 1
}

@test "zsh completes verbs, options and values" {
	[[ -n $(type -P zsh) ]] || skip "zsh is not installed"
	mkdir "$BATS_TEST_TMPDIR/functions"
	"$XDPGUARD" completion zsh >"$BATS_TEST_TMPDIR/functions/_xdpguard"
	tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null new-session -d -x 100 -y 30 "zsh -f"
	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys -l \
		"fpath=($BATS_TEST_TMPDIR/functions \$fpath); autoload -U compinit; compinit -u -D; PS1='ready> '; clear"
	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys Enter
	zsh_completes 'xdpguard statu' 'xdpguard status'
	zsh_completes 'xdpguard sources --sor' 'xdpguard sources --sort'
	zsh_completes 'xdpguard top --sort la' 'xdpguard top --sort last-seen'
	zsh_completes 'xdpguard check ed' 'xdpguard check edge.yaml'
	zsh_completes 'xdpguard block --from ed' 'xdpguard block --from edge.yaml'
}
