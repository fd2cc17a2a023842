from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from toys import Blind, Crash

from halint import cli, registry

GOOD = """vrrp_instance VI_1 {
    state %s
    interface eth0
    virtual_router_id %s
    priority %s
    authentication {
        auth_type PASS
        auth_pass s3cr3t
    }
    virtual_ipaddress {
        192.0.2.10/24
    }
}
"""
HALINT = [sys.executable, "-c", "from halint.cli import main; main()"]


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """lb1 and lb2 with different virtual router IDs."""
    for name, values in {"lb1": ("MASTER", "51", "150"), "lb2": ("BACKUP", "52", "100")}.items():
        path = tmp_path / name / "etc/keepalived/keepalived.conf"
        path.parent.mkdir(parents=True)
        path.write_text(GOOD % values)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def halint(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HALINT, *arguments], capture_output=True, text=True, env=os.environ | environment, check=False
    )  # fmt: skip


ONLY = ("--select", "KA201")


def test_without_a_verb_it_shows_help() -> None:
    done = halint()
    assert done.returncode == 0 and "Usage:" in done.stdout and "check" in done.stdout
    assert halint("--version").stdout.startswith("halint ")


def test_findings(pair: Path) -> None:
    done = halint("check", *ONLY, "--output", "concise")
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.startswith("lb2/etc/keepalived/keepalived.conf:4:23: error: ")
    assert halint("check", ".", *ONLY).stdout == halint("check", *ONLY).stdout
    assert "\x1b" not in halint("check", *ONLY).stdout


def test_nothing_found(pair: Path) -> None:
    for arguments in (["--ignore", "KA201"], ["--ignore", "ALL"], ["--ignore", "HL1", "--ignore", "KA"]):
        done = halint("check", "--select", "KA201,HL11", "--target", "keepalived=2.2.7", *arguments)
        assert (done.returncode, done.stdout) == (0, "nothing found on 2 nodes of 1 cluster\n")


def test_says_which_versions_it_assumes(pair: Path) -> None:
    done = halint("check", "--select", "HL11")
    assumed = "assumed keepalived 2.4.3 on lb1, lb2: nothing says which version runs (--target)\n"
    assert done.stdout == "nothing found on 2 nodes of 1 cluster\n" + assumed
    shown = halint("nodes").stdout
    assert "keepalived 2.4.3, assumed: nothing says which; the newest, which knows every keyword of the others" in shown
    (pair / "lb1/etc/os-release").write_text("ID=debian\nVERSION_ID=12\n")
    assert "assumed keepalived 2.4.3 on lb2:" in halint("check", "--select", "HL11").stdout


def test_fail_on(pair: Path) -> None:
    path = pair / "lb2/etc/keepalived/keepalived.conf"
    path.write_text(path.read_text().replace("52", "52 # halint: ignore[KA201]"))
    select = ("--select", "HL112")
    assert halint("check", *select).returncode == 0
    assert halint("check", *select, "--fail-on", "info").returncode == 1
    (pair / "halint.toml").write_text('fail-on = "info"\nselect = ["HL112"]\n')
    assert halint("check").returncode == 1
    assert halint("check", "--fail-on", "error").returncode == 0
    assert halint("check", "--select", "HL110").returncode == 0, "--select comes before halint.toml"


def test_fail_on_skipped(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "rules", lambda: {"XX104": Blind()})
    assert CliRunner().invoke(cli.cli, ["check"], standalone_mode=False).return_value == 0
    failed = CliRunner().invoke(cli.cli, ["check", "--fail-on-skipped", "XX1"], standalone_mode=False)
    assert failed.return_value == 1 and "XX104" in failed.stderr


