"""`halint failover`: its table, its JSON, its explanations and its exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from halint.cli import cli
from halint.failover.events import DIRECTIONS, KINDS
from halint.failover.verdicts import VERDICTS

CORPUS = Path(__file__).parents[1] / "corpus"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)


def rows(output: str) -> dict[str, str]:
    """The lines of a table by their first word."""
    return {line.partition(" ")[0]: line for line in output.split("\n")}


def test_the_article_stays_with_a_dead_haproxy_and_moves_once_fixed(tmp_path: Path) -> None:
    """As the lab has it, too."""
    shutil.copytree(CORPUS / "article-el7", tmp_path, dirs_exist_ok=True)
    before = rows(run("failover", tmp_path).output)
    assert "stale-holder" in before["service-down:lb1"]
    assert "nothing that lb1 tracks looks at haproxy" in before["service-down:lb1"]
    assert "nondeterministic" in before["initial"]
    run("fix", "--unsafe", "--prefer", "lb1", tmp_path)
    after = rows(run("failover", tmp_path).output)
    assert after["initial"].split()[1] == "lb1"
    assert after["service-down:lb1"].split()[1] == "lb2"
    assert "stale-holder" not in "".join(after.values())


def test_a_table_has_a_row_for_each_event_and_a_column_for_each_address() -> None:
    result = run("failover", CORPUS / "ipv6-pair")
    table = rows(result.output)
    assert table["event"].split() == ["event", "192.0.2.10", "fe80::61", "2001:db8:2::10", "why"]
    assert table["node-down:lb1"].split()[1:4] == ["lb2", "lb2", "lb2"]
    assert table["vrrp-blocked:lb1:out"].split()[1:4] == ["lb1,", "lb2", "split-brain"]
    assert "14 events, 10 well, 4 split-brain" in result.output
    assert "Assumed:" in result.output
    assert result.return_value == 1


def test_json_keeps_its_contract() -> None:
    for pairs in ((), ("--pairs",)):
        document: dict[str, Any] = json.loads(
            run("failover", "--output", "json", *pairs, CORPUS / "blind-checks").output
        )
        assert document["schema"] == 1
        assert document["assumptions"]
        (cluster,) = document["clusters"]
        vips = [vip for instance in cluster["instances"] for vip in instance["vips"]]
        assert {vip for scenario in cluster["scenarios"] for vip in scenario["verdicts"]} == set(vips)
        for scenario in cluster["scenarios"]:
            assert 1 <= len(scenario["events"]) <= (2 if pairs else 1)
            assert scenario["event"] == scenario["events"][0]
            for event in scenario["events"]:
                assert set(event) == {"kind", "node", "check", "direction"}
                assert event["kind"] in KINDS
                assert event["direction"] in (None, *DIRECTIONS)
            assert ("holders" in scenario) == (len(scenario["outcomes"]) == 1)
            assert scenario.get("holders", scenario["outcomes"][0]) == scenario["outcomes"][0]
            assert set(scenario["outcomes"][0]) == set(vips)
            ranks = [VERDICTS.index(verdict) for verdict in scenario["verdicts"].values()]
            assert scenario["verdict"] == VERDICTS[max(ranks)]
            assert scenario["reason"]


def test_explain_walks_through_the_numbers_and_their_lines() -> None:
    result = run("failover", "--explain", "service-down:lb1", CORPUS / "unicast-three-nodes")
    assert "lb1 has priority 150" in result.output
    assert "lb1 now has priority 150-60 = 90" in result.output
    assert "lb1/etc/keepalived/keepalived.conf:13:12  weight -60" in result.output
    assert "192.0.2.20 is held by lb2: ok" in result.output


def test_explain_two_events_together() -> None:
    output = run("failover", "--explain", "node-down:lb1 + node-down:lb2", CORPUS / "unicast-three-nodes").output
    assert "192.0.2.20 is held by lb3: ok" in output


def test_explain_shows_no_password(tmp_path: Path) -> None:
    for node, secret in (("lb1", "topsecr1"), ("lb2", "topsecr2")):
        path = tmp_path / node / "etc/keepalived/keepalived.conf"
        path.parent.mkdir(parents=True)
        path.write_text(
            "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n authentication {\n  auth_type PASS\n"
            f"  auth_pass {secret}\n }}\n virtual_ipaddress {{\n  192.0.2.10\n }}\n}}\n"
        )
    output = run("failover", "--explain", "initial", tmp_path).output
    assert "auth_pass differs" in output
    assert "auth_pass ***" in output
    assert "topsecr" not in output + run("failover", tmp_path).output
    assert "topsecr1" in run("failover", "--show-secrets", "--explain", "initial", tmp_path).output


@pytest.mark.parametrize(
    "event", ["node-down", "node-gone:lb1", "node-down:lb7", "check-failed:lb1:x", "link-down:lb1:x"]
)
def test_explain_of_what_cannot_happen_is_wrong_usage(event: str) -> None:
    with pytest.raises(Exception, match="--explain"):
        CliRunner().invoke(
            cli,
            ["failover", "--explain", event, str(CORPUS / "ipv6-pair")],
            standalone_mode=False,
            catch_exceptions=False,
        )


def test_wrong_output_is_wrong_usage() -> None:
    with pytest.raises(Exception, match="expected FORMAT"):
        CliRunner().invoke(
            cli,
            ["failover", "--output", "sarif", str(CORPUS / "ipv6-pair")],
            standalone_mode=False,
            catch_exceptions=False,
        )


def test_without_input_there_is_nothing_to_analyse(tmp_path: Path) -> None:
    assert run("failover", tmp_path).return_value == 3
    assert run("failover", "--allow-empty", tmp_path).return_value == 0
    (tmp_path / "haproxy.cfg").write_text("frontend f\n  bind :80\n")
    result = run("failover", tmp_path)
    assert result.return_value == 3
    assert "no VRRP instance" in result.output


def test_what_is_not_analysed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "lb1/etc/keepalived/keepalived.conf"
    path.parent.mkdir(parents=True)
    path.write_text(
        "vrrp_instance A {\n include more.conf\n virtual_router_id 5\n virtual_ipaddress {\n  192.0.2.10\n }\n}\n"
    )
    result = run("failover", tmp_path)
    assert "Not analysed:" in result.output
    assert "A of lb1 could not be read completely" in result.output


def test_the_table_can_go_to_a_file(tmp_path: Path) -> None:
    run("failover", "--output", f"full={tmp_path / 'table'}", "--output", "json", CORPUS / "ipv6-pair")
    assert "node-down:lb1" in (tmp_path / "table").read_text()


def test_colours_only_where_they_are_asked_for() -> None:
    plain = run("failover", CORPUS / "ipv6-pair").output
    painted = run("failover", "--color", "always", CORPUS / "ipv6-pair").output
    assert "\x1b[" in painted
    assert "\x1b[" not in plain


@pytest.mark.parametrize("folder", sorted(p.parent for p in CORPUS.glob("*/expected.txt")), ids=lambda p: p.name)
def test_every_cluster_can_be_analysed_and_explained(folder: Path) -> None:
    result = run("failover", "--pairs", "--output", "json", folder)
    assert result.exception is None
    if result.return_value == 3:
        return
    assert result.return_value in (0, 1)
    for cluster in json.loads(result.output)["clusters"]:
        for scenario in cluster["scenarios"][:12]:
            event = {key: value for key, value in scenario["event"].items() if value}
            explained = run("failover", "--explain", ":".join(event.values()), folder)
            assert explained.exception is None
            assert cluster["name"] in explained.output
