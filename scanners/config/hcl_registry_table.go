// SPDX-License-Identifier: Apache-2.0

package config

// registryParts is what modules of terraform-aws-modules make of their arguments, by the documentation of their inputs.
var registryParts = map[string][]registryPart{
	"s3-bucket": {
		{kind: "aws_s3_bucket", same: []string{"acl", "grant", "policy", "versioning", "logging", "server_side_encryption_configuration", "cors_rule"}},
		{kind: "aws_s3_bucket_public_access_block", unsaid: true, same: []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"}},
	},
	"rds":              {{kind: "aws_db_instance", same: databaseArguments}},
	"rds//db_instance": {{kind: "aws_db_instance", same: databaseArguments}},
	"rds-aurora": {
		{kind: "aws_rds_cluster", same: []string{"storage_encrypted", "iam_database_authentication_enabled", "engine", "engine_version", "engine_mode", "enabled_cloudwatch_logs_exports"}},
		{kind: "aws_rds_cluster_instance", same: []string{"publicly_accessible"}},
	},
	"ec2-instance": {{kind: "aws_instance", same: []string{"associate_public_ip_address", "metadata_options", "root_block_device", "ebs_block_device"},
		rename: map[string]string{"ebs_volumes": "ebs_block_device"}}},
	"autoscaling": {
		{kind: "aws_launch_template", same: []string{"block_device_mappings", "network_interfaces", "metadata_options"}},
		{kind: "aws_launch_configuration", same: []string{"root_block_device", "ebs_block_device", "associate_public_ip_address"}},
	},
	"alb": {{kind: "aws_lb", same: []string{"load_balancer_type", "drop_invalid_header_fields", "desync_mitigation_mode", "access_logs"}}},
	"elb": {{kind: "aws_elb", same: []string{"listener", "access_logs"}}},
	"sns": {{kind: "aws_sns_topic", same: []string{"kms_master_key_id"}}},
	"sqs": {{kind: "aws_sqs_queue", same: []string{"kms_master_key_id", "sqs_managed_sse_enabled"}}},
	"vpc": {
		{kind: "aws_subnet", same: []string{"map_public_ip_on_launch"}},
		{kind: "aws_default_security_group", rename: map[string]string{"default_security_group_ingress": "ingress", "default_security_group_egress": "egress"}},
	},
	"eks": {{kind: "aws_eks_cluster", rename: map[string]string{
		"cluster_endpoint_public_access": "vpc_config.endpoint_public_access", "endpoint_public_access": "vpc_config.endpoint_public_access",
		"cluster_endpoint_public_access_cidrs": "vpc_config.public_access_cidrs", "endpoint_public_access_cidrs": "vpc_config.public_access_cidrs",
		"cluster_enabled_log_types": "enabled_cluster_log_types", "enabled_log_types": "enabled_cluster_log_types",
		"cluster_encryption_config": "encryption_config", "encryption_config": "encryption_config",
	}}},
	"lambda":       {{kind: "aws_lambda_function_url", same: []string{"authorization_type"}}},
	"kms":          {{kind: "aws_kms_key", same: []string{"enable_key_rotation", "key_usage", "customer_master_key_spec", "custom_key_store_id"}}},
	"cloudfront":   {{kind: "aws_cloudfront_distribution", same: []string{"default_cache_behavior", "ordered_cache_behavior", "viewer_certificate", "origin", "logging_config"}}},
	"ecr":          {{kind: "aws_ecr_repository", rename: map[string]string{"repository_image_tag_mutability": "image_tag_mutability", "repository_image_scan_on_push": "image_scanning_configuration.scan_on_push"}}},
	"efs":          {{kind: "aws_efs_file_system", same: []string{"encrypted"}}},
	"redshift":     {{kind: "aws_redshift_cluster", same: []string{"encrypted", "publicly_accessible", "logging"}}},
	"opensearch":   {{kind: "aws_opensearch_domain", same: []string{"encrypt_at_rest", "node_to_node_encryption", "domain_endpoint_options", "log_publishing_options"}}},
	"elasticache":  {{kind: "aws_elasticache_replication_group", same: []string{"at_rest_encryption_enabled", "transit_encryption_enabled", "transit_encryption_mode"}}},
	"dms":          {{kind: "aws_dms_replication_instance", rename: map[string]string{"repl_instance_publicly_accessible": "publicly_accessible"}}},
	"ecs//service": {{kind: "aws_ecs_service", rename: map[string]string{"assign_public_ip": "network_configuration.assign_public_ip"}}},
	"memory-db":    {{kind: "aws_memorydb_cluster", same: []string{"tls_enabled"}}},
	"msk-kafka-cluster": {{kind: "aws_msk_cluster", rename: map[string]string{
		"encryption_in_transit_client_broker": "encryption_info.encryption_in_transit.client_broker", "encryption_in_transit_in_cluster": "encryption_info.encryption_in_transit.in_cluster",
	}}},
	"iam//iam-account": {{kind: "aws_iam_account_password_policy", same: []string{"minimum_password_length", "password_reuse_prevention", "require_lowercase_characters",
		"require_uppercase_characters", "require_numbers", "require_symbols", "allow_users_to_change_password", "max_password_age"}}},
}

var databaseArguments = []string{"storage_encrypted", "publicly_accessible", "iam_database_authentication_enabled", "engine", "engine_version", "enabled_cloudwatch_logs_exports",
	"ca_cert_identifier", "replicate_source_db", "snapshot_identifier"}

// portRange is a range that a rule of the security group module has a name for.
type portRange struct {
	from, to int
	protocol string
}

// namedPorts is the names of rules, and the submodules that are called after a service.
var namedPorts = map[string]portRange{
	"all-all": {-1, -1, "-1"}, "all-tcp": {0, 65535, "tcp"}, "all-udp": {0, 65535, "udp"},
	"ssh-tcp": {22, 22, "tcp"}, "ssh": {22, 22, "tcp"},
	"rdp-tcp": {3389, 3389, "tcp"}, "rdp-udp": {3389, 3389, "udp"}, "rdp": {3389, 3389, "tcp"},
	"http-80-tcp": {80, 80, "tcp"}, "http-80": {80, 80, "tcp"}, "http-8080-tcp": {8080, 8080, "tcp"}, "http-8080": {8080, 8080, "tcp"},
	"https-443-tcp": {443, 443, "tcp"}, "https-443": {443, 443, "tcp"}, "https-8443-tcp": {8443, 8443, "tcp"}, "https-8443": {8443, 8443, "tcp"},
	"postgresql-tcp": {5432, 5432, "tcp"}, "postgresql": {5432, 5432, "tcp"}, "mysql-tcp": {3306, 3306, "tcp"}, "mysql": {3306, 3306, "tcp"},
	"mssql-tcp": {1433, 1433, "tcp"}, "mssql": {1433, 1433, "tcp"}, "oracle-db-tcp": {1521, 1521, "tcp"}, "oracle-db": {1521, 1521, "tcp"},
	"redis-tcp": {6379, 6379, "tcp"}, "redis": {6379, 6379, "tcp"}, "memcached-tcp": {11211, 11211, "tcp"}, "memcached": {11211, 11211, "tcp"},
	"mongodb-27017-tcp": {27017, 27017, "tcp"}, "mongodb": {27017, 27017, "tcp"}, "redshift-tcp": {5439, 5439, "tcp"}, "redshift": {5439, 5439, "tcp"},
	"elasticsearch-rest-tcp": {9200, 9200, "tcp"}, "elasticsearch-java-tcp": {9300, 9300, "tcp"}, "elasticsearch": {9200, 9200, "tcp"},
	"cassandra-clients-tcp": {9042, 9042, "tcp"}, "cassandra": {9042, 9042, "tcp"}, "kafka-broker-tcp": {9092, 9092, "tcp"}, "kafka": {9092, 9092, "tcp"},
	"consul-webui-http-tcp": {8500, 8500, "tcp"}, "kibana-tcp": {5601, 5601, "tcp"}, "rabbitmq-5672-tcp": {5672, 5672, "tcp"}, "rabbitmq": {5672, 5672, "tcp"},
	"nfs-tcp": {2049, 2049, "tcp"}, "nfs": {2049, 2049, "tcp"}, "docker-swarm-mngmt-tcp": {2377, 2377, "tcp"}, "docker-swarm": {2377, 2377, "tcp"},
	"winrm-http-tcp": {5985, 5985, "tcp"}, "winrm-https-tcp": {5986, 5986, "tcp"}, "winrm": {5985, 5986, "tcp"}, "kubernetes-api-tcp": {6443, 6443, "tcp"},
}
