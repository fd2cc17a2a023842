"""ACLs: what they look at, their flags and their patterns (parse_acl_expr in src/acl.c, src/pattern.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.address import IPV4_NETWORK
from halint.light import lru_cache
from halint.models.haproxy.language import arguments, places, regexes, sample_types, samples
from halint.models.haproxy.language.fault import NO_VARIABLES, Fault, report
from halint.patterns import haproxy_expressions as patterns
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.models.haproxy.language.samples import Expression
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

#: Match methods, and the type of sample that each works on.
METHODS = {
    "found": "any", "bool": "sint", "int": "sint", "ip": "addr", "bin": "bin", "len": "str", "str": "str",
    "beg": "str", "sub": "str", "dir": "str", "dom": "str", "end": "str", "reg": "str", "regm": "str",
}  # fmt: skip

#: The method that goes with a type where none is named.
_OF_TYPE = {"bool": "bool", "sint": "int", "addr": "ip", "ipv4": "ip", "ipv6": "ip", "str": "str"}

#: ACL keywords whose numbers are versions.
_VERSIONS = frozenset({"req.ssl_ver", "req_ssl_ver"})

#: The methods whose patterns must have a form.
_EXACTING = frozenset({"int", "len", "ip", "bin", "reg", "regm"})

_NEVER_ASKED = frozenset({"or", "OR", "Or", "oR"})
_NOWHERE: frozenset[int] = frozenset()

_OPERATORS = frozenset({"eq", "ne", "ge", "gt", "le", "lt"})

#: What haproxy has for the operators of other languages.
_WORDS = {"=": "eq", "==": "eq", "!=": "ne", ">=": "ge", "=>": "ge", ">": "gt", "<=": "le", "=<": "le", "<": "lt"}

_MOST = (1 << 63) - 1


def acl(words: list[Word], at: int, scope: Scope) -> int:
    """Complain into `scope` of the ACL whose name is word `at`, and declare it; the index behind it."""
    variables = frozenset(number for number, word in enumerate(words) if isinstance(word, VariableWord))
    report(declare([word.text for word in words], at, scope, variables), words, scope)
    return len(words)


def takes(texts: list[str], at: int, scope: Scope) -> bool:
    """Whether nothing is to be said of the ACL whose name is text `at`; it is declared."""
    return not declare(texts, at, scope, NO_VARIABLES)


def declare(texts: list[str], at: int, scope: Scope, variables: frozenset[int]) -> list[Fault]:
    """Declare the ACL whose name is text `at` in `scope`; what is wrong with it."""
    if at >= len(texts):
        return [_fault(len(texts) - 1, "this ACL has no name and nothing to look at", "name both")]
    if at in variables:
        scope.acls = None
        return []
    name = texts[at]
    faults: list[Fault] = []
    found = compiled(r"[A-Za-z0-9_.:-]+").match(name)
    if found is None or found.end() < len(name):
        wrong = f"{name[found.end() if found else 0]!r} must not stand in" if name else "nothing is"
        cure = "use letters, digits, '_', '-', '.' and ':'"
        faults.append(_fault(at, f"{wrong} the name of an ACL", cure))
    elif name in _NEVER_ASKED:
        effect = f"an ACL {name!r} could never be asked: the word means a disjunction in conditions"
        faults.append(_fault(at, effect, "give it another name"))
    place = examine(texts, at + 1, len(texts), scope.version, variables, faults)
    if scope.acls is not None:
        scope.acls[name] = scope.acls.get(name, _NOWHERE) | {place}
    return faults


def examine(
    texts: list[str], at: int, end: int, version: Version | None, variables: frozenset[int], faults: list[Fault]
) -> int:
    """Add to `faults` what is wrong with what texts `at` to `end` match; the places where that is possible."""
    if at >= end:
        faults.append(_fault(at - 1, "this ACL looks at nothing", "name a fetch, and what it must be"))
        return places.ANYWHERE
    if at in variables:
        return places.ANYWHERE
    read = samples.read(texts[at], version, True)
    behind = at + 1
    if not read.keyword and read.certain and read.problem is None:
        behind, read = samples.more(texts, at, end, read, version)
    if read.problem is not None:
        start, stop, effect, cure = read.problem
        faults.append(Fault("invalid-sample-expression", behind - 1, effect, cure, start=start, end=stop))
    elif read.certain:
        fault = _patterns(texts, behind, end, read, variables, faults)
        if fault is not None:
            faults.append(fault)
    return read.place


def _patterns(
    texts: list[str], at: int, end: int, read: Expression, variables: frozenset[int], faults: list[Fault]
) -> Fault | None:
    """What haproxy refuses of the flags and the patterns from text `at`; what it warns of is added to `faults`."""
    subject = at - 1
    method, dotted = _method(read.fetch if read.keyword else "", read.converted, read.type)
    if method and read.type != "bool" and (at == end or (not texts[at] and at not in variables)):
        effect = f"no pattern follows {texts[subject]!r}, so it never matches"
        return _fault(subject, effect, "add one, or `-m found` to ask whether it is there at all", fatal=False)
    if at < end and texts[at][:1] == "(" and "(" not in texts[subject]:
        effect = f"a pattern that begins with '(' behind {texts[subject]!r} is likely an argument of it"
        faults.append(_fault(at, effect, "remove the blank, or put `--` before the pattern", fatal=False))
    resolve, loaded = True, False
    while at < end and texts[at][:1] == "-":
        flag, value = texts[at], texts[at + 1] if at + 1 < end else None
        if flag == "--":
            at += 1
            break
        if flag == "-n":
            resolve = False
        elif flag == "-u":
            at += 1
            if value is not None and compiled(r"[ \t]*[+-]?[0-9]+|").fullmatch(value) is None:
                return _fault(at, f"the number behind -u is {value!r}", "give an integer")
        elif flag == "-f":
            if method is None:
                return _no_method(at, read)
            if value is None:
                return _fault(at, "no file follows -f", "name one")
            loaded = True
            at += 1
        elif flag == "-m":
            if loaded:
                return _fault(at, "-m must stand before -f", "move it to the front")
            at += 1
            if at in variables:
                return None
            if value is None or value not in METHODS:
                what = f"there is no match method {value!r}" if value is not None else "no match method follows -m"
                return _fault(min(at, end - 1), what, f"use one of {', '.join(METHODS)}")
            method, dotted = value, False
            if method != "found" and not sample_types.castable(read.type, METHODS[method]):
                given = sample_types.NAMES[read.type]
                effect = f"{read.fetch!r} gives {given}, which cannot be matched as {method!r}"
                return _fault(at, effect, "use another method")
        elif flag not in {"-i", "-M"}:
            if at in variables:
                return None
            return _fault(at, f"ACLs have no flag {flag!r}", "put `--` before patterns that begin with '-'")
        at += 1
    if method is None:
        return _no_method(subject, read)
    if method not in _EXACTING:
        return None
    fault = _values(texts, at, end, method, dotted, resolve, variables)
    if fault is not None and "authorization" in texts[subject].lower():
        fault.effect = fault.effect.replace(repr(texts[fault.index]), "this pattern")
    return fault


@lru_cache(512)
def _method(keyword: str, converted: bool, kind: str) -> tuple[str | None, bool]:
    """The match method where no -m names one, and whether its numbers are versions; None where there must be a -m."""
    if keyword and not converted:
        return ACL_KEYWORDS[keyword][1], keyword in _VERSIONS
    return _OF_TYPE.get(kind), False


def _values(
    texts: list[str], at: int, end: int, method: str, dotted: bool, resolve: bool, variables: frozenset[int]
) -> Fault | None:
    operator = ""
    for number in range(at, end):
        text = texts[number]
        if number in variables:
            continue
        if not text:
            return None
        if text in _OPERATORS and method in {"int", "len"}:
            operator = text
            continue
        fault = value_fault(text, method, dotted, operator, resolve)
        if fault is not None:
            return _fault(number, *fault)
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
            cure = f"write {_WORDS[text]}" if text in _WORDS else "correct it"
            return f"{text!r} is neither a number nor an operator", cure
        return None if max(_ordered(text)) < (65536 if dotted else _MOST) else _too_large(text)
    found = compiled(patterns.VERSION_RANGE if dotted else patterns.RANGE).fullmatch(text)
    if found is None:
        cure = f"write {_WORDS[text]}" if text in _WORDS else "correct it"
        return f"{text!r} is not a {'version' if dotted else 'number'}, nor a range", cure
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
    if compiled(IPV4_NETWORK).fullmatch(text):
        return True
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
    return compiled(r"[A-Za-z0-9_][A-Za-z0-9._-]*").fullmatch(address) is not None


def _is_short_ipv4(text: str) -> bool:
    """Whether inet_aton takes `text`: up to four numbers, the last of which fills what is left."""
    parts = text.split(".")
    if len(parts) > 4 or not all(compiled(r"0[0-7]*|[1-9][0-9]{0,9}").fullmatch(part) for part in parts):
        return False
    numbers = [int(part, 8 if part[0] == "0" else 10) for part in parts]
    return max(numbers[:-1], default=0) < 256 and numbers[-1] < 256 ** (5 - len(numbers))


def _no_method(index: int, read: Expression) -> Fault:
    kind = sample_types.NAMES.get(read.type, "any type")
    effect = f"{read.fetch!r} gives {kind}, for which no match method goes without saying"
    return _fault(index, effect, "name one: `-m str`, `-m found`...")


def _fault(index: int, effect: str, cure: str, *, fatal: bool = True) -> Fault:
    return Fault("invalid-acl", index, effect, cure, fatal=fatal)
