"""The network of a site: what the roles of hosts.csv mean here, and the static routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from drboot.errors import Where
from drboot.profile.keys import HOST_ADDRESS, NAME, NETWORK, Integer, ListOf
from drboot.profile.sections import Key, Section, TableOf


@dataclass(frozen=True)
class Role:
    """One of ``network.roles``.  mtu in bytes; None leaves the interface's own."""

    mtu: Optional[int]
    at: Where


@dataclass(frozen=True)
class StaticRoute:
    """One of ``network.static_routes``.

    to   ``10.30.0.0/16``, or an address alone for a host route; ``keys.split_network`` gives address and mask
    via  the gateway's address
    """

    to: str
    via: str
    at: Where


@dataclass(frozen=True)
class Network:
    """``network:`` of a profile."""

    roles: Dict[str, Role]
    static_routes: Tuple[StaticRoute, ...]
    at: Where


ROLE = Section(
    "role",
    Role,
    meaning="What is the same for every host's interface of this role.",
    keys=(
        Key(
            "mtu",
            # Assumed: 60 is the least that en devices take, 65394 the most that virtual Ethernet documents.
            Integer(60, 65394),
            "MTU in bytes; without it the interface keeps its own.",
            default=None,
            shown="unchanged",
            example="9000",
        ),
    ),
)

STATIC_ROUTE = Section(
    "static_route",
    StaticRoute,
    keys=(
        Key("to", NETWORK, "Destination: a network with its prefix length, or one address.", example="10.30.0.0/16"),
        Key("via", HOST_ADDRESS, "Address of the gateway to it.", example="10.20.0.254"),
    ),
)

SECTION = Section(
    "network",
    Network,
    meaning="The networks of the site. The addresses themselves come from hosts.csv.",
    keys=(
        Key(
            "roles",
            TableOf(NAME, ROLE),
            "The roles that rows of hosts.csv may have at this site.",
            default={},
            example="{service: {mtu: 1500}}",
        ),
        Key(
            "static_routes",
            ListOf(STATIC_ROUTE),
            "Static routes; the default route is the gateway column of hosts.csv.",
            default=(),
            example="[{to: 10.30.0.0/16, via: 10.20.0.254}]",
        ),
    ),
)
