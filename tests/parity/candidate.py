"""halint's side: what the rules that a daemon judges say of one file."""

from __future__ import annotations

from typing import NamedTuple

from halint import linter, registry, targets
from halint.cluster import Cluster
from halint.discovery import sniff
from halint.finding import Severity
from halint.node import Node
from halint.source import Source

_PLACES = {"haproxy": "/etc/haproxy/haproxy.cfg", "keepalived": "/etc/keepalived/keepalived.conf"}
_ORACLES = {"haproxy": "haproxy-c", "keepalived": "keepalived-t"}
_SYNTAX_ERROR = "HL101"


class Remark(NamedTuple):
    """A finding, by the line that it begins at; 0 is a line of another file. also: the lines of the related places
    that it shows: what else is wrong for the same reason, or is misread behind it."""

    line: int
    severity: Severity
    code: str
    message: str
    also: tuple[range, ...] = ()

    def points_at(self, line: int) -> bool:
        """Whether it stands on `line`, or one of the places that it shows does, and on no other."""
        return line == self.line or any(len(lines) == 1 and line in lines for lines in self.also)

    def holds(self, line: int) -> bool:
        return line == self.line or any(line in lines for lines in self.also)


def remarks(kind: str, version: str, data: bytes, beside: dict[str, bytes] | None = None) -> list[Remark]:
    """What halint says of a node that has only this file, for that version of the daemon `kind`.

    beside: files by their path relative to it.
    """
    place = _PLACES[kind]
    folder = place.rpartition("/")[0]
    contents = {place: data, **{f"{folder}/{name}": content for name, content in (beside or {}).items()}}
    files = {path: Source.of_bytes(path, content, format=kind) for path, content in contents.items()}
    node = Node("node", None, files, targets.of_files(files, {kind: (version, "asked for")}))
    rules = [rule for rule in registry.rules().values() if rule.oracle == _ORACLES[kind] or rule.code == _SYNTAX_ERROR]
    report = linter.check([Cluster("parity", [node])], rules=rules)
    assert not report.crashes, report.crashes[0]
    main = files[place]
    return [
        Remark(
            main.position(f.location.start)[0] if f.location.source is main else 0,
            f.severity,
            f.code,
            f.message,
            tuple(
                range(main.position(other.start)[0], main.position(max(other.start, other.end - 1))[0] + 1)
                for other in f.related
                if other.source is main
            ),
        )
        for f in report.findings
    ]


def is_template(kind: str, data: bytes) -> bool:
    """Whether halint would not check the file, since somebody still has to fill it in."""
    return sniff.template_mark(kind, data.decode("utf-8", "surrogateescape")) is not None
