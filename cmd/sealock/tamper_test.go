// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// cmdDrop removes every copy of a statement from a store: drop STORE sha256:…
func cmdDrop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: drop STORE sha256:…")
	}
	all, err := readStore(ts.MkAbs(args[0]))
	ts.Check(err)
	s := all[strings.TrimPrefix(args[1], "sha256:")]
	if s == nil {
		ts.Fatalf("no statement %s in %s", args[1], args[0])
	}
	for _, f := range s.files {
		ts.Check(os.Remove(filepath.Join(ts.MkAbs(args[0]), f)))
	}
}

// cmdUnpromote removes every promotion from a store: unpromote STORE
func cmdUnpromote(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unpromote STORE")
	}
	all, err := readStore(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, s := range all {
		if s.predicateType == predicate.TypeVSA {
			ts.Check(s.each(ts.MkAbs(args[0]), os.Remove))
		}
	}
}

// mutation changes files of a copy of the store.
type mutation struct {
	name string
	do   func(store string) error
}

// cmdTamper does to every statement that a decision names as its input all that somebody who can write to the store could do, one thing at
// a time in a copy of the store, and asks again. The answer must never be that it is allowed, and must be the same in text, JSON and exit
// code: tamper DECISION.json STORE ARGUMENT…
func (w *world) cmdTamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: tamper DECISION.json STORE ARGUMENT…")
	}
	store := ts.MkAbs(args[1])
	all, err := readStore(store)
	ts.Check(err)
	docs, err := documents(ts.ReadFile(args[0]))
	ts.Check(err)
	inputs := find(any(docs), strings.Split("*.inputs.*.digest", "."))
	if len(inputs) == 0 {
		ts.Fatalf("the decision names no inputs")
	}
	var todo []mutation
	for _, id := range inputs {
		s := all[strings.TrimPrefix(id, "sha256:")]
		if s == nil {
			ts.Fatalf("input %s is not in the store", id)
		}
		m, err := mutations(s, all, filepath.Join(ts.Getenv("HOME"), ".config", "sealock", "keys"))
		ts.Check(err)
		todo = append(todo, m...)
	}
	a := asker{dir: ts.MkAbs("."), store: store, args: args[2:], home: ts.Getenv("HOME"), path: ts.Getenv("PATH"), tmp: ts.Getenv("TMPDIR")}
	if problems := a.askAll(todo); len(problems) > 0 {
		ts.Fatalf("%s", strings.Join(problems, "\n"))
	}
	ts.Logf("%d inputs, %d mutations refused", len(inputs), len(todo))
}

// mutations of one statement: each copy removed, all removed, a byte flipped, the content swapped with that of another statement, and the
// statement changed or signed anew by a key that may not, under names that fit.
func mutations(s *stored, all map[string]*stored, keys string) ([]mutation, error) {
	short := fmt.Sprintf("%.12s (%s)", s.statement, s.predicateType)
	out := []mutation{{"all copies removed: " + short, func(store string) error { return s.each(store, os.Remove) }}}
	for _, f := range s.files {
		out = append(out, mutation{"removed " + f, func(store string) error { return os.Remove(filepath.Join(store, f)) }})
	}
	other := ""
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if id != s.statement {
			other = all[id].files[0]
		}
	}
	outsider, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	stranger, err := sigstore.NewSigner(outsider)
	if err != nil {
		return nil, err
	}
	insider, err := wrongInsider(s, keys)
	if err != nil {
		return nil, err
	}
	return append(out,
		mutation{"byte flipped: " + short, func(store string) error { return s.rewrite(store, s.files[:1], flipMiddle, false) }},
		mutation{"all copies changed and named to fit: " + short, func(store string) error { return s.rewrite(store, s.files, flipPayload, true) }},
		mutation{"swapped: " + short, func(store string) error { return swap(filepath.Join(store, s.files[0]), filepath.Join(store, other)) }},
		mutation{"signed by a stranger: " + short, func(store string) error { return s.rewrite(store, s.files, resign(s, stranger), true) }},
		mutation{"signed by another stage: " + short, func(store string) error { return s.rewrite(store, s.files, resign(s, insider), true) }}), nil
}

func (s *stored) each(store string, do func(string) error) error {
	for _, f := range s.files {
		if err := do(filepath.Join(store, f)); err != nil {
			return err
		}
	}
	return nil
}

