// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealock-dev/sealock/scanners/vulns"
)

// cmdEmptyData makes a folder with vulnerability data that knows the sample's feeds, but no affected npm package: emptydata DIR
func (w *world) cmdEmptyData(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: emptydata DIR")
	}
	ts.Check(w.emptyData(context.Background(), ts.MkAbs(args[0]), filepath.Join(ts.Getenv("TMPDIR"), "full")))
}

func (w *world) emptyData(ctx context.Context, dir, tmp string) error {
	if err := vulns.Import(ctx, filepath.Join(w.root, "testdata", "vulndb", "vulnerability-db.tar.zst"), tmp); err != nil {
		return err
	}
	st, err := vulns.ReadStatus(tmp)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(tmp, st.Folder, "vulnerability.db"))
	if err != nil {
		return err
	}
	file := filepath.Join(tmp, "thin.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer db.Close()
	res, err := db.ExecContext(ctx, "DELETE FROM affected_package_handles WHERE package_id IN (SELECT id FROM packages WHERE ecosystem = 'npm')")
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("the data knows no npm package (%w)", err)
	}
	if err := db.Close(); err != nil {
		return err
	}
	return vulns.Import(ctx, file, dir)
}
