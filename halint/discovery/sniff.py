"""What a file is: by its name and, where the name leaves it open, by what is in it."""

from __future__ import annotations

from halint.readers.formats import COPIES
from halint.readers.lexer import compiled, may_hold

_KEEPALIVED_NAME = r"(?ai)ke+p-?ali?ved?"  # also keeepalived
_HAPROXY_NAME = r"(?ai)ha-?proxy"
_SERVICE = r"(?ai)ke+p-?ali?ved?|ha-?proxy"
_EXTENSION = r"(?ai)(?<![a-z0-9])(?:conf|cfg|config)(?![a-z0-9])"

#: Parts of a file's or folder's name that tell the nodes of one cluster apart; single letters and numbers too.
_ROLES = frozenset(
    {
        "master", "backup", "slave", "primary", "secondary", "standby", "active", "passive", "main", "peer", "bck",
        "bkp", "bak", "left", "right", "first", "second", "third", "one", "two", "three",
    }
)  # fmt: skip
#: Ends of the names of samples, beside formats.COPIES.
_SAMPLES = (".sample", ".example", ".dist", ".default")
_TEMPLATES = (
    ".j2", ".jinja", ".jinja2", ".erb", ".epp", ".tpl", ".tmpl", ".template", ".mustache", ".gotmpl", ".ctmpl", ".in"
)  # fmt: skip
#: Ends that no configuration of a daemon has, whatever stands before them.
_OTHER = (
    ".md", ".rst", ".txt", ".htm", ".html", ".yml", ".yaml", ".json", ".toml", ".xml", ".sh", ".py", ".pl", ".rb",
    ".js", ".go", ".te", ".pp", ".service", ".log", ".png", ".svg", ".pdf", ".gz", ".xz", ".tar", ".zip", ".rpm",
    ".deb",
)  # fmt: skip
_EXTENSIONS = (".conf", ".cfg", ".config")

_KEEPALIVED = (
    r"(?m)^[ \t]*(?:vrrp_instance|vrrp_sync_group|vrrp_script|virtual_server|virtual_server_group|global_defs)(?![\w-])"
)
_HAPROXY_SECTION = r"(?m)^(?:global|defaults|frontend|backend|listen)(?:[ \t]+[^\s{;=]+)*[ \t\r]*(?:#.*)?$"
_HAPROXY_LINE = r"(?m)^[ \t]+(?:bind|server|mode|timeout|balance|log|maxconn|option|default_backend|daemon)[ \t\r\n]"

#: What a template engine fills in, by what it begins with. Each pattern begins with that text and looks back behind
#: it: `re` then looks for the text alone, thirty times as fast.
_MARKS = {"{{": r"\{\{", "{%": r"\{%[-+]?[ \t]+[a-z]", "<%": r"<%[-=# \t]"}
#: What a person fills in. Not CHANGE_ME_... where a password stands: it is a bad one, but the file may be complete.
_PLACEHOLDERS = {
    "__": r"__(?<!\w__)[A-Z][A-Z0-9_]*__(?!\w)",
    "%": r"%(?!HPO%)[A-Z][A-Z0-9_]{2,}%",
    "CHANGE": r"CHANGE(?<![\w:]CHANGE)(?<!auth_pass CHANGE)_?ME_[A-Z][A-Z0-9_]*",
}

#: Characters that are enough to tell what a file is.
_HEAD = 1 << 18


class Name:
    """What the name of a file or folder says.

    role: the parts that tell nodes apart (`master`, `1`). variant: what else it says, lower case; the
    files of one cluster have the same. label: the name without service and extension, as written.
    """

    __slots__ = ("label", "role", "variant")

    def __init__(self, name: str) -> None:
        rest = compiled(_EXTENSION).sub("", compiled(_SERVICE).sub("", name))
        parts = compiled(r"[a-z]+|[0-9]+").findall(rest.lower())
        roles = [part for part in parts if len(part) == 1 or part.isdigit() or part in _ROLES]
        self.role = "".join(roles)
        self.variant = "-".join(part for part in parts if part not in roles)
        self.label = compiled(r"[-_.]{2,}").sub(".", rest).strip("-_. ")

    @property
    def key(self) -> tuple[str, str]:
        return self.role, self.variant


def names_keepalived(name: str) -> bool:
    return compiled(_KEEPALIVED_NAME).search(name) is not None


def names_haproxy(name: str) -> bool:
    return compiled(_HAPROXY_NAME).search(name) is not None


def is_copy(name: str) -> bool:
    """Whether the name is that of a backup, a package's leftover or a sample, which no daemon loads."""
    name = name.lower()
    if name.endswith(COPIES + _SAMPLES) or name.rstrip("0123456789-_.").endswith((".bak", ".old", ".orig")):
        return True
    return any(mark in name for mark in (".sample.", "-sample.", "_sample.", ".example.", "-example.", "_example."))


def is_template_name(name: str) -> bool:
    return name.lower().endswith(_TEMPLATES)


def may_be_configuration(name: str) -> bool:
    """Whether a file of that name may be a keepalived.conf or haproxy.cfg, so that it is worth reading."""
    lower = name.lower()
    if lower.endswith(_OTHER):
        return False
    if lower.endswith(_EXTENSIONS) or any(extension + mark in lower for extension in _EXTENSIONS for mark in "-_."):
        return True
    return "." not in name and (names_keepalived(name) or names_haproxy(name))


def kind(name: str, text: str) -> str:
    """ "keepalived", "haproxy" or "" for what the file called `name` is, by its content or its usual name."""
    head = text[:_HEAD]
    if name == "keepalived.conf":
        return "keepalived"
    if name == "haproxy.cfg":
        return "haproxy"
    if compiled(_KEEPALIVED).search(head):
        return "keepalived"
    if compiled(_HAPROXY_SECTION).search(head) and compiled(_HAPROXY_LINE).search(head):
        return "haproxy"
    return ""


def template_mark(format: str, text: str) -> tuple[int, int] | None:
    """The span of the first thing in `text` that somebody still has to fill in, or None.

    Not so: `%[...]` and `%ci` of haproxy's log formats, `${NAME}` of both daemons, comments.
    """
    if format == "rsyslog":  # its own templates are written %NAME% and <%PRI%>
        return None
    patterns = _MARKS | _PLACEHOLDERS if format in {"keepalived", "haproxy"} else _MARKS
    comments = "#!" if format == "keepalived" else "#"
    marks = (mark for mark in patterns if may_hold(text, mark) and mark in text)
    found = (_first(text, mark, patterns[mark], comments) for mark in marks)
    return min((span for span in found if span), default=None)


def _first(text: str, mark: str, pattern: str, comments: str) -> tuple[int, int] | None:
    """The first match of `pattern`, which begins with `mark`, outside of comments."""
    search = compiled(pattern).search
    at = text.find(mark)
    while found := search(text, at):
        line = text.rfind("\n", 0, found.start()) + 1
        if all(text.find(comment, line, found.start()) < 0 for comment in comments):
            return found.span()
        at = text.find("\n", found.end())
        if at < 0:
            break
    return None
