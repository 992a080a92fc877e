"""Planted violations of what code may do, and of shape."""

from __future__ import annotations

from tests.contract.planted.plant import Plant
from tests.contract.rules.shape import HEADER

LIBRARY = "plugins/module_utils/_x/y.py"
MODULE = "plugins/modules/x.py"
_HEAD = "\n".join([*HEADER, "from __future__ import annotations", ""])

PLANTS = (
    Plant(
        "libraries_do_not_import_ansible",
        "imports ansible.module_utils.basic",
        {
            LIBRARY: "from ansible.module_utils.basic import AnsibleModule\n",
        },
    ),
    Plant("drivers_stay_in_driver_py", "move the call into driver.py", {LIBRARY: "import botocore.config\n"}),
    Plant(
        "drivers_stay_in_driver_py",
        "imports psycopg unguarded",
        {
            "plugins/module_utils/_x/driver.py": "import psycopg\n",
        },
    ),
    Plant(
        "drivers_stay_in_driver_py",
        "imports redis unguarded",
        {
            "plugins/module_utils/_x/driver.py": "try:\n    pass\nexcept ValueError:\n    pass\nimport redis\n",
        },
    ),
    Plant(
        "domains_do_not_know_each_other",
        "domain _x imports _aws",
        {
            LIBRARY: "from .._aws.driver import call\n",
            "plugins/module_utils/_aws/driver.py": "",
        },
    ),
    Plant(
        "domains_do_not_know_each_other",
        "domain _x imports _aws",
        {
            LIBRARY: "from .._aws import driver\n",
            "plugins/module_utils/_aws/driver.py": "",
        },
    ),
    Plant(
        "the_engine_knows_no_platform",
        "names the platform AppRunner",
        {
            "plugins/module_utils/_release/y.py": 'WHAT = "ask AppRunner"\n',
        },
    ),
    Plant(
        "the_engine_knows_no_platform",
        "names the platform ecs",
        {
            "plugins/module_utils/_release/y.py": "ecs_service = 1\n",
        },
    ),
    Plant("plugins_do_not_import_workshop", "imports lab.place", {LIBRARY: "def f():\n    import lab.place\n"}),
    Plant(
        "plugin_imports_are_relative_and_static",
        "write it as a relative import",
        {
            "plugins/filter/x.py": "from ansible_collections.steady.ops.plugins.module_utils import _plan\n",
        },
    ),
    Plant("plugin_imports_are_relative_and_static", "imports importlib", {LIBRARY: "import importlib\n"}),
    Plant("libraries_hold_no_data_files", "is no Python file", {"plugins/module_utils/_x/query.sql": "SELECT 1"}),
    Plant("libraries_hold_no_data_files", "uses __file__", {LIBRARY: "HERE = __file__\n"}),
    Plant("libraries_raise", "calls fail_json", {LIBRARY: "def f(module):\n    module.fail_json(msg='no')\n"}),
    Plant("libraries_raise", "calls exit_json", {LIBRARY: "def f(exit_json):\n    exit_json()\n"}),
    Plant(
        "check_mode_is_read_once",
        "reads check_mode again",
        {
            MODULE: "def main(module):\n    f(check=module.check_mode)\n    g(check=module.check_mode)\n",
        },
    ),
    Plant(
        "only_apply_branches_on_check",
        "main branches on check mode",
        {
            MODULE: "def main(module):\n    if not module.check_mode:\n        f()\n",
        },
    ),
    Plant(
        "only_apply_branches_on_check",
        "f branches on check mode",
        {LIBRARY: "def f(check):\n    return 1 if check else 2\n"},
    ),
    Plant("only_apply_branches_on_check", "f branches on check mode", {LIBRARY: "def f(check):\n    check or g()\n"}),
    Plant(
        "only_apply_branches_on_check",
        "diff branches on check mode",
        {
            "plugins/module_utils/_plan.py": "def diff(check):\n    if check:\n        pass\n",
        },
    ),
    Plant("python_files_are_small", "has 251 lines of 250", {LIBRARY: "x = 1\n" * 251}),
    Plant(
        "python_files_are_small",
        "has 151 lines of 150",
        {
            MODULE: 'DOCUMENTATION = """\n' + "text\n" * 500 + '"""\n' + "x = 1\n" * 151,
        },
    ),
    Plant(
        "functions_are_small",
        "long has 41 lines of 40",
        {
            LIBRARY: 'def long():\n    """Say.\n\n    More.\n    """\n' + "    x = 1\n" * 40,
        },
    ),
    Plant("yaml_and_texts_are_small", "has 61 lines of 60", {"roles/x/tasks/deep/main.yml": "# line\n" * 61}),
    Plant("yaml_and_texts_are_small", "has 41 lines of 40", {"playbooks/x.yml": "# line\n" * 41}),
    Plant(
        "yaml_and_texts_are_small",
        "has 41 variables of 40",
        {
            "roles/x/defaults/main.yml": "".join(f"x_{number}: 1\n" for number in range(41)),
        },
    ),
    Plant("yaml_and_texts_are_small", "has 61 lines of 60", {"roles/x/templates/x.j2": "line\n" * 61}),
    Plant("yaml_and_texts_are_small", "has 151 lines of 150", {"README.md": "line\n" * 151}),
    Plant("names_say_a_topic", "utils.py names no topic", {"lab/utils.py": ""}),
    Plant("names_say_a_topic", "_common names no topic", {"plugins/module_utils/_common/x.py": ""}),
    Plant("names_say_a_topic", "aws_helpers.py names no topic", {"tools/aws_helpers.py": ""}),
    Plant("plugins_carry_the_licence", "lacks the licence header", {LIBRARY: '"""Words."""\n'}),
    Plant("plugins_carry_the_licence", "does not begin with #!/usr/bin/python", {MODULE: _HEAD}),
    Plant("plugins_carry_the_licence", "lacks `from __future__", {LIBRARY: "\n".join(HEADER)}),
    Plant("plugins_carry_the_licence", "is not empty", {"plugins/module_utils/_x/__init__.py": '"""Words."""\n'}),
    Plant(
        "unit_tests_mirror_plugins",
        "write tests/unit/plugins/module_utils/_x/test_y.py",
        {
            LIBRARY: "def f():\n    return 1\n",
            "tests/unit/plugins/module_utils/test_y.py": "",
        },
    ),
    Plant("no_secret_is_in_the_tree", "looks like an AWS access key id", {"docs/x.md": "AKIAABCDEFGHIJKLMNOP\n"}),
    Plant(
        "no_secret_is_in_the_tree",
        "looks like a private key",
        {
            "lab/x.py": r'"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC"',
        },
    ),
    Plant(
        "no_secret_is_in_the_tree",
        "looks like a JSON web token",
        {
            "docs/x.md": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        },
    ),
    Plant("no_secret_is_in_the_tree", "looks like a token", {"docs/x.md": "ghp_abcdefghijklmnopqrstuvwxyz"}),
    Plant("no_secret_is_in_the_tree", "looks like a password in a URL", {"docs/x.md": "redis://u:hunter22@cache\n"}),
    Plant(
        "no_secret_is_in_the_tree",
        "login_password has a literal value",
        {
            "inventories/s/group_vars/production.yml": "postgres_connection: {login_password: hunter22}\n",
        },
    ),
)
