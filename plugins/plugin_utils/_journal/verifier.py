# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verifier that goes with an exported journal: a program of its own, for any Python from 3.8 on."""

from __future__ import annotations

VERIFIER = r'''#!/usr/bin/env python3
"""Verify an exported journal: python3 -I verify.py [DIRECTORY]

Needs only Python's standard library, 3.8 or newer, and nothing that made the export. Exit codes: 0 proved,
1 something was changed, 2 it cannot be checked.
"""

import hashlib
import json
import os
import re
import sys

NAME = re.compile(r"[a-z]+\.(jsonl|json|md|py)\Z")
HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")


class Changed(Exception):
    """Something is not as it was written."""


class Unusable(Exception):
    """This is no export that could be checked."""


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def content(directory, name):
    path = os.path.join(directory, name)
    if os.path.islink(path):
        raise Changed("%s is a symbolic link" % name)
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        raise Changed("%s is missing" % name) from None
    except OSError as error:
        raise Unusable("%s cannot be read: %s" % (name, error.strerror)) from None


def parsed(data, name):
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Changed("%s is no JSON" % name) from None


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def manifest_of(directory):
    if not os.path.isdir(directory):
        raise Unusable("%r is no directory" % directory)
    if not os.path.lexists(os.path.join(directory, "manifest.json")):
        raise Unusable("%r holds no manifest.json" % directory)
    data = content(directory, "manifest.json")
    manifest = parsed(data, "manifest.json")
    try:
        files = {str(name): str(told["sha256"]) for name, told in manifest["files"].items()}
        first, last = int(manifest["first"]), int(manifest["last"])
        known = manifest["format"] == 1
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Changed("manifest.json is not as it was written") from None
    if not known:
        raise Unusable("manifest.json is of another format: verify with the verify.py beside it")
    return manifest, files, first, last, digest(data)


def prove_files(directory, files):
    for name in ("entries.jsonl", "head.json", "identity.json", "anchors.json"):
        if name not in files:
            raise Changed("manifest.json does not name %s" % name)
    for name in sorted(files):
        if not NAME.match(name):
            raise Changed("manifest.json names %r, which is no file of an export" % name)
        if digest(content(directory, name)) != files[name]:
            raise Changed("%s was changed: its SHA-256 is not what manifest.json says" % name)
    others = sorted(set(os.listdir(directory)) - set(files) - {"manifest.json"})
    if others:
        print("not part of the export, and not checked: %s" % ", ".join(repr(name) for name in others))


def prove_chain(data, first, last):
    """Return the hash of each entry, by its number."""
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise Changed("entries.jsonl does not end with a whole line")
    hashes, before = {}, None
    for number, line in enumerate(lines, first):
        value = parsed(line, "entry %d" % number)
        if not isinstance(value, dict) or value.get("sequence") != number:
            raise Changed("first bad entry: %d: it is missing, or another is in its place" % number)
        if canonical(value) != line:
            raise Changed("first bad entry: %d: it is not in the form in which entries are written" % number)
        if before is not None and value.get("previous") != before:
            raise Changed("first bad entry: %d or the one before it: it does not follow that one" % number)
        hashes[number] = before = digest(line)
    if not hashes or max(hashes) != last:
        raise Changed("entries.jsonl ends before entry %d" % last)
    return hashes


def compare(hashes, number, told, source):
    """Return whether the source knows an entry that is here."""
    if number not in hashes:
        return False
    if hashes[number] != told:
        raise Changed("first bad entry: %d or one before it: %s knows another" % (number, source))
    return True


def prove_words(directory, hashes, first, last):
    """Compare with the identity, the head and the anchors; return the last entry that an anchor knows."""
    anchored, head = -1, parsed(content(directory, "head.json"), "head.json")
    identity = parsed(content(directory, "identity.json"), "identity.json")
    anchors = parsed(content(directory, "anchors.json"), "anchors.json")
    try:
        compare(hashes, 0, identity["genesis"]["journal"], "identity.json")
        at_end = compare(hashes, int(head["sequence"]), head["hash"], "head.json")
        for anchor in sorted(anchors, key=lambda each: each["sequence"]):
            if not HASH.match(anchor["hash"]):
                raise Changed("anchors.json is not as it was written")
            if compare(hashes, int(anchor["sequence"]), anchor["hash"], "the anchor %r" % anchor["source"]):
                anchored = max(anchored, int(anchor["sequence"]))
    except (KeyError, TypeError, ValueError):
        raise Changed("identity.json, head.json or anchors.json is not as it was written") from None
    return anchored, at_end


def tell(manifest, seal, first, last, anchored, at_end):
    print("entries %d to %d of ledger %r are as they were exported, each names the one before it" % (
        first, last, str(manifest.get("ledger"))))
    print("manifest.json: %s" % seal)
    if anchored >= 0:
        print("anchors knew entry %d, so it and the entries before it were not rewritten since, if anchors.json says"
              " what the anchors say: compare it with them" % anchored)
    print("NOT EXCLUDED:")
    print("- that this whole export was made anew, with other hashes: compare the line of manifest.json above with"
          " the one that the journal itself and the output of the export keep")
    if anchored < last:
        print("- that entries after %d were rewritten in the ledger before the export, by somebody who could write"
              " there: no anchor here knows them" % (anchored if anchored >= first else first - 1))
    if first > 0:
        print("- anything about entries before %d: they are not part of this export" % first)
    if not at_end:
        print("- anything about entries after %d: they are not part of this export" % last)
    elif anchored < last:
        print("- that entries after %d were cut off before the export" % last)


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__.strip())
        return 2
    directory = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    try:
        manifest, files, first, last, seal = manifest_of(directory)
        prove_files(directory, files)
        hashes = prove_chain(content(directory, "entries.jsonl"), first, last)
        anchored, at_end = prove_words(directory, hashes, first, last)
    except Changed as reason:
        print("CHANGED: %s" % reason)
        return 1
    except Unusable as reason:
        print("CANNOT BE CHECKED: %s" % reason)
        return 2
    tell(manifest, seal, first, last, anchored, at_end)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''
