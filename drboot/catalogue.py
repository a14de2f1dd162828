"""What every Problem means and what to do about it: the pages behind ``error NAME:``.

docs/errors.md is made from this.  Keep the names sorted within their part; each one is used somewhere in drboot/.
"""

from __future__ import annotations

from typing import Dict, NamedTuple


class Explanation(NamedTuple):
    """title, a few words; meaning, what is the case; cure, what to do."""

    title: str
    meaning: str
    cure: str


_PROFILE: Dict[str, Explanation] = {
    "address-not-a-host": Explanation(
        "Address is the network or its broadcast",
        "The first address of a subnet names the subnet, the last one everybody in it; an interface can have neither.",
        "Correct the address, or the netmask beside it.",
    ),
    "address-twice": Explanation(
        "Address used twice",
        "Two rows of hosts.csv with the same mode would put one address on two interfaces. One host may keep its "
        "address at two different sites; that is not reported.",
        "Give one of the two rows another address. Both lines are named.",
    ),
    "alias-is-address": Explanation(
        "Alias repeats the address",
        "The aliases column contains the address of the row itself.",
        "Take it out of the aliases.",
    ),
    "bad-address": Explanation(
        "Not an IPv4 address",
        "Four decimal numbers from 0 to 255 are wanted. Leading zeros are refused, since some programs read them as "
        "octal. Where an interface or gateway is meant, loopback and multicast addresses are refused as well.",
        "Write the address in dotted decimal, as in 10.20.5.11.",
    ),
    "bad-boolean": Explanation("Not true or false", "The key is a switch.", "Write true or false, without quotes."),
    "bad-choice": Explanation(
        "Not one of the known words",
        "The key takes one of a few words, and this is none of them.",
        "The message names the nearest word, or all of them.",
    ),
    "bad-domain": Explanation(
        "Not a domain",
        "A domain is labels of letters, digits and - with dots between them.",
        "Write it as in dr.example.com, without a dot at either end.",
    ),
    "bad-duration": Explanation(
        "Not a duration",
        "A duration is a number of seconds, or a number followed by s, m, h or d; more than 0 and at most 30 days.",
        "Write 90, 90s, 15m or 1h.",
    ),
    "bad-host-name": Explanation(
        "Not a host name",
        "A node name has at most 32 characters: letters, digits and -. The domain is not part of it.",
        "Write the short name; the domain belongs to names.domain.",
    ),
    "bad-match": Explanation(
        "Names no adapter",
        "The match column says how the adapter is found: by its slot, its VLAN or its MAC address. slot:? comes from "
        "an import that did not know the slot.",
        "Write slot:C2, vlan:310 or mac:AA:BB:CC:DD:EE:FF; lscfg -vl entN and entstat -d entN show them.",
    ),
    "bad-name": Explanation(
        "Not a name",
        "Names of subsystems, users, inittab entries, roles and sites are letters, digits, _ . and -, and do not "
        "begin with a dash. An inittab identifier has at most 14 characters.",
        "Write the name as AIX lists it.",
    ),
    "bad-netmask": Explanation(
        "Not a netmask",
        "A netmask is dotted decimal with all its one bits in front, or a prefix length from 1 to 32.",
        "Write 255.255.255.0 or 24.",
    ),
    "bad-network": Explanation(
        "Not a route's destination",
        "A static route leads to a network with its prefix length and no host bits, or to one address. The default "
        "route comes from the gateway column of hosts.csv.",
        "Write 10.30.0.0/16, or an address alone.",
    ),
    "bad-number": Explanation(
        "Not a number, or out of range",
        "A decimal number within the limits that the message names is wanted.",
        "Write it without quotes, sign or leading zeros.",
    ),
    "bad-path": Explanation(
        "Not an absolute path",
        "A path begins with / and has no blanks, no empty parts and no . or .. in it.",
        "Write it as AIX lists it, e.g. in /etc/filesystems.",
    ),
    "bad-pattern": Explanation(
        "Not a pattern", "A shell pattern with at least one character is wanted.", 'Write e.g. "prod*", in quotes.'
    ),
    "bad-pvid": Explanation(
        "Not a PVID",
        "A PVID has 16 hexadecimal digits, as lspv prints it; the ODM's 32, ending in 16 zeros, are taken as well.",
        "Copy it from lspv on the production host.",
    ),
    "bad-systemid": Explanation(
        "Not a systemid",
        "A systemid is letters and digits, with or without IBM, in front. An empty one is refused, since an "
        "unreadable id would be equal to it.",
        "Write what lsattr -El sys0 -a systemid prints on that machine.",
    ),
    "bad-vg-name": Explanation(
        "Not a volume group name",
        "A volume group name has 1 to 15 characters: letters, digits, _ - and .",
        "Write it as lsvg prints it.",
    ),
    "bad-word": Explanation("Not one word", "One word without blanks is wanted.", "Make it several items of the list."),
    "bad-words": Explanation(
        "Not words on one line",
        "The key takes words for people: 1 to 200 printable characters.",
        "Shorten it, and keep it on one line.",
    ),
    "domain-and-search": Explanation(
        "Both domain and search",
        "resolv.conf has a domain line or a search line; with both, the last one counts.",
        "Keep search with the domain as its first entry, or keep domain.",
    ),
    "duplicate-key": Explanation(
        "Key written twice",
        "The same mapping has the key twice; YAML readers differ on which one counts.",
        "Keep one of the two.",
    ),
    "file-is-a-link": Explanation(
        "Symbolic link in the configuration",
        "A configuration file, or a directory above it, is a symbolic link. What it leads to may be writable by "
        "somebody else, so drboot does not follow it.",
        "Put the file itself there.",
    ),
    "file-not-ours": Explanation(
        "Configuration belongs to somebody else",
        "drboot runs as root and does what these files say, so they and every directory above them must belong to it.",
        "Look at the contents first, then chown.",
    ),
    "file-not-text": Explanation(
        "Not UTF-8 text", "The file has bytes that are no UTF-8.", "Save it as UTF-8, or keep to ASCII."
    ),
    "file-too-large": Explanation(
        "File too large", "A profile or address table has at most 1 MiB.", "Look whether this is the right file."
    ),
    "file-unreadable": Explanation(
        "File cannot be read",
        "A profile, the address table or the directory of the profiles is missing or cannot be opened.",
        "See that it exists, is a regular file, and that drboot may read it.",
    ),
    "file-writable-by-others": Explanation(
        "Others may write the configuration",
        "Group or others have write permission on the file or on a directory above it; they could make root do "
        "anything.",
        "Look at the contents first, then chmod go-w.",
    ),
    "further-mistakes": Explanation(
        "More mistakes than are told",
        "Profiles and address table have more than 200 mistakes; the first 200 are named, and the place of "
        "the next one. "
        "A file that is no profile at all, or one key or column misspelt, can be the cause of them all.",
        "Correct the first ones, then look again.",
    ),
    "gateway-is-own-address": Explanation(
        "Gateway is the machine itself", "The row's gateway is its own address.", "Write the router's address."
    ),
    "gateway-missing": Explanation(
        "No gateway",
        "None of the rows of this host, site and mode has a gateway, so there would be no default route.",
        "Write the default gateway into the row of its network.",
    ),
    "gateway-outside-subnet": Explanation(
        "Gateway outside the subnet",
        "The gateway is not in the subnet that the row's address and netmask make, so it cannot be reached.",
        "Correct the gateway, the address or the netmask.",
    ),
    "gateway-twice": Explanation(
        "Two gateways",
        "Two rows of one host, site and mode have a gateway; there is exactly one default route.",
        "Keep one; other networks belong under network.static_routes.",
    ),
    "host-name-too-long": Explanation(
        "Host name too long at this site",
        "names.hostname adds so much to the production host name that a node name, at most 32 characters, cannot "
        "hold it.",
        "Shorten what the template adds.",
    ),
    "host-name-twice": Explanation(
        "Two hosts with one name",
        "names.hostname makes the same name of two hosts that have rows at the site. Often the template is a name "
        "that was meant for one LPAR.",
        "Put {host} into names.hostname; it stands for the production host name.",
    ),
    "hosts-column-missing": Explanation(
        "Column missing in hosts.csv",
        "The first line of the address table does not name a column that is needed.",
        "The first line is: host,site,mode,role,match,address,netmask,gateway,aliases",
    ),
    "hosts-column-twice": Explanation(
        "Column twice in hosts.csv", "The first line of the address table names a column twice.", "Take one out."
    ),
    "hosts-column-unknown": Explanation(
        "Unknown column in hosts.csv",
        "The first line of the address table names a column that drboot does not read.",
        "Correct its name or take the column out.",
    ),
    "hosts-empty": Explanation(
        "hosts.csv is empty",
        "The address table has not even its header line.",
        "/etc/drboot/samples/hosts.csv shows how it looks.",
    ),
    "hosts-match-twice": Explanation(
        "Adapter named twice",
        "Two rows of one host, site and mode are for the same adapter.",
        "Correct one of them; further addresses of an interface are aliases.",
    ),
    "hosts-role-twice": Explanation(
        "Role twice",
        "Two rows of one host, site and mode have the same role.",
        "Correct one of them; further addresses of an interface are aliases.",
    ),
    "hosts-role-unknown": Explanation(
        "Unknown role",
        "The row's role is not among network.roles of its site.",
        "Correct the row, or add the role to the profile.",
    ),
    "hosts-row-fields": Explanation(
        "Wrong number of fields",
        "The row has more or fewer fields than the header. Often an alias was separated by a comma.",
        "Count the commas; aliases have ; between them.",
    ),
    "hosts-site-unknown": Explanation(
        "Unknown site", "No profile has the name that the row's site column has.", "Correct it, or add the profile."
    ),
    "hosts-syntax": Explanation(
        "hosts.csv is not CSV",
        "The address table cannot be read as RFC 4180 CSV.",
        "Look for a quote that is not closed, or a control character.",
    ),
    "list-repeats": Explanation(
        "Written twice in a list", "The same value stands in one list twice.", "Keep one; it may be meant otherwise."
    ),
    "list-too-long": Explanation(
        "Too many in a list",
        "AIX or firmware takes only so many: 3 name servers, 6 search domains.",
        "Keep the ones that matter most, in that order.",
    ),
    "list-too-short": Explanation("List is empty", "The list needs at least one item.", "Add it."),
    "missing-key": Explanation(
        "Key missing",
        "A key that has no default is not there.",
        "Add it; /opt/drboot/doc/profile.md shows an example.",
    ),
    "no-sites": Explanation(
        "No profiles",
        "/etc/drboot/sites has no file that ends in .yaml.",
        "Write one per site; /etc/drboot/samples/example.yaml shows every key.",
    ),
    "profile-empty": Explanation(
        "Profile is empty", "There is nothing in the file.", "/etc/drboot/samples/example.yaml shows every key."
    ),
    "pvid-in-two-vgs": Explanation(
        "PVID in two volume groups",
        "A PVID stands under two volume groups that count for the same host; a disk belongs to one.",
        "Look it up in lspv on the production host, and keep the right one.",
    ),
    "probe-address-taken": Explanation(
        "The address to ask with is somebody's",
        "network.roles.ROLE.probe_address is on the wire for a moment, to ask whether another address is free; an "
        "address that a row of hosts.csv names would be on the wire twice.",
        "Take an address of the subnet that nobody has, and reserve it.",
    ),
    "rehearsal-uses-real-address": Explanation(
        "Rehearsal would use a real address",
        "A rehearsal row, or a WPAR in a rehearsal, has an address that a disaster row has too, at whichever site, or "
        "that production, one of its WPARs or a gateway of its routes had when it was captured, however that is spelt, "
        "or that is a gateway, name server or probe_address out there. The rehearsal runs while the "
        "other machine may be up. The same gateway is allowed: it is the router's, and the rehearsal only sends to it.",
        "Give the rehearsal addresses of its own.",
    ),
    "rootvg-in-profile": Explanation(
        "rootvg under volume_groups",
        "The machine has booted from rootvg: it is neither imported nor left out.",
        "Take the entry out.",
    ),
    "service-stopped-and-started": Explanation(
        "Subsystem stopped and started",
        "A subsystem is under services.stop and under services.start.",
        "Take it out of one of the two.",
    ),
    "site-file-name": Explanation(
        "Profile that is not read", "Only files that end in .yaml are profiles.", "Rename it, or move it elsewhere."
    ),
    "site-name-differs": Explanation(
        "Profile in the wrong file",
        "The site key and the name of the file differ; often a profile was copied and not edited to its end.",
        "Rename the file or correct the key, and look at the systemids too.",
    ),
    "systemid-in-two-sites": Explanation(
        "Systemid under two sites",
        "The same systemid is listed under two sites, so a machine with this id could be either of them. Often a "
        "profile was copied. Nothing is done on any machine until this is corrected.",
        "Compare with lsattr -El sys0 -a systemid at both sites, and take it out of one.",
    ),
    "unknown-key": Explanation(
        "Unknown key",
        "drboot reads no key of this name here; a misspelt key would otherwise be ignored in silence.",
        "The message names the nearest key, or all of them.",
    ),
    "vg-host-unknown": Explanation(
        "Volume group for an unknown host",
        "An entry under volume_groups.named is for a host that has no row in hosts.csv. Misspelt, it would count for "
        "no host at all, and nobody would notice before the day.",
        "Correct the name, or add the host's rows to hosts.csv.",
    ),
    "vg-named-and-excepted": Explanation(
        "Volume group wanted and not wanted",
        "The volume group is under named and under except.",
        "Take it out of one of the two.",
    ),
    "vg-named-twice": Explanation(
        "Volume group named twice",
        "Two entries under volume_groups.named have the same name and count for the same host.",
        "Make one entry of the two, or give each its own hosts.",
    ),
    "wrong-type": Explanation(
        "Wrong shape",
        "A single value stands where a list or mapping is wanted, or the other way round.",
        "/opt/drboot/doc/profile.md shows an example of every key.",
    ),
    "yaml-not-plain": Explanation(
        "YAML feature that profiles do not have",
        "Aliases, tags, several documents and keys that are no words are refused: a profile says what it means.",
        "Write it out.",
    ),
    "yaml-syntax": Explanation(
        "Not YAML",
        "The YAML reader gave up at the place named; what is wrong is often a line above.",
        "Look for tabs, quotes, and indentation.",
    ),
    "yaml-too-deep": Explanation(
        "Nested too deeply", "No profile has as many levels.", "Look for stray brackets or indentation."
    ),
}

