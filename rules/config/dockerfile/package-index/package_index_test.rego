# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.package_index_test

import data.sealock.config.dockerfile.package_index
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in package_index.finding] with input as docker.file(lines)
}

test_trusted_host if found([base, "RUN pip install --trusted-host pypi.example.com -r requirements.txt"]) == [1]

test_http_index if found([base, "RUN pip install -i http://pypi.example.com/simple flask==3.1.0"]) == [1]

test_npm_registry if found([base, "RUN npm install --registry=http://npm.example.com"]) == [1]

test_npm_config if found([base, "RUN npm config set registry http://npm.example.com"]) == [1]

test_variable if found([base, "ENV PIP_TRUSTED_HOST=pypi.example.com"]) == [1]

test_index_variable if found([base, "ENV PIP_INDEX_URL=http://pypi.example.com/simple"]) == [1]

test_gem if found([base, "RUN gem install x --source http://gems.example.com"]) == [1]

test_https_passes if found([base, "RUN pip install --index-url https://pypi.example.com/simple -r requirements.txt"]) == []

test_local_passes if found([base, "RUN npm install --registry http://localhost:4873"]) == []

test_proxy_passes if found([base, "RUN npm config set proxy http://proxy.example.com:3128"]) == []

test_variable_https_passes if found([base, "ENV GOPROXY=https://proxy.golang.org,direct"]) == []

test_trusted_host_for_good if found([base, "RUN pip config set global.trusted-host pypi.example.com"]) == [1]
