"""Redaction: no canary survives in any spelling, nothing crashes it, and masking twice is masking once."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._redact import MASK, Redactor, fingerprint, redact_shapes

CANARY = "CaNaRy7731"
PEM_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7CaNaRy7731xx", "CaNaRy7731/abcdefghijklmnopq=="]
PEM = "\n".join(["-----BEGIN PRIVATE KEY-----", *PEM_LINES, "-----END PRIVATE KEY-----"])
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI{CANARY}.sIgNaTuRe-{CANARY}_x"
BASIC = base64.b64encode(f"user:{CANARY}".encode()).decode()

SPELLINGS = {
    "url": (f"postgresql://app:{CANARY}@db:5432/x", f"postgresql://app:{MASK}@db:5432/x"),
    "url with @ : / in the password": (f"x postgresql://a:p@s:s/{CANARY}@db/x y", f"x postgresql://a:{MASK}@db/x y"),
    "url with ? # & in the password": (f"amqp://a:p?s#s&{CANARY}@db/x", f"amqp://a:{MASK}@db/x"),
    "url with quotes in the password": (f"amqp://a:p'\"{CANARY}@db", f"amqp://a:{MASK}@db"),
    "url with a bracket after the quote": (f"amqp://a:'];{CANARY}@db", f"amqp://a:{MASK}@db"),
    "url without a user": (f"redis://:{CANARY}@cache:6379/0", f"redis://:{MASK}@cache:6379/0"),
    "url in JSON": (f'{{"url":"redis://:{CANARY}@c","b":"x@y"}}', f'{{"url":"redis://:{MASK}@c","b":"x@y"}}'),
    "url with JSON's slashes": (f"redis:\\/\\/:{CANARY}@c", f"redis:\\/\\/:{MASK}@c"),
    "two urls": (f"a://u:{CANARY}@h b://u:{CANARY}@h", f"a://u:{MASK}@h b://u:{MASK}@h"),
    "pem": (f"key:\n{PEM}\nrest", f"key:\n{MASK}\nrest"),
    "pem in JSON": (json.dumps({"key": PEM}), f'{{"key": "{MASK}"}}'),
    "pem that was cut off": (f"a {PEM[:90]}", f"a {MASK}"),
    "pem of openssh": (
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----",
        MASK,
    ),
    "pem of pgp": (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{CANARY}\n-----END PGP PRIVATE KEY BLOCK-----", MASK),
    "jwt": (f"got {JWT} back", f"got {MASK} back"),
    "jwt within a word": (f"sid_{JWT}", f"sid_{MASK}"),
    "aws key id": ("id AKIACANARY7731CANARY.", f"id {MASK}."),
    "aws session key id": ("key_ASIACANARY7731CANARY", f"key_{MASK}"),
    "aws secret": (f"aws_secret_access_key = {CANARY}/abc+d", f"aws_secret_access_key = {MASK}"),
    "our secret_key": (f"secret_key: {CANARY}", f"secret_key: {MASK}"),
    "presigned url": (
        f"https://b.s3/x?X-Amz-Date=1&X-Amz-Signature={CANARY}",
        f"https://b.s3/x?X-Amz-Date=1&X-Amz-Signature={MASK}",
    ),
    "token of github": (f"ghp_{CANARY}{CANARY}", MASK),
    "token of render": (f"rnd_{CANARY}", MASK),
    "bearer": (f"Bearer {CANARY}", f"Bearer {MASK}"),
    "basic": (f"sent basic {BASIC}", f"sent basic {MASK}"),
    "authorization": (f"Authorization: Bearer {CANARY}\nHost: x", f"Authorization: {MASK}\nHost: x"),
    "authorization of another scheme": (f"authorization: Token a {CANARY}", f"authorization: {MASK}"),
    "authorization in JSON": (
        f'{{"Authorization": "AWS4 Credential=x, y={CANARY}", "a": 1}}',
        f'{{"Authorization": "{MASK}", "a": 1}}',
    ),
    "authorization as a pair": (f"('Authorization', 'Token {CANARY}')", f"('Authorization', '{MASK}')"),
    "cookie": (f"Set-Cookie: session={CANARY}; Path=/", f"Set-Cookie: {MASK}"),
    "password=": (f"host=db password={CANARY} user=x", f"host=db password={MASK} user=x"),
    "password= with a comma": (f"password=a,b;{CANARY} user=x", f"password={MASK} user=x"),
    "password= with quotes within": (f"password=it's\"{CANARY} user=x", f"password={MASK} user=x"),
    "password=''": (f"password='two {CANARY}' user=x", f"password='{MASK}' user=x"),
    "password='' with a quote within": (f"password='it\\'s {CANARY}' user=x", f"password='{MASK}' user=x"),
    "password in JSON": (f'{{"password": "{CANARY}", "a": 1}}', f'{{"password": "{MASK}", "a": 1}}'),
    "password with a quote in JSON": (json.dumps({"password": f'a"{CANARY}'}), f'{{"password": "{MASK}"}}'),
    "password in JSON in JSON": (
        json.dumps(json.dumps({"password": CANARY})),
        f'"{{\\"password\\": \\"{MASK}\\"}}"',
    ),
    "password with a quote in JSON in JSON": (
        json.dumps(json.dumps({"password": f'a"{CANARY}', "b": 1})),
        f'"{{\\"password\\": \\"{MASK}\\", \\"b\\": 1}}"',
    ),
    "password glued to another": (f"password='a'{CANARY} user=x", f"password='{MASK}' user=x"),
    "password that was cut off": (f'"password": "abc {CANARY}', f'"password": "{MASK}"'),
    "password in YAML": (f"db_password: {CANARY}\nuser: x", f"db_password: {MASK}\nuser: x"),
    "password on the next line": (f"password: |\n  {CANARY}\nuser: x", f"password: |\n  {MASK}\nuser: x"),
    "password in SQL": (f"ALTER ROLE a PASSWORD '{CANARY}';", f"ALTER ROLE a PASSWORD '{MASK}';"),
    "identified by": (f"CREATE USER a IDENTIFIED BY '{CANARY}'", f"CREATE USER a IDENTIFIED BY '{MASK}'"),
    "password in the environment": (f"PGPASSWORD={CANARY} pg_dump", f"PGPASSWORD={MASK} pg_dump"),
    "redis": (f"requirepass={CANARY}", f"requirepass={MASK}"),
    "argv": (f"tool --db-password {CANARY} -v", f"tool --db-password {MASK} -v"),
    "argv with =": (f"tool --token={CANARY} -v", f"tool --token={MASK} -v"),
    "argv as a list": (f"['tool', '--token', '{CANARY}']", f"['tool', '--token', '{MASK}']"),
    "header of an API": (f"X-Api-Key: {CANARY}", f"X-Api-Key: {MASK}"),
}


@pytest.mark.parametrize(("text", "shown"), SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_masked_and_nothing_else(text: str, shown: str) -> None:
    assert redact_shapes(text) == shown
    assert "canary" not in shown.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Basic authentication failed for user app",
        "https://api.example.com:8080/path?x=1",
        "s3://bucket/prefix and file:///var/lib/ops",
        "mail to ops@example.com",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "login_password_file is not readable",
        "the secrets of the service, the token expired",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "arn:aws:apprunner:us-east-1:123456789012:service/api/8fe1e10304f84fd2b0df550fe98a71fa",
        "The password of the role is wrong",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_shapes(text) == text


passwords = st.text(st.characters(exclude_characters="*", exclude_categories=["Z", "C"]), min_size=1, max_size=12).map(
    lambda text: f"{text}{CANARY}"
)


@given(passwords)
def test_no_password_survives_in_a_url(password: str) -> None:
    assert CANARY not in redact_shapes(f"connect to postgresql://app:{password}@db.internal:5432/x failed")


@given(passwords | st.text().map(lambda text: text + CANARY))
def test_no_password_survives_in_a_dump(password: str) -> None:
    inner = json.dumps({"login_password": password, "a": 1})
    for text in (inner, json.dumps(inner), json.dumps({"x": inner})):
        assert CANARY not in redact_shapes(text)


@given(st.text(max_size=20).map(lambda text: f"{text}{CANARY}"), st.text(), st.text())
@example("\udcffx", "", "")
@example("a b+c/ü'\"\\", "", "")
def test_no_known_value_survives_in_any_spelling(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    assume(secret.strip("*") and CANARY not in before + after)
    for spelled in (secret, json.dumps(secret), json.dumps(json.dumps(secret)), repr(secret), str(Path(secret))):
        shown = redactor.text(f"{before} {spelled} {after}")
        assert CANARY not in shown or spelled == str(Path(secret)) != secret


noise = st.text() | st.lists(
    st.sampled_from(
        [*(text for text, _rest in SPELLINGS.values()), "\\", '"', "'", "@", "://", "password", "=", " ", "\n"]
    )
).map("".join)


@given(noise)
def test_masking_twice_is_masking_once(text: str) -> None:
    redactor = Redactor([CANARY])
    once = redactor.text(text)

    assert redactor.text(once) == once


@given(st.lists(st.sampled_from([text for text, _rest in SPELLINGS.values()])))
def test_spellings_do_not_hide_each_other(texts: list[str]) -> None:
    assert "canary" not in redact_shapes("\n".join(texts)).lower()


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a-",
        "://a:",
        "password",
        'password=\\"',
        '"',
        "\\",
        "eyJ-",
        "-----BEGIN ",
        "-",
        "--a-",
        " ",
        "@",
        "AKIA",
    ],
)
def test_no_text_makes_it_slow(piece: str) -> None:
    begun = time.process_time()
    redact_shapes(piece * (60_000 // len(piece)))

    assert time.process_time() - begun < 2


class TestRedactor:
    def test_values_and_then_shapes(self) -> None:
        assert Redactor(["hunter22"]).text("hunter22 password=x") == f"{MASK} password={MASK}"

    def test_longer_values_first(self) -> None:
        assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{MASK} {MASK}"

    def test_short_values_would_destroy_the_text(self) -> None:
        assert Redactor(["a", "", "abc"]).text("a bad abc") == "a bad abc"

    def test_a_value_of_stars_does_not_grow(self) -> None:
        assert Redactor(["*****"]).text("*****") == "*****"

    def test_the_lines_of_a_key_are_known_one_by_one(self) -> None:
        shown = Redactor([PEM]).text("\n".join(f"    {line}" for line in PEM_LINES))

        assert shown == f"    {MASK}\n    {MASK}"

    def test_a_url_with_the_value_encoded(self) -> None:
        assert Redactor(["p@ss w/rd"]).text("x?k=p%40ss%20w%2Frd&l=p%40ss+w%2Frd") == f"x?k={MASK}&l={MASK}"


class TestStructures:
    def test_each_kind_of_value(self) -> None:
        value = {
            "plain": "hunter22 came",
            "hunter22": 1,
            "list": ["hunter22", ("hunter22",), None, True, 1.5],
            "set": {"hunter22"},
            "bytes": b"hunter22",
            "path": Path("/x/hunter22"),
            "error": ValueError("password=x"),
            7: 8,
        }

        assert Redactor(["hunter22"]).value(value) == {
            "plain": f"{MASK} came",
            MASK: 1,
            "list": [MASK, [MASK], None, True, 1.5],
            "set": [MASK],
            "bytes": MASK,
            "path": f"/x/{MASK}",
            "error": f"password={MASK}",
            "7": 8,
        }

    @pytest.mark.parametrize(
        ("key", "value", "shown"),
        [
            ("login_password", "x", MASK),
            ("DB_PASSWORD", b"x", MASK),
            ("secret_key", "x", MASK),
            ("sessionToken", "x", MASK),
            ("Authorization", "Token x", MASK),
            ("pin_secret", 1234, MASK),
            ("token", 41, 41),
            ("token", "", ""),
            ("password", None, None),
            ("password", False, False),
            ("password", {"a": "x"}, {"a": "x"}),
            ("login_password_file", "/etc/x", "/etc/x"),
            ("secrets", "x", "x"),
        ],
    )
    def test_what_stands_under_a_key_named_like_a_secret(self, key: str, value: object, shown: object) -> None:
        assert Redactor().value({key: value}) == {key: shown}

    def test_a_number_that_is_a_known_secret(self) -> None:
        assert Redactor(["12345678"]).value([12345678, 1234]) == [MASK, 1234]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        )
    )
    def test_it_never_crashes_and_json_can_hold_what_comes_out(self, value: Any) -> None:
        redactor = Redactor(["canary"])
        once = redactor.value(value)

        json.dumps(once)
        assert "canary" not in str(once)


class TestFingerprint:
    def test_its_form(self) -> None:
        assert fingerprint("x") == "fp:ba2df4903a2c"

    @given(st.dictionaries(st.text(), st.text()))
    def test_the_order_of_keys_is_irrelevant(self, value: dict[str, str]) -> None:
        assert fingerprint(value) == fingerprint(dict(reversed(list(value.items()))))

    def test_other_secrets_have_others_whatever_the_text(self) -> None:
        assert len({fingerprint(text) for text in ("a", "b", "ü", "\udcff", "", None, 1)}) == 7


def test_the_number_of_passes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.steady.ops.plugins.module_utils._redact._PASSES", 1)

    assert redact_shapes(f"password={CANARY}") == f"password={MASK}"
