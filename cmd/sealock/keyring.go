// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/kms"
)

// keyring is the user's own key folder, outside every tree: NAME.key (encrypted) and NAME.pub.
type keyring struct {
	*options
	mu      sync.Mutex
	signers map[string]attest.Signer // by how the key was named: decrypting costs 0.1 s
}

var keyName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$`) })

// folder is $SEALOCK_KEYS, or sealock/keys in the user's configuration folder.
func (k *keyring) folder() (string, error) {
	if dir := k.getenv("SEALOCK_KEYS"); dir != "" {
		return filepath.Abs(dir)
	}
	base := k.getenv("XDG_CONFIG_HOME")
	if base == "" {
		home := k.getenv("HOME")
		if home == "" {
			var err error
			if base, err = os.UserConfigDir(); err != nil {
				return "", usagef("no place for keys: neither SEALOCK_KEYS nor HOME is set\nhint: set SEALOCK_KEYS to a folder, or give --key FILE")
			}
		} else {
			base = filepath.Join(home, ".config")
		}
	}
	return filepath.Join(base, "sealock", "keys"), nil
}

func (k *keyring) files(name string) (private, public string, err error) {
	if !keyName().MatchString(name) {
		return "", "", usagef("%q is no name for a key: use letters, digits, . _ -", name)
	}
	dir, err := k.folder()
	return filepath.Join(dir, name+".key"), filepath.Join(dir, name+".pub"), err
}

// public reads the public key of a local key pair.
func (k *keyring) public(name string) ([]byte, error) {
	_, pub, err := k.files(name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(pub)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no local key %q (%s)", name, pub)
	}
	return data, err
}

// ensure makes the local key pair of a name if there is none, and reports whether it did. Two callers at once get the same pair.
func (k *keyring) ensure(name string) (bool, error) {
	priv, pub, err := k.files(name)
	if err != nil {
		return false, err
	}
	for range 100 { // another run may be making it: that takes a fraction of a second
		if _, err := os.Stat(pub); err == nil {
			return false, nil
		}
		var made bool
		if made, err = k.create(priv, pub, sigstore.ECDSAP256); !errors.Is(err, errBeingMade) {
			return made, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false, err
}

// errBeingMade says that another process is making the same key pair.
var errBeingMade = errors.New("another sealock is making this key")

// create writes a new key pair. The folder of the pair appears with both files or not at all for readers that look for the public key: it is
// linked last, and only if the private key is this caller's.
func (k *keyring) create(priv, pub string, alg sigstore.Algorithm) (bool, error) {
	pair, err := sigstore.Generate(alg, []byte(k.getenv("COSIGN_PASSWORD")))
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(priv), 0o700); err != nil {
		return false, fmt.Errorf("making key folder: %w", err)
	}
	lock := priv + ".lock"
	f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("%w: %s\nhint: try again; if none is running, remove %s", errBeingMade, priv, lock)
	}
	if err != nil {
		return false, fmt.Errorf("making key: %w", err)
	}
	f.Close()
	defer os.Remove(lock)
	if _, err := os.Lstat(pub); err == nil {
		return false, nil
	}
	if _, err := os.Lstat(priv); err == nil {
		return false, usagef("%s exists without its public key\nhint: restore %s, or move the private key away", priv, pub)
	}
	if err := writeNew(priv, pair.Private, 0o600); err != nil {
		return false, err
	}
	return true, writeNew(pub, pair.Public, 0o644)
}

// writeNew writes a file that did not exist, wholly or not at all.
func writeNew(name string, data []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Link(tmp.Name(), name); err != nil { // unlike rename it never replaces
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// list names the local keys that have both halves.
func (k *keyring) list() ([]string, error) {
	dir, err := k.folder()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".pub"); ok && keyName().MatchString(name) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out, err
}

// lockedSigner is a local key that is decrypted when it is first needed; who it is, its public half says.
type lockedSigner struct {
	*keyring
	ref string
	id  attest.Identity
}

func (s *lockedSigner) Identity() attest.Identity { return s.id }

// Unlock decrypts the key, and makes sure that it belongs to the public one.
func (s *lockedSigner) Unlock() error {
	signer, err := s.load(s.ref)
	if err == nil && signer.Identity().Key != s.id.Key {
		err = usagef("%s: the private key does not belong to the public one beside it\nhint: restore the pair, or make another", s.ref)
	}
	return err
}

func (s *lockedSigner) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	if err := s.Unlock(); err != nil {
		return nil, err
	}
	signer, err := s.load(s.ref)
	if err != nil {
		return nil, err
	}
	return signer.Sign(ctx, statement)
}

// SignBlob signs bytes as they are.
func (s *lockedSigner) SignBlob(blob []byte) ([]byte, error) {
	if err := s.Unlock(); err != nil {
		return nil, err
	}
	signer, err := s.load(s.ref)
	if err != nil {
		return nil, err
	}
	plain, ok := signer.(blobSigner)
	if !ok {
		return nil, usagef("%s can't make a plain signature", s.ref)
	}
	return plain.SignBlob(blob)
}

// signer finds a private key: a file, env://NAME, local:NAME, or one in a key management service. Local ones are decrypted when they are first needed.
func (k *keyring) signer(ref string) (attest.Signer, error) {
	name, ok := strings.CutPrefix(ref, "local:")
	switch {
	case !ok && kms.Named(ref):
		return k.remote(ref)
	case !ok:
		return k.load(ref)
	}
	pem, err := k.public(name)
	if err != nil {
		return nil, usageError{err}
	}
	_, id, err := parseKey(pem)
	if err != nil {
		return nil, usageError{fmt.Errorf("public key of %s: %w", ref, err)}
	}
	return &lockedSigner{k, ref, attest.Identity{Key: id}}, nil
}

// load decrypts a private key, once.
func (k *keyring) load(ref string) (attest.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.signers[ref]; ok {
		return s, nil
	}
	file, where, err := k.read(ref)
	if err != nil {
		return nil, err
	}
	key, err := k.decrypt(file, where)
	if err != nil {
		return nil, usageError{fmt.Errorf("private key %s: %w", where, err)}
	}
	s, err := k.keep(ref, key)
	if err != nil {
		return nil, usageError{fmt.Errorf("private key %s: %w", where, err)}
	}
	return s, nil
}

// keep remembers the signer of a decrypted key.
func (k *keyring) keep(ref string, key crypto.Signer) (attest.Signer, error) {
	s, err := sigstore.NewSigner(key)
	if err != nil {
		return nil, err
	}
	if k.signers == nil {
		k.signers = map[string]attest.Signer{}
	}
	k.signers[ref] = s
	return s, nil
}

// unlock decrypts a private key that will be needed, if that takes no question. What stands in the way is told to whoever needs the key.
func (k *keyring) unlock(ref string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.signers[ref]; ok {
		return
	}
	file, _, err := k.read(ref)
	if err != nil {
		return
	}
	if key, err := sigstore.ParsePrivateKey(file, []byte(k.getenv("COSIGN_PASSWORD"))); err == nil {
		_, _ = k.keep(ref, key)
	}
}

func (k *keyring) read(ref string) (data []byte, where string, err error) {
	if strings.Contains(ref, "-----BEGIN") { // it must not get into a message
		return nil, "", usagef("--key holds a key itself, expected where to find it\nhint: give --key env://NAME with the name of the variable that holds the key")
	}
	if name, ok := strings.CutPrefix(ref, "env://"); ok {
		v := k.getenv(name)
		if v == "" {
			return nil, ref, usagef("--key %s: the variable is not set", ref)
		}
		return []byte(v), "in $" + name, nil
	}
	where = k.path(ref)
	if name, ok := strings.CutPrefix(ref, "local:"); ok {
		if where, _, err = k.files(name); err != nil {
			return nil, ref, err
		}
	}
	data, err = os.ReadFile(where)
	if err != nil {
		return nil, where, usageError{fmt.Errorf("reading private key: %w\nhint: make one with 'sealock keys generate NAME', or name it with --key", err)}
	}
	return data, where, nil
}

// decrypt uses COSIGN_PASSWORD if it is set, else the empty password, else asks on a terminal.
func (k *keyring) decrypt(file []byte, where string) (crypto.Signer, error) {
	key, err := sigstore.ParsePrivateKey(file, []byte(k.getenv("COSIGN_PASSWORD")))
	if !errors.Is(err, sigstore.ErrPassword) || k.getenv("COSIGN_PASSWORD") != "" {
		return key, err
	}
	in, ok := k.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, err
	}
	fmt.Fprintf(k.stderr, "password for %s: ", where)
	password, readErr := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(k.stderr)
	if readErr != nil {
		return nil, readErr
	}
	return sigstore.ParsePrivateKey(file, password)
}
