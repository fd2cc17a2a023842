"""Writes the configuration of every node of a cluster from one CLUSTER.toml; docs/cluster-toml.md is its manual."""

from __future__ import annotations

import os

from halint.generator import firewall, haproxy, keepalived, secret, steps, system, writer
from halint.generator.error import GenerateError
from halint.generator.plan import Node, Plan, read
from halint.generator.writer import File

__all__ = ["GenerateError", "generate", "next_steps"]


def generate(cluster_toml: str, output_dir: str) -> list[str]:
    """Write the files of every node below `output_dir` and return their paths, sorted.

    All are written or none. `output_dir` must not exist, or be empty. A secret that has to be made is kept
    beside `cluster_toml`. Raises GenerateError with the file and the key that is wrong.
    """
    plan = read(cluster_toml)
    folder = writer.Folder(output_dir)
    password = secret.find(plan)
    written = folder.write({node.name: _files(plan, node, password.text) for node in plan.nodes}, password.keep)
    return sorted(written)


def next_steps(cluster_toml: str, output_dir: str) -> list[str]:
    """What is left to do with the files, as lines of shell commands and comments."""
    return steps.lines(read(cluster_toml), os.fspath(output_dir))


def _files(plan: Plan, node: Node, password: str) -> list[File]:
    return [
        keepalived.configuration(plan, node, password),
        haproxy.configuration(plan, node),
        *firewall.files(plan, node),
        *system.files(plan),
    ]
