// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/scanners"
)

// Use is one uses: of a GitHub workflow or action: of a step, or of a job that calls a workflow.
type Use struct {
	Position
	Resource string
	Value    string // as it is written
	Comment  string // what stands behind it on its line, without the #
}

// Uses finds every uses: in a tree, in the order of files and lines. What can't be read is left out here; Scan reports it.
func Uses(ctx context.Context, files scanners.Files, opt Options) ([]Use, error) {
	t, err := walk(ctx, files, opt.Include, maxHeld, nil)
	if err != nil {
		return nil, fmt.Errorf("looking for actions: %w", err)
	}
	var out []Use
	for n := range t.candidates {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := t.take(n)
		if err != nil {
			return nil, fmt.Errorf("looking for actions: %w", err)
		}
		if !mayUse(c) {
			continue
		}
		items, _, err := parseGitHub(c.file, defaultLimits())
		if err != nil {
			return nil, fmt.Errorf("looking for actions: %w", err)
		}
		lines := bytes.Split(c.file.data, []byte("\n"))
		for n := range items {
			out = append(out, usesOf(&items[n], lines)...)
		}
	}
	return out, nil
}

// mayUse reports whether a file is a workflow or an action.
func mayUse(c candidate) bool {
	switch c.class { //nolint:exhaustive // no other file is one
	case githubFile:
		return true
	case dataFile:
		if !bytes.Contains(c.file.data, []byte("uses")) {
			return false
		}
		docs, _ := parseYAML(c.file)
		return byContent(c.file.path, docs) == githubFile
	}
	return false
}

func usesOf(item *Item, lines [][]byte) []Use {
	var out []Use
	add := func(at any, spec map[string]any) {
		value, ok := spec["uses"].(string)
		place, there := at.([]any)
		if !ok || !there {
			return
		}
		u := Use{Position: item.Locate(append(place[:len(place):len(place)], "uses")), Resource: item.Resource, Value: value}
		if u.Line > 0 && u.Line <= len(lines) {
			u.Comment = behind(string(lines[u.Line-1]), value)
		}
		out = append(out, u)
	}
	jobs, _ := item.Doc["jobs"].([]any)
	for _, j := range jobs {
		job := mapping(j)
		add(job["path"], mapping(job["spec"]))
		steps, _ := job["steps"].([]any)
		for _, s := range steps {
			step := mapping(s)
			add(step["path"], mapping(step["spec"]))
		}
	}
	return out
}

var commentStart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^["']?[ \t]+#[# \t]*(.*?)\s*$`) })

// behind is the comment that follows a value on its line.
func behind(line, value string) string {
	_, rest, found := strings.Cut(line, value)
	if !found {
		return ""
	}
	if m := commentStart().FindStringSubmatch(rest); m != nil {
		return m[1]
	}
	return ""
}
