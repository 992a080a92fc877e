"""Planted violations in modules: a sound one, changed in one place."""

from __future__ import annotations

from tests.contract.planted.plant import Plant

PATH = "plugins/modules/x_deploy.py"
RUNTIME = "meta/runtime.yml"
SOUND = '''DOCUMENTATION = r"""
module: x_deploy
short_description: Deploy
description: [Deploy.]
version_added: 0.1.0
author: [us]
seealso: [{module: steady.ops.guard}]
extends_documentation_fragment: [steady.ops.permit, steady.ops.cloud]
options:
  count:
    description: How many.
    type: int
    default: 3
    required: false
    choices: [1, 3]
  health:
    description: How well.
    type: dict
    suboptions:
      path: {description: Where., type: str}
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
  idempotent: {support: full}
  platform: {platforms: posix}
"""
EXAMPLES = r"""
- name: Deploy
  steady.ops.x_deploy: {count: 3, permit: "{{ ops_run.permit }}"}
- name: Show
  steady.ops.x_deploy: {count: 3}
  check_mode: true
"""
RETURN = r"""
plan: {description: Steps., returned: always, type: list}
plan_hash: {description: Hash., returned: always, type: str}
diff: {description: Diff., returned: always, type: dict}
findings: {description: Verdicts., returned: always, type: list}
"""
from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "count": {"type": "int", "default": 3, "choices": [1, 3]},
    "health": {"type": "dict", "options": {"path": {"type": "str"}}},
    "permit": {"type": "dict"},
    "region": {"type": "str"},
}


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    if not module.params["permit"]:
        module.fail_json(msg="A change needs a permit")
    module.exit_json(changed=True)
'''
_FRAGMENT = 'class ModuleDocFragment:\n    DOCUMENTATION = """\noptions:\n  {}\n"""\n'
SURROUNDINGS = {
    "plugins/doc_fragments/permit.py": _FRAGMENT.format("permit: {description: Permit., type: dict}"),
    "plugins/doc_fragments/cloud.py": _FRAGMENT.format("region: {description: Where., type: str}"),
    RUNTIME: (
        "action_groups: {cloud: [x_deploy]}\n"
        "plugin_routing: {modules: {x_deploy: {action_plugin: steady.ops.run_module}}}\n"
    ),
}
SOUND_TREE = {**SURROUNDINGS, PATH: SOUND}


def spoiled(rule: str, expected: str, old: str, new: str, path: str = PATH) -> Plant:
    """Return the sound tree with one text in one file replaced."""
    assert old in SOUND_TREE[path], f"{old!r} is not in {path}"
    return Plant(rule, expected, {**SOUND_TREE, path: SOUND_TREE[path].replace(old, new, 1)})


SPEC, DOCUMENTED = "options_equal_the_argument_spec", "modules_are_fully_documented"
EXAMPLE, RESULT = "examples_are_tasks_one_could_keep", "results_are_documented"
FRONT, GROUPS = "changing_modules_go_through_the_front_end", "action_groups_equal_fragment_users"
REFUSES = "changing_modules_refuse_without_a_permit"
LOOKS = '    if not module.params["permit"]'
REACHES = """    import socket
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError as error:
        module.fail_json(msg=str(error))
"""

PLANTS = (
    spoiled(SPEC, "has no constant OPTIONS", "OPTIONS = {", "SPEC = OTHER = {"),
    spoiled(
        SPEC, "documents count, which it does not accept", '    "count": {"type": "int"', '    "many": {"type": "int"'
    ),
    spoiled(SPEC, "accepts more, which it does not document", '    "region"', '    "more": {},\n    "region"'),
    spoiled(SPEC, "count: default is documented 3 and is 4", '"default": 3', '"default": 4'),
    spoiled(SPEC, "count: type is documented 'int' and is 'str'", '"type": "int", ', ""),
    spoiled(SPEC, "count: required is documented True", "required: false", "required: true"),
    spoiled(SPEC, "count: choices are documented", "choices: [1, 3]", "choices: [1, 2]"),
    spoiled(SPEC, "accepts health.path, which it does not document", "      path: {", "      way: {"),
    spoiled(SPEC, "count: has no description", "    description: How many.\n", ""),
    spoiled(SPEC, "accepts region, which it does not document", "steady.ops.cloud", "steady.ops.permit"),
    spoiled(DOCUMENTED, "documents no seealso", "seealso: [{module: steady.ops.guard}]\n", ""),
    spoiled(DOCUMENTED, "documents no version_added", "version_added: 0.1.0\n", ""),
    spoiled(DOCUMENTED, "documents the module 'other'", "module: x_deploy", "module: other"),
    spoiled(DOCUMENTED, "does not state the attribute idempotent", "  idempotent: {support: full}\n", ""),
    spoiled(
        "options_are_described_once",
        "describes region a second time",
        "options:\n  count",
        "options:\n  region: {}\n  count",
    ),
    spoiled("options_are_described_once", "extends other, which is not there", "steady.ops.cloud", "steady.ops.other"),
    spoiled(
        EXAMPLE, "sets x_deploy: health_chek, which does not exist", "{count: 3, permit", "{health_chek: 3, permit"
    ),
    Plant(
        EXAMPLE,
        "lacks the required count",
        {
            **SOUND_TREE,
            PATH: SOUND.replace("required: false", "required: true").replace("{count: 3, permit", "{permit"),
        },
    ),
    spoiled(EXAMPLE, "by its short name", "- name: Deploy\n  steady.ops.x_deploy", "- name: Deploy\n  x_deploy"),
    spoiled(EXAMPLE, "an example has no name", "- name: Deploy\n  steady", "- steady"),
    spoiled(EXAMPLE, "does not show check mode", "  check_mode: true\n", ""),
    Plant(
        EXAMPLE,
        "shows no example of itself",
        {**SOUND_TREE, PATH: SOUND.replace("  steady.ops.x_deploy:", "  steady.ops.other:")},
    ),
    spoiled(RESULT, "does not document the result plan_hash", "plan_hash: {", "hash: {"),
    spoiled(
        RESULT, "the result plan is documented as dict", "returned: always, type: list", "returned: always, type: dict"
    ),
    spoiled(
        RESULT, "the result diff has no returned", "{description: Diff., returned: always,", "{description: Diff.,"
    ),
    spoiled(GROUPS, "the action group cloud lacks x_deploy", "cloud: [x_deploy]", "cloud: []", RUNTIME),
    spoiled(GROUPS, "holds y_deploy, which does not extend", "[x_deploy]", "[x_deploy, y_deploy]", RUNTIME),
    spoiled(GROUPS, "the action group other holds x_deploy", "{cloud:", "{other: [x_deploy], cloud:", RUNTIME),
    spoiled(FRONT, "can change and has no option permit", "steady.ops.permit", "steady.ops.cloud"),
    spoiled(FRONT, "has no full check mode", "check_mode: {support: full}", "check_mode: {support: partial}"),
    spoiled(FRONT, "x_deploy does not go through run_module", "steady.ops.run_module", "steady.ops.other", RUNTIME),
    spoiled(FRONT, "says changed and has no diff mode", "diff_mode: {support: full}", "diff_mode: {support: none}"),
    spoiled(REFUSES, "without a permit it says", 'if not module.params["permit"]', 'if module.params["permit"]'),
    spoiled(REFUSES, "without a permit it says: the network is not there", LOOKS, REACHES + LOOKS),
)
