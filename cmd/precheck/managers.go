// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// runsHook is what a manager's file has if it runs the check.
const runsHook = "sealock hook pre-push"

// Marks of what is written into a manager's file: between them is sealock's, and nothing else in it is touched.
const (
	markBegin = "# sealock: begin ('sealock hook uninstall' takes it out)"
	markEnd   = "# sealock: end"
)

// Manager is another program that looks after Git's hooks in a repository: what it runs stands in a file of its own.
type Manager struct {
	Name    string
	File    string // its configuration, below the root of the work tree
	Snippet string // what belongs into it
	After   string // the command that makes the manager install its hooks; "" if none is needed
	Has     bool   // it is there already
	Marked  bool   // sealock wrote it there

	top   string
	place func(text string) (line int, block []string, err error)
}

var lefthookEntry = []string{"sealock:", "  run: sealock hook pre-push {1} {2}", "  use_stdin: true"}

var preCommitEntry = []string{"- repo: local", "  hooks:", "    - id: sealock", "      name: sealock check", "      entry: sealock hook pre-push", "      language: system", "      stages: [pre-push] # pre-commit before 3.2 calls it push",
	"      always_run: true", "      pass_filenames: false"}

// findManager looks for other managers. Hooks is the folder of hooks that Git is configured to use, "" for its own.
func findManager(top, hooks string) (*Manager, error) {
	all := []Manager{}
	if rel, err := filepath.Rel(top, hooks); hooks != "" && err == nil && (rel == ".husky" || rel == filepath.Join(".husky", "_")) {
		all = append(all, Manager{Name: "husky", File: ".husky/pre-push", Snippet: runsHook + " \"$@\"\n", place: atEnd([]string{runsHook + ` "$@"`})})
	}
	lefthook := strings.Join(append([]string{"pre-push:", "  commands:"}, indented(lefthookEntry, "    ")...), "\n") + "\n"
	for _, file := range []string{"lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", ".config/lefthook.yml", ".config/lefthook.yaml"} {
		all = append(all, Manager{Name: "lefthook", File: file, Snippet: lefthook, After: "lefthook install", place: placeLefthook})
	}
	all = append(all,
		Manager{Name: "lefthook", File: "lefthook.toml", After: "lefthook install", Snippet: "[pre-push.commands.sealock]\nrun = \"sealock hook pre-push {1} {2}\"\nuse_stdin = true\n"},
		Manager{Name: "lefthook", File: "lefthook.json", After: "lefthook install", Snippet: `{"pre-push": {"commands": {"sealock": {"run": "sealock hook pre-push {1} {2}", "use_stdin": true}}}}` + "\n"})
	for _, file := range []string{".pre-commit-config.yaml", ".pre-commit-config.yml"} {
		all = append(all, Manager{Name: "pre-commit", File: file, Snippet: strings.Join(append([]string{"repos:"}, indented(preCommitEntry, "  ")...), "\n") + "\n",
			After: "pre-commit install --hook-type pre-push", place: placePreCommit})
	}
	for _, m := range all {
		text, err := readHook(filepath.Join(top, m.File))
		if err != nil {
			return nil, err
		}
		if text != "" || m.Name == "husky" {
			m.top, m.Has, m.Marked = top, strings.Contains(text, runsHook), strings.Contains(text, markBegin)
			return &m, nil
		}
	}
	return nil, nil
}

func indented(lines []string, by string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = by + l
	}
	return out
}

// Write puts the check into the manager's file. Nothing else in it changes, comments and order included; where that can't be done safely nothing is written.
func (m *Manager) Write() error {
	if m.Has {
		return nil
	}
	file := filepath.Join(m.top, filepath.FromSlash(m.File))
	refused := func(why error) error {
		return fmt.Errorf("writing into %s: %w\nhint: add it by hand:\n%s", m.File, why, m.Snippet)
	}
	if m.place == nil {
		return refused(errors.New("only its YAML form can be changed"))
	}
	text, mode, err := m.read(file)
	if err != nil {
		return err
	}
	line, block, err := m.place(text)
	if err != nil {
		return refused(err)
	}
	newline := "\n"
	if strings.Contains(text, "\r\n") {
		newline = "\r\n"
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += newline
	}
	lines := strings.SplitAfter(text, "\n")
	if line < 0 {
		line = len(lines) - 1 // behind the last one, which is empty
	}
	by := block[0][:len(block[0])-len(strings.TrimLeft(block[0], " "))]
	ours := strings.Join(append(append([]string{by + markBegin}, block...), by+markEnd), newline) + newline
	changed := strings.Join(lines[:line], "") + ours + strings.Join(lines[line:], "")
	if m.Name != "husky" {
		if err := sameBesides(text, changed); err != nil {
			return refused(err)
		}
	}
	return replace(file, []byte(changed), mode)
}

