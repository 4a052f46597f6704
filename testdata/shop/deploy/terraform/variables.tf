# SPDX-License-Identifier: Apache-2.0

variable "region" {
  description = "AWS region"
  type        = string
  default     = "eu-central-1"
}

variable "environment" {
  description = "dev, staging or prod"
  type        = string
  default     = "prod"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment is dev, staging or prod."
  }
}

variable "vpc_id" {
  description = "The network that the cluster runs in"
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets without a route to the internet, in at least two zones"
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "A database in several zones needs two subnets or more."
  }
}

variable "payments_security_group_id" {
  description = "Security group of the pods of the payments service"
  type        = string
}

variable "oidc_provider_arn" {
  description = "The cluster's OpenID Connect provider in IAM"
  type        = string
}

variable "oidc_provider_host" {
  description = "The same provider's issuer, without https://"
  type        = string
}