def test_an_internal_error(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "rules", lambda: {"XX900": Crash()})
    result = CliRunner().invoke(cli.cli, ["check", "--output", "concise"], standalone_mode=False)
    assert result.return_value == 2
    assert "[HL901]" in result.stdout and "Traceback" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere"],
        ["check", "--select", "nonsense"],
        ["check", "--output", "xml"],
        ["check", "--output", "json="],
        ["check", "--output", "json=nowhere/x.json"],
        ["check", "--fail-on", "fatal"],
        ["check", "--target", "haproxy"],
        ["check", "--target", "nginx=1"],
        ["check", "--config", "nowhere.toml"],
        ["check", "--nonsense"],
        ["nonsense"],
        ["fix", "--prefer", "lb9"],
        ["explain"],
        ["explain", "KA000"],
        ["generate", "nowhere.toml", "--output-dir", "out"],
        ["generate", "nowhere.toml"],
    ],
)
def test_wrong_usage(pair: Path, arguments: list[str]) -> None:
    done = halint(*arguments)
    assert done.returncode == 2, done
    assert done.stderr and "Traceback" not in done.stderr and not done.stdout.startswith("lb")


def test_a_wrong_halint_toml(pair: Path) -> None:
    (pair / "halint.toml").write_text("nonsense = 1\n")
    done = halint("check")
    assert done.returncode == 2 and "halint.toml:1:1" in done.stderr


def test_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for verb in ("check", "fix", "nodes"):
        done = halint(verb)
        assert (done.returncode, done.stdout) == (3, ""), verb
        assert "nothing to check" in done.stderr
        assert halint(verb, "--allow-empty").returncode == 0


def test_several_outputs(pair: Path) -> None:
    done = halint("check", *ONLY, "--output", "concise", "--output", "json=x.json", "--output", "sarif=x.sarif")
    assert done.returncode == 1 and done.stdout.count("\n") == 1
    assert json.loads((pair / "x.json").read_text())["findings"][0]["code"] == "KA201"
    assert json.loads((pair / "x.sarif").read_text())["version"] == "2.1.0"


