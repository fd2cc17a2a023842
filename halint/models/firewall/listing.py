"""What `iptables -nvL` and `ip6tables -nvL` print, as the rules that they list: each row as the words of the rule in
iptables-save.

Source: iptables(8), `--list`, `--verbose`, `--numeric`; print_rule of iptables 1.8.9. The row of a rule without a
target has a blank column there, in 1.4.21 that of the fragments is blank for IPv6. A match that prints what is not
followed here becomes one that is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import TCP_FLAGS
from halint.readers.lexer import compiled
from halint.tree import Statement, Tree, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.source import Source

_CHAIN = r"Chain ([^ \t\r\n]+) \((?:policy ([A-Z]+)|[0-9]+ references)"
_IPV6 = r"!?(?=[^ \t\r\n]*:)(?>[0-9A-Fa-f:./]+)"
_ROW = r"[ \t]*[0-9]+[KMGT]?[ \t]+[0-9]+[KMGT]?[ \t]+(?>([^ \t\r\n]+)[ \t]+)?(?!--)([^ \t\r\n]+)[ \t]+"
_REST = r"([^ \t\r\n]+)[ \t]+([^ \t\r\n]+)"
_ROWS = {
    4: _ROW + r"(--|-f|!f)[ \t]+" + _REST + r"[ \t]+([^ \t\r\n]+)[ \t]+([^ \t\r\n]+)([^\r\n]*)",
    6: _ROW + r"(?>(--)[ \t]+)?" + _REST + rf"[ \t]+({_IPV6})[ \t]+({_IPV6})(?![^ \t\r\n])([^\r\n]*)",
}
#: What matches print behind the columns, and the options that it stands for; "" where it says nothing of the packet.
_MATCHES = (
    (r"/\*[^\r\n]*?\*/", ""),
    (r"\[goto\]", ""),
    (r"(?:tcp|udp|sctp|dccp)(?=[ ]|$)", ""),
    (r"dpts?:(?P<no>!)?(?P<value>[0-9:]+)", "--dport"),
    (r"spts?:(?P<no>!)?(?P<value>[0-9:]+)", "--sport"),
    (r"multiport dports +(?P<no>!)?(?P<value>[0-9:,]+)", "--dports"),
    (r"(?P<no>! )?state (?P<value>[A-Z,]+)", "--state"),
    (r"(?P<no>! )?ctstate (?P<value>[A-Z,]+)", "--ctstate"),
    (r"PKTTYPE (?:(?P<no>!=)|=) (?P<value>[a-z]+)", "--pkt-type"),
    (r"ADDRTYPE match dst-type (?P<no>!)?(?P<value>[A-Z]+)", "--dst-type"),
    (r"source IP range (?P<no>! )?(?P<value>[^ ]+)", "--src-range"),
    (r"destination IP range (?P<no>! )?(?P<value>[^ ]+)", "--dst-range"),
    (r"(?P<no>! )?match-set (?P<value>[^ ]+) (?P<more>[^ ]+)", "--match-set"),
    (r"flags:(?P<no>!)?0x(?P<value>[0-9A-F]{2})/0x(?P<more>[0-9A-F]{2})", "--tcp-flags"),
    (r"(?P<value>rt) type:[0-9:]+", "-m"),
)  # fmt: skip


def read(source: Source, table: str, family: int) -> Tree:
    """The tree of a listing of `table`, shaped as that of iptables-save."""
    top: Statement | None = None
    chain = ""
    for line in compiled(r"[^\n]+").finditer(source.text):
        head = compiled(_CHAIN).match(line[0])
        row = compiled(_ROWS[family]).match(line[0]) if head is None and chain else None
        texts: list[str] = []
        if head is not None:
            chain = head[1]
            texts = [":" + chain, head[2] or "-"]
        elif row is not None:
            texts = ["-A", chain, *_options(*row.groups(""))]
        elif chain and compiled(r"[ \t]*[0-9]").match(line[0]):
            texts = ["-A", chain, "-j", "QUEUE"]  # some rule
        if not texts:
            continue
        if top is None:
            top = Statement([Word(source, line.start(), line.start(), "*" + table)])
            top.body = []
        assert top.body is not None
        top.body.append(Statement([Word(source, line.start(), line.end(), text) for text in texts], top))
    return Tree(source, [] if top is None else [top], [], lambda text: iter(()))


def _options(
    target: str, protocol: str, fragment: str, into: str, out: str, source: str, destination: str, rest: str
) -> Iterator[str]:
    columns = (
        ("-p", protocol, "all"),
        ("-i", into, "*"),
        ("-o", out, "*"),
        ("-s", source, ""),
        ("-d", destination, ""),
    )
    for option, value, every in columns:
        if value not in (every, "0.0.0.0/0", "::/0", "0" if option == "-p" else ""):
            yield from ["!"] * value.startswith("!")
            yield from (option, value.removeprefix("!"))
    if fragment not in ("--", ""):
        yield from ("-m", "unfollowed")
    at = 0
    rest = rest.strip(" \t")
    while at < len(rest):
        for pattern, option in _MATCHES:
            found = compiled(pattern + r"[ \t]*").match(rest, at)
            if found is not None:
                at = found.end()
                groups = found.groupdict()
                if option:
                    yield from ["!"] if groups.get("no") else []
                    yield from (option, *(_flags(groups[n]) if option == "--tcp-flags" else groups[n]
                                          for n in ("value", "more") if n in groups))  # fmt: skip
                break
        else:
            if target not in ("REJECT", "LOG", "NFLOG", "MARK", "") or not rest.startswith(_OF_TARGETS, at):
                yield from ("-m", "unfollowed")
            break
    if target:
        yield from ("-g" if "[goto]" in rest else "-j", target)


def _flags(bits: str) -> str:
    """The names of the flags in a number of two digits, as --tcp-flags takes them."""
    number = int(bits, 16)
    return ",".join(name.upper() for name, bit in TCP_FLAGS.items() if number & bit) or "NONE"


#: How what targets print begins.
_OF_TARGETS = ("reject-with ", "LOG flags ", "LOG level ", "nflog-", "MARK ")
