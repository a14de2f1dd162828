"""What the manual pages say besides what the code says of itself.

`x` is set in bold, {x} in italics.  A verb without an entry in VERBS gets the line of its --help.
"""

from __future__ import annotations

from typing import Dict, Tuple

from man.document import Block, Code, Item, Para

DRBOOT: Tuple[Block, ...] = (
    Para(
        "The LUNs of a production LPAR, rootvg among them, are replicated by the SAN. "
        "At the disaster-recovery site somebody maps the replicas to an LPAR and starts it. "
        "From there `drboot`, started by an entry of {/etc/inittab}, sees from the hardware where it is, puts devices, "
        "volume groups, file systems, names, network, boot list and services right for that site, verifies it on fresh "
        "facts, writes a report and disarms. "
        "On every other boot it reads one attribute and gets out of the way."
    ),
    Para(
        "Without a verb it says where things stand, what would be decided and what would be done. "
        "Nothing is changed unless `--apply`, or a verb that says so, is given."
    ),
    Para(
        "The life of an LPAR: `drboot capture` every night, `drboot check` before the disaster, `drboot arm` once; "
        "then the boot at the other site does the rest. "
        "After a rehearsal `drboot undo` brings back what was before."
    ),
)

DECISION: Tuple[Block, ...] = (
    Para("One query, `lsattr -El sys0 -a systemid`, and one file, the stamp, decide. By hand and at boot alike:"),
    Item("not armed, or disarmed", "Nothing happens."),
    Item("the configured site's own system id", "Nothing happens: this is production."),
    Item("the system id of exactly one other site", "The machine is put right for that site."),
    Item("a system id of no site", "Nothing is changed; the id and the line to add are said. Exit status 3."),
    Item("an id that cannot be read", "Nothing is changed. Exit status 3."),
    Item("an id listed twice, or a damaged stamp", "Nothing is changed; file and line are named. Exit status 2."),
    Item("an event that was completed already", "Nothing happens."),
)

