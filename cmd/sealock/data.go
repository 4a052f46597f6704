// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/scanners/vulns"
)

// worker is an app that scans.
type worker struct {
	*app
	db      func(context.Context) (stage.Data, error)
	closeDB func()
}

// work adds to an app what scanning needs.
func (a *app) work() *worker {
	w := &worker{app: a}
	w.db, w.closeDB = a.lazyDB()
	return w
}

// scanning is the part of an app that scanning alone needs: no policy, no store, no key.
func (o *options) scanning() (*worker, error) {
	a := &app{options: o, keys: &keyring{options: o}}
	if err := a.loadPipeline(false); err != nil {
		return nil, err
	}
	if err := a.nameStore(nil); err != nil {
		return nil, err
	}
	return a.work(), nil
}

// scanFlags are the flags of the commands that scan.
func (o *options) scanFlags(root *cobra.Command) {
	root.PersistentFlags().StringVar(&o.db, "db", "", "folder with vulnerability data, or an archive of it")
}

// lazyDB opens the vulnerability data when it is first asked for, once.
func (a *app) lazyDB() (func(context.Context) (stage.Data, error), func()) {
	var once sync.Once
	var db *vulns.DB
	var err error
	open := func(ctx context.Context) (stage.Data, error) {
		once.Do(func() {
			var folder string
			if folder, err = a.dataFolder(ctx); err == nil {
				db, err = vulns.Open(ctx, folder, vulns.OpenOptions{Now: a.now()})
			}
		})
		return db, err
	}
	return open, func() {
		if db != nil {
			_ = db.Close()
		}
	}
}

// dataFolder is the folder with the vulnerability data: --db, what the pipeline names, or the user's cache. An archive is imported into
// the cache once, under its own digest. Where nothing is named and there is no data yet, it is downloaded.
func (a *app) dataFolder(ctx context.Context) (string, error) {
	place, err := a.dataPlace()
	if err != nil {
		return "", err
	}
	if _, err := vulns.ReadStatus(place.folder); err == nil || !errors.Is(err, vulns.ErrNoData) {
		return place.folder, nil // what is wrong with it is said when it is opened
	}
	switch {
	case place.archive != "":
		a.say("importing vulnerability data from %s", place.archive)
		return place.folder, vulns.Import(ctx, place.archive, place.folder)
	case place.named || a.offline:
		return place.folder, nil
	}
	return place.folder, a.firstData(ctx, place.folder)
}

// fileSHA256 is the hex digest of a file.
func fileSHA256(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), errors.Join(err, f.Close())
}

// sourceDate is SOURCE_DATE_EPOCH, or the zero time.
func (o *options) sourceDate() (time.Time, error) {
	v := o.getenv("SOURCE_DATE_EPOCH")
	if v == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > 253402300799 {
		return time.Time{}, usagef("SOURCE_DATE_EPOCH=%q: expected seconds since 1970", v)
	}
	return time.Unix(n, 0).UTC(), nil
}
