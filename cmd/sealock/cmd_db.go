// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sealock-dev/sealock/scanners/vulns"
)

// defaultListing is where grype's own client looks (grype/db/v6/distribution, DefaultConfig and latestURL).
const defaultListing = "https://grype.anchore.io/databases/v6/latest.json"

// updateTimeout bounds an update for which no --timeout is given.
const updateTimeout = 10 * time.Minute

// connectTimeout bounds each step to the first answer where data is downloaded without being asked for: without a network a scan must say
// so within two seconds.
const connectTimeout = 1500 * time.Millisecond

func dbCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "db", Short: "Look after the vulnerability data", Args: cobra.NoArgs,
		Long: `Look after the data that vulnerability scans use. "db update" downloads newer data. By itself a scan downloads it only where there is none at
all, none is named (--db, SEALOCK_DB, db: in sealock.yaml), and --offline is not given.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected status, update, import or path")
		}}
	cmd.AddCommand(dbStatusCommand(opt), dbUpdateCommand(opt), dbImportCommand(opt), dbPathCommand(opt))
	return cmd
}

func dbStatusCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Say which data is there, and how old it is", Args: cobra.NoArgs,
		Long: `Say where the data lies, its digest, and how old it and each of its sources are. Exits 0 if there is data and 2 if there is none. Whether
it is too old is the gate's to say: see the parameters of the rule "freshness".`,
		Example: "  sealock db status\n  sealock db status -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			place, err := opt.dataPlace()
			if err != nil {
				return err
			}
			st, err := vulns.ReadStatus(place.folder)
			if errors.Is(err, vulns.ErrNoData) && place.archive != "" {
				return fmt.Errorf("%w yet in %s; the first scan imports it from %s", vulns.ErrNoData, place.folder, place.archive)
			}
			if err != nil {
				return err
			}
			return opt.renderData(place.folder, st)
		}}
}

func dbUpdateCommand(opt *options) *cobra.Command {
	var url string
	cmd := &cobra.Command{Use: "update", Short: "Download newer data, if there is any", Args: cobra.NoArgs,
		Long: `Read a listing, download the archive that it names if that is newer than the data here, check it and use it. If anything fails, the data in
use stays in use. Gives up after 10 minutes, or --timeout.`,
		Example: "  sealock db update\n  sealock db update --url https://mirror.example.com/v6/latest.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.offline {
				return usagef("an update needs the network, and --offline forbids it\nhint: bring the data as a file: sealock db import FILE")
			}
			folder, err := opt.dataTarget()
			if err != nil {
				return err
			}
			if url == "" {
				url = opt.listing()
			}
			if opt.timeout <= 0 {
				opt.timeout = updateTimeout
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return opt.updateData(ctx, url, folder)
		}}
	cmd.Flags().StringVar(&url, "url", "", "listing to read (also SEALOCK_DB_URL; default "+defaultListing+")")
	return cmd
}

// listing is where data is announced.
func (o *options) listing() string {
	if url := o.getenv("SEALOCK_DB_URL"); url != "" {
		return url
	}
	return defaultListing
}

// firstData downloads data where there is none yet. Without a network it says so at once.
func (o *options) firstData(ctx context.Context, folder string) error {
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	dialer := &net.Dialer{Timeout: connectTimeout}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTimeout, ResponseHeaderTimeout: connectTimeout}
	o.say("no vulnerability data yet: downloading it")
	p := &progress{base: t, out: o.progressTo(), now: o.now}
	err := vulns.Update(ctx, &http.Client{Transport: p}, o.listing(), folder)
	p.end()
	if err != nil {
		return fmt.Errorf("%w in %s, and it can't be downloaded: %w\nhint: run 'sealock db update' where there is a network, or 'sealock db import FILE'", vulns.ErrNoData, folder, err)
	}
	return nil
}

func (o *options) updateData(ctx context.Context, url, folder string) error {
	before, _ := vulns.ReadStatus(folder) // none, or a broken one, is replaced
	o.say("updating vulnerability data in %s", folder)
	p := &progress{base: http.DefaultTransport, out: o.progressTo(), now: o.now}
	err := vulns.Update(ctx, &http.Client{Transport: p}, url, folder)
	p.end()
	if err != nil {
		return err
	}
	st, err := vulns.ReadStatus(folder)
	if err != nil {
		return err
	}
	if st.Archive == before.Archive {
		o.say("it is up to date")
	}
	return o.renderData(folder, st)
}

func dbImportCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "import FILE", Short: "Use data from a file: grype's archive, or the database in it", Args: cobra.ExactArgs(1),
		Long:    `Check the data in a file and use it from now on. If anything is wrong with it, the data in use stays in use.`,
		Example: "  sealock db import vulnerability-db_v6.1.4.tar.zst",
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := opt.dataTarget()
			if err != nil {
				return err
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			if err := vulns.Import(ctx, opt.path(args[0]), folder); err != nil {
				if errors.Is(err, vulns.ErrInvalid) || errors.Is(err, fs.ErrNotExist) {
					return usageError{err}
				}
				return err
			}
			st, err := vulns.ReadStatus(folder)
			if err != nil {
				return err
			}
			return opt.renderData(folder, st)
		}}
}

func dbPathCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "path", Short: "Print the folder that the data lies in, or would", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			place, err := opt.dataPlace()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(opt.stdout, place.folder)
			return err
		}}
}

// dataPlace is where vulnerability data is kept: folder, and the archive that it is imported from when it is first needed, if one is named.
type dataPlace struct {
	folder, archive string
	named           bool // by an option or the pipeline: then nothing is ever downloaded by itself
}

// dataPlace finds the folder as scans do, without touching anything.
func (o *options) dataPlace() (dataPlace, error) {
	a := &app{options: o}
	if err := a.loadPipeline(false); err != nil {
		return dataPlace{}, err
	}
	place := o.db
	if place == "" && a.pipeline != nil {
		place = a.pipeline.DB
	}
	if place == "" {
		folder, err := o.cache("db")
		return dataPlace{folder: folder}, err
	}
	place = o.path(place)
	if !isFile(place) {
		return dataPlace{folder: place, named: true}, nil // if it is missing, reading it says so
	}
	sum, err := fileSHA256(place)
	if err != nil {
		return dataPlace{}, fmt.Errorf("reading vulnerability data: %w", err)
	}
	folder, err := o.cache(filepath.Join("db-archives", sum[:32]))
	return dataPlace{folder, place, true}, err
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// dataTarget is the folder that new data goes to.
func (o *options) dataTarget() (string, error) {
	place, err := o.dataPlace()
	if err == nil && place.archive != "" {
		return "", usagef("the vulnerability data is configured to be the archive %s, which is never replaced\nhint: give --db FOLDER, or take db: out of sealock.yaml", place.archive)
	}
	return place.folder, err
}

// dataStatus is the JSON form of the state of the data.
type dataStatus struct {
	Path string `json:"path"`
	vulns.Status
}

func (o *options) renderData(folder string, st vulns.Status) error {
	return o.renderValue(dataStatus{folder, st}, func(line func(string, ...any)) {
		line("folder   %s", folder)
		line("digest   %s", st.Digest)
		line("schema   %s", st.Schema)
		line("built    %s", o.dated(st.Built))
		if st.Source != "" {
			line("source   %s", st.Source)
		}
		line("archive  %s", st.Archive)
		for _, p := range st.Providers {
			line("  %-16s %s", p.Name, o.dated(p.Captured))
		}
	})
}

// dated writes a time with its age.
func (o *options) dated(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at + " (not a time)"
	}
	return at + " (" + age(o.now().Sub(t)) + ")"
}

// age is a length of time for people, in its largest unit.
func age(d time.Duration) string {
	unit := func(n int64, name string) string {
		if n != 1 {
			name += "s"
		}
		return fmt.Sprintf("%d %s old", n, name)
	}
	switch {
	case d < -vulns.MaxSkew:
		return "in the future"
	case d < time.Hour:
		return "less than an hour old"
	case d < 48*time.Hour:
		return unit(int64(d/time.Hour), "hour")
	}
	return unit(int64(d/(24*time.Hour)), "day")
}

// progressTo is where the progress of a download is shown: standard error if that is a terminal, else nowhere.
func (o *options) progressTo() io.Writer {
	f, ok := o.stderr.(*os.File)
	if !ok || o.quiet || !term.IsTerminal(int(f.Fd())) {
		return io.Discard
	}
	return f
}

// progress is a transport that shows how much has been downloaded.
type progress struct {
	base  http.RoundTripper
	out   io.Writer
	now   func() time.Time
	shown time.Time
	lines bool
}

func (p *progress) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := p.base.RoundTrip(req)
	if err == nil {
		resp.Body = &progressBody{ReadCloser: resp.Body, p: p, total: resp.ContentLength}
	}
	return resp, err
}

// end leaves the line of the progress.
func (p *progress) end() {
	if p.lines {
		fmt.Fprintln(p.out)
	}
}

type progressBody struct {
	io.ReadCloser
	p           *progress
	done, total int64
}

func (b *progressBody) Read(buf []byte) (int, error) {
	n, err := b.ReadCloser.Read(buf)
	b.done += int64(n)
	if now := b.p.now(); now.Sub(b.p.shown) >= 200*time.Millisecond {
		b.p.shown, b.p.lines = now, true
		of := ""
		if b.total > 0 {
			of = fmt.Sprintf(" of %d", b.total>>20)
		}
		fmt.Fprintf(b.p.out, "\r  %d%s MiB", b.done>>20, of)
	}
	return n, err
}
