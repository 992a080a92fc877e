"""Planted mistakes in the platform of release directories, and the cases that must notice each."""

from __future__ import annotations

from tests.faults.mutants import Mutant, plant

__all__ = ["MUTANTS", "Mutant", "plant"]

PLATFORM = "module_utils/_platform/release_dir"

MUTANTS = (
    Mutant(
        "take_any_digest",
        f"{PLATFORM}/bringing.py",
        "        if found != self.digest:\n",
        "        if False:\n",
        ("exchanged", "other_digest"),
    ),
    Mutant(
        "let_links_out",
        f"{PLATFORM}/unpack.py",
        """        if reached != inside and not reached.startswith(f"{inside}/"):""",
        """        if False:""",
        ("links_in_a_chain",),
    ),
    Mutant(
        "let_paths_out",
        f"{PLATFORM}/archive.py",
        """        if written.startswith("/") or ".." in parts or "\\0" in written:""",
        """        if False:""",
        ("climbs_out", "absolute"),
    ),
    Mutant(
        "trust_the_reload",
        f"{PLATFORM}/processes.py",
        """        return False, f"process {process.pid} runs {where}"\n""",
        """        return True, ""\n""",
        ("reload_does_nothing_unseen",),
    ),
    Mutant(
        "do_not_count_restarts",
        f"{PLATFORM}/gate.py",
        "        if counted or replaced:\n",
        "        if False:\n",
        ("restart_loop_at_once",),
    ),
    Mutant(
        "no_second_look",
        f"{PLATFORM}/running.py",
        "        if steady is not None and steady != Steady(link.id, look.identity, look.state.restarts):\n",
        "        if False:\n",
        ("restart_while_probed",),
    ),
    Mutant(
        "believe_what_is_down",
        f"{PLATFORM}/gate.py",
        "        if stood >= self.steady_seconds:\n",
        "        if stood >= 0:\n",
        ("restart_loop_at_once", "killed_after_start"),
    ),
    Mutant(
        "half_is_whole",
        f"{PLATFORM}/store.py",
        """        if said is None or said.get("finished") is not True or not said.get("digest"):""",
        """        if said is None:""",
        ("half_marked",),
    ),
    Mutant(
        "do_not_compare_content",
        f"{PLATFORM}/store.py",
        "        return content.first_change(directory, items)\n",
        """        return ""\n""",
        ("spoiled_and_sent", "spoiled_and_gone_back_to"),
    ),
    Mutant(
        "no_lock",
        f"{PLATFORM}/intent.py",
        "            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        ("two_controllers",),
    ),
    Mutant(
        "leave_half_made_ones",
        f"{PLATFORM}/bringing.py",
        "        except OpsError:\n            storage.remove(partial)\n            raise\n",
        "        except OpsError:\n            raise\n",
        ("full_at_content", "full_at_tree"),
    ),
    Mutant(
        "crash_on_a_full_disk",
        f"{PLATFORM}/switching.py",
        "        with storage.refusing(doing, base):\n",
        "        with contextlib.nullcontext():\n",
        ("full_at_intent", "full_at_link"),
    ),
    Mutant(
        "link_in_place",
        f"{PLATFORM}/layout.py",
        """        os.replace(beside, self.current)
""",
        """        target = os.readlink(beside)
        beside.unlink()
        self.current.unlink(missing_ok=True)
        os.symlink(target, self.current)
""",
        ("killed_after_switch", "theirs_while_probed", "full_after_intent"),
    ),
    Mutant(
        "never_tell_again",
        f"{PLATFORM}/switching.py",
        "        if not self._is_there(intent.to):\n",
        "        if not intent.before and not self._is_there(intent.to):\n",
        ("reload_works", "killed_after_switch"),
    ),
    Mutant(
        "prune_failure_is_fatal",
        f"{PLATFORM}/pruning.py",
        "            return Done(State.FAILED, error.sentence, go_on=False)\n",
        "            raise RuntimeError(error.sentence) from None\n",
        ("prune_refused",),
    ),
)
