# SPDX-License-Identifier: Apache-2.0

# The ledger of payments. Not public, encrypted, in two zones; the service signs in with a token of fifteen minutes instead of a
# password, and the administrator's password is made and rotated by Secrets Manager, so that no state file holds it.
resource "aws_db_instance" "ledger" {
  identifier     = "shop-${var.environment}-ledger"
  engine         = "postgres"
  engine_version = "17"
  instance_class = "db.t4g.medium"

  allocated_storage     = 20
  max_allocated_storage = 100
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.data.arn

  db_name                             = "ledger"
  username                            = "administrator"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.data.key_id
  iam_database_authentication_enabled = true

  multi_az               = true
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.ledger.name
  vpc_security_group_ids = [aws_security_group.ledger.id]
  parameter_group_name   = aws_db_parameter_group.ledger.name
  ca_cert_identifier     = "rds-ca-rsa4096-g1"

  backup_retention_period    = 30
  copy_tags_to_snapshot      = true
  deletion_protection        = true
  skip_final_snapshot        = false
  final_snapshot_identifier  = "shop-${var.environment}-ledger-final"
  auto_minor_version_upgrade = true

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.data.arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
}

resource "aws_db_subnet_group" "ledger" {
  name       = "shop-${var.environment}-ledger"
  subnet_ids = var.private_subnet_ids
}

resource "aws_db_parameter_group" "ledger" {
  name   = "shop-${var.environment}-ledger"
  family = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "ssl_min_protocol_version"
    value = "TLSv1.2"
  }

  parameter {
    name  = "log_connections"
    value = "1"
  }
}

# Only the payments service gets in, and the database itself goes nowhere.
resource "aws_security_group" "ledger" {
  name        = "shop-${var.environment}-ledger"
  description = "The ledger: PostgreSQL from the payments service"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "ledger" {
  security_group_id            = aws_security_group.ledger.id
  description                  = "PostgreSQL from the payments service"
  referenced_security_group_id = var.payments_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
