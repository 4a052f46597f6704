// SPDX-License-Identifier: Apache-2.0

// Package kms signs with keys in key management services and hardware. The key never leaves them.
//
// Use Open with a reference in cosign's form:
//
//	awskms://[ENDPOINT]/ID|alias/NAME|ARN                                        AWS KMS
//	gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/versions/V           Google Cloud KMS
//	azurekms://VAULT.vault.azure.net/KEY[/VERSION]                               Azure Key Vault
//	hashivault://KEY                                                             the transit engine of HashiCorp Vault or OpenBao
//	k8s://NAMESPACE/NAME                                                         cosign's key pair in a Secret of Kubernetes
//	NAME://…                                                                     the program sigstore-kms-NAME (Sigstore's plugin protocol)
//
// Keys are ECDSA on P-256 or P-384. A signature is verified with the key's public half before it is given back. Nothing is asked before Open, and
// nothing of this package runs before it either: the services are spoken to over HTTP, since their own libraries make every start of the program
// slower. Credentials are found where each service's own tools have them in CI: the variables, workload identity, and the metadata service of the
// machine. For what is not covered (single sign-on, PKCS#11) there is the plugin protocol.
package kms
