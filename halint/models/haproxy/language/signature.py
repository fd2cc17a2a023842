"""The arguments of a keyword against what it takes.

A signature (its notation: halint/signatures.py) is made into a chain of functions when its keyword is first met.
Each takes the words of a line and the index of the one that is next, and returns the index of the first word that
it does not take, or END once it has complained. Why a word is not taken is worked out only then (refusal.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.models.haproxy.language import kinds
from halint.versions import known

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.haproxy.language.keywords import Keyword, Keywords
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

    Step = Callable[[list[Word], int, Scope], int]
    #: Whether nothing is to be said of the texts from the index on, to the end of the line.
    Ends = Callable[[list[str], int, Scope], bool]

#: A line of which nothing more is to be said.
END = kinds.END

#: How many words and options are remembered of each kind: those that repeat, repeat early.
_REMEMBERED = 1000


class Signature:
    """What `keyword` takes in `version` (None for the newest), from the `raw` signature of the table.

    steps: None where the table does not say it for this version.
    """

    __slots__ = ("_ends", "_options", "_predicates", "keyword", "steps")

    def __init__(self, raw: tuple[Any, ...], keyword: str, version: Version | None) -> None:
        self.keyword = keyword
        steps = variant(raw, version)
        self.steps = None if steps is None else prepare(steps, keyword, version)
        #: What each word must be, where each must be of one kind; then the options that may stand behind these, or what
        #: takes the rest of the line.
        self._predicates, self._options, self._ends = (
            (None, None, None) if steps is None else _of_texts(steps, self.steps or ())
        )

    def takes(self, line: str, texts: list[str], at: int, scope: Scope) -> bool:
        """Whether the keyword takes `texts`, the words of `line`, from `at` on, as far as that can be said without a
        Word for each."""
        predicates = self._predicates
        if predicates is None:
            return self.steps is None
        for accepts in predicates:
            if at == len(texts) or not accepts(texts[at]):
                return False
            at += 1
        if self._ends is not None:
            return self._ends(texts, at, scope)
        if at == len(texts):
            return True
        if self._options is None:
            return False
        end = 0
        for text in texts[: at + 1]:
            start = line.index(text, end)
            end = start + len(text)
        return self._options.took(line[start:])

    def check(self, words: list[Word], at: int, scope: Scope) -> None:
        """Complain into `scope` of the words from `at` on that the keyword does not take."""
        if self.steps is None:
            return
        scope.offered = None
        for step in self.steps:
            at = step(words, at, scope)
            if at == END:
                return
        if at < len(words):
            from halint.models.haproxy.language import refusal

            offered = scope.offered
            refusal.unexpected(scope, self.keyword, words, at, offered[1] if offered and offered[0] == at else ())


def variant(raw: tuple[Any, ...], version: Version | None) -> tuple[Any, ...] | None:
    """The steps that hold for `version`; None where they are not known."""
    found: tuple[Any, ...]
    for first, last, found in raw:
        if version is None and last is None:
            return found
        if version is not None and _reaches(first, version) and (last is None or version[: len(last)] <= last):
            return found
    return None


def _reaches(first: Version | None, version: Version) -> bool:
    return first is None or version[: len(first)] >= first


def prepare(steps: tuple[Any, ...], head: str, version: Version | None) -> tuple[Step, ...]:
    """The functions of `steps`, which stand behind the word or words `head`."""
    return tuple(_choice(step, head, version).take if step[0] in "([{" else _kind(step, head) for step in steps)


def _of_texts(
    steps: tuple[Any, ...], made: tuple[Step, ...]
) -> tuple[tuple[Callable[[str], bool], ...] | None, Choice | None, Ends | None]:
    """The tests of the words that `steps` takes, and the options that may follow, or what takes the words behind;
    None for all where words of other kinds stand among them."""
    options = ends = None
    if steps and steps[-1] == _CONDITION:
        ends = _condition
        steps = steps[:-1]
        # What may be left out: a line that has it is read word by word.
        while steps and ((steps[-1][0] in "[{" and not steps[-1][4]) or steps[-1][0] == "REPLY_PARTS"):
            steps = steps[:-1]
    elif steps and steps[-1][0] == "ACL":
        from halint.models.haproxy.language.acls import takes as ends

        steps = steps[:-1]
    elif steps and steps[-1][0] == "{" and not steps[-1][4]:
        options = getattr(made[-1], "__self__", None)
        steps = steps[:-1]
    found: list[Callable[[str], bool]] = []
    for step in steps:
        kind = kinds.KINDS.get(step[0])
        if step[0] == "LOGFORMAT":
            found.append(_is_text)
        elif isinstance(kind, kinds.Kind) and not step[3]:
            found.append(kind.predicate(step[1], step[2]))
        else:
            return None, None, None
    return tuple(found), options, ends


#: A condition that may be left out, as the table has it.
_CONDITION = ("[", (), (("CONDITION", None, None, ""),), None, ())


def _condition(texts: list[str], at: int, scope: Scope) -> bool:
    from halint.models.haproxy.language import conditions

    return at == len(texts) or (texts[at] in {"if", "unless"} and conditions.takes(texts, at, scope))


def _is_text(word: str) -> bool:
    """Whether a log format is text alone."""
    return bool(word) and "%" not in word


def _choice(step: tuple[Any, ...], head: str, version: Version | None) -> Choice:
    bracket, literals, behind, table, groups = step
    return Choice(bracket, literals, behind, table, groups, head, version)


def _kind(written: tuple[Any, ...], head: str) -> Step:
    name, low, high, flags = written
    kind = kinds.KINDS[name]
    if isinstance(kind, kinds.Phrase):
        return kind.step(low)
    accepts, many, back = kind.predicate(low, high), "..." in flags, 1 if "^" in flags else 0
    taken: set[str] = set()

    def step(words: list[Word], at: int, scope: Scope) -> int:
        at -= back
        while at < len(words):
            text = words[at].text
            if text not in taken:
                if not accepts(text):
                    break
                if len(taken) < _REMEMBERED:
                    taken.add(text)
            at += 1
            if not many or at == len(words):
                return at
        from halint.models.haproxy.language import refusal

        return refusal.kind(scope, head, words, at, kind, low, high, flags)

    return step


class Choice:
    """One of several words, each with steps of its own behind it; else the steps that begin with a kind.

    bracket: `(` one of them, `[` at most one, `{` any number.
    """

    __slots__ = ("_accepted", "_met", "_version", "bracket", "groups", "head", "kinds", "literals", "starts", "table")

    def __init__(
        self,
        bracket: str,
        literals: tuple[tuple[Any, ...], ...],
        behind: tuple[Any, ...] | None,
        table: str | None,
        groups: tuple[tuple[tuple[str, ...], bool], ...],
        head: str,
        version: Version | None,
    ) -> None:
        self.bracket = bracket
        self.groups = groups
        self.literals = {word: (lifetime, steps) for word, lifetime, steps in literals}
        self.table: Keywords | None = None if table is None else _table(table, version)
        self.head = head
        self.kinds: tuple[Step, ...] | None = None
        #: The words that the alternative that begins with a kind can begin with; None for any.
        self.starts: frozenset[str] | None = None
        self._version = version
        self._met: dict[str, tuple[Step, ...]] = {}
        self._accepted: set[str] | None = set() if table is not None and bracket == "{" else None
        if behind is not None:
            first = kinds.KINDS.get(behind[0][0])
            self.starts = first.starts if isinstance(first, kinds.Phrase) else None
            self.kinds = prepare(behind, head, version)

    def took(self, text: str) -> bool:
        """Whether the options `text`, to the end of a line, were taken before."""
        return self._accepted is not None and text in self._accepted

    def take(self, words: list[Word], at: int, scope: Scope) -> int:
        accepted = self._accepted
        if accepted is None:
            return self._take(words, at, scope)
        count = len(words)
        if at == count:
            return at
        text = words[at].source.text[words[at].start : words[-1].end]
        if text in accepted:
            return count
        before = len(scope.complaints)
        at = self._take(words, at, scope)
        if at == count and len(scope.complaints) == before and len(accepted) < _REMEMBERED:
            accepted.add(text)
        return at

    def _take(self, words: list[Word], at: int, scope: Scope) -> int:
        met, count, many, groups = self._met, len(words), self.bracket == "{", self.groups
        there: list[int] = []
        while at < count:
            text = words[at].text
            steps = met.get(text)
            if steps is None and (steps := self._learn(text, words[at], scope)) is None:
                steps = self.kinds
                if steps is None or not text or (self.starts is not None and text not in self.starts):
                    break
                at -= 1
            elif groups:
                there.append(at)
            at += 1
            for step in steps:
                at = step(words, at, scope)
                if at == END:
                    return END
            if not many:
                return at
        if self.bracket != "(" and (at == count or self.table is None):
            if at < count:
                before = scope.offered
                scope.offered = at, (*before[1], self) if before and before[0] == at else (self,)
            if groups:
                return self._complete(words, there, at, scope)
            return at
        from halint.models.haproxy.language import refusal

        return refusal.choice(scope, self.head, words, at, self)

    def _complete(self, words: list[Word], met: list[int], at: int, scope: Scope) -> int:
        """`at`, where those met hold what each group needs."""
        for group, exact in self.groups:
            there = [number for number in met if words[number].text in group]
            if there and (not exact or len(there) == 1):
                continue
            from halint.models.haproxy.language import refusal

            if there:
                return refusal.word(
                    scope, words, there[1], f"{words[there[0]].text!r} excludes {{}}", "keep one of them"
                )
            if at < len(words) and words[at].text not in ("if", "unless"):
                refusal.unexpected(scope, self.head, words, at, (self,))
                return END
            return refusal.missing_one(scope, self.head, words, at, group)
        return at

    def _learn(self, text: str, word: Word, scope: Scope) -> tuple[Step, ...] | None:
        """The steps behind the word `text`, or None where it is none of these."""
        if text in self.literals:
            lifetime, behind = self.literals[text]
            if lifetime is not None and known(lifetime, self._version) is False:
                return None
            steps = prepare(behind, text, self._version)
        elif self.table is not None:
            keyword, _ = self.table.find([word], 0)
            if keyword.verdict == "unknown" and "(" in text:
                keyword = self.table.named(text.partition("(")[0])
            if keyword.verdict == "unknown":
                return None
            steps = _option(keyword)
            if not keyword.plain:
                return steps
        else:
            return None
        self._met[text] = steps
        return steps

    def known(self) -> list[str]:
        """The words of which this is one."""
        words = [
            word for word, (lifetime, _) in self.literals.items() if lifetime is None or known(lifetime, self._version)
        ]
        if self.table is not None:
            words += [name for name in self.table.rows if " " not in name and not name.endswith("*")]
        return words


def _option(keyword: Keyword) -> tuple[Step, ...]:
    """The steps behind an option of a table."""
    steps: tuple[Step, ...] = ()
    if not keyword.plain:

        def complain(words: list[Word], at: int, scope: Scope) -> int:
            from halint.models.haproxy.language import wording

            wording.complain(scope, keyword, words, at)
            return END if keyword.verdict != "ok" or (keyword.experimental and not scope.exposed) else at

        steps = (complain,)
    behind = keyword.signature.steps if keyword.signature is not None else None
    return (*steps, *(behind if behind is not None else (_unknown,)))


def _unknown(words: list[Word], at: int, scope: Scope) -> int:
    """Of an option whose arguments no table has: nothing is said of the rest of the line."""
    return END


def _table(name: str, version: Version | None) -> Keywords:
    from halint.models.haproxy.language.keywords import Keywords

    return Keywords(name, False, version)
