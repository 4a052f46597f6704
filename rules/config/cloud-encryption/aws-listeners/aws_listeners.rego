# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Load balancers speak TLS, of today's versions"
# description: Over plain HTTP everybody on the way reads and changes what is sent, tokens included; TLS 1.0 and 1.1 are broken.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: NIST SP 800-52 Rev. 2, section 3.1 (protocol version support)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# custom:
#   id: cloud-encryption.aws-listeners
#   severity: high
#   remediation: "Use HTTPS with ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\"; let the HTTP listener only redirect to HTTPS."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_listeners

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {"aws_lb_listener", "aws_alb_listener"}

finding contains f if {
	some i in cloud.managed(types)
	protocol := http(i)
	not redirects(i)
	f := cloud.fault(i, ["protocol"], "the listener takes plain HTTP and does not redirect it", protocol, "HTTPS, or a redirect to HTTPS")
}

# Without a protocol a listener of an application load balancer speaks HTTP on port 80.
http(i) := "protocol = HTTP" if {
	object.get(i.values, "protocol", null) == "HTTP"
} else := "port 80" if {
	cloud.unset(i.values, "protocol")
	cloud.number(object.get(i.values, "port", null)) in {80, 8080}
}

redirects(i) if {
	actions := cloud.at(i.values, ["default_action"])
	count(actions) > 0
	every a in actions {
		to_https(a.block)
	}
}

to_https(action) if {
	some p in cloud.at(action, ["redirect"])
	not object.get(p.block, "protocol", null) in {null, "", "HTTP", "#{protocol}"}
}

finding contains f if {
	some i in cloud.managed(types)
	object.get(i.values, "protocol", "") in {"HTTPS", "TLS"}
	policy := object.get(i.values, "ssl_policy", null)
	old(i, policy)
	f := cloud.fault(i, ["ssl_policy"], "the listener takes old versions of TLS", sprintf("ssl_policy is %s", [cloud.shown(policy)]), "ELBSecurityPolicy-TLS13-1-2-2021-06")
}

# The default of old is a policy with TLS 1.0.
old(i, _) if cloud.unset(i.values, "ssl_policy")

old(_, policy) if regex.match(`^ELBSecurityPolicy-(2015-05|2016-08|TLS-1-0-|TLS-1-1-|FS-2018-06|FS-1-1-|TLS13-1-0-|TLS13-1-1-)`, cloud.text(policy))

finding contains f if {
	some i in cloud.managed({"aws_elb"})
	some p in cloud.at(i.values, ["listener"])
	lower(cloud.text(object.get(p.block, "lb_protocol", ""))) == "http"
	f := cloud.fault(i, config.child(p.path, ["lb_protocol"]), "the listener takes plain HTTP", "lb_protocol = http", "https")
}

# What classic load balancers agree to, by their policies.
finding contains f if {
	some i in cloud.managed({"aws_load_balancer_policy"})
	some p in cloud.at(i.values, ["policy_attribute"])
	cloud.put_on(p.block, "value")
	name := cloud.text(object.get(p.block, "name", null))
	weak(name)
	f := cloud.fault(i, config.child(p.path, ["name"]), "the listener takes old versions of TLS or weak ciphers", name, "Protocol-TLSv1.2 and ciphers with forward secrecy")
}

weak(name) if name in {"Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1"}

weak(name) if regex.match(`RC4|RC2|ARCFOUR|DES|MD5|NULL|EXP-|EXPORT|SEED|IDEA|ADH-|AECDH|_anon_|^PSK-|^KRB5-`, name)

finding contains f if {
	some i in cloud.managed({"aws_load_balancer_policy"})
	some p in cloud.at(i.values, ["policy_attribute"])
	object.get(p.block, "name", null) == "Reference-Security-Policy"
	policy := cloud.text(object.get(p.block, "value", null))
	regex.match(`^ELBSecurityPolicy-(2011-08|2014|2015|2016-08|TLS-1-0-)`, policy)
	f := cloud.fault(i, config.child(p.path, ["value"]), "the listener takes old versions of TLS", policy, "ELBSecurityPolicy-TLS-1-2-2017-01")
}
