# SPDX-License-Identifier: Apache-2.0

terraform {
  required_version = ">= 1.9.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # The state can hold what the resources hold, so it is encrypted too, and locked while it is written.
  backend "s3" {
    bucket       = "shop-terraform-state"
    key          = "shop/prod.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    kms_key_id   = "alias/shop-terraform-state"
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      application = "shop"
      environment = var.environment
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
