# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.setuid_test

import data.sealock.config.dockerfile.setuid
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in setuid.finding] with input as docker.file(lines)
}

test_number if found([base, "RUN chmod 4755 /usr/bin/x"]) == [1]

test_letters if found([base, "RUN chmod u+s /bin/ping"]) == [1]

test_both if found([base, "RUN chmod +s /bin/x"]) == [1]

test_install if found([base, "RUN install -m 4755 x /usr/bin/x"]) == [1]

test_copy if found([base, "COPY --chmod=4755 x /x"]) == [1]

test_none_passes if found([base, "RUN chmod 0755 /usr/bin/x"]) == []

test_removed_passes if found([base, "RUN chmod u-s /bin/su && find / -perm /6000 -exec chmod a-s {} +"]) == []

test_group_of_folder_passes if found([base, "RUN chmod g+s /srv && chmod 2775 /srv"]) == []
