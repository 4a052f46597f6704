// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Serve starts registries of the kinds named, writes each to out as a line of JSON, and runs until in ends or ctx is done.
func Serve(ctx context.Context, kinds []string, o Options, in io.Reader, out io.Writer) error {
	dir, err := os.MkdirTemp(o.Dir, "stack-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.Dir = dir
	lines := json.NewEncoder(out)
	for _, kind := range kinds {
		r, err := Start(ctx, kind, o)
		if err != nil {
			return err
		}
		defer r.Stop()
		if err := lines.Encode(r); err != nil {
			return fmt.Errorf("writing where %s listens: %w", kind, err)
		}
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}
