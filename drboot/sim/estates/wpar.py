"""``wpar``: the LPAR of ``small`` with two workload partitions, as the InfoScale guide has them.

``web`` has its base on a file system of its own in datavg, with a second one below it; ``batch`` is a directory of the
file system /data, and is not started by drboot.  Their definitions came with rootvg and have home's addresses.

Source: seeds/infoscale-lpar-and-wpar-dr-excerpt.txt, "Configuring AIX WPARs for disaster recovery": the base directory
is replicated, the resolver files inside it are home's, and so is the network of the definition.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict

from drboot.sim.estates import small
from drboot.sim.estates.build import Estate, Home, jfs2, make_dr, make_home, rehearsing, stanzas, write_profiles
from drboot.sim.world import new_wpar

RESOLVER = "domain example.com\nnameserver 10.1.0.53\n"
WPARS = """\
wpars:
  - name: web
    root: /wpars/web
    nameservers: [10.20.0.53]
    search: [dr.example.com, example.com]
    interfaces:
      - {role: service, address: 10.20.5.31, netmask: 255.255.255.0}
      - {role: service, address: 10.20.5.32, netmask: 255.255.255.0}
    rehearsal:
      - {role: service, address: 10.99.5.31, netmask: 255.255.255.0}
  - name: batch
    root: /data/wpars/batch
    nameservers: [10.20.0.53]
    domain: dr.example.com
    interfaces:
      - {role: service, address: 10.20.5.33, netmask: 255.255.255.0}
    start: false
"""
OLD = {"web": "10.1.5.31", "batch": "10.1.5.33"}


def make(directory: str) -> Estate:
    vgs, files, firmware = small.parts()
    data = vgs[1]
    web = [jfs2("fslv02", "/wpars/web", 16, "loglv00"), jfs2("fslv03", "/wpars/web/opt", 16, "loglv00")]
    lvs = [*data.lvs, *web]
    for lv in lvs:
        if lv["fs"] is not None:
            lv["fs"]["tree"] = lv["name"]
    vgs = [vgs[0], data._replace(lvs=lvs)]
    files = files._replace(filesystems=stanzas(vgs))
    home = Home(firmware, vgs, files, small.INTERFACES, small.ROUTES, {"ghostdev": "1"}, oslevel="7200-05-03-2148")
    machine = make_home(directory, home, small.NETWORKS)
    with machine.edit() as world:
        for name, base in (("web", "/wpars/web"), ("batch", "/data/wpars/batch")):
            address = {"interface": "en0", "address": OLD[name], "netmask": "255.255.255.0"}
            world["odm"]["wpars"][name] = new_wpar(name, directory=base, network=[address])
    for tree, below in (("fslv02", "etc"), ("fslv00", "wpars/batch/etc")):
        place = Path(directory, "trees", tree, below)
        place.mkdir(parents=True)
        (place / "resolv.conf").write_text(RESOLVER)
    Path(directory, "trees", "fslv02", "opt").mkdir()
    Path(directory, "trees", "fslv00", "db").mkdir()
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": small.DR_PROFILE + WPARS}, small.ROWS)
    dr = make_dr(directory, machine, small.dr_firmware())
    reh = make_dr(directory, machine, rehearsing(small.dr_firmware(), "prod01"))
    return Estate("wpar", os.path.abspath(directory), machine, dr, expected(), reh, expected_reh())


def expected() -> Dict[str, Any]:
    mask = "255.255.255.0"
    options = "options timeout:1 attempts:2\n"
    return {
        **small.expected(),
        "mounts": [*small.expected()["mounts"], ["/dev/fslv02", "/wpars/web"], ["/dev/fslv03", "/wpars/web/opt"]],
        "foreign_addresses": ["10.1.5.11", *OLD.values()],
        "wpars": {
            "web": {
                "active": True,
                "network": [["C2", "10.20.5.31", mask], ["C2", "10.20.5.32", mask]],
                "resolver": f"search dr.example.com example.com\nnameserver 10.20.0.53\n{options}",
            },
            "batch": {
                "active": False,
                "network": [["C2", "10.20.5.33", mask]],
                "resolver": f"domain dr.example.com\nnameserver 10.20.0.53\n{options}",
            },
        },
    }


def expected_reh() -> Dict[str, Any]:
    """``batch`` has no address for a rehearsal, so that it has none at all."""
    web, batch = expected()["wpars"]["web"], expected()["wpars"]["batch"]
    real = ["10.20.5.31", "10.20.5.32", "10.20.5.33"]
    servers = ("10.20.0.53", "10.99.5.53")
    return {
        **small.expected_reh(),
        "mounts": expected()["mounts"],
        "foreign_addresses": [*small.expected_reh()["foreign_addresses"], *OLD.values(), *real],
        "wpars": {
            "web": {
                **web, "network": [["C2", "10.99.5.31", "255.255.255.0"]],
                "resolver": web["resolver"].replace(*servers),
            },
            "batch": {**batch, "network": [], "resolver": batch["resolver"].replace(*servers)},
        },
    }  # fmt: skip
