"""The tables of iptables-restore: rule files, loaded one after another, and the chains that the kernel enters.

Sources: iptables-restore(8); measured, 1.8.9 over nf_tables: a table that comes twice is emptied first, unless with
--noflush, which still empties each chain of the user's that the file declares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Base, Chain, Rule, unknown
from halint.models.firewall.iptables import RuleText
from halint.models.firewall.iptables_words import TABLES, TARGETS
from halint.nearest import shown
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from halint.models.firewall.ipsets import Sets
    from halint.node import Node
    from halint.tree import Statement, Tree, Word

#: The chains that a packet of a direction passes, by table.
HOOKS = {
    "in": (
        ("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("nat", "PREROUTING"),
        ("mangle", "INPUT"), ("filter", "INPUT"), ("security", "INPUT"),
    ),
    "out": (("raw", "OUTPUT"), ("mangle", "OUTPUT"), ("filter", "OUTPUT"), ("security", "OUTPUT"),
        ("mangle", "POSTROUTING"),
    ),
}  # fmt: skip
_BUILT_IN = frozenset({"INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"})
#: Lines that put a rule at a place, or take one away, beyond which a table is not followed: each moves all behind it.
_MAX_MOVES = 1000
#: Commands that change no rule; what they are called in the long.
_IDLE = frozenset({"-Z", "--zero", "-L", "--list", "-S", "--list-rules", "-C", "--check", "-X", "--delete-chain"})


class Tables:
    """The tables of one family. problems: what iptables-restore refuses in what was loaded, beside the syntax."""

    def __init__(self, family: int, node: Node, *, captured: bool = False) -> None:
        """captured: whether the rules were, and so which sets of `node` they ask."""
        self.problems: list[SyntaxProblem] = []
        self._family = family
        self._node = node
        self._captured = captured
        self._sets: Sets | None = None
        self._tables: dict[str, Table] = {}

    def restore(self, tree: Tree, *, flush: bool = True) -> None:
        """Load a rule file; not `flush` is --noflush."""
        if self._sets is None and "-set " in tree.source.text:
            from halint.models.firewall.ipsets import Sets

            self._sets = Sets(self._node, self._family, captured=self._captured)
        for statement in tree.statements:
            if statement.keyword.startswith("*"):
                name = statement.keyword[1:]
                if name not in TABLES:
                    self._problem(statement.words[0], f"there is no table {shown(name)}")
                if flush:
                    self._tables.pop(name, None)
                table = self.table(name)
                for line in statement.body or ():
                    table.take(line, self._sets)
                self.problems += table.finish()

    def table(self, name: str) -> Table:
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = Table()
        return found

    @property
    def bases(self) -> list[Base]:
        """The chains that packets enter, in their order."""
        return [
            Base(direction, self._family, self._tables[name].chains[chain], self._tables[name].chains)
            for direction, hooks in HOOKS.items()
            for name, chain in hooks
            if name in self._tables and chain in self._tables[name].chains
        ]

    def _problem(self, word: Word, message: str) -> None:
        self.problems.append(SyntaxProblem(word.source, word.start, word.end, message))


class Table:
    """A table while its lines are read. chains: by name."""

    __slots__ = ("_declared", "_inserted", "_lost", "_moves", "_named", "_placed", "_problems", "chains")

    def __init__(self) -> None:
        self.chains: dict[str, Chain] = {}
        self._problems: list[SyntaxProblem] = []
        #: The words that name a chain, and whether as a target.
        self._named: list[tuple[Word, bool]] = []
        #: What -I puts before the rules of a chain, the last first.
        self._inserted: dict[str, list[Rule]] = {}
        self._declared: set[str] = set()
        #: Chains of which nobody knows the rules; "" where that was said of all at once.
        self._lost: set[str] = set()
        #: Chains in which -I has put a rule before another than the first.
        self._placed: set[str] = set()
        self._moves = 0

    def declare(self, name: str) -> Chain:
        """The chain of that name, known from now on, and emptied unless it is built in."""
        self._declared.add(name)
        if name not in _BUILT_IN:
            self._empty(name)
        return self.chain(name)

    def take(self, line: Statement, sets: Sets | None) -> None:
        """Add a line, the rule of which may ask `sets`."""
        words = line.words
        if words[0].text.startswith("["):
            words = words[1:]
        texts = [word.text for word in words[:3]]
        if not texts:
            return
        operation = texts[0]
        if operation.startswith(":"):
            chain = self.declare(operation[1:])
            chain.policy = {"ACCEPT": "accept", "DROP": "drop"}.get(texts[1] if len(texts) > 1 else "", "return")
            chain.at = line
        elif operation in ("-P", "--policy") and len(texts) > 2:
            chain = self.chain(texts[1])
            chain.policy, chain.at = "drop" if texts[2] == "DROP" else "accept", line
        elif operation in ("-N", "--new-chain") and len(texts) > 1:
            if texts[1] in self._declared:
                self._problem(words[1], f"there is a chain {shown(texts[1])} already")
            self.declare(texts[1])
        elif operation in ("-F", "--flush"):
            for name in texts[1:2] or list(self.chains):
                self._empty(name)
        elif operation in ("-D", "--delete") and len(texts) > 2 and texts[2].isdecimal():
            self._move(texts[1], int(texts[2][:9]), words[2], line, None)
        elif operation not in _IDLE:
            self._rule(words, line, sets)

    def _rule(self, words: list[Word], line: Statement, sets: Sets | None) -> None:
        text = RuleText(words, None, line, sets)
        self._problems += text.problems
        if text.goes_to is not None:
            self._named.append((text.goes_to, True))
        if text.operation and len(words) > 1:
            self._named.append((words[1], False))
        if text.operation == "A":
            self.chain(text.chain).rules.append(text.rule)
        elif text.operation == "I" and text.number == 1:
            self._inserted.setdefault(text.chain, []).append(text.rule)
        elif text.operation == "I":
            self._move(text.chain, text.number, words[1], line, text.rule)
        else:  # -D with the words of a rule, -R, -E: which rules that leaves is not followed
            self._lose(words[1].text if len(words) > 1 else "", line)

    def _move(self, name: str, number: int, word: Word, line: Statement, rule: Rule | None) -> None:
        """Put `rule` at the place `number`, or take away the one that is there."""
        self._moves += 1
        # Measured: a rule is put before another by what marks that one, and with it gone the file is refused.
        if self._moves > _MAX_MOVES or name in self._lost or (rule is None and name in self._placed):
            self._lose(name, line)
            return
        rules = self.chain(name).rules
        self._settle(name)
        if not 0 < number <= len(rules) + (rule is not None):
            self._problem(word, f"chain {shown(name)} has {len(rules)} rules here")
        elif rule is None:
            del rules[number - 1]
        else:
            rules.insert(number - 1, rule)
            self._placed.add(name)

    def _lose(self, name: str, line: Statement) -> None:
        """Nothing is known of the rules of the chain `name`, or of all."""
        for each in [] if "" in self._lost else [name] if name else [*self.chains, ""]:
            if each not in self._lost:
                self._lost.add(each)
                if each:
                    self._settle(each)
                    self.chain(each).rules.insert(0, Rule([unknown], "unknown", line))

    def finish(self) -> list[SyntaxProblem]:
        """Put the rules in the order in which they are asked; returns what is refused, so far as it was not told."""
        for word, target in self._named:
            if word.text not in self._declared and word.text not in (TARGETS if target else _BUILT_IN):
                self._problem(word, f"there is no chain {shown(word.text)} in this table")
        for name in list(self._inserted):
            self._settle(name)
        found, self._problems, self._named = self._problems, [], []
        return found

    def _settle(self, name: str) -> None:
        self.chain(name).rules[:0] = reversed(self._inserted.pop(name, []))

    def chain(self, name: str) -> Chain:
        """The chain of that name, made where it is not there."""
        found = self.chains.get(name)
        if found is None:
            policy = "accept" if name in _BUILT_IN else "return"
            found = self.chains[name] = Chain(f"chain {name}", policy)
        return found

    def _empty(self, name: str) -> None:
        self.chain(name).rules.clear()
        self._inserted.pop(name, None)
        self._lost.discard(name)

    def _problem(self, word: Word, message: str) -> None:
        self._problems.append(SyntaxProblem(word.source, word.start, word.end, message))
