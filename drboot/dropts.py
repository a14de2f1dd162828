"""The DROpts attribute of a VCS LPAR resource, turned into what legacy.py makes a profile and rows of hosts.csv of.

A fragment of main.cf, or the keys alone:

    DROpts = { ConfigureNetwork = 1, IPAddress = "10.20.5.11", Netmask = "255.255.255.0",
               Gateway = "10.20.5.1", DNSServers = "10.20.0.53 10.20.1.53",
               DNSSearchPath = "dr.example.com", Device = en0, Domain = "dr.example.com", HostName = prod01 }
    DROpts @dr_mgmt = { ... }                     of one system of the cluster

    ConfigureNetwork=1
    IPAddress=10.20.5.11

Source: InfoScale virtualization guide for AIX: the keys, and that nothing is applied where ConfigureNetwork is 0;
        DNSDomain is what a WPAR resource calls Domain.
Assumed: an association is written Attribute = { Key = Value, ... } with quotes where a value has blanks, that of one
         system Attribute @SYSTEM = { ... }, as in every main.cf; so is TYPE NAME ( ... ) around the attributes of a
         resource; keys and systems may be in quotes as well, and a comma may follow the last value; // and # begin a
         comment outside quotes; several servers or search names have blanks, commas or semicolons between them;
         ConfigureNetwork that is not there means 0, since the guide has it set to 1 "to make the changes effective".
         DROpts of a resource of type WPAR are no LPAR's, and are passed over.
"""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from drboot.errors import ConfigError, Problem
from drboot.legacy import FlatFiles, FlatInterface
from drboot.profile.keys import ADDRESS, DOMAIN, HOST_ADDRESS, HOST_NAME, NETMASK, Text, did_you_mean

KEYS = (
    "ConfigureNetwork", "IPAddress", "Netmask", "Gateway", "DNSServers", "DNSSearchPath", "Device", "Domain",
    "DNSDomain", "HostName",
)  # fmt: skip
LARGEST_FILE = 1 << 20  # characters; a main.cf of a large cluster is some 200 KB
MOST_SERVERS = 6  # as names.nameservers
ATTRIBUTE = "DROpts"
OF_WPARS = "WPAR"  # the type of the resources that have DROpts of their own
_TOKEN = re.compile(
    r'(?P<comment>//.*|#.*)|"(?P<quoted>[^"\n]*)"|(?P<mark>[{}()=,@])|(?P<word>(?:(?!//)[^\s{}()=,@"#])+)|(?P<other>\S)'
)
_LINE = re.compile(r'(?P<key>[A-Za-z]+)\s*=\s*"?(?P<value>[^"]*?)"?\s*')
_DEVICE = re.compile(r"en[t]?(?P<number>0|[1-9][0-9]{0,3})")


class Value(NamedTuple):
    text: str
    where: str


class DROpts(NamedTuple):
    """``system`` is "" for what counts on every system, ``resource`` "" for what stands in none."""

    system: str
    resource: str
    values: Dict[str, Value]
    where: str

    def __str__(self) -> str:
        return f"{self.resource or 'no resource'} @{self.system or '(all systems)'}"


class _Token(NamedTuple):
    """``kind``: quoted, mark, word, or other for what has no place in a main.cf; ``text`` without the quotes."""

    kind: str
    text: str
    where: str

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "quoted")

    def is_mark(self, mark: str) -> bool:
        return (self.kind, self.text) == ("mark", mark)


