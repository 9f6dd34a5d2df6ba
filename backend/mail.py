"""Outgoing e-mail: one method. SMTP where CASTMATE_SMTP_URL names a server, else the console."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final, Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit

import structlog

from backend.config import Config
from backend.errors import MailUnavailable
from social.errors import InvalidValue

SEND_SECONDS: Final = 15.0
ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
ADDRESS_MAX: Final = 254  # RFC 5321, 4.5.3.1.3 with its erratum
log = structlog.get_logger()


@runtime_checkable
class Mailer(Protocol):
    async def send(self, to: str, subject: str, text: str) -> None:
        """Returns once the next server has taken it. Raises MailUnavailable."""


class Console:
    """Writes mails to stderr: for whoever tries the house out, and reads its terminal."""

    async def send(self, to: str, subject: str, text: str) -> None:
        sys.stderr.write(f"--- mail to {to}: {subject}\n{text}\n---\n")
        sys.stderr.flush()


class Smtp:
    """`smtps://user:password@host:465`, or `smtp://…:587`: then STARTTLS, except on this machine."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("CASTMATE_SMTP_URL is not smtp://HOST:PORT or smtps://HOST:PORT")
        self._implicit = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._implicit else 587)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self._sender.rpartition("@")[2])
        message.set_content(text)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (OSError, smtplib.SMTPException) as error:
            log.error("a mail was not sent", error=type(error).__name__)  # noqa: TRY400  its text may hold the address
            raise MailUnavailable from None

    def _deliver(self, message: EmailMessage) -> None:
        with self._connected() as server:
            if self._login is not None:
                server.login(*self._login)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        safe = ssl.create_default_context()
        if self._implicit:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=SEND_SECONDS, context=safe)
        server = smtplib.SMTP(self._host, self._port, timeout=SEND_SECONDS)
        if self._host in {"localhost", "127.0.0.1", "::1"}:
            return server
        try:
            server.starttls(context=safe)
        except BaseException:
            server.close()
            raise
        return server


def open_mailer(config: Config) -> Mailer:
    """Raises ValueError."""
    return Console() if config.smtp_url is None else Smtp(config.smtp_url, config.mail_from)


def checked(address: str) -> str:
    """One plain address. Raises InvalidValue."""
    if len(address) > ADDRESS_MAX or not ADDRESS.fullmatch(address):
        raise InvalidValue("email", address, f"one address, name@example.org, up to {ADDRESS_MAX} characters")
    return address
