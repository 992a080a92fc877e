"""The journal's tool, its anchors and its exports over real runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.toy import SWITCH, Seen, World

EXPORT = ("-e", "journal_action=export")
VERIFY = ("-e", "journal_action=verify")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.environment("lab", f"ops_anchors: [{{kind: file, path: {tmp_path}/anchor}}]\n")
    (tmp_path / "anchor").touch()
    made.initialise()
    yield made
    made.kill_all()


def journal(world: World, *args: str) -> Seen:
    return world.tool(*args, name="journal")


def entry(world: World, number: int) -> Path:
    return world.ledger / "journal" / "entries" / f"{number:012d}"


def test_who_ran_what_is_shown_verified_and_exported(world: World) -> None:
    assert world.run(*SWITCH, "-e", "awx_user_name=kim", "-e", "awx_job_id=7").code == 0
    assert world.run("-e", "switch_action=raze").code == 2
    run = str(world.records("journal")[1]["run"])

    shown = journal(world)
    rows = [line for line in shown.text.splitlines() if " | acme.toy.switch: " in line and line.startswith("  20")]
    assert shown.code == 0 and len(rows) == 2, shown
    assert "raze | toy/lab/api | REFUSED" in rows[0] and run in rows[1] and "kim as " in rows[1], shown
    assert "AWX job 7" in rows[1] and "toy/lab/api | ok |" in rows[1]
    filters = ("-e", "journal_user=kim", "-e", "journal_object=api", "-e", "journal_runbook=switch")
    one = journal(world, *filters, "-e", "journal_since=1h")
    assert run in one.text and "raze" not in one.text, one
    whole = journal(world, "-e", f"journal_run={run}")
    assert "write done: Write one, 1 left" in whole.text and "extra_variables: awx_job_id" in whole.text, whole
    assert "canary" not in whole.text

    verified = journal(world, *VERIFY)
    assert verified.code == 0 and f"proved by file {world.base}/anchor" in verified.text, verified
    assert "not excluded" in verified.text

    to = world.base / "export"
    export = (*EXPORT, "-e", f"journal_to={to}", "-e", "journal_since=1h")
    checked = journal(world, *export, "--check")
    assert checked.code == 0 and "would be written to" in checked.text and not to.exists(), checked
    written = journal(world, *export)
    assert written.code == 0 and "changed=1" in written.text, written
    assert "changed=0" in journal(world, *export).text
    proof = subprocess.run([sys.executable, "-I", str(to / "verify.py")], capture_output=True, text=True, check=False)
    assert proof.returncode == 0 and "anchors knew entry" in proof.stdout, proof
    timeline = (to / "timeline.md").read_text()
    assert run in timeline and "REFUSED" in timeline and "kim" in timeline
    # the journal itself keeps which manifest was made
    kept = [record["exported"] for record in world.records("journal") if "exported" in record]
    assert [item["manifest"] for item in kept] == [
        line.partition(": ")[2] for line in proof.stdout.splitlines() if line.startswith("manifest.json: ")
    ]


def test_a_rewritten_journal_is_found_by_its_anchor_and_a_dead_anchor_stops_nobody(world: World) -> None:
    assert world.run(*SWITCH).code == 0
    page = entry(world, 1)
    page.write_bytes(page.read_bytes().replace(b'"allowed":true', b'"allowed":null'))
    found = journal(world, *VERIFY)
    assert found.code == 2 and "journal: first bad entry: 1" in found.text, found
    assert "The chain journal of the ledger" in found.text and "cannot be trusted: entry 1 was changed" in found.text
    shown = journal(world)
    assert shown.code == 2 and "acme.toy.switch: switch" in shown.text and "entry 1 does not fit" in shown.text, shown
    refused = journal(world, *EXPORT, "-e", f"journal_to={world.base}/export", "-e", "journal_since=1h")
    assert refused.code == 2 and "is not exported" in refused.text and not (world.base / "export").exists(), refused

    page.write_bytes(page.read_bytes().replace(b'"allowed":null', b'"allowed":true'))
    (world.base / "anchor").unlink()
    ran = world.run(*SWITCH, "-e", "value=two")
    assert ran.code == 0 and f"not anchored in file {world.base}/anchor" in ran.text, ran
    unread = journal(world, *VERIFY)
    assert unread.code == 2 and "Not everything could be compared" in unread.text, unread


def test_a_torn_entry_and_an_unreadable_ledger_are_one_sentence(world: World) -> None:
    assert world.run(*SWITCH).code == 0
    last = len(world.records("journal")) - 1
    entry(world, last).write_bytes(entry(world, last).read_bytes()[:50])
    found = journal(world, *VERIFY)
    assert found.code == 2 and f"entry {last} is damaged" in found.text and "Traceback" not in found.text, found
    world.ledger.rename(world.base / "away")
    gone = journal(world)
    assert gone.code == 2 and "is not initialised" in gone.text and "Traceback" not in gone.text, gone


def test_hostile_words_format_nothing(world: World) -> None:
    hostile = "x\x1b[2J|<script>`rm`\n# forged ![a](http://evil) \u202e"
    assert world.run(*SWITCH, "-e", json.dumps({"awx_user_name": hostile, "awx_job_id": "1|2"})).code == 0
    shown = journal(world)
    assert shown.code == 0 and "\x1b[2J" not in shown.text and "\n# forged" not in shown.text, shown
    assert "\u202e" not in shown.text
    asked = json.dumps({"journal_user": hostile, "journal_to": f"{world.base}/export", "journal_action": "export"})
    assert journal(world, "-e", asked).code == 0
    text = (world.base / "export" / "timeline.md").read_text()
    assert "<script>" not in text.replace("\\<", "") and "\n# forged" not in text and "](http" not in text
    none = journal(world, "-e", json.dumps({"journal_user": f"no {hostile}"}))
    assert none.code == 0 and "no run with journal_user" in none.text and "\x1b[2J" not in none.text, none
