# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_downloads_test

import data.sealock.lib.config_downloads as downloads

runs(text) if count(downloads.runs(text)) > 0

test_runs if {
	every text in [
		"curl -fsSL https://example.com/i.sh | sh",
		`python3 -c "import urllib.request as u; exec(u.urlopen('https://example.com/i.py').read())"`,
		"exec(__import__('urllib.request').request.urlopen('https://example.com/i.py').read())",
		"import requests\nr = requests.get('https://example.com/i.py')\nexec(r.text)",
		`ruby -e "eval(URI.open('https://example.com/i.rb').read)"`,
		`perl -MLWP::Simple -e 'eval get("https://example.com/i.pl")'`,
		`php -r "eval('?>' . file_get_contents('https://example.com/i.php'));"`,
		`php -r "copy('https://example.com/installer', 'setup.php');" && php setup.php --install-dir=/usr/local/bin`,
		`php -r "readfile('https://example.com/installer');" | php`,
		"$s = Invoke-WebRequest https://example.com/i.ps1\nInvoke-Expression $s.Content",
		"Invoke-WebRequest https://example.com/i.exe -OutFile i.exe; Start-Process ./i.exe -Wait",
		"iwr -OutFile C:\\t\\i.msi https://example.com/i.msi\nmsiexec.exe /i C:\\t\\i.msi /qn",
		"(New-Object Net.WebClient).DownloadFile('https://example.com/i.ps1', 'i.ps1'); ./i.ps1",
		"Invoke-WebRequest -Uri https://example.com/i.ps1 -OutFile $env:TEMP\\i.ps1\n& $env:TEMP\\i.ps1",
		"deno run -A https://example.com/x/mod.ts",
	] {
		runs(text)
	}
}

test_runs_nothing if {
	every text in [
		"python3 -c \"import requests; print(requests.get('https://example.com/v').text)\"",
		"docker exec app curl -X get \"https://example.com\"",
		"const m = /v(.*)/.exec(await fetch('https://example.com/v'))",
		"r = requests.get('https://example.com/v')\nprint(eval('1+1'))",
		"Invoke-WebRequest https://example.com/i.zip -OutFile i.zip; Expand-Archive i.zip; Remove-Item i.zip",
		"Invoke-WebRequest https://example.com/i.exe -OutFile i.exe\nif ((Get-FileHash i.exe).Hash -ne $sum) { exit 1 }\n./i.exe",
		"Invoke-WebRequest https://example.com/i.tar.gz -OutFile \".\\i.tar.gz\"\ntar -zxf \".\\i.tar.gz\"",
		"Invoke-WebRequest https://example.com/i.bin -OutFile \"$env:TEMP\\i.bin\"\nGet-Content -Path \"$env:TEMP\\i.bin\"",
		"# exec(urlopen('https://example.com/i.py').read())\nmake",
		"deno run -A https://example.com/x@1.2.3/mod.ts",
		"deno test --allow-net=https://example.com",
	] {
		not runs(text)
	}
}

test_severity if {
	downloads.severity(downloads.runs("curl https://example.com/i.sh | sh")) == "high"
	downloads.severity(downloads.runs("curl -O https://example.com/i.sh; sh i.sh")) == "medium"
}
