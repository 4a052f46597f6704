// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"
	"testing"
)

const shopInTerraform = `resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name   = "shop"
    labels = { "pod-security.kubernetes.io/enforce" = "restricted" }
  }
}

variable "hardened" {
  type = bool
}

resource "kubernetes_deployment_v1" "payments" {
  metadata {
    name      = "payments"
    namespace = kubernetes_namespace_v1.shop.metadata[0].name
    labels    = { app = "payments" }
  }
  spec {
    selector {
      match_labels = { app = "payments" }
    }
    template {
      metadata {
        labels = { app = "payments" }
      }
      spec {
        host_pid                        = true
        automount_service_account_token = var.hardened
        security_context {
          run_as_non_root = var.hardened
          seccomp_profile { type = "RuntimeDefault" }
        }
        init_container {
          name  = "migrate"
          image = "registry.example.com/migrate:1"
        }
        container {
          name  = "app"
          image = "registry.example.com/payments:${var.tag}"
          port {
            container_port = 8443
            host_ip        = "10.0.0.1"
          }
          resources {
            limits = { cpu = "1", memory = "256Mi" }
          }
          liveness_probe {
            http_get {
              path = "/healthz"
              port = 8443
            }
          }
          security_context {
            privileged = true
            capabilities {
              drop = ["ALL"]
              add  = ["NET_ADMIN"]
            }
          }
        }
        volume {
          name = "logs"
          host_path { path = "/var/log" }
        }
      }
    }
  }
  timeouts { create = "2m" }
}

resource "kubernetes_service" "payments" {
  metadata {
    name      = "payments"
    namespace = kubernetes_namespace_v1.shop.id
  }
  spec {
    selector = kubernetes_deployment_v1.payments.metadata.0.labels
    port {
      port        = 443
      target_port = 8443
    }
    type = "NodePort"
  }
}
`

func objectOf(i Item) map[string]any { return i.body() }

func TestTerraformMakesObjects(t *testing.T) {
	items := itemsOf(t, memoryTree{"main.tf": shopInTerraform})
	web := items["Deployment shop/payments"]
	if web.Doc["group"] != "apps" || web.Doc["origin"] != "terraform" || items["Namespace shop"].Doc["pod"] != nil || items["Namespace shop"].Kind != Kubernetes {
		t.Errorf("found %v", web.Doc)
	}
	pod := mapping(web.Doc["pod"])
	spec := mapping(pod["spec"])
	equal(t, "hostPID", spec["hostPID"], true)
	equal(t, "what only Terraform knows", []any{spec["automountServiceAccountToken"], mapping(spec["securityContext"])["runAsNonRoot"]}, []any{false, true})
	equal(t, "labels", pod["labels"], map[string]any{"app": "payments"})
	containers := asList(pod["containers"])
	if len(containers) != 2 {
		t.Fatalf("containers %v", containers)
	}
	app := mapping(mapping(containers[1])["spec"])
	equal(t, "ports", app["ports"], []any{map[string]any{"containerPort": 8443, "hostIP": "10.0.0.1"}})
	equal(t, "probe", app["livenessProbe"], map[string]any{"httpGet": map[string]any{"path": "/healthz", "port": 8443}})
	equal(t, "limits", mapping(app["resources"])["limits"], map[string]any{"cpu": "1", "memory": "256Mi"})
	template := []any{"spec", "template", "spec"}
	for _, c := range []struct {
		text string
		path []any
	}{
		{"host_pid", []any{"hostPID"}}, {"/payments:", []any{"containers", 0, "image"}}, {"privileged", []any{"containers", 0, "securityContext", "privileged"}},
		{"NET_ADMIN", []any{"containers", 0, "securityContext", "capabilities", "add", 0}}, {" container {", []any{"containers", 0, "startupProbe"}},
		{"256Mi", []any{"containers", 0, "resources", "limits", "memory"}}, {"/var/log", []any{"volumes", 0, "hostPath", "path"}}, {"init_container", []any{"initContainers", 0}},
	} {
		before, _, _ := strings.Cut(shopInTerraform, c.text)
		if got, want := web.Locate(append(template[:3:3], c.path...)).Line, strings.Count(before, "\n")+1; got != want {
			t.Errorf("%v is on line %d, expected %d", c.path, got, want)
		}
	}
	service := items["Service shop/payments"]
	equal(t, "selector by reference", mapping(objectOf(service)["spec"])["selector"], map[string]any{"app": "payments"})
	equal(t, "service port", mapping(objectOf(service)["spec"])["ports"], []any{map[string]any{"port": 443, "targetPort": 8443}})
}

