// SPDX-License-Identifier: Apache-2.0

package tufroot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds on a repository, as TUF asks for them; those of Sigstore have a few kilobytes in each file.
const (
	maxRoots    = 64
	maxMetadata = 2 << 20 // bytes of one file
	maxState    = 64 << 20
)

// The targets that are read.
const (
	rootTarget    = "trusted_root.json"
	signingTarget = "signing_config.v0.2.json"
)

// Repository is a TUF repository and the root of trust that is known of it beforehand.
type Repository struct {
	URL  string
	Root []byte // a root.json
}

// PublicGood is the repository of Sigstore's public-good instance, with the root of trust that this program carries.
func PublicGood() Repository { return Repository{tuf.DefaultMirror, tuf.DefaultRoot()} }

// ErrNone says that there was no update yet.
var ErrNone = errors.New("there was no update yet")

// State is what an update found. Every byte of it was verified.
type State struct {
	TrustedRoot   []byte
	SigningConfig []byte    // nil if the repository has none
	Versions      Versions  // of the metadata
	Expires       time.Time // when the repository must have been asked again
	Checked       time.Time // when it was asked last, by this machine's clock
}

// Versions are those of the metadata of a repository. They never go down.
type Versions struct{ Root, Timestamp, Snapshot, Targets int64 }

// stored is the file: the metadata as they were served.
type stored struct {
	Schema    string            `json:"schema"`
	URL       string            `json:"url"`
	Checked   time.Time         `json:"checked"`
	Roots     [][]byte          `json:"roots"` // those after the one that is known beforehand, in order
	Timestamp []byte            `json:"timestamp"`
	Snapshot  []byte            `json:"snapshot"`
	Targets   []byte            `json:"targets"`
	Files     map[string][]byte `json:"files"`
}

const schema = "sealock/tuf/v1"

// Load reads and verifies the state that the last update left. That it has expired meanwhile is for the caller to judge: it is what was last known.
func Load(repo Repository, file string) (State, error) {
	s, err := read(repo, file)
	if err != nil {
		return State{}, err
	}
	t, err := s.trusted(repo, time.Time{})
	if err != nil {
		return State{}, damaged(file, err)
	}
	if err := s.complete(t); err != nil {
		return State{}, damaged(file, err)
	}
	state, err := s.state(t)
	if err != nil {
		return State{}, damaged(file, err)
	}
	return state, nil
}

func damaged(file string, err error) error {
	return fmt.Errorf("the state of the last trust update does not verify: %s: %w\nhint: remove the file and run 'sealock trust update'", file, err)
}

func read(repo Repository, file string) (stored, error) {
	var s stored
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNone
	}
	if err != nil {
		return s, fmt.Errorf("reading the state of the last trust update: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if err != nil {
		return s, fmt.Errorf("reading the state of the last trust update: %w", err)
	}
	if len(data) > maxState {
		return s, damaged(file, fmt.Errorf("more than %d bytes", maxState))
	}
	if err := attest.DecodeJSON(data, &s); err != nil {
		return s, damaged(file, err)
	}
	if s.Schema != schema || s.URL != repo.URL || len(s.Roots) > maxRoots {
		return s, damaged(file, fmt.Errorf("expected %s of %s, found %q of %q", schema, repo.URL, s.Schema, s.URL))
	}
	return s, nil
}

// trusted begins at the root of trust and follows the stored roots. At the zero time nothing has expired.
func (s *stored) trusted(repo Repository, at time.Time) (*trustedmetadata.TrustedMetadata, error) {
	t, err := trustedmetadata.New(repo.Root)
	if err != nil {
		return nil, fmt.Errorf("root of trust: %w", err)
	}
	t.RefTime = at
	for _, root := range s.Roots {
		next, err := metadata.Root().FromBytes(root)
		if err != nil {
			return nil, fmt.Errorf("root: %w", err)
		}
		if next.Signed.Version <= t.Root.Signed.Version { // a newer program begins at a newer one
			continue
		}
		if _, err := t.UpdateRoot(root); err != nil {
			return nil, fmt.Errorf("root %d: %w", next.Signed.Version, err)
		}
	}
	return t, nil
}

// complete verifies the stored metadata below the root.
func (s *stored) complete(t *trustedmetadata.TrustedMetadata) error {
	if _, err := t.UpdateTimestamp(s.Timestamp); err != nil {
		return fmt.Errorf("timestamp: %w", err)
	}
	if _, err := t.UpdateSnapshot(s.Snapshot, false); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if _, err := t.UpdateTargets(s.Targets); err != nil {
		return fmt.Errorf("targets: %w", err)
	}
	return nil
}

// state verifies the files against verified metadata.
func (s *stored) state(t *trustedmetadata.TrustedMetadata) (State, error) {
	targets := t.Targets[metadata.TARGETS].Signed
	for _, name := range []string{rootTarget, signingTarget} {
		info, listed := targets.Targets[name]
		data, have := s.Files[name]
		switch {
		case !listed && name == rootTarget:
			return State{}, fmt.Errorf("the repository lists no %s", name)
		case !listed && have:
			return State{}, fmt.Errorf("%s is not listed", name)
		case !listed:
		case info.VerifyLengthHashes(data) != nil:
			return State{}, fmt.Errorf("%s is not the file that is listed", name)
		}
	}
	expires := t.Timestamp.Signed.Expires
	for _, e := range []time.Time{t.Root.Signed.Expires, t.Snapshot.Signed.Expires, targets.Expires} {
		if e.Before(expires) {
			expires = e
		}
	}
	return State{TrustedRoot: s.Files[rootTarget], SigningConfig: s.Files[signingTarget], Expires: expires.UTC(), Checked: s.Checked.UTC(),
		Versions: Versions{t.Root.Signed.Version, t.Timestamp.Signed.Version, t.Snapshot.Signed.Version, targets.Version}}, nil
}

// write puts the state in its place, wholly or not at all.
func (s *stored) write(file string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encoding the state of trust: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("writing the state of trust: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".tmp-*")
	if err != nil {
		return fmt.Errorf("writing the state of trust: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("writing the state of trust: %w", err)
	}
	return nil
}
