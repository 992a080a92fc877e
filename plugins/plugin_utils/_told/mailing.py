# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending a mail over SMTP, encrypted unless the declaration says otherwise.

Imported only when somebody is told: it brings smtplib, email and ssl with it.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from .channels import Channel
from .deciding import Message
from .messages import mail
from .patience import CONNECT_SECONDS, PARTLY, Failed, left_of, twice
from .posting import trouble


def send_mail(channel: Channel, message: Message, now: datetime, secret: str, *, ends_at: float) -> str:
    """Send one mail, once more where no connection came about; return why not everybody got it, or nothing.

    :returns: C("") when the server took it for everybody.
    """
    made = mail_of(channel, message, now)
    problem = twice(lambda: _send(channel, made, secret, ends_at), ends_at)
    partly = problem.startswith(PARTLY)
    return problem if partly or not problem else f"{channel.host}:{channel.port}: {problem}"


def mail_of(channel: Channel, message: Message, now: datetime) -> EmailMessage:
    """Return the mail; one about a state that was told before belongs to the first one's thread."""
    subject, text, own, thread = mail(message, now, channel.sender.rpartition("@")[2])
    made = EmailMessage()
    made["From"] = channel.sender
    made["To"] = ", ".join(channel.to)
    made["Subject"] = subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = own
    made["Auto-Submitted"] = "auto-generated"
    if thread:
        made["In-Reply-To"] = thread
        made["References"] = thread
    made.set_content(text)
    return made


def _send(channel: Channel, made: EmailMessage, secret: str, ends_at: float) -> str:
    try:
        context = ssl.create_default_context(cafile=channel.ca_file or None)
    except OSError as error:
        raise Failed(f"ca_file {channel.ca_file} cannot be used: {trouble(error)}") from None
    server = _connected(channel, context, min(CONNECT_SECONDS, left_of(ends_at)))
    try:
        if channel.tls == "starttls":
            server.starttls(context=context)
        if channel.user:
            _login(server, channel, secret)
        refused = server.send_message(made)
    except smtplib.SMTPException as error:
        raise Failed(_said(error, channel)) from None
    except (OSError, ValueError) as error:
        raise Failed(trouble(error)) from None
    finally:
        server.close()
    return f"{PARTLY}{', '.join(sorted(refused))}" if refused else ""


def _connected(channel: Channel, context: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    # else smtplib asks the name server who this machine is, which may take long
    name = socket.gethostname() or "localhost"
    try:
        if channel.tls == "tls":
            return smtplib.SMTP_SSL(channel.host, channel.port, local_hostname=name, timeout=seconds, context=context)
        return smtplib.SMTP(channel.host, channel.port, local_hostname=name, timeout=seconds)
    except ssl.SSLError as error:
        raise Failed(trouble(error)) from None
    except smtplib.SMTPException as error:
        raise Failed(_said(error, channel), again=True) from None
    except OSError as error:
        raise Failed(trouble(error), again=True) from None


def _login(server: smtplib.SMTP, channel: Channel, secret: str) -> None:
    try:
        server.login(channel.user, secret)
    except smtplib.SMTPAuthenticationError as error:
        raise Failed(f"it refused the login of {channel.user} ({error.smtp_code})") from None
    except smtplib.SMTPServerDisconnected:
        raise Failed(f"it refused the login of {channel.user} and cut the connection") from None


def _said(error: smtplib.SMTPException, channel: Channel) -> str:
    """Return what the server would not do; its own words are left out, since they may repeat what it was sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refused every recipient: {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"it refused the sender {channel.sender} ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no STARTTLS" if channel.tls == "starttls" else "it offers no login that is known here"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    # smtplib hides what happened to the connection in a sentence
    cause = error.__context__
    return trouble(cause) if isinstance(cause, OSError) else "the connection was cut"
