# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.user_non_root_test

import data.sealock.config.dockerfile.user_non_root
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in user_non_root.finding] with input as docker.file(lines) with data.params as {"dockerfile.user-non-root": {"nonroot": ["cgr.dev/chainguard/"]}}
}

test_no_user if found(["FROM debian:13", "COPY app /app", {"text": "CMD", "args": ["/app"]}]) == [0]

test_root if found(["FROM debian:13", "USER root", "CMD /app"]) == [1]

test_zero_with_group if found(["FROM debian:13", "USER 0:0"]) == [1]

test_root_again_at_the_end if found(["FROM debian:13", "USER app", "RUN id", "USER root", "RUN apt-get update"]) == [3]

test_user_of_another_stage if found(["FROM golang:1.26 AS build", "USER app", "FROM debian:13", "COPY --from=build /app /app"]) == [2]

test_root_of_the_base_stage if found(["FROM debian:13 AS base", "USER root", "FROM base", "CMD /app"]) == [1]

test_scratch_that_starts_something if found(["FROM scratch", "COPY app /app", {"text": "ENTRYPOINT", "args": ["/app"]}]) == [0]

test_distroless_without_nonroot if found(["FROM gcr.io/distroless/static:latest", {"text": "ENTRYPOINT", "args": ["/app"]}]) == [0]

test_root_by_argument if found(["FROM debian:13", "ARG RUNAS=root", "USER $RUNAS"]) == [2]

test_number_passes if found(["FROM debian:13", "USER 65532:65532"]) == []

test_name_passes if found(["FROM debian:13", "RUN useradd app", "USER app"]) == []

test_user_of_the_base_stage_passes if found(["FROM debian:13 AS base", "USER 1000", "FROM base", "CMD /app"]) == []

test_distroless_nonroot_passes if found(["FROM gcr.io/distroless/static:nonroot", {"text": "ENTRYPOINT", "args": ["/app"]}]) == []

test_own_user_by_parameter_passes if found(["FROM cgr.dev/chainguard/static:latest", "CMD /app"]) == []

test_files_only_passes if found(["FROM golang:1.26 AS build", "RUN make", "FROM scratch", "COPY --from=build /out /"]) == []

test_unknown_base_passes if found(["FROM $BASE", "CMD /app"]) == []

test_unknown_user_passes if found(["FROM debian:13", "USER ${UID}"]) == []

test_root_for_a_while_passes if found(["FROM debian:13", "USER root", "RUN apt-get update", "USER 1000"]) == []

test_administrator_of_windows if found(["FROM mcr.microsoft.com/windows/nanoserver:ltsc2025", "USER ContainerAdministrator"]) == [1]

test_chiseled_passes if found(["FROM mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled", {"text": "ENTRYPOINT", "args": ["./app"]}]) == []

test_start_that_steps_down_passes if {
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["/usr/sbin/gosu", "shop:shop", "/app"]}]) == []
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["setpriv", "--reuid=10001", "--clear-groups", "/app"]}]) == []
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["chpst", "-u", "shop", "/app"]}]) == []
}

test_start_that_stays_root if {
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["gosu", "root", "/app"]}]) == [0]
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["setpriv", "--reuid=0", "/app"]}]) == [0]
	found(["FROM debian:13", {"text": "ENTRYPOINT", "args": ["/gosu-like", "shop", "/app"]}]) == [0]
}
