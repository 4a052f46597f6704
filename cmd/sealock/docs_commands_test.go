// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commandForms are the commands of a document: in code spans, and in lines of indented or fenced blocks that begin with one.
var commandForms = regexp.MustCompile("(?m)`(sealock [a-z][^`]*)`|^(?:    |[$>] +|  +)(sealock [a-z].*)$")

// Every command that is written down anywhere by hand is one that there is, with flags that it has. What the guides' examples do when they run is TestGuides'.
func TestDocumentedCommands(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.md", "docs/*.md", "gate/admission/deploy/*.md", "testdata/shop/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "\\\n", " ")
		if strings.HasPrefix(text, generated) {
			continue
		}
		for _, m := range commandForms.FindAllStringSubmatch(text, -1) {
			n++
			if problem := unusable(strings.Join(strings.Fields(m[1]+m[2]), " ")); problem != "" {
				t.Errorf("%s: %s: %s", filepath.Base(file), m[0], problem)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d commands were found", n)
	}
}

// unusable says why a command can't be given as it is written, or "".
func unusable(line string) string {
	for _, end := range []string{" # ", " | ", "; ", " && ", " > ", " 2>"} {
		line, _, _ = strings.Cut(line, end)
	}
	words := strings.Fields(line)[1:]
	root := newRoot(&host{})
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err.Error()
	}
	if cmd == root || (cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-")) {
		return "there is no such command"
	}
	quoted := false
	for _, w := range rest {
		if !quoted && strings.HasPrefix(w, "-") && w != "-" && w != "--" && !takes(cmd, w) {
			return "no flag " + w
		}
		quoted = quoted != (strings.Count(w, `"`)%2 == 1)
	}
	return ""
}

func takes(cmd *cobra.Command, word string) bool {
	name, _, _ := strings.Cut(strings.TrimRight(strings.TrimLeft(word, "-"), ".,:"), "=")
	if name == "help" || name == "h" {
		return true
	}
	if strings.HasPrefix(word, "--") {
		return cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
	}
	return cmd.Flags().ShorthandLookup(name[:1]) != nil || cmd.InheritedFlags().ShorthandLookup(name[:1]) != nil
}
