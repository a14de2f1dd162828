"""sys0's device-reset flags at 0: no further boot of this machine may reset its ODM.

What it ensures  ghostdev and clouddev are 0, or the level lacks them.
Why              a flag left on resets the ODM again on the next boot (clouddev) or when the id changes
                 (ghostdev): aix/boot-and-devices.md section 2.
Reads            lsattr -El sys0 -a ghostdev|clouddev -F value
Runs             chdev -l sys0 -a FLAG=0
Undo             the value that was recorded before
Source           both survive the reset: people set them to 0 afterwards (seed; IBM node n7106763); a level that
                 lacks the attribute answers with exit status 255 (aixoss/cloud-init aix_util.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Iterator, Tuple

from drboot.errors import FactUnavailable
from drboot.facts import lsattr
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Done, Step, Todo
from drboot.wanted import Wanted

FLAGS = ("ghostdev", "clouddev")


@dataclass(frozen=True)
class FlagOff(Step):
    """One of sys0's flags reads 0."""

    flag: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "sys0"

    @property
    def id(self) -> str:
        return f"device_flags/{self.flag}"

    @property
    def title(self) -> str:
        return f"{self.flag} off"

    def assess(self, seen: Seen) -> Assessment:
        off = command("chdev", "-l", "sys0", "-a", f"{self.flag}=0", touches="devices")
        try:
            values = seen(lsattr.value("sys0", self.flag))
        except FactUnavailable as error:
            # 0 is right whatever it is now, and on a level without the flag chdev only fails
            return Todo((off,), f"whether it is 0 is not known: {error.problems[0].what}, {error.problems[0].why}")
        if not values:
            return Done(f"this level of AIX has no {self.flag}")
        if values == ("0",):
            return Done(f"sys0 {self.flag} is 0")
        return Todo((off,), f"sys0 {self.flag} is {values[0] or 'empty'}")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.attributes_were(seen, "sys0", self.flag),))


def steps(wanted: Wanted) -> Iterator[Step]:
    for flag in FLAGS:
        # the wire comes first; however that ends, the flags are next
        yield FlagOff(flag, str(wanted.site.at), (), ("fence/addresses",))
