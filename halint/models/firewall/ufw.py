"""ufw: the rules that it composes at boot of its files and of its own chains, in the tables of iptables.

Sources: ufw-framework(8); ufw-init-functions of ufw 0.36.2. `ufw` itself writes user.rules again from the comments
that say what each rule is (`### tuple ###`), and never touches before.rules: measured, a rule without its comment is
gone after the next `ufw allow`, and 0.36.1 does not know `vrrp` in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Edit
from halint.fixes import edits
from halint.models.firewall.chains import Base, Chain, Rule, interface_is, protocol_is, state_is
from halint.models.firewall.files import UFW_SWITCH
from halint.models.firewall.names import TCP, UDP
from halint.models.firewall.tables import Table, Tables
from halint.models.reading import tree_as
from halint.tree import Word

if TYPE_CHECKING:
    from halint.finding import Located
    from halint.models.firewall.chains import Fact
    from halint.models.firewall.opening import Wanted
    from halint.node import Node
    from halint.source import Source
    from halint.tree import SyntaxProblem, Tree

#: Its settings: sourced by a shell, before the file that switches it on.
SETTINGS = "/etc/default/ufw"
_PREFIXES = {4: "ufw", 6: "ufw6"}
_WAYS = ("input", "output", "forward")
_PARTS = ("before-logging", "before", "after", "after-logging", "reject", "track")
_YES = ("yes", "YES")
_POLICIES = ("ACCEPT", "DROP", "REJECT")
#: How messages name its chains.
_POLICY, NO_IPV6 = "ufw's default policy", "ufw without IPv6"
_TUPLE, _FIRST, _LAST = "### tuple ###", "### RULES ###", "### END RULES ###"
#: What before.init and after.init hold as they are installed.
_STOCK_SCRIPT = frozenset(
    {
        "set -e", 'case "$1" in', "start)", "stop)", "status)", "flush-all)", "*)", ";;", "esac",
        "echo \"'$1' not supported\"", 'echo "Usage: before.init {start|stop|flush-all|status}"',
        'echo "Usage: after.init {start|stop|flush-all|status}"',
    }
)  # fmt: skip


def switched_on(node: Node) -> Fact:
    """Whether ufw.conf says that ufw is enabled; None where it is not among the files."""
    if UFW_SWITCH not in node.files:
        return None
    word = _variables(node).get("ENABLED")
    return word is not None and word.text in _YES


class Ufw:
    """bases: the base chains. families: of the packets that they answer for. fault: why nothing is known, or "".
    problems: what iptables-restore refuses, beside the syntax. trees: of the files of rules."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._variables = _variables(node)
        self.bases: list[Base] = []
        self.families: set[int] = set()
        self.trees: list[Tree] = []
        self.problems: list[SyntaxProblem] = []
        self.fault = self._unreadable()
        for family in (4, 6) if not self.fault else ():
            self._load(family)

    @property
    def sysctl(self) -> str:
        """The file with kernel parameters that it sets when it starts, "" where there is none."""
        word = self._variables.get("IPT_SYSCTL")
        return "" if word is None else word.text

    def _unreadable(self) -> str:
        """Why nobody can say what ufw loads, or ""."""
        node = self._node
        settings = node.files.get(SETTINGS)
        if settings is None:
            return f"{SETTINGS}, which ufw needs, is not among the files"
        for way in _WAYS:
            if self._policy(way).text not in _POLICIES:
                return f"iptables knows no such policy as DEFAULT_{way.upper()}_POLICY of {settings.path}"
        lost = [name for name in _names(4) if _found(node, name) is None]
        if lost:
            return f"/etc/ufw/{lost[0]}, which ufw needs, is not among the files"
        for name in ("before.init", "after.init"):
            source = node.files.get("/etc/ufw/" + name)
            if source is not None and _runs(node, source):
                return f"what {source.path} does is not known"
        return ""

    def _policy(self, way: str) -> Word:
        name = f"DEFAULT_{way.upper()}_POLICY"
        source = self._node.files[SETTINGS]
        return self._variables.get(name) or Word(source, 0, 0, "")

    def _load(self, family: int) -> None:
        ipv6 = self._variables.get("IPV6")
        if family == 6 and (ipv6 is None or ipv6.text not in _YES):
            self.bases += _closed(ipv6)
            self.families.add(6)
            return
        before, after, user = (_found(self._node, name) for name in _names(family))
        if before is None or after is None or user is None:
            return
        tables, prefix = Tables(family, self._node), _PREFIXES[family]
        table = tables.table("filter")
        self._own_chains(table, prefix)
        self._restore(tables, before)
        self._restore(tables, after)
        if user.text:
            _user_chains(table, prefix)
            self._restore(tables, user)
            for way in _WAYS:
                jump = Rule([], "jump", target=f"{prefix}-user-{way}")
                table.chain(f"{prefix}-before-{way}").rules.append(jump)
        for way in _WAYS:
            policy, chain = self._policy(way), table.chain(way.upper())
            chain.policy = "accept" if policy.text == "ACCEPT" else "drop"
            chain.label, chain.at = _POLICY, policy
        self.bases += tables.bases
        self.families.add(family)
        self.problems += tables.problems
        if tables.problems and not self.fault:
            self.fault = f"{tables.problems[0].source.path} has an error: iptables-restore refuses it"

    def _restore(self, tables: Tables, source: Source) -> None:
        tree = tree_as(self._node, source, "iptables")
        self.trees.append(tree)
        if tree.problems and not self.fault:
            self.fault = f"{source.path} has a syntax error: iptables-restore refuses it"
        tables.restore(tree, flush=False)

    def _own_chains(self, table: Table, prefix: str) -> None:
        """Make the chains that are there before any file is loaded."""
        for way in _WAYS:
            policy = self._policy(way)
            for part in _PARTS:
                table.declare(f"{prefix}-{part}-{way}")
                table.chain(way.upper()).rules.append(Rule([], "jump", target=f"{prefix}-{part}-{way}"))
            if policy.text == "REJECT":
                _by_policy(table.chain(f"{prefix}-reject-{way}"), "drop", policy)
            if policy.text == "ACCEPT":
                new = [state_is({"new"}), protocol_is(TCP, UDP)]
                table.chain(f"{prefix}-track-{way}").rules.append(Rule(new, "accept"))
            verdict = "accept" if policy.text == "ACCEPT" else "drop"
            _by_policy(table.declare(f"{prefix}-skip-to-policy-{way}"), verdict, policy)
        for name in ("logging-deny", "logging-allow"):
            table.declare(f"{prefix}-{name}")

    def opened(self, wanted: Wanted) -> Edit | None:
        """The edit after which its default policy no longer refuses what is wanted.

        A port is opened as `ufw allow` opens it; a protocol in before.rules, where every release takes it.
        """
        return self._allowed(wanted) if wanted.ports else self._accepted(wanted)

    def _accepted(self, wanted: Wanted) -> Edit | None:
        """Rules at the end of before.rules."""
        prefix = _PREFIXES[wanted.family]
        source = _found(self._node, _names(wanted.family)[0])
        tables = tree_as(self._node, source, "iptables").statements if source is not None else []
        last = next((table for table in reversed(tables) if table.keyword == "*filter"), None)
        if last is None:
            return None
        chain = f"{prefix}-before-{'input' if wanted.direction == 'in' else 'output'}"
        interface = f" -i {wanted.interface}" if wanted.interface else ""
        limits = [f" -s {source}" for source in wanted.sources] or [interface]
        lines = [f"-A {chain}{limit} -p {wanted.protocol} -j ACCEPT" for limit in limits]
        return edits.after((last.body or [last])[-1], *lines)

    def _allowed(self, wanted: Wanted) -> Edit | None:
        """Rules in user.rules, each behind the comment that `ufw` reads it from."""
        file = _found(self._node, _names(wanted.family)[2])
        if file is None:
            return None
        at = file.text.find(_LAST)
        if at < 0:
            at = file.text.find(_FIRST)
            if at < 0:
                return None
            at = file.line_end(at)
        chain = f"{_PREFIXES[wanted.family]}-user-{'input' if wanted.direction == 'in' else 'output'}"
        everywhere = "0.0.0.0/0" if wanted.family == 4 else "::/0"
        way = wanted.direction + (f"_{wanted.interface}" if wanted.interface else "")
        port = wanted.ports.replace("-", ":")
        match = f" -i {wanted.interface}" if wanted.interface else ""
        match += f" -p {wanted.protocol}"
        match += f" -m multiport --dports {port}" if ":" in port else f" --dport {port}"
        text = "".join(
            f"{_TUPLE} allow {wanted.protocol} {port} {everywhere} any {source or everywhere} {way}\n"
            f"-A {chain}{match}{f' -s {source}' if source else ''} -j ACCEPT\n\n"
            for source in wanted.sources or [""]
        )
        return Edit(file, at, at, text.replace("\n", edits.newline(file)))