VERBS: Dict[str, Tuple[Block, ...]] = {
    "capture": (
        Para(
            "Records what this machine looks like at the site that it is configured for: volume groups with their "
            "PVIDs, logical volumes, owners of raw devices, file systems, devices and their attributes, network, "
            "services. The next recovery compares with it and restores from it."
        ),
        Para(
            "What could not be read stands as it was in the last capture, and the exit status is 4. "
            "At any site but the configured one it refuses, so that the record of home is never overwritten. "
            "Run it every night from cron."
        ),
    ),
    "check": (
        Para(
            "Answers on production whether a recovery would work tonight. "
            "Every finding has a stable name, says what was observed and what to do about it; exit status 0 means "
            "ready, 4 not ready. Nothing is changed."
        ),
    ),
    "arm": (
        Para(
            "Lets the next boot at another site act: sets the device-reset flag that the profiles ask for, adds one "
            "entry to {/etc/inittab} behind srcmstr and before rctcpip, and writes the stamp last. "
            "Profiles and address table are read first, and every mistake in them is named in one pass."
        ),
        Para("Running it again changes nothing but the arm id, with which a new event can begin."),
    ),
    "disarm": (
        Para(
            "Lets no boot act: the stamp says so first, then the inittab entry is set to off and the device-reset "
            "flags to 0. The entry itself is removed with the package."
        ),
    ),
    "status": (
        Para("Says where things stand: stamp, system id, decision, the last run, and whether the entry is live."),
        Para(
            "With `--shout` it is silent while all is well, for cron: it complains, also to the error log, when a "
            "rehearsal runs too long or the disks are lost."
        ),
    ),
    "plan": (
        Para(
            "Shows step by step what an apply would do here and now: what is so already, the commands that would run, "
            "and what blocks. Nothing is changed."
        ),
        Para(
            "With `--site`, for another site than the one that this machine is at: from home, what would happen there."
        ),
    ),
    "report": (Para("Shows the report of a run: each step, its evidence, and what to do about what failed."),),
    "undo": (
        Para(
            "Brings back what the runs of this event changed, the last change first, and every managed file byte for "
            "byte. `--plan` shows beforehand what would be done and what cannot be brought back. "
            "An undo that was interrupted is started again."
        ),
    ),
    "runbook": (
        Para(
            "Prints one page for the day on which drboot cannot run: what is done at the other site, in which order, "
            "and how by hand, with this machine's own disks, volume groups, addresses and names filled in. "
            "Nothing is changed. With `--html` it is written as a page for paper and for a telephone."
        ),
        Para(
            "It is made from profile, address table and capture, so `--capture` makes it for another machine of the "
            "estate, anywhere. Make it anew after the capture has changed, and keep it where the disaster is not."
        ),
    ),
    "import": (
        Para(
            "Reads the flat files of the ksh scripts that drboot replaces (dr_hostname.txt, dr_defgw.txt, dr_en0.txt, "
            "dr_inet.txt) and writes a profile and an address table from them. What has no counterpart is remarked "
            "upon, with exit status 4."
        ),
    ),
    "storage-map": (
        Para(
            "Which LUN is which, for the people who map the replicas: PVID, size, volume group, role, and the "
            "unique_id and serial that home's array knows it by. As a table, as `--csv` or as `--json`."
        ),
        Para(
            "At another site it compares: what of home's disks has arrived, is missing, is there twice or has another "
            "size; exit status 4 then. Disks are the same disk by their PVID."
        ),
    ),
    "ssp-files": (
        Para(
            "For a shared storage pool that is recovered on other VIOS: asks all that must be so, writes {nodelist} "
            "and {disklist}, and prints the commands in order. It runs none of them. "
            "What the VIOS says is given as files that hold the output of its commands."
        ),
        Para(
            "With `--verify`, afterwards: is the cluster well, is every logical unit there, and is each mapped to its "
            "LPAR and to no other."
        ),
    ),
    "flash": (
        Para(
            "A FlashCopy of a DS8000 that is made anew takes the disks away under whoever runs from it. `plan` asks "
            "whether it may be: the LPAR is one for rehearsals and is proved to be down, every pair is there, and the "
            "last copy is not too young. Only then it prints the lines for dscli, in their order. It runs none of them."
        ),
        Para("`status` says whether each pair is valid, persistent and young, and whether each was copied."),
    ),
    "glvm": (
        Para(
            "For volume groups that GLVM mirrors between two sites: says what to type, on which host and in which "
            "order, and runs none of it. `failback` is the way back to production: with `--varyonvg` or `--lsvg-p`, "
            "what AIX printed there, it names the disks that `chpv -v a` is for. `sync` compares looks at the "
            "volume group and says when both copies are the same, exit status 4 until then. `timeouts` finds "
            "RPVC_IO_TIMEOUT in what errpt printed, and says what brings the disks back. `outage` is a planned one, "
            "with the addresses to be set again. `state` is what was captured of the RPV clients."
        ),
    ),
    "support": (
        Para(
            "Collects in one file what somebody who helps from afar asks for: stamp, profiles and address table, "
            "captures, state, journals and reports of the newest runs, the files that a run may change, what reading "
            "commands say of disks, volume groups, network, services and the error log, the levels of installed "
            "filesets, and a list of drboot's files. CONTENTS.txt in it names every item and what became of it."
        ),
        Para(
            "The file is a gzipped tar, at most 32 MB of contents, and only its owner can read it. "
            "What looks like a secret is left out: values behind keys such as password or token, private keys, the "
            "environment of hooks. Hooks themselves, what they have printed, and lists of processes are not collected. "
            "Addresses and names are: read it before you send it."
        ),
        Para(
            "It works on a machine on which nothing else does. An item that cannot be had is noted and the rest is "
            "collected; exit status 4 says that commands failed or files could not be read. No link is followed."
        ),
    ),
}

SEE: Dict[str, Tuple[str, ...]] = {
    "capture": ("drboot-check(1)", "drboot-arm(1)"),
    "check": ("drboot-capture(1)", "drboot-arm(1)", "drboot.yaml(5)", "hosts.csv(5)"),
    "arm": ("drboot-check(1)", "drboot-disarm(1)", "drboot.yaml(5)", "hosts.csv(5)"),
    "disarm": ("drboot-arm(1)",),
    "status": ("drboot-report(1)",),
    "plan": ("drboot-report(1)", "drboot.yaml(5)"),
    "report": ("drboot-status(1)", "drboot-support(1)"),
    "undo": ("drboot-report(1)",),
    "runbook": ("drboot-plan(1)", "drboot-capture(1)"),
    "import": ("drboot.yaml(5)", "hosts.csv(5)"),
    "support": ("drboot-report(1)",),
    "storage-map": ("drboot-capture(1)", "drboot-runbook(1)"),
    "ssp-files": ("drboot-storage-map(1)",),
    "flash": ("drboot-storage-map(1)", "drboot.yaml(5)"),
    "glvm": ("drboot-capture(1)", "drboot.yaml(5)"),
}

