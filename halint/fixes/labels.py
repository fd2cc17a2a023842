"""Labels of virtual addresses (`label eth0:1`): which there are on a node, and how to change one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Edit
from halint.models.keepalived.virtual_address import MAX_LABEL, VirtualAddress

if TYPE_CHECKING:
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node


def labelled(node: Node) -> Iterator[tuple[VrrpInstance, VirtualAddress]]:
    """Every virtual address of `node` that has a label, with its instance, in the order of the file."""
    if node.keepalived is None:
        return
    for instance in node.keepalived.instances:
        for address in instance.addresses + instance.excluded:
            if address.label is not None and address.label.text and address.address:
                yield instance, address


def used(address: VirtualAddress) -> bool:
    """Whether keepalived gives the label to the kernel: IPv6 addresses have none, a long one removes its address."""
    return address.label is not None and address.family == 4 and not address.dropped


def taken(node: Node) -> set[str]:
    """The labels that the addresses of `node` have."""
    return {address.label.text for _, address in labelled(node) if address.label is not None}


def free(label: str, taken: set[str]) -> str:
    """`label`, or where it is taken the first like it with another number behind it; never too long."""
    if label not in taken:
        return label
    stem = label.rstrip("0123456789")
    number = int(label[len(stem) :] or 1)
    while True:
        number += 1
        another = stem[: MAX_LABEL - len(str(number))] + str(number)
        if another not in taken:
            return another


def drop(address: VirtualAddress) -> Edit:
    """Take the option `label NAME` away from the line of `address`."""
    words = address.statement.words
    at = next(number for number, word in enumerate(words) if word is address.label)
    return Edit(words[at].source, words[at - 2].end, words[at].end, "")