// read gives the text of the file and its mode; of none, what a new one is to have.
func (m *Manager) read(file string) (string, fs.FileMode, error) {
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0o755, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return "", 0, fmt.Errorf("reading %s: %w", m.File, err)
	}
	data, err := readBounded(file, maxHook)
	if err != nil {
		return "", 0, fmt.Errorf("reading %s: %w", m.File, err)
	}
	return string(data), info.Mode().Perm(), nil
}

// Remove takes out what Write wrote. It reports whether there was any.
func (m *Manager) Remove() (bool, error) {
	if !m.Marked {
		return false, nil
	}
	file := filepath.Join(m.top, filepath.FromSlash(m.File))
	text, mode, err := m.read(file)
	if err != nil {
		return false, err
	}
	var kept strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case markBegin:
			inside = true
			continue
		case markEnd:
			inside = false
			continue
		}
		if !inside {
			kept.WriteString(line)
		}
	}
	if inside {
		return false, fmt.Errorf("%s: a line %q has no %q behind it\nhint: take out by hand what is sealock's", m.File, markBegin, markEnd)
	}
	if kept.Len() == 0 {
		return true, os.Remove(file)
	}
	return true, replace(file, []byte(kept.String()), mode)
}

// atEnd places lines behind all others.
func atEnd(block []string) func(string) (int, []string, error) {
	return func(string) (int, []string, error) { return -1, block, nil }
}

var errForm = errors.New("it is written in a form that can't be added to")

// mapping parses a document; nil if it is empty.
func mapping(text string) (*yaml.Node, error) {
	var doc, second yaml.Node
	d := yaml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) || !isBlock(doc.Content[0], yaml.MappingNode) {
		return nil, errForm
	}
	return doc.Content[0], nil
}

func isBlock(n *yaml.Node, kind yaml.Kind) bool {
	return n.Kind == kind && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// child finds a key of a mapping with its value.
func child(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// placeLefthook puts the command behind "commands:" or "jobs:" of pre-push, so that comments stay with what they are about.
func placeLefthook(text string) (int, []string, error) {
	root, err := mapping(text)
	if err != nil {
		return 0, nil, err
	}
	key, hook := child(root, "pre-push")
	if key == nil {
		return -1, append([]string{"pre-push:", "  commands:"}, indented(lefthookEntry, "    ")...), nil
	}
	if !isBlock(hook, yaml.MappingNode) {
		return 0, nil, errForm
	}
	if at, commands := child(hook, "commands"); at != nil {
		if !isBlock(commands, yaml.MappingNode) {
			return 0, nil, errForm
		}
		return at.Line, indented(lefthookEntry, spaces(commands.Content[0].Column)), nil
	}
	if at, jobs := child(hook, "jobs"); at != nil {
		job := []string{"- name: sealock", "  run: sealock hook pre-push {1} {2}", "  use_stdin: true"}
		return item(text, at, jobs, job)
	}
	return key.Line, append([]string{spaces(hook.Content[0].Column) + "commands:"}, indented(lefthookEntry, spaces(hook.Content[0].Column)+"  ")...), nil
}

func placePreCommit(text string) (int, []string, error) {
	root, err := mapping(text)
	if err != nil {
		return 0, nil, err
	}
	at, repos := child(root, "repos")
	if at == nil {
		return -1, append([]string{"repos:"}, indented(preCommitEntry, "  ")...), nil
	}
	return item(text, at, repos, preCommitEntry)
}

// item places an item at the begin of a list, as far to the right as the others.
func item(text string, key, list *yaml.Node, lines []string) (int, []string, error) {
	all := strings.Split(text, "\n")
	if !isBlock(list, yaml.SequenceNode) || list.Line > len(all) {
		return 0, nil, errForm
	}
	first := all[list.Line-1]
	by := first[:len(first)-len(strings.TrimLeft(first, " "))]
	if !strings.HasPrefix(first[len(by):], "- ") {
		return 0, nil, errForm
	}
	return key.Line, indented(lines, by), nil
}

func spaces(column int) string { return strings.Repeat(" ", column-1) }

// sameBesides makes sure that a changed file says what it said before, and the check besides.
func sameBesides(before, after string) error {
	var was, is any
	if err := yaml.Unmarshal([]byte(before), &was); err != nil {
		return err
	}
	if err := yaml.Unmarshal([]byte(after), &is); err != nil {
		return err
	}
	if found := 0; !reflect.DeepEqual(without(is, &found), without(was, new(int))) || found != 1 {
		return errForm
	}
	return nil
}

// without takes the check out of a value, and what holds nothing then.
func without(v any, found *int) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range x {
			if kept := without(value, found); kept != nil {
				out[name] = kept
			}
		}
		if run, _ := x["run"].(string); strings.HasPrefix(run, runsHook) || x["id"] == "sealock" {
			*found++
			return nil
		}
		if hooks, isList := x["hooks"].([]any); len(out) == 0 || x["repo"] == "local" && isList && len(hooks) > 0 && out["hooks"] == nil {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, value := range x {
			if kept := without(value, found); kept != nil {
				out = append(out, kept)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return v
}
