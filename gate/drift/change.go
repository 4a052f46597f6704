// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// ChangeSchema names the form of a change in JSON.
const ChangeSchema = "sealock/drift-change/v1"

// Gone is the status of what runs no more, or ran not yet.
const Gone Status = "gone"

// Change is one image whose status is another than before.
type Change struct {
	Schema string `json:"schema"`
	At     string `json:"at"`
	Was    Status `json:"was"`
	Is     Status `json:"is"`
	Result Result `json:"result"` // as it is now, or as it was if it is gone
}

// Changes are what is different since an earlier report, in order. What is verified from the start, and what was in order until it ended, is no news.
func Changes(before, now Report) []Change {
	was := map[Running]Result{}
	for _, x := range before.Results {
		was[x.Running] = x
	}
	var out []Change
	add := func(old Status, is Status, x Result) {
		out = append(out, Change{ChangeSchema, now.At, old, is, x})
	}
	for _, x := range now.Results {
		old, known := was[x.Running]
		delete(was, x.Running)
		switch {
		case !known && x.Status != Verified:
			add(Gone, x.Status, x)
		case known && (old.Status != x.Status || !slices.Equal(old.Causes, x.Causes) || !slices.Equal(codes(old), codes(x)) || x.Kind == KindObject && !slices.EqualFunc(old.Reasons, x.Reasons, sameFault)):
			add(old.Status, x.Status, x)
		}
	}
	for _, x := range before.Results {
		if _, gone := was[x.Running]; gone && x.Status != Verified {
			add(x.Status, Gone, x)
		}
	}
	return out
}

// sameFault reports whether two reasons say the same of one field of an object.
func sameFault(a, b gate.Reason) bool {
	return a.Code == b.Code && a.Message == b.Message && a.Found == b.Found
}

// codes are those of the reasons, each once, sorted.
func codes(x Result) []string {
	var out []string
	for _, r := range x.Reasons {
		out = append(out, r.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WriteChanges writes a line for each change, as text or json.
func WriteChanges(w io.Writer, format string, changes []Change) error {
	for _, c := range changes {
		if format == "json" {
			if err := writeJSON(w, c); err != nil {
				return err
			}
			continue
		}
		why := strings.Join(codes(c.Result), ", ")
		if c.Result.Kind == KindObject && len(c.Result.Reasons) > 0 {
			why += ": " + c.Result.Reasons[0].Message
		}
		if len(c.Result.Causes) > 0 {
			why = join(c.Result.Causes) + ": " + why
		}
		if c.Is == Verified || c.Is == Gone {
			why = ""
		}
		x := c.Result
		line := fmt.Sprintf("%s  %s -> %s  %s  %s  %s  %s", c.At, c.Was, c.Is, orDash(x.Environment), orDash(x.Place()), cmp.Or(strings.TrimPrefix(x.Ref, registryPrefix), x.Image), why)
		if _, err := fmt.Fprintln(w, strings.TrimRight(report.Clean(line), " ")); err != nil {
			return err
		}
	}
	return nil
}
