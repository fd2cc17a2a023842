"""Error-level rules about VRRP: their Bad examples fail on real daemons as the pages say, and their fixes heal them."""

from __future__ import annotations

import pytest
from rule_cases import FOLDER, Case, observe, of_rule

from halint import registry
from halint.finding import Severity

GROUPS = ("KA1", "KA2", "KA3", "KA4", "FW1")
#: Rules of these groups that no lab case is for.
WITHOUT: dict[str, str] = {
    "FW111": "about haproxy's own ports, not about VRRP",
    "FW118": "about captured state, which a lab of files has not; its page holds it",
    "FW112": "about the ports of virtual servers; the lab's kernel has no IPVS",
}
CODES = [
    code
    for code, rule in sorted(registry.rules().items())
    if rule.severity is Severity.ERROR and code.startswith(GROUPS) and code not in WITHOUT
]
CASES = [case for code in CODES for case in of_rule(code)]


@pytest.mark.parametrize("code", CODES)
def test_rule_has_a_case(code: str) -> None:
    assert of_rule(code), f"{code} needs cases/{code}.toml, or a reason in WITHOUT"


def test_cases_are_of_rules() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} <= set(CODES)
    assert set(WITHOUT) <= set(registry.rules())


@pytest.mark.lab
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_daemons_do_as_the_page_says(case: Case) -> None:
    seen, told = observe(case)
    assert seen == case.expected, told
