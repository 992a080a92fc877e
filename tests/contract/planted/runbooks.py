"""Planted violations in roles and playbooks: a sound runbook, changed in one place."""

from __future__ import annotations

from tests.contract.planted.plant import Plant

PLAY, TASKS = "playbooks/swap.yml", "roles/swap/tasks/main.yml"
CONTRACT, SPECS, PAGE = "roles/swap/meta/runbook.yml", "roles/swap/meta/argument_specs.yml", "docs/swap.md"
LIST, INVENTORY, TEST = "playbooks/README.md", "inventories/s/lab.yml", "tests/integration/test_swap.py"
SOUND_TREE = {
    PLAY: """
- name: Swap
  hosts: services
  gather_facts: false
  tasks:
    - name: Pass the gates
      steady.ops.guard: {runbook: swap}
      run_once: true
      register: ops_run
    - name: Swap
      ansible.builtin.include_role: {name: steady.ops.swap}
""",
    TASKS: """
- name: Swap
  block:
    - name: Go
      steady.ops.x_deploy:
        release: "{{ swap_release | default(omit, true) }}"
        count: "{{ swap_count | default(omit) }}"
      register: __swap_result
  rescue:
    - name: Put back
      ansible.builtin.debug: {msg: back}
    - name: Say what happened
      ansible.builtin.fail: {msg: red}
""",
    CONTRACT: """
purpose: Swap it.
place: platform
procedures: [SU-10]
platforms: []
actions:
  swap: {risk: change, objects: [component], deadline_minutes: 5, undo: swap back}
""",
    SPECS: """
argument_specs:
  main:
    short_description: Swap
    description: Swap it.
    options:
      swap_release: {description: What., type: str}
      swap_count: {description: How many., type: int}
""",
    PAGE: "`swap` swaps `swap_release`, `swap_count` times.",
    LIST: "| [swap.yml](swap.yml) | swaps |",
    INVENTORY: "all: {children: {services: {hosts: {api: }}, lab: {hosts: {api: }}}}\n",
    TEST: 'PLAYBOOK = "swap.yml"\n',
    "docs/procedures.yml": "SU-10: {title: Roll back}\n",
}


def spoiled(rule: str, expected: str, path: str, old: str, new: str) -> Plant:
    """Return the sound tree with one text in one file replaced."""
    assert old in SOUND_TREE[path], f"{old!r} is not in {path}"
    return Plant(rule, expected, {**SOUND_TREE, path: SOUND_TREE[path].replace(old, new, 1)})


def without(rule: str, expected: str, path: str) -> Plant:
    return Plant(rule, expected, {name: text for name, text in SOUND_TREE.items() if name != path})


GUARD, DEFAULTS, SCHEMA = "every_play_passes_the_guard_first", "roles_default_to_omit_only", "contracts_keep_the_schema"
FIRST = "    - name: Pass the gates\n"
BEFORE = "    - name: Before\n      ansible.builtin.debug: {msg: x}\n"
VARIABLES, BLANK = "role_variables_are_described", "blank_survey_answers_change_nothing"

