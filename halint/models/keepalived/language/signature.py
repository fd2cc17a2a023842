r"""What stands behind a keyword or on a line of a block, in the language of grammars/keepalived.toml.

    signature = sequence { "|" sequence } ;
    sequence  = { part [ "..." ] } ;                    the last of a sequence may repeat: "..." is once or more often
    part      = ATOM [ "(" low ".." high ")" ] | word | "(" signature ")" | optional | options ;
    optional  = "[" signature "]" ;                     if there is a word, it must be this
    options   = "{" signature "}" ;                     any of these, in any order and number, and nothing else

`NUMBER(1..255)`, `[BOOL]`, `MASTER|BACKUP`, `NAME [weight NUMBER(-253..253) [reverse]]`. A word in lower case letters
stands for itself, and so does one that is no atom; `nocase:TCP` in any case. Words behind what a sequence names are
ignored by keepalived, unless it ends in EOL.
"""

from __future__ import annotations

from halint.light import cache
from halint.readers.lexer import compiled

#: The atoms that are read by a pattern of grammars/keepalived_values.py, and what they are called in a message.
ATOMS = {
    "NUMBER": "a number",
    "SECONDS": "a number of seconds, with at most six decimals",
    "MILLISECONDS": "a number of milliseconds, with at most three decimals",
    "BOOL": "on, true, yes, off, false or no",
    "ADDRESS": "an IP address",
    "IP": "an IP address, with a prefix length or without",
    "IPADDRESS": "an IP address",
    "ROUTE": "a destination: default, or a network",
    "RANGE": "an IP address, with the end of a range or a mask",
    "PORT": "a port",
    "BROADCAST": "+, - or an IPv4 address",
    "IFNAME": "an interface name of at most 15 characters",
    "MAC": "a MAC address",
    "VMACNAME": "an interface name of at most 15 characters",
    "PROCESSNAME": "a name of at most 15 characters",
    "MULTICAST4": "an IPv4 multicast address",
    "MULTICAST6": "a link-local IPv6 multicast address",
    "NETMASK": "a netmask, or for IPv6 a prefix length",
    "UMASK": "an octal number, or names such as IWGRP",
    "HEX": "hexadecimal digits",
    "HEXMASK": "hexadecimal digits, or X for any",
    "TABLE": "a routing table",
    "NAMED": "a name or a number up to 255",
    "REALMS": "a realm, or two with a slash between",
    "RTT": "a time",
    "FWMARK": "a firewall mark, with a mask or without",
    "PORTS": "two ports with a hyphen between",
    "UIDS": "two user numbers with a hyphen between",
    "DIGEST": "an MD5 digest of 32 hexadecimal digits",
    "STATUS": "an HTTP status between 100 and 599, or a range of them",
    "DNSNAME": "a domain name without an empty label",
}

#: Those that take any word. NAME: something is called so. SECRET: not to be shown.
ANY = frozenset({"WORD", "NAME", "SECRET", "HOST"})

#: Takes what is left of the line, quotes and escapes and all.
REST = "SCRIPT"


class Part:
    """A piece of a signature.

    kind: "atom", "word" (in any case if nocase), "end", "sequence", "choice", "optional", "options" or "repeat".
    text: of an atom or word. parts: what the others are made of. low, high: the range of an atom.
    first: the word that must stand first, where it is always the same; else "".
    """

    __slots__ = ("first", "high", "kind", "low", "nocase", "parts", "text")

    def __init__(self, kind: str, text: str = "", parts: tuple[Part, ...] = (), nocase: bool = False) -> None:
        self.kind = kind
        self.text = text
        self.parts = parts
        self.nocase = nocase
        self.low: int | float | None = None
        self.high: int | float | None = None
        self.first: str = text if kind == "word" and not nocase else ""
        if kind == "sequence" and parts:
            self.first = parts[0].first

    @property
    def wanted(self) -> str:
        """What to write here, for a message."""
        if self.kind == "atom" and self.low is not None and self.high is not None:
            unit = f" of {self.text.lower()}" if self.text.endswith("SECONDS") else ""
            return f"a number{unit} from {_shown(self.low)} to {_shown(self.high)}"
        if self.kind == "atom":
            return ATOMS[self.text] if self.text in ATOMS else f"a {self.text.lower()}"
        if self.kind == "word":
            return self.text
        if self.kind in {"sequence", "optional", "repeat"}:
            return self.parts[0].wanted
        if self.kind == "end":
            return "nothing"
        return one_of([part.wanted for part in self.parts])

    def words(self) -> list[str]:
        """The words that may stand here."""
        if self.kind == "word":
            return [self.text]
        parts = self.parts if self.kind in {"choice", "options"} else self.parts[:1]
        return [word for part in parts for word in part.words()]


def one_of(texts: list[str]) -> str:
    """`a, b or c`."""
    *most, last = dict.fromkeys(texts)
    return f"{', '.join(most)} or {last}" if most else last


def _shown(number: int | float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.6f}".rstrip("0").rstrip(".")


@cache
def parse(signature: str) -> Part:
    """The parts of `signature`. Raises ValueError where it is not well formed: the tests parse every one."""
    tokens = compiled(r"\.\.\.|\(-?[0-9.]+\.\.-?[0-9.]+\)|[][(){}|]|[\w+:-]+(?:\.\w+)*").findall(signature)
    if "".join(tokens) != signature.replace(" ", ""):
        raise ValueError(f"what is {signature!r}?")
    part, rest = _choice(tokens)
    if rest:
        raise ValueError(f"{signature!r} has a stray {rest[0]}")
    return part


def _choice(tokens: list[str]) -> tuple[Part, list[str]]:
    sequences = []
    while True:
        sequence, tokens = _sequence(tokens)
        sequences.append(sequence)
        if tokens[:1] != ["|"]:
            return (sequences[0] if len(sequences) == 1 else Part("choice", parts=tuple(sequences))), tokens
        tokens = tokens[1:]


_BRACKETS = {"(": (")", "choice"), "[": ("]", "optional"), "{": ("}", "options")}


def _sequence(tokens: list[str]) -> tuple[Part, list[str]]:
    parts: list[Part] = []
    while tokens and tokens[0] not in ("|", ")", "]", "}"):
        token, *tokens = tokens
        if token == "...":
            parts[-1] = Part("repeat", parts=(parts[-1],))
        elif token in _BRACKETS:
            close, kind = _BRACKETS[token]
            inner, tokens = _choice(tokens)
            if tokens[:1] != [close]:
                raise ValueError(f"expected {close} before {tokens[:1]}")
            tokens = tokens[1:]
            options = inner.parts if inner.kind == "choice" else (inner,)
            parts.append(inner if kind == "choice" else Part(kind, parts=options if kind == "options" else (inner,)))
        elif token.startswith("("):
            low, _, high = token[1:-1].partition("..")
            number = int if "." not in low + high else float
            parts[-1].low, parts[-1].high = number(low), number(high)
        elif token == "EOL":
            parts.append(Part("end"))
        elif token in ATOMS or token in ANY or token == REST:
            parts.append(Part("atom", token))
        else:
            parts.append(Part("word", token.removeprefix("nocase:"), nocase=token.startswith("nocase:")))
    return (parts[0] if len(parts) == 1 else Part("sequence", parts=tuple(parts))), tokens
