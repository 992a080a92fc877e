"""Every rule holds in this repository, holds in a small sound tree, and is seen failing on planted violations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.planted import code, documents, runbooks
from tests.contract.planted.plant import Plant
from tests.contract.rules import boundaries, modules, permits, plays, shape
from tests.contract.rules import runbooks as runbook_rules
from tests.contract.tree import ROOT, Rule, Tree

RULES: dict[str, Rule] = {
    rule.__name__: rule for topic in (boundaries, shape, modules, permits, plays, runbook_rules) for rule in topic.RULES
}
PLANTS = (*code.PLANTS, *documents.PLANTS, *runbooks.PLANTS)
# rules that the small sound trees, which are no whole plugins, break on purpose
NOT_OF_THE_SMALL = {"plugins_carry_the_licence", "unit_tests_mirror_plugins"}


@pytest.fixture(scope="module")
def repository() -> Tree:
    return Tree(ROOT)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_repository_keeps(rule: Rule, repository: Tree) -> None:
    violations = [str(violation) for violation in rule(repository)]

    assert not violations, "\n" + "\n".join(violations)


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_planted_violation_is_seen(plant: Plant, tmp_path: Path) -> None:
    plant.grow(tmp_path)

    violations = [str(violation) for violation in RULES[plant.rule](Tree(tmp_path))]

    assert any(plant.expected in violation for violation in violations), violations


@pytest.mark.parametrize("rule", [name for name in RULES if name not in NOT_OF_THE_SMALL])
@pytest.mark.parametrize("sound", [documents.SOUND_TREE, runbooks.SOUND_TREE], ids=["module", "runbook"])
def test_a_sound_tree_is_not_blamed(rule: str, sound: dict[str, str], tmp_path: Path) -> None:
    Plant(rule, "", sound).grow(tmp_path)

    assert [str(violation) for violation in RULES[rule](Tree(tmp_path))] == []


def test_every_rule_is_seen_failing_once() -> None:
    assert set(RULES) == {plant.rule for plant in PLANTS}
