"""The names that instances give to their virtual interfaces (use_vmac).

Source: keepalived v2.2.7 keepalived/vrrp/vrrp_parser.c (vrrp_vmac_handler); measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.tree import Word

#: IFNAMSIZ - 1.
MAX_NAME = 15
_MAC = r"(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}"


class Name:
    """A name that `instance` asks for. fault: why keepalived does not take it, whatever others are called, or ""."""

    __slots__ = ("fault", "instance", "too_long", "word")

    def __init__(self, instance: VrrpInstance, word: Word) -> None:
        self.instance = instance
        self.word = word
        size = len(word.text.encode("utf-8", "surrogateescape"))
        self.too_long = size > MAX_NAME
        self.fault = f"a name has at most {MAX_NAME} bytes, and this {size}" if self.too_long else ""
        if compiled(r"[/ \t]").search(word.text):
            self.fault = "a name holds no slash and no blank"


def names(instance: VrrpInstance) -> Iterator[Name]:
    """The names on the lines use_vmac of `instance`: a word that is no MAC address."""
    for statement in instance.statement.statements("use_vmac"):
        for word in statement.arguments:
            if not compiled(_MAC).fullmatch(word.text) and not instance.is_unknown(word):
                yield Name(instance, word)
