"""KA218; its page is strict_on_one_node.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits
from halint.cluster.virtual_router import Member
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.rule import Rule


class StrictOnOneNode(Rule):
    """Strict mode switches authentication off on one node, and the others authenticate."""

    code = "KA218"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            authenticated = [member for member in router.known if member.instance.authentication[0]]
            strict = [member for member in router.known if member.instance.auth_lost_to_strict]
            for other in authenticated[:1]:
                for member in strict:
                    yield self._report(router.name, member, other)

    def _report(self, vips: str, member: Member, other: Member) -> Finding:
        here, there, strict = member.node.name, other.node.name, member.instance.strict
        fix = None
        if strict.statement is not None and agreement.literal(strict.statement.words[0]):
            made: Edits = [edits.remove(strict.statement)]
            fix = Fix(f"remove {strict.statement.keyword} on {here}", made, Applicability.SAFE)
        return self.finding(
            f"{here} and {there} will both hold {vips}, since each drops the other's adverts: strict mode knows no "
            f"authentication, and only {here} has it on; remove it there",
            member.node,
            strict.at,
            label="switches authentication off",
            related=[
                Location(member.node, member.instance.auth_type.at, f"ignored on {here}"),
                Location(other.node, other.instance.auth_type.at, f"sent by {there}"),
            ],
            fix=fix,
        )
