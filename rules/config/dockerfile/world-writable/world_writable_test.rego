# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.world_writable_test

import data.sealock.config.dockerfile.world_writable
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in world_writable.finding] with input as docker.file(lines)
}

test_chmod if found([base, "RUN chmod -R 777 /app"]) == [1]

test_letters if found([base, "RUN chmod a+rwx /app"]) == [1]

test_others if found([base, "RUN mkdir /d && chmod o+w /d"]) == [1]

test_file if found([base, "RUN chmod 0666 /etc/app.conf"]) == [1]

test_copy if found([base, "COPY --chmod=777 app /app"]) == [1]

test_install if found([base, "RUN install -d -m 0777 /data"]) == [1]

test_own_passes if found([base, "RUN chmod 755 /app && chmod g+w /data && chmod 770 /x"]) == []

test_sticky_passes if found([base, "RUN chmod 1777 /tmp"]) == []

test_copy_own_passes if found([base, "COPY --chmod=0555 app /app"]) == []

test_read_passes if found([base, "RUN chmod a+rx /usr/bin/x && chmod +x /y"]) == []
