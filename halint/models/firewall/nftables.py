"""nft rule sets: /etc/nftables.conf and what it includes. Source: nft(8) of nftables 1.0.6.

What a rule may say beyond what is followed here makes its match unknown, never its verdict wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import globs
from halint.models.firewall.chains import Base, Chain, Rule, any_of, interface_is, negated, unknown
from halint.models.firewall.nft_rule import Names, RuleText, plain_rule
from halint.models.firewall.nft_words import COMMANDS, HOOKS, OBJECTS, RESERVED
from halint.models.reading import tree_as
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.node import Node
    from halint.source import Source
    from halint.tree import Statement, Word

#: The rule file that the unit of each distribution loads: EL's, Debian's.
FILES = ("/etc/sysconfig/nftables.conf", "/etc/nftables.conf")

_FAMILIES = {"ip": 4, "ip6": 6, "inet": None, "netdev": None}
_ALL_FAMILIES = frozenset({*_FAMILIES, "arp", "bridge"})
_DIRECTIONS = {"ingress": "in", "prerouting": "in", "input": "in", "output": "out", "postrouting": "out"}
_OPERATIONS = frozenset({"add", "create", "insert", "delete", "destroy", "flush", "replace", "reset"})
#: Words that definitions may come to where rules use them: definitions in definitions grow without end.
_MAX_WORDS = 1_000_000
#: Files that may be open at once (measured, nft 1.0.6), and all that are read: each may include others again.
_MAX_DEPTH, _MAX_FILES = 16, 1000


class Ruleset:
    """bases: the base chains. fault: why nothing is known of it, or "". hand_written: whether anything in it can
    refuse a packet, which the file that Debian installs cannot. problems: what nft refuses, beside the syntax.
    sources: the files, in the order of loading. untracks: whether a rule keeps packets from connection tracking."""

    __slots__ = (
        "_count", "_defines", "_expanded", "_files", "_node", "_tables", "bases", "fault", "hand_written", "problems",
        "sources", "untracks",
    )  # fmt: skip

    def __init__(self, node: Node, main: str) -> None:
        self._node = node
        self._tables: dict[tuple[str, str], _Table] = {}
        self._defines: dict[str, list[Word]] = {}
        self._files: list[str] = []
        self._count = self._expanded = 0
        self.sources: list[Source] = []
        self.fault = ""
        self.problems: list[SyntaxProblem] = []
        self._load(main)
        for table in self._tables.values():
            self.problems += table.finish()
        if self.problems and not self.fault:
            self.fault = f"{self.problems[0].source.path} has an error: nft loads nothing of it"
        self.untracks = any(table.names.untracks for table in self._tables.values())
        redirects = any(table.names.redirects for table in self._tables.values())
        for table in self._tables.values():
            table.names.redirects = redirects
        self.bases = [base for table in self._tables.values() for base in table.bases()]
        chains = [chain for table in self._tables.values() for chain in table.chains.values()]
        self.hand_written = any(chain.rules or chain.policy == "drop" for chain in chains) or bool(self.fault)

    def _load(self, path: str, table: _Table | None = None, chain: Chain | None = None) -> None:
        source = self._node.files[path]
        if path in self._files:
            self.fault = f"{source.path} includes itself"
            return
        self._count += 1
        if len(self._files) == _MAX_DEPTH or self._count > _MAX_FILES:
            self.fault = f"the includes up to {source.path} are more than {_MAX_DEPTH} deep, or {_MAX_FILES} in all"
            return
        tree = tree_as(self._node, source, "nftables")
        if tree.problems:
            self.fault = f"{source.path} has a syntax error: nft loads nothing of it"
            return
        self._files.append(path)
        self.sources.append(source)
        self._lines(tree.statements, table, chain)
        self._files.pop()

    def _lines(self, statements: list[Statement], table: _Table | None, chain: Chain | None) -> None:
        for line in statements:
            if chain is not None and line.plain is not None:
                rule = plain_rule(line.plain, line)
                if rule is not None:
                    chain.rules.append(rule)
                    continue
            words = self._expand(line.words)
            if table is not None and chain is not None and words[0].text != "include":
                self._in_chain(table, chain, words, line)
                continue
            operation = words[0].text if words[0].text in _OPERATIONS else "add"
            rest = words[1:] if words[0].text in _OPERATIONS else words
            if words[0].text == "include" and len(words) > 1:
                self._include(words[1], table, chain)
            elif words[0].text == "flags" and table is not None:
                table.dormant = any(word.text == "dormant" for word in words)
            elif words[0].text in ("define", "redefine") and len(words) > 3:
                if table is None and words[0].text == "define" and words[1].text in self._defines:
                    self._problem(words[1], f"{words[1].text} is defined already")
                self._defines[words[1].text] = words[3:]
            elif words[0].text == "undefine" and len(words) > 1:
                self._defines.pop(words[1].text, None)
            elif table is None and words[0].text not in COMMANDS:
                self._problem(words[0], f"nft knows no {words[0].text} here")
            elif rest:
                self._object(operation, rest, line, table)

    def _object(self, operation: str, words: list[Word], line: Statement, table: _Table | None) -> None:
        kind, names = words[0].text, [word.text for word in words[1:]]
        if operation != "add" and kind not in OBJECTS and not kind.startswith("$"):
            self._problem(words[0], f"nft knows no {kind} to {operation}")
        if kind == "table" and len(names) > 1 and names[0] not in _ALL_FAMILIES and names[1] not in ("{", "handle"):
            self._problem(words[1], f"{names[0]} is no family of tables")
        if kind == "ruleset":
            if operation == "flush" and len(names) == 0:
                self._tables.clear()
            return
        family = ""
        if table is None:
            family, names = (names[0], names[1:]) if names and names[0] in _ALL_FAMILIES else ("ip", names)
        skipped = len(words) - len(names)
        if not names:
            return
        self._name(kind if table is not None else "table", words[skipped])
        if kind == "table":
            if operation in ("delete", "destroy", "flush"):
                found = self._tables.get((family, names[0]))
                if found is not None and operation == "flush":
                    found.flush()
                elif found is not None:
                    del self._tables[family, names[0]]
            else:
                inner = self._tables.setdefault((family, names[0]), _Table(family))
                self._lines(line.body or [], inner, None)
            return
        if table is None:
            table = self._tables.setdefault((family, names[0]), _Table(family))
            names, skipped = names[1:], skipped + 1
            if names:
                self._name(kind, words[skipped])
        if not names or kind not in ("chain", "rule", "set", "map", "element"):
            return
        name = names[0]
        if operation in ("delete", "destroy", "flush", "replace", "reset"):
            if kind == "chain" and operation == "flush" and name in table.chains:
                table.chains[name].rules.clear()
            elif kind in ("chain", "rule"):
                # Which rules that leaves is not followed.
                table.unfollowed[name] = line
        elif kind == "chain":
            self._chain(table, table.chain(name), line)
        elif kind == "rule":
            rules = self._rules(table, words[skipped + 1 :], line)
            chain = table.chain(name)
            at = 0 if operation == "insert" else len(chain.rules)
            chain.rules[at:at] = rules
        elif kind in ("set", "map"):
            elements = table.names.sets.setdefault(name, [])
            for inner_line in line.body or ():
                inner_words = self._expand(inner_line.words)
                if inner_words[0].text == "elements":
                    elements += inner_words[2:]
                elif inner_words[0].text == "flags" and {"dynamic", "timeout"} & {w.text for w in inner_words}:
                    table.names.open_sets.add(name)
        elif kind == "element":
            table.names.sets.setdefault(name, []).extend(words[skipped + 1 :])

    def _name(self, kind: str, word: Word) -> None:
        """Complain of a `word` that stands for the name of a `kind` of thing, and cannot."""
        if kind in ("table", "chain", "set", "map") and word.text in RESERVED and word.text != "handle":
            self._problem(word, f"{word.text} is a word of nft itself, and no name for a {kind}")

    def _chain(self, table: _Table, chain: Chain, block: Statement) -> None:
        chain.at = chain.at or block.words[0]
        self._lines(block.body or [], table, chain)

    def _in_chain(self, table: _Table, chain: Chain, words: list[Word], line: Statement) -> None:
        first = words[0].text
        if first == "type" and len(words) > 3 and words[2].text == "hook":
            if words[3].text not in HOOKS:
                self._problem(words[3], f"{words[3].text} is no hook")
            elif not any(word.text == "priority" for word in words):
                self._problem(words[3], "expected the priority of the chain behind its hook")
            table.hooks[id(chain)] = (words[1].text, words[3].text)
            _bind(chain, [word for word in words if word.text in ("device", "devices")], words)
        elif first == "policy" and len(words) > 1:
            if words[1].text not in ("accept", "drop"):
                self._problem(words[1], "expected accept or drop for the policy of a chain")
            chain.policy = "drop" if words[1].text == "drop" else "accept"
            chain.at = line
        elif first in ("device", "devices"):
            _bind(chain, words[:1], words)
        elif first not in ("comment", "flags"):
            chain.rules += self._rules(table, words, line)

    def _rules(self, table: _Table, words: list[Word], line: Statement) -> list[Rule]:
        if words and words[0].text in ("handle", "position", "index") and len(words) > 2:
            return [Rule([unknown], "unknown", line)]
        return RuleText(table.names, words, line).rules

    def _problem(self, word: Word, message: str) -> None:
        self.problems.append(SyntaxProblem(word.source, word.start, word.end, message))

    def _expand(self, words: list[Word]) -> list[Word]:
        """`words` with each `$name` replaced by what it is defined as."""
        if "$" not in words[0].source.text[words[0].start : words[-1].end]:
            return words
        found: list[Word] = []
        for word in words:
            if word.text.startswith("$") and word.text[1:] not in self._defines:
                self._problem(word, f"nothing defines {word.text}")
            found += self._defines.get(word.text[1:], [word]) if word.text.startswith("$") else [word]
            if self._expanded + len(found) > _MAX_WORDS:
                self.fault = f"the definitions of {word.source.path} grow too large"
                return words
        self._expanded += len(found)
        return found

    def _include(self, word: Word, table: _Table | None, chain: Chain | None) -> None:
        if self.fault:
            return
        name = word.text
        path = name if name.startswith("/") else "/etc/" + name.removeprefix("./")
        if not any(character in name for character in "*?["):
            if path in self._node.files:
                self._load(path, table, chain)
            else:
                self.fault = f"{path}, which it includes, is not among the files"
            return
        depth = path.count("/")
        for found in sorted(f for f in self._node.files if f.count("/") == depth and globs.matches(path, f)):
            self._load(found, table, chain)


def _bind(chain: Chain, key: list[Word], words: list[Word]) -> None:
    """A chain at the hook `ingress` asks packets of its devices only."""
    if key:
        names = [w.text for w in words[words.index(key[0]) + 1 :] if w.text not in ("=", "{", "}", ",")]
        names = names[: names.index("priority")] if "priority" in names else names
        devices = any_of([unknown if n.startswith("$") else interface_is(n, "in", "*") for n in names])
        chain.rules.insert(0, Rule([negated(devices)], "accept"))


class _Table:
    __slots__ = ("chains", "dormant", "family", "hooks", "names", "unfollowed")

    def __init__(self, family: str) -> None:
        self.family = family
        self.chains: dict[str, Chain] = {}
        self.hooks: dict[int, tuple[str, str]] = {}
        self.names = Names()
        self.unfollowed: dict[str, Statement] = {}
        #: Whether its chains are kept from the kernel's hooks.
        self.dormant = False

    def chain(self, name: str) -> Chain:
        if name not in self.chains:
            self.chains[name] = Chain(f"chain {name}")
        return self.chains[name]

    def flush(self) -> None:
        for chain in self.chains.values():
            chain.rules.clear()

    def finish(self) -> list[SyntaxProblem]:
        """What its rules refer to and nothing defines, with all else that nft refuses."""
        for word in self.names.jumps:
            if word.text not in self.chains:
                self.names.problem(word, f"there is no chain {word.text} in this table")
        return self.names.problems

    def bases(self) -> Iterator[Base]:
        if self.family not in _FAMILIES or self.dormant:
            return
        for name, line in self.unfollowed.items():
            self.chain(name).rules.insert(0, Rule([unknown], "unknown", line))
        for chain in self.chains.values():
            kind, hook = self.hooks.get(id(chain), ("", ""))
            direction = _DIRECTIONS.get(hook)
            if direction is None or kind == "nat" and direction == "out":
                continue
            if chain.policy == "return":
                chain.policy = "accept"
            yield Base(direction, _FAMILIES[self.family], chain, self.chains)
