// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of thing is wrong with a subject. Codes are stable.
type Code string

// The codes of this package.
const (
	NotFound          Code = "NOT_FOUND"
	DirtyTree         Code = "DIRTY_TREE"
	AmbiguousRef      Code = "AMBIGUOUS_REFERENCE"
	AmbiguousManifest Code = "AMBIGUOUS_MANIFEST"
	DigestMismatch    Code = "DIGEST_MISMATCH"
	Changed           Code = "CHANGED"
	TagMoved          Code = "TAG_MOVED"
	Limit             Code = "LIMIT"
	Unsupported       Code = "UNSUPPORTED"
	Malformed         Code = "MALFORMED"
	Empty             Code = "EMPTY_SUBJECT"
	NoGit             Code = "NO_GIT"
	UnsafeRepository  Code = "UNSAFE_REPOSITORY"
)

// Error says why a subject could not be resolved or read, and what to do.
type Error struct {
	Code   Code
	Ref    string   // the reference as written
	Detail string   // what is wrong, expected against found
	Hint   string   // what to do
	Paths  []string // DirtyTree: some of the paths that differ
	Cause  error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Ref != "" {
		fmt.Fprintf(&b, "subject %.200s: ", e.Ref)
	}
	b.WriteString(e.Detail)
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf is the code of an Error in err's chain, or "".
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func fail(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) because(err error) *Error {
	e.Cause = err
	return e
}

// about fills in the reference that an error is about.
func about(ref Ref, err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) && e.Ref != "" {
		return err
	}
	if e != nil && errors.Is(err, e) {
		e.Ref = ref.String()
		return err
	}
	return fmt.Errorf("subject %s: %w", ref, err)
}

// some lists the first few of many.
func some(paths []string) string {
	if len(paths) <= maxNoted {
		return strings.Join(paths, ", ")
	}
	return strings.Join(paths[:maxNoted], ", ") + fmt.Sprintf(" and %d more", len(paths)-maxNoted)
}