def test_colour(pair: Path) -> None:
    assert "\x1b[" in halint("check", *ONLY, "--color", "always").stdout
    assert "\x1b[" not in halint("check", *ONLY, "--color", "never").stdout


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(pair: Path, environment: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    base = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    with subprocess.Popen([*HALINT, "check", *ONLY], stdout=theirs, env=base | environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 65536):
                shown += data
        except OSError:
            pass  # Linux says EIO where the other end is closed
        os.close(ours)
        assert process.wait() == 1
    assert (b"\x1b[" in shown) is coloured


def test_a_reader_that_goes_away(pair: Path) -> None:
    with subprocess.Popen([*HALINT, "check", *ONLY], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_secrets_are_shown_on_demand_only(pair: Path) -> None:
    path = pair / "lb2/etc/keepalived/keepalived.conf"
    path.write_text(
        path.read_text().replace("    priority", "    auth_pass x\n    priority").replace("auth_pass s3", "#")
    )
    path.write_text((GOOD % ("BACKUP", "52", "100")).replace("priority 100\n", ""))
    arguments = ("fix", *ONLY, "--unsafe", "--prefer", "lb1", "--diff")
    assert "s3cr3t" not in halint(*arguments).stdout and "auth_pass ***" in halint(*arguments).stdout
    assert "auth_pass s3cr3t" in halint(*arguments, "--show-secrets").stdout


FIX = ("fix", *ONLY, "--unsafe", "--prefer", "lb1")


def test_fix_shows_and_writes(pair: Path) -> None:
    path = pair / "lb2/etc/keepalived/keepalived.conf"
    before = path.read_text()
    assert halint("fix", *ONLY).returncode == 1, "what remains decides"
    done = halint(*FIX, "--diff")
    assert done.returncode == 1 and "+    virtual_router_id 51\n" in done.stdout and path.read_text() == before
    done = halint(*FIX)
    assert (done.returncode, done.stderr) == (0, "fixed 1 finding in 1 file\n")
    assert path.read_text() == before.replace("52", "51")
    done = halint(*FIX, "--diff")
    assert (done.returncode, done.stdout) == (0, "")


def test_fix_does_not_follow_a_link_out_of_the_folder(pair: Path) -> None:
    outside = pair.parent / f"{pair.name}-outside.conf"
    path = pair / "lb2/etc/keepalived/keepalived.conf"
    path.rename(outside)
    path.symlink_to(outside)
    before = outside.read_bytes()
    done = halint(*FIX)
    assert "Traceback" not in done.stderr and path.is_symlink()
    assert outside.read_bytes() == before
    outside.unlink()


def test_rules_and_explain() -> None:
    done = halint("rules", "--select", "KA201,HL110")
    assert done.returncode == 0
    assert [line.split()[:4] for line in done.stdout.splitlines()] == [
        ["CODE", "NAME", "SEVERITY", "FIX"],
        ["HL110", "unused-suppression", "warning", "unsafe"],
        ["KA201", "vrid-mismatch-across-nodes", "error", "display"],
    ]
    page = halint("explain", "ka201").stdout
    assert page == halint("explain", "vrid-mismatch-across-nodes").stdout == registry.page(registry.rules()["KA201"])
    assert "did you mean vrid-mismatch-across-nodes?" in halint("explain", "vrid-mismatch-between-nodes").stderr
    assert "\x1b[" in halint("explain", "KA201", "--color", "always").stdout


def test_nodes(pair: Path) -> None:
    done = halint("nodes")
    assert done.returncode == 0 and "lb1" in done.stdout and "lb2" in done.stdout


def test_nodes_says_why_nothing_is_known_of_a_firewall(pair: Path) -> None:
    rules = 'include "/etc/x.nft"\ntable inet a {\nchain b {\ntype filter hook input priority 0; policy drop;\n}\n}\n'
    (pair / "lb1/etc/nftables.conf").write_text(rules)
    assert (
        "firewall nftables, active: somebody wrote rules of nftables; nothing is known of its rules: /etc/x.nft, which "
        "it includes, is not among the files\n"
    ) in halint("nodes").stdout


@pytest.mark.parametrize(
    "arguments",
    [[], ["check"], ["check", "lb1"], ["check", "missing"], ["check", "--bogus"], ["check", "--help"], ["rules"]],
)
def test_a_check_at_once_is_the_check_of_the_command_line(pair: Path, arguments: list[str]) -> None:
    at_once, by_click = (
        subprocess.run(
            [sys.executable, "-c", f"from halint.{module} import main; main()", *arguments],
            capture_output=True,
            cwd=pair,
            check=False,
        )
        for module in ("start", "cli")
    )
    assert (at_once.returncode, at_once.stdout, at_once.stderr) == (
        by_click.returncode,
        by_click.stdout,
        by_click.stderr,
    )


def test_a_check_at_once_does_without_click(pair: Path) -> None:
    code = (
        "import os, sys; from halint.start import main\n"
        "os._exit = lambda status: sys.exit(' '.join(sys.modules))\n"
        "sys.argv[1:] = ['check']; main()"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    loaded = set(done.stderr.split())
    assert "halint.linter" in loaded and not loaded & {"click", "inspect", "uuid", "datetime"}


@pytest.mark.parametrize("format", ["full", "concise"])
def test_a_check_imports_only_what_it_needs(pair: Path, format: str) -> None:
    code = (
        "import sys; start = set(sys.modules); from halint.cli import cli\n"
        f"cli(['check', '--output', {format!r}], standalone_mode=False)\n"
        "print(*set(sys.modules) - start, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    costly = {
        "pyparsing",
        "rich",
        "json",
        "yaml",
        "tomllib",
        "difflib",
        "dataclasses",
        "ipaddress",
        "hashlib",
        "pkgutil",
    }
    assert not loaded & costly, loaded & costly


def test_runs_as_a_module() -> None:
    run = subprocess.run(
        [sys.executable, "-P", "-m", "halint", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("halint")