// rewrite changes files; with rename they get the name that a store would give the new content.
func (s *stored) rewrite(store string, files []string, change func([]byte) ([]byte, error), rename bool) error {
	for _, f := range files {
		name := filepath.Join(store, f)
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		changed, err := change(data)
		if err != nil {
			return err
		}
		to := name
		if rename {
			to = filepath.Join(filepath.Dir(name), fileNameOf(changed))
		}
		if err := os.Remove(name); err != nil {
			return err
		}
		if err := os.WriteFile(to, changed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fileNameOf is the name under which a store keeps a bundle.
func fileNameOf(bundle []byte) string {
	s, err := readBundle(bundle)
	id := strings.Repeat("0", 64)
	if err == nil {
		id = fmt.Sprintf("%x", sha256.Sum256(s.payload))
	}
	return fmt.Sprintf("%s.%.16x.sigstore.json", id, sha256.Sum256(bundle))
}

func flipMiddle(data []byte) ([]byte, error) {
	out := bytes.Clone(data)
	out[len(out)/2] ^= 1
	return out, nil
}

// flipPayload changes one letter of the signed text, so that it is still JSON.
func flipPayload(data []byte) ([]byte, error) {
	var b map[string]any
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, err
	}
	s, err := readBundle(data)
	if err != nil {
		return nil, err
	}
	payload := bytes.Replace(s.payload, []byte(`"name":"`), []byte(`"name":"x`), 1)
	if bytes.Equal(payload, s.payload) {
		payload = append(payload, ' ')
	}
	b["dsseEnvelope"].(map[string]any)["payload"] = payload
	return json.Marshal(b)
}

func resign(s *stored, signer attest.Signer) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return signer.Sign(context.Background(), s.payload) }
}

// wrongInsider signs with a key that the policy knows, for another stage than the one of a statement.
func wrongInsider(s *stored, keys string) (attest.Signer, error) {
	name := "shop-source"
	if s.stage == "source" || strings.HasSuffix(s.predicateType, "/findings/v1") {
		name = "shop-scan"
	}
	pem, err := os.ReadFile(filepath.Join(keys, name+".key"))
	if err != nil {
		return nil, err
	}
	key, err := sigstore.ParsePrivateKey(pem, nil)
	if err != nil {
		return nil, err
	}
	return sigstore.NewSigner(key)
}

func swap(a, b string) error {
	x, err := os.ReadFile(a)
	if err != nil {
		return err
	}
	y, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	if err := os.WriteFile(a, y, 0o644); err != nil {
		return err
	}
	return os.WriteFile(b, x, 0o644)
}

// asker runs the program on copies of a store.
type asker struct {
	dir, store, home, path, tmp string
	args                        []string
}

// askAll works on all mutations, two at a time, and gives what went wrong.
func (a asker) askAll(todo []mutation) []string {
	next := make(chan mutation)
	var mu sync.Mutex
	var problems []string
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for m := range next {
				if err := a.ask(m); err != nil {
					mu.Lock()
					problems = append(problems, m.name+": "+err.Error())
					mu.Unlock()
				}
			}
		})
	}
	for _, m := range todo {
		next <- m
	}
	close(next)
	wg.Wait()
	return problems
}

func (a asker) ask(m mutation) error {
	place, err := os.MkdirTemp(a.tmp, "tamper-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	store, report := filepath.Join(place, "store"), filepath.Join(place, "decision.json")
	if err := copyTree(a.store, store); err != nil {
		return err
	}
	if err := m.do(store); err != nil {
		return err
	}
	cmd := exec.Command("sealock", append(slices.Clone(a.args), "--store", store, "-o", "text", "-o", "json="+report)...)
	cmd.Dir, cmd.Env = a.dir, []string{"HOME=" + a.home, "PATH=" + a.path, "TMPDIR=" + a.tmp}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the exit code says what became of it
	want := map[int]string{1: "refused", 2: "undecided"}[cmd.ProcessState.ExitCode()]
	if want == "" {
		return fmt.Errorf("exit code %d\n%s%s", cmd.ProcessState.ExitCode(), stdout.String(), stderr.String())
	}
	data, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	docs, err := documents(string(data))
	if err != nil {
		return err
	}
	if got := find(any(docs), []string{"*", "verdict"}); !slices.Equal(got, []string{want}) {
		return fmt.Errorf("exit code says %s, JSON says %q", want, got)
	}
	if !strings.Contains(stdout.String(), ": "+strings.ToUpper(want)) {
		return fmt.Errorf("exit code says %s, text says:\n%s", want, stdout.String())
	}
	return nil
}
