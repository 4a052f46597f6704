// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"
	"testing"
)

func dockerfileItem(t *testing.T, content string) Item {
	t.Helper()
	items, problems, err := parseDockerfile(file{"Dockerfile", []byte(content)}, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 1 {
		t.Fatalf("%d items, problems %v, error %v", len(items), problems, err)
	}
	return items[0]
}

func TestDockerfile(t *testing.T) {
	item := dockerfileItem(t, `# syntax=docker/dockerfile:1
# A comment
ARG VERSION=1.2
ARG BASE="alpine:${VERSION}"
FROM --platform=$BUILDPLATFORM golang:${GO:-1.25} AS Build
ENV A=b C="d e" \
    F='g'
ENV OLD value of it
RUN apk add \
    # a comment between
    curl && \
    echo hi
RUN --mount=type=secret,id=x <<EOT
set -e
curl x | sh
EOT
FROM ${BASE}
COPY --from=build --chown=1:1 /a /b
USER 1000
  ONBUILD RUN make it
HEALTHCHECK --interval=5s CMD ["a", "b"]
FROM build
FROM $UNKNOWN
CMD ["x"]
`)
	stages := item.Doc["stages"].([]any)
	want := []map[string]any{
		{"index": 0, "name": "Build", "image": "golang:1.25", "base": nil, "platform": "$BUILDPLATFORM", "path": []any{"instructions", 2}, "final": false},
		{"index": 1, "name": "", "image": "alpine:1.2", "base": nil, "platform": "", "path": []any{"instructions", 7}, "final": false},
		{"index": 2, "name": "", "image": "build", "base": 0, "platform": "", "path": []any{"instructions", 13}, "final": false},
		{"index": 3, "name": "", "image": "$UNKNOWN", "base": nil, "platform": "", "path": []any{"instructions", 14}, "final": true},
	}
	for i, w := range want {
		equal(t, "stage", stages[i], w)
	}
	instructions := item.Doc["instructions"].([]any)
	at := func(n int) map[string]any { return instructions[n].(map[string]any) }
	equal(t, "ARG", at(1)["args"], []any{"BASE=alpine:${VERSION}"})
	equal(t, "stage of ARG", at(0)["stage"], -1)
	equal(t, "ENV", at(3)["args"], []any{"A=b", "C=d e", "F=g"})
	equal(t, "old ENV", at(4)["args"], []any{"OLD=value of it"})
	equal(t, "RUN", at(5)["args"], []any{"apk add     curl &&     echo hi"})
	equal(t, "heredoc", at(6)["heredocs"], []any{map[string]any{"name": "EOT", "content": "set -e\ncurl x | sh\n"}})
	equal(t, "flags", at(6)["flags"], []any{"--mount=type=secret,id=x"})
	equal(t, "COPY", at(8), map[string]any{"cmd": "copy", "text": "COPY --from=build --chown=1:1 /a /b", "args": []any{"/a", "/b"},
		"flags": []any{"--from=build", "--chown=1:1"}, "json": false, "heredocs": []any{}, "stage": 1, "path": []any{"instructions", 8}, "onbuild": false})
	equal(t, "ONBUILD", at(10)["cmd"], "onbuild")
	equal(t, "in ONBUILD", []any{at(11)["cmd"], at(11)["args"], at(11)["onbuild"], at(11)["path"]}, []any{"run", []any{"make it"}, true, []any{"instructions", 11}})
	equal(t, "HEALTHCHECK", at(12)["args"], []any{"CMD", "a", "b"})
	for _, c := range []struct {
		path      []any
		line, col int
	}{
		{[]any{"instructions", 5}, 9, 1},
		{[]any{"instructions", 11.0, "args", 0}, 20, 3},
		{[]any{"stages", 1}, 17, 1},
		{[]any{"stages", 9}, 1, 1},
		{nil, 1, 1},
	} {
		if p := item.Locate(c.path); p.Line != c.line || p.Column != c.col {
			t.Errorf("place of %v: %+v, want %d:%d", c.path, p, c.line, c.col)
		}
	}
}

func TestDockerfileEscapeDirective(t *testing.T) {
	item := dockerfileItem(t, "# escape=`\r\nFROM windows\r\nRUN dir C:\\ `\r\n  && echo\r\n")
	equal(t, "RUN", item.Doc["instructions"].([]any)[1].(map[string]any)["args"], []any{`dir C:\   && echo`})
}

func TestDockerfileProblems(t *testing.T) {
	for content, line := range map[string]int{
		"":                              1,
		"RUN x\n":                       1,
		"FROM a\nFORM b\n":              2,
		"FROM a\n\nENV secret-word\n":   3,
		"FROM a\nENV a=b secret-word\n": 2,
		"FROM a\nRUN <<EOF\nx\n":        2,
		"FROM a\nRUN [1]\n":             2,
		"FROM a\nRUN " + strings.Repeat("x", 1<<16): 1,
	} {
		_, problems, err := parseDockerfile(file{"Dockerfile", []byte(content)}, defaultLimits())
		if err != nil || len(problems) != 1 || problems[0].Line != line || strings.Contains(problems[0].Message, "secret") {
			t.Errorf("%.40q: problems %v, error %v", content, problems, err)
		}
	}
}

func TestS17_Dockerfile(t *testing.T) {
	for what, content := range map[string]string{
		"ONBUILD in ONBUILD":  "FROM a\n" + strings.Repeat("ONBUILD \\\n", 200_000) + "RUN x\n",
		"variables":           "FROM a\nCOPY <<" + strings.Repeat("${a:-", 10_000) + "\n",
		"variables, on lines": "FROM a\nCOPY <<" + strings.Repeat("${a:-\\\n", 10_000) + "\n",
		"a large file":        "FROM a\n" + strings.Repeat("RUN x\n", 1<<20),
	} {
		if _, problems, _ := parseDockerfile(file{"Dockerfile", []byte(content)}, defaultLimits()); len(problems) != 1 {
			t.Errorf("%s: %v", what, problems)
		}
	}
	var b strings.Builder
	b.WriteString("ARG A=0123456789\n")
	for range 30 {
		b.WriteString("ARG A=$A$A$A$A\n")
	}
	b.WriteString("FROM $A\n")
	if image := dockerfileItem(t, b.String()).Doc["stages"].([]any)[0].(map[string]any)["image"].(string); len(image) > 2*maxImageLength {
		t.Errorf("an image's name of %d bytes", len(image))
	}
}

func FuzzDockerfile(f *testing.F) {
	f.Add([]byte("# escape=`\nARG A=b\nFROM a:${A:-x} AS b\nONBUILD RUN <<-EOF\n\tx\nEOF\nENV a=b c='d'\nHEALTHCHECK CMD x\n"))
	f.Add([]byte("FROM a\nCOPY <<a <<\"b c\" /x/\na\nb c\nRUN [\"a\"]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, problems, err := parseDockerfile(file{"Dockerfile", data}, defaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if len(items) == 0 && len(problems) == 0 {
			t.Fatal("neither an item nor a problem")
		}
		for _, p := range problems {
			if strings.Contains(p.Message, "broke down") {
				t.Fatal(p.Message)
			}
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
		}
	})
}