_IMPORT: Dict[str, Explanation] = {
    "import-adapter-unknown": Explanation(
        "Imported interface without an adapter",
        "The old files name interfaces by number, hosts.csv wants what does not change: slot, VLAN or MAC. The row was "
        "written with slot:?, which nothing accepts.",
        "Replace slot:? in hosts.csv; lscfg -vl entN shows the slot behind the last dash but one, as in -V7-C2-T1.",
    ),
    "import-file-malformed": Explanation(
        "Old file is not as the old scripts read it",
        "The import understands the files exactly as the ksh scripts did, and guesses nothing. Nothing was written.",
        "Correct the file, or write the profile by hand.",
    ),
    "import-file-missing": Explanation(
        "Old file cannot be read",
        "dr_hostname.txt, dr_defgw.txt, dr_en0.txt, dr_inet.txt and a file for each interface in it are needed. "
        "Nothing was written.",
        "Find it on the old machine. With en0 alone, dr_inet.txt has en0 in it.",
    ),
    "import-needs-systemid": Explanation(
        "Import without a systemid",
        "The systemid of the DR site stood in the old scripts themselves, not in their files.",
        "Look for DR_SYSTEMID in the script, and name it.",
    ),
}

# The gate's answers and what arm and disarm complain about.
_ARMING: Dict[str, Explanation] = {
    "configured-site-unknown": Explanation(
        "Nobody says which site this machine is configured for",
        "The stamp names no configured site, or one that has no systemids. Without them production cannot be told "
        "from DR, so nothing is changed.",
        "Correct the profile of that site, then run drboot arm.",
    ),
    "device-flag-missing": Explanation(
        "This AIX level lacks the device-reset flag",
        "sys0 has no such attribute: ghostdev exists from AIX 6.1 on, clouddev from 6.1 TL9 SP5 and 7.1 TL3 SP5 on. "
        "The machine is armed, but at DR its ODM will not be reset by it.",
        "Choose another device_reset in the profile, or update AIX.",
    ),
    "device-flag-not-set": Explanation(
        "The device-reset flag does not take the value",
        "chdev was run on sys0, and lsattr shows another value afterwards. The machine was not armed.",
        "Look at what chdev said, correct that, and run drboot arm again.",
    ),
    "flash-credentials": Explanation(
        "The credentials of the array cannot be used",
        "auth.conf or the password file that it names is missing, says nothing of this array, can be read by others "
        "than its owner, or lies where others may write. drboot names the password file to dscli and never reads it.",
        "chmod 600 both, as the user who runs drboot; make the password file with dscli managepwfile.",
    ),
    "failback-not-from-here": Explanation(
        "The machine is not at another site",
        "drboot arm --for HOME captures a machine as it is at the site where it runs now, and makes it ready to come "
        "back to HOME. It was asked for at HOME itself, or on a machine that no profile lists.",
        "Run it at the other site, before the disks are copied back.",
    ),
    "capture-other-host": Explanation(
        "The capture is of another machine",
        "A machine is put right by the capture that was made of it at home. This one names another host: it was copied "
        "here by mistake, or the machine was armed under another name than it was captured under. Nothing was changed.",
        "Restore the capture of this host, below /var/adm/drboot/captures. Where only the name was changed: at home, "
        "drboot capture --host NAME.",
    ),
    "failback-other-host": Explanation(
        "The capture of home is of another host",
        "Home's own values are taken from the capture that was made there, and this one is not of this host.",
        "Restore the capture of this host from a backup, below /var/adm/drboot/captures.",
    ),
    "failback-too-early": Explanation(
        "Not ready to go home",
        "What runs here is a rehearsal, whose disks are thrown away and never copied back; or the recovery at this "
        "site has not come to its end, so that its capture would be taken for what the machine is to be.",
        "Mend what drboot report names, drboot --apply until it is complete; end a rehearsal with drboot undo.",
    ),
    "ghostdev-and-remote-restart": Explanation(
        "ghostdev also fires on other moves",
        "With ghostdev=1 AIX resets its devices whenever the LPAR starts on other hardware. Simplified Remote Restart "
        "and offline LPM are such moves too, although they are no disaster.",
        "Where those are used, choose device_reset: clouddev-at-dr.",
    ),
    "host-name-missing": Explanation(
        "Arming without a host name",
        "The device reset loses the host name, so the stamp carries it; hosts.csv is searched for it at DR.",
        "Name it: drboot arm --host NAME.",
    ),
    "inittab-entry": Explanation(
        "The inittab entry is not as it must be",
        "After mkitab, chitab or rmitab, lsitab shows the entry of drboot otherwise than it was written, or another "
        "entry changed with it, or there is no place between srcmstr and rctcpip.",
        "Look at /etc/inittab, correct it by hand, and run drboot arm again.",
    ),
    "interpreter-setting": Explanation(
        "/etc/drboot/interpreter is wrong",
        "The file may name one interpreter: an absolute path below /usr or /opt, alone on a line. Nothing was changed.",
        "Correct the line that is named, or make it a comment; then: drboot arm.",
    ),
    "no-interpreter": Explanation(
        "No Python 3.9 or newer",
        "None of the interpreters that the boot could use is there and new enough.",
        "Install python3.9.base (AIX 7.3), or python3 of the AIX Toolbox.",
    ),
    "site-mismatch": Explanation(
        "The machine belongs to another site than the one named",
        "--site names one site, the machine's systemid is listed under another. Nothing was changed.",
        "Leave --site away, or correct the profiles and arm again.",
    ),
    "site-unknown": Explanation(
        "There is no profile of this site",
        "The site that was named has no file below /etc/drboot/sites.",
        "Name one that has, or write its profile.",
    ),
    "stamp-changed": Explanation(
        "The stamp was replaced during the run",
        "When the run wanted to record its event as done, the stamp was gone or had another arm_id: somebody armed "
        "the machine meanwhile.",
        "Look at drboot status; the newer stamp holds.",
    ),
    "stamp-damaged": Explanation(
        "The stamp is damaged",
        "/etc/drboot/armed is cut off, edited, or of another version. The gate decides nothing by it.",
        "Run drboot arm.",
    ),
    "stamp-no-ids": Explanation(
        "The stamp has no systemid",
        "No site in it has one, so no machine can be recognised.",
        "Write the systemids into the profiles and run drboot arm.",
    ),
    "stamp-not-written": Explanation(
        "The stamp cannot be written",
        "/etc/drboot/armed could not be replaced, or was gone afterwards. What was there before still holds.",
        "Look at the file system and the permissions of /etc/drboot, then repeat.",
    ),
    "stamp-unreadable": Explanation(
        "The stamp cannot be read",
        "/etc/drboot/armed is there, and opening or reading it fails.",
        "Look at the file system and the permissions of /etc/drboot, then run drboot arm.",
    ),
    "stamp-untrusted": Explanation(
        "Somebody else could have written the stamp",
        "The stamp, or a directory above it, belongs to another user or may be written by others. Whoever can write "
        "it decides what runs as root, so it is not believed.",
        "Correct owner and mode, then run drboot arm.",
    ),
    "systemid-unknown": Explanation(
        "No site lists this machine",
        "Its systemid is under no site: it was moved by LPM, its hardware was replaced, or a DR machine was forgotten. "
        "Nothing is changed, since it could be production.",
        "Add the id that the message prints to the profile of the site where the machine stands, and run drboot arm. "
        "To recover it at once: drboot --apply --site SITE --accept-systemid IBM,....",
    ),
    "systemid-unreadable": Explanation(
        "The systemid cannot be read",
        "lsattr failed, hung, or printed something else. Nothing is changed.",
        "When lsattr -El sys0 -a systemid answers again: drboot --apply.",
    ),
}

