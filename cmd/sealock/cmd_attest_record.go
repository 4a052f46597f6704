// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"

	"github.com/sealock-dev/sealock/cmd/stage"
)

// finish signs what another job recorded.
func (at *attestOptions) finish(ctx context.Context) error {
	rec, err := stage.ReadRecord(at.path(at.record))
	if err != nil {
		return usageError{err}
	}
	a, runner, err := (&runOptions{options: at.options}).runner(ctx)
	if err != nil {
		return err
	}
	defer a.closeDB()
	a.say("attest %s", rec.Stage)
	res, err := runner.Attest(ctx, rec)
	return a.finishStage(ctx, runner, rec.Stage, res, err)
}
