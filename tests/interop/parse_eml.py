#!/usr/bin/env python3
"""Reads messages with a parser that no one here wrote, and says what is wrong with them.

    python3 tests/interop/parse_eml.py FOLDER [--pretty]

Every *.eml in FOLDER is parsed with Python's `email` (policy=default) and checked: no defect in any part or
header, exactly one of each header, the text part before the HTML, CRLF and line lengths, encoded words. Prints
one JSON object, by file name: {"headers": {name: value}, "text": …, "html": …, "attachments": […],
"problems": […]}. Exit code: 0 all is well, 1 a message has a problem, 2 there was nothing to read.
"""

import json
import re
import sys
from email import message_from_bytes, policy
from pathlib import Path

ONCE = [
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "List-Id", "List-Unsubscribe",
]
ONCE_AT_MOST = ["Reply-To", "List-Unsubscribe-Post", "Sender", "Cc", "Bcc", "Content-Transfer-Encoding"]
NEVER = ["Bcc", "Auto-Submitted"]


def check_bytes(raw):
    """What the RFCs say of the bytes, before any parser is forgiving about them."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "a bare CR or LF"
    if any(byte > 126 or (byte < 32 and byte not in b"\r\n\t") for byte in raw):
        yield "a byte that is no printable ASCII"
    head, _, body = raw.partition(b"\r\n\r\n")
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > 998:
            yield f"line {number} has {len(line)} characters, the limit is 998"
    for line in body.split(b"\r\n"):
        if len(line) > 76 and not line.startswith((b"Content-", b" ")):
            yield f"a body line of {len(line)} characters: {line[:40]!r}"
    for line in head.split(b"\r\n"):
        if not line.strip():
            yield "a folded header line of white space alone"
        if b"=?" in line and len(line) > 76:
            yield f"a header line with an encoded word of {len(line)} characters"
        for word in re.findall(rb"=\?[^ ?]+\?[^ ?]+\?[^ ]*?\?=", line):
            if len(word) > 75:
                yield f"an encoded word of {len(word)} characters"


def check_headers(message):
    for name in ONCE:
        count = len(message.get_all(name, []))
        if count != 1:
            yield f"{count} of {name}"
    for name in ONCE_AT_MOST:
        if len(message.get_all(name, [])) > 1:
            yield f"more than one {name}"
    for name in NEVER:
        if name in message:
            yield f"a {name}"
    for name in ("From", "To"):
        addresses = getattr(message[name], "addresses", ())
        if len(addresses) != 1 or "@" not in addresses[0].addr_spec:
            yield f"{name} is not one address: {message[name]}"
    if "Date" in message and message["Date"].datetime is None:
        yield "Date is none"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(message.get("Message-ID", "")).strip()):
        yield "Message-ID is none"
    entries = re.split(r",\s*", str(message.get("List-Unsubscribe", "")))
    if not all(re.fullmatch(r"<(https?|mailto):[!-~]+>", entry) for entry in entries):
        yield f"List-Unsubscribe is not a list of URLs: {entries}"
    if "List-Unsubscribe-Post" in message:
        if message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
            yield "List-Unsubscribe-Post is not One-Click"
        if not entries[0].startswith("<https://"):
            yield "one click without https (RFC 8058)"


def check_parts(message):
    for part in message.walk():
        for defect in part.defects:
            yield f"{part.get_content_type()}: {type(defect).__name__}: {defect}"
        for name, value in part.items():
            for defect in getattr(value, "defects", ()):
                yield f"{name}: {type(defect).__name__}: {defect}"
        if not part.is_multipart():
            # Decoding may find more defects: they are added while it runs.
            before = len(part.defects)
            part.get_content()
            for defect in part.defects[before:]:
                yield f"{part.get_content_type()}: {type(defect).__name__}: {defect}"
    kinds = [part.get_content_type() for part in message.iter_parts()] if message.is_multipart() else []
    if message.get_content_type() != "multipart/alternative":
        yield f"the message is {message.get_content_type()}, not multipart/alternative"
    elif kinds not in (["text/plain", "text/html"], ["text/plain", "multipart/related"]):
        yield f"the alternatives are {kinds}"


def related(message):
    """The pictures that the HTML needs, and those it has."""
    pictures = {}
    for part in message.walk():
        if part.get_content_maintype() == "image":
            pictures[str(part["Content-ID"]).strip("<> ")] = part
    html = message.get_body(("html",))
    asked = set(re.findall(r"""(?:src|background)=["']cid:([^"']+)["']""", html.get_content() if html else ""))
    return pictures, asked


def read(path):
    raw = path.read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    problems = [*check_bytes(raw), *check_headers(message), *check_parts(message)]
    pictures, asked = related(message)
    problems += [f"the HTML asks for a picture that is not there: {cid}" for cid in sorted(asked - set(pictures))]

    def content(kind):
        part = message.get_body((kind,))
        return None if part is None else part.get_content().replace("\r\n", "\n")

    return {
        "headers": {name: str(value) for name, value in message.items()},
        "text": content("plain"),
        "html": content("html"),
        "attachments": [
            {"cid": cid, "name": part.get_filename(), "type": part.get_content_type(), "bytes": len(part.get_content())}
            for cid, part in pictures.items()
        ],
        "problems": problems,
    }


def main(arguments):
    folders = [argument for argument in arguments if not argument.startswith("--")]
    if len(folders) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    files = sorted(Path(folders[0]).glob("*.eml"))
    if not files:
        print(f"{folders[0]}: no .eml files", file=sys.stderr)
        return 2
    result = {path.name: read(path) for path in files}
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2 if "--pretty" in arguments else None)
    print()
    bad = {name: message["problems"] for name, message in result.items() if message["problems"]}
    for name, problems in bad.items():
        for problem in problems:
            print(f"{name}: {problem}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
