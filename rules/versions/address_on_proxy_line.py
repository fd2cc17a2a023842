"""VE105; its page is address_on_proxy_line.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Create, Edit, Finding, Fix, Severity
from halint.models.haproxy import Proxy
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

#: 1.4 to 1.8 take the address, 2.0 and later do not; 1.9 was not tried.
_REFUSED_SINCE = (2, 0)


class AddressOnProxyLine(Rule):
    """An address stands on a `frontend` or `listen` line, where haproxy takes none any more."""

    code = "VE105"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        version = node.targets.haproxy
        if node.haproxy is None or (version is not None and version[:2] < _REFUSED_SINCE):
            return
        for proxy in node.haproxy.proxies:
            word = proxy.head_address
            if word is not None and proxy.certain:
                yield self.finding(
                    f"haproxy on {node.name} will not start: since 2.0 the address {word.text} must not stand on the "
                    f"{proxy.kind} line; put it into a line `bind {word.text}` below",
                    node,
                    word,
                    fix=_fix(proxy, word),
                )


def _fix(proxy: Proxy, word: Word) -> Fix | None:
    """Move `word` to a `bind` line, where it is not on one already; None where it is no address, or something
    follows it that belongs elsewhere."""
    section = proxy.statement
    if len(section.words) > 3 or not (":" in word.text or word.text.startswith("/")):
        return None
    made: list[Edit | Create] = [Edit(word.source, section.words[1].end, word.end, "")]
    if any(bind.word.text == word.text for bind in proxy.binds if bind.statement is not section):
        return Fix(f"remove {word.text}, which has a bind line already", made, Applicability.SAFE)
    return Fix(f"move {word.text} to a bind line", [*made, proxy.below(f"bind {word.raw}")], Applicability.SAFE)
