"""KA209; its page is both_state_master.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.rule import Rule


class BothStateMaster(Rule):
    """Several nodes say `state MASTER` for one virtual address."""

    code = "KA209"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            masters = [
                (member, word)
                for member in router.ranked
                if (word := member.instance.state.word) is not None
                and member.instance.state.value == word.text == "MASTER"
            ]
            if len(masters) < 2:
                continue
            (leader, leading), *others = masters
            member, word = others[0]
            names = ", ".join(other.node.name for other, _ in others)
            made: list[Edit | Create] = [edits.replace(word, "BACKUP") for _, word in others]
            fix = Fix(f"make {names} BACKUP", made, Applicability.UNSAFE)
            yield self.finding(
                f"{leader.node.name} and {names} each say state MASTER for {router.name}, which does not decide who "
                f"holds it; say BACKUP on {names}",
                member.node,
                word,
                label=f"MASTER on {member.node.name}",
                related=[Location(leader.node, leading, f"MASTER on {leader.node.name}")]
                + [Location(m.node, w, f"MASTER on {m.node.name}") for m, w in others[1:]],
                fix=fix if all(agreement.literal(word) for _, word in others) else None,
            )
