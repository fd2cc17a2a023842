"""Settings that stand twice where haproxy keeps one of the two, and says so.

Measured on 2.6.12 and 2.8.25. Of most settings the last one holds without a word: these are not here.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from halint.finding import Applicability, Fix
from halint.fixes import edits
from halint.models.haproxy.language import quantities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.models.haproxy import Proxy
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Statement

_KIND = "repeated-setting"

#: Of which the first in all global sections holds ("already specified. Continuing."), by what they set.
_FIRST = {
    name: name
    for name in (
        "chroot", "cluster-secret", "fd-hard-limit", "log-send-hostname", "maxconn", "maxconnrate", "maxpipes",
        "maxsessrate", "maxsslrate", "pidfile", "server-state-base", "server-state-file", "spread-checks",
        "tune.maxaccept", "tune.maxpollevents", "tune.rcvbuf.client", "tune.rcvbuf.server", "tune.runqueue-depth",
        "tune.sndbuf.client", "tune.sndbuf.server", "ulimit-n",
    )
} | {"uid": "user", "user": "user", "gid": "group", "group": "group"}  # fmt: skip

#: With which haproxy does not start ("already specified.").
_ONCE = frozenset({"ca-base", "crt-base"})

#: What haproxy takes for not set.
_UNSET = frozenset({"0", "root"})

#: Keywords of which the next word says what they set.
_FAMILIES = frozenset({"option", "tcp-request", "tcp-response", "timeout"})

#: Each of them sets the format of the log lines.
_FORMATS = frozenset({"httplog", "tcplog", "httpslog"})


def in_global(body: Iterable[Statement], seen: dict[str, Statement], scope: Scope) -> None:
    """Complain into `scope` of the settings of a global section that are in `seen` already; add the others to it."""
    for statement in body:
        keyword = statement.keyword
        name = keyword if keyword in _ONCE else _FIRST.get(keyword)
        if name is None:
            continue
        first = seen.setdefault(name, statement)
        if first is statement:
            argument = statement.argument()
            if argument is not None and argument.text in _UNSET:
                del seen[name]
        else:
            _second(scope, statement, first, keeps_first=True, fatal=keyword in _ONCE)


def in_proxy(proxy: Proxy, doubtful: set[Statement], scope: Scope) -> None:
    """Complain into `scope` of what stands twice in `proxy`, but lines that are `doubtful`."""
    for keyword in ("tcp-request", "tcp-response"):
        delays = [s for s in proxy.keyword(keyword) if (word := s.argument()) and word.text == "inspect-delay"]
        _all(scope, delays, doubtful, keeps_first=True)
    if proxy.kind == "defaults":
        logs = [s for s in proxy.keyword("option") if (word := s.argument()) and word.text in _FORMATS]
        logs = sorted(logs + proxy.keyword("log-format"), key=lambda statement: statement.start)
        _all(scope, logs, doubtful)
        _all(scope, proxy.keyword("error-log-format"), doubtful)
        return
    _all(scope, proxy.keyword("stick-table"), doubtful, fatal=True)
    timeouts: dict[str, list[Statement]] = {}
    lines = proxy.keyword("timeout")
    for statement in lines if len(lines) > 1 else ():
        which = statement.argument()
        if which is not None and statement.argument(1) is not None:
            timeouts.setdefault(which.text, []).append(statement)
    for name, statements in timeouts.items():
        if len(statements) > 1:
            _timeouts(scope, proxy, name, [s for s in statements if s not in doubtful])


def _timeouts(scope: Scope, proxy: Proxy, name: str, statements: list[Statement]) -> None:
    """haproxy says nothing where the first sets what the defaults section has anyway."""
    inherited = proxy.defaults.timeout(name).value if proxy.defaults is not None else None
    for first, second in pairwise(statements):
        value = first.words[2].text
        if inherited is None or _milliseconds(value) != _milliseconds(inherited):
            _second(scope, second, first, keeps_first=False, fatal=False)


def _milliseconds(text: str) -> int | None:
    return quantities.time("ms")(text)


def _all(
    scope: Scope,
    statements: list[Statement],
    doubtful: set[Statement],
    *,
    keeps_first: bool = False,
    fatal: bool = False,
) -> None:
    if len(statements) < 2:
        return
    certain = [statement for statement in statements if statement not in doubtful]
    for first, second in pairwise(certain):
        _second(scope, second, certain[0] if keeps_first else first, keeps_first=keeps_first, fatal=fatal)


def _second(scope: Scope, statement: Statement, first: Statement, *, keeps_first: bool, fatal: bool) -> None:
    word, there = statement.words[0], f"line {first.source.position(first.words[0].start)[0]}"
    if first.source is not word.source:
        there += f" of {first.source.path}"
    scope.statement = statement
    name = " ".join(part.text for part in statement.words[: 2 if word.text in _FAMILIES else 1])
    if fatal:
        scope.complain(_KIND, word, f"{name!r} stands in {there} already", "remove one of them")
    elif keeps_first:
        fix = Fix("remove the line without effect", [edits.remove(statement)], Applicability.SAFE)
        effect = f"this {name!r} has no effect: that in {there} holds"
        scope.complain(_KIND, word, effect, "remove it, or that", fatal=False, fix=fix)
    else:
        fix = Fix("remove the line without effect", [edits.remove(first)], Applicability.SAFE)
        effect = f"this {name!r} overrides {there}"
        scope.complain(_KIND, word, effect, "remove that, or this", fatal=False, fix=fix)
