// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// Bounds of what is remembered of one repository. What goes past one is forgotten, the oldest first.
const (
	maxMemory   = 64 << 20       // bytes of the file
	maxSeen     = 1 << 19        // files and commits in which nothing was found
	maxOthers   = 1 << 16        // files in which something was found, or left out
	maxConfigs  = 8              // results for configuration
	maxPackages = 8              // results for packages
	maxOutcomes = 16             // whole checks
	outcomeLife = 12 * time.Hour // of a whole check: waivers end, policies expire
)

// key names one thing that was looked at: a file under its name, or a commit.
type key [16]byte

func keyOf(parts ...string) key {
	h := sha256.New()
	for _, p := range parts {
		_, _ = io.WriteString(h, p)
		_, _ = h.Write([]byte{0})
	}
	return key(h.Sum(nil)[:len(key{})])
}

func (k key) String() string { return hex.EncodeToString(k[:]) }

// memory is what earlier checks found out. It only ever saves work: what is not in it, or can't be read, is found out again. Content is named by its id
// and by the digest of the rules, so that neither a change of one nor of the other finds an old answer.
type memory struct {
	Seen     [][]byte              `json:"seen"` // one for each generation, keys one after the other
	Others   map[string]fileResult `json:"others"`
	Configs  []configResult        `json:"configs"`
	Packages []packageResult       `json:"packages"`
	Outcomes []outcome             `json:"outcomes"`

	file  string
	mu    sync.Mutex // of everything: secrets are looked for beside the rest
	seen  map[key]bool
	used  map[key]bool // by this check
	dirty bool
}

// fileResult is what a scan for secrets said about one file.
type fileResult struct {
	Findings   []predicate.Finding    `json:"findings,omitempty"`
	Suppressed []predicate.Suppressed `json:"suppressed,omitempty"`
	Skipped    []string               `json:"skipped,omitempty"`
	SkippedN   int                    `json:"skippedCount,omitempty"`
}

func (f fileResult) nothing() bool {
	return len(f.Findings)+len(f.Suppressed)+len(f.Skipped)+f.SkippedN == 0
}

// outcome is a whole check.
type outcome struct {
	Key    string    `json:"key"`
	At     time.Time `json:"at"`
	Report Report    `json:"report"`
}

// recall reads what is remembered of a repository; an empty folder remembers nothing.
func recall(folder, repository string) *memory {
	m := &memory{seen: map[key]bool{}, used: map[key]bool{}}
	if folder == "" {
		return m.empty()
	}
	m.file = filepath.Join(folder, keyOf(repository).String()+".json")
	data, err := readBounded(m.file, maxMemory)
	if err != nil || json.Unmarshal(data, m) != nil {
		return m.empty()
	}
	for _, keys := range m.Seen {
		for ; len(keys) >= len(key{}); keys = keys[len(key{}):] {
			m.seen[key(keys[:len(key{})])] = true
		}
	}
	if m.Others == nil {
		m.Others = map[string]fileResult{}
	}
	return m
}

func (m *memory) empty() *memory {
	return &memory{file: m.file, seen: map[key]bool{}, used: map[key]bool{}, Others: map[string]fileResult{}}
}

func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, os.ErrInvalid
	}
	return data, err
}

// lookup gives what was found in a file or commit before.
func (m *memory) lookup(k key) (fileResult, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[k] {
		m.used[k] = true
		return fileResult{}, true
	}
	r, ok := m.Others[k.String()]
	if ok {
		m.used[k] = true
	}
	return r, ok
}

func (m *memory) remember(k key, r fileResult) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dirty, m.used[k] = true, true
	if r.nothing() {
		m.seen[k] = true
		return
	}
	m.Others[k.String()] = r
}

// save writes the memory, at once or not at all. That it can't be written costs time and nothing else, so it is no error.
func (m *memory) save() {
	if m.file == "" || !m.dirty {
		return
	}
	m.forget()
	keys := make([]byte, 0, len(m.seen)*len(key{}))
	for k := range m.seen {
		keys = append(keys, k[:]...)
	}
	m.Seen = [][]byte{keys}
	data, err := json.Marshal(m)
	if err != nil || len(data) > maxMemory || os.MkdirAll(filepath.Dir(m.file), 0o700) != nil {
		return
	}
	_ = replace(m.file, data, 0o600)
}

// replace writes a file in place of another, at once or not at all.
func replace(file string, data []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".sealock-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// forget drops what this check had no use for, once there is too much.
func (m *memory) forget() {
	if len(m.seen) > maxSeen {
		for k := range m.seen {
			if !m.used[k] {
				delete(m.seen, k)
			}
		}
	}
	if len(m.Others) > maxOthers {
		for name := range m.Others {
			if raw, err := hex.DecodeString(name); err != nil || len(raw) != len(key{}) || !m.used[key(raw)] {
				delete(m.Others, name)
			}
		}
	}
	m.Configs = last(m.Configs, maxConfigs)
	m.Packages = last(m.Packages, maxPackages)
	m.Outcomes = last(m.Outcomes, maxOutcomes)
}

func last[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }

// configuration finds a result for a tree.
func (m *memory) configuration(holds func(configResult) bool) (predicate.Findings, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range slices.Backward(m.Configs) {
		if holds(r) {
			return r.Findings, true
		}
	}
	return predicate.Findings{}, false
}

func (m *memory) addConfiguration(r configResult) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Configs, m.dirty = append(m.Configs, r), true
}

// packages finds the result of a name.
func (m *memory) packages(name string) (packageResult, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.Packages, func(p packageResult) bool { return p.Key == name })
	if i < 0 {
		return packageResult{}, false
	}
	return m.Packages[i], true
}

func (m *memory) addPackages(r packageResult) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Packages, m.dirty = append(m.Packages, r), true
}

// outcome finds a whole check that is not too old.
func (m *memory) outcome(name string, now time.Time) (Report, bool) {
	for _, o := range m.Outcomes {
		if age := now.Sub(o.At); o.Key == name && age >= 0 && age < outcomeLife {
			return o.Report, true
		}
	}
	return Report{}, false
}

func (m *memory) keep(name string, now time.Time, r Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dirty = true
	m.Outcomes = append(m.Outcomes, outcome{name, now, r})
}
