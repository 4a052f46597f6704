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

test_dnf if found([base, "RUN dnf install -y --setopt=install_weak_deps=False httpd"]) == [1]

test_yum if found([base, "RUN yum -y install java-21-openjdk gcc-c++"]) == [1]

test_zypper if found([base, "RUN zypper --non-interactive in nginx"]) == [1]

test_dnf_pinned_passes if found([base, "RUN dnf install -y httpd-2.4.62 bash-5.1.8-9.el9.x86_64"]) == []

test_glob_pinned_passes if found([base, "RUN microdnf install -y python3-3.9.* kernel-headers-5.14.0-503.el9"]) == []

test_file_of_rpm_passes if found([base, "RUN dnf install -y ./y.rpm @core kernel-devel-$(uname -r)"]) == []

test_zypper_pinned_passes if found([base, "RUN zypper in -y 'nginx=1.27.1' --repo main"]) == []

test_no_rpm_passes if found([base, "RUN dnf module install -y nodejs:22", "RUN dnf update -y"]) == []

test_javascript if at([base, "RUN yarn global add serve", "RUN npm install express", "RUN pnpm add -g @angular/cli", "RUN bun add hono@latest"]) == {1, 2, 3, 4}

test_javascript_pinned_passes if found([
	base, "RUN yarn install --frozen-lockfile", "RUN npm install && npm run add users", "RUN pnpm add -g @angular/cli@19.0.1", "RUN npm install ./local @types/node@22",
]) == []

test_other_python if at([
	base, "RUN uv pip install httpx", "RUN pipx install poetry", "RUN conda install -y -c conda-forge numpy", "RUN pip install git+https://github.com/example/lib@main",
]) == {1, 2, 3, 4}

test_other_python_pinned_passes if found([
	base, "RUN uv pip install -r requirements.txt", "RUN pipx install poetry==2.0.1", "RUN conda install -y numpy=2.2.1 --file env.txt",
	"RUN pip install git+https://github.com/example/lib@v1.4.0",
]) == []

test_other_languages if at([base, "RUN cargo install --locked just", "RUN dotnet tool install -g dotnet-ef", "RUN composer require monolog/monolog"]) == {1, 2, 3}

test_other_languages_pinned_pass if found([
	base, "RUN cargo install just@1.38.0 --locked && cargo install --path .", "RUN dotnet tool install -g dotnet-ef --version 9.0.0", "RUN composer require monolog/monolog:3.8.0",
]) == []

at(lines) := {n | some n in found(lines)}

test_document if found([base, {"text": "RUN <<EOF", "heredocs": [{"name": "EOF", "content": "apt-get update\napt-get install -y curl\n"}]}]) == [1]

test_exec_form if found([base, {"text": "RUN", "args": ["pip", "install", "flask"]}]) == [1]