def read(path: str) -> Tuple[DROpts, ...]:
    """Every DROpts of the file.  Raises ConfigError with every Problem."""
    try:
        with open(path, encoding="ascii") as stream:
            text = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(
            Problem("dropts-malformed", "the file cannot be read", path, why, "name another one")
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(_malformed(path, "it is not plain ASCII text")) from error
    if len(text) > LARGEST_FILE:
        raise ConfigError(_malformed(path, f"it has more than {LARGEST_FILE} characters"))
    return parse(text, path)


def parse(text: str, path: str) -> Tuple[DROpts, ...]:
    """Every DROpts of the text.  Raises ConfigError with every Problem."""
    text = text.replace("\r\n", "\n")
    problems: List[Problem] = []
    tokens = list(_tokens(text, path))
    is_main_cf = any((token.kind, token.text) == ("word", ATTRIBUTE) for token in tokens)
    found = _of_resources(tokens, path, problems) if is_main_cf else [_lines(text, path, problems)]
    if problems:
        raise ConfigError(*problems)
    return tuple(found)


def _tokens(text: str, path: str) -> Iterator[_Token]:
    for number, line in enumerate(text.split("\n"), 1):
        for found in _TOKEN.finditer(line):
            kind = found.lastgroup or ""
            if kind != "comment":
                yield _Token(kind, found.group(kind), f"{path}:{number}")


def _of_resources(tokens: List[_Token], path: str, problems: List[Problem]) -> List[DROpts]:
    """Those of every resource but WPARs.  Where DROpts is only an attribute's name (types.cf) it is passed over."""
    found: List[DROpts] = []
    resource, kind, has_wpars = "", "", False
    end = _Token("mark", "", path)
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if tokens[at + 1 :] else end
        if token.is_mark("(") and at > 1 and tokens[at - 1].is_name and tokens[at - 2].is_name:
            kind, resource = tokens[at - 2].text, tokens[at - 1].text
        elif token.is_mark(")"):
            kind, resource = "", ""
        elif (token.kind, token.text) != ("word", ATTRIBUTE) or after.text in (",", "{", "}", "["):
            continue
        elif kind == OF_WPARS:
            has_wpars = True
        else:
            options = _block(tokens[at + 1 :], resource, token.where, problems)
            found += [options] if options else []
    if not found and not problems:
        why = "it has DROpts of WPARs only" if has_wpars else f"no {ATTRIBUTE} in it has a value"
        problems.append(_malformed(path, why, "name a file with those of an LPAR; WPARs: under wpars of the profile"))
    return found


def _block(tokens: List[_Token], resource: str, where: str, problems: List[Problem]) -> Optional[DROpts]:
    """``tokens`` begin behind the attribute's name; None after a Problem."""
    system = ""
    if tokens[:1] and tokens[0].is_mark("@") and tokens[1:2] and tokens[1].is_name:
        system, tokens = tokens[1].text, tokens[2:]
    if [token.text for token in tokens[:2] if token.kind == "mark"] != ["=", "{"]:
        problems.append(_malformed(where, f"{ATTRIBUTE} is neither followed by = {{ nor by @SYSTEM = {{"))
        return None
    options, at = DROpts(system, resource, {}, where), 2
    while at < len(tokens) and not tokens[at].is_mark("}"):
        stop = next((i for i in range(at, len(tokens)) if tokens[i].is_mark(",") or tokens[i].is_mark("}")), None)
        pair = tokens[at:stop]
        words = pair[2:]
        if stop is None or len(pair) < 3 or not pair[0].is_name or not pair[1].is_mark("="):
            break
        if not all(token.kind == "word" for token in words) and [token.kind for token in words] != ["quoted"]:
            break
        _keep(options, pair[0].text, " ".join(token.text for token in words), pair[0].where, problems)
        at = stop + tokens[stop].is_mark(",")
    if at < len(tokens) and tokens[at].is_mark("}"):
        return options
    shown = " ".join(token.text for token in tokens[at : at + 6])
    problems.append(_malformed(tokens[at].where if at < len(tokens) else where, f"no Key = Value: {shown[:40]!a}"))
    return None


def _lines(text: str, path: str, problems: List[Problem]) -> DROpts:
    options = DROpts("", "", {}, path + ":1")
    for number, line in enumerate(re.sub(r"(?m)(?://|#).*$", "", text).splitlines(), 1):
        if not line.strip():
            continue
        pair = _LINE.fullmatch(line.strip())
        if pair is None:
            problems.append(_malformed(f"{path}:{number}", f"neither DROpts = {{ nor Key=Value: {line.strip()[:40]!a}"))
        else:
            _keep(options, pair.group("key"), pair.group("value"), f"{path}:{number}", problems)
    if not options.values and not problems:
        problems.append(_malformed(path, "there is no DROpts in it"))
    return options


def _keep(options: DROpts, key: str, value: str, where: str, problems: List[Problem]) -> None:
    if key not in KEYS:
        problems.append(_malformed(where, f"there is no key {key[:40]!a}", did_you_mean(key, list(KEYS))))
    elif key in options.values:
        problems.append(_malformed(where, f"{key} is written twice", "keep one of the two"))
    else:
        options.values[key] = Value(value.strip(), where)


def chosen(found: Sequence[DROpts], system: str, resource: str = "") -> DROpts:
    """The one of this system and resource, or the only one.  Raises ConfigError where it is not clear which."""
    found = [options for options in found if options.resource == resource] if resource else found
    known = ", ".join(dict.fromkeys(map(str, found))) or "none"
    mine = [options for options in found if options.system == system or (system and not options.system)]
    own = [options for options in mine if options.system == system]
    fitting = own or mine or ([] if system else list(found))
    if len(fitting) == 1:
        return fitting[0]
    of = " and ".join(filter(None, (f"resource {resource}" if resource else "", system or "no system named")))
    why = f"{len(fitting)} of them count for {of}; there are: {known}"
    cure = "name the system of the site, and the resource of the LPAR: --system SYSTEM --resource NAME"
    raise ConfigError(_malformed(fitting[0].where if fitting else "--system, --resource", why, cure))


def flat(options: DROpts) -> Tuple[FlatFiles, Tuple[str, ...]]:
    """What legacy.convert takes: the files, and the name servers.  Raises ConfigError with every Problem."""
    problems: List[Problem] = []
    address = _one(options, "IPAddress", HOST_ADDRESS, problems)
    netmask = _one(options, "Netmask", NETMASK, problems)
    gateway = _one(options, "Gateway", HOST_ADDRESS, problems)
    name = options.values.get("HostName", Value("", options.where))
    short, _, of_name = name.text.partition(".")
    hostname = HOST_NAME.read(short, f"{name.where} HostName", problems) if short else ""
    if not short:
        _missing("HostName", options, problems)
    device = _DEVICE.fullmatch(options.values.get("Device", Value("", "")).text)
    if device is None:
        where = options.values.get("Device", Value("", options.where)).where
        problems.append(_malformed(where, "Device is no en0, en1, ..."))
    servers = tuple(ADDRESS.read(text, where, problems) for text, where in _words(options, "DNSServers"))
    domain = options.values.get("Domain") or options.values.get("DNSDomain") or Value(of_name, name.where)
    search = [text for text, where in _words(options, "DNSSearchPath") if DOMAIN.read(text, where, problems)]
    if domain.text:
        DOMAIN.read(domain.text, f"{domain.where} Domain", problems)
    if search and domain.text:
        search = [domain.text, *(one for one in search if one != domain.text)]
    owner = _owner(options, problems)
    if len(servers) > MOST_SERVERS:
        problems.append(_malformed(options.values["DNSServers"].where, f"more than {MOST_SERVERS} name servers"))
    if problems or device is None:
        raise ConfigError(*problems)
    interface = FlatInterface("en" + device.group("number"), address or "", netmask or "", (), options.where)
    made = FlatFiles(
        hostname or "", domain.text, gateway or "", (interface,), tuple(search), owner, "DROpts of VCS", ()
    )
    return made, tuple(server for server in servers if server)


def _owner(options: DROpts, problems: List[Problem]) -> str:
    """ConfigureNetwork=1: drboot takes over what vcs-reconfig did; 0: nobody touches the network."""
    value = options.values.get("ConfigureNetwork", Value("0", options.where))
    if value.text not in ("0", "1"):
        problems.append(_malformed(value.where, f"ConfigureNetwork is {value.text[:20]!a}", "write 0 or 1"))
    return "drboot" if value.text == "1" else "none"


def _one(options: DROpts, key: str, kind: Text[str], problems: List[Problem]) -> Optional[str]:
    value = options.values.get(key)
    if value is None or not value.text:
        _missing(key, options, problems)
        return None
    return kind.read(value.text, f"{value.where} {key}", problems)


def _missing(key: str, options: DROpts, problems: List[Problem]) -> None:
    why = f"{key} is missing; hosts.csv needs a complete row of each host, with ConfigureNetwork = 0 as well"
    problems.append(_malformed(options.where, why, f"add {key}: where nothing is configured, as it is at home"))


def _words(options: DROpts, key: str) -> Iterator[Tuple[str, str]]:
    value = options.values.get(key, Value("", ""))
    for word in re.split(r"[\s,;]+", value.text):
        if word:
            yield word, f"{value.where} {key}"


def _malformed(where: str, why: str, cure: str = "") -> Problem:
    cure = cure or "correct it, or write the profile by hand: etc/sites/example.yaml"
    return Problem("dropts-malformed", "DROpts cannot be read", where, why, cure)