_FACTS: Dict[str, Explanation] = {
    "capture-damaged": Explanation(
        "Capture cannot be used",
        "The capture of the site is not what drboot writes: cut short, edited, or from another version.",
        "Run drboot capture on the machine at home, or restore the file from a backup of that machine.",
    ),
    "capture-not-written": Explanation(
        "Capture not written",
        "The file system of /var/adm/drboot is full, or cannot be written. The capture before stands as it was.",
        "Make room, or mend what the message names; then repeat the command.",
    ),
    "capture-elsewhere": Explanation(
        "Capture away from home",
        "A capture says what the machine looks like at its configured site; taken elsewhere it would overwrite the "
        "only record of home.",
        "Run drboot capture at home.",
    ),
    "capture-missing": Explanation(
        "No capture",
        "Without a capture nobody knows which volume groups, file systems and addresses the machine had at home.",
        "Run drboot capture at home, every night; at DR restore the file from a backup of that machine.",
    ),
    "fact-not-understood": Explanation(
        "Output that AIX does not print",
        "A reading command answered, but not in the form that drboot knows of that command. Nothing is guessed from "
        "it; what depends on it is left out.",
        "Run it by hand and compare. Please report it with the output, which the run's directory keeps.",
    ),
    "fact-unavailable": Explanation(
        "A reading command gave no answer",
        "It failed, was not there, or did not end before its deadline.",
        "The message has the command and what it said; run it by hand.",
    ),
    "fact-unreadable": Explanation(
        "A file cannot be read", "A file that drboot looks at could not be opened.", "The message has the reason."
    ),
    "host-not-in-table": Explanation(
        "Host without rows",
        "hosts.csv has no row with this production host name, so no other site has an address for it.",
        "Add its rows, or give the name that the table uses: drboot arm --host HOST.",
    ),
    "host-without-addresses": Explanation(
        "No addresses for this site and mode",
        "hosts.csv has no row with this host, site and mode. A rehearsal needs rows of its own.",
        "Add them.",
    ),
    "site-without-profile": Explanation(
        "Site without a profile",
        "The stamp names a site that has no profile any more. Profiles and stamp travel together.",
        "Restore the profile, or arm again at home.",
    ),
}

