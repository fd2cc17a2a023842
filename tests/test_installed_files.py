"""The files of this machine's packages: read without loss, and without a word against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from halint.models import logrotate
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

pytestmark = pytest.mark.daemons

PLACES = {
    "logrotate": ("/etc/logrotate.conf", "/etc/logrotate.d/*"),
    "sysctl": ("/etc/sysctl.conf", "/etc/sysctl.d/*.conf", "/usr/lib/sysctl.d/*.conf"),
    "iptables": ("/etc/ufw/*.rules",),
    "assignments": ("/etc/ufw/ufw.conf", "/etc/default/ufw"),
}


def installed(*globs: str) -> dict[str, Source]:
    paths = [path for glob in globs for path in sorted(Path("/").glob(glob[1:])) if path.is_file()]
    return {
        str(path): Source.of_bytes(str(path), path.read_bytes(), format=formats.of_path(str(path))) for path in paths
    }


@pytest.mark.parametrize("format", PLACES)
def test_they_are_read_without_loss(format: str) -> None:
    sources = installed(*PLACES[format])
    if not sources:
        pytest.skip(f"no package of this machine has files of {format}")
    for path, source in sources.items():
        tree, at = formats.read(source), 0
        for token in tree.tokens():
            assert token.start == at, path
            at = token.end
        assert at == len(source.text), path
        assert source.data == Path(path).read_bytes(), path
        assert source.format == format, path
        assert not tree.problems, path


def test_every_keyword_of_logrotates_files_is_known() -> None:
    model = logrotate.read(Node("lb1", "/", installed(*PLACES["logrotate"]), Targets(os="debian12")))
    if not model.entries:
        pytest.skip("no package of this machine has files of logrotate")
    assert model.known
    assert model.unknown == []
    assert model.scripts_without_end == []
    assert model.duplicates() == []
