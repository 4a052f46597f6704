# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Machines are signed in to by OS Login, and boot what they should
# description: "Keys in metadata outlive their owners, a serial port is a console for whoever has one, and a machine that is not shielded doesn't notice a changed boot loader."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.3 to 4.6 and 4.8 (project-wide keys, OS Login, serial ports, IP forwarding, shielded VM)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-17 Remote Access
# custom:
#   id: cloud-exposure.google-instances
#   severity: medium
#   remediation: "Set enable-oslogin = \"TRUE\" in the metadata, leave serial-port-enable out, and add shielded_instance_config with enable_secure_boot."
#   zeroTrust: [Z10, Z13]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_instances

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {"google_compute_instance", "google_compute_instance_template", "google_compute_region_instance_template"}

metadata(i) := m if {
	m := object.get(i.values, "metadata", null)
	is_object(m)
} else := {}

said(i, key) := lower(sprintf("%v", [object.get(metadata(i), key, "")]))

finding contains f if {
	some i in cloud.managed(types | {"google_compute_project_metadata"})
	said(i, "enable-oslogin") == "false"
	f := cloud.fault(i, ["metadata", "enable-oslogin"], "OS Login is off", "enable-oslogin = false", "TRUE")
}

finding contains f if {
	some i in cloud.managed({"google_compute_project_metadata"})
	is_object(object.get(i.values, "metadata", {}))
	said(i, "enable-oslogin") == ""
	count(project_wide) == 0
	f := cloud.fault(i, ["metadata"], "OS Login is not on for the project", "no enable-oslogin", "TRUE")
}

project_wide contains i.id if {
	some i in cloud.managed({"google_compute_project_metadata_item"})
	i.values.key == "enable-oslogin"
}

finding contains f if {
	some i in cloud.managed({"google_compute_project_metadata_item"})
	object.get(i.values, "key", "") == "enable-oslogin"
	lower(sprintf("%v", [object.get(i.values, "value", "")])) == "false"
	f := cloud.fault(i, ["value"], "OS Login is off for the project", "enable-oslogin = false", "TRUE")
}

finding contains f if {
	some i in cloud.managed(types | {"google_compute_project_metadata"})
	said(i, "serial-port-enable") in {"true", "1"}
	f := cloud.fault(i, ["metadata", "serial-port-enable"], "the serial console is open", "serial-port-enable = true", "left out")
}

finding contains f if {
	some i in cloud.managed({"google_compute_instance"})
	cloud.put_on(i.values, "can_ip_forward")
	f := cloud.rated(cloud.fault(i, ["can_ip_forward"], "the machine may send packets in another's name", "can_ip_forward = true", "false"), "medium")
}

# Where people sign in by OS Login, keys of the project are not used.
finding contains f if {
	some i in cloud.managed({"google_compute_instance"})
	is_object(object.get(i.values, "metadata", {}))
	not said(i, "block-project-ssh-keys") in {"true", "1"}
	not said(i, "enable-oslogin") in {"true", "false", "1"}
	count(project_wide) == 0
	f := cloud.rated(cloud.fault(i, ["metadata", "block-project-ssh-keys"], "whoever has a key of the project may sign in", "block-project-ssh-keys is not true", "true, or enable-oslogin"), "low")
}

finding contains f if {
	some i in cloud.managed(types)
	not weaker(i)
	some s in cloud.settings(i.values, ["shielded_instance_config"], "enable_secure_boot")
	cloud.off_value(s.value)
	f := cloud.rated(cloud.fault(i, s.path, "what boots on the machine is not checked", sprintf("enable_secure_boot is %s", [cloud.shown(s.value)]), "true"), "low")
}

weaker(i) if {
	some p in cloud.at(i.values, ["shielded_instance_config"])
	some k in ["enable_vtpm", "enable_integrity_monitoring"]
	cloud.put_off(p.block, k)
}

finding contains f if {
	some i in cloud.managed(types)
	some p in cloud.at(i.values, ["shielded_instance_config"])
	off := [k | some k in ["enable_vtpm", "enable_integrity_monitoring"]; cloud.put_off(p.block, k)]
	count(off) > 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, [off[0]]), "what boots on the machine is not checked", sprintf("%s is false", [concat(", ", off)]), "true"), "low")
}
