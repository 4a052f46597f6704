// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// CommandError says that the stage's own command did not succeed.
type CommandError struct {
	Stage    string
	Command  []string
	ExitCode int
	Cause    error
}

func (e *CommandError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("stage %q: running %s: %v", e.Stage, strings.Join(e.Command, " "), e.Cause)
	}
	return fmt.Sprintf("stage %q: %s exited with %d, so nothing was stored", e.Stage, strings.Join(e.Command, " "), e.ExitCode)
}

func (e *CommandError) Unwrap() error { return e.Cause }

// InputChanged says that an input of a stage changed while the stage ran.
const InputChanged subject.Code = "INPUT_CHANGED"

// IncompleteError says that a stage's work was done, but not everything could be found out about it; so nothing was stored.
type IncompleteError struct {
	Stage string
	Cause error
}

func (e *IncompleteError) Error() string { return fmt.Sprintf("stage %q: %v", e.Stage, e.Cause) }

// Unwrap gives the cause.
func (e *IncompleteError) Unwrap() error { return e.Cause }

// RefusedError says that the gate refused before the stage did anything.
type RefusedError struct{ Decision gate.Decision }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("stage %q is not sound, so the next one does not start", e.Decision.Stage)
}
