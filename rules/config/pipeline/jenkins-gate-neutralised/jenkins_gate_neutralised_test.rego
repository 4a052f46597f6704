# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.jenkins_gate_neutralised_test

import data.sealock.config.pipeline.jenkins_gate_neutralised
import data.sealock.lib.config_jenkins_test as jenkins

# found(fields) is what is found about one step with these fields.
found(fields) := fs if {
	fs := {f.found | some f in jenkins_gate_neutralised.finding} with input as jenkins.pipeline({"steps": [object.union(jenkins.step("", []), fields)]}) with data.params as {"pipeline.gate-neutralised": {"commands": ["sealock"], "actions": []}}
}

test_g11_or_true if found({"text": "sealock verify oci://x || true"}) == {"sealock verify oci://x || true"}

test_g11_pipe if count(found({"text": "sealock verify oci://x | tee log"})) == 1

test_own_shell if count(found({"text": "#!/bin/bash\nsealock verify oci://x\nkubectl apply -f ."})) == 1

test_status if found({"text": "sealock verify oci://x", "statusDropped": true}) == {"returnStatus: true"}

test_catch if found({"text": "sealock verify oci://x", "inside": ["stage", "catchError"]}) == {"catchError"}

test_plain_passes if found({"text": "sealock verify oci://x\nkubectl apply -f ."}) == set()

test_own_shell_with_e_passes if found({"text": "#!/bin/bash -e\nsealock verify oci://x\nkubectl apply -f ."}) == set()

test_other_passes if found({"text": "make lint || true", "statusDropped": true, "inside": ["catchError"]}) == set()
