"""What looks like a secret is left out of a text before it leaves the machine.

Two passes: ``Secrets.cleaned`` leaves out what stands behind a key that names a secret, and remembers it;
``Secrets.without_known`` leaves out everything that was remembered, wherever else it stands (a password of a profile
that a command printed again).  It errs on the side of leaving out: behind such a key nothing of the line is kept.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, List, Match, Set, Tuple

LEFT_OUT = "(left out)"

# Shorter ones are only left out behind their key: searched for everywhere, "on" or "1500" would leave nothing readable.
SHORTEST_SEARCHED = 6

# What a key that names a secret has in it.  A text in which none of these occurs is not looked at any closer.
_STEMS = (
    "pass", "secret", "token", "credential", "authorization", "community", "pw", "psk", "kennwort", "key", "env", "@",
    "-u", "-p", "bearer", "basic", "nodename", "cifs", "sqlplus", "rman", "expdp", "impdp",
)  # fmt: skip
_INSIDE = (
    r"(?:passw(?:or)?[dt]|passphrase|passcode|kennwort|bindpw|secret|token|credential|authorization|community"
    r"|(?:api|private|access|encryption|auth|ssh)[_.-]?key)[\w.-]{0,40}"
)
# dbpass and DBPW too; bypass and compass are no secrets
_ALONE = r"(?<![A-Za-z0-9])(?:[A-Za-z0-9]{0,20}(?:(?<!by)(?<!com)pass|pwd?)|psk)(?![A-Za-z0-9])"
_NAMES_ONE = rf"(?:[\w.-]{{0,40}}{_INSIDE}|(?:[\w.-]{{0,40}}[_.-])?{_ALONE})"
_ENVIRONMENT = r"(?:env|environ|environment)"

_KEY = re.compile(rf"{_NAMES_ONE}|{_ENVIRONMENT}", re.IGNORECASE)
_IS_ENVIRONMENT = re.compile(_ENVIRONMENT, re.IGNORECASE)
_FLAG = re.compile(rf"--?{_NAMES_ONE}", re.IGNORECASE)
_FLAG_ITEM = re.compile(rf"-[ ]+[\"']?(?:--?{_NAMES_ONE}|-[pu])[\"']?", re.IGNORECASE)
# key: value, key=value, "key": value, export KEY=value, --key value, <key>value: all that follows on the line
_IN_LINE = re.compile(
    rf"(?P<before>(?:{_INSIDE}|{_ALONE})(?:[\"']?[ \t]{{0,20}}[:=][ \t]*|(?:[ \t][^<>\n]{{0,200}})?>)"
    rf"|(?<![^\s\"'\[(,])--?{_NAMES_ONE}[\"']?[ \t,]+)(?P<value>[^\n]*)",
    re.IGNORECASE,
)
# - key:   a mapping's key in YAML, and what stands behind it on its line
_YAML_KEY = re.compile(
    rf"(?P<indent>[ ]*(?:-[ ]+)*)[\"']?(?P<key>{_NAMES_ONE}|{_ENVIRONMENT})[\"']?[ ]*:(?P<value>(?:[ ]|$).*)",
    re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*KEY-----|\Z)", re.DOTALL)
# A password may hold any of / @ " ' as well.
_USER_OF_URL = re.compile(r"(?<=://)(?:[^\s/:@]*:\S{0,200}|[^/\s@\"']+)(?=@)")
# What no key stands before; "value" is the secret.
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE | re.MULTILINE)
    for shape in (
        # curl -u user:password
        r"(?<![^\s\"'\[,])(?:-u|--user)[\"']?[ \t,=]{0,20}[\"']?(?P<value>[^\s\"',/:]+:[^\s\"',]+)",
        # sshpass -p password
        r"(?<=sshpass)[ \t]{1,20}-p[ \t]{0,20}(?P<value>\S+)",
        # sqlplus user/password@base
        r"(?:sqlplus|rman|expdp|impdp)\b[^\n]{0,80}?[\s\"',][\w$]{1,40}/(?P<value>[^\s/@\"',]+)",
        # password it-is, of a netrc or of prose: only what no word of a sentence looks like
        r"(?<![A-Za-z0-9])(?:passw(?:or)?d|passphrase|bindpw|token|secret)[ \t]{1,20}"
        r"(?:is[ \t]{1,20})?(?P<value>(?=\S{0,200}\d)\S{6,})",
        r"(?<![A-Za-z0-9])(?:bearer|basic)[ \t]{1,20}(?P<value>(?=\S{0,200}\d)\S{8,})",
        # Source: AIX, mount command: mount -v cifs -n HOST/USER/PASSWORD; the stanza's nodename and the table of mounts
        r"^\s{0,20}nodename\s{0,20}=\s{0,20}[^/\s]+/[^/\s]+/(?P<value>\S+)",
        r"^\s{0,20}[^/\s]+/[^/\s]+/(?P<value>\S+)[ \t].{0,300}[ \t]cifs[ \t]",
    )
)
# args: [-p, secret] of a hook; elsewhere -p is any flag of AIX's
_YAML_P = re.compile(r"(?<=[\[\s,\"'])-p(?:[\"']?[ ]*,[ ]*[\"']?)?(?P<value>[^\s,\]\"'-][^\s,\]\"']*)")


class Secrets:
    """Leaves secrets out of texts, and remembers what it left out.

    count  how many places it was
    """

    def __init__(self) -> None:
        self.count = 0
        self._known: Set[str] = set()

    def cleaned(self, text: str, name: str = "") -> str:
        """The text without what looks like a secret.  ``name`` of its file: .json and .jsonl are read as that."""
        lowered = text.lower()
        if not any(stem in lowered for stem in _STEMS):
            return text
        if name.endswith(".json"):
            return self._json(text)
        if name.endswith(".jsonl"):
            return "".join(self._json(line) for line in text.splitlines(keepends=True))
        if name.endswith((".yaml", ".yml")):
            text = _YAML_P.sub(self._perhaps, self._yaml(text))
        return self._lines(text)

    def without_known(self, text: str) -> str:
        """The text without the secrets that were found anywhere."""
        for secret in sorted(self._known, key=len, reverse=True):
            # as JSON writes it as well
            for form in {secret, json.dumps(secret)[1:-1]}:
                self.count += text.count(form)
                text = text.replace(form, LEFT_OUT)
        return text

    def _json(self, text: str) -> str:
        """As it was where nothing is left out: a journal's lines are sealed."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self._lines(text)
        before = self.count
        cleaned = self._value(value)
        if self.count == before:
            return text
        return json.dumps(cleaned, indent=1 if "\n" in text.strip() else None) + ("\n" if text.endswith("\n") else "")

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: self._forgotten(found, str(key)) if _KEY.fullmatch(str(key)) else self._value(found)
                for key, found in value.items()
            }
        if isinstance(value, list):
            before = ["", *(item if isinstance(item, str) else "" for item in value)]
            return [
                self._forgotten(item, flag) if _is_for_secret(flag, item) else self._value(item)
                for item, flag in zip(value, before)
            ]
        return self._lines(value) if isinstance(value, str) else value

    def _forgotten(self, value: Any, key: str) -> Any:
        """The value with every leaf of it left out."""
        if isinstance(value, dict):
            return {name: self._forgotten(found, key) for name, found in value.items()}
        if isinstance(value, list):
            return [self._forgotten(item, key) for item in value]
        if value is None or value == "":
            return value
        return self._left_out(str(value), key)

    def _lines(self, text: str) -> str:
        text = _PRIVATE_KEY.sub(self._whole, text)
        text = _USER_OF_URL.sub(self._whole, text)
        for shape in _SHAPES:
            text = shape.sub(self._shape, text)
        return _IN_LINE.sub(self._behind, text)

    def _whole(self, found: Match[str]) -> str:
        return self._left_out(found.group())

    def _shape(self, found: Match[str], key: str = "") -> str:
        start, end = (at - found.start() for at in found.span("value"))
        return found.group()[:start] + self._left_out(found.group("value"), key) + found.group()[end:]

    def _perhaps(self, found: Match[str]) -> str:
        """It goes here; it is looked for elsewhere only where it is no plain word or path."""
        return self._shape(found, "env")

    def _behind(self, found: Match[str]) -> str:
        value = found.group("value").strip()
        return found.group("before") + (self._left_out(value) if value else "")

    def _yaml(self, text: str) -> str:
        """Without what stands behind a secret's key, on its line and on the deeper ones below: ``key: |``, lists."""
        kept: List[str] = []
        depth, key = -1, ""  # of the key whose value is being left out; -1 for none
        flag = False  # the item above is a flag of a secret
        for line in text.splitlines(keepends=True):
            body = line.strip()
            indent = len(line) - len(line.lstrip(" "))
            inside = depth >= 0 and (not body or indent > depth or (indent == depth and body.startswith("- ")))
            inside = inside or (flag and bool(body))
            flag = bool(_FLAG_ITEM.fullmatch(body)) if body else flag
            if inside:
                if body:
                    kept.append(" " * indent + self._left_out(body, key) + "\n")
                continue
            found = _YAML_KEY.match(line.rstrip("\n"))
            depth, key = (len(found.group("indent")), found.group("key")) if found else (-1, "")
            if found and found.group("value").strip():
                kept.append(f"{line[: found.start('value')]} {self._left_out(found.group('value').strip(), key)}\n")
            else:
                kept.append(line)
        return "".join(kept)

    def _left_out(self, value: str, key: str = "") -> str:
        if value == LEFT_OUT:
            return value
        self.count += 1
        words = set(_words(value))
        if _IS_ENVIRONMENT.fullmatch(key):  # most of what an environment holds is no secret
            words = {word for word in words if not _is_plain(word)}
        self._known.update(word for word in words if len(word) >= SHORTEST_SEARCHED)
        return LEFT_OUT


