"""The program: a check without options, as people and hooks run it, at once; everything else by halint/cli.py.

click, which reads the options there, takes as long to import as a pair takes to check. In a wheel the modules come
out of one file (halint/bundle.py): a hundred files take half as long again.
"""

import gc
import os
import sys

gc.disable()  # everything lives until the end, modules too

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType, ModuleType
    from typing import Any


class _Bundle:
    """Imports modules from the functions of halint/bundled.py."""

    def __init__(self, modules: "dict[str, tuple[bool, tuple[str, ...], FunctionType]]") -> None:
        self.modules = modules
        self.spec: Callable[..., Any] = type(__spec__)

    def find_spec(self, name: str, path: object = None, target: object = None) -> "Any":
        if name not in self.modules:
            return None
        is_package = self.modules[name][0]
        spec = self.spec(name, self, is_package=is_package)
        if is_package:  # the folder, for what is not in the bundle
            spec.submodule_search_locations = [os.path.join(os.path.dirname(__file__), *name.split(".")[1:])]
        return spec

    def create_module(self, spec: object) -> None:
        return None

    def load(self, name: str) -> None:
        """Import the module `name`, as importlib does in four times the time."""
        spec = self.find_spec(name)
        module = sys.modules[name] = type(sys)(name)
        module.__spec__, module.__package__ = spec, spec.parent
        if spec.submodule_search_locations:
            module.__path__ = spec.submodule_search_locations
        self.exec_module(module)
        parent, _, own = name.rpartition(".")
        setattr(sys.modules[parent], own, module)

    def exec_module(self, module: "ModuleType") -> None:
        _, imports, function = self.modules[module.__name__]
        for name in imports:
            if name not in sys.modules:
                self.load(name)
        module.__dict__["__builtins__"] = __builtins__
        type(function)(function.__code__, module.__dict__)()


def main() -> None:
    """Run the command line and exit."""
    try:  # noqa: SIM105 - importing contextlib takes as long as three files
        sys.meta_path.insert(0, _Bundle(__import__("halint.bundled", fromlist=["MODULES"]).MODULES))
    except ModuleNotFoundError:
        pass  # a checkout
    verb, *paths = sys.argv[1:] or [""]
    if verb == "check" and not any(path.startswith("-") for path in paths):
        from halint.run import Run, UsageError, end

        try:  # noqa: SIM105
            end(lambda: Run({"paths": paths}).check())
        except UsageError:
            pass  # click says it, with the usage
    from halint.cli import main

    main()
