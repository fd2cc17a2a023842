"""When a holder tells its neighbours, by gratuitous ARP, where an address is.

Sources: keepalived.conf(5), `vrrp_garp_master_delay` and what follows; keepalived v2.2.7 keepalived/vrrp/vrrp.c
(vrrp_complete_instance); the values are those that keepalived itself writes to /tmp/keepalived.data (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.keepalived.block import last_line
from halint.models.keepalived.values import integer
from halint.models.setting import Setting

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.tree import Word

_REPEAT, _DELAY = 5, 5


class GratuitousArp:
    """What an instance sends.

    repeat: how often when it becomes MASTER, and once more after `delay` seconds, if that is not 0. refresh: every
    that many seconds while it is MASTER; 0 for never. lower: how often when it hears another MASTER with a lower
    priority.
    """

    __slots__ = ("delay", "lower", "refresh", "repeat")

    def __init__(self, model: Keepalived, instance: VrrpInstance) -> None:
        least = _truth(model)
        default = (1 if least else _REPEAT), (0 if least else _DELAY)
        shared = _shared(model, instance, "vrrp_garp_master_repeat", default[0], least)
        if shared.value == 0:
            shared.value = 1
        self.repeat = _own(instance, "garp_master_repeat", shared)
        if self.repeat.value == 0:
            self.repeat.value = 1
        delay = _shared(model, instance, "vrrp_garp_master_delay", default[1], least)
        self.delay = _own(instance, "garp_master_delay", delay)
        never = _shared(model, instance, "vrrp_garp_master_refresh", 0, None)
        self.refresh = _own(instance, "garp_master_refresh", never)
        if instance.strict.value:
            self.lower: Setting[int] = Setting(0, instance.head, instance.strict.word, instance.strict.statement)
        else:
            lower = _shared(model, instance, "vrrp_garp_lower_prio_repeat", shared.value, shared.word)
            self.lower = _own(instance, "garp_lower_prio_repeat", lower)


def _truth(model: Keepalived) -> Word | None:
    """The word that asks for as few as can be, which holds for what is not said otherwise."""
    flag = model.global_flag("vrrp_min_garp")
    return flag.statement.words[0] if flag.value and flag.statement is not None else None


def _shared(
    model: Keepalived, instance: VrrpInstance, keyword: str, default: int, because: Word | None
) -> Setting[int]:
    """The setting of global_defs; else the default, with the word that makes it so."""
    statement = model.global_setting(keyword)
    word = statement.argument() if statement else None
    number = integer(word.text) if word else None
    if number is None or number < 0:
        return Setting(default, instance.head, because)
    return Setting(number, instance.head, word, statement)


def _own(instance: VrrpInstance, keyword: str, shared: Setting[int]) -> Setting[int]:
    """The setting of the instance; else the shared one."""
    statement = last_line(instance.statement, keyword)
    word = statement.argument() if statement else None
    number = integer(word.text) if word else None
    return shared if number is None or number < 0 else Setting(number, instance.head, word, statement)
