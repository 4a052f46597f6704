// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// maxName is the length of an image's name, or of what a runtime reports, in bytes.
const maxName = 1024

const registryPrefix = "oci://"

// The kinds of container whose image can drift.
const (
	KindContainer = "container"
	KindInit      = "init"
	KindEphemeral = "ephemeral"
	KindVolume    = "volume"
)

// KindObject is the kind of what is no container but an object, held against a manifest.
const KindObject = "object"

// Running is one image that runs, in one container of one workload. Replicas that agree in all of it are one. An object has no container and no image.
type Running struct {
	Environment string `json:"environment"`
	Namespace   string `json:"namespace,omitempty"`
	Workload    string `json:"workload,omitempty"` // Kind/name of the outermost owner
	Kind        string `json:"kind,omitempty"`
	Container   string `json:"container,omitempty"`
	Image       string `json:"image,omitempty"`   // as the spec names it
	ImageID     string `json:"imageID,omitempty"` // as the runtime reports it
}

// Place says where it runs, for people.
func (r Running) Place() string {
	out := r.Workload
	if r.Namespace != "" {
		out = r.Namespace + "/" + out
	}
	if r.Container != "" {
		out += " (" + strings.TrimPrefix(r.Kind+" ", KindContainer+" ") + r.Container + ")"
	}
	return out
}

// compare orders what runs by where it runs.
func (r Running) compare(o Running) int {
	return cmp.Or(cmp.Compare(r.Environment, o.Environment), cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Workload, o.Workload),
		cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.Container, o.Container), cmp.Compare(r.Image, o.Image), cmp.Compare(r.ImageID, o.ImageID))
}

// name is an image as written: where it lies, and what it is pinned to.
type name struct {
	ref    string // as the command line takes it, without digest: oci://HOST/REPOSITORY, or oci-layout:DIR
	digest attest.Digest
}

func (n name) at(d attest.Digest) string { return n.ref + "@" + d.String() }

// parseName reads an image's name as container runtimes do: without a host it is docker.io's, and a tag beside a digest says nothing.
func parseName(s string) (name, error) {
	switch {
	case strings.TrimSpace(s) == "":
		return name{}, errors.New("no image is named")
	case len(s) > maxName:
		return name{}, fmt.Errorf("the image's name has %d bytes, limit %d", len(s), maxName)
	}
	rest, digest, pinned := strings.Cut(s, "@")
	var n name
	if pinned {
		d, err := attest.ParseDigest(digest)
		if err != nil || d.Algorithm != "sha256" {
			return name{}, fmt.Errorf("image %.200q: expected @sha256: and 64 hex digits", s)
		}
		n.digest = d
	}
	if strings.HasPrefix(rest, "oci-layout:") || strings.HasPrefix(rest, "docker-archive:") {
		n.ref = rest
		return n, nil
	}
	rest = strings.TrimPrefix(rest, registryPrefix)
	host, path, _, _, err := registry.ParseImageName(rest)
	if err != nil {
		return name{}, fmt.Errorf("image %.200q: %w", s, err)
	}
	n.ref = registryPrefix + host + "/" + path
	return n, nil
}

// parseID reads what a runtime reports to run: HOST/REPOSITORY@sha256:…, with the runtime's name before it or not. Without a repository it is the id of an
// image on the node, which is the digest of no manifest, and no digest is given.
func parseID(s string) (name, error) {
	if len(s) > maxName {
		return name{}, fmt.Errorf("the runtime reports an image id of %d bytes, limit %d", len(s), maxName)
	}
	if _, rest, found := strings.Cut(s, "://"); found && !strings.HasPrefix(s, registryPrefix) {
		s = rest
	}
	if !strings.Contains(s, "@") {
		return name{}, nil
	}
	return parseName(s)
}
