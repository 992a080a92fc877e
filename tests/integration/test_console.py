"""What a person sees of a run: on a terminal, in a file, on a terminal that can do little, and when it is stopped."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import Stage
from tests.integration.terminal import Terminal
from tests.integration.toy import SWITCH, World
from tools.treehash import ROOT

ERASE = "\r\x1b[K"
SLOWLY = (*SWITCH, "-e", "seconds=2", "-e", "steps=2")
WRITING = "  api | writing, ******** (50%)"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.initialise()
    yield made
    made.kill_all()


def on_terminal(world: World, *args: str, columns: int = 100, **more: str) -> Terminal:
    """Start a run on a terminal."""
    variables = world.variables(**{"TERM": "xterm-256color", **more})
    return Terminal(world.command(*args), variables, columns=columns, cwd=world.base)


def test_one_line_updates_and_nothing_of_it_is_left_over(world: World) -> None:
    terminal = on_terminal(world, *SLOWLY)
    assert terminal.end() == 0, terminal
    rows = terminal.picture.rows
    assert WRITING in terminal.feet and terminal.stream.count(ERASE) >= 3
    (kept,) = [row for row in rows if "writing" in row]
    assert re.fullmatch(re.escape(WRITING) + r", [0-9.]+ s", kept), kept
    order = [row for row in rows if "| plan: " in row or row == kept or row.startswith("changed: ")]
    assert order[2:] == [kept, "changed: [api]"], terminal
    assert rows[-1] == "" and "| ok after" in terminal.text and terminal.picture.coloured


def test_on_a_narrow_terminal_the_line_is_cut_and_what_stays_is_whole(world: World) -> None:
    terminal = on_terminal(world, *SLOWLY, columns=24)
    assert terminal.end() == 0, terminal
    assert "  api | writing, ***..." in [foot.rstrip() for foot in terminal.feet], terminal.feet
    assert "..." not in terminal.text and WRITING in terminal.text


def test_ctrl_c_leaves_the_terminal_clean(world: World) -> None:
    terminal = on_terminal(world, *SLOWLY)
    terminal.until(lambda: WRITING in terminal.feet)
    terminal.type("\x03")
    assert terminal.end() != 0
    rows = terminal.picture.rows
    assert rows[-1] == "" and "Next: " in "".join(rows[-10:]) and "INTERRUPTED after" in terminal.text
    # the step stays once, above the last words, and what the terminal echoed is gone
    assert "^C" not in terminal.text and str(terminal).count(WRITING) == 1, terminal
    assert terminal.stream.rindex(ERASE) < terminal.stream.rindex("INTERRUPTED")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_says_so_and_is_recorded(world: World, number: signal.Signals) -> None:
    terminal = on_terminal(world, *SLOWLY)
    terminal.until(lambda: WRITING in terminal.feet)
    os.kill(terminal.pid, number)
    assert terminal.end() == 128 + number
    assert "INTERRUPTED after" in terminal.text and terminal.picture.rows[-1] == ""
    closed = [record for record in world.records("journal") if record.get("event") == "closed"]
    assert [record["result"] for record in closed] == ["INTERRUPTED"]


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"CI": "true"}, {"AWX_PRIVATE_DATA_DIR": "/x"}])
def test_where_no_line_can_be_updated_every_report_is_a_line(world: World, more: dict[str, str]) -> None:
    terminal = on_terminal(world, *SWITCH, "-e", "seconds=2", **more)
    assert terminal.end() == 0, terminal
    assert ERASE not in terminal.stream and terminal.picture.rows.count(WRITING) == 2


def test_without_colours_the_line_still_updates(world: World) -> None:
    terminal = on_terminal(world, *SLOWLY, NO_COLOR="1")
    assert terminal.end() == 0, terminal
    assert WRITING in terminal.feet and ERASE in terminal.stream and not terminal.picture.coloured


def test_in_a_file_there_is_nothing_but_lines(world: World) -> None:
    seen = world.run(*SLOWLY, TERM="xterm-256color")
    assert seen.code == 0 and "\x1b" not in seen.text and "\r" not in seen.text
    assert seen.text.splitlines().count(WRITING) == 4


def test_v_is_ansibles_own(world: World) -> None:
    terminal = on_terminal(world, *SLOWLY, "-v")
    assert terminal.end() == 0, terminal
    assert ERASE not in terminal.stream and 'ok: [api] => {"' in str(terminal) and WRITING in str(terminal)


def test_tasks_of_others_look_as_usual(world: World) -> None:
    play = world.put(
        world.base / "foreign.yml",
        "- hosts: services\n  gather_facts: false\n  tasks:\n"
        "    - {name: Do, ansible.builtin.command: 'true'}\n"
        "    - {name: Leave, ansible.builtin.command: 'true', when: false}\n"
        "    - {name: Fail, ansible.builtin.command: 'sh -c \"echo why; exit 3\"'}\n",
    )
    ours = world.run(play=play)
    default = world.run(play=play, ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default")
    times = re.compile(r'"(start|end|delta)": "[^"]*"')
    assert times.sub("", ours.text) == times.sub("", default.text) and "why" in ours.text


def test_a_deploy_reads_as_sentences_and_ends_with_what_serves(tmp_path: Path) -> None:
    with start(tmp_path / "fake", 600) as fake:
        stage = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert stage.play("deploy", deploy_action="adopt").rc == 0
        program = World.command(World.__new__(World), play="playbooks/deploy.yml", inventory=tmp_path / "inventory")
        variables = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "TERM": "xterm", "COLUMNS": ""}
        for name in ("CI", "AWX_PRIVATE_DATA_DIR"):
            variables.pop(name, None)
        good = Terminal([*program, "-e", "deploy_release=2.0.0"], variables, columns=400, cwd=ROOT)
        assert good.end() == 0, good
        bad = Terminal([*program, "-e", "deploy_release=9.0.0"], variables, columns=400, cwd=ROOT)
        assert bad.end() == 2, bad
    text = str(good)
    assert "TASK [" not in text and "waiting" not in text, good
    assert any("waiting: UPDATE_SERVICE in progress" in foot for foot in good.feet)
    assert re.search(r"\n  api \| switching to 2\.0\.0 \(\w+\), [0-9.]+ s *\n", text)
    assert re.search(r"\nServing now: *\n  api \| 2\.0\.0 \(\w+\) *\nTo go back: .+ playbooks/rollback.yml ", text)
    # the heading of the task that failed, and none of the rescue's
    assert re.findall(r"TASK \[([^]]*)]", str(bad)) == ["steady.ops.deploy : Deploy to api"]
    end = str(bad)[str(bad).index("PLAY RECAP") :]
    assert re.search(r"\n  api \| 2\.0\.0 \(\w+\) *\nNext: .+ playbooks/releases.yml ", end)
