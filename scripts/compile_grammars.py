"""Rebuild halint/patterns/ from grammars/.  Usage: python scripts/compile_grammars.py [NAME...]"""

import sys
from pathlib import Path

from halint import compiler, registry

PATTERNS = Path(__file__).parents[1] / "halint" / "patterns"


def main(names: list[str]) -> None:
    for name, grammar in registry.grammars().items():
        if not names or name in names:
            (PATTERNS / f"{name}.py").write_text(compiler.module(grammar), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
