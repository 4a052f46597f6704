// SPDX-License-Identifier: Apache-2.0

package html

import (
	"fmt"

	"github.com/sealock-dev/sealock/gate/report/inert"
)

// maxText bounds one text from outside, in characters. A browser takes time that grows with the square of a word's length to lay out a table; one name of
// 5,000 letters in each of a few tables hung a tab for a minute.
const maxText = 600

// plain makes a text from outside fit for the page: nothing in it hides, and it is not longer than a browser can bear. How long it was is said.
func plain(s string) string {
	s = inert.Text(s)
	if len(s) <= maxText {
		return s
	}
	runes := []rune(s)
	if len(runes) <= maxText {
		return s
	}
	return fmt.Sprintf("%s… (%d characters)", string(runes[:maxText]), len(runes))
}
