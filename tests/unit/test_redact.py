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
        ("a.txt", f"https://me:'{SECRET}@host/path\n"),
        ("a.json", json.dumps({"command": f"/x postgres://me:{SECRET}@h/db"})),
        ("a.txt", f"curl -u me:{SECRET} x\n"),
        ("a.txt", f"curl -ume:{SECRET} x\n"),
        ("a.txt", f"curl --user me:{SECRET} x\n"),
        ("a.yaml", f"args: [-u, 'me:{SECRET}', x]\n"),
        ("a.yaml", f"args:\n- -u\n- me:{SECRET}\n"),
        ("a.json", json.dumps({"argv": ["curl", "-u", f"me:{SECRET}"]})),
        ("a.txt", f"sshpass -p {SECRET} ssh x\n"),
        ("inittab", f"dbup:2:once:su - oracle -c 'sqlplus -s system/{SECRET}@PROD @up.sql'\n"),
        ("a.yaml", f"args: [-p, {SECRET}]\n"),
        ("a.yaml", f"args: [x, '-p{SECRET}']\n"),
        ("a.yaml", f"args:\n- -p\n- {SECRET}\n"),
        ("filesystems", f"/mnt:\n\tvfs = cifs\n\tnodename = srv/me/{SECRET}\n"),
        ("mount.txt", f"srv/me/{SECRET}  /mnt             cifs   Nov 21 19:00 rw\n"),
        ("filesystems", f"\toptions = rw,username=me,password={SECRET},bg\n"),
        ("filesystems", f"\toptions = rw,pw={SECRET}\n"),
        ("crontab", f"0 3 * * * DB_PW={SECRET} /opt/drboot/bin/drboot check\n"),
        ("a.txt", f"PASSWORT={SECRET} KENNWORT={SECRET}\n"),
        ("a.txt", f"machine h login me password {SECRET}\n"),
        ("a.txt", f"The password is {SECRET}\n"),
        ("hosts.csv", f"# token {SECRET}\nhost,site\n"),
        ("inittab", f"app:2:once:/opt/app/start --dbpass {SECRET}\n"),
        ("crontab", f"0 3 * * * DBPW={SECRET} x\n"),
        ("a.txt", f"curl -H 'Bearer {SECRET}' x\n"),
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
        ("a.txt", "default_passthrough yes\nbypass: no\ncompass=1\nkeyserv inoperative\nmonkey=1\n"),
        ("a.json", '{"n":1,  "chain": "ab12", "key": "x", "at": "2026"}'),
        ("a.yaml", "name: app\nargs: [start]\nphase: last\nnext: 1\n"),
        ("a.txt", "https://host/path@2\nroot@host\nhttp://host:8080/path\n"),
        ("a.txt", "the password has expired\nbasic configuration of 2 disks\nno password\n"),
        ("inittab", "rcnfs:23456789:wait:/etc/rc.nfs > /dev/console 2>&1 # -u root -p\n"),
        ("inittab", "dbup:2:once:su - oracle -c 'sqlplus -s / as sysdba @/home/oracle/up.sql'\n"),
        ("mount.txt", "nfs01    /export/app/3    /app             nfs3   Nov 21 19:00 bg,hard\n"),
        ("filesystems", "/app:\n\tnodename = nfs01\n\tvfs = nfs\n"),
        ("a.json", '{"argv": ["lsvg", "-p", "datavg"], "user": ["chown", "-u", "root"]}'),
        ("a.yaml", "# mkdir -p /data/app\nargs: [start, -v]\n"),
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


@pytest.mark.parametrize("password", [f"p@{SECRET}", f"p/{SECRET}", f"{SECRET}'x", f"80/{SECRET}:"])
def test_a_password_of_a_url_may_hold_what_ends_others(password: str) -> None:
    secrets = Secrets()
    assert secrets.cleaned(f"see https://me:{password}@host/path\n", "a.txt") == f"see https://{LEFT_OUT}@host/path\n"
    assert secrets.without_known(f"elsewhere {password} again") == f"elsewhere {LEFT_OUT} again"


def test_what_may_be_no_secret_goes_in_its_place_only() -> None:
    secrets = Secrets()
    assert secrets.cleaned("args: [-p, /data/app, -progress]\n", "a.yaml") == f"args: [-p, {LEFT_OUT}, -p{LEFT_OUT}]\n"
    assert secrets.without_known("/data/app in progress") == "/data/app in progress"


def test_a_long_text_of_nothing_but_keys_takes_no_time() -> None:
    began = time.process_time()
    Secrets().cleaned("token" * 20_000 + "\n" + "pass_" * 20_000, "a.txt")
    Secrets().cleaned("-" * 40_000 + " --" + "secret-" * 10_000, "a.txt")
    Secrets().cleaned("x://a:" * 20_000 + "\n" + "password " * 20_000 + "a/b/" * 20_000, "a.txt")
    Secrets().cleaned("-u a" * 20_000 + "nodename = a/b/" + "c" * 80_000 + " cifs" * 10_000, "a.yaml")
    assert time.process_time() - began < 5, "it grows faster than the text"


def test_lines_are_cut_as_a_whole() -> None:
    text = b"one\ntwo\nthree\n"
    assert split_lines(text, 20, True) == (text, False)
    assert split_lines(text, 7, False) == (b"one\n", True)
    assert split_lines(text, 11, True) == (b"three\n", True) or split_lines(text, 11, True) == (b"two\nthree\n", True)
    assert split_lines(b"x" * 50, 10, False) == (b"", True)
