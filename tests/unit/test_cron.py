"""Root's crontab: one line of ours, and not a byte of anybody else's lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot import cron
from drboot.facts import crontab

AT = cron.Time(3, 5)
LINE = f"5 3 * * * /opt/drboot/bin/drboot check --nightly {cron.REMARK}\n"
OTHERS = "#minute hour\n0 11 * * * /usr/bin/errclear -d S,O 30\n0 15 * * *  /usr/lib/ras/dumpcheck >/dev/null 2>&1\n"
NEARLY = "0 2 * * * /opt/drboot/bin/drboot check --nightlyish\n"


def test_the_line_is_one_that_cron_takes() -> None:
    assert cron.nightly_line(AT) == LINE
    (job,) = crontab.parse(LINE).jobs
    assert (job.when, job.command) == (("5", "3", "*", "*", "*"), f"{cron.NIGHTLY} {cron.REMARK}")
    assert "%" not in LINE  # cron makes a new line of it


@pytest.mark.parametrize("before, after", [
    ("", LINE),
    (OTHERS, OTHERS + LINE),
    (OTHERS.rstrip("\n"), OTHERS + LINE),
    (LINE + OTHERS, LINE + OTHERS),
    (cron.nightly_line(cron.Time(1, 2)) + OTHERS, LINE + OTHERS),
    (OTHERS + LINE + LINE, OTHERS + LINE),
    ("0 2 * * 0 /opt/drboot/bin/drboot check --nightly >/tmp/x\n" + OTHERS, LINE + OTHERS),
    ("#" + LINE + OTHERS, "#" + LINE + OTHERS + LINE),
    (NEARLY, NEARLY + LINE),
])  # fmt: skip
def test_it_stands_there_once(before: str, after: str) -> None:
    assert cron.with_nightly(before, AT) == after
    assert cron.with_nightly(after, AT) == after
    assert cron.is_right(after)


def test_it_goes_as_it_came() -> None:
    assert cron.with_nightly(OTHERS + LINE, None) == OTHERS
    assert cron.with_nightly(OTHERS, None) == OTHERS
    assert cron.with_nightly(LINE, None) == ""


@given(
    st.text(alphabet="# \t\n05*/%\\\udc80opt/drboot check--nightly", max_size=200),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_no_line_of_anybody_else_is_lost(text: str, hour: int, minute: int) -> None:
    made = cron.with_nightly(text, cron.Time(hour, minute))
    assert cron.is_right(made)
    others = [line for line in text.splitlines() if line + "\n" not in cron.nightly_lines(text + "\n")]
    assert [line for line in made.splitlines() if line + "\n" not in cron.nightly_lines(made)] == others


def test_what_is_not_ours_as_it_has_to_be_is_not_right() -> None:
    for text in ("", OTHERS, LINE + LINE, LINE.replace("* * *", "* * 1"), "#" + LINE, LINE.replace(cron.REMARK, "")):
        assert not cron.is_right(text), text
    assert not cron.is_right(None)


@pytest.mark.parametrize("text, time", [("02:30", (2, 30)), ("2:30", (2, 30)), ("23:59", (23, 59)), ("00:00", (0, 0))])
def test_times(text: str, time: object) -> None:
    assert cron.to_time(text) == time
    assert cron.time_of(cron.nightly_line(cron.to_time(text))) == time


@pytest.mark.parametrize("text", ["24:00", "2", "2:3", "02:60", "2.30", "", "-1:00", "02:30:00", " 02:30"])
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError):
        cron.to_time(text)


def test_an_estate_is_spread_over_two_hours_that_no_clock_skips() -> None:
    times = [cron.usual_time(f"prod{number:02d}") for number in range(1, 121)]
    assert {time.hour for time in times} == {3, 4}
    assert max(times.count(time) for time in times) <= 6
    assert cron.usual_time("prod01") == times[0]


def test_a_line_with_digits_of_another_script_is_none_of_ours() -> None:
    """str.isdigit takes a superscript two for a digit, and int does not."""
    line = f"\u00b2 3 * * * {cron.NIGHTLY}\n"
    assert cron.nightly_lines(line) == (line,)
    assert cron.time_of(line) is None
    assert not cron.is_right(line)
