// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
)

// Default bounds. Past one of them the scan is an error that wraps ErrLimit.
const (
	DefaultMaxFile     = 1 << 30 // bytes of text of one file
	DefaultMaxUnpacked = 4 << 30 // bytes that come out of archives, in all
	maxEntries         = 1 << 20 // files in archives, in all
	maxDepth           = 8       // archives within archives; a .tar.gz counts as two
	maxFindings        = 100_000 // findings of one scan
	maxSuppressed      = 100_000 // requests to ignore something
	maxSkipped         = 1000    // skipped paths that are named; all are counted
	maxCommits         = 1 << 20 // commits of a range
	maxClean           = 1 << 17 // texts that are remembered as clean
)

var (
	// ErrNothing says that there was nothing to scan: no file, or no commit in the range.
	ErrNothing = errors.New("nothing was scanned")
	// ErrLimit says that content went past a bound.
	ErrLimit = errors.New("limit")
)

// Options are the parameters of a scan.
type Options struct {
	Now         func() time.Time // required
	Parallelism int              // fragments looked at at once; 0: one for each CPU
	MaxFile     int64            // bytes of text of one file; 0: DefaultMaxFile
	MaxUnpacked int64            // bytes out of archives, in all; 0: DefaultMaxUnpacked
	TempDir     string           // where archives that must be read at random are put; "": the system's folder
	Git         string           // absolute path of git for ScanGitRange; "": looked up in PATH
	Trusted     []string         // folders of other users that git may read all the same, as its safe.directory
}

// Scan looks at every file of the walk.
func Scan(ctx context.Context, files scanners.Files, opt Options) (predicate.Findings, error) {
	return run(ctx, opt, func(s *scan) error {
		err := files.Walk(s.ctx, s.file)
		if err == nil && s.visited == 0 {
			err = fmt.Errorf("%w: the walk visited no file", ErrNothing)
		}
		return err
	})
}

// scan is the state of one scan. One goroutine reads content and makes fragments of it, the others look at them.
type scan struct {
	ctx      context.Context
	opt      Options
	rules    *ruleset
	plain    *detect.Detector // looks at text as it is, or at names alone
	narrowed *narrowed        // look at text where they may find something
	work     chan fragment

	plainReads bool // plain has rules about more than names

	// Only the reading goroutine uses these.
	visited  int // files seen, skipped ones too
	scope    predicate.Scope
	skipped  []string
	skippedN int
	unpacked int64
	entries  int
	buf      []byte
	limit    error // the bound on unpacked bytes was passed

	mu         sync.Mutex
	findings   map[sighting]predicate.Finding
	suppressed map[predicate.Suppressed]bool
	clean      map[[sha256.Size]byte]bool // texts in which there is nothing, whatever the name of the file
}

// run starts the workers, lets read make the fragments, and gives the result once all were looked at.
func run(ctx context.Context, opt Options, read func(*scan) error) (predicate.Findings, error) {
	fail := func(err error) (predicate.Findings, error) {
		return predicate.Findings{}, fmt.Errorf("scanning for secrets: %w", err)
	}
	if opt.Now == nil {
		return fail(errors.New("no clock was given"))
	}
	if opt.Parallelism <= 0 {
		opt.Parallelism = runtime.GOMAXPROCS(0)
	}
	if opt.MaxFile <= 0 {
		opt.MaxFile = DefaultMaxFile
	}
	if opt.MaxUnpacked <= 0 {
		opt.MaxUnpacked = DefaultMaxUnpacked
	}
	started := opt.Now()
	rules, err := loadRules()
	if err != nil {
		return fail(err)
	}
	group, gctx := errgroup.WithContext(ctx)
	s := newScan(gctx, opt, rules)
	for range opt.Parallelism {
		group.Go(s.worker)
	}
	group.Go(func() error {
		defer close(s.work)
		return read(s)
	})
	if err := group.Wait(); err != nil {
		return fail(err)
	}
	// gitleaks answers a cancelled context with fewer findings and no error.
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	return s.result(started), nil
}

func newScan(ctx context.Context, opt Options, rules *ruleset) *scan {
	s := &scan{ctx: ctx, opt: opt, rules: rules, work: make(chan fragment, opt.Parallelism),
		findings: map[sighting]predicate.Finding{}, suppressed: map[predicate.Suppressed]bool{}, clean: map[[sha256.Size]byte]bool{}}
	made := func(rules config.Config) *detect.Detector { return newDetector(ctx, rules, 0) }
	others, generic, ok := split(rules.config)
	others, s.narrowed = narrow(others, made)
	if ok {
		s.narrowed.addGeneric(made(generic))
	}
	s.plain, s.plainReads = made(others), reads(others)
	return s
}

// reads reports whether a rule is about more than names.
func reads(c config.Config) bool {
	for _, r := range c.Rules {
		if r.Regex != nil {
			return true
		}
	}
	return false
}

// newDetector sets gitleaks up for one scan. Redaction is left off because the fingerprint needs the secret; see describe.
func newDetector(ctx context.Context, rules config.Config, depth int) *detect.Detector {
	rules.Allowlists = withoutPaths(rules.Allowlists)
	d := detect.NewDetectorContext(ctx, rules)
	d.IgnoreGitleaksAllow = true
	d.MaxDecodeDepth = depth
	return d
}

// worker looks at fragments until there are no more.
func (s *scan) worker() error {
	for {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case f, ok := <-s.work:
			if !ok {
				return nil
			}
			if err := s.look(f); err != nil {
				return err
			}
		}
	}
}

// send hands a fragment to the workers.
func (s *scan) send(f fragment) error {
	select {
	case <-s.ctx.Done():
		return s.ctx.Err()
	case s.work <- f:
		return nil
	}
}

// skip notes that what is so named is not looked at.
func (s *scan) skip(name string) {
	s.skippedN++
	if len(s.skipped) < maxSkipped {
		s.skipped = append(s.skipped, clean(name))
	}
}
