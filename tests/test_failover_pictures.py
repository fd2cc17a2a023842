"""The pictures of the fail-over analysis: well-formed whatever names the files hold, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from halint.cli import cli
from halint.cluster import Cluster
from halint.failover import Analysis, analyse
from halint.node import Node
from halint.reporters import failover_html, failover_svg
from halint.reporters.failover_picture import extent, shortened
from halint.reporters.failover_svg import wrapped
from halint.secrets import Masking
from halint.source import Source
from halint.targets import Targets

CORPUS = Path(__file__).parents[1] / "corpus"
KEEPALIVED = "/etc/keepalived/keepalived.conf"
SVG = "{http://www.w3.org/2000/svg}"


def analysis(*nodes: tuple[str, str]) -> Analysis:
    made = [
        Node(name, None, {KEEPALIVED: Source(KEEPALIVED, text, format="keepalived")}, Targets()) for name, text in nodes
    ]
    return analyse(Cluster("+".join(name for name, _ in nodes), made))


def instance(priority: int, name: str = "VI_1", vrid: int = 51, vips: int = 1) -> str:
    addresses = "".join(f"192.0.2.{10 + number}\n" for number in range(vips))
    return (
        f"vrrp_instance {name} {{\ninterface eth0\nvirtual_router_id {vrid}\npriority {priority}\n"
        f"virtual_ipaddress {{\n{addresses}}}\n}}\n"
    )


def svg(*nodes: tuple[str, str]) -> ElementTree.Element:
    return ElementTree.fromstring(failover_svg.write([analysis(*nodes)], Masking()))


def texts(picture: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def arrows(picture: ElementTree.Element) -> Iterator[tuple[bool, bool]]:
    """Of each line between nodes, whether it has a head at its start and at its end."""
    for element in picture.iter(f"{SVG}path"):
        if " V " in element.get("d", ""):
            yield "marker-start" in element.attrib, "marker-end" in element.attrib


def test_a_pair_that_hears_each_other() -> None:
    picture = svg(("lb1", instance(150)), ("lb2", instance(100)))
    assert list(arrows(picture)) == [(True, True)]
    assert "hear each other" in texts(picture)
    held = [box.get("fill") for box in picture.iter(f"{SVG}rect") if box.get("height") == "18"]
    assert len(held) == 2 and held[0] != held[1], "the holder's address is filled"


def test_an_address_that_either_may_hold_is_dashed_on_both() -> None:
    picture = svg(("lb1", instance(100)), ("lb2", instance(100)))
    assert len([box for box in picture.iter(f"{SVG}rect") if box.get("stroke-dasharray")]) == 2


def test_a_split_brain_is_held_by_both_for_certain() -> None:
    picture = svg(("lb1", instance(150)), ("lb2", instance(100, vrid=52)))
    assert list(arrows(picture)) == [(False, False)]
    assert not [box for box in picture.iter(f"{SVG}rect") if box.get("stroke-dasharray")]
    assert [line for line in texts(picture) if "do not hear each other: VI_1, virtual_router_id differs" in line]


def test_heard_in_one_way_only() -> None:
    peers = "unicast_src_ip 192.0.2.{}\nunicast_peer {{\n192.0.2.{}\n}}\nvirtual_ipaddress"
    one = instance(150).replace("virtual_ipaddress", peers.format(1, 9))
    other = instance(100).replace("virtual_ipaddress", peers.format(2, 1))
    picture = svg(("lb1", one), ("lb2", other))
    assert list(arrows(picture)) == [(True, False)]
    assert [line for line in texts(picture) if line.startswith("✕ lb2 does not hear lb1: VI_1, lb1 sends no adverts")]


def test_many_nodes_show_only_what_is_broken() -> None:
    nodes = [(f"lb{number}", instance(100 + number)) for number in range(6)]
    assert "all hear each other" in texts(svg(*nodes)) and not list(arrows(svg(*nodes)))
    broken = svg(*nodes[:-1], ("lb5", instance(105, vrid=9)))
    assert len(list(arrows(broken))) == 5
    assert "nodes without an arrow hear each other" in texts(broken)


def test_many_addresses_are_counted() -> None:
    picture = svg(("lb1", instance(150, vips=7)), ("lb2", instance(100, vips=7)))
    assert texts(picture).count("and 3 more") == 2


def test_every_event_and_address_is_in_both() -> None:
    found = analysis(("lb1", instance(150)), ("lb2", instance(100)))
    shown = texts(ElementTree.fromstring(failover_svg.write([found], Masking())))
    page = failover_html.write([found], Masking())
    for scenario in found.scenarios:
        assert scenario.name in shown
        assert f"<td>{scenario.name}</td>" in page
    assert "192.0.2.10" in shown and "<th>192.0.2.10</th>" in page


@given(
    st.text(st.characters(exclude_characters="\n\r\0"), min_size=1),
    st.text(alphabet="<>&\"'\u202e\x1b\udc80名a", min_size=1),
)
def test_any_name_is_text(node: str, name: str) -> None:
    found = [analysis((node, instance(150, name.replace('"', "'"))), ("lb2", instance(100)))]
    ElementTree.fromstring(failover_svg.write(found, Masking()))
    page = failover_html.write(found, Masking())
    inside = re.search(r"<figure>\n(.*)</figure>", page, re.S)
    assert inside is not None
    ElementTree.fromstring(inside[1])
    assert "<script" not in page and "\x1b" not in page


@given(st.text(), st.floats(10, 500))
def test_what_is_shortened_fits(text: str, width: float) -> None:
    short = shortened(text, width)
    assert short == text or (extent(short) <= width or short == "…")


@given(st.text(alphabet="ab i名", max_size=80), st.floats(20, 400))
def test_wrapping_loses_nothing(text: str, width: float) -> None:
    assert "".join(wrapped(text, width)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_written_to_a_file(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"out.{kind}"
    result = CliRunner().invoke(cli, ["failover", str(CORPUS / "article-el7"), "--output", f"{kind}={file}"])
    assert result.output == ""
    text = file.read_text()
    assert "split-brain" in text and "://" not in text.replace("http://www.w3.org/2000/svg", "")
