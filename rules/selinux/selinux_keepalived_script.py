"""SE102; its page is selinux_keepalived_script.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Finding, Severity
from halint.models.keepalived import scripts
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

if TYPE_CHECKING:
    from halint.models.confined_scripts import Deeds
    from halint.models.selinux import Selinux


class SelinuxKeepalivedScript(Rule):
    """A script of keepalived does what SELinux does not let it do."""

    code = "SE102"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.keepalived is None or not (node.targets.os or "").startswith("el"):
            return
        run = [(one.words[0], f"the check {one.name}") for one in node.keepalived.tracked_scripts if one.words]
        run += [(word, f"the script {word.text.partition(' ')[0]}") for word in scripts.notified(node.keepalived)]
        if not run:
            return
        from halint.models import confined_scripts

        found = [
            (word, name, done) for word, name in run if (done := confined_scripts.deeds(node, word.text)) is not None
        ]
        if not found:
            return
        from halint.models.selinux import Selinux

        selinux = Selinux(node)
        if selinux.enforcing is False:
            return
        for word, name, done in found:
            refused = confined_scripts.refused(selinux, done)
            if refused:
                yield self._report(node, word, name, refused, selinux)

    def _report(self, node: Node, word: Word, name: str, refused: Deeds, selinux: Selinux) -> Finding:
        from halint.models.confined_scripts import BOOLEAN, UNCONFINED

        certain = selinux.certain and selinux.enforcing is True
        deeds = [f"running {name}" for name in refused.programs]
        if refused.ports:
            several = "s" if len(refused.ports) > 1 else ""
            deeds.append(f"connecting to port{several} {', '.join(map(str, refused.ports))}")
        if refused.at_home:
            deeds = ["being run from a home folder"]
        fails = "it always fails" if refused.inline or refused.at_home else "what it does by that fails"
        excuse = ", unless somebody labelled it keepalived_unconfined_script_exec_t" if refused.in_file else ""
        cure = f"put it into {'' if refused.in_file else 'a script in '}{UNCONFINED[:-1]}, where none is confined"
        if refused.ports and len(deeds) == 1 and not refused.at_home:
            cure += f", or setsebool -P {BOOLEAN} 1"
        return self.finding(
            f"{'' if certain else 'with the stock policy enforced, '}SELinux keeps {name} on {node.name} from "
            f"{' and from '.join(deeds)}{excuse}: {fails}; {cure}",
            node,
            word,
            severity=Severity.WARNING if certain else Severity.INFO,
        )
