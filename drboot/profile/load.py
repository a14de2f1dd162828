"""The profiles and the address table off the disk: everything right, or every mistake named.

The only place that imports yaml.  PyYAML's parser gives events with marks; no constructor of its runs, so what is
written stays text, ``010`` included, until a value type of ours has looked at it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import Any, Dict, Iterator, List, Optional, Tuple

import yaml

from drboot.errors import ConfigError, Problem, Where
from drboot.paths import HOSTS_CSV, SITES, Root
from drboot.profile.estate import Estate, check_host_names, check_hosts, check_sites, check_table
from drboot.profile.hosts import HostRow, parse_table
from drboot.profile.nodes import Listing, Node, Scalar, Table
from drboot.profile.sections import REQUIRED
from drboot.profile.site import SECTION, STAND_INS, Site
from drboot.profile.trust import check_trusted

LARGEST_FILE = 1 << 20  # bytes
DEEPEST = 16  # levels; the profile itself needs five
MOST_PROBLEMS = 200  # at a time; what is no profile at all could have a hundred thousand, and a console takes each


def load(root: Root) -> Estate:
    """All profiles and the address table.

    Raises ConfigError with every Problem of all files.
    """
    problems: List[Problem] = []
    digest = hashlib.sha256()
    table_text = _read(root, HOSTS_CSV, problems, digest)
    sites: Dict[str, Site] = {}
    known = [name[: -len(".yaml")] for name in _site_files(root, problems)]
    damaged = []
    for stem in known:
        path = f"{SITES}/{stem}.yaml"
        before = len(problems)
        text = _read(root, path, problems, digest)
        site = parse_site(text, root.path(path), problems) if text is not None else None
        if site:
            sites[stem] = site
            if site.site not in ("", stem):
                problems.append(_misnamed(site, stem, root.path(path)))
        if len(problems) > before:
            damaged.append(stem)
        problems.extend(_untrusted_programs(root, site) if site else ())
    problems.extend(check_sites(sites.values()))
    rows: Tuple[HostRow, ...] = ()
    if table_text is not None:
        table = parse_table(table_text, root.path(HOSTS_CSV), problems)
        # A mistake may be why a site has no roles; then every row would be wrong for it.
        telling = {stem: site for stem, site in sites.items() if site.network.roles or stem not in damaged}
        problems.extend(check_table(table, known, telling))
        problems.extend(check_hosts(sites.values(), table))
        problems.extend(check_host_names(sites, table.rows))
        rows = table.rows
    if problems:
        raise ConfigError(*_at_most(list(dict.fromkeys(problems))))
    return Estate(sites, rows, digest.hexdigest())


def _untrusted_programs(root: Root, site: Site) -> Iterator[Problem]:
    """Programs of the site that somebody else could have written; one that is not there yet is looked at later."""
    for hook in site.hooks:
        for program in hook.programs:
            yield from check_trusted(root, program)


def parse_site(text: str, file: str, problems: List[Problem]) -> Optional[Site]:
    """The profile in this text, or None where it is none at all.

    One that added Problems is good only for finding more of them.
    """
    node = read_yaml(text, file, problems)
    values = SECTION.values(node, problems) if node is not None else None
    if node is None or values is None:
        return None
    whole = {name: STAND_INS[name] if value is REQUIRED else value for name, value in values.items()}
    return SECTION.made(whole, node.at, problems)


def _at_most(problems: List[Problem]) -> List[Problem]:
    """The first MOST_PROBLEMS, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    rest = problems[MOST_PROBLEMS]
    further = Problem(
        "further-mistakes",
        f"there are {len(problems) - MOST_PROBLEMS} further mistakes in the profiles and the address table",
        rest.where,
        f"this is where the next one is; no more than {MOST_PROBLEMS} are told at a time",
        "correct the others first: one mistake often is the cause of many",
    )
    return [*problems[:MOST_PROBLEMS], further]


def _misnamed(site: Site, stem: str, file: str) -> Problem:
    return Problem(
        "site-name-differs",
        f"the profile of site {site.site} is in a file named after {stem}",
        getattr(site.site, "where", file),
        f"the file is {file}",
        f"rename the file to {site.site}.yaml, or write site: {stem}",
    )


# ---- files -------------------------------------------------------------------------------------


def _site_files(root: Root, problems: List[Problem]) -> List[str]:
    """Names of the profiles, sorted.  Editors' backups and hidden files are none."""
    directory = root.path(SITES)
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        problems.append(_unreadable(directory, error))
        return []
    for name in names:
        if name.endswith((".yml", ".YAML", ".YML")):
            problems.append(
                Problem(
                    "site-file-name",
                    f"{ascii(name)[1:-1]} looks like a profile, but is not read",
                    f"{directory}/{ascii(name)[1:-1]}",
                    "profiles end in .yaml",
                    "rename it, or move it elsewhere",
                )
            )
    found = [name for name in names if name.endswith(".yaml") and not name.startswith(".")]
    if not found:
        problems.append(
            Problem(
                "no-sites",
                "there is no site profile",
                directory,
                "no file in it ends in .yaml",
                "write one per site; /etc/drboot/samples/example.yaml shows every key",
            )
        )
    return found


