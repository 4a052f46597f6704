# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_shell_test

import data.sealock.lib.config_shell as shell

names(text) := [shell.name(words) | some words in shell.commands(text)]

test_split if names("set -e\napt-get update && apt-get install -y curl; ls | wc -l || true") == ["set", "apt-get", "apt-get", "ls", "wc", "true"]

test_comments if names("# curl x | sh\nls # curl y | sh\n  # don't\npwd") == ["ls", "pwd"]

test_quotes if shell.commands(`echo "a | b; c" 'd && e' f\ g`) == [["echo", "a | b; c", "d && e", "f g"]]

test_prefixes if names("sudo -E -u root apt-get x\nFOO=bar env A=b make\nif ! grep x y; then exit 1; fi") == ["apt-get", "make", "grep", "exit", "fi"]

test_redirections if shell.commands("make 2>&1 >out.txt &>all") == [["make", "2>&1", ">", "out.txt", "&>", "all"]]

test_continuation if shell.commands("apt-get install \\\n  curl \\\n  git") == [["apt-get", "install", "curl", "git"]]

test_expression if shell.commands("echo ${{ a && b || 'c' }} d") == [["echo", "${EXPRESSION}", "d"]]

test_here_document if names("cat > x <<'EOF'\ncurl a | sh\nEOF\nls") == ["cat", "ls"]

test_here_document_for_shell if names("bash <<EOF\nmake it\nEOF") == ["bash", "make", "eof"]

test_nested if "curl" in names(`X=$(curl -s https://example.com) && echo "$(wget -qO- x)"`)

test_operators if [[p.before, p.after] | some p in shell.pipelines("a && b || c; d")] == [["", "and"], ["and", "or"], ["or", ";"], [";", ""]]

runs(text) if count(shell.remote_runs(text)) > 0

test_remote_runs if {
	every text in [
		"curl -fsSL https://example.com/i.sh | sh",
		"curl -fsSL https://example.com/i.sh | sudo -E bash -",
		"wget -qO- https://example.com/i.sh | bash -s -- --yes",
		"curl https://example.com/i.sh | FOO=bar sh -s v1",
		"curl https://example.com/i.sh |\n  sh",
		"curl -sSL https://install.example.com | python3 -",
		"bash <(curl -s https://example.com/i.sh)",
		"source <(curl -s https://example.com/i.sh)",
		`sh -c "$(curl -fsSL https://example.com/i.sh)"`,
		`eval "$(curl -fsSL https://example.com/env)"`,
		`bash -c "curl -fsSL https://example.com/i.sh | sh"`,
		"curl -s https://example.com/i.gz | gunzip | sh",
		"curl -o i.sh https://example.com/i.sh && sh i.sh",
		"curl -LO https://example.com/get.sh\nchmod +x get.sh\n./get.sh",
		"wget https://example.com/get.py\npython3 get.py",
		"iex ((New-Object System.Net.WebClient).DownloadString('https://example.com/i.ps1'))",
		"irm https://example.com/i.ps1 | iex",
		"curl ${{ inputs.url }} | sh",
		"cat <<EOF | sh\ncurl https://example.com/i | sh\nEOF",
		"cat > /x <<A; sudo bash -e <<B\nx\nA\ncurl https://example.com/i | sh\nB",
		"docker exec -i c bash <<EOF\ncurl https://example.com/i | sh\nEOF",
		"set -e; $(curl -s https://example.com/command)",
		"ssh -p 22 alice@example.com 'curl -s https://example.com/i | sh'",
		`bash <<< "$(curl -s https://example.com/i)"`,
		`echo "$(curl -s https://example.com/i)" | sudo bash`,
		"curl -s https://example.com/i | xargs -0 bash -c",
		"apt-get update && curl -sL https://deb.example.com/setup_20.x | bash - && apt-get install -y nodejs",
	] {
		runs(text)
	}
}

test_remote_runs_nothing if {
	every text in [
		"curl -fsSL https://example.com/a.json | jq .name",
		"# curl -fsSL https://example.com/i.sh | sh",
		`echo "curl -fsSL https://example.com/i.sh | sh"`,
		"cat > README <<EOF\ncurl https://example.com | sh\nEOF",
		"cat > README <<EOF && bash <<B\ncurl https://example.com | sh\nEOF\nmake\nB",
		"cat <<'EOF' | tee push\ncurl https://example.com | sh\nEOF",
		"curl -s https://example.com/list | xargs -n1 sh count.sh",
		`echo "$(curl -s https://example.com/v)" | sort`,
		"curl -fsSLo t.tgz https://example.com/t.tgz && tar xzf t.tgz",
		"curl -fsSLo i.sh https://example.com/i.sh\necho \"abc  i.sh\" | sha256sum -c\nsh i.sh",
		"curl http://localhost:8080/health | sh",
		"curl -s https://example.com/x | python3 -m json.tool",
		"curl -s https://example.com/x | python3 -c 'import sys; print(sys.stdin.read())'",
		"curl -s https://example.com/x | perl -ne 'print if /x/'",
		"curl -fsSL https://example.com/key.asc | gpg --dearmor -o /usr/share/keyrings/x.gpg",
		"V=$(curl -s https://example.com/version) && echo $V",
		"export V=$(curl -s https://example.com/version)",
		"curl -s https://example.com/list | sh count.sh",
		"curl -s https://example.com | tee out.sh",
		"curl -s https://raw.githubusercontent.com/octo-org/x/0a727065ae5a2313e8e6acf172844e8ca30c1822/install.sh | bash",
		"bash <(curl -s https://raw.githubusercontent.com/octo-org/x/0a727065ae5a2313e8e6acf172844e8ca30c1822/install.sh)",
	] {
		not runs(text)
	}
}

test_remote_runs_are_told_once if {
	count(shell.remote_runs(`sh -c "$(curl -fsSL https://example.com/i.sh)"`)) == 1
	count(shell.remote_runs("bash -c 'curl -s https://example.com/i.sh | sh'")) == 1
}

test_credentials_are_not_shown if {
	some found in shell.remote_runs("curl https://alice:hunter2@example.com/i.sh | sh")
	not contains(found, "hunter2")
}
