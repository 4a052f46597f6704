# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_detection_test

import data.sealock.config.cloud_logging.aws_detection as rule
import data.sealock.lib.config_cloud_test as t

test_detector_that_is_off if {
	findings := rule.finding with input as t.doc([t.res("aws_guardduty_detector", {"enable": false})])
	t.paths(findings) == {["enable"]}
}

test_aggregator_of_some_regions if {
	findings := rule.finding with input as t.doc([t.res("aws_config_configuration_aggregator", {"account_aggregation_source": [{"account_ids": ["111122223333"], "regions": ["eu-west-1"]}]})])
	t.paths(findings) == {["account_aggregation_source", 0, "all_regions"]}
}

test_recorder_of_some_resources if {
	findings := rule.finding with input as t.doc([t.res("aws_config_configuration_recorder", {"recording_group": [{"all_supported": false}]})])
	t.paths(findings) == {["recording_group", 0, "all_supported"]}
}

test_watching if {
	findings := rule.finding with input as t.doc([
		t.res("aws_guardduty_detector", {}),
		t.res("aws_guardduty_detector", {"enable": "true"}),
		t.res("aws_config_configuration_recorder", {"recording_group": [{"all_supported": true, "include_global_resource_types": true}]}),
		t.res("aws_config_configuration_aggregator", {"organization_aggregation_source": [{"all_regions": true}]}),
	])
	findings == set()
}