_RUN: Dict[str, Explanation] = {
    "address-duplicate": Explanation(
        "Another machine has the address as well",
        "The address was brought up alone, without aliases, routes and services, and AIX logged AIXIF_ARP_DUP_ADDR for "
        "it: another machine claims it. The interface was taken down and detached, in the ODM too; what needs it was "
        "not tried, everything else was completed. The exit code is 6, and the machine stays armed.",
        "Find the other machine (production that still runs, a rehearsal, a wrong VLAN) and take the address off it, "
        "then: drboot --apply. Never give this LPAR another address to get round it.",
    ),
    "adapter-not-found": Explanation(
        "No adapter for a row of the address table",
        "What the row's match names (a slot, a VLAN or a MAC) is no adapter of this LPAR, or has no interface.",
        "Compare with lscfg -vl 'ent*' and entstat -d entN; correct hosts.csv, or the LPAR's adapters on the HMC; then "
        "drboot --apply.",
    ),
    "adapter-ambiguous": Explanation(
        "More than one adapter for a row of the address table",
        "What the row's match names fits several adapters of this LPAR; drboot does not choose between them.",
        "Make the match tighter: the port behind the slot (C7-T1), or the MAC; then drboot --apply.",
    ),
    "address-in-use": Explanation(
        "Another machine has the address",
        "Asked beforehand, from an interface in the same subnet or from the role's probe_address, somebody answered: a "
        "ping came back, or ARP has a MAC for it, also after its entry was deleted and asked for anew. Nothing of this "
        "role was brought up, or the WPAR that was to have it was not started; the exit code is 6.",
        "Find that machine and take the address off it, then: drboot --apply.",
    ),
    "file-not-written": Explanation(
        "A file could not be written",
        "The system refused it: no space, a read-only file system, or no permission.",
        "The message has the reason; mend that, then: drboot --apply.",
    ),
    "gateway-silent": Explanation(
        "The network is degraded: the gateway does not answer",
        "The default route is as it should be, and the router behind it answers neither ping nor ARP. Nothing on this "
        "LPAR can mend that, so the run is complete without; it is looked at once more at the end, and not waited for.",
        "Look at the router, the VLAN and the Shared Ethernet Adapter. The console works in any case.",
    ),
    "internal-error": Explanation(
        "A bug of drboot",
        "drboot itself failed. Steps that do not depend on it were completed, and the machine stays armed.",
        "Please report it with the run's directory, or /var/adm/drboot/last-bug where it was no run; drboot plan shows "
        "what is left to do by hand.",
    ),
    "mount-point-taken": Explanation(
        "Something else is mounted there",
        "Another device is mounted where the file system belongs; it is not unmounted unasked.",
        "Look who mounted it, umount it, then: drboot --apply.",
    ),
    "neither-rehearsal-nor-disaster": Explanation(
        "Not an LPAR for rehearsals",
        "No fact under rehearsal matches this LPAR, and the profile says to refuse every other one.",
        "Start the right LPAR, or set rehearsal.otherwise to disaster.",
    ),
    "no-report": Explanation("No report", "There is no run of this id, or no run at all.", "Look at drboot status."),
    "not-a-rehearsal": Explanation(
        "Rehearsal asked for on another LPAR",
        "--rehearsal was given, and by its partition name, number and VLANs this LPAR would recover for real.",
        "Start the LPAR that is made for rehearsals, or correct the profile.",
    ),
    "profile-changed-since-arm": Explanation(
        "Profile changed since it was armed",
        "The stamp says which site this machine's systemid belongs to, and the profile no longer says so.",
        "Correct the profile, then: drboot arm; drboot --apply.",
    ),
    "reboot-overdue": Explanation(
        "The reboot is overdue",
        "shutdown -Fr was begun, and fifteen minutes later the machine still runs. Where shutdown still runs, or "
        "something that it started, nothing more is done, since a reboot must not come in the middle of it: the "
        "machine stays armed, and the reset stays requested. Where it is over for certain, plan B follows at once.",
        "Unless plan B was taken: restart the LPAR, by shutdown -Fr, reboot, or from the HMC. Its next boot goes on.",
    ),
    "reboot-refused": Explanation(
        "Reboot refused",
        "shutdown -Fr ended with an error, so AIX cannot reset its devices; a site's /etc/rc.shutdown that fails does "
        "that. Plan B follows in the same boot: what is stale is removed one by one.",
        "Nothing for this event; correct /etc/rc.shutdown.",
    ),
    "record-untrusted": Explanation(
        "A record is not drboot's own",
        "Something below /var/adm/drboot is a link, a FIFO, has a second name, belongs to others or can be written by "
        "them. drboot runs as root: what it would believe, and where it would write, somebody else could choose.",
        "Find out who put it there; move the directory away, restore captures/ from a backup, and run drboot status.",
    ),
    "nameservers-silent": Explanation(
        "The network is degraded: no name server answers",
        "None of names.nameservers answered a ping. They stand in /etc/resolv.conf in the order of the profile; until "
        "one answers, names are those of /etc/hosts. drboot itself looks up no name.",
        "Look at the name servers and the way to them. Where they let no ping through: names: {probe: none}.",
    ),
    "recfgct-on-cluster-node": Explanation(
        "No recfgct on a node of PowerHA",
        "services.recfgct asks for a new RSCT node id, and this machine is, or was at home, a node of a PowerHA "
        "cluster, whose configuration hangs on the old one. Nothing was run; the rest of the run is not touched by it.",
        "Take services.recfgct out of the site's profile for this machine's role, or out of the cluster first.",
    ),
    "record-unwritable": Explanation(
        "The record cannot be kept",
        "drboot could not write below /var/adm/drboot, most often because /var is full. A rehearsal begins nothing "
        "that it could not undo, but for what keeps it away from production, and the reset flags to 0.",
        "Make room in /var, then: drboot --apply.",
    ),
    "requires-not-met": Explanation(
        "The site asks for more",
        "The systemid is the site's, but a further fact under requires does not hold: partition name, number, or the "
        "marker file. Nothing was changed.",
        "Start the right LPAR, create the marker, or correct the profile; then: drboot --apply.",
    ),
    "command-left-running": Explanation(
        "A command still runs at the end",
        "All steps look done, but a command that drboot never interrupts is still running, from this run or an earlier "
        "one. It may yet change what was verified, so the machine stays armed, or counts as not undone.",
        "Wait for that process to end (ps -fp and its number), then: drboot --apply, or drboot undo.",
    ),
    "reset-request-stuck": Explanation(
        "The reset request does not end",
        "chdev -l sys0 -a clouddev=1, or bootutil -c before it, passed its deadline, or is left from an earlier run. "
        "It is never killed, and no reboot may kill it; what it writes may still come, and would reset a later boot. "
        "So there is no reboot, plan B follows, sys0 is left alone while that process lives, and the machine stays "
        "armed unless it ends in time for clouddev to be set back to 0.",
        "Wait for that process to end (ps -fp and its number), then: drboot --apply.",
    ),
    "reset-not-requested": Explanation(
        "Device reset not requested",
        "clouddev could not be set to 1, so the reboot would reset nothing. Plan B follows: what is stale is removed "
        "one by one.",
        "Nothing; look at the result of plan B.",
    ),
    "rootvg-without-disks": Explanation(
        "Disks of rootvg not found",
        "lsvg -p rootvg names no disk, so the boot list is left as it is.",
        "Look at lsvg -p rootvg and lspv; set it by hand with bootlist.",
    ),
    "run-active": Explanation(
        "Another run is active",
        "drboot is running on this machine already, most often the one that init started. Nobody arms, disarms, "
        "applies or undoes beside it.",
        "Wait for it, or look at what it does: drboot status.",
    ),
    "run-overtaken": Explanation(
        "Another run was faster",
        "While this run waited its turn, another one changed the stamp; most often it completed the event.",
        "Look at drboot status.",
    ),
    "stanza-missing": Explanation(
        "No stanza for a file system",
        "/etc/filesystems has no stanza for this mount point with this device, so mount would not know it.",
        "Put the stanza back as it was at home, then: drboot --apply.",
    ),
    "run-stopped": Explanation(
        "The run was stopped",
        "A step failed for whose kind the profile has `on_failure: stop`, or somebody stopped the run (Ctrl-C, kill). "
        "No further step was begun, those aside that take production's addresses off the wire and set the "
        "device-reset flags to 0.",
        "Mend what failed first, then: drboot --apply.",
    ),
    "step-lock-stuck": Explanation(
        "A command still runs",
        "A command that may not run twice at once on AIX, such as importvg, passed its deadline, or was left by a run "
        "that was killed. It is never killed in the middle, so what needs the same was not tried. One of an earlier "
        "run was given the time that its kind of command has.",
        "Wait for that process to end, then: drboot --apply.",
    ),
    "step-needs-failed": Explanation(
        "What it needs failed",
        "The step depends on another one that failed or was itself blocked.",
        "Mend that one first, then: drboot --apply.",
    ),
    "step-not-ready": Explanation(
        "A step cannot begin",
        "What the step must know first was not to be known, though the steps before it are over.",
        "Look at the step that the message names.",
    ),
    "step-undone": Explanation(
        "Done, and undone again",
        "The step was done, and at the end of the run the machine no longer shows it.",
        "Look who changed it: the journal has every command of the run; then: drboot --apply.",
    ),
    "step-without-effect": Explanation(
        "No error and no effect",
        "The commands of the step ended well, but the machine shows no change. Read-back decides, not exit status.",
        "Run them by hand; the message has them.",
    ),
    "subsystem-unknown": Explanation(
        "Unknown subsystem",
        "services.start names a subsystem that lssrc does not know.",
        "Correct the profile, or define the subsystem with mkssys.",
    ),
    "wrong-site": Explanation(
        "Not at that site",
        "--site names another site than the one that this machine's systemid belongs to. Nothing was changed.",
        "Leave --site out, or name the site that the message names.",
    ),
}

