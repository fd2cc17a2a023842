"""What is put off until it is needed: functools.cached_property and importlib.import_module at less cost.

Python 3.11 takes a lock for each first look at a cached property, and there are thousands;
importing importlib for one function takes as long as three files of halint.
"""

from __future__ import annotations

import sys
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


def imported(module: str) -> Any:
    """The `module` of this name."""
    __import__(module)
    return sys.modules[module]


__all__ = ["imported", "lazy"]
