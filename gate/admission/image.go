// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/gate"
)

// maxImage is the length of an image reference, in bytes.
const maxImage = 1024

// Image is one image that an object names.
type Image struct {
	Place      string // in the object, for people: spec.containers[0] (web)
	Text       string // as it was written
	Repository string // HOST/PATH in its one spelling, as a container runtime completes it
	Tag        string // beside a digest it says nothing
	Digest     attest.Digest
	Logins     []*registry.Credentials // of the pod that names it, to be tried in turn before the webhook's own

	from pull
}

// Ref is how the command line takes the image.
func (i Image) Ref() string { return i.Repository + "@" + i.Digest.String() }

// parse reads the reference as container runtimes do. What is wrong with it is a reason to refuse.
func (i *Image) parse() *gate.Reason {
	bad := func(message string) *gate.Reason {
		return &gate.Reason{Code: CodeImage, Message: message, Expected: "HOST/REPOSITORY@sha256:…", Found: clean(i.Text, 200)}
	}
	switch {
	case strings.TrimSpace(i.Text) == "":
		return bad("no image is named")
	case len(i.Text) > maxImage:
		return bad(fmt.Sprintf("the image reference has %d bytes, limit %d", len(i.Text), maxImage))
	}
	name, digest, pinned := strings.Cut(i.Text, "@")
	host, path, tag, tagged, err := registry.ParseImageName(name)
	i.Tag = tag
	if tagged && tag == "" {
		return bad("the image's tag is empty")
	}
	if err != nil {
		return bad("the image reference can't be read: " + err.Error())
	}
	i.Repository = host + "/" + path
	if !pinned {
		return nil
	}
	d, err := attest.ParseDigest(digest)
	if err != nil || d.Algorithm != "sha256" {
		return bad("what follows the @ is no sha256 digest")
	}
	i.Digest = d
	return nil
}

// ParseImage reads a reference as container runtimes do. The digest is the zero one where only a tag is named.
func ParseImage(text string) (Image, error) {
	i := Image{Text: text}
	if r := i.parse(); r != nil {
		return Image{}, errors.New(long(*r))
	}
	return i, nil
}
