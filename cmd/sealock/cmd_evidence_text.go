// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate/report"
)

func (a *app) printListings(all []listing) error {
	return a.eachOutput(func(w io.Writer, format string) error {
		for _, l := range all {
			if format == "json" {
				b, err := attest.EncodeJSON(l)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
					return err
				}
				continue
			}
			if err := writeListing(w, l, a.verbose); err != nil {
				return err
			}
		}
		return nil
	})
}

var longHex = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9a-f]{20,}`) })

// place is where an entry lies, with digests cut short unless all is to be said.
func (e entry) place(verbose bool) string {
	if verbose {
		return e.Place
	}
	return longHex().ReplaceAllStringFunc(e.Place, func(hex string) string { return hex[:12] + "…" })
}

// writeListing writes one table of what is evidence, or may be, and one of what is not.
func writeListing(w io.Writer, l listing, verbose bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(report.Clean(c), "\t", " ")
		}
		fmt.Fprintln(t, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	row(fmt.Sprintf("%s in %s: %s", l.Subject, l.Store, entriesText(len(l.Entries))))
	if slices.ContainsFunc(l.Entries, func(e entry) bool { return e.Status != entryRejected }) {
		row("STATEMENT", "WHAT", "ABOUT", "SIGNED BY", "TIME", "PLACE")
	}
	rejected := 0
	for _, e := range l.Entries {
		if e.Status == entryRejected {
			rejected++
			continue
		}
		who := e.Signer
		if e.Status == entryUnverified {
			who = "not verified: " + who
		}
		row(shortID(e.Statement), what(e.What, e.Detail, e.PredicateType), e.about(), who, e.when(), e.place(verbose))
	}
	if rejected > 0 {
		row("")
		row("NO EVIDENCE", "WHAT IT SAYS IT IS", "ABOUT", "WHY NOT", "PLACE")
	}
	for _, e := range l.Entries {
		if e.Status == entryRejected {
			row(shortID(e.Statement), what(e.What, e.Detail, e.PredicateType), e.about(), e.Code+": "+e.Why, e.place(verbose))
		}
	}
	return t.Flush()
}

func entriesText(n int) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func shortID(s string) string {
	d, err := attest.ParseDigest(s)
	if err != nil {
		return "-"
	}
	return d.Short()
}

// about is the artifact under which an entry was found.
func (e entry) about() string {
	if e.About == "" {
		return shortID(e.Subject)
	}
	return e.About
}

// when is the time of an entry and who vouches for it.
func (e entry) when() string {
	if e.Time == nil {
		return "-"
	}
	t, err := time.Parse(time.RFC3339, e.Time.Value)
	if err != nil {
		return "-"
	}
	return predicate.Time(t) + " (" + e.Time.Source + ")"
}
