"""What is wrong with the command of a check, whatever it looks at: it needs a shell and has none, it cannot fail, it
asks an address that moves with its own verdict.

keepalived splits a command into words and executes it without a shell (measured, 2.2.7).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from halint.address import canonical
from halint.models import check_script
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.models.keepalived.tracking import VrrpScript
    from halint.node import Node
    from halint.source import Source

#: What only a shell understands, as a word of its own or at the end of one.
_SHELL_SIGN = r"(?:^|(?<=[ \t]))(?:\|\||&&|\||[0-9&]?>{1,2}(?:&[0-9]|[^ \t]*)|<|;)(?=[ \t]|$)|;(?=[ \t]|$)|\$\([^)]*\)"
#: Programs that fail for certain when the rest of a shell command line becomes their arguments (measured, Debian 12).
_STRICT = frozenset({"[", "killall", "pgrep", "ping", "ps", "test", "wget"})
#: What these do without arguments and without input (measured, Debian 12).
FAILS = frozenset(
    {
        "[", "curl", "grep", "haproxy", "kill", "killall", "nc", "ncat", "pgrep", "pidof", "ping", "pkill", "service",
        "stat", "systemctl", "test", "timeout", "wget",
    }
)  # fmt: skip
SUCCEEDS = frozenset(
    {"bash", "cat", "dash", "echo", "env", "ls", "lsof", "netstat", "perl", "ps", "python", "python3", "sh", "ss"}
)
#: A script that looks at the node's own addresses asks the virtual one only where it holds it.
_OWN_ADDRESSES = r"(?<![\w-])(?:ip[ \t]+(?:-\w+[ \t]+)*a(?:ddr(?:ess)?)?\b|ifconfig|hostname[ \t]+-[iI])"
#: What may end a shell script with another status than that of its last command.
_FAILING = (
    r"(?<![\w-])(?:exit[ \t]+(?:[1-9$-]|\"\$)|exit[ \t]*(?:$|[;)}\n])"
    r"|return|false|set[ \t]+-\w*[eo]|exec|kill|trap|source)"
    r"|(?:^|[\n;])[ \t]*\.[ \t]"
)
_HARMLESS_LAST = r"(?:exit[ \t]+0|true|:|echo(?:[ \t][^|&;]*)?|logger(?:[ \t][^|&;]*)?|sleep[ \t]+[^|&;]*)"


def shell_sign(command: str) -> str | None:
    """The first sign in `command` that wants a shell, where none runs it."""
    if _is_shell(_program(command)):
        return None
    found = compiled(_SHELL_SIGN).search(command)
    return None if found is None else found[0]


def fails_for_certain(command: str) -> bool:
    """Whether the program of `command`, given the rest of a shell command line as arguments, always fails."""
    return _program(command) in _STRICT


def asked(node: Node, command: str) -> set[str]:
    """The addresses, canonical, that the command of a check asks, as far as they are written out."""
    text, source = _code(node, command)
    if source is not None and compiled(_OWN_ADDRESSES).search(text):
        return set()
    found: set[str] = set()
    for words in check_script.commands(text):
        if posixpath.basename(words[0]) in check_script.ASKING:
            found |= {plain for word in words[1:] if (plain := _host(word)) is not None}
    return found


def never_fails(node: Node, command: str) -> bool:
    """Whether the exit status of `command` is certainly 0: the last command succeeds, and nothing before it ends
    the script."""
    if _program(command) in ("true", "echo", ":"):
        return True
    text, source = _code(node, command)
    if source is None and not _is_shell(_program(command)):
        return False
    if source is not None and not compiled(r"#![^\n]*sh\b").match(source.text):
        return False
    lines = [line.strip(" \t\r;") for line in compiled(r"[\n;]").split(text)]
    last = next((line for line in lines[::-1] if line), "")
    return compiled(_HARMLESS_LAST).fullmatch(last) is not None and compiled(_FAILING).search(text) is None


def outcome(node: Node, script: VrrpScript) -> bool | None:
    """Whether the check certainly succeeds, or certainly fails, whatever happens; None where it depends."""
    if len(script.words) > 1 and check_script.script(node, script.command) is None:  # the rest is no argument
        name = _program(script.command)
        return True if name in SUCCEEDS else False if name in FAILS else None
    if shell_sign(script.command) is not None and fails_for_certain(script.command):
        return False
    return True if never_fails(node, script.command) else None


def _code(node: Node, command: str) -> tuple[str, Source | None]:
    """What runs: the script that `command` begins with, where it is in the input; what stands behind `sh -c`; else
    itself."""
    words = check_script.command_words(command) or [""]
    shell = _is_shell(posixpath.basename(words[0]))
    if shell and "-c" in words:
        return command.partition("-c")[2].strip(" \t'\""), None
    path = next((word for word in words[1:] if not word.startswith("-")), "") if shell else words[0]
    source = check_script.script(node, path)
    return (command, None) if source is None else (check_script.uncommented(source.text), source)


def _program(command: str) -> str:
    """What `command` runs, without its folder."""
    words = check_script.command_words(command)
    return posixpath.basename(words[0]) if words else ""


def _is_shell(program: str) -> bool:
    return program in check_script.SHELLS


def _host(word: str) -> str | None:
    """The address that an argument names: a URL's, or itself."""
    found = compiled(r"(?:[a-z]+://)?(?:[^/@ ]*@)?(\[[^\]]*\]|[0-9.]+|[0-9a-fA-F:]+)(?:[:/][^ ]*)?").fullmatch(word)
    return None if found is None else canonical(found[1].strip("[]"))
