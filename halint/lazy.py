"""functools.cached_property without its lock: Python 3.11 takes one for each first look, and there are thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cached_property as lazy
else:

    class lazy:  # noqa: N801 - as property, of which it is a kind
        """A property that is worked out when it is first asked for."""

        def __init__(self, work: Callable[[Any], Any]) -> None:
            self.work = work
            self.__doc__ = work.__doc__

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self.work.__name__] = self.work(instance)
            return value


__all__ = ["lazy"]
