#!/usr/bin/python3
"""A mail server of Debian's (python3-aiosmtpd) for tests.

    smtp.py PORT starttls|tls|none CERT KEY [USER PASSWORD]

Prints "ready", then a line of JSON for each mail it takes: envelope, and what
an independent reader (Python's own) makes of the message.  Ends with standard
input.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# Refused handshakes are what some tests are about.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

port, mode, cert, key = int(sys.argv[1]), *sys.argv[2:5]
login = [text.encode() for text in sys.argv[5:7]]

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and [data.login, data.password] == login
    if not good:
        print(json.dumps({"refused": mechanism}), flush=True)
    return AuthResult(success=good, handled=good, auth_data=data)


def part(message, kind):
    found = message.get_body(preferencelist=(kind,))
    return None if found is None else found.get_content()


class Taker:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "raw": envelope.content.decode("latin-1"),
            "encrypted": session.ssl is not None or mode == "tls",
            "login": session.authenticated, "ehlo": session.host_name,
            "headers": {name: str(value) for name, value in message.items()},
            "names": [name for name, _ in message.items()],
            "defects": [str(d) for p in message.walk() for d in p.defects],
            "text": part(message, "plain"), "html": part(message, "html"),
        }), flush=True)
        return "250 2.0.0 taken"


def protocol():
    return SMTP(Taker(), hostname="mail.test", enable_SMTPUTF8=False,
                tls_context=context if mode == "starttls" else None,
                require_starttls=mode == "starttls",
                authenticator=authenticate if login else None,
                auth_required=bool(login),
                auth_require_tls=mode == "starttls")


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_server(protocol, ["127.0.0.1", "127.0.0.2"], port,
                             ssl=context if mode == "tls" else None)
    print("ready", flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


asyncio.run(main())
