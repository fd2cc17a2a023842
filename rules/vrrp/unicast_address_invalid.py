"""KA152; its page is unicast_address_invalid.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived import unicast
from halint.node import Node
from halint.rule import Rule


class UnicastAddressInvalid(Rule):
    """A unicast peer or a source address is no address, or the peer has options that keepalived does not take."""

    code = "KA152"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for line in instance.peer_lines:
                word = line.words[0]
                if not unicast.is_host(word) and not instance.is_unknown(word):
                    yield self.finding(
                        f"{node.name} sends no adverts of {instance.name} to {word.text}: it is no address; correct it",
                        node,
                        word,
                        label="skipped",
                    )
                for fault in unicast.option_faults(line):
                    yield self.finding(
                        f"keepalived on {node.name} complains of peer {word.text}: {fault.word.text} {fault.what}; "
                        "correct it",
                        node,
                        fault.word,
                        severity=Severity.WARNING,
                    )
            for source in (instance.unicast_src_ip.word, instance.mcast_src_ip.word):
                if source is not None and not unicast.is_host(source) and not instance.is_unknown(source):
                    yield self.finding(
                        f"{node.name} sends adverts of {instance.name} from an address of the interface: {source.text} "
                        "is no address; correct it",
                        node,
                        source,
                        label="skipped",
                        severity=Severity.WARNING,
                    )