_HOOKS: Dict[str, Explanation] = {
    "bad-argument": Explanation(
        "Not an argument",
        "An argument of a hook is one text without control characters; it reaches the program as it is, since no shell "
        "is in between.",
        "Write it in quotes where it has blanks. Never write a secret there: have the program read it from a file.",
    ),
    "bad-need": Explanation(
        "Nothing that a hook can need",
        "A hook needs a mount point, a volume group, or network/ with a role of the site.",
        "Write it as in [/data, datavg, network/service].",
    ),
    "hook-host-unknown": Explanation(
        "A hook is for a host that hosts.csv does not have",
        "No row of the address table has this host, so the hook would never run, and nobody would notice.",
        "Correct the name. The message names the nearest one.",
    ),
    "hook-named-twice": Explanation(
        "Two hooks with one name",
        "The record of what has run in this event, the reports and undo know a hook by its name.",
        "Give one of the two another name.",
    ),
    "hook-need-missing": Explanation(
        "What a hook needs is not there",
        "Nothing is mounted where the hook needs it, or the volume group is not varied on, and no step of this host "
        "brings it: the capture of home does not have it, or the profile leaves it out. The hook was not started.",
        "Correct needs, or name under hosts the hosts that the hook is for.",
    ),
    "hook-need-unknown": Explanation(
        "A hook needs a role that does not exist",
        "needs names network/ and a role that network.roles of the same profile does not have.",
        "Correct the role. The message lists the known ones.",
    ),
    "hook-needs-too-early": Explanation(
        "A hook needs what comes later",
        "Hooks of the phase before_storage run before any volume group or address is up, so they can need none.",
        "Take the need out, or choose a later phase.",
    ),
    "hook-part-without-program": Explanation(
        "Arguments without a program",
        "health or undo of a hook has args, and no program that they could be for.",
        "Name the program, or take args out.",
    ),
    "hook-program-missing": Explanation(
        "A hook's program cannot be started",
        "The program of a hook, or of its health probe or undo, is not there, is no regular file, or may not be "
        "executed. The hook was not started.",
        "Put the program there, below /etc/drboot/hooks for example, owned by root and writable by nobody else.",
    ),
}

_COMMANDS: Dict[str, Explanation] = {
    "crontab-not-set": Explanation(
        "Root's crontab did not take the nightly line",
        "crontab refused the new table, or made something else of it. Every other line is as it was, unless the "
        "message says otherwise. Where /var/adm/cron/cron.allow exists, root must be named in it.",
        "crontab -l as root; mend what the message names; then: drboot arm --nightly.",
    ),
    "import-not-written": Explanation(
        "Imported file cannot be written", "The directory refused it.", "Name another directory: --to DIR."
    ),
    "import-target-exists": Explanation(
        "Imported file is there already",
        "The import overwrites nothing; no file was written.",
        "Name another directory: --to DIR.",
    ),
    "nightly-elsewhere": Explanation(
        "Nightly capture is for the configured site",
        "This machine is not at the site that it is configured for. There is nothing of home to capture here, and what "
        "would happen elsewhere is not checked. After a recovery the night says so, so that nobody takes silence for a "
        "good night.",
        "Do it at home; if the machine stays here: drboot capture --site SITE, then drboot arm --site SITE --nightly.",
    ),
    "support-not-written": Explanation(
        "Support bundle not written",
        "The directory is not there, is full, or is not root's alone. Nothing is left of a bundle that did not fit.",
        "Name a directory of root's that has room, as in drboot support --output /home/root.",
    ),
    "runbook-not-written": Explanation(
        "Runbook not written", "The file cannot be written.", "Name another one: drboot runbook --html FILE."
    ),
    "runbook-which-site": Explanation(
        "Runbook: which site?",
        "A runbook is about one site, and hosts.csv has addresses of this host at none besides its own, or at several.",
        "drboot runbook --site SITE.",
    ),
    "listing-not-understood": Explanation(
        "A listing is not what it was said to be",
        "The file, or what came through the pipe, is not the output of that command. drboot does not guess: a list "
        "that is cut short would lack disks or pairs.",
        "Run the command that the message names, save all that it prints, and give that file.",
    ),
    "listing-unreadable": Explanation(
        "A listing cannot be read",
        "The file that should hold another command's output is missing, may not be read, or is larger than 16 MB.",
        "Name the file, or - to read from a pipe.",
    ),
    "ssp-files-not-written": Explanation(
        "nodelist or disklist was not written",
        "The directory of --output is missing or full, or may not be written. What was there before stands.",
        "Name a directory that can be written. Without --output both are shown on the console.",
    ),
    "usage": Explanation("Wrong arguments", "The arguments do not go together.", "drboot --help shows them."),
}

