"""Mail through a real SMTP server: what arrives, what is refused, and what cannot be forged."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message
from ansible_collections.steady.ops.plugins.plugin_utils._told.sending import send_all
from tests.sinks import smtp_sink
from tests.unit.plugins.plugin_utils._told.told_world import KEY, NOW, event, foreign, mailer, sent, trusted

# fixtures
__all__ = ["foreign", "trusted"]


def test_a_mail_arrives_and_cannot_be_forged() -> None:
    hostile = "it is dark\r\nBcc: evil@example.org\r\n\r\nhello"
    with smtp_sink() as sink:
        assert sent(mailer(sink.port), summary=hostile, details={"why": "x\n.\nQUIT"}).delivered
    (mail,) = sink.mails
    assert mail["Bcc"] is None and mail["To"] == "a@example.org, b@example.org" and mail["From"] == "ops@example.org"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"].endswith("@example.org>")
    assert mail["Subject"] == "FAILED: toy/production/api: it is dark Bcc: evil@example.org hello"
    assert mail["Date"] == "Sat, 21 Nov 2026 03:00:00 +0000" and "    QUIT" in mail.get_content()


def test_a_repeated_mail_belongs_to_the_first() -> None:
    with smtp_sink() as sink:
        sent(mailer(sink.port), summary="é")
        send_all([Message(mailer(sink.port), event(run="01B"), repeat=1, since="T1", thread="01A")], NOW, {})
    first, again = sink.mails
    assert first["References"] is None and first["Subject"].endswith("é")
    assert again["References"] == again["In-Reply-To"] == first["Message-ID"] != again["Message-ID"]


def test_a_mail_goes_over_starttls_with_its_login(trusted: tuple[Path, Path], foreign: tuple[Path, Path]) -> None:
    with smtp_sink(certificate=trusted, login=("ops", KEY)) as sink:
        secured = {"tls": "starttls", "user": "ops", "password_env": "SECRET", "ca_file": str(trusted[0])}
        assert sent(mailer(sink.port, **secured)).problem == ""
        assert (sink.secured, sink.logins) == ([True], ["ops"])
        ((_m, refused),) = send_all([Message(mailer(sink.port, **secured), event())], NOW, {"SECRET": "wrong"})
        assert refused.problem == f"127.0.0.1:{sink.port}: it refused the login of ops (535)"
        unknown = sent(mailer(sink.port, **{**secured, "ca_file": str(foreign[0])}))
        assert "its certificate is not trusted" in unknown.problem and len(sink.mails) == 1
        bare = sent(mailer(sink.port, tls="none"))
        assert bare.problem == f"127.0.0.1:{sink.port}: it refused the sender ops@example.org (530)"
        lost = sent(mailer(sink.port, tls="starttls", ca_file="/no/such/file"))
        assert "ca_file /no/such/file cannot be used" in lost.problem


def test_a_login_that_is_refused_by_hanging_up_is_named(trusted: tuple[Path, Path]) -> None:
    with smtp_sink(certificate=trusted, login=("ops", "another"), hangs_up=True) as sink:
        secured = {"tls": "starttls", "user": "ops", "password_env": "SECRET", "ca_file": str(trusted[0])}
        told = sent(mailer(sink.port, **secured))
        assert told.problem == f"127.0.0.1:{sink.port}: it refused the login of ops and cut the connection"


def test_a_server_without_starttls_gets_nothing(trusted: tuple[Path, Path]) -> None:
    with smtp_sink() as sink:
        assert sent(mailer(sink.port, tls="starttls")).problem == f"127.0.0.1:{sink.port}: it offers no STARTTLS"
        assert "no TLS connection could be made" in sent(mailer(sink.port, tls="tls")).problem
        no_login = sent(mailer(sink.port, user="ops", password_env="SECRET"))
        assert "it offers no login that is known here" in no_login.problem and sink.mails == []


def test_who_is_refused_is_named() -> None:
    with smtp_sink() as sink:
        sink.refuse = ("b@example.org",)
        partly = sent(mailer(sink.port))
        assert (partly.delivered, partly.problem) == (True, "refused for b@example.org")
        sink.refuse = ("a@example.org", "b@example.org")
        assert "it refused every recipient: a@example.org, b@example.org" in sent(mailer(sink.port)).problem
