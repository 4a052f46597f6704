# SPDX-License-Identifier: Apache-2.0

# Roles are assumed by one service account each, with a token that the cluster issues; there are no users and no access keys.

locals {
  service_accounts = {
    payments      = data.aws_iam_policy_document.payments.json
    catalog       = data.aws_iam_policy_document.catalog.json
    secret-reader = data.aws_iam_policy_document.secret_reader.json
  }
}

data "aws_iam_policy_document" "assume" {
  for_each = local.service_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_provider_host}:sub"
      values   = ["system:serviceaccount:shop:${each.key}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_provider_host}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.service_accounts

  name                 = "shop-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.assume[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "service" {
  for_each = local.service_accounts

  name   = "shop-${each.key}"
  role   = aws_iam_role.service[each.key].id
  policy = each.value
}

# payments signs in to the ledger as the database user "payments", and does nothing else.
data "aws_iam_policy_document" "payments" {
  statement {
    sid       = "ConnectToLedger"
    actions   = ["rds-db:connect"]
    resources = ["arn:${data.aws_partition.current.partition}:rds-db:${var.region}:${data.aws_caller_identity.current.account_id}:dbuser:${aws_db_instance.ledger.resource_id}/payments"]
  }
}

# catalog reads the pictures.
data "aws_iam_policy_document" "catalog" {
  statement {
    sid       = "ReadPictures"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.pictures.arn}/*"]
  }

  statement {
    sid       = "DecryptPictures"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}

# The External Secrets operator reads the two secrets of the auth service.
data "aws_iam_policy_document" "secret_reader" {
  statement {
    sid     = "ReadSignInData"
    actions = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = [
      aws_secretsmanager_secret.auth["users"].arn,
      aws_secretsmanager_secret.auth["signing"].arn,
    ]
  }

  statement {
    sid       = "DecryptSignInData"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

# The values are put there by hand or by a rotation, never by Terraform.
resource "aws_secretsmanager_secret" "auth" {
  for_each = toset(["users", "signing"])

  name                    = "shop/auth/${each.key}"
  kms_key_id              = aws_kms_key.data.arn
  recovery_window_in_days = 30
}

resource "aws_iam_role" "monitoring" {
  name               = "shop-${var.environment}-ledger-monitoring"
  assume_role_policy = data.aws_iam_policy_document.monitoring.json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

data "aws_iam_policy_document" "monitoring" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}