func TestTerraformMakesOtherObjects(t *testing.T) {
	items := itemsOf(t, memoryTree{"main.tf": `resource "kubernetes_role_v1" "reader" {
  metadata { name = "reader" }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    verbs          = ["get"]
    resource_names = var.names
  }
}
resource "kubernetes_network_policy_v1" "deny" {
  metadata {
    name      = "deny"
    namespace = "shop"
  }
  spec {
    pod_selector {}
    policy_types = ["Ingress"]
    ingress {
      from {
        namespace_selector {
          match_labels = { team = "web" }
        }
      }
      ports { port = "8443" }
    }
  }
}
resource "kubernetes_ingress_v1" "shop" {
  metadata { name = "shop" }
  spec {
    tls { hosts = ["shop.example.com"] }
    rule {
      host = "shop.example.com"
      http {
        path {
          path = "/"
          backend {
            service {
              name = "web"
              port { number = 443 }
            }
          }
        }
      }
    }
  }
}
resource "kubernetes_persistent_volume" "disk" {
  metadata { name = "disk" }
  spec {
    persistent_volume_source {
      host_path { path = "/data" }
    }
  }
}
resource "kubernetes_default_service_account" "shop" {
  metadata { namespace = "shop" }
  automount_service_account_token = false
}
resource "kubernetes_secret" "db" {
  metadata { name = "db" }
  data = { password = "not-looked-at-here" }
}
resource "kubernetes_pod" "odd" { spec = "text" }
resource "kubernetes_labels" "none" { kind = "Node" }
data "kubernetes_pod" "there" {
  metadata { name = "there" }
}
`})
	equal(t, "rules", objectOf(items["Role default/reader"])["rules"], []any{map[string]any{
		"apiGroups": []any{""}, "resources": []any{"secrets"}, "verbs": []any{"get"}, "resourceNames": []any{"${var.names}"}}})
	equal(t, "policy", objectOf(items["NetworkPolicy shop/deny"])["spec"], map[string]any{
		"podSelector": map[string]any{}, "policyTypes": []any{"Ingress"}, "ingress": []any{map[string]any{
			"from":  []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"team": "web"}}}},
			"ports": []any{map[string]any{"port": 8443}}}}})
	backend := map[string]any{"service": map[string]any{"name": "web", "port": map[string]any{"number": 443}}}
	equal(t, "ingress", objectOf(items["Ingress default/shop"])["spec"], map[string]any{
		"tls": []any{map[string]any{"hosts": []any{"shop.example.com"}}}, "rules": []any{map[string]any{
			"host": "shop.example.com", "http": map[string]any{"paths": []any{map[string]any{"path": "/", "backend": backend}}}}}})
	disk := items["PersistentVolume disk"]
	if p := disk.Locate([]any{"spec", "hostPath", "path"}); p.Line != 52 {
		t.Errorf("the path of the volume is on line %d", p.Line)
	}
	if a := items["ServiceAccount shop/default"]; objectOf(a)["automountServiceAccountToken"] != false {
		t.Errorf("default account: %v", a.Doc)
	}
	if s := items["Secret default/db"]; objectOf(s)["data"] != nil || s.Kind != Kubernetes {
		t.Errorf("secret: %v", s.Doc)
	}
	for name := range items {
		if strings.Contains(name, "there") && items[name].Kind == Kubernetes {
			t.Errorf("a data source makes %s", name)
		}
	}
}

func TestManifestsInTerraform(t *testing.T) {
	items := itemsOf(t, memoryTree{"main.tf": `resource "kubernetes_manifest" "role" {
  manifest = {
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "ClusterRole"
    metadata   = { name = "all" }
    rules = [{
      apiGroups = ["*"]
      resources = ["*"]
      verbs     = ["*"]
    }]
  }
}
resource "kubectl_manifest" "pods" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Pod
    metadata:
      name: one
    spec:
      containers:
        - name: web
          image: ${var.image}
          securityContext:
            privileged: true
            runAsNonRoot: ${var.hardened}
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: two
  YAML
}
resource "kubectl_manifest" "line" {
  yaml_body = "{apiVersion: v1, kind: Pod, metadata: {name: three}, spec: {hostPID: true}}"
}
resource "kubectl_manifest" "none" {
  yaml_body = file("pod.yaml")
}
resource "kubectl_manifest" "broken" {
  yaml_body = "kind: ["
}
`})
	for name, c := range map[string]struct {
		line int
		path []any
	}{
		"ClusterRole all":   {9, []any{"rules", 0, "verbs", 0}},
		"Pod default/one":   {24, []any{"spec", "containers", 0, "securityContext", "privileged"}},
		"Pod default/two":   {30, []any{"metadata", "name"}},
		"Pod default/three": {34, []any{"spec", "hostPID"}},
	} {
		i := items[name]
		if p := i.Locate(c.path); i.Kind != Kubernetes || p.Line != c.line {
			t.Errorf("%s: %v is on line %d, expected %d", name, c.path, p.Line, c.line)
		}
	}
	context := mapping(mapping(asList(mapping(objectOf(items["Pod default/one"])["spec"])["containers"])[0])["securityContext"])
	equal(t, "known and not", context, map[string]any{"privileged": true, "runAsNonRoot": true})
}

// A plan has every block of the schema, those that nobody wrote as empty lists.
func TestPlansMakeObjects(t *testing.T) {
	items := itemsOf(t, memoryTree{"plan.json": `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
{"address": "kubernetes_pod.web", "mode": "managed", "type": "kubernetes_pod", "name": "web", "values": {
  "metadata": [{"name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": null}],
  "spec": [{"host_ipc": true, "host_network": false, "security_context": [], "volume": [{"name": "tmp", "empty_dir": [{"medium": ""}], "host_path": []}],
    "container": [{"name": "web", "image": "web:1", "security_context": [{"privileged": true}]}]}]}}]}}}`})
	i := items["Pod shop/web"]
	spec := mapping(objectOf(i)["spec"])
	equal(t, "volumes", spec["volumes"], []any{map[string]any{"name": "tmp", "emptyDir": map[string]any{"medium": ""}}})
	if spec["hostIPC"] != true || spec["securityContext"] != nil {
		t.Errorf("found %v", spec)
	}
	if p := i.Locate([]any{"spec", "containers", 0, "securityContext", "privileged"}); p.Line != 5 {
		t.Errorf("privileged is on line %d", p.Line)
	}
}
