"""Rebuild the keyword tables from scripts/facts/.  Usage: python scripts/build_tables.py [NAME...]"""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent

#: The modules beside this one that build the tables of a program.
BUILDERS = {
    "haproxy": ("haproxy_table", "haproxy_samples"),
    "keepalived": ("keepalived_table",),
    "logrotate": ("logrotate_table",),
    "rsyslog": ("rsyslog_table",),
    "sysctl": ("sysctl_table",),
}


def build(name: str) -> dict[Path, str]:
    """The text of each file of the tables of the program `name` by path."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    files: dict[Path, str] = {}
    for module in BUILDERS[name]:
        files.update(import_module(module).build())
    return files


def main(names: list[str]) -> None:
    for name in names or BUILDERS:
        for path, text in build(name).items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
