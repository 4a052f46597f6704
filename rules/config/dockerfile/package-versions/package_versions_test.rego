# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.package_versions_test

import data.sealock.config.dockerfile.package_versions
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in package_versions.finding] with input as docker.file(lines)
}

test_apt if found([base, "RUN apt-get update && apt-get install -y --no-install-recommends curl git && rm -rf /var/lib/apt/lists/*"]) == [1]

test_apk if found([base, "RUN apk add --no-cache bash"]) == [1]

test_pip if found([base, "RUN pip install flask requests>=2"]) == [1]

test_npm if found([base, "RUN npm install -g yarn"]) == [1]

test_gem if found([base, "RUN gem install bundler"]) == [1]

test_go if found([base, "RUN go install example.com/tool@latest"]) == [1]

test_python_module if found([base, "RUN python3 -m pip install --no-cache-dir flask"]) == [1]

test_one_of_two if found([base, "RUN apt-get install -y curl=8.5.0-2 git"]) == [1]

test_apt_pinned_passes if found([base, "RUN apt-get update && apt-get install -y curl=8.5.0-2 git=1:2.43.0-1"]) == []

test_apk_pinned_passes if found([base, "RUN apk add --no-cache bash=5.2.37-r0 'curl~8.12'"]) == []

test_requirements_passes if found([base, "RUN pip install --no-cache-dir -r requirements.txt"]) == []

test_pip_pinned_passes if found([base, "RUN pip install flask==3.1.0 && pip install ."]) == []

test_npm_pinned_passes if found([base, "RUN npm install -g yarn@1.22.22 && npm ci"]) == []

test_variable_passes if found([base, "RUN apt-get install -y $PACKAGES"]) == []

test_gem_pinned_passes if found([base, "RUN gem install bundler -v 2.5.0"]) == []

test_upgrade_of_pip_passes if found([base, "RUN pip install --upgrade pip"]) == []

test_go_pinned_passes if found([base, "RUN go install example.com/tool@v1.2.3"]) == []

test_file_passes if found([base, "RUN apt-get install -y ./x.deb"]) == []
