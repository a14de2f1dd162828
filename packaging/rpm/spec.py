"""The spec file, from the staged filesets: one rpm package each, with the paths, modes and marks of the list.

Nothing is worked out by rpmbuild: no automatic requires (a Linux host would ask for Linux libraries), no stripping, no
byte code, no build ids.
"""

from __future__ import annotations

from typing import Iterator, List, Sequence, Tuple

from stage.tree import GROUP, OWNER, Item, Staged, script

# The oldest level of AIX that drboot runs on: rpm there takes packages of older levels, and never of newer ones.
# Source: aix/packaging.md section 4; the Toolbox tags its packages for 7.1 to 7.3 the same way.
PLATFORM = "noarch-ibm-aix7.1"
OS = PLATFORM.rpartition("-")[2]
RELEASE = "1"
LICENCE = "Apache-2.0 AND MIT AND PSF-2.0"
AT_LAST_REMOVAL = '[ "$1" = 0 ] || exit 0\n'  # an update runs the old package's scripts as well, with 1
# rpm section -> functions of lifecycle.sh, and what stands before them
SCRIPTS: Tuple[Tuple[str, Tuple[str, ...], str], ...] = (
    ("%pre", ("refuse_active", "refuse_beside_installp"), ""),
    ("%post", ("add_menus", "return_configuration"), ""),
    ("%preun", ("refuse_removal", "leave_machine", "remove_menus"), AT_LAST_REMOVAL),
    ("%postun", ("purge",), AT_LAST_REMOVAL),
)


def text(filesets: Sequence[Staged]) -> str:
    """The first of them is the main package, the others are its subpackages."""
    first, *others = filesets
    lines = [
        f"Name: {first.fileset.rpm_name}",
        f"Version: {first.version}",
        f"Release: {RELEASE}",
        f"Summary: {first.fileset.description}",
        f"License: {LICENCE}",
        "Group: Applications/System",
        "BuildArch: noarch",
        "AutoReqProv: no",
        *_description("%description", first),
    ]
    for each in others:
        lines += [f"%package -n {each.fileset.rpm_name}", f"Summary: {each.fileset.description}"]
        lines += ["Group: Applications/System", "AutoReqProv: no"]
        names = {one.fileset.name: one.fileset.rpm_name for one in filesets}
        lines += [f"Requires: {names[need]} = {each.version}-{RELEASE}" for need in each.fileset.needs]
        lines += _description(f"%description -n {each.fileset.rpm_name}", each)
    lines += ["%install", *(f"cp -pR {each.root}/. %{{buildroot}}/" for each in filesets), ""]
    for each in filesets:
        lines += _scripts(each)
        lines += [f"%files -n {each.fileset.rpm_name}", *(_file(item) for item in each.items), ""]
    return "\n".join(lines)


def _description(head: str, staged: Staged) -> List[str]:
    return [head, staged.fileset.description + ".", ""]


def _scripts(staged: Staged) -> Iterator[str]:
    for section, functions, before in SCRIPTS if staged.functions else ():
        shell, _, body = script(staged.functions, *functions).partition("\n")
        assert shell == "#!/bin/sh"
        yield f"{section} -n {staged.fileset.rpm_name} -p /bin/sh\n" + (before + body).replace("%", "%%")


def _file(item: Item) -> str:
    marks = [f"%attr({item.mode:04o},{OWNER},{GROUP})"] if item.kind != "link" else [f"%attr(-,{OWNER},{GROUP})"]
    marks += ["%dir"] if item.kind == "directory" else []
    marks += ["%config(noreplace)"] if item.config else []
    return " ".join((*marks, item.path))
