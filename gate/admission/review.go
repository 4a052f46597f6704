// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sealock-dev/sealock/attest"
)

// The form of reviews (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/, admission.k8s.io/v1). Only
// what is read or written is here.
const (
	reviewVersion = "admission.k8s.io/v1"
	reviewKind    = "AdmissionReview"
)

// Bounds on a review.
const (
	MaxReview = 7 << 20 // bytes of one review: an API server takes objects of up to 3 MiB, and an update carries two
	maxUID    = 128     // bytes of its uid
)

// Review is what the API server sends, and what it gets back.
type Review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *Request  `json:"request,omitempty"`
	Response   *Response `json:"response,omitempty"`
}

// Request is the question about one object.
type Request struct {
	UID         string         `json:"uid"`
	Kind        GroupKind      `json:"kind"`
	SubResource string         `json:"subResource"`
	Name        string         `json:"name"`
	Namespace   string         `json:"namespace"`
	Operation   string         `json:"operation"`
	UserInfo    UserInfo       `json:"userInfo"`
	Object      jsontext.Value `json:"object"`
	OldObject   jsontext.Value `json:"oldObject"`
	DryRun      bool           `json:"dryRun"`

	release func() // its bytes are no longer needed
	shape   *shape // Object, if it was read with the review
}

// drop lets go of the objects once they have been looked at: what is waited for is a few names.
func (q *Request) drop() {
	q.Object, q.OldObject, q.shape = nil, nil, nil
	q.release()
}

// GroupKind names the type of an object.
type GroupKind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

func (k GroupKind) String() string {
	if k.Group == "" {
		return k.Kind
	}
	return k.Kind + "." + k.Group
}

// UserInfo is who asks, as the API server authenticated them.
type UserInfo struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// Response is the answer.
type Response struct {
	UID              string            `json:"uid"`
	Allowed          bool              `json:"allowed"`
	Status           *Status           `json:"status,omitempty"`
	Warnings         []string          `json:"warnings,omitempty"`
	AuditAnnotations map[string]string `json:"auditAnnotations,omitempty"`
}

// Status is why something was refused; people see the message.
type Status struct {
	Code    int      `json:"code"`
	Reason  string   `json:"reason"`
	Message string   `json:"message"`
	Details *Details `json:"details,omitempty"`
}

// Details tell a client when to come back.
type Details struct {
	RetryAfterSeconds int `json:"retryAfterSeconds,omitempty"`
}

// encode writes an answer. One that only allows, as nearly all do, is written without looking up how.
func (r *Response) encode() ([]byte, error) {
	if r.Status == nil && len(r.Warnings) == 0 {
		if b, err := r.appendTo(make([]byte, 0, 768)); err == nil {
			return b, nil
		}
	}
	return attest.EncodeJSON(Review{APIVersion: reviewVersion, Kind: reviewKind, Response: r})
}

// appendTo writes an answer without status and warnings.
func (r *Response) appendTo(b []byte) ([]byte, error) {
	b = append(b, `{"apiVersion":"`+reviewVersion+`","kind":"`+reviewKind+`","response":{"uid":`...)
	b, err := jsontext.AppendQuote(b, r.UID)
	b = append(strconv.AppendBool(append(b, `,"allowed":`...), r.Allowed), `,"auditAnnotations":{`...)
	names := make([]string, 0, 8)
	for name := range r.AuditAnnotations {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		var nameErr, valueErr error
		b, nameErr = jsontext.AppendQuote(b, name)
		b, valueErr = jsontext.AppendQuote(append(b, ':'), r.AuditAnnotations[name])
		err = errors.Join(err, nameErr, valueErr)
	}
	return append(b, "}}}"...), err
}

// Operations of the API server.
const (
	opCreate  = "CREATE"
	opUpdate  = "UPDATE"
	opDelete  = "DELETE"
	opConnect = "CONNECT"
)

// decodeReview reads a review. One without a uid, a kind or an object to judge can't be answered, and is an error.
func decodeReview(raw []byte) (*Request, error) {
	r, ok := decodeShaped(raw)
	if !ok {
		if err := attest.DecodeJSON(raw, &r); err != nil {
			return nil, fmt.Errorf("reading the review: %w", err)
		}
	}
	switch {
	case r.APIVersion != reviewVersion || r.Kind != reviewKind:
		return nil, fmt.Errorf("reading the review: expected %s %s, found %.60q %.60q", reviewVersion, reviewKind, r.APIVersion, r.Kind)
	case r.Request == nil:
		return nil, errors.New("reading the review: it holds no request")
	case r.Request.UID == "" || len(r.Request.UID) > maxUID:
		return nil, fmt.Errorf("reading the review: expected a uid of 1 to %d bytes, found %d", maxUID, len(r.Request.UID))
	}
	return r.Request, nil
}

// decodeShaped reads a review and the object in it in one pass. An object of another shape than the built-in kinds have is read later, if it is asked for.
func decodeShaped(raw []byte) (Review, bool) {
	var w struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Request    *struct {
			Request
			Object shapedObject `json:"object"`
		} `json:"request"`
	}
	if attest.DecodeJSON(raw, &w) != nil || w.Request == nil {
		return Review{}, false
	}
	q, o := &w.Request.Request, &w.Request.Object
	if q.Object = jsontext.Value(bytes.TrimLeft(raw[o.from:o.to], ": \t\r\n")); isObject(q.Object) {
		q.shape = &o.shape
	}
	return Review{APIVersion: w.APIVersion, Kind: w.Kind, Request: q}, true
}

// shapedObject is an object, and where it stands in the review.
type shapedObject struct {
	shape    shape
	from, to int64
}

// UnmarshalJSONFrom reads an object where it stands. What is none is left for the check.
func (o *shapedObject) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	o.from = d.InputOffset()
	var err error
	if d.PeekKind() == '{' {
		err = json.UnmarshalDecode(d, &o.shape)
	} else {
		err = d.SkipValue()
	}
	o.to = d.InputOffset()
	return err
}

// check says what else is wrong with a request that can be answered.
func (q *Request) check() error {
	switch {
	case q.Kind.Kind == "":
		return errors.New("the review names no kind")
	case q.Operation != opCreate && q.Operation != opUpdate:
		return fmt.Errorf("the review is about operation %.30q, expected CREATE, UPDATE, DELETE or CONNECT", q.Operation)
	case !isObject(q.Object):
		return errors.New("the review holds no object")
	case q.Operation == opUpdate && !isObject(q.OldObject):
		return errors.New("the review is about an update and does not say of what: it holds no oldObject")
	}
	return nil
}

func isObject(v jsontext.Value) bool { return len(v) > 0 && v.Kind() == '{' }

// forbidden is the status of a refusal, unavailable that of an open question, busy that of an overload.
func forbidden(message string) *Status {
	return &Status{Code: http.StatusForbidden, Reason: "Forbidden", Message: message}
}

func unavailable(message string) *Status {
	return &Status{Code: http.StatusServiceUnavailable, Reason: "ServiceUnavailable", Message: message}
}

func busy(message string) *Status {
	return &Status{Code: http.StatusTooManyRequests, Reason: "TooManyRequests", Message: message, Details: &Details{RetryAfterSeconds: 1}}
}

// clean makes foreign text fit for a message: printable, in one line, and bounded.
func clean(s string, limit int) string {
	plain := len(s) <= limit
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		return s
	}
	return bounded(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s), limit)
}

func bounded(s string, limit int) string {
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
