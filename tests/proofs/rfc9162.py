#!/usr/bin/env python3
"""A verifier of Daybook's checkpoints and proofs in plain Python: hashlib, and the openssl command for Ed25519. Written
from RFC 9162 (section 2.1), C2SP signed-note and C2SP tlog-checkpoint alone; shares no code with Daybook.

    rfc9162.py checkpoint KEYS CHECKPOINT                          signature, origin, size and root
    rfc9162.py inclusion KEYS CHECKPOINT PROOF                     that an event is in the checkpoint's log
    rfc9162.py consistency KEYS OLD_CHECKPOINT CHECKPOINT PROOF    that the old log is the beginning of the new one

KEYS holds verifier keys, one a line. Exit code 0: proved; 1: not proved, and why.
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


class NotProved(Exception):
    pass


def leaf_hash(event):
    return hashlib.sha256(b"\x00" + event).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves):
    """MTH of section 2.1.1, over hashes of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def check_inclusion(leaf, index, size, proof, root):
    """Section 2.1.3.2."""
    if index >= size:
        raise NotProved("the leaf is not within the tree")
    number, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise NotProved("the proof is too long")
        if number % 2 == 1 or number == last:
            found = node_hash(sibling, found)
            while number % 2 == 0 and number != 0:
                number, last = number // 2, last // 2
        else:
            found = node_hash(found, sibling)
        number, last = number // 2, last // 2
    if last != 0 or found != root:
        raise NotProved("the proof does not lead to the root")


def check_consistency(old_size, old_root, size, root, proof):
    """Section 2.1.4.2."""
    if old_size > size:
        raise NotProved("the old log is the longer one")
    if old_size in (0, size):
        if proof or (old_size == size and old_root != root):
            raise NotProved("two logs of one length differ, or the proof is not empty")
        return
    proof = list(proof)
    if old_size & (old_size - 1) == 0:
        proof.insert(0, old_root)
    if not proof:
        raise NotProved("the proof is empty")
    number, last = old_size - 1, size - 1
    while number % 2 == 1:
        number, last = number // 2, last // 2
    old_found = found = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise NotProved("the proof is too long")
        if number % 2 == 1 or number == last:
            old_found, found = node_hash(sibling, old_found), node_hash(sibling, found)
            while number % 2 == 0 and number != 0:
                number, last = number // 2, last // 2
        else:
            found = node_hash(found, sibling)
        number, last = number // 2, last // 2
    if old_found != old_root:
        raise NotProved("the proof does not lead to the old root")
    if last != 0 or found != root:
        raise NotProved("the proof does not lead to the new root")


def is_signed(public_key, text, signature):
    """Ed25519 by the openssl command: the key as an X.509 SubjectPublicKeyInfo (RFC 8410)."""
    spki = bytes.fromhex("302a300506032b6570032100") + public_key
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: pathlib.Path(folder) / name for name in ("key", "text", "signature")}
        paths["key"].write_bytes(spki)
        paths["text"].write_bytes(text)
        paths["signature"].write_bytes(signature)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key"],
                               "-rawin", "-in", paths["text"], "-sigfile", paths["signature"]], capture_output=True)
        return done.returncode == 0


def open_checkpoint(note, keys):
    """(origin, size, root) of a note that one of the keys has signed under the name of the origin."""
    text, _, lines = note.rpartition(b"\n\n")
    text += b"\n"
    origin, size, root = text.decode().split("\n")[:3]
    for key in keys:
        name, key_id, encoded = key.split("+", 2)
        public = base64.b64decode(encoded, validate=True)
        if hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] != key_id or public[0] != 1:
            raise NotProved(f"{key} is not a key")
        for line in lines.decode().splitlines():
            dash, signer, encoded = line.split(" ")
            signature = base64.b64decode(encoded, validate=True)
            if dash == "\u2014" and signer == name == origin and signature[:4].hex() == key_id:
                if not is_signed(public[1:], text, signature[4:]):
                    raise NotProved(f"a signature of {name} is wrong")
                return origin, int(size), base64.b64decode(root, validate=True)
    raise NotProved("none of the keys has signed it")


def check_proof(document, head, old=None):
    """A proof as the API gives it, against checkpoints that were opened."""
    proof = [base64.b64decode(one, validate=True) for one in document["proof"]]
    origin, size, root = head
    if document["object"] == "inclusion_proof":
        if document["size"] != size:
            raise NotProved("the proof is for another size than the checkpoint")
        check_inclusion(leaf_hash(base64.b64decode(document["leaf"])), document["position"] - 1, size, proof, root)
    else:
        if (document["from"], document["to"], old[0]) != (old[1], size, origin):
            raise NotProved("the proof is for other checkpoints")
        check_consistency(old[1], old[2], size, root, proof)


def main(arguments):
    command, keys, *files = arguments
    keys = pathlib.Path(keys).read_text().split()
    checkpoints = files if command == "checkpoint" else files[:-1]
    opened = [open_checkpoint(pathlib.Path(path).read_bytes(), keys) for path in checkpoints]
    if command != "checkpoint":
        check_proof(json.loads(pathlib.Path(files[-1]).read_text()), opened[-1], opened[0])
    origin, size, root = opened[-1]
    print(f"ok: {size} events of {origin}, root {root.hex()}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(sys.argv[1:])
    except NotProved as why:
        sys.exit(f"NOT PROVED: {why}")