PLANTS = (
    spoiled(GUARD, "does not begin with the guard", PLAY, FIRST, BEFORE + FIRST),
    spoiled(GUARD, "does not begin with the guard", PLAY, "  tasks:", f"  pre_tasks:\n{BEFORE}  tasks:"),
    spoiled(GUARD, "does not begin with the guard", PLAY, "  tasks:", "  roles: [swap]\n  tasks:"),
    spoiled(GUARD, "passes the guard once per host", PLAY, "      run_once: true\n", ""),
    spoiled(GUARD, "does not keep what the guard hands out", PLAY, "      register: ops_run\n", ""),
    spoiled(GUARD, "names another playbook to the guard", PLAY, "{runbook: swap}", "{runbook: rollback}"),
    spoiled(GUARD, "gathers facts before the guard", PLAY, "  gather_facts: false\n", ""),
    spoiled(
        GUARD, "can leave the guard out", PLAY, "      run_once: true\n", "      run_once: true\n      when: false\n"
    ),
    spoiled(
        "every_playbook_is_a_runbook_or_a_tool", "does not state its risk", PLAY, "{runbook: swap}", "{tool: swap}"
    ),
    Plant("every_playbook_is_a_runbook_or_a_tool", "is neither a runbook nor a tool", {PLAY: SOUND_TREE[PLAY]}),
    spoiled(
        "plays_have_no_tags", "the task 'Go' has tags", TASKS, "      register", "      tags: [go]\n      register"
    ),
    spoiled("every_rescue_ends_in_fail", "does not end in fail", TASKS, "fail: {msg: red}", "debug: {msg: red}"),
    spoiled("every_rescue_ends_in_fail", "does not end in fail", TASKS, "{msg: red}", "{msg: red}\n      when: false"),
    spoiled(DEFAULTS, "sets the default 3", TASKS, "swap_count | default(omit)", "swap_count | default(3)"),
    spoiled(DEFAULTS, "swap_count is a int", TASKS, "swap_count | default(omit)", "swap_count | default(omit, true)"),
    spoiled(
        DEFAULTS, "swap_release is a str", TASKS, "swap_release | default(omit, true)", "swap_release | default(omit)"
    ),
    spoiled("inputs_are_never_set", "sets swap_release", TASKS, "debug: {msg: back}", "set_fact: {swap_release: x}"),
    spoiled("inputs_are_never_set", "sets ops_run", TASKS, "register: __swap_result", "register: ops_run"),
    spoiled(
        BLANK,
        "release differs when swap_release is empty",
        TASKS,
        "swap_release | default(omit, true)",
        "swap_release | default(omit)",
    ),
    spoiled(
        BLANK,
        "release differs when swap_release is empty",
        TASKS,
        "{{ swap_release | default(omit, true) }}",
        "v{{ swap_release }}",
    ),
    without(SCHEMA, "roles/swap/meta/runbook.yml: is not there", CONTRACT),
    spoiled(SCHEMA, "'harmless' is not one of", CONTRACT, "risk: change", "risk: harmless"),
    spoiled(SCHEMA, "'undo' is a required property", CONTRACT, ", undo: swap back", ""),
    spoiled(SCHEMA, "'unit' is a dependency of 'batch'", CONTRACT, "risk: change", "batch: swap_batch, risk: change"),
    spoiled(SCHEMA, "'purpose' is a required property", CONTRACT, "purpose: Swap it.\n", ""),
    spoiled(SCHEMA, "'here' is not one of", CONTRACT, "place: platform", "place: here"),
    spoiled(SCHEMA, "Additional properties are not allowed", CONTRACT, "platforms: []", "colour: red"),
    spoiled(SCHEMA, "claims SU-99, which docs/procedures.yml does not list", CONTRACT, "SU-10", "SU-99"),
    without(VARIABLES, "does not describe main", SPECS),
    spoiled(VARIABLES, "main has no description", SPECS, "    description: Swap it.\n", ""),
    spoiled(VARIABLES, "count does not carry the role's name", SPECS, "swap_count", "count"),
    spoiled(VARIABLES, "swap_count has a default", SPECS, "type: int", "type: int, default: 3"),
    spoiled(VARIABLES, "swap_count has no type", SPECS, ", type: int", ""),
    spoiled(VARIABLES, "swap_count has no description", SPECS, "description: How many., ", ""),
    without("every_role_has_its_playbook_and_page", "write playbooks/swap.yml", PLAY),
    without("every_role_has_its_playbook_and_page", "write docs/swap.md", PAGE),
    spoiled("pages_name_every_variable_and_action", "does not speak of `swap_count`", PAGE, "`swap_count`", "many"),
    spoiled("readme_of_playbooks_lists_them_all", "does not list swap.yml", LIST, "swap.yml](swap.yml", "swap"),
    spoiled("readme_of_playbooks_lists_them_all", "lists gone.yml, which is not there", LIST, "swaps", "not gone.yml"),
    spoiled("every_inventory_has_the_groups_of_every_play", "has no group services", INVENTORY, "services", "others"),
    spoiled("platforms_are_there_and_used", "promises ecs and has no tasks for it", CONTRACT, "[]", "[ecs]"),
    spoiled("platforms_are_there_and_used", "no inventory has a ecs component", CONTRACT, "[]", "[ecs]"),
    without("every_runbook_is_tested", "write tests/integration/test_swap.py", TEST),
    spoiled("every_runbook_is_tested", "no test plays it", TEST, "swap.yml", "swap_other.yml"),
)
