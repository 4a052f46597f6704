// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// Row is one line of the table: a case, sealock's figures, a peer's if it has one, and what was aimed at.
type Row struct {
	Case     string
	Peer     string // "" where sealock is measured alone
	Pair     Pair
	Requests *[2]stack.Counts // of sealock and the peer, where a registry is asked
	Target   float64          // the ratio to keep to; 0: none
	Note     string           // for rows that could not be measured: why
}

var header = []string{"case", "peer", "sealock ms", "peer ms", "ratio", "at most", "CPU-s", "peer", "MB", "peer", "requests", "peer", "kB", "peer"}

// writeTable prints all rows as one Markdown table, if there are any.
func writeTable(w io.Writer, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|---|---|%s\n", strings.Join(header, " | "), strings.Repeat("---:|", len(header)-2))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Row) cells() []string {
	if r.Note != "" {
		return append([]string{r.Case, "skipped: " + r.Note}, make([]string, len(header)-2)...)
	}
	c := []string{r.Case, r.Peer, ms(r.Pair.A.Wall), "", "", "", seconds(r.Pair.A.CPU), "", mb(r.Pair.A.RSS), "", "", "", "", ""}
	if r.Peer != "" {
		c[3], c[4], c[7], c[9] = ms(r.Pair.B.Wall), fmt.Sprintf("%.2f", r.Pair.Ratio), seconds(r.Pair.B.CPU), mb(r.Pair.B.RSS)
		if r.Target > 0 {
			c[5] = fmt.Sprintf("%.2f", r.Target)
			if r.Pair.Ratio > r.Target {
				c[5] += " missed"
			}
		}
	}
	if r.Requests != nil {
		c[10], c[12] = requests(r.Requests[0]), kb(r.Requests[0].Bytes)
		if r.Peer != "" {
			c[11], c[13] = requests(r.Requests[1]), kb(r.Requests[1].Bytes)
		}
	}
	return c
}

func requests(c stack.Counts) string {
	s := fmt.Sprint(c.Requests)
	if c.Pings > 0 {
		s += fmt.Sprintf(" + %d ping", c.Pings)
	}
	if n := len(c.Twice); n > 0 {
		s += fmt.Sprintf(" (%d twice)", n)
	}
	return s
}

func ms(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprint(d.Round(time.Millisecond).Milliseconds())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }
func mb(n int64) string              { return fmt.Sprintf("%.0f", float64(n)/1e6) }
func kb(n int64) string              { return fmt.Sprintf("%.0f", float64(n)/1e3) }
