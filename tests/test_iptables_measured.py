"""What iptables-restore makes of rule files, asked of the program itself in a network namespace."""

from __future__ import annotations

import subprocess

import pytest

pytestmark = pytest.mark.daemons


def loaded(*files: str, options: tuple[str, ...] = ()) -> tuple[bool, list[str]]:
    """Whether iptables-restore took each of `files`, one upon the other, and the lines of the table filter then."""
    script = 'for text in "$@"; do printf %s "$text" | iptables-restore $OPTIONS || echo refused; done; iptables-save'
    command = ["unshare", "-n", "bash", "-c", f'OPTIONS="{" ".join(options)}"; {script}', "bash", *files]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return "refused" not in output, [line for line in output.splitlines() if line.startswith(("-A", ":INPUT", ":LB"))]


def table(*lines: str) -> str:
    return "\n".join(["*filter", *lines, "COMMIT", ""])


def test_a_table_that_comes_twice_starts_empty() -> None:
    first, second = table(":INPUT DROP [0:0]", "-A INPUT -p tcp -j ACCEPT"), table("-A INPUT -p udp -j ACCEPT")
    assert loaded(first + second) == (True, [":INPUT ACCEPT [0:0]", "-A INPUT -p udp -j ACCEPT"])


def test_without_a_flush_chains_that_a_file_declares_start_empty_all_the_same() -> None:
    text = table(":LB - [0:0]", "-A INPUT -p tcp -j LB", "-A LB -j ACCEPT")
    assert loaded(text, text, options=("--noflush",)) == (
        True,
        [":INPUT ACCEPT [0:0]", ":LB - [0:0]", "-A INPUT -p tcp -j LB", "-A INPUT -p tcp -j LB", "-A LB -j ACCEPT"],
    )


def test_rules_are_put_somewhere_taken_away_and_thrown_out() -> None:
    rules = ["-A INPUT -p tcp", "-A INPUT -p udp"]
    assert loaded(table(*rules, "-I INPUT 2 -p vrrp"))[1][1:] == [rules[0], "-A INPUT -p vrrp", rules[1]]
    assert loaded(table(*rules, "-D INPUT 1"))[1][1:] == rules[1:]
    assert loaded(table(*rules, "-F INPUT"))[1][1:] == []
    assert loaded(table(*rules, "-I INPUT 4 -p vrrp"))[0] is False
    assert loaded(table(*rules, "-D INPUT 3"))[0] is False


def test_a_rule_that_one_was_put_before_cannot_be_taken_away() -> None:
    rules = ["-A INPUT -j DROP", "-I INPUT -p vrrp -j ACCEPT", "-I INPUT 2 -p tcp -j ACCEPT", "-A INPUT -p udp"]
    assert loaded(table(*rules))[0] is True
    assert loaded(table(*rules, "-D INPUT 3"))[0] is False


def test_nft_has_no_words_for_some_matches() -> None:
    script = "iptables -A INPUT -m recent --set -j DROP; nft list ruleset"
    output = subprocess.run(["unshare", "-n", "sh", "-c", script], capture_output=True, text=True, check=True).stdout
    (line,) = (line.strip() for line in output.splitlines() if "drop" in line)
    assert line.startswith("xt match ")
