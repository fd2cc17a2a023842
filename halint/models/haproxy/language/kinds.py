"""What the words of a signature can be: times, sizes, numbers, addresses, expressions, conditions.

Sources: src/tools.c, src/standard.c of haproxy 2.6.12 and 2.8; the patterns come from grammars/haproxy_values.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.address import IPV4_NETWORK
from halint.models.haproxy.language import addresses, phrases, quantities
from halint.patterns import haproxy_values as patterns
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word

    Step = Callable[[list[Word], int, Scope], int]
    Predicate = Callable[[str], bool]

#: A line of which nothing more is to be said.
END = -1


class Kind:
    """A kind of one word.

    noun: what it is, as a message says it. predicate: from the bounds, or the text, in a signature's brackets to
    the function that says whether a word is taken. number: the number that the bounds are about, or None where a word
    is none. longest, limit: the bound of all of them, as a number and in words. problem: from a word and the text in
    the brackets to what is wrong with it.
    """

    __slots__ = ("limit", "longest", "noun", "number", "predicate", "problem")

    def __init__(
        self,
        noun: str,
        predicate: Callable[[Any, Any], Predicate],
        number: Callable[[str], int | None] | None = None,
        longest: int | None = None,
        limit: str = "",
        problem: Callable[[str, Any], str | None] | None = None,
    ) -> None:
        self.noun = noun
        self.predicate = predicate
        self.number = number
        self.longest = longest
        self.limit = limit
        self.problem = problem


class Phrase:
    """A kind of several words, read by a grammar of its own.

    starts: the words that it begins with; None for any. step: from the text in a signature's brackets to the
    function that reads it.
    """

    __slots__ = ("noun", "starts", "step")

    def __init__(self, noun: str, starts: frozenset[str] | None, step: Callable[[Any], Step]) -> None:
        self.noun = noun
        self.starts = starts
        self.step = step


def _matching(pattern: str) -> Callable[[Any, Any], Predicate]:
    def predicate(_low: Any, _high: Any) -> Predicate:
        match = compiled(pattern).fullmatch
        return lambda text: match(text) is not None

    return predicate


def _numeric(number: Callable[[str], int | None]) -> Callable[[Any, Any], Predicate]:
    """A predicate of words that `number` makes a number of, within the bounds."""

    def predicate(low: int | None, high: int | None) -> Predicate:
        def accepts(text: str) -> bool:
            value = number(text)
            return value is not None and (low is None or value >= low) and (high is None or value <= high)

        return accepts

    return predicate


def _networks(_low: Any, _high: Any) -> Predicate:
    return lambda text: all(map(_is_network, text.split(",")))


def _init_addr(_low: Any, _high: Any) -> Predicate:
    return lambda text: all(part in {"last", "libc", "none"} or _is_network(part) for part in text.split(","))


def _named_network(_low: Any, _high: Any) -> Predicate:
    return lambda text: _is_network(text, patterns.NAMED_NETWORK)


def _is_network(text: str, pattern: str = patterns.NETWORK) -> bool:
    return bool(compiled(IPV4_NETWORK).fullmatch(text) or compiled(pattern).match(text))


def _used_source(_low: Any, high: Any) -> Predicate:
    address = addresses.accepts("check", high)
    return lambda text: text.startswith("hdr_ip(") or address(text)


def _counts(_low: Any, _high: Any) -> Predicate:
    """`N` from 1 on, or `N-M` from 0 on, M not below N; both as atoi reads them (_srv_parse_tmpl_range, server.c)."""

    def accepts(text: str) -> bool:
        low, dash, high = quantities.leading(text) or 0, *text.partition("-")[1:]
        return 0 <= low <= (quantities.leading(high) or 0) if dash else low >= 1

    return accepts


def _track(low: int | None, high: int | None) -> Predicate:
    """`track-scN` with one of the counters that there are."""

    def accepts(text: str) -> bool:
        found = compiled(r"track-sc([0-9]{1,3})").fullmatch(text)
        return found is not None and (high is None or int(found[1]) <= high)

    return accepts


def _times(unit: str) -> Callable[[Any, Any], Predicate]:
    number = quantities.time(unit)

    def predicate(low: int | None, high: int | None) -> Predicate:
        least, most = low or 0, quantities.LONGEST if high is None else high

        def accepts(text: str) -> bool:
            value = number(text)
            return value is not None and least <= value <= most and not compiled(patterns.TIME).match(text)["behind"]  # type: ignore[index]

        return accepts

    return predicate


def _timeouts(low: int | None, high: int | None) -> Predicate:
    """Times of which haproxy does not think that their unit was forgotten (tools.c, 3.1 and later)."""
    time = _times("ms")(low, high)
    return lambda text: time(text) and not is_suspicious(text)


def is_suspicious(text: str) -> bool:
    """Whether `text` is a number of milliseconds without a unit that was probably meant for seconds: below 100."""
    return compiled(r"0*[1-9][0-9]?").fullmatch(text) is not None


def _listed(listed: str, _high: Any) -> Predicate:
    known = frozenset(listed.split("|"))
    return lambda text: all(part in known for part in text.split(","))


def _caseless(listed: str, _high: Any) -> Predicate:
    known = frozenset(listed.lower().split("|"))
    return lambda text: text.lower() in known


def _any(_low: Any, _high: Any) -> Predicate:
    return bool


def _nonzero(_low: Any, _high: Any) -> Predicate:
    return lambda text: bool(quantities.leading(text))


def _magnitude(_low: Any, _high: Any) -> Predicate:
    return lambda text: 1 <= abs(quantities.leading(text) or 0) <= 65535


def _regex(_low: Any, _high: Any) -> Predicate:
    return lambda text: bool(text) and _regex_problem(text, None) is None


def _regex_problem(text: str, _inside: Any) -> str | None:
    if not compiled(r"[\\\[\](){}*+?|]").search(text):
        return None
    from halint.models.haproxy.language import regexes

    return regexes.fault(text)


def _variable(_low: Any, _high: Any) -> Predicate:
    """`txn.name`, alone or in the brackets of an action, which from 2.7 on may hold conditions behind it."""
    match = compiled(r"(?:[a-z-]+\()?(?:proc|sess|txn|req|res|check)\.[A-Za-z0-9_.]+(?:\)|\Z|,)").match
    return lambda text: match(text) is not None


def _error_status(_low: Any, _high: Any) -> Predicate:
    return lambda text: quantities.leading(text) in phrases.STATUSES


def _factor(_low: Any, _high: Any) -> Predicate:
    return lambda text: (quantities.leading(text) or 0) == 0 or (quantities.leading(text) or 0) > 100


_THREADS = r"(?:[0-9]+/)?(?:all|odd|even|-?0*[1-9][0-9]{0,2}(?:-0*[1-9][0-9]{0,2})?)"

KINDS: dict[str, Any] = {
    "WORD": Kind("a word", _any),
    "INTEGER": Kind("a whole number", _numeric(quantities.integer), quantities.integer),
    "ATOI": Kind("a number", _numeric(quantities.leading), quantities.leading),
    "TIME": Kind(
        "a time as 30s, 500ms or 5000 (milliseconds)",
        _times("ms"),
        quantities.time("ms"),
        quantities.LONGEST,
        "2147483647 ms (24.8 days)",
    ),
    "TIMEOUT": Kind(
        "a time as 30s, 500ms or 5000 (milliseconds)",
        _timeouts,
        quantities.time("ms"),
        quantities.LONGEST,
        "2147483647 ms (24.8 days)",
    ),
    "SECONDS": Kind(
        "a time as 30s, 5m or 30 (seconds)",
        _times("s"),
        quantities.time("s"),
        quantities.LONGEST,
        "2147483647 s (68 years)",
    ),
    "SIZE": Kind("a size as 512, 64k or 1m", _numeric(quantities.size), quantities.size),
    "ADDRESS": Kind("an address", addresses.accepts, problem=addresses.explain),
    "LEADING": Kind("a number", _numeric(quantities.long), quantities.long),
    "UNSIGNED": Kind("a number", _numeric(quantities.unsigned), quantities.unsigned),
    "NONZERO": Kind("a number other than 0", _nonzero),
    "ON_OFF": Kind("on or off", _matching("on|off")),
    "ERROR_STATUS": Kind("a status code that haproxy makes responses for", _error_status),
    "HASH_FACTOR": Kind("0 or a number above 100", _factor),
    "CASE_VARIANT": Phrase("the same name in other letters", None, phrases.case_variant),
    "COOKIE_MODES": Phrase("modes that go together", None, phrases.cookie_modes),
    "PEER": Phrase("the name of a peer", None, phrases.peer),
    "PERSIST": Phrase("rdp-cookie(NAME)", None, phrases.persist),
    "NONZERO_INTEGER": Kind(
        "a whole number other than 0", lambda _low, _high: lambda text: bool(quantities.integer(text))
    ),
    "REGEX": Kind("a regular expression", _regex, problem=_regex_problem),
    "NAME": Kind("a name of letters, digits, -, _, . and :", _matching(r"[A-Za-z0-9_.:-]+")),
    "THREADS": Kind("threads as 1-4, all or 1/1-4", _matching(_THREADS + f"(?:,{_THREADS})*")),
    "COMPRESSION": Kind("identity, gzip, deflate or raw-deflate", _matching("identity|gzip|deflate|raw-deflate")),
    "ACL": Phrase("an ACL", None, phrases.acl),
    "CHECK_PORT": Phrase("a port or an expression", None, phrases.else_sample(_numeric(quantities.integer)(1, 65535))),
    "PAUSE": Phrase("a time or an expression", None, phrases.else_sample(_times("ms")(1, None))),
    "RETRIES": Phrase(
        "a number up to 100, or an expression", None, phrases.else_sample(_numeric(quantities.integer)(0, 100))
    ),
    "NUMBER_OR_SAMPLE": Phrase(
        "a number or an expression", None, phrases.else_sample(_numeric(quantities.integer)(None, None))
    ),
    "SIZE_OR_SAMPLE": Phrase("a size or an expression", None, phrases.else_sample(_numeric(quantities.size)(0, None))),
    "TIME_OR_SAMPLE": Phrase("a time or an expression", None, phrases.else_sample(_times("ms")(0, None))),
    "BIND": Kind("an address", addresses.accepts, problem=addresses.explain),
    "LOG_TARGET": Kind("an address", addresses.log_target, problem=addresses.explain),
    "NAMED_NETWORK": Kind("a network as 10.0.0.0/8", _named_network),
    "USESRC": Kind("client, clientip, hdr_ip(NAME) or an address", _used_source),
    "NETWORKS": Kind("networks as 10.0.0.0/8,192.168.0.0/16", _networks),
    "INIT_ADDR": Kind("a list of last, libc, none and addresses", _init_addr),
    "LIST": Kind("a list with commas", _listed),
    "CASELESS": Kind("one of", _caseless),
    "INTEGER_ANY_BASE": Kind("a number as 16 or 0x10", _numeric(quantities.any_base), quantities.any_base),
    "OCTAL": Kind("an octal mode as 660", _numeric(quantities.octal), quantities.octal),
    "LABEL": Kind("a name of letters, digits, -, _ and .", _matching(r"[A-Za-z0-9_.-]+")),
    "DENY_STATUS": Phrase("a status code", None, phrases.deny_status),
    "DOMAIN": Phrase("a domain", None, phrases.domain),
    "REPLY_PARTS": Phrase("what makes a response", None, phrases.reply_parts),
    "STATUS_RANGES": Kind("status codes as 200-399,401", _matching(r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*,?")),
    "THREAD_NUMBERS": Kind("threads as 1-4", _matching(r"0*[1-9][0-9]*(?:-0*[1-9][0-9]*)?")),
    "HEX": Kind("bytes as pairs of hexadecimal digits", _matching(r"(?:[0-9A-Fa-f]{2})+")),
    "COUNTS": Kind("a number or a range as 1-5", _counts),
    "CPUS": Kind(
        "a set of CPUs as 0-3 or 1,3", _matching(r"(?:all|odd|even|[0-9]+(?:-[0-9]*)?)(?:,(?:[0-9]+(?:-[0-9]*)?))*")
    ),
    "CPU_MAP": Kind(
        "threads as 1/1-4 or auto:1/all",
        _matching(r"(?:auto:)?(?:all|odd|even|[0-9]+(?:-[0-9]*)?)(?:/(?:all|odd|even|[0-9]+(?:-[0-9]*)?))?"),
    ),
    "MSS": Kind("a segment size from 1 to 65535", _magnitude),
    "SSL_ERRORS": Kind(
        "all, or errors with commas",
        _matching(
            r"all|(?:0*[1-9][0-9]?(?![0-9])[^,]*|X509_V_ERR_[A-Z0-9_]+)(?:,(?:0*[1-9][0-9]?(?![0-9])[^,]*|X509_V_ERR_[A-Z0-9_]+))*"
        ),
    ),
    "SAMPLING": Kind("ranges and a size as 1,2-5:10", _matching(r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*:[0-9]+")),
    "STATUS": Kind("a status code", _numeric(quantities.leading), quantities.leading),
    "STORE": Phrase("a list of data types", None, phrases.store),
    "BALANCE": Phrase("an algorithm", None, phrases.balance),
    "WRAPPED": Kind("a whole number", _numeric(quantities.wrapped), quantities.wrapped),
    "VARIABLE": Kind("a variable as txn.name", _variable),
    "COUNTER": Kind("a counter as sc-inc-gpc0(0)", _matching(r"[a-z0-9-]+\((?:[0-9]{1,9},)?[0-9]{1,9}\)")),
    # For actions on maps and ACLs, which take any text behind the bracket, closed or not (2.6.12, 2.8.25).
    "CALL": Kind("a name in brackets", _matching(r"[a-z0-9-]+\(.*")),
    "TRACK": Kind("track-sc0, track-sc1...", _track),
    # newreno, cubic, bbr and nocc; what is in the brackets changed with each version.
    "CONGESTION": Kind(
        "a congestion control algorithm (newreno, cubic, bbr)", _matching(r"(?:newreno|cubic|bbr|nocc)(?:[-(].*)?")
    ),
    "RING_SIZE": Phrase("a size", None, phrases.ring_size),
    "RESOLVE": Kind("do-resolve(VARIABLE,RESOLVERS)", _matching(r"do-resolve\([^,]+,[^,]+(?:,(?:ipv4|ipv6))?\)")),
    "ANY": Phrase("anything", None, phrases.everything),
    "CONDITION": Phrase("a condition", frozenset({"if", "unless"}), phrases.condition),
    "SAMPLE": Phrase("a sample expression", None, phrases.sample),
    "LOGFORMAT": Phrase("a log format", None, phrases.log_format),
}
