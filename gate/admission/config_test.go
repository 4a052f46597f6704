// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strings"
	"testing"
)

func TestParseConfig(t *testing.T) {
	const head = "apiVersion: sealock/v1\nkind: Admission\n"
	for text, want := range map[string]string{
		"":                                     "is empty",
		"kind: Admission":                      "apiVersion",
		"apiVersion: sealock/v1\nkind: Policy": "kind",
		head + "namespaces: {a: {}}":           "namespaces.a.environment",
		head + "namespaces: {a: {mode: warn}}": "namespaces.a.environment",
		head + "namespaces: {a: {environment: prod, mode: off}}":                                              "namespaces.a.mode",
		head + "default: {mode: audit}":                                                                       "default.environment",
		head + "unchanged: audit":                                                                             "unchanged",
		head + "nothing: 1":                                                                                   "nothing",
		head + "kinds: [{group: x}]":                                                                          "kinds[0].kind",
		head + "kinds: [{group: x, kind: Y}]":                                                                 "no path",
		head + "kinds: [{group: apps, kind: Deployment, none: true}]":                                         "built in",
		head + "kinds: [{kind: Pod, none: true}]":                                                             "built in",
		head + "kinds: [{kind: ConfigMap, images: [a]}]":                                                      "built in",
		head + "kinds: [{group: x, kind: Y, none: true, images: [a]}]":                                        "no paths",
		head + "kinds: [{group: x, kind: Y, none: true}, {group: x, kind: Y, none: true}]":                    "twice",
		head + "kinds: [{group: x, kind: Y, images: ['a[0]']}]":                                               "kinds[0].images[0]",
		head + "kinds: [{group: x, kind: Y, podSpecs: ['a..b']}]":                                             "kinds[0].podSpecs[0]",
		head + "registries: ['*']":                                                                            "registries[0]",
		head + "registries: [a/b]":                                                                            "registries[0]",
		head + "registries: [Host.io]":                                                                        "registries[0]",
		head + "kinds: [" + strings.Repeat("{group: x, kind: Y, none: true}, ", maxKinds+1) + "]":             "limit",
		head + "default: {environment: prod}\nregistries: [registry.acme.io, 'localhost:5000']\nlabels: true": "",
	} {
		_, err := ParseConfig("admission.yaml", []byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "admission.yaml")) {
			t.Errorf("%s\n%v, expected %q", text, err, want)
		}
	}
}

// a configuration that names an environment which the policy does not know is no configuration.
func TestA28_UnknownEnvironment(t *testing.T) {
	w := newWorld(t)
	for _, c := range []Config{{Namespaces: map[string]Place{"a": {Environment: "nope"}}}, {Default: Place{Environment: "nope"}}} {
		if err := c.CheckEnvironments(w.policy); err == nil || !strings.Contains(err.Error(), "nope") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := w.config.CheckEnvironments(w.policy); err != nil {
		t.Error(err)
	}
}