def _is_for_secret(flag: str, item: Any) -> bool:
    """Whether an argument is a secret by the one before it: --token X, -u user:X."""
    if _FLAG.fullmatch(flag):
        return True
    return flag in ("-u", "--user") and isinstance(item, str) and ":" in item


def _words(value: str) -> Iterator[str]:
    """The secret as others may write it: without the key, quotes, commas and comments around it."""
    for text in (value, value.split(" #")[0], _item(value)):
        bare = text.strip().rstrip(",;").strip()
        yield bare
        yield bare.strip("\"'")
    yield from (word for word in re.split(r"[\s\"'<>,;=(){}\[\]]+", value) if not _is_plain(word))


def _item(value: str) -> str:
    """``NAME: text`` and ``- text`` without what stands before the text."""
    return re.sub(r"^(?:-\s+)?(?:[\w.-]+\s*[:=]\s*)?", "", value)


def _is_plain(word: str) -> bool:
    """A word of prose, a path or a number, which would be missed elsewhere, rather than a secret."""
    return bool(re.fullmatch(r"[A-Za-z]+[.,;:]?|[0-9.,:]+|/[\w./-]*", word.strip("\"'")))


def split_lines(data: bytes, limit: int, keep_end: bool) -> Tuple[bytes, bool]:
    """At most ``limit`` bytes of whole lines, from the end or from the start; and whether something was cut off.

    A line that was cut in two could hold half a secret without its key, so it goes as a whole.
    """
    if len(data) <= limit:
        return data, False
    if keep_end:
        return data[-limit:].partition(b"\n")[2], True
    head = data[:limit]
    return head[: head.rfind(b"\n") + 1], True