_CHECK: Dict[str, Explanation] = {
    "check-address-taken": Explanation(
        "Another host's address is in use here",
        "hosts.csv gives another host an address that this machine has now. At DR, or when that host comes home, "
        "two machines would answer for it.",
        "Give one of the two another address; the finding names the rows.",
    ),
    "check-asm": Explanation(
        "Disks without volume group are in use",
        "Oracle ASM, most likely, has disks of its own. drboot imports volume groups: it neither restores the "
        "owner of such a disk nor touches it.",
        "A hook that finds these disks at DR by unique_id and gives them to the same user, before the database starts.",
    ),
    "check-boot-image": Explanation(
        "Boot image was most likely never started",
        "The kernel was installed after this machine was started for the last time. What the boot image holds "
        "cannot be asked; whether the replica starts from it would be tried for the first time at DR.",
        "bosboot -ad /dev/ipldevice, and restart this machine once at home.",
    ),
    "check-boot-list-long": Explanation(
        "Too many boot list entries",
        "The firmware keeps five entries, every path counts, and which of them it keeps is its own business.",
        "bootlist -m normal with the disks of rootvg and at most five paths in all; read it back with -o.",
    ),
    "check-boot-list-wrong": Explanation(
        "Boot list is not rootvg's",
        "The normal boot list names devices that do not exist, or disks that do not hold rootvg. The replica has the "
        "same mistake in it.",
        "bootlist -m normal with the disks that lsvg -p rootvg shows.",
    ),
    "check-caa": Explanation(
        "Node of a Cluster Aware AIX cluster",
        "A disk is the cluster's repository (caavg_private). It names the nodes of home, and is of no use at DR.",
        "Leave it out of the replication, and follow the cluster's own DR procedure.",
    ),
    "check-capture-drift": Explanation(
        "Machine is not as captured",
        "Something was changed since the capture was taken; the finding names each thing, what a recovery would get "
        "wrong first. It is an error where anything of that kind is among it, else a note.",
        "drboot capture, when the changes are meant to stay.",
    ),
    "check-capture-foreign": Explanation(
        "Capture of another machine",
        "The capture in the place of this machine's is of another host: a copied rootvg, or a copied file.",
        "drboot capture.",
    ),
    "check-capture-incomplete": Explanation(
        "Capture is not whole",
        "Some of this machine could not be read when it was taken, or cannot be read now; the finding says what.",
        "Mend what it names, then: drboot capture.",
    ),
    "check-capture-old": Explanation(
        "Capture is too old",
        "What was changed at home since then is not known at DR. check.capture_age of the profile says how old it may"
        " be.",
        "drboot capture; then look why cron does not run it every night.",
    ),
    "check-clouddev-left-on": Explanation(
        "clouddev is 1 in production",
        "With clouddev=1 AIX resets its devices at the next boot for which the partition's NVRAM is new: a replaced "
        "system board is enough. No other site's profile counts on it.",
        "chdev -l sys0 -a clouddev=0, and read it back.",
    ),
    "check-elsewhere": Explanation(
        "Not at home",
        "drboot check looks at production. This machine's systemid is not one of its configured site's.",
        "drboot status says where it is. If it is at home on new hardware: add its systemid to the profile.",
    ),
    "check-encrypted": Explanation(
        "Encrypted volume groups",
        "The keys are in this partition's keystore or on a key server. At DR the logical volumes stay locked until "
        "the keys are there.",
        "hdcryptmgr pksexport, import at DR; name the file in check.keys_exported of the profile, so that its age "
        "is watched.",
    ),
    "check-gateway-is-host": Explanation(
        "Gateway is a host",
        "A default gateway of hosts.csv is the address, or an alias, of a host of the same site and mode.",
        "Write the router's address, or correct the host's.",
    ),
    "check-ghostdev-left-on": Explanation(
        "ghostdev is 1 and nobody counts on it",
        "With ghostdev=1 AIX resets its devices when it is started as another partition.",
        "chdev -l sys0 -a ghostdev=0, where nothing else than drboot counts on it.",
    ),
    "check-ghostdev-level": Explanation(
        "ghostdev on a level with APAR IJ10723",
        "7200-03-00 and 7200-03-01 with ghostdev set take the boot after an update for a change of the partition, and"
        " reset production's devices.",
        "ghostdev=0, install 7200-03-02-1846 or later, then drboot arm sets it again.",
    ),
    "check-ghostdev-mobility": Explanation(
        "ghostdev and remote restart do not go together",
        "Simplified remote restart and offline mobility start production on other hardware, which resets its devices."
        " Whether they are used cannot be seen from inside of the LPAR.",
        "Have them off for this partition, or use device_reset: clouddev-at-dr.",
    ),
    "check-wpars": Explanation(
        "WPARs are not as the other sites' profiles have them",
        "A WPAR that the profile of another site does not name comes up there with production's addresses where "
        "/etc/rc.wpars starts it, and is not started by drboot; one that it names wrongly is left alone.",
        "Name each under wpars of that site as lswpar lists it; with start: false and no interfaces it stays off and "
        "has no address there.",
    ),
    "check-glvm": Explanation(
        "Volume groups are mirrored by GLVM",
        "Remote physical volumes are in use. Their clients and servers change roles by a procedure of their "
        "own, and no boot script may configure them. What they send is not encrypted: use IPsec, or lines "
        "that are yours alone.",
        "Under glvm of DR's profile, name what is to come up there from its own copy; see /opt/drboot/doc/glvm.md.",
    ),
    "check-glvm-boot": Explanation(
        "A volume group of GLVM may come up by itself",
        "AUTO ON, quorum, or a stanza with mount = true: a restart of this site, after DR has taken over, "
        "would bring up old data beside the new.",
        "chvg -a n, chvg -Q n, chfs -A no, as the items say; then: drboot capture.",
    ),
    "check-glvm-copies": Explanation(
        "A logical volume of GLVM has no copy of its own at each site",
        "Only super strict allocation keeps the copies on disks of their own, and lslv -m shows a logical "
        "partition without a copy at one of the sites.",
        "chlv -s s -u COPIES LV, and mklvcopy onto the disks of the site that has none.",
    ),
    "check-glvm-disks": Explanation(
        "DR would refuse a GLVM volume group",
        "disks_here of DR's profile is not the number of its disks that are RPV clients at home, which are those of "
        "DR; or the volume group is no GLVM one at all. It would not be imported there.",
        "Correct disks_here, or the RPV clients; then: drboot capture.",
    ),
    "check-glvm-names": Explanation(
        "Names of logical volumes are taken at the other site",
        "importvg at DR renames a logical volume whose name another volume group has there. The capture of "
        "that site, brought here, says so.",
        "chlv -n gives one of the two another name; then: drboot capture.",
    ),
    "check-glvm-port": Explanation(
        "/etc/services has no entry of GLVM",
        "RPV clients and servers talk by TCP port 6192, which the installation enters as rpv 6192/tcp.",
        "Add the entry, and have the port open between the sites.",
    ),
    "check-home-address": Explanation(
        "Rows of the configured site do not fit this machine",
        "hosts.csv has addresses for this host at its own site that the machine does not have. They are what a "
        "failback would configure.",
        "Correct the rows, or the machine.",
    ),
    "check-hook-program": Explanation(
        "Program of a hook is not there",
        "A hook of another site's profile names a program that is not on this machine, may not be executed, or can be "
        "written by others; so it will be at DR, since the replica is a copy of this machine.",
        "Put the program there, owned by root, mode 0755, in a directory that only root can write.",
    ),
    "check-hosts-file": Explanation(
        "Own name or loopback is not in /etc/hosts",
        "The boot asks for both before any name server can be reached, and waits at LED 581.",
        "Add the lines that the finding names.",
    ),
    "check-inittab-entry": Explanation(
        "Inittab entry is not as it has to be",
        "It is missing, doubled, off, changed, or does not stand between srcmstr and rctcpip: then init starts drboot"
        " too late, twice or not at all.",
        "drboot arm puts it right.",
    ),
    "check-interpreter": Explanation(
        "No Python for the boot",
        "Neither the Python that the stamp names nor any other that the launcher tries is on this machine; so it "
        "will be in the replica.",
        "Install python3.9.base or python3 of the AIX Toolbox, then: drboot arm.",
    ),
    "code-not-ours": Explanation(
        "Others could change what root runs",
        "A file of drboot's, the Python that the stamp names, or a directory above one of them does not belong to root "
        "or bin, or others may write there. Whoever can, is root at the next boot.",
        "Find out who had reason to, install drboot or Python again, then: drboot check.",
    ),
    "check-keys-not-exported": Explanation(
        "Keys of encrypted volume groups are not exported",
        "The file that check.keys_exported names is not there, or is older than check.keys_age.",
        "hdcryptmgr pksexport, and take the file to DR.",
    ),
    "check-launcher": Explanation(
        "Launcher is not there",
        "The program that the inittab entry starts is missing, or may not be executed; so it will be in the replica.",
        "Install drboot again.",
    ),
    "check-lookup-order": Explanation(
        "Name servers come before /etc/hosts",
        "At DR production's name servers are away; every look-up of the early boot waits for them (LED 581).",
        "hosts = local4, bind4 in /etc/netsvc.conf.",
    ),
    "check-lv-name-twice": Explanation(
        "One name for two logical volumes",
        "The second volume group to be imported gets its logical volume renamed.",
        "chlv -n gives one of them another name; then: drboot capture.",
    ),
    "check-mount-point-long": Explanation(
        "Mount point is too long for the disks",
        "importvg makes no stanza for it. drboot writes it again from the capture.",
        "Nothing, as long as the capture is recent.",
    ),
    "check-multipath-driver": Explanation(
        "rootvg is not under AIX's multipathing",
        "Another multipath driver has to be there at DR as well, and able to boot from (LED 554).",
        "Start a copy once at DR before it matters.",
    ),
    "check-netmask-differs": Explanation(
        "One network, two netmasks",
        "Two rows of hosts.csv for one site and mode are in overlapping networks of different size.",
        "Correct the netmask that is wrong.",
    ),
    "check-nfs-foreground": Explanation(
        "NFS mount in the foreground at boot",
        "Its server is away at DR, and a mount without bg waits for it, before drboot has its turn.",
        "Add bg and intr to its options, or mount = false.",
    ),
    "check-no-boot-lv": Explanation(
        "rootvg has no boot logical volume",
        "Neither this machine nor its replica will start again.",
        "Make hd5 and its boot image again, set the boot list, and restart this machine once.",
    ),
    "check-no-capture": Explanation(
        "Never captured",
        "At DR drboot knows only what the profile says; owners, settings and stanzas of home would be lost.",
        "drboot capture, every night.",
    ),
    "check-no-nightly": Explanation(
        "No nightly capture",
        "Root's crontab does not capture and check this machine every night, so that the capture grows old unnoticed.",
        "drboot arm --nightly; nothing where something else than cron runs drboot check --nightly.",
    ),
    "check-no-other-site": Explanation(
        "No address at any other site",
        "hosts.csv has no row of mode disaster for this host at another site.",
        "Add its rows, then: drboot arm.",
    ),
    "check-not-armed": Explanation(
        "Not armed",
        "A boot at another site would find no stamp, or one that is disarmed, and do nothing.",
        "drboot arm.",
    ),
    "check-not-replicated": Explanation(
        "Disks are not replicated",
        "Disks of rootvg, or of a volume group that comes up at another site, are not in the list of replicated "
        "LUNs (check.replicated).",
        "Have them replicated with the others of their volume group, and put them into the list.",
    ),
    "check-nsorder": Explanation(
        "NSORDER has name servers come first",
        "NSORDER in /etc/environment counts for more than /etc/netsvc.conf; everything that init starts would wait "
        "for production's name servers.",
        "Take it out of /etc/environment, or write NSORDER=local,bind.",
    ),
    "check-one-path": Explanation(
        "One path to a boot disk",
        "Whatever breaks it, breaks the boot.",
        "Zone and map the disk through a second adapter, here and at DR.",
    ),
    "check-path-lost": Explanation(
        "Disks have lost paths",
        "Disks have fewer paths than when they were captured, or paths that have failed.",
        "Mend them, or rmpath those that are not to come back; then: drboot capture.",
    ),
    "check-powerha": Explanation(
        "PowerHA is installed",
        "It varies its own volume groups on, and its repository disk is usually not replicated.",
        "volume_groups.except for the volume groups of its resource groups.",
    ),
    "check-powerpath": Explanation(
        "PowerPath is in use",
        "PVIDs stand on hdiskpower devices, which appear at DR only after powermt config.",
        "Run it by a hook before the volume groups are imported.",
    ),
    "check-profiles-changed": Explanation(
        "Profiles are newer than the stamp",
        "The gate decides by the stamp; a systemid that was added since is unknown to it.",
        "drboot arm.",
    ),
    "check-pvid-twice": Explanation(
        "One PVID on two disks",
        "A copy of a disk is mapped to this LPAR; at DR its volume group would be refused.",
        "Unmap the copy and remove its disk: rmdev -dl.",
    ),
    "check-rehearsal-address": Explanation(
        "A rehearsal of this machine would be refused",
        "hosts.csv, or a WPAR of a profile, gives the rehearsal an address that this machine has now, or had when it "
        "was captured: an alias that nobody wrote down, an address of a WPAR, a gateway. drboot would refuse the "
        "rehearsal on the day (rehearsal-uses-real-address); a disaster is not concerned.",
        "Give the rehearsal an address of its own.",
    ),
    "check-replication-list": Explanation(
        "No list of replicated LUNs",
        "The profile names a list in check.replicated, and the file is not there or names no LUN.",
        "Have the storage side write it, one LUN a line: PVID, serial number or unique_id.",
    ),
    "check-reset-flag-missing": Explanation(
        "This level lacks the flag",
        "The profile counts on a device reset that this level of AIX cannot do.",
        "Update AIX, or choose another device_reset.",
    ),
    "check-reset-flag-off": Explanation(
        "The flag that DR counts on is off",
        "Without it the replica wakes with production's devices and addresses, and drboot takes plan B, which is "
        "slower.",
        "drboot arm sets it.",
    ),
    "check-rsct-domain": Explanation(
        "Online in an RSCT peer domain",
        "The replica carries the same node id. recfgct, which would give it another one, refuses a node that is "
        "online.",
        "Bring the domain up at DR by its own procedure; no services.recfgct for this machine.",
    ),
    "check-unread": Explanation(
        "Not everything could be looked at",
        "A command failed or printed what it never prints, so that nothing is known about this.",
        "Run the command by hand, mend it, then: drboot check.",
    ),
    "check-vg-degraded": Explanation(
        "Volume group with missing disks or stale partitions",
        "At home it runs on what is left. The replica is a copy of that, and may not have the quorum to come up.",
        "Bring the disks back, and synchronise what is stale; then: drboot capture.",
    ),
    "check-vxvm": Explanation(
        "Veritas Volume Manager is installed",
        "Its disk groups are no volume groups of AIX; drboot leaves them alone.",
        "Import them by a hook of the profile.",
    ),
}

