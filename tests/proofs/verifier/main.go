// verifier checks Daybook's checkpoints and proofs with other people's code only: the note package and the tlog package
// of golang.org/x/mod, and github.com/transparency-dev/merkle. It must not know anything of Daybook but its documents.
//
// Usage: verifier KEYS CHECKPOINT [OLD_CHECKPOINT] < proofs
//
// KEYS holds verifier keys, one a line. Standard input holds proofs as Daybook's API gives them, one JSON object a line;
// inclusion proofs are checked against CHECKPOINT, consistency proofs between the two. Prints the number of proofs that
// were checked. Exits with 1, saying why, at the first thing that is wrong.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	origin string
	size   uint64
	root   []byte
}

type document struct {
	Object   string
	Position uint64
	Size     uint64
	From     uint64
	To       uint64
	Leaf     []byte
	LeafHash []byte `json:"leaf_hash"`
	Proof    [][]byte
}

func readKeys(path string) (note.Verifiers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []note.Verifier
	for _, line := range strings.Fields(string(text)) {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		list = append(list, verifier)
	}
	return note.VerifierList(list...), nil
}

func readCheckpoint(path string, keys note.Verifiers) (*checkpoint, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(text, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return nil, fmt.Errorf("%s: not a checkpoint", path)
	}
	if lines[0] != opened.Sigs[0].Name {
		return nil, fmt.Errorf("%s: signed by %s, not by its origin", path, opened.Sigs[0].Name)
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return nil, err
	}
	return &checkpoint{lines[0], size, root}, nil
}

func toHash(bytes []byte) (hash tlog.Hash, err error) {
	if len(bytes) != len(hash) {
		return hash, errors.New("a hash has 32 bytes")
	}
	copy(hash[:], bytes)
	return hash, nil
}

func toHashes(list [][]byte) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, bytes := range list {
		hash, err := toHash(bytes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func checkInclusion(one *document, head *checkpoint) error {
	if one.Size != head.size {
		return fmt.Errorf("a proof for size %d beside a checkpoint of size %d", one.Size, head.size)
	}
	leafHash := rfc6962.DefaultHasher.HashLeaf(one.Leaf)
	err := proof.VerifyInclusion(rfc6962.DefaultHasher, one.Position-1, one.Size, leafHash, one.Proof, head.root)
	if err != nil {
		return fmt.Errorf("inclusion of %d, merkle: %w", one.Position, err)
	}
	hashes, err := toHashes(one.Proof)
	if err != nil {
		return err
	}
	root, err := toHash(head.root)
	if err != nil {
		return err
	}
	err = tlog.CheckRecord(hashes, int64(one.Size), root, int64(one.Position-1), tlog.RecordHash(one.Leaf))
	if err != nil {
		return fmt.Errorf("inclusion of %d, tlog: %w", one.Position, err)
	}
	return nil
}

func checkConsistency(one *document, old, head *checkpoint) error {
	if old == nil || one.From != old.size || one.To != head.size || old.origin != head.origin {
		return errors.New("a consistency proof of other checkpoints than the given ones")
	}
	err := proof.VerifyConsistency(rfc6962.DefaultHasher, one.From, one.To, one.Proof, old.root, head.root)
	if err != nil {
		return fmt.Errorf("consistency from %d to %d, merkle: %w", one.From, one.To, err)
	}
	hashes, err := toHashes(one.Proof)
	if err != nil {
		return err
	}
	oldRoot, err := toHash(old.root)
	if err != nil {
		return err
	}
	root, err := toHash(head.root)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, int64(one.To), root, int64(one.From), oldRoot); err != nil {
		return fmt.Errorf("consistency from %d to %d, tlog: %w", one.From, one.To, err)
	}
	return nil
}

func run(arguments []string, proofs io.Reader) (checked int, err error) {
	if len(arguments) < 2 || len(arguments) > 3 {
		return 0, errors.New("usage: verifier KEYS CHECKPOINT [OLD_CHECKPOINT] < proofs")
	}
	keys, err := readKeys(arguments[0])
	if err != nil {
		return 0, err
	}
	head, err := readCheckpoint(arguments[1], keys)
	if err != nil {
		return 0, err
	}
	var old *checkpoint
	if len(arguments) == 3 {
		if old, err = readCheckpoint(arguments[2], keys); err != nil {
			return 0, err
		}
	}
	decoder := json.NewDecoder(bufio.NewReader(proofs))
	for {
		var one document
		if err := decoder.Decode(&one); err == io.EOF {
			return checked, nil
		} else if err != nil {
			return checked, err
		}
		switch one.Object {
		case "inclusion_proof":
			err = checkInclusion(&one, head)
		case "consistency_proof":
			err = checkConsistency(&one, old, head)
		default:
			err = fmt.Errorf("%q is no proof", one.Object)
		}
		if err != nil {
			return checked, err
		}
		checked++
	}
}

func main() {
	checked, err := run(os.Args[1:], os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(1)
	}
	fmt.Println(checked)
}
