// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

func TestDecisionFilesAreToldFromSubjects(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{"decision.json": true, "../out/decision.json": true, "file:report.json": false, "registry.example.com:5000/app.json": false, "oci-layout:out/app": false, "git:HEAD": false, "": false} {
		if got := isDecisionFile(arg); got != want {
			t.Errorf("%q is a decision: %v, expected %v", arg, got, want)
		}
	}
}

// Each change of a stored decision shows by its id.
func TestStoredDecisionMustBeWhole(t *testing.T) {
	t.Parallel()
	sealed := func() gate.Decision {
		d := gate.Decision{Schema: gate.DecisionSchema, Verdict: gate.Refused, Question: gate.Enter, Environment: "prod", Subject: attest.Subject{Name: "shop"}, Reasons: []gate.Reason{{Code: gate.CodeStageMissing}}}
		raw, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		d.ID = attest.SHA256(raw).String()
		return d
	}
	if err := intact(sealed()); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*gate.Decision){
		"verdict":     func(d *gate.Decision) { d.Verdict = gate.Allowed },
		"reasons":     func(d *gate.Decision) { d.Reasons = nil },
		"environment": func(d *gate.Decision) { d.Environment = "dev" },
		"subject":     func(d *gate.Decision) { d.Subject.Name = "other" },
		"id":          func(d *gate.Decision) { d.ID = "" },
	} {
		d := sealed()
		change(&d)
		if exitCode(intact(d)) != exitUsage {
			t.Errorf("a decision with another %s passes for whole", what)
		}
	}
}