_UNDO: Dict[str, Explanation] = {
    "nothing-to-undo": Explanation(
        "Nothing to undo",
        "No run of this event changed anything, or every one was undone already, or AIX has reset its devices since.",
        "Nothing. drboot status shows the last run.",
    ),
    "undo-blocked": Explanation(
        "Cannot be brought back",
        "What is there now is neither what the run made nor what was there before it, so undo leaves it alone.",
        "Do what the message says, then: drboot undo. It goes on with what is left.",
    ),
    "undo-event-unknown": Explanation(
        "Which runs are this machine's is not known",
        "Only runs of this machine's systemid and of the stamp's arm_id are undone, and one of the two is not known.",
        "lsattr -El sys0 -a systemid must answer, and /etc/drboot/armed must be there; then: drboot undo.",
    ),
    "undo-not-recorded": Explanation(
        "What was so before the run could not be read, so it is not brought back",
        "Before it changes something a run records what is there. Where AIX gave no answer then, undo knows of nothing "
        "to go back to; everything else was brought back.",
        "Look at it by hand; drboot report RUN says what the run made of it. A rehearsal's LPAR is simply deactivated.",
    ),
    "undo-not-safe": Explanation(
        "A run has changed what is not on record",
        "Before it changes something a run records what is there, below /var/adm/drboot/runs. That could not be "
        "written, and a recovery does not wait for it. /etc/drboot/unrecorded has the run's name, and undo refuses.",
        "Make room in /var while the run lasts: what it has in memory is written then, and undo is safe again. Else "
        "undo by hand what drboot report RUN names; an LPAR of a rehearsal is simply deactivated.",
    ),
    "undo-record-damaged": Explanation(
        "The record of a run is not whole, and undo would bring back only a part",
        "Every line of a journal is chained to the one before it. A line was changed, lines or the whole journal are "
        "missing, or the run could not write it (undo-not-safe). So what the run changed is not known as a whole; half "
        "of the way back would be worse than none. Nothing was undone, exit 4.",
        "Bring back by hand what drboot report RUN names. A rehearsal's LPAR is simply deactivated. A journal that is "
        "not this machine's is moved away.",
    ),
    "undo-not-this-run": Explanation(
        "This run cannot be undone now",
        "Runs are undone from the last one back, each once, and only while the devices are still those that it found.",
        "drboot undo --plan shows what can be undone; without a run, drboot undo brings back all of this event.",
    ),
}

_STORAGE: Dict[str, Explanation] = {
    "disks-not-found": Explanation(
        "Disks of a volume group did not come",
        "cfgmgr was run again and again until the deadline, and PVIDs of the volume group are on no disk still.",
        "Map the replicas to this LPAR; then: drboot --apply. deadlines.disks says how long they are awaited.",
    ),
    "filesystem-guarded": Explanation(
        "File system is guarded",
        "mountguard=yes says that one host at a time may mount it, and its superblock says that another one has. After "
        "a crash copy that is mostly stale, but only somebody who sees the other site can know. drboot never takes the "
        "guard off.",
        "Make sure that the other site is down; then fsck -y the device, or mount -o noguard; then: drboot --apply.",
    ),
    "filesystem-not-mounted": Explanation(
        "File system cannot be mounted",
        "mount refused it, after the check that the profile asks for. A log that cannot be replayed leaves a file "
        "system that only a full fsck repairs, and that may take hours.",
        "Read what mount said; run fsck -y by hand, or set filesystems.fsck: repair; then: drboot --apply.",
    ),
    "lv-locked": Explanation(
        "Encrypted logical volumes are locked",
        "Their keys are in the keystore or key server of home; the replica does not carry them.",
        "hdcryptmgr pksimport of the exported keys, or hdcryptmgr authunlock; then: drboot --apply.",
    ),
    "paging-space-missing": Explanation(
        "A paging space of home is not here",
        "Its volume group is varied on, and `lsps -a` does not list it: it was removed after the capture, or its "
        "logical volume has another type.",
        "`lsvg -l VG`; make it with `mkps`, or name it under `paging_spaces.except`.",
    ),
    "raw-device-missing": Explanation(
        "Raw device missing",
        "The capture has an owner for a raw device that does not exist here: the logical volume is gone, or has "
        "another name.",
        "Compare lsvg -l of the volume group with the capture; then: drboot --apply.",
    ),
    "replica-not-writable": Explanation(
        "Replica is not writable",
        "Every disk of the volume group can be read and none is known to be reserved, but the volume group does not "
        "come up, or only read-only. A replica whose pair is not split behaves like that. Nothing was "
        "repaired: fsck on it "
        "could only harm.",
        "Split the pair, or make the replica primary; then: drboot --apply. volume_groups.wait_writable waits for it.",
    ),
    "glvm-copy-incomplete": Explanation(
        "This site's copy of a GLVM volume group is not complete",
        "The disks of it that are here are not those of this site (home's RPV clients, as they were captured), or not "
        "as many as disks_here of the profile says: a part of the data may be at the other site only, what is here may "
        "be the old copy, or this is not a disaster.",
        "Map this site's disks of it, all and no others; then: drboot --apply.",
    ),
    "glvm-copy-stale": Explanation(
        "This site's copy of a GLVM volume group is not current",
        "lspv counts stale partitions on its disks here: the link was lost, or a resync was not over, when the other "
        "site went down. What is current of them is there only; nothing was checked, repaired or mounted.",
        "Bring the other site's disks back, varyonvg; or fsck and mount by hand what you accept as old.",
    ),
    "glvm-program-without-peer": Explanation(
        "A peer_program without peer",
        "It is started where peer answers, so that without peer nobody would ever start it.",
        "Name peer, or take peer_program out.",
    ),
    "glvm-current-copy-absent": Explanation(
        "The current copy of a GLVM volume group is not there",
        "The listing of production shows an RPV client that is not active: its disk, at DR, has the current copy. "
        "Varied on without it, production would work on its own old copy, and LVM would not notice.",
        "varyoffvg it, configure RPV servers and clients, and look again: drboot glvm failback.",
    ),
    "glvm-other-site-answers": Explanation(
        "The other site of a GLVM volume group answers",
        "The peer of the profile answers a ping, and no peer_program says that the volume group is off there. "
        "Never are both sites varied on.",
        "varyoffvg it there, or shut that host down; then: drboot --apply.",
    ),
    "glvm-other-site-not-down": Explanation(
        "Nobody has said that the other site is down",
        "A forced import is right only where the other site's copy is not newer, which no machine can know. "
        "The marker is missing, too old, older than the arming, not root's alone, or not written for this machine.",
        "Make sure of it, write this machine's systemid into the marker, then: drboot --apply.",
    ),
    "glvm-server-available": Explanation(
        "An RPV server still serves a disk of the volume group",
        "The other site could write to a disk that is to be varied on here.",
        "rmdev -l the server; then: drboot --apply.",
    ),
    "vg-disk-reserved": Explanation(
        "Disk is reserved by another host",
        "devrsrv says that a disk of the volume group is reserved although this host does not have it open.",
        "Shut down the host that holds it, or release it with devrsrv; then: drboot --apply.",
    ),
    "vg-disk-taken": Explanation(
        "Disk belongs to another volume group",
        "A disk with a PVID of this volume group is in another one here.",
        "Look at lspv; exportvg what does not belong here; then: drboot --apply.",
    ),
    "vg-disk-unreadable": Explanation(
        "Disk cannot be opened",
        "The ODM has the disk and its PVID, but its volume group descriptor cannot be read. A SCSI reserve of another "
        "host looks like that, and so does a path that is gone.",
        "Look at errpt, lspath and the reserve_policy of the disk; release it on the host that holds it.",
    ),
    "vg-lv-name-taken": Explanation(
        "importvg would rename a logical volume",
        "A logical volume of the volume group has a name that is taken on this machine. importvg would give it another "
        "one, and everything that knows it by name would miss it.",
        "Rename one of the two with chlv -n, or set rename_lvs: true for the volume group; then: drboot --apply.",
    ),
    "vg-lv-renamed": Explanation(
        "importvg has renamed a logical volume",
        "A logical volume that the capture names belongs to another volume group here. Its stanza would mount the "
        "wrong one, so nothing of this volume group is mounted.",
        "Mend names and stanzas, or set rename_lvs: true for the volume group; then: drboot --apply.",
    ),
    "vg-name-taken": Explanation(
        "Name of the volume group is taken",
        "A volume group of this name is in the ODM with other disks.",
        "Look at lspv; exportvg what does not belong here; then: drboot --apply.",
    ),
    "vg-pvid-duplicate": Explanation(
        "Several disks with one PVID",
        "A copy and its source, or two copies, are mapped to this LPAR. LVM would silently take the first one.",
        "The message names each with unique_id, size and paths: leave one mapped, rmdev -dl the others.",
    ),
    "vg-pvid-missing": Explanation(
        "Disk of the volume group is missing",
        "A PVID is on none of the disks that lspv lists. The message says what its disk was at home.",
        "Map its replica to this LPAR; then: drboot --apply. Without it: force_varyon for this volume group.",
    ),
    "vg-without-pvids": Explanation(
        "Nobody names the disks of the volume group",
        "It is in the profile, but neither the profile nor the capture has its PVIDs.",
        "Add pvids to its entry under volume_groups.named, from lspv at home.",
    ),
}

