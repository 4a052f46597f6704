// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/report"
)

// renderValue writes what is no decision: as text, line by line, or as one line of JSON.
func (o *options) renderValue(v any, text func(line func(format string, args ...any))) error {
	return o.eachOutput(func(w io.Writer, format string) error {
		switch format {
		case "text":
			var b strings.Builder
			text(func(format string, args ...any) { b.WriteString(report.Clean(fmt.Sprintf(format, args...)) + "\n") })
			_, err := io.WriteString(w, b.String())
			return err
		case "json":
			b, err := attest.EncodeJSON(v)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%s\n", b)
			return err
		}
		return usagef("output format %q: this command writes text or json", format)
	})
}

// plural counts things in words.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