def _read(root: Root, path: str, problems: List[Problem], digest: hashlib._Hash) -> Optional[str]:
    """The text of a configuration file, or None after a Problem.  Its bytes go into the digest."""
    problems.extend(check_trusted(root, path))
    real = root.path(path)
    try:
        data = _bytes(real)
    except OSError as error:
        problems.append(_unreadable(real, error))
        return None
    if len(data) > LARGEST_FILE:
        problems.append(
            Problem(
                "file-too-large",
                f"{real} is too large",
                real,
                f"it has more than {LARGEST_FILE} bytes",
                "look whether this is the right file",
            )
        )
        return None
    digest.update(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(
            Problem(
                "file-not-text",
                f"{real} is not UTF-8 text",
                f"{real}:{line}",
                f"byte {error.start} is 0x{data[error.start]:02x}",
                "save it as UTF-8, or keep to ASCII",
            )
        )
        return None


def _bytes(real: str) -> bytes:
    """At most one byte more than is allowed; OSError for anything but a regular file, which is never waited for."""
    descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return stream.read(LARGEST_FILE + 1)


def _unreadable(real: str, error: OSError) -> Problem:
    return Problem(
        "file-unreadable",
        f"{real} cannot be read",
        real,
        error.strerror or str(error),
        "see that it exists and that drboot may read it",
    )


# ---- YAML --------------------------------------------------------------------------------------


def read_yaml(text: str, file: str, problems: List[Problem]) -> Optional[Node]:
    """The document as a tree with places, or None after a Problem that ends the reading."""
    events = _Events(text)
    reader = _Reader(file, iter(events), problems)
    try:
        node = reader.document()
    except yaml.YAMLError as error:
        problems.append(_syntax(error, text, file))
        return None
    except (ValueError, OverflowError) as error:
        # PyYAML lets these through for impossible escapes such as "\UFFFFFFFF".
        problems.append(_bad_yaml(Where(file, events.line), f"the YAML reader says: {error}"))
        return None
    except _TooDeep as too_deep:
        problems.append(
            Problem(
                "yaml-too-deep",
                "the profile is nested too deeply",
                str(too_deep.at),
                f"a profile has at most {DEEPEST} levels",
                "look for stray brackets or indentation",
            )
        )
        return None
    return node


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        said = getattr(error, "problem", None) or getattr(error, "context", None) or "it is not YAML"
        return _bad_yaml(Where(file, mark.line + 1, mark.column + 1), ascii(said)[1:-1])
    position = getattr(error, "position", 0)
    reason = getattr(error, "reason", "it is not YAML")
    return _bad_yaml(Where(file, text.count("\n", 0, position) + 1), str(reason))


def _bad_yaml(at: Where, why: str) -> Problem:
    return Problem(
        "yaml-syntax",
        "the profile is not YAML",
        str(at),
        why,
        "look at this line and the one above it: quotes, indentation",
    )


class _Events:
    """PyYAML's events of a text; ``line`` is where its reader is, from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 1

    def __iter__(self) -> Iterator[Any]:
        loader: Any = yaml.SafeLoader(self.text)
        try:
            while loader.check_event():
                yield loader.get_event()
        except (ValueError, OverflowError):
            self.line = loader.get_mark().line + 1
            raise
        finally:
            loader.dispose()


class _TooDeep(Exception):
    def __init__(self, at: Where) -> None:
        super().__init__(str(at))
        self.at = at


class _Reader:
    """Events in, nodes out.  What a profile may not contain (aliases, tags, keys that are no words) is left out."""

    def __init__(self, file: str, events: Iterator[Any], problems: List[Problem]) -> None:
        self.file, self.events, self.problems = file, events, problems

    def document(self) -> Optional[Node]:
        node: Optional[Node] = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document", "a profile is one document")
                    break
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                node = self.node(event, "", 0)
        if not documents:
            self.problems.append(
                Problem(
                    "profile-empty",
                    "the profile is empty",
                    f"{self.file}:1",
                    "there is nothing in it but comments, if that",
                    "/etc/drboot/samples/example.yaml shows every key",
                )
            )
        return node

    def node(self, event: Any, path: str, depth: int) -> Optional[Node]:
        """The node that begins with this event; None for one that is refused."""
        at = self._at(event)
        if depth > DEEPEST:
            raise _TooDeep(at)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "an alias", "what it stands for must be written out")
            return None
        if event.tag is not None:
            self._refuse(event, "a tag", "drboot knows what type each key has")
        if isinstance(event, yaml.MappingStartEvent):
            return Table(tuple(self._pairs(path, depth)), path, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self._items(path, depth)), path, at)
        return Scalar(event.value, path, at, plain=event.style is None)

    def _pairs(self, path: str, depth: int) -> Iterator[Tuple[Scalar, Node]]:
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self.node(event, path, depth + 1)
            label = _label(key.text) if isinstance(key, Scalar) else "?"
            value = self.node(next(self.events), f"{path}.{label}" if path else label, depth + 1)
            if not isinstance(key, Scalar):
                if key is not None:
                    self._refuse(event, "a key that is not one word", "keys are words")
            elif value is not None:
                yield key, value

    def _items(self, path: str, depth: int) -> Iterator[Node]:
        for number, event in enumerate(self.events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            item = self.node(event, f"{path}[{number}]", depth + 1)
            if item is not None:
                yield item

    def _refuse(self, event: Any, what: str, why: str) -> None:
        self.problems.append(
            Problem("yaml-not-plain", f"a profile may not have {what}", str(self._at(event)), why, "write plain YAML")
        )

    def _at(self, event: Any) -> Where:
        return Where(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


def _label(key: str) -> str:
    """A key as it appears in a path: ASCII, and short."""
    return ascii(key[:40])[1:-1]
