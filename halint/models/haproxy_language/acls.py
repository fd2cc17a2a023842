"""ACLs: what they look at, their flags and their patterns (parse_acl_expr in src/acl.c, src/pattern.c)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.models.haproxy_language import arguments, places, regexes, sample_types, samples
from halint.patterns import haproxy_expressions as patterns
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS
from halint.readers.haproxy import VariableWord

if TYPE_CHECKING:
    from halint.models.haproxy_language.samples import Expression
    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word

#: Match methods, and the type of sample that each works on.
METHODS = {
    "found": "any", "bool": "sint", "int": "sint", "ip": "addr", "bin": "bin", "len": "str", "str": "str",
    "beg": "str", "sub": "str", "dir": "str", "dom": "str", "end": "str", "reg": "str", "regm": "str",
}  # fmt: skip

#: The method that goes with a type where none is named.
_OF_TYPE = {"bool": "bool", "sint": "int", "addr": "ip", "ipv4": "ip", "ipv6": "ip", "str": "str"}

#: ACL keywords whose numbers are versions.
_VERSIONS = frozenset({"req.ssl_ver", "req_ssl_ver"})

_OPERATORS = frozenset({"eq", "ne", "ge", "gt", "le", "lt"})
_MOST = (1 << 63) - 1


def acl(words: list[Word], at: int, scope: Scope) -> int:
    """Complain into `scope` of the ACL whose name is word `at`, and declare it; the index behind it."""
    if at >= len(words):
        scope.complain("invalid-acl", words[-1], "this ACL has no name and nothing to look at", "name both")
        return at
    word = words[at]
    name = word.text
    if isinstance(word, VariableWord):
        scope.acls = None
        return len(words)
    found = compiled(r"[A-Za-z0-9_.:-]+").match(name)
    if found is None or found.end() < len(name):
        wrong = f"{name[found.end() if found else 0]!r} must not stand in" if name else "nothing is"
        scope.complain("invalid-acl", word, f"{wrong} the name of an ACL", "use letters, digits, '_', '-', '.' and ':'")
    elif name.lower() == "or":
        effect = f"an ACL {name!r} could never be asked: the word means a disjunction in conditions"
        scope.complain("invalid-acl", word, effect, "give it another name")
    place = expression(words, at + 1, len(words), scope)
    if scope.acls is not None:
        scope.acls[name] = scope.acls.get(name, frozenset()) | {place}
    return len(words)


def expression(words: list[Word], at: int, end: int, scope: Scope) -> int:
    """Complain into `scope` of what words `at` to `end` match; the places where that is possible."""
    subject = words[at] if at < end else None
    if subject is None:
        scope.complain("invalid-acl", words[at - 1], "this ACL looks at nothing", "name a fetch, and what it must be")
        return places.ANYWHERE
    before = len(scope.complaints)
    read = samples.read(subject.text, scope.version, True)
    if not isinstance(subject, VariableWord) and read.certain and read.problem is None:
        if not read.keyword:
            behind, read = samples.more(words, at, end, read, scope.version)
        else:
            behind = at + 1
        if read.problem is None and read.certain:
            _patterns(words, behind, end, read, scope)
        at = behind - 1
    if read.problem is not None and not isinstance(subject, VariableWord) and len(scope.complaints) == before:
        start, stop, effect, cure = read.problem
        scope.complain("invalid-sample-expression", samples.part(words[at], start, stop), effect, cure)
    return read.place


def _patterns(words: list[Word], at: int, end: int, read: Expression, scope: Scope) -> None:
    """Complain of the flags and the patterns from word `at`."""
    subject = words[at - 1]
    method, dotted = _method(read.fetch if read.keyword else "", read.converted, read.type)
    if method and read.type != "bool" and (at == end or words[at].raw in {'""', "''"}):
        scope.complain(
            "invalid-acl",
            subject,
            f"no pattern follows {subject.text!r}, so it never matches",
            "add one, or `-m found` to ask whether it is there at all",
            fatal=False,
        )
        return None
    if at < end and words[at].text[:1] == "(" and "(" not in subject.text:
        scope.complain(
            "invalid-acl",
            words[at],
            f"a pattern that begins with '(' behind {subject.text!r} is likely an argument of it",
            "remove the blank, or put `--` before the pattern",
            fatal=False,
        )
    resolve, loaded = True, False
    while at < end and words[at].text[:1] == "-":
        word = words[at]
        flag = word.text
        value = words[at + 1] if at + 1 < end else None
        if flag == "--":
            at += 1
            break
        if flag == "-n":
            resolve = False
        elif flag == "-u":
            if value is not None and compiled(r"[ \t]*[+-]?[0-9]+|").fullmatch(value.text) is None:
                return _refuse(scope, value, f"the number behind -u is {value.text!r}", "give an integer")
            at += 1
        elif flag == "-f":
            if method is None:
                return _no_method(scope, read, word)
            if value is None:
                return _refuse(scope, word, "no file follows -f", "name one")
            loaded = True
            at += 1
        elif flag == "-m":
            if loaded:
                return _refuse(scope, word, "-m must stand before -f", "move it to the front")
            if value is None or value.text not in METHODS:
                what = f"there is no match method {value.text!r}" if value is not None else "no match method follows -m"
                return _refuse(scope, value or word, what, f"use one of {', '.join(METHODS)}")
            if isinstance(value, VariableWord):
                return None
            method, dotted = value.text, False
            if method != "found" and not sample_types.castable(read.type, METHODS[method]):
                given = sample_types.NAMES[read.type]
                return _refuse(
                    scope,
                    value,
                    f"{read.fetch!r} gives {given}, which cannot be matched as {method!r}",
                    "use another method",
                )
            at += 1
        elif flag not in {"-i", "-M"}:
            if isinstance(word, VariableWord):
                return None
            return _refuse(scope, word, f"ACLs have no flag {flag!r}", "put `--` before patterns that begin with '-'")
        at += 1
    if method is None:
        return _no_method(scope, read, subject)
    return _values(words, at, end, method, dotted, resolve, scope)


@lru_cache(512)
def _method(keyword: str, converted: bool, kind: str) -> tuple[str | None, bool]:
    """The match method where no -m names one, and whether its numbers are versions; None where there must be a -m."""
    if keyword and not converted:
        return ACL_KEYWORDS[keyword][1], keyword in _VERSIONS
    return _OF_TYPE.get(kind), False


def _values(words: list[Word], at: int, end: int, method: str, dotted: bool, resolve: bool, scope: Scope) -> None:
    operator = ""
    numbers = method in {"int", "len"}
    if not numbers and method not in {"ip", "reg", "regm", "bin"}:
        return None
    for word in words[at:end]:
        text = word.text
        if isinstance(word, VariableWord):
            continue
        if not text:
            return None
        if numbers and text in _OPERATORS:
            operator = text
            continue
        fault = value_fault(text, method, dotted, operator, resolve)
        if fault is not None:
            return _refuse(scope, word, *fault)
    return None


@lru_cache(4096)
def value_fault(text: str, method: str, dotted: bool, operator: str, resolve: bool) -> tuple[str, str] | None:
    """What is wrong with a pattern, and what to do; None where nothing certainly is."""
    if method in {"int", "len"}:
        return _number_fault(text, dotted, operator)
    if method == "ip":
        if not _is_network(text, resolve):
            return f"{text!r} is no address and no network", "correct it"
        return None
    if method == "bin":
        if compiled(r"(?:[0-9A-Fa-f]{2})*").fullmatch(text) is None:
            return f"{text!r} are no pairs of hexadecimal digits", "correct it"
        return None
    fault = regexes.fault(text)
    return None if fault is None else (f"this regular expression {fault}", "correct it, or escape the character")


def _number_fault(text: str, dotted: bool, operator: str) -> tuple[str, str] | None:
    if operator not in {"", "eq", "ne"} and ":" not in text and "-" not in text:
        if not dotted:
            text = text.partition(".")[0]
        good = compiled(r"[0-9]+(?:\.[0-9]+)?").fullmatch(text)
        if good is None:
            return f"{text!r} is neither a number nor an operator", "correct it"
        return None if max(_ordered(text)) < (65536 if dotted else _MOST) else _too_large(text)
    found = compiled(patterns.VERSION_RANGE if dotted else patterns.RANGE).fullmatch(text)
    if found is None:
        return f"{text!r} is not a {'version' if dotted else 'number'}, nor a range", "correct it"
    ends = [_ordered(part) for part in (found["low"], found["high"] or found["top"]) if part and part != "-"]
    if any(max(map(abs, end)) > (65535 if dotted else _MOST) for end in ends):
        return _too_large(text)
    if len(ends) == 2 and ends[0] > ends[1]:
        return f"the range {text!r} ends before it begins", "turn it round"
    return None


def _ordered(number: str) -> tuple[int, ...]:
    # No longer than what is too large already.
    return tuple(int(part.lstrip("0")[:20] or "0") for part in number.split("."))


def _too_large(text: str) -> tuple[str, str]:
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    return f"{shown!r} is too large", "correct it"


def _is_network(text: str, resolve: bool) -> bool:
    """Whether haproxy takes `text` as an address with or without a mask; names count where it resolves them."""
    found = compiled(patterns.NETWORK).fullmatch(text)
    if found is None:
        return False
    address, mask = found["address"], found["mask"]
    if ":" in address:
        return arguments.is_ipv6(address) and (mask is None or arguments.is_bits(mask, 128))
    if mask is not None and not arguments.is_mask(mask):
        return False
    if arguments.is_ipv4(address):
        return True
    if not resolve:
        return False
    if compiled(r"[0-9.]+").fullmatch(address):
        return _is_short_ipv4(address)
    return compiled(r"[A-Za-z0-9._-]+").fullmatch(address) is not None


def _is_short_ipv4(text: str) -> bool:
    """Whether inet_aton takes `text`: up to four numbers, the last of which fills what is left."""
    parts = text.split(".")
    if len(parts) > 4 or not all(compiled(r"0[0-7]*|[1-9][0-9]{0,9}").fullmatch(part) for part in parts):
        return False
    numbers = [int(part, 8 if part[0] == "0" else 10) for part in parts]
    return max(numbers[:-1], default=0) < 256 and numbers[-1] < 256 ** (5 - len(numbers))


def _no_method(scope: Scope, read: Expression, word: Word) -> None:
    kind = sample_types.NAMES.get(read.type, "any type")
    effect = f"{read.fetch!r} gives {kind}, for which no match method goes without saying"
    return _refuse(scope, word, effect, "name one: `-m str`, `-m found`...")


def _refuse(scope: Scope, word: Word, effect: str, cure: str) -> None:
    scope.complain("invalid-acl", word, effect, cure)
