"""The secret that the VRRP adverts carry: from a file, from the environment, or made once and kept."""

from __future__ import annotations

import os
import re
import stat

from halint.generator.error import GenerateError
from halint.generator.plan import Plan

#: keepalived sends the first 8 bytes of auth_pass; quotes, blanks and comment characters would end it early.
_SECRET = r"[A-Za-z0-9_.+=@%^*:,/-]{1,8}"


class Secret:
    """text: the secret, empty where no advert carries one."""

    def __init__(self, text: str, new_file: str = "") -> None:
        self.text = text
        self._new_file = new_file

    def keep(self) -> None:
        """Write a secret that was made for this run to its file; raises OSError, also where the file is there now."""
        if not self._new_file:
            return
        handle = os.open(self._new_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(self.text + "\n")


def kept_file(cluster_toml: str) -> str:
    """Where a secret that halint made for `cluster_toml` is kept."""
    return os.path.splitext(cluster_toml)[0] + ".auth_pass"


def find(plan: Plan) -> Secret:
    """The secret for `plan`; raises GenerateError, whose message never holds it."""
    if not plan.authenticated:
        return Secret("")
    if plan.auth_pass_env:
        value = os.environ.get(plan.auth_pass_env)
        if not value:
            raise GenerateError(f"{plan.file}: auth_pass_env: the variable {plan.auth_pass_env} is not set")
        return Secret(_checked(value, f"{plan.file}: auth_pass_env: {plan.auth_pass_env}"))
    if plan.auth_pass_file:
        path = os.path.join(os.path.dirname(plan.file), plan.auth_pass_file)
        return Secret(_checked(_read(path, f"{plan.file}: auth_pass_file: "), f"{plan.file}: auth_pass_file: {path}"))
    path = kept_file(plan.file)
    if os.path.lexists(path):
        return Secret(_checked(_read(path, ""), path))
    return Secret(_make(), path)


def _make() -> str:
    import secrets
    import string

    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(8))


def _read(path: str, where: str) -> str:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise GenerateError(f"{where}{path}: is no file")
        with open(path, "rb") as file:
            return file.read(4096).decode("latin-1").rstrip("\r\n")
    except OSError as error:
        raise GenerateError(f"{where}{path}: {error.strerror}") from None


def _checked(text: str, where: str) -> str:
    if not re.fullmatch(_SECRET, text):
        raise GenerateError(f"{where}: the secret must be 1 to 8 letters, digits or characters of _.+=@%^*:,/-")
    return text
