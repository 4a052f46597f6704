// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds on what Update downloads.
const (
	MaxListing = 1 << 20 // bytes of the listing
	MaxArchive = 8 << 30 // bytes of the archive
)

// ErrOlder says that a listing offers data older than what is already there.
var ErrOlder = errors.New("offered vulnerability data is older than the data in use")

// listing is latest.json as grype's builder writes it beside an archive.
type listing struct {
	Status        string `json:"status"`
	SchemaVersion string `json:"schemaVersion"`
	Built         string `json:"built"`
	Path          string `json:"path"`     // of the archive, relative to the listing
	Checksum      string `json:"checksum"` // sha256:… of the archive
}

// Update reads the listing at listingURL, downloads the archive it names if that is newer than the data in dir, checks its sha256 and imports
// it. Data already up to date is no error. Only https is used, or http to this machine. The context bounds all of it; client is used for the
// transport.
func Update(ctx context.Context, client *http.Client, listingURL, dir string) error {
	u, err := url.Parse(listingURL)
	if err != nil {
		return errors.New("updating vulnerability data: the URL of the listing can't be parsed")
	}
	d := &download{client: onlySecure(client)}
	if err := d.update(ctx, u, dir); err != nil {
		return fmt.Errorf("updating vulnerability data from %s: %w", clean(u), err)
	}
	return nil
}

type download struct{ client *http.Client }

func (d *download) update(ctx context.Context, u *url.URL, dir string) error {
	l, err := d.listing(ctx, u)
	if err != nil {
		return err
	}
	current, err := ReadStatus(dir)
	switch {
	case errors.Is(err, ErrNoData) || errors.Is(err, ErrInvalid): // anything is better
	case err != nil:
		return err
	case current.Archive == l.Checksum:
		return nil
	case l.Built <= current.Built:
		return fmt.Errorf("%w: offered %s, in use %s", ErrOlder, l.Built, current.Built)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	at, err := u.Parse(l.Path)
	if err != nil {
		return fmt.Errorf("the listing names the archive %.200q: %w", l.Path, err)
	}
	file, err := d.archive(ctx, at, l.Checksum, dir)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	return importData(ctx, file, dir, clean(at), func(got Status) error {
		if got.Built != l.Built {
			return fmt.Errorf("%w: the listing says it was built at %s, the data itself %s", ErrInvalid, l.Built, got.Built)
		}
		return nil
	})
}

func (d *download) listing(ctx context.Context, u *url.URL) (listing, error) {
	body, err := d.get(ctx, u)
	if err != nil {
		return listing{}, err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, MaxListing+1))
	if err != nil {
		return listing{}, err
	}
	if len(b) > MaxListing {
		return listing{}, fmt.Errorf("the listing has more than %d bytes", MaxListing)
	}
	var l listing
	if err := attest.DecodeJSON(b, &l); err != nil {
		return listing{}, fmt.Errorf("the listing is not sound JSON: %w", err)
	}
	if sum, err := attest.ParseDigest(l.Checksum); err != nil || sum.Algorithm != "sha256" {
		return listing{}, fmt.Errorf("the listing has the checksum %.100q, expected sha256:…", l.Checksum)
	}
	built, err := time.Parse(time.RFC3339, l.Built)
	if err != nil {
		return listing{}, fmt.Errorf("the listing has the build time %.100q, expected RFC 3339", l.Built)
	}
	l.Built = built.UTC().Format(time.RFC3339)
	if l.Path == "" || !strings.HasPrefix(strings.TrimPrefix(l.SchemaVersion, "v"), fmt.Sprintf("%d.", v6.ModelVersion)) {
		return listing{}, fmt.Errorf("the listing offers schema %.40q at %.200q, expected schema %d.x", l.SchemaVersion, l.Path, v6.ModelVersion)
	}
	return l, nil
}

// archive downloads to a file in dir and gives its name.
func (d *download) archive(ctx context.Context, u *url.URL, checksum, dir string) (name string, err error) {
	body, err := d.get(ctx, u)
	if err != nil {
		return "", err
	}
	defer body.Close()
	f, err := os.CreateTemp(dir, "tmp-download-*-"+baseName(u))
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(body, MaxArchive+1))
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", clean(u), err)
	}
	if n > MaxArchive {
		return "", fmt.Errorf("downloading %s: more than %d bytes", clean(u), int64(MaxArchive))
	}
	if got := "sha256:" + hex.EncodeToString(h.Sum(nil)); got != checksum {
		return "", fmt.Errorf("%w: %s: expected %s, found %s", ErrInvalid, clean(u), checksum, got)
	}
	return f.Name(), nil
}

func (d *download) get(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	if !secure(u) {
		return nil, fmt.Errorf("%s is not https", clean(u))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) { // it would repeat the URL with what is in it
			err = wrapped.Err
		}
		return nil, fmt.Errorf("getting %s: %w", clean(u), err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("getting %s: %s", clean(u), resp.Status), resp.Body.Close())
	}
	return resp.Body, nil
}

// onlySecure is the client with redirects to plain http refused.
func onlySecure(c *http.Client) *http.Client {
	out := *c
	out.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("more than 10 redirects")
		}
		if !secure(req.URL) {
			return fmt.Errorf("redirected to %s, which is not https", clean(req.URL))
		}
		return nil
	}
	return &out
}

func secure(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// clean is the URL without login data, query and fragment, for messages and evidence.
func clean(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.Fragment = nil, "", ""
	return c.String()
}

// baseName is the last part of the URL's path, for the archive's format shows in it.
func baseName(u *url.URL) string {
	name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if len(name) > 100 {
		name = name[len(name)-100:]
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}
