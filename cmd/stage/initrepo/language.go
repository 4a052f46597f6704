// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"encoding/json"
	"encoding/xml"
	"path"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
)

// language is one kind of source code: how it is recognised, what the project is called, and an example of its build.
type language struct {
	name    string
	files   []string // patterns at the top of the folder; the first that is there counts
	project func(file string, data []byte) string
	run     []string // NAME stands for the project
	product string
	output  string // folder that the build writes to
}

// languages in the order in which one of several decides. Many projects carry a package.json beside their own language's file.
func languages() []language {
	return []language{
		{"Go", []string{"go.mod"}, goName, []string{"go", "build", "-trimpath", "-o", "dist/NAME", "."}, "file:dist/NAME", "dist"},
		{"Rust", []string{"Cargo.toml"}, tomlName, []string{"cargo", "build", "--release", "--locked"}, "file:target/release/NAME", "target"},
		{"Python", []string{"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"}, tomlName,
			[]string{"python", "-m", "build", "--outdir", "dist"}, "dir:dist", "dist"},
		{"Java", []string{"pom.xml"}, mavenName, []string{"mvn", "-B", "package"}, "file:target/NAME.jar", "target"},
		{"Java", []string{"build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"}, quotedName, []string{"./gradlew", "assemble"}, "dir:build/libs", "build"},
		{"Ruby", []string{"*.gemspec", "Gemfile"}, fileName, []string{"gem", "build", "-o", "dist/NAME.gem"}, "file:dist/NAME.gem", "dist"},
		{"PHP", []string{"composer.json"}, jsonName, []string{"composer", "archive", "--dir", "dist"}, "dir:dist", "dist"},
		{".NET", []string{"*.sln", "*.csproj", "*.fsproj"}, fileName, []string{"dotnet", "publish", "-o", "dist"}, "dir:dist", "dist"},
		{"JavaScript", []string{"package.json"}, jsonName, []string{"npm", "pack", "--pack-destination", "dist"}, "dir:dist", "dist"},
	}
}

// found is a language of the folder.
type found struct {
	language
	project string
}

// findLanguages notes all languages and gives the one that decides, a zero one if there is none.
func (p *Plan) findLanguages(look *folder) found {
	var first found
	for _, l := range languages() {
		for _, pattern := range l.files {
			file := look.match(pattern)
			if file == "" {
				continue
			}
			p.Languages = append(p.Languages, l.name+" ("+file+")")
			if first.name == "" {
				first = found{l, l.project(file, look.read(file))}
			}
			break
		}
	}
	return first
}

// example is how a build stage of this language may look.
type example struct{ Run, Product, Outputs string }

func (f found) example(name, source string) example {
	l := f.language
	if l.name == "" {
		l = language{run: []string{"make"}, product: "dir:dist", output: "dist"}
	}
	fill := strings.NewReplacer("NAME", name)
	e := example{Run: "[" + fill.Replace(strings.Join(l.run, ", ")) + "]", Product: "[" + quote(fill.Replace(l.product)) + "]"}
	if strings.HasPrefix(source, "dir:") {
		e.Outputs = "[" + l.output + "]"
	}
	return e
}

func goName(_ string, data []byte) string {
	name := modfile.ModulePath(data)
	if base := path.Base(name); majorVersion.MatchString(base) && base != name {
		name = path.Dir(name)
	}
	return majorSuffix.ReplaceAllString(path.Base(name), "")
}

var (
	majorVersion = regexp.MustCompile(`^v[0-9]+$`)
	majorSuffix  = regexp.MustCompile(`\.v[0-9]+$`) // gopkg.in/name.v3
	tomlLine     = regexp.MustCompile(`^\s*name\s*=\s*["']([^"']+)["']`)
	tomlTable    = regexp.MustCompile(`^\s*\[+\s*([^\]]+?)\s*\]`)
	gradleLine   = regexp.MustCompile(`rootProject\.name\s*=\s*["']([^"']+)["']`)
)

// tomlName reads the name in the table of the project. A name is all that is wanted, so the file is not parsed.
func tomlName(_ string, data []byte) string {
	table := ""
	for line := range strings.Lines(string(data)) {
		if m := tomlTable.FindStringSubmatch(line); m != nil {
			table = m[1]
		}
		if m := tomlLine.FindStringSubmatch(line); m != nil && (table == "project" || table == "package" || table == "tool.poetry") {
			return m[1]
		}
	}
	return ""
}

func jsonName(_ string, data []byte) string {
	var doc struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(data, &doc) != nil {
		return ""
	}
	return path.Base(doc.Name) // without @scope/ or vendor/
}

func mavenName(_ string, data []byte) string {
	var doc struct {
		ArtifactID string `xml:"artifactId"`
	}
	if xml.Unmarshal(data, &doc) != nil {
		return ""
	}
	return doc.ArtifactID
}

func quotedName(_ string, data []byte) string {
	if m := gradleLine.FindSubmatch(data); m != nil {
		return string(m[1])
	}
	return ""
}

func fileName(file string, _ []byte) string {
	if base, ok := strings.CutSuffix(file, path.Ext(file)); ok && path.Ext(file) != "" {
		return base
	}
	return ""
}

// maxName leaves room for the endings of identities' names, which have at most 63 characters.
const maxName = 50

// cleanName brings a project's name to the form of names in a policy: lower-case letters, digits and single dashes.
func cleanName(s string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxName {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
