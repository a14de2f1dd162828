"""What looks like a secret is left out, and what does not stays readable."""

from __future__ import annotations

import json
import time

import pytest

from drboot.redact import LEFT_OUT, Secrets, split_lines

SECRET = "Xy7-planted-8841"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", f"password: {SECRET}\n"),
        ("a.yaml", f"  - db_password: '{SECRET}'  # the old one\n"),
        ("a.yaml", f"a: {{user: me, password: {SECRET}}}\n"),
        ("a.yaml", f"token:\n  {SECRET}\n"),
        ("a.yaml", f"token: >-\n\n  {SECRET}\n  {SECRET}\nnext: 1\n"),
        ("a.yaml", f"tokens:\n- one\n- {SECRET}\nnext: 1\n"),
        ("a.yaml", f"environment:\n  HARMLESS_LOOKING: {SECRET}\n"),
        ("a.yaml", f"hooks:\n- env: [A={SECRET}]\n"),
        ("a.yaml", f"args: [--db-password, {SECRET}, -v]\n"),
        ("a.yaml", f'args: ["-v", "--token", "{SECRET}"]\n'),
        ("a.yaml", f"args:\n  - -v\n  - '--password'\n\n  - {SECRET}\n  - last\n"),
        ("a.json", json.dumps({"a": [{"api_key": {"deep": [SECRET]}}]})),
        ("a.json", json.dumps({"argv": ["x", "--db-password", SECRET]})),
        ("a.json", json.dumps({"argv": f"x --password {SECRET}"})),
        ("a.json", "{" + f'"password": "{SECRET}'),
        ("a.jsonl", json.dumps({"private_key": SECRET}) + "\n{torn"),
        ("a.txt", f"export PGPASSWORD={SECRET}\n"),
        ("a.txt", f"DB_PASS={SECRET} ./start\n"),
        ("a.txt", f"x -passwd {SECRET} -v\n"),
        ("a.txt", f"x --token={SECRET}\n"),
        ("a.txt", f"<password kind='plain'>{SECRET}</password>\n"),
        ("a.txt", f"https://me:{SECRET}@host/path\n"),
        ("a.txt", f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----\n"),
        ("a.txt", f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n"),
        ("a.txt", f"Authorization: Bearer {SECRET}\n"),
        ("a.csv", f"snmp community = {SECRET}\n"),
    ],
)
def test_it_is_left_out_there_and_then_everywhere(name: str, text: str) -> None:
    secrets = Secrets()
    cleaned = secrets.cleaned(text, name)
    assert SECRET not in cleaned and LEFT_OUT in cleaned
    assert secrets.count > 0
    assert secrets.without_known(f"elsewhere {SECRET}, again") in (
        f"elsewhere {LEFT_OUT}, again",
        f"elsewhere {SECRET}, again" if "BEGIN" in text else "",  # a key's whole text is what is looked for
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "hdisk3          00f6f42a0bd88942                    datavg          active\n"),
        ("a.txt", "tok0 Available 01-08 IBM PCI Tokenring Adapter (14103e00)\n"),
        ("a.txt", "default_passthrough yes\nbypass: no\nkeyserv inoperative\nmonkey=1\n"),
        ("a.json", '{"n":1,  "chain": "ab12", "key": "x", "at": "2026"}'),
        ("a.yaml", "name: app\nargs: [start]\nphase: last\nnext: 1\n"),
        ("a.txt", "https://host/path@2\nroot@host\n"),
    ],
)
def test_other_texts_stay_as_they_are(name: str, text: str) -> None:
    secrets = Secrets()
    assert secrets.without_known(secrets.cleaned(text, name)) == text
    assert secrets.count == 0


def test_what_follows_a_left_out_value_is_kept() -> None:
    cleaned = Secrets().cleaned("a:\n  token: |\n    one\n    two\n  next: 1\nlast: 2\n", "a.yaml")
    assert cleaned == f"a:\n  token: {LEFT_OUT}\n    {LEFT_OUT}\n    {LEFT_OUT}\n  next: 1\nlast: 2\n"


def test_behind_a_flag_in_a_list_one_item_is_left_out() -> None:
    cleaned = Secrets().cleaned("args:\n- --password\n- one\n- --verbose\n- two\nnext: 1\n", "a.yaml")
    assert cleaned == f"args:\n- --password\n{LEFT_OUT}\n- --verbose\n- two\nnext: 1\n"


def test_short_values_and_words_of_an_environment_are_not_looked_for() -> None:
    secrets = Secrets()
    secrets.cleaned("password: on\nenv:\n  MODE: production\n  DIR: /opt/app\n", "a.yaml")
    assert secrets.without_known("on production in /opt/app") == "on production in /opt/app"


def test_a_long_text_of_nothing_but_keys_takes_no_time() -> None:
    began = time.process_time()
    Secrets().cleaned("token" * 20_000 + "\n" + "pass_" * 20_000, "a.txt")
    Secrets().cleaned("-" * 40_000 + " --" + "secret-" * 10_000, "a.txt")
    assert time.process_time() - began < 5, "it grows faster than the text"


def test_lines_are_cut_as_a_whole() -> None:
    text = b"one\ntwo\nthree\n"
    assert split_lines(text, 20, True) == (text, False)
    assert split_lines(text, 7, False) == (b"one\n", True)
    assert split_lines(text, 11, True) == (b"three\n", True) or split_lines(text, 11, True) == (b"two\nthree\n", True)
    assert split_lines(b"x" * 50, 10, False) == (b"", True)
