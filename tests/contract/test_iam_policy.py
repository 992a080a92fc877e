"""docs/iam.md grants exactly what the code calls: no right too few, none too many."""

from __future__ import annotations

import ast
import json
import re

import pytest

from tests.contract.tree import ROOT

PAGE = "docs/iam.md"
API = "plugins/module_utils/_platform/apprunner/api.py"
CALLER = "plugins/plugin_utils/_gates/caller.py"
BUCKET = "plugins/module_utils/_aws/bucket.py"
# rights that a call needs beside the one of its own name
BESIDE_A_CALL = {"iam:PassRole", "iam:CreateServiceLinkedRole"}
# S3 names its rights otherwise than its calls; HeadObject is only made where a key is asked for
S3_RIGHTS = {"head_bucket": "s3:ListBucket", "list_objects_v2": "s3:ListBucket", "head_object": "s3:GetObject"}


def granted(page: str) -> set[str]:
    """Return the actions of all policies on the page."""
    found: set[str] = set()
    for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL):
        for statement in json.loads(block)["Statement"]:
            actions = statement["Action"]
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def resources(page: str) -> set[str]:
    """Return the actions that are granted on everything."""
    return {
        str(statement["Action"])
        for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)
        for statement in json.loads(block)["Statement"]
        if statement["Resource"] == "*"
    }


def action(service: str, operation: str) -> str:
    """Return the right for a call of boto3, C(describe_images) of C(ecr) as C(ecr:DescribeImages)."""
    return f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"


def api_calls(source: str) -> set[str]:
    """Return the rights for what the App Runner client calls: C(self.<client>) with an operation's name."""
    tree = ast.parse(source)
    services = {
        word.arg: word.value.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Api"
        for word in node.keywords
        if isinstance(word.value, ast.Call) and isinstance(word.value.args[0], ast.Constant)
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        clients = [part.attr for part in (node.func, *node.args) if isinstance(part, ast.Attribute)]
        names = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if clients and clients[0] in services and names:
            found.add(action(str(services[clients[0]]), names[0]))
    return found


def direct_calls(source: str) -> set[str]:
    """Return the rights for C(x = client(..., "sts")) with C(call(x, "get_caller_identity", ...))."""
    tree = ast.parse(source)
    services = {}
    for node in ast.walk(tree):
        named = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if named and getattr(node.value.func, "id", "") == "client":
            services[node.targets[0].id] = node.value.args[1].value
    return {
        action(services[node.args[0].id], node.args[1].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "call"
    }


def bucket_calls(source: str) -> set[str]:
    """Return the S3 calls that a bucket is asked with."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "call"
    }


def differences(page: str, api: str, caller: str, bucket: str) -> list[str]:
    """Return a sentence for each right too few or too many."""
    s3 = {S3_RIGHTS.get(name, f"an unknown right for {name}") for name in bucket_calls(bucket) - {"head_object"}}
    wanted = api_calls(api) | direct_calls(caller) | s3
    given = granted(page) - BESIDE_A_CALL
    return [f"{right} is needed and not granted" for right in sorted(wanted - given)] + [
        f"{right} is granted and never needed" for right in sorted(given - wanted)
    ]


@pytest.fixture
def texts() -> dict[str, str]:
    names = {"page": PAGE, "api": API, "caller": CALLER, "bucket": BUCKET}
    return {name: (ROOT / path).read_text(encoding="utf-8") for name, path in names.items()}


def test_the_policies_grant_what_the_code_calls(texts: dict[str, str]) -> None:
    assert differences(**texts) == []
    assert len(api_calls(texts["api"])) >= 7  # reading the code itself has not gone blind


def test_only_what_knows_no_resource_is_granted_on_everything(texts: dict[str, str]) -> None:
    assert resources(texts["page"]) == {"sts:GetCallerIdentity", "apprunner:ListServices"}


@pytest.mark.parametrize(
    ("text", "before", "after", "sentence"),
    [
        ("page", '"ecr:DescribeImages"', '"ecr:ListImages"', "ecr:DescribeImages is needed and not granted"),
        ("page", '"ecr:DescribeImages"', '["ecr:DescribeImages", "ecr:*"]', "ecr:* is granted and never needed"),
        ("api", '"list_operations"', '"list_tags_for_resource"', "apprunner:ListTagsForResource is needed"),
        ("api", '"update_service"', '"start_deployment"', "apprunner:StartDeployment is needed and not granted"),
        ("caller", '"get_caller_identity"', '"get_session_token"', "sts:GetSessionToken is needed and not granted"),
        ("bucket", '"list_objects_v2"', '"get_bucket_acl"', "an unknown right for get_bucket_acl is needed"),
    ],
)
def test_a_difference_is_seen(texts: dict[str, str], text: str, before: str, after: str, sentence: str) -> None:
    assert before in texts[text]
    texts[text] = texts[text].replace(before, after)

    assert any(said.startswith(sentence) for said in differences(**texts)), differences(**texts)
