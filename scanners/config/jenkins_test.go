// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	configrules "github.com/sealock-dev/sealock/rules/config"
)

func jenkinsItem(t *testing.T, content string) Item {
	t.Helper()
	items, problems, err := parseJenkins(file{"Jenkinsfile", []byte(content)}, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 1 {
		t.Fatalf("%q: %d items, problems %v, error %v", content, len(items), problems, err)
	}
	return items[0]
}

// taken writes what Groovy puts into each step: "text: reads, reads".
func taken(item Item) []string {
	var out []string
	for _, s := range item.Doc["steps"].([]any) {
		step := s.(map[string]any)
		var reads []string
		for _, e := range step["expressions"].([]any) {
			for _, r := range e.(map[string]any)["reads"].([]any) {
				reads = append(reads, r.(string))
			}
		}
		out = append(out, step["text"].(string)+": "+strings.Join(reads, ", "))
	}
	return out
}

func TestJenkinsSteps(t *testing.T) {
	for content, want := range map[string]string{
		`sh 'echo $A ${B}'`:                                        "echo $A ${B}: ",
		`sh "echo $A ${env.B} \$C"`:                                "echo ${A} ${env.B} $C: A, env.B",
		`sh "x $A.b.c. ${ -> A }"`:                                 "x ${A.b.c}. ${expression}: A.b.c, A",
		`sh("""a ${params.X}""")`:                                  "a ${params.X}: params.X",
		`sh '''a ${params.X}'''`:                                   "a ${params.X}: ",
		`sh(script: "a ${params['X']}", returnStdout: true)`:       "a ${expression}: params.X",
		`sh label: "${Y}", script: 'a'`:                            "a: ",
		`sh([script: "a ${params.get('X')}"])`:                     "a ${expression}: params.X",
		`sh 'a ' + params?.X + ' b'`:                               "a ${expression} b: params.X",
		`sshCommand remote: host, command: "ls ${params.X}"`:       "ls ${params.X}: params.X",
		`script { evaluate(params.X) }`:                            "${expression}: params.X",
		"sh 'a ' +\n  params.X":                                    "a ${expression}: params.X",
		"sh 'a'\n+ params.X":                                       "a${expression}: params.X",
		`sh params.X`:                                              "${expression}: params.X",
		`sh(/a ${X} \/ $/)`:                                        "a ${X} / $: X",
		`sh $/a $$ ${X} $/ /$`:                                     "a $ ${X} / : X",
		`steps.sh("$X")`:                                           "${X}: X",
		`sh "a ${"b ${X}"}"`:                                       "a ${expression}: X",
		`sh "${X ? 'a' : 'b'} ${X == Y} ${!X} ${X ?: 'a'}"`:        "${expression} ${expression} ${expression} ${expression}: X",
		`sh "${X.toInteger()} ${X.trim().length()} ${X.trim()}"`:   "${expression} ${expression} ${expression}: X",
		`sh "${X.replaceAll('[^a-z]', '')} ${X.replace('a', Y)}"`:  "${expression} ${expression}: X, Y",
		"def v = \"${X}\".replaceAll(/[^a-z]+/, '-')\nsh \"$v\"":   "${v}: ",
		`sh "${clean(X)} ${[X, Y].join(' ')}"`:                     "${expression} ${expression}: X, Y",
		"sh \"\"\"a\n  ${X}\n\"\"\".stripIndent()":                 "a\n  ${X}\n: X",
		"def v = params.X\nsh \"$v\"":                              "${v}: params.X",
		"def v = params.X\nv = 'a'\nsh v":                          "${expression}: params.X",
		"def v = 'a'\nsh \"$v ${env.v}\"":                          "${v} ${env.v}: env.v",
		"def v = sh(script: \"a\", returnStdout: true)\nsh \"$v\"": "a:  | ${v}: ",
		"environment { V = \"${params.X}\" }\nsh \"$V ${env.V}\"":  "${V} ${env.V}: params.X, params.X",
		"withEnv([\"V=${params.X}\"]) { bat \"$V\" }":              "${V}: params.X",
		"env.V = params.X\npwsh \"${env.V}\"":                      "${env.V}: params.X",
		"def v = { params.X }\npowershell \"$v\"":                  "${v}: ",
		"sh \"\\u0024{params.X}\"":                                 "${params.X}: params.X",
		"// sh \"$X\"\n/* sh \"$X\" */ sh 'a' // \"":               "a: ",
		"def sh(String x) { }\nsh: 1\nfoo.sh = 2\necho \"sh $X\"":  "",
		"x = a / b / c\ny = [/a'b/, ~/c\"/]\nsh 'a'":               "a: ",
		"#!/usr/bin/env groovy it's\r\nsh 'a'\r\n":                 "a: ",
		"archiveArtifacts artifacts: '**/*.xml'\nsh '//x'":         "//x: ",
	} {
		if got := strings.Join(taken(jenkinsItem(t, content)), " | "); got != want {
			t.Errorf("%s:\n got %q\nwant %q", content, got, want)
		}
	}
}

func TestJenkinsStatusAndBlocks(t *testing.T) {
	for content, want := range map[string]string{
		"stage('a') {\n  catchError(buildResult: 'SUCCESS') {\n    sh 'a'\n  }\n}": "false [stage catchError]",
		"sh(script: 'a', returnStatus: true)":                                      "true []",
		"steps { sh script: 'a', returnStatus: true }":                             "true [steps]",
		"def s = sh(script: 'a', returnStatus: true)":                              "false []",
		"if (sh(script: 'a', returnStatus: true) != 0) { error 'b' }":              "false []",
		"return sh(script: 'a', returnStatus: true)":                               "false []",
		"catchError { }\nsh 'a'":                                                   "false []",
	} {
		step := jenkinsItem(t, content).Doc["steps"].([]any)[0].(map[string]any)
		if got := fmt.Sprint(step["statusDropped"], " ", step["inside"]); got != want {
			t.Errorf("%s: %s, expected %s", content, got, want)
		}
	}
}

// names are the names in a list of the document, with another field where there is one.
func names(item Item, list, field string) string {
	var out []string
	for _, v := range item.Doc[list].([]any) {
		m := v.(map[string]any)
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%v@%v", m["name"], m[field]), "@<nil>"))
	}
	return strings.Join(out, " ")
}

func TestJenkinsLibraries(t *testing.T) {
	for content, want := range map[string]string{
		"@Library('a@v1') _":                                                          "a@v1",
		"@Library(['a@v1', \"b\"]) import x.Y":                                        "a@v1 b@",
		"@Library(value='a@main', changelog=false) _":                                 "a@main",
		"library 'a@feature/x'":                                                       "a@feature/x",
		"library(\"a@${params.V}\").com.example":                                      "a@${params.V}",
		"library identifier: 'a@v1',\n  retriever: modernSCM([$class: 'G', x: 'y'])":  "a@v1",
		"library(\n  identifier: 'a@v1', retriever: legacySCM(scm))":                  "a@v1",
		"libraries {\n  lib('a@v1')\n  lib(\"b\") }":                                  "a@v1 b@",
		"def library = 'a'\nlib('b')\nx.library('c')\ndef library(x) {}\nlibrary x.y": "",
	} {
		if got := names(jenkinsItem(t, content), "libraries", "version"); got != want {
			t.Errorf("%s: %q, expected %q", content, got, want)
		}
	}
}

func TestJenkinsImages(t *testing.T) {
	for content, want := range map[string]string{
		"agent { docker 'a:1' }": "a:1",
		"agent {\n  docker {\n    image 'a:1'\n    args '-v /x:/x'\n  }\n}":               "a:1",
		"docker.image('a:1').inside('-u root') { }\ndocker.image(\"b\").withRun { c -> }": "a:1 b",
		"containerTemplate(name: 'x', image: 'a:1', ttyEnabled: true)":                    "a:1",
		"docker.image('a').push()\ndef i = docker.build('b')\nimage 'c'\nagent any":       "",
	} {
		if got := names(jenkinsItem(t, content), "images", ""); got != want {
			t.Errorf("%s: %q, expected %q", content, got, want)
		}
	}
}

func TestJenkinsOptionsAndVariables(t *testing.T) {
	item := jenkinsItem(t, `
pipeline {
  agent { docker { image 'a:1'; args '--privileged' } }
  environment { REGION = 'eu-1'; TOKEN = credentials('a'); NAME = "x-${BUILD_ID}" }
  steps {
    script {
      env.MODE = 'fast'
      def local = 'b'
      img.inside('-u root') { withEnv(['A=1', "B=${C}"]) { sh 'args' } }
    }
  }
}`)
	equal(t, "options", names(item, "options", "text"), "<nil>@--privileged <nil>@-u root")
	equal(t, "environment", names(item, "environment", "value"), "REGION@eu-1 MODE@fast A@1")
}

func TestJenkinsSecretsAndParameters(t *testing.T) {
	item := jenkinsItem(t, `
properties([parameters([string(name: 'WHO', defaultValue: 'a'), choice(name: 'LEVEL', choices: ['a'])])])
pipeline {
  parameters { booleanParam(name: 'DRY'); text name: 'NOTE' }
  environment { TOKEN = credentials('a') }
  steps {
    build job: 'x', parameters: [string(name: 'OTHER', value: 'a')]
    withCredentials([string(credentialsId: 'a', variable: 'A'), file(credentialsId: 'f', variable: 'F'),
      usernamePassword(credentialsId: 'a', usernameVariable: 'U', passwordVariable: 'P'),
      sshUserPrivateKey(credentialsId: 'k', keyFileVariable: 'K', passphraseVariable: 'PP')]) { sh 'a' }
    mailer(variable: 'M')
  }
}`)
	equal(t, "secrets", names(item, "secrets", ""), "TOKEN TOKEN_PSW A P PP")
	equal(t, "parameters", names(item, "parameters", "type"), "WHO@string LEVEL@choice DRY@booleanParam")
}

func TestJenkinsfileNames(t *testing.T) {
	for name, want := range map[string]class{
		"Jenkinsfile": jenkinsFile, "ci/Jenkinsfile.release": jenkinsFile, "Jenkinsfile-nightly": jenkinsFile, "deploy.jenkinsfile": jenkinsFile,
		"prod.Jenkinsfile": jenkinsFile, "jenkins/build.groovy": jenkinsFile, "x/.jenkins/a.groovy": jenkinsFile,
		"Jenkinsfile.md": nothing, "jenkinsfile_test.go": nothing, "src/a.groovy": nothing, "Jenkinsfiles": nothing, "jenkins/a.yaml": dataFile,
	} {
		if got := byName(name); got != want {
			t.Errorf("%s: %d, expected %d", name, got, want)
		}
	}
}

// A whole file through the scan and the rules: each fault at its line and column, and nothing else.
func TestG10_Jenkinsfile(t *testing.T) {
	rules, err := configrules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	out := scanTree(t, memoryTree{"Jenkinsfile": `@Library(['shared@main', 'other@v1.2.3']) _
pipeline {
  agent { docker { image 'maven:3.9' } }
  parameters { string(name: 'REF'); booleanParam(name: 'DRY') }
  environment { TOKEN = credentials('token') }
  stages {
    stage('build') {
      steps {
        sh "echo ${BUILD_NUMBER} ${env.WORKSPACE} ${params.DRY}"
        sh 'git checkout "$REF"; curl -H "$TOKEN" https://example.com'
        sh """
          make
          git checkout ${params.REF}
        """
        sh "curl -H ${TOKEN} https://example.com"
        sh(script: 'sealock verify oci://registry.example.com/app', returnStatus: true)
      }
    }
  }
}
`, "jenkins/broken.groovy": "node {\n  sh 'a\n}\n"}, rules)
	var got []string
	for _, f := range out.Findings {
		got = append(got, fmt.Sprintf("%s:%d:%d %s %s", f.Path, f.Line, f.Column, f.Rule, f.Severity))
	}
	want := []string{
		"Jenkinsfile:1:11 pipeline.jenkins-library-pin medium",
		"Jenkinsfile:3:26 pipeline.jenkins-image-pin low",
		"Jenkinsfile:13:24 pipeline.jenkins-script-injection high",
		"Jenkinsfile:15:21 pipeline.jenkins-secret-interpolation medium",
		"Jenkinsfile:16:9 pipeline.jenkins-gate-neutralised high",
		"jenkins/broken.groovy:2:1 config.unreadable high",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestS17_Jenkins(t *testing.T) {
	for content, line := range map[string]int{
		"\nsh 'a":                                 2,
		"sh \"a\n\"":                              1,
		"sh '''a\n''":                             1,
		"x = $/a\n":                               1,
		"/* a\n":                                  1,
		"sh \"${a\n":                              1,
		"\n\nsh \"a ${\"b}\"":                     3,
		strings.Repeat(`"${`, maxGroovyNest+2):    1,
		strings.Repeat("x", maxJenkinsfile+1):     1,
		strings.Repeat("a = b +\n", 100_000):      1,
		strings.Repeat("sh a,\n", 100_000):        1,
		strings.Repeat("sh(a,", 100_000):          1,
		strings.Repeat("x.y(", 200_000) + "a = b": 1,
		"sh " + strings.Repeat(`/\`, 200_000):     0,
		strings.Repeat("{", 300_000) + "sh 'a'":   1,
		strings.Repeat("})]", 100_000):            0,
		"\xff\xfe\x00'\xff'":                      0,
		"sh \"$\" + '\\":                          1,
		strings.Repeat("a = a + a\nb = b + a + params.x\n", 20_000) + "sh \"$b\"\n": 0,
	} {
		items, problems, err := parseJenkins(file{"Jenkinsfile", []byte(content)}, defaultLimits())
		if err != nil || (line > 0) != (len(problems) == 1) || (len(items) == 1) == (len(problems) == 1) {
			t.Errorf("%.30q: %d items, problems %v, error %v", content, len(items), problems, err)
		} else if line > 0 && problems[0].Line != line {
			t.Errorf("%.30q: line %d, expected %d", content, problems[0].Line, line)
		}
	}
}

func FuzzJenkins(f *testing.F) {
	f.Add([]byte("@Library('a@b') _\npipeline { agent { docker 'a' }\n steps { sh \"a ${b.c('d')} $e.f\" } }"))
	f.Add([]byte("sh(script: $/a $$ ${\"b${c}\"}/$ + /d\\/${e}/, returnStatus: true)\nx = [a: 1, b: 'c']"))
	f.Add([]byte("withEnv([\"A=${params['B']}\"]) { bat '''a''' + \"\"\"b\n\"\"\".trim() } /* c */ // d"))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, problems, err := parseJenkins(file{"Jenkinsfile", data}, defaultLimits())
		if err != nil || len(items)+len(problems) != 1 {
			t.Fatal(len(items), problems, err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			for n := range i.Doc["steps"].([]any) {
				if at := i.Locate([]any{"steps", n}); at.Line < 1 || at.Column < 1 || at.EndLine < at.Line {
					t.Fatalf("place %+v", at)
				}
			}
		}
	})
}
