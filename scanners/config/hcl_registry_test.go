// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"testing"

	"github.com/sealock-dev/sealock/rules"
)

// resources are the items of a type, as they come.
func resources(items []Item, kind string) []Item {
	return slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.Doc["type"] != kind })
}

func TestModulesOfTheRegistry(t *testing.T) {
	items := terraformItems(t, map[string]string{"main.tf": `
module "files" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.0"
  acl     = "public-read"

  block_public_acls = false
  cors_rule = [
    { allowed_methods = ["PUT"], allowed_origins = ["*"] },
  ]
}

module "machine" {
  source            = "registry.terraform.io/terraform-aws-modules/ec2-instance/aws"
  root_block_device = { encrypted = false }
}

module "cluster" {
  source                               = "terraform-aws-modules/eks/aws"
  cluster_endpoint_public_access       = true
  cluster_endpoint_public_access_cidrs = ["0.0.0.0/0"]
}

module "nothing" {
  source = "terraform-aws-modules/s3-bucket/aws"
  create_bucket = false
  acl    = "public-read"
}

module "other" {
  source = "example-org/s3-bucket/aws"
  acl    = "public-read"
}
`})
	buckets := resources(items, "aws_s3_bucket")
	if len(buckets) != 1 {
		t.Fatalf("%d buckets, want 1", len(buckets))
	}
	b := buckets[0]
	equal(t, "acl", values(b)["acl"], "public-read")
	equal(t, "line of acl", b.Locate([]any{"acl"}).Line, 5)
	equal(t, "line of a rule", b.Locate([]any{"cors_rule", 0, "allowed_origins"}).Line, 9)
	equal(t, "given", sortedKeys(b.given), []string{"acl", "cors_rule"})
	locks := resources(items, "aws_s3_bucket_public_access_block")[0]
	equal(t, "given lock", values(locks)["block_public_acls"], false)
	equal(t, "lock that is not given", values(locks)["block_public_policy"], "${module.files.block_public_policy}")
	machine := resources(items, "aws_instance")[0]
	equal(t, "a block as an object", machine.Locate([]any{"root_block_device", 0, "encrypted"}), Position{File: "main.tf", Line: 15, Column: 37, EndLine: 15})
	cluster := resources(items, "aws_eks_cluster")[0]
	equal(t, "two arguments of one block", values(cluster)["vpc_config"], map[string]any{"endpoint_public_access": true, "public_access_cidrs": []any{"0.0.0.0/0"}})
	equal(t, "line of the addresses", cluster.Locate([]any{"vpc_config", 0, "public_access_cidrs"}).Line, 21)
}

func TestSecurityGroupsOfTheRegistry(t *testing.T) {
	items := terraformItems(t, map[string]string{"main.tf": `
module "group" {
  source              = "terraform-aws-modules/security-group/aws"
  ingress_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  ingress_rules       = ["https-443-tcp", "ssh-tcp", "a-rule-nobody-knows"]
  ingress_with_cidr_blocks = [
    { from_port = 5432, to_port = 5432, protocol = "tcp", cidr_blocks = "10.1.0.0/16, 0.0.0.0/0" },
    { rule = "mysql-tcp" },
  ]
}

module "desk" {
  source              = "terraform-aws-modules/security-group/aws//modules/rdp"
  ingress_cidr_blocks = ["0.0.0.0/0"]
}

module "six" {
  source = "terraform-aws-modules/security-group/aws"
  ingress_rules = {
    ssh = { from_port = 22, to_port = 22, ip_protocol = "tcp", cidr_ipv4 = "0.0.0.0/0" }
  }
}
`})
	type opened struct {
		port  any
		cidr  any
		lines int
	}
	var got []opened
	same := map[string]bool{}
	for _, i := range resources(items, "aws_security_group_rule") {
		v := values(i)
		got = append(got, opened{v["from_port"], v["cidr_blocks"], i.Locate([]any{"cidr_blocks"}).Line})
		if same[i.same] {
			t.Errorf("two items are %q", i.same)
		}
		same[i.same] = true
	}
	all := []any{"10.0.0.0/8", "0.0.0.0/0"}
	equal(t, "rules", got, []opened{
		{5432, []any{"10.1.0.0/16", "0.0.0.0/0"}, 7}, {3306, all, 4}, {443, all, 4}, {22, all, 4}, {3389, []any{"0.0.0.0/0"}, 14},
	})
	equal(t, "rules of version 6", len(resources(items, "aws_vpc_security_group_ingress_rule")), 1)
}

func TestListenersAndStatementsOfTheRegistry(t *testing.T) {
	items := terraformItems(t, map[string]string{"main.tf": `
module "alb" {
  source = "terraform-aws-modules/alb/aws"
  listeners = {
    plain = { port = 80, protocol = "HTTP", redirect = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" } }
    web   = { port = 443, protocol = "HTTPS", ssl_policy = "ELBSecurityPolicy-2016-08" }
  }
}

module "topic" {
  source = "terraform-aws-modules/sns/aws"
  topic_policy_statements = {
    all = {
      actions    = ["sns:Publish"]
      principals = [{ type = "AWS", identifiers = ["*"] }]
      condition  = { StringEquals = { "aws:SourceOwner" = "111122223333" } }
    }
  }
}
`})
	l := resources(items, "aws_lb_listener")
	if len(l) != 2 {
		t.Fatalf("%d listeners, want 2", len(l))
	}
	equal(t, "redirect", values(l[0])["default_action"], map[string]any{"redirect": map[string]any{"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}})
	equal(t, "line of the policy", l[1].Locate([]any{"ssl_policy"}).Line, 6)
	topic := find(t, items, "module.topic")
	policy := asObject(asList(topic.Doc["policies"])[0])
	statement := asObject(asList(policy["statements"])[0])
	equal(t, "path", statement["path"], []any{"topic_policy_statements", "all"})
	equal(t, "conditions", statement["conditions"], []any{map[string]any{"test": "StringEquals", "variable": "aws:SourceOwner", "values": []any{"111122223333"}}})
	equal(t, "line of the principals", topic.Locate([]any{"topic_policy_statements", "all", "principals"}).Line, 15)
}

// What a module does without being told is not judged.
func TestDefaultsOfModulesAreNotJudged(t *testing.T) {
	items := []Item{{given: map[string]bool{"acl": true}}, {}}
	for _, c := range []struct {
		item int
		path []any
		want bool
	}{
		{0, []any{"acl"}, false},
		{0, []any{"versioning", 0, "enabled"}, true},
		{0, nil, true},
		{1, nil, false},
		{1, []any{"acl"}, false},
	} {
		equal(t, "left out", items[c.item].beyond(rules.Finding{Path: c.path}), c.want)
	}
}