FILES: Dict[str, str] = {
    "STAMP": "The stamp that `drboot arm` writes, all that a boot reads.",
    "UNRECORDED": "Runs that have changed what /var had no room to record.",
    "STARTED": "Processes that /var had no room to record, as long as they run.",
    "CLAIMS": "Duplicate addresses that are old news, where /var had no room to record them.",
    "SITES": "One profile for each site, the same files on every LPAR: `drboot.yaml`(5).",
    "HOSTS_CSV": "The address table: `hosts.csv`(5).",
    "VAR": "What drboot keeps on this machine; root's alone.",
    "CAPTURES": "What the machine looked like, one file for each site.",
    "STATE": "Where the event stands.",
    "RUNS": "A directory for each run: journal.jsonl, report.json, report.html, the output of commands.",
    "SUPPORT": "Where `drboot support` writes, unless told otherwise.",
    "LOCK": "Held while a run is active.",
    "HOOKS_RAN": "Which hooks have run for this event.",
    "HOSTS_KEPT": "/etc/hosts while mktcpip runs.",
    "PRODUCT": "The product, with the Python packages that it brings along.",
    "COMMAND": "The command.",
    "LAUNCHER": "What init starts.",
}

SIMULATOR: Tuple[Block, ...] = (
    Para(
        "An estate is a directory: a production LPAR, a DR LPAR, the SAN between them, and the product installed on "
        "both. The AIX commands in it are programs that behave as the real ones do, so that a whole disaster can be "
        "rehearsed on any Linux machine. Nothing outside of the directory is touched."
    ),
)

PROFILE: Tuple[Block, ...] = (
    Para(
        "A profile says what is wanted at a site, for every LPAR of the estate: its system ids, device reset, names, "
        "network, volume groups, file systems, services, hooks and deadlines. What differs per LPAR stands in "
        "`hosts.csv`(5). The same profiles are on every LPAR; production is a site like any other."
    ),
    Para(
        "It is YAML. A key that drboot does not know is a mistake, and so is a key written twice. "
        "`drboot check` names every mistake with file, line and column. "
        "{/opt/drboot/doc/site.schema.json} is a JSON Schema for editors. "
        "The file must belong to root, and nobody else may write it or a directory above it."
    ),
)

TABLE: Tuple[Block, ...] = (
    Para(
        "One row for each host, site, mode and role, in CSV as in RFC 4180 with a header line. "
        "Lines that begin with # are comments. The file is the same on every LPAR of the estate."
    ),
    Para(
        "A rehearsal never uses an address of production or of the disaster rows, in any spelling; a table in which it "
        "would is refused. The adapter is found by slot, VLAN or MAC, never by a name such as en0, since a device "
        "reset changes the numbers."
    ),
)

EXAMPLES: Dict[str, Tuple[Block, ...]] = {
    "drboot": (
        Para("Where does this machine stand, and what would happen?"),
        Code(("drboot",)),
        Para("Do by hand what init would do, but only if this is the site dr:"),
        Code(("drboot --apply --site dr",)),
    ),
    "capture": (
        Para("Every night, in root's crontab:"),
        Code(("30 2 * * * /opt/drboot/bin/drboot check --nightly",)),
    ),
    "check": (Code(("drboot check", "drboot check --json")),),
    "arm": (Code(("drboot arm", "drboot arm --site home --host prod01")),),
    "plan": (Para("What would happen at the site dr, seen from home:"), Code(("drboot plan --site dr",))),
    "report": (Para("The last run:"), Code(("drboot report",))),
    "undo": (Code(("drboot undo --plan", "drboot undo")),),
    "runbook": (Code(("drboot runbook", "drboot runbook --site dr --html /var/tmp/prod01.html")),),
    "import": (Code(("drboot import /etc/dr --host prod01 --systemid IBM,0211D11C1",)),),
    "support": (
        Code(("drboot support --output /home/support", "gzip -dc /home/support/drboot-*.tar.gz | tar -tvf -")),
    ),
    "drboot-sim": (
        Para("The main job from beginning to end:"),
        Code(("drboot-sim demo",)),
        Para("Step by step:"),
        Code(
            (
                "drboot-sim new bank /tmp/estate",
                "drboot-sim boot /tmp/estate",
                "drboot-sim exec /tmp/estate drboot capture",
                "drboot-sim exec /tmp/estate drboot arm",
                "drboot-sim failover /tmp/estate",
            )
        ),
    ),
    "drboot.yaml": (
        Code(
            (
                "version: 1",
                "site: dr",
                "systemids: [IBM,0211D11C1]",
                "device_reset: clouddev-at-dr",
                "names:",
                "  nameservers: [10.20.0.53]",
                "  domain: dr.example.com",
                "network:",
                "  roles:",
                "    service: {mtu: 1500}",
                "services:",
                "  inittab_off: [nimclient, nimsh]",
            )
        ),
    ),
    "hosts.csv": (
        Code(
            (
                "host,site,mode,role,match,address,netmask,gateway,aliases",
                "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,10.20.5.12/24",
                "prod01,dr,disaster,backup,vlan:310,10.21.5.11,24,,",
                "prod01,dr,rehearsal,service,slot:C2,10.99.5.11,24,10.99.5.1,",
            )
        ),
    ),
}