def is_edited_by_hand(at: Located) -> bool:
    """Whether `at` stands in a file of rules that `ufw` does not write again."""
    return at.source.path.rpartition("/")[2] in ("before.rules", "before6.rules")


def _user_chains(table: Table, prefix: str) -> None:
    names = [f"{kind}-{way}" for kind in ("user", "user-logging") for way in _WAYS]
    for name in (*names, "user-limit", "user-limit-accept"):
        table.declare(f"{prefix}-{name}")


def _variables(node: Node) -> dict[str, Word]:
    """What the shell has for the names in the settings and in ufw.conf, as far as they are among the files."""
    found: dict[str, Word] = {}
    for path in (SETTINGS, UFW_SWITCH):
        source = node.files.get(path)
        for statement in tree_as(node, source, "assignments").statements if source is not None else ():
            if len(statement.words) == 2:
                found[statement.keyword] = statement.words[1]
    return found


def _names(family: int) -> list[str]:
    """The files of rules, in the order of loading."""
    six = "" if family == 4 else "6"
    return [f"{part}{six}.rules" for part in ("before", "after", "user")]


def _found(node: Node, name: str) -> Source | None:
    return node.files.get("/etc/ufw/" + name) or node.files.get("/lib/ufw/" + name)


def _runs(node: Node, source: Source) -> bool:
    """Whether a script of ufw may do more than the installed one, which does nothing."""
    if node.keeps_modes and source.mode is not None and not source.mode & 0o111:
        return False
    lines = (line.strip(" \t\r") for line in source.text.split("\n"))
    return any(line and not line.startswith("#") and line not in _STOCK_SCRIPT for line in lines)


def _closed(ipv6: Word | None) -> list[Base]:
    """What is loaded without IPv6: the loopback interface is open, and nothing else."""
    found = []
    for direction in ("in", "out"):
        chain = Chain(NO_IPV6, "drop", ipv6)
        chain.rules.append(Rule([interface_is("lo", direction, "+")], "accept"))
        found.append(Base(direction, 6, chain, {}))
    return found


def _by_policy(chain: Chain, verdict: str, policy: Word) -> None:
    chain.label = _POLICY
    chain.rules.append(Rule([], verdict, policy))
