"""Which messages a filter of rsyslog takes: selectors, property filters and RainerScript conditions.

rsyslog.conf(5), "FILTER CONDITIONS"; RainerScript documentation, "Expressions". Answers are three-valued: what
depends on the text of a message, on a variable or on a function is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from halint.readers.lexer import compiled
from halint.tree import Statement, Word

FACILITIES = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "security": 4, "syslog": 5, "lpr": 6, "news": 7,
    "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11, "ntp": 12, "console": 14, "mark": 24,
    **{f"local{n}": 16 + n for n in range(8)},
}  # fmt: skip
SEVERITIES = {
    "emerg": 0, "panic": 0, "alert": 1, "crit": 2, "err": 3, "error": 3, "warning": 4, "warn": 4, "notice": 5,
    "info": 6, "debug": 7, **{str(n): n for n in range(8)},
}  # fmt: skip


#: What the packages of other programs look for in messages, and no daemon of a load balancer says: ufw's 20-ufw.conf.
_OF_OTHERS = frozenset({"[UFW ", "[UFW"})


class Message:
    """A message that a daemon of the node logs. program: its tag without the process id, None where unknown. input:
    the name of rsyslog's input that takes it (imudp, imuxsock, imjournal...), "" where unknown. local: whether it
    comes from 127.0.0.1, as what comes by a socket does too, or None where that is not known."""

    __slots__ = ("facility", "input", "local", "program", "severity")

    def __init__(
        self, facility: str, severity: str, program: str | None, input: str, local: bool | None = True
    ) -> None:
        self.facility = facility
        self.severity = severity
        self.program = program
        self.input = input
        self.local = local

    def property(self, name: str) -> str | None:
        """The value of a message property, or None where it is not known."""
        facility, severity = FACILITIES.get(self.facility), SEVERITIES.get(self.severity)
        values = {
            "programname": self.program,
            "app-name": self.program,
            "syslogfacility-text": self.facility,
            "syslogfacility": None if facility is None else str(facility),
            "syslogseverity-text": self.severity,
            "syslogpriority-text": self.severity,
            "syslogseverity": None if severity is None else str(severity),
            "syslogpriority": None if severity is None else str(severity),
            "pri": None if facility is None or severity is None else str(facility * 8 + severity),
            "pri-text": f"{self.facility}.{self.severity}",
            "inputname": self.input or None,
            "fromhost-ip": "127.0.0.1" if self.local else None,
        }
        return values.get(name.lower())


def accepts(statement: Statement, message: Message) -> bool | None:
    """Whether the filter `statement` (selector, property filter or `if`) takes `message`."""
    head = statement.words[0].text
    if head.startswith(":"):
        return _property(statement.words, message) if len(statement.words) == 3 else None
    if head.lower() == "if":
        return _condition(statement.words[1:], message)
    if head.lower() == "foreach":
        return None
    return selects(head, message)


def depends_on_text(statement: Statement) -> bool:
    """Whether the filter looks at the text of the message, so that some messages of a kind pass and some do not."""
    return any(compiled(r"[:$](?i:raw)?(?i:msg)\b.*").fullmatch(word.text) for word in statement.words)


def selects(selector: str, message: Message) -> bool | None:
    """Whether a selector (`local1.=info;mail.none`) takes the message; None where its facility is not known.

    A later part overrides an earlier one; from the first part on that rsyslogd does not understand nothing counts.
    """
    facility, severity = FACILITIES.get(message.facility), SEVERITIES.get(message.severity)
    if facility is None or severity is None:
        return None
    taken = False
    for names, priority in _parts(selector.lower()):
        negative, level = priority.startswith("!"), priority.removeprefix("!")
        equal, level = level.startswith("="), level.removeprefix("=")
        fault = _fault(names, priority)
        known = names if fault is None else names[: names.index(fault)] if fault in names else []
        if facility in [facility if name == "*" else FACILITIES[name] for name in known]:
            if level == "none":
                taken = negative
            elif level == "*" or severity == SEVERITIES[level] or not equal and severity < SEVERITIES[level]:
                taken = not negative
        if fault is not None:
            break
    return taken


def selector_fault(selector: str) -> tuple[str, bool] | None:
    """What rsyslogd does not understand of a selector: the name of a facility or of a priority, "" where a priority is
    missing; and whether it is in the first part, so that nothing is selected. None where all is well."""
    for number, (names, priority) in enumerate(_parts(selector)):
        fault = _fault(names, priority)
        if fault is not None:
            return fault, not number and fault not in names[1:]
    return ("", False) if selector.endswith((";", ",")) else None


def _parts(selector: str) -> Iterator[tuple[list[str], str]]:
    """The facilities and the priority of each part; rsyslogd takes a comma behind a priority for a semicolon."""
    for facilities, priority in compiled(r"([^.]*)\.?([^,;]*)[,;]*").findall(selector):
        if facilities or priority:
            yield [name for name in facilities.split(",") if name], priority


def _fault(names: list[str], priority: str) -> str | None:
    """The first name that rsyslogd does not know: the priority, else of the facilities, those before it counting."""
    level = priority.lower().removeprefix("!").removeprefix("=")
    if level not in ("*", "none") and level not in SEVERITIES:
        return priority
    return next((name for name in names if name != "*" and name.lower() not in FACILITIES), None)


def _property(words: list[Word], message: Message) -> bool | None:
    """`:property, [!]comparison, "value"`."""
    comparison = words[1].text.lower()
    answer = _compare(words[0].text[1:], comparison.lstrip("!"), words[2].text, message)
    return answer if answer is None or not comparison.startswith("!") else not answer


def _compare(name: str, comparison: str, value: str, message: Message) -> bool | None:
    if name.lower() == "syslogtag":
        return _compare_tag(comparison, value, message.program)
    if name.lower() in ("msg", "rawmsg") and comparison in ("contains", "startswith") and value in _OF_OTHERS:
        return False
    actual = message.property(name)
    if actual is None:
        return None
    if comparison.endswith("_i"):
        comparison, actual, value = comparison[:-2], actual.lower(), value.lower()
    if comparison in ("regex", "ereregex"):
        return _finds(value, actual, extended=comparison == "ereregex")
    compare = _COMPARISONS.get(comparison)
    return None if compare is None else compare(actual, value)


def _compare_tag(comparison: str, value: str, program: str | None) -> bool | None:
    """The tag is the program, and mostly `[`, its process id, `]` and a colon."""
    if program is None:
        return None
    if comparison == "startswith" and not value.startswith(program):
        return program.startswith(value)
    if comparison == "contains" and (value in program or compiled(r"[^0-9:\[\]]+").fullmatch(value)):
        return value in program
    if comparison == "startswith" and value == program:
        return True
    return None if comparison != "isequal" or value.startswith(program) else False


def _finds(pattern: str, text: str, *, extended: bool) -> bool | None:
    """Whether a POSIX expression is found in `text`; None for one that may mean something else here, or take long: few
    repeats, none of them of a group."""
    plain = "A-Za-z0-9_^$.* /|()+?-" if extended else "A-Za-z0-9_^$.* /-"
    if not compiled(rf"(?:[{plain}]|\[[A-Za-z0-9_-]+\])*").fullmatch(pattern) or compiled(
        r"[)*+?^(|][*+?]|^[*+?]|[^(|]\^|\$[^|)]"
    ).search(pattern):
        return None
    if len(compiled(r"[*+?]").findall(pattern)) > 3 or pattern.count("(") != pattern.count(")"):
        return None
    import re

    try:
        return re.search(pattern, text) is not None
    except re.error:
        return None


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "isequal": lambda actual, value: actual == value,
    "==": lambda actual, value: actual == value,
    "!=": lambda actual, value: actual != value,
    "<>": lambda actual, value: actual != value,
    "startswith": lambda actual, value: actual.startswith(value),
    "contains": lambda actual, value: value in actual,
    "isempty": lambda actual, value: not actual,
}
_NUMERIC: dict[str, Callable[[int, int], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_PRECEDENCE = {"or": 1, "and": 2, "not": 3}


def _condition(words: list[Word], message: Message) -> bool | None:
    """The value of a RainerScript condition, by two explicit stacks: nesting is as deep as the writer likes."""
    values: list[bool | None] = []
    operators: list[str] = []

    def apply() -> None:
        operator = operators.pop()
        right = values.pop() if values else None
        if operator == "not":
            values.append(None if right is None else not right)
            return
        left = values.pop() if values else None
        decisive = operator == "or"
        values.append(decisive if decisive in (left, right) else None if None in (left, right) else not decisive)

    at = 0
    while at < len(words):
        text = words[at].text.lower() if _is_bare(words[at]) else ""
        if text == "(":
            operators.append("(")
            at += 1
        elif text == ")":
            while operators and operators[-1] != "(":
                apply()
            if not operators:
                return None
            operators.pop()
            at += 1
        elif text in _PRECEDENCE:
            while text != "not" and operators and _PRECEDENCE.get(operators[-1], 0) >= _PRECEDENCE[text]:
                apply()
            operators.append(text)
            at += 1
        else:
            value, at = _term(words, at, message)
            values.append(value)
    while operators:
        if operators[-1] == "(":
            return None
        apply()
    return values[0] if len(values) == 1 else None


def _term(words: list[Word], at: int, message: Message) -> tuple[bool | None, int]:
    """The value of one comparison or function call that begins at word `at`, and where the next begins."""
    end, depth = at, 0
    while end < len(words):
        text = words[end].text.lower() if _is_bare(words[end]) else ""
        if text in ("(", "["):
            depth += 1
        elif text in (")", "]"):
            if not depth:
                break
            depth -= 1
        elif text in _PRECEDENCE and not depth:
            break
        end += 1
    return _comparison(words[at:end], message), max(end, at + 1)


def _comparison(words: list[Word], message: Message) -> bool | None:
    texts = [word.text for word in words]
    if len(words) == 4 and texts[0].lower() == "prifilt" and texts[1] == "(" and not _is_bare(words[2]):
        return selects(texts[2], message)
    if len(words) == 6 and texts[0].lower() == "re_match" and texts[1] == "(" and texts[3] == "," and texts[5] == ")":
        return _compare(texts[2].removeprefix("$"), "ereregex", texts[4], message) if texts[2][:1] == "$" else None
    if len(words) < 3 or not words[0].raw.startswith("$"):
        return None
    name, comparison = texts[0][1:], texts[1].lower()
    if len(words) == 3:
        actual, number = message.property(name) or "", _integer(texts[2])
        is_number = actual.isascii() and actual.isdigit() and number is not None
        if comparison in _NUMERIC:
            return _NUMERIC[comparison](int(actual), number or 0) if is_number else None
        if not _is_bare(words[2]):
            return _compare(name, comparison, texts[2], message)
        known = comparison in ("==", "!=", "<>") and is_number
        return (int(actual) == number) is (comparison == "==") if known else None
    if texts[2] == "[" and texts[-1] == "]" and comparison in ("==", "!=", "<>", "contains", "startswith"):
        # An array on the right: true where some element is; `!=` where no element is equal.
        values = [word.text for word in words[3:-1] if not _is_bare(word)]
        equal = "==" if comparison in ("!=", "<>") else comparison
        answers = [_compare(name, equal, value, message) for value in values]
        found = True if True in answers else None if None in answers else False
        return found if equal == comparison or found is None else not found
    return None


def _integer(text: str) -> int | None:
    """The number that stands in a condition: decimal, octal (010) or hexadecimal (0x8)."""
    found = compiled(r"(0[xX][0-9a-fA-F]+)|(0[0-7]+)|([0-9]+)").fullmatch(text)
    return None if found is None else int(text, (16, 8, 10)[(found.lastindex or 3) - 1])


def _is_bare(word: Word) -> bool:
    return not compiled("[\"'`]").match(word.raw)