_INFOSCALE: Dict[str, Explanation] = {
    "bad-wpar-name": Explanation(
        "Not a name of a WPAR",
        "AIX takes at most 25 characters, no blanks, no symbols such as : or /, and neither - nor 0 in front.",
        "Write the name as lswpar lists it.",
    ),
    "bad-wpar-root": Explanation(
        "Not the root of a WPAR",
        "The base directory of a WPAR is an absolute path below /, without .. in it.",
        "Write the directory that lswpar lists.",
    ),
    "check-dmp-rootvg": Explanation(
        "rootvg is under DMP",
        "LVM sits on DMP nodes in place of hdisks. Boot list and device reset know the hdisks below them only; drboot "
        "sets the boot list from those, and changes nothing of DMP.",
        "Rehearse a start from the replica, and have vxdmpadm native release and acquire at hand.",
    ),
    "check-vcs-absent": Explanation(
        "Nobody would set the network",
        "network.owner of another site is vcs, and vcs-reconfig, which is to set the network there, is not enabled in "
        "this rootvg: the LPAR would be up there without its addresses.",
        "Install and enable VRTSvcsnr, or set network.owner there to drboot; none where that is what is wanted.",
    ),
    "check-vcs-reconfig": Explanation(
        "vcs-reconfig would set the network as well",
        "The service of VRTSvcsnr is enabled here, and the profile of another site does not say who owns the network. "
        "Two owners would set the addresses one after the other; drboot refuses to be the second.",
        "Set network.owner to drboot or to vcs, and take vcs-reconfig out where drboot is to be the owner.",
    ),
    "check-gate-program": Explanation(
        "The replication gate could not be asked",
        "The program that says whether the replicas are primary is not there, not executable, or may be written by "
        "others; at the other site no volume group would be imported.",
        "Install it, owned by root and writable by nobody else.",
    ),
    "check-vcs-guest": Explanation(
        "VCS is configured in this LPAR",
        "An LPAR that VCS manages from outside may not be a node of a cluster itself, and what a cluster in the guest "
        "brings up is not drboot's to import.",
        "Leave its volume groups out (volume_groups.except), or take VCS out of the guest.",
    ),
    "check-vxvm-clones": Explanation(
        "VxVM calls disks copies",
        "vxdisk list flags them udid_mismatch or clone_disk. VxVM imports such disks only when it is told to, and "
        "drboot leaves every one of them alone, LVM's commands included.",
        "Import their disk groups by a hook of the profile, or take the stray copies away.",
    ),
    "dropts-malformed": Explanation(
        "DROpts cannot be read",
        "What was given is neither a main.cf fragment with DROpts = { Key = Value, ... } nor lines of Key=Value, or a "
        "value is not what its key takes.",
        "Correct the line that is named, or write the profile by hand: etc/sites/example.yaml.",
    ),
    "hook-need-not-ours": Explanation(
        "Hook needs a network that drboot does not set",
        "With network.owner vcs or none no address is a step of drboot's, so that nothing could say that it is up.",
        "Take the need out; have the program look for the address itself.",
    ),
    "network-owner-unclear": Explanation(
        "Two would own the network",
        "vcs-reconfig is enabled, which applies the network that VCS has for this LPAR, and the profile does not say "
        "that drboot does it. Nothing of names and network was changed by drboot.",
        "Set network.owner: drboot (and disable vcs-reconfig), or network.owner: vcs.",
    ),
    "replication-not-primary": Explanation(
        "The replica is not primary and writable",
        "The replication gate of the profile did not say: primary, read-write. It is missing, failed, did not answer "
        "in time, or said something else; so nothing was imported. All else was done, and the machine stays armed.",
        "Make the replica primary on the storage, or mend the program; then: drboot --apply.",
    ),
    "vg-vxvm-clone": Explanation(
        "Disk is a copy to VxVM",
        "vxdisk list flags a disk of the volume group udid_mismatch or clone_disk, so that it is VxVM's to import.",
        "Look at vxdisk list; where it is LVM's after all, take it out of VxVM.",
    ),
    "wpar-address-twice": Explanation(
        "Address of WPARs written twice",
        "Two WPARs, or two entries of one, would bring up the same address in the same mode.",
        "Give one of the two another address.",
    ),
    "wpar-base-empty": Explanation(
        "Not the root of a WPAR",
        "The base directory has no etc below it. What is mounted there, or nothing being mounted, is not the WPAR.",
        "Look at mount and at lswpar, then: drboot --apply.",
    ),
    "wpar-domain-and-search": Explanation(
        "WPAR with domain and search",
        "resolv.conf takes one of them; with both, the last one counts.",
        "Keep search, with the domain as its first entry, or keep domain.",
    ),
    "wpar-elsewhere": Explanation(
        "WPAR has another root",
        "lswpar lists another base directory than the profile, so that the files would be those of something else.",
        "Correct wpars.root in the profile.",
    ),
    "wpar-missing": Explanation(
        "WPAR is not defined here",
        "lswpar does not list it. Its definition is a file of rootvg in /etc/wpars, and should have come with the "
        "replica.",
        "Restore the definition (mkwpar -f), then: drboot --apply.",
    ),
    "wpar-named-twice": Explanation(
        "WPAR named twice",
        "Two entries of wpars count for the same host.",
        "Make one entry of the two, or give each its own hosts.",
    ),
    "wpar-not-stopped": Explanation(
        "WPAR is not stopped",
        "Its resolver file and its addresses are changed only while it is stopped; drboot stops none, since it cannot "
        "know who uses it.",
        "stopwpar it, then: drboot --apply. Where /etc/rc.wpars started it too early: chwpar -K -A.",
    ),
    "wpar-resolver-linked": Explanation(
        "Resolver file of a WPAR is a link",
        "etc or resolv.conf inside the WPAR's root is a symbolic link. Whoever is root inside could lead it to a file "
        "of the LPAR itself, so nothing is written.",
        "Make it a file of the WPAR, then: drboot --apply.",
    ),
    "wpar-role-unknown": Explanation(
        "WPAR on a role that the site does not have",
        "The interface of a WPAR's address is that of a role of hosts.csv, and network.roles does not name this one, "
        "or this host has no row for it: the WPAR is left as it is.",
        "Correct the role, or add it.",
    ),
    "wpar-without-nameservers": Explanation(
        "WPAR with a domain and no name servers",
        "Without name servers its resolver file is left as it is, and the domain would be written nowhere.",
        "Name its name servers, or take the domain out.",
    ),
}

CATALOGUE: Dict[str, Explanation] = {
    **_PROFILE,
    **_IMPORT,
    **_ARMING,
    **_FACTS,
    **_RUN,
    **_STORAGE,
    **_HOOKS,
    **_COMMANDS,
    **_CHECK,
    **_UNDO,
    **_INFOSCALE,
}
