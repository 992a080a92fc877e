# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channels that C(ops_notify) declares: where they lead, what each is told, and where its secret lies."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...module_utils._redact import MASK
from .declaring import (
    ADDRESS,
    PORTS,
    QUIET_HOURS,
    Declared,
    Wrong,
    addresses_of,
    flag_of,
    hours_of,
    is_local,
    port_of,
    rules_of,
    text_of,
    wrong_url,
)

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
_SHARED = ("name", "kind", "on", "lab", "quiet_hours", "ca_file")
# the keys of each kind beside the shared ones
_KEYS: Mapping[str, tuple[str, ...]] = {
    "pagerduty": ("url", "routing_key_file", "routing_key_env"),
    "slack": ("url_file", "url_env"),
    "webhook": ("url", "url_file", "url_env", "token_file", "token_env"),
    "smtp": ("host", "port", "tls", "user", "password_file", "password_env", "from", "to"),
}
_SECRET: Mapping[str, str] = {"pagerduty": "routing_key", "slack": "url", "webhook": "token", "smtp": "password"}
_PLAIN_SECRETS = frozenset(("routing_key", "token", "password", "secret", "api_key", "key", "authorization", "headers"))
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Channel:
    """One way to tell somebody.

    :param on: the rules that it listens to.
    :param quiet_hours: how long the same state is not told again.
    :param secret_file: the file that holds its secret.
    :param secret_env: the environment variable that holds it.
    """

    name: str
    kind: str
    on: frozenset[str]
    url: str = ""
    lab: bool = False
    quiet_hours: float = QUIET_HOURS
    ca_file: str = ""
    secret_file: str = ""
    secret_env: str = ""
    host: str = ""
    port: int = 0
    tls: str = ""
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = field(default=())

    @property
    def edits(self) -> bool:
        """Tell whether a repeated state changes what was told instead of telling it anew."""
        return self.kind in ("webhook", "pagerduty")

    @property
    def secret_is_url(self) -> bool:
        """Tell whether the address itself is the secret."""
        return not self.url and self.kind in ("slack", "webhook")


def read_channels(declared: object) -> tuple[list[Channel], list[str]]:
    """Return the channels that can be used, and one sentence for each declaration that cannot."""
    if declared in (None, "", [], ()):
        return [], []
    if not isinstance(declared, (list, tuple)):
        return [], ["ops_notify is no list of channels"]
    channels: list[Channel] = []
    problems: list[str] = []
    for number, item in enumerate(declared, 1):
        name = item.get("name") if isinstance(item, Mapping) else None
        shown = name if isinstance(name, str) and _NAME.fullmatch(name) else f"channel {number}"
        try:
            channel = _channel(item)
            if any(other.name == channel.name for other in channels):
                raise Wrong("name is that of another channel: give each its own")
            channels.append(channel)
        except Wrong as problem:
            problems.append(f"ops_notify, {shown}: {problem}")
    return channels, problems


def without_secrets(declared: object) -> object:
    """Return what was declared, with everything masked that could be a secret which should not stand there."""
    if not isinstance(declared, (list, tuple)):
        return MASK if declared else []
    return [
        {key: value if _is_shown(item, str(key)) else MASK for key, value in item.items()}
        if isinstance(item, Mapping)
        else MASK
        for item in declared
    ]


def _is_plain_secret(item: Declared, key: str) -> bool:
    if key == "url":
        return item.get("kind") == "slack" or "@" in str(item.get("url"))
    return key in _PLAIN_SECRETS


def _is_shown(item: Declared, key: str) -> bool:
    """Tell whether a value may be shown: what stands under a name that nobody knows may be a misspelt secret."""
    known = (*_SHARED, *_KEYS.get(str(item.get("kind")), ()))
    return key in known and not _is_plain_secret(item, key)


def _channel(item: object) -> Channel:
    if not isinstance(item, Mapping):
        raise Wrong("is no mapping of keys")
    name, kind = item.get("name"), item.get("kind")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Wrong("name is missing, or holds more than letters, digits, dots, dashes and underscores")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise Wrong(f"kind is none of {', '.join(_KEYS)}")
    _refuse_keys(item, kind)
    secret = _secret_word(item, kind)
    channel = Channel(
        name,
        kind,
        rules_of(item.get("on"), kind),
        url=text_of(item, "url") or (PAGERDUTY_URL if kind == "pagerduty" else ""),
        lab=flag_of(item, "lab"),
        quiet_hours=hours_of(item),
        ca_file=text_of(item, "ca_file"),
        secret_file=text_of(item, f"{secret}_file"),
        secret_env=text_of(item, f"{secret}_env"),
        host=text_of(item, "host"),
        port=port_of(item),
        tls=text_of(item, "tls") or "starttls",
        user=text_of(item, "user"),
        sender=text_of(item, "from"),
        to=addresses_of(item.get("to")),
    )
    _refuse_incomplete(channel, secret)
    return channel


def _refuse_keys(item: Declared, kind: str) -> None:
    known = (*_SHARED, *_KEYS[kind])
    for key in map(str, item):
        shown = key[:40] if key.isprintable() else "a key"
        if _is_plain_secret(item, key):
            raise Wrong(
                f"{key} would stand here in plain; write it into a file and name that with {_SECRET[kind]}_file"
            )
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise Wrong(f"{shown} is no key of kind {kind}" + (f": did you mean {near[0]}?" if near else ""))
    if kind == "webhook" and len([key for key in ("url", "url_file", "url_env") if item.get(key)]) > 1:
        raise Wrong("has more than one address: keep url, url_file or url_env")
    if _secret_word(item, kind) == "url" and kind == "webhook" and (item.get("token_file") or item.get("token_env")):
        raise Wrong("has a secret address and a token: keep one of them")


def _secret_word(item: Declared, kind: str) -> str:
    """Return what the channel's secret is called; a webhook has a token, or an address that nobody may know."""
    secret_address = kind == "webhook" and (item.get("url_file") or item.get("url_env"))
    return "url" if secret_address else _SECRET[kind]


def _refuse_incomplete(channel: Channel, secret: str) -> None:
    if channel.secret_file and channel.secret_env:
        raise Wrong(f"names its secret twice: keep {secret}_file or {secret}_env")
    named = bool(channel.secret_file or channel.secret_env)
    if channel.secret_file and not channel.secret_file.startswith("/"):
        raise Wrong(f"{secret}_file is no absolute path")
    if channel.kind == "smtp":
        _refuse_mail(channel, named=named)
        return
    if channel.kind in ("pagerduty", "slack") and not named:
        raise Wrong(f"{secret}_file is missing (or {secret}_env)")
    if not channel.url and not named:
        raise Wrong("url is missing")
    wrong = wrong_url(channel.url, secret=named) if channel.url else ""
    if wrong:
        raise Wrong(f"url {wrong}")


def _refuse_mail(channel: Channel, *, named: bool) -> None:
    if not re.fullmatch(r"[\w.:-]{1,255}", channel.host, re.ASCII):
        raise Wrong("host is missing or no host name")
    if channel.tls not in PORTS:
        raise Wrong(f"tls is none of {', '.join(PORTS)}")
    if not channel.to:
        raise Wrong("to is missing, or holds what is no mail address")
    if not ADDRESS.fullmatch(channel.sender):
        raise Wrong("from is missing or no mail address")
    if bool(channel.user) != named:
        raise Wrong("user and password_file (or password_env) go together")
    if named and channel.tls == "none" and not is_local(channel.host):
        raise Wrong("tls is none, and a password would go over the network: use starttls or tls")
