// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// MaxList is the size of a list of images, in bytes.
const MaxList = 64 << 20

// ParseList reads what runs from a list: JSON, an array of objects as they stand in a report (environment, image, imageID, workload, …), or lines
//
//	ENV IMAGE@DIGEST [WORKLOAD]
//
// with empty lines and # comments between them. A line without a digest and a list of nothing are errors.
//
// An entry of JSON without an environment is of the given one.
func ParseList(data []byte, environment string) ([]Running, error) {
	if len(data) > MaxList {
		return nil, fmt.Errorf("%d bytes, limit %d", len(data), MaxList)
	}
	var out []Running
	var err error
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && (trimmed[0] == '[' || trimmed[0] == '{') {
		out, err = parseJSON(data, environment)
	} else {
		out, err = parseLines(string(data))
	}
	switch {
	case err != nil:
		return nil, err
	case len(out) == 0:
		return nil, errors.New("it lists no image\nhint: write lines 'ENV IMAGE@sha256:… [WORKLOAD]'")
	case len(out) > MaxImages:
		return nil, fmt.Errorf("%d images, limit %d", len(out), MaxImages)
	}
	return out, nil
}

func parseJSON(data []byte, environment string) ([]Running, error) {
	var out []Running
	if err := attest.DecodeJSON(data, &out); err != nil {
		return nil, err
	}
	for i := range out {
		r := &out[i]
		if r.ImageID == "" {
			r.ImageID = r.Image
		}
		if r.Image == "" {
			r.Image = r.ImageID
		}
		if r.Environment == "" {
			r.Environment = environment
		}
		if r.Environment == "" || r.Image == "" {
			return nil, fmt.Errorf("entry %d: expected environment, and image or imageID", i)
		}
	}
	return out, nil
}

func parseLines(text string) ([]Running, error) {
	var out []Running
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 2 || len(f) > 3 {
			return nil, fmt.Errorf("line %d: expected ENV IMAGE@sha256:… [WORKLOAD], found %d words", n, len(f))
		}
		named, err := parseName(f[1])
		if err == nil && named.digest.IsZero() {
			err = fmt.Errorf("image %.200q: expected @sha256:… behind it: a tag does not say what runs", f[1])
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		r := Running{Environment: f[0], Image: f[1], ImageID: f[1]}
		if len(f) == 3 {
			r.Workload = f[2]
		}
		out = append(out, r)
	}
	return out, nil
}
