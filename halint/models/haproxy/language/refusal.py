"""What to say of the arguments that haproxy does not take. Loaded where there are such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.finding import Applicability, Edit, Fix
from halint.fixes import edits
from halint.models.haproxy.language import kinds
from halint.readers.haproxy import VariableWord

if TYPE_CHECKING:
    from halint.models.haproxy.language.scope import Scope
    from halint.models.haproxy.language.signature import Choice
    from halint.tree import Word

#: The longest word that a message repeats.
_LONGEST = 60

#: What some keywords need that take any word, or a format.
_WANTED = {
    "default_backend": "the name of a backend", "use_backend": "the name of a backend",
    "use-server": "the name of a server",
}  # fmt: skip

_UNITS = frozenset({"us", "ms", "s", "m", "h", "d"})

#: What secrets stand behind.
_SECRETS = frozenset(
    {"auth", "ca-sign-pass", "cluster-secret", "insecure-password", "password", "presetenv", "setenv", "tcp-md5sig"}
)


def kind(scope: Scope, head: str, words: list[Word], at: int, kind: Any, low: Any, high: Any, flags: str) -> int:
    """Word `at` is not of the `kind` that `head` needs, or not there. Returns the index to go on from, or END."""
    if _unknown(words, at):
        return kinds.END
    warned = "~" in flags
    if _ends(words, at):
        wanted = _WANTED.get(head, _noun(kind, low, high))
        return missing(scope, words, at, f"{head!r} needs {wanted} behind it", fatal="~~" not in flags)
    word = words[at]
    text = word.text
    number = kind.number(text) if kind.number is not None else None
    if number is not None and kind.number is not None and not _within(number, low, high, kind):
        scope.complain(
            "argument-out-of-range",
            word,
            f"{head!r} takes {_bounds(low, high, kind)}, not {_quoted(words, at)}",
            "correct it",
            fatal=not warned,
        )
        return at + 1 if warned else kinds.END
    if number is not None and kinds.is_suspicious(text):
        effect = f"{head!r} is {number} milliseconds, which is suspiciously little"
        cure = f"write {number}s, or {number}ms if that is meant"
        scope.complain("invalid-argument", word, effect, cure, fatal=False)
        # It reads no more of the options of a server (3.2.9).
        return at + 1 if words[0].text == "timeout" else kinds.END
    if number is not None:
        # What is left is a time with something behind its unit.
        scope.complain(
            "invalid-argument",
            word,
            f"{_quoted(words, at)} behind {head!r} is read up to its unit alone",
            f"write {_noun(kind, low, high)}",
            fatal=False,
        )
        return at + 1
    scope.complain(
        "invalid-argument",
        word,
        f"{head!r} needs {_noun(kind, low, high)}, {_but(kind, low, words, at)}",
        "correct it",
        fatal=not warned,
    )
    return at + 1 if warned else kinds.END


def word(
    scope: Scope, words: list[Word], at: int, effect: str, cure: str, *, known: tuple[str, ...] = (), fatal: bool = True
) -> int:
    """Word `at`, which stands for {} in `effect`, is not taken; `known` would be. Returns END."""
    if not _unknown(words, at) and not _ends(words, at):
        near = scope.nearest(words[at].text, known)
        cure = f"{near!r} is the nearest" if near else f"it takes {_listed([*known])}" if known else cure
        effect = effect.replace("{}", _quoted(words, at), 1)
        scope.complain("invalid-argument", words[at], effect, cure, fatal=fatal, fix=edits.writing(words[at], near))
    return kinds.END


def choice(scope: Scope, head: str, words: list[Word], at: int, choice: Choice) -> int:
    """Word `at` is none of those that may stand behind `head`, or not there."""
    if _unknown(words, at):
        return kinds.END
    known = choice.known()
    if _ends(words, at):
        if choice.bracket == "(":
            return missing(scope, words, at, f"{head!r} needs {_listed(known)} behind it")
        return kinds.END
    word = words[at]
    if choice.table is not None:
        option = choice.table.group
        effect = f"a {option} line has no option {_quoted(words, at)}"
        if _is_unit(words, at):
            cure, fix = _joining(words, at)
        else:
            near = scope.nearest(word.text, known)
            cure = f"{near!r} is the nearest that it has" if near else "correct it, or remove it"
            fix = edits.writing(word, near)
        scope.complain("unknown-bind-or-server-option", word, effect, cure, fix=fix)
    elif choice.bracket == "(":
        near = scope.nearest(word.text, known)
        effect = f"{head!r} takes {_listed(known)}, not {_quoted(words, at)}"
        cure = f"{near!r} is the nearest" if near else "correct it"
        scope.complain("invalid-argument", word, effect, cure, fix=edits.writing(word, near))
    return kinds.END


def unexpected(scope: Scope, head: str, words: list[Word], at: int, offered: tuple[Choice, ...]) -> None:
    """Word `at` is one too many behind `head`; offered: the choices that it could have been of."""
    if _unknown(words, at) or _ends(words, at):
        return
    word = words[at]
    known = [name for choice in offered for name in (*choice.known(), *(choice.starts or ()))]
    near = None if word.text in known else scope.nearest(word.text, known)
    phrase = next((choice for choice in offered if choice.starts is not None), None)
    if phrase is not None and phrase.kinds is not None and near is None:
        phrase.kinds[0](words, at, scope)  # the condition says what it must begin with
        return
    effect = (
        f"{head!r} takes no {_quoted(words, at)} here"
        if known and word.text not in known
        else f"{_quoted(words, at)} is too much behind {head!r}"
    )
    if _is_unit(words, at):
        cure, fix = _joining(words, at)
    else:
        cure = f"{near!r} is the nearest that it takes" if near else _else([] if word.text in known else known)
        fix = edits.writing(word, near)
    scope.complain(
        "invalid-condition" if phrase is not None and near in (phrase.starts or ()) else "unexpected-argument",
        word,
        effect,
        cure,
        fix=fix,
    )


def missing(scope: Scope, words: list[Word], at: int, effect: str, *, fatal: bool = True) -> int:
    """The line ends before word `at`, which must be there. Returns END."""
    scope.complain("missing-argument", words[min(at, len(words)) - 1], effect, "add it", fatal=fatal)
    return kinds.END


def missing_format(scope: Scope, words: list[Word], at: int) -> int:
    """The format `at` is not there. Returns END."""
    wanted = _WANTED.get(words[0].text, "a format") if at == 1 else "a value"
    return missing(scope, words, at, f"{words[at - 1].text!r} needs {wanted} behind it")


def missing_one(scope: Scope, head: str, words: list[Word], at: int, group: tuple[str, ...]) -> int:
    """None of `group` stands behind `head`, up to `at`. Returns END."""
    if _unknown(words, at):
        return kinds.END
    names = [name for name in group if not name.startswith("!")]
    return missing(scope, words, at, f"{head!r} needs {_listed(names)} beside this")


def _is_unit(words: list[Word], at: int) -> bool:
    """Whether word `at` is the unit of a time, and the number before it stands alone: without the unit, it would be
    milliseconds as a rule."""
    return words[at].text in _UNITS and words[at - 1].text.isdecimal()


def _joining(words: list[Word], at: int) -> tuple[str, Fix | None]:
    """What to do where `_is_unit`."""
    number, unit = words[at - 1], words[at]
    joined = number.text + unit.text
    edit = Edit(number.source, number.start, unit.end, joined)
    return f"write {joined} in one word", Fix(f"write {joined}", [edit], Applicability.UNSAFE)


def _unknown(words: list[Word], at: int) -> bool:
    """Whether the environment decides what stands at `at`, or how many words before it there are."""
    return any(isinstance(word, VariableWord) for word in words[: at + 1])


def _ends(words: list[Word], at: int) -> bool:
    """Whether the line ends before `at`: for haproxy, an empty word is the end."""
    return at >= len(words) or any(not word.text for word in words[: at + 1])


def _within(number: int, low: Any, high: Any, kind: Any) -> bool:
    least, most = (low, high) if not kind.longest else (low or 0, kind.longest if high is None else high)
    return (least is None or number >= least) and (most is None or number <= most)


def _bounds(low: Any, high: Any, kind: Any) -> str:
    most = kind.limit if high is None else str(high)
    if low is None:
        return f"at most {most}"
    return f"{low} to {most}" if most else f"at least {low}"


def _noun(kind: Any, low: Any, high: Any) -> str:
    if isinstance(low, str):
        return f"{kind.noun} ({low.replace('|', ', ')})" if "|" in low else kind.noun
    if low is None and high is None:
        return str(kind.noun)
    if None not in (low, high):
        return f"{kind.noun} from {low} to {high}"
    return f"{kind.noun}, at least {low}" if high is None else f"{kind.noun}, at most {high}"


def _but(kind: Any, low: Any, words: list[Word], at: int) -> str:
    """What the word is instead."""
    explain = kind.problem(words[at].text, low) if kind.problem is not None else None
    return f"but {_quoted(words, at)} {explain}" if explain else f"not {_quoted(words, at)}"


def _quoted(words: list[Word], at: int) -> str:
    """Word `at`, as a message shows it: what stands behind a secret may be a part of it."""
    if any(word.text in _SECRETS for word in words[:at]):
        return "this word"
    text = words[at].text
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "...")


def _listed(words: list[str]) -> str:
    shown = [word for word in words if word]
    if len(shown) > 8:
        return "one of " + ", ".join(shown[:8]) + "..."
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _else(known: list[str]) -> str:
    return f"it takes {_listed(known)}" if known else "remove it"
