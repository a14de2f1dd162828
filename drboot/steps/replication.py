"""The replication gate: a program of the site says that the replicas are primary and may be written, or nothing is
imported.

    #!/bin/sh
    # asks the array, by whatever this site has; DRBOOT_VG has the volume group where the gate is asked for each
    echo primary, read-write

Source: InfoScale virtualization guide for AIX: the LPAR depends on its replication resource, so that "the underlying
        storage is always in the read-write mode" and the replicated devices are primary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Iterator, List, Sequence, Tuple

from drboot.errors import Problem, Where
from drboot.profile.keys import DURATION, PATH, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.profile.trust import check_program
from drboot.runner import Command, Ran
from drboot.seen import Seen
from drboot.steps.base import Assessment, Back, Blocked, Done, Step
from drboot.steps.hooks import ARGUMENTS
from drboot.steps.volume_groups import wanted_groups

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted

ANSWER = ("primary", "read-write")
SITE = "site"


@dataclass(frozen=True)
class Replication:
    """``replication:`` of a profile.  ``gate`` "" for none, ``deadline`` in seconds."""

    gate: str
    args: Tuple[str, ...]
    ask: str
    deadline: float
    at: Where


def _check(replication: Replication) -> Iterator[Problem]:
    if replication.args and not replication.gate:
        yield Problem(
            "hook-part-without-program",
            "replication has arguments for no program",
            where_of(replication.args[0], replication.at),
            "args is there and gate is not",
            "name the program, or take args out",
        )


SECTION = Section(
    "replication",
    Replication,
    meaning="The replication gate: a program that must say primary, read-write before anything is imported.",
    check=_check,
    keys=(
        Key(
            "gate",
            PATH,
            "Absolute path of a program that changes nothing, ends with status 0, and whose last line is "
            "`primary, read-write`.",
            default="",
            shown="none",
            example="/etc/drboot/hooks/replica-is-primary",
        ),
        Key("args", ARGUMENTS, "Its arguments, one each; never a secret.", (), "none", "[-g, payments]"),
        Key(
            "ask",
            OneOf(SITE, "volume_group"),
            "site: asked once. volume_group: once for each, with its name in DRBOOT_VG.",
            default=SITE,
            example="volume_group",
        ),
        Key("deadline", DURATION, "How long it may take; then it is ended, and that is no answer.", 60.0, "60s", "60s"),
    ),
)


@dataclass(frozen=True)
class Primary(Step):
    """The site's own program says that the replica is primary and may be written.

    Why      importing a secondary fails half-way, or works on a copy that the next resync throws away
    Reads    the program's exit status and the last line that it prints; who may write the program
    Runs     nothing but the program, which changes nothing, below its deadline, with its whole process group
    Undo     nothing
    """

    gate: Replication
    subject: str
    environment: Tuple[Tuple[str, str], ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    # it is for the imports of this run: what the array says an hour later is not what they were made on
    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"replication/{self.subject}"

    @property
    def title(self) -> str:
        of = "replicas" if self.subject == SITE else f"replica of {self.subject}"
        return f"{of} primary, read-write"

    def assess(self, seen: Seen) -> Assessment:
        program = self.gate.gate
        distrusted = list(check_program(seen.root, program))
        if distrusted:
            return Blocked(self._refused(f"{distrusted[0].what}: {distrusted[0].why}"))
        ran = seen.probe(
            Command(
                self.id, self.gate.args, "hook", path=program, deadline=self.gate.deadline,
                environment=self.environment, answer=ANSWER,
            )
        )  # fmt: skip
        why = refusal(ran)
        return Blocked(self._refused(f"{program}: {why}")) if why else Done(f"{program} says primary, read-write")

    def _refused(self, why: str) -> Problem:
        what = "no volume group is imported" if self.subject == SITE else f"volume group {self.subject} is not imported"
        return Problem(
            "replication-not-primary",
            f"{what}: the replication gate did not say primary, read-write",
            self.at,
            why,
            "make the replica primary on the storage, or mend the program; then: drboot --apply",
        )

    def undo(self, seen: Seen) -> Back:
        return Back()


def refusal(ran: Ran) -> str:
    """Why this is not the one good answer; "" when it is.  What else it printed is not repeated: it may be a secret."""
    if (ran.outcome, ran.rc) != ("exited", 0):
        return ran.how()
    return "" if ran.stdout == " ".join(ANSWER) else "its last line is another one, or it printed none"


def gated(rows: Sequence[Tuple[str, Sequence[Step]]]) -> List[Tuple[str, List[Step]]]:
    """The registry's rows, with every import behind its gate; whoever's step the import is."""
    gates = {step.subject: step.id for _, steps in rows for step in steps if isinstance(step, Primary)}

    def behind(step: Step) -> Step:
        words = step.id.split("/")
        if len(words) != 3 or (words[0], words[2]) != ("volume_groups", "import"):
            return step
        needs = tuple(gates[subject] for subject in (SITE, words[1]) if subject in gates)
        return replace(step, needs=(*step.needs, *needs))  # type: ignore[type-var]

    return [(name, [behind(step) for step in steps]) if gates else (name, list(steps)) for name, steps in rows]


def steps(wanted: Wanted) -> Iterator[Step]:
    replication = wanted.site.replication
    names = [group.name for group in wanted_groups(wanted)]
    subjects = names if replication.ask != SITE else [SITE] if names else []
    for subject in subjects if replication.gate else ():
        environment = (
            ("DRBOOT_HOST", wanted.host),
            ("DRBOOT_SITE", wanted.site.site),
            ("DRBOOT_HOME_SITE", wanted.home),
            ("DRBOOT_MODE", wanted.mode),
            ("DRBOOT_VG", "" if subject == SITE else subject),
        )
        yield Primary(replication, subject, environment, str(replication.at))
