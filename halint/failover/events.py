"""What may happen to a cluster: the failures that the analysis goes through, and how they are named."""

from __future__ import annotations

NODE_DOWN, NODE_UP, SERVICE_DOWN, CHECK_FAILED, LINK_DOWN, VRRP_BLOCKED = KINDS = (
    "node-down", "node-up", "service-down", "check-failed", "link-down", "vrrp-blocked",
)  # fmt: skip
IN, OUT = DIRECTIONS = ("in", "out")


class Event:
    """One thing that happens on one node.

    check: of CHECK_FAILED, the name of what is tracked; of LINK_DOWN, the interface, where the node has several.
    direction: of VRRP_BLOCKED, the adverts that do not pass: IN, OUT, or None for both.
    """

    __slots__ = ("check", "direction", "kind", "node")

    def __init__(self, kind: str, node: str, check: str | None = None, direction: str | None = None) -> None:
        self.kind = kind
        self.node = node
        self.check = check
        self.direction = direction

    @classmethod
    def parse(cls, text: str) -> Event:
        """The event that `text` names: `service-down:lb1`, `check-failed:lb1:chk`, `link-down:lb1:eth1`,
        `vrrp-blocked:lb1:in`. Raises ValueError."""
        kind, _, rest = text.partition(":")
        if kind not in KINDS:
            raise ValueError(f"{text}: there is no event {kind!r}; there are {', '.join(KINDS)}")
        node, _, more = rest.partition(":")
        if not node:
            raise ValueError(f"{text}: {kind} of which node? Write {kind}:NODE")
        if kind == VRRP_BLOCKED:
            if more not in ("", *DIRECTIONS):
                raise ValueError(f"{text}: adverts are blocked in, out, or both ways where neither is said")
            return cls(kind, node, direction=more or None)
        if kind == CHECK_FAILED and not more:
            raise ValueError(f"{text}: which check? Write {kind}:NODE:CHECK")
        if more and kind not in (CHECK_FAILED, LINK_DOWN):
            raise ValueError(f"{text}: {kind} takes a node and nothing else")
        return cls(kind, node, check=more or None)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.kind, self.node, self.check or "", self.direction or ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        detail = self.check or self.direction
        return f"{self.kind}:{self.node}" + (f":{detail}" if detail else "")

    def __repr__(self) -> str:
        return f"Event({str(self)!r})"


def together(first: Event, second: Event) -> bool:
    """Whether two events make a pair: one does not hold the other, or undo it, on the same node."""
    if first.node != second.node:
        return True
    kinds = {first.kind, second.kind}
    if NODE_DOWN in kinds:
        return False
    return kinds != {VRRP_BLOCKED}
