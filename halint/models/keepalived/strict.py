"""What an instance asks for that strict mode does not allow: keepalived complains, and does as the RFC says.

Source: keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_complete_instance); every case is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.models.keepalived.values import decimal
from halint.models.keepalived.vrrp import OWNER_PRIORITY, VrrpInstance
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

_FALSE = frozenset({"false", "off", "no"})
_LINK_LOCAL = address.Network(6, 0xFE80 << 112, 10)


def contradictions(model: Keepalived, instance: VrrpInstance) -> Iterator[tuple[Word, str, str]]:
    """The word that asks for it, what that is, and what strict mode wants; nothing where the instance is not strict."""
    if not instance.strict.value:
        return
    state, accept, version = instance.state.word, instance.accept.word, instance.version.word
    if state is not None and (state.text == "MASTER") != (instance.priority.value == OWNER_PRIORITY):
        yield (
            state,
            f"state {state.text}",
            f"an address owner (priority {OWNER_PRIORITY}), and no other, starts as MASTER",
        )
    if version is not None and instance.family == 6 and instance.version.value == 2:
        yield version, "version 2", "IPv6 needs VRRP version 3"
    if instance.family == 6 and not instance.unicast:
        for first in instance.advertised[:1]:
            if not _is_link_local(first.text):
                yield first.word, first.text, "the first IPv6 address has to be link-local"
    if accept is not None and accept.text == "accept" and not instance.accept.value:
        yield accept, "accept", "VRRP version 2 has no accept mode"
    statements = _last_of_each(instance.statement)
    timer = model.global_setting("vrrp_down_timer_adverts")
    if timer is not None and all(statement.keyword != "down_timer_adverts" for statement in statements):
        statements.append(timer)
    for statement in statements:
        want = _WANTED[statement.keyword](statement, instance)
        if want:
            yield statement.words[0], statement.keyword, want


def _last_of_each(block: Statement) -> list[Statement]:
    return list({statement.keyword: statement for statement in block.statements(*_WANTED)}.values())


def _is_link_local(text: str) -> bool:
    found = address.network(text)
    return found is not None and _LINK_LOCAL.holds(found)


def _number(statement: Statement) -> float:
    word = statement.argument()
    return (decimal(word.text) if word is not None else None) or 0.0


def _repeat(statement: Statement, _: VrrpInstance) -> str:
    return "gratuitous ARP is not repeated for a lower priority" if _number(statement) else ""


def _no_advert(statement: Statement, _: VrrpInstance) -> str:
    word = statement.argument()
    return "an advert with a lower priority is not answered" if word is not None and word.text in _FALSE else ""


def _send_advert(statement: Statement, _: VrrpInstance) -> str:
    word = statement.argument()
    return "" if word is not None and word.text in _FALSE else "an advert with a higher priority is not answered"


def _down_timer(statement: Statement, _: VrrpInstance) -> str:
    return "a master is down after three intervals" if _number(statement) != 3 else ""


def _xmit_base(_: Statement, instance: VrrpInstance) -> str:
    return "adverts are sent from the virtual MAC address" if instance.use_vmac.value else ""


_WANTED = {
    "garp_lower_prio_repeat": _repeat,
    "garp_lower_prio_delay": _repeat,
    "lower_prio_no_advert": _no_advert,
    "higher_prio_send_advert": _send_advert,
    "down_timer_adverts": _down_timer,
    "vrrp_down_timer_adverts": _down_timer,
    "vmac_xmit_base": _xmit_base,
}
