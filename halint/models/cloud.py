"""Whether a node runs in a cloud whose network carries no multicast, as its names say.

Sources: Amazon VPC, "hostname types" (`ip-10-0-1-23`, `.ec2.internal`, `.compute.internal`) and FAQ; Google Compute
Engine, "internal DNS" (`.c.PROJECT.internal`) and "VPC networks"; Azure, "name resolution" (`.internal.cloudapp.net`)
and "virtual network FAQ": none of the three carries multicast or broadcast between instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.reading import tree_as
from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
    from halint.node import Node

AMAZON, AZURE, GOOGLE = "Amazon's cloud", "Azure", "Google's cloud"
#: How the names of instances end; beside them names that only instances know.
_ENDS = {
    ".ec2.internal": AMAZON,
    ".compute.internal": AMAZON,
    ".internal.cloudapp.net": AZURE,
    ".google.internal": GOOGLE,
}
_NAME = (
    r"(?<![\w.-])(?:ip-\d+-\d+-\d+-\d+|[\w-]+\.c\.[\w.-]+\.internal|[\w.-]+(?:"
    + "|".join(end.replace(".", r"\.") for end in _ENDS)
    + r"))(?![\w.-])"
)


class Cloud:
    """name: the provider's. at: what says so."""

    __slots__ = ("at", "name")

    def __init__(self, name: str, at: Word) -> None:
        self.name = name
        self.at = at


def of(node: Node) -> Cloud | None:
    """The cloud that `node` runs in, or None where nothing says that it is in one."""
    release = node.files.get("/etc/os-release") or node.files.get("/usr/lib/os-release")
    if release is not None:
        for statement in tree_as(node, release, "assignments").statements:
            word = statement.argument()
            if statement.keyword == "ID" and word is not None and word.text == "amzn":
                return Cloud(AMAZON, word)
    for path in ("/etc/hostname", "/etc/hosts"):
        source = node.files.get(path)
        found = compiled(_NAME).search(source.text) if source is not None else None
        if source is not None and found is not None:
            name = next((cloud for end, cloud in _ENDS.items() if found[0].endswith(end)), None)
            if name is None:
                name = AMAZON if found[0].startswith("ip-") and not found[0].endswith(".internal") else GOOGLE
            return Cloud(name, Word(source, found.start(), found.end()))
    return None
