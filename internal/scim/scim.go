// Package scim speaks SCIM 2.0 (RFC 7643, RFC 7644): resources, errors, filters, patches, and a client. Of SCIM 1.1 it
// knows the names and the merging of a partial resource (partial.go).
//
// Its one rule: it reads leniently and writes strictly. What a target sends may have odd key case, a wrong
// media type or a missing body; what leaves here is what the RFC prints.
//
// It dials nobody: a Client is handed its Doer (egress in the product). How often to try, whom to provision
// and what a finding is are decided by others.
package scim

// Schema URNs of RFC 7643 §8.7 and RFC 7644 §8.2.
const (
	SchemaUser           = "urn:ietf:params:scim:schemas:core:2.0:User"
	SchemaGroup          = "urn:ietf:params:scim:schemas:core:2.0:Group"
	SchemaEnterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	SchemaSPC            = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	SchemaResourceType   = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	SchemaSchema         = "urn:ietf:params:scim:schemas:core:2.0:Schema"

	SchemaListResponse  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	SchemaSearchRequest = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	SchemaPatchOp       = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	SchemaError         = "urn:ietf:params:scim:api:messages:2.0:Error"
	SchemaBulkRequest   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
)

// Schema URNs of SCIM 1.1 (draft-scim-core-schema-01 §6 to §10). One stands for users, groups, lists, and the documents
// with which a service describes itself.
const (
	SchemaCore11       = "urn:scim:schemas:core:1.0"
	SchemaEnterprise11 = "urn:scim:schemas:extension:enterprise:1.0"
)

// MediaType is the media type of every SCIM body (RFC 7644 §8.1). SCIM 1.1 has MediaTypeJSON in its place
// (draft-scim-api-01 §3.6).
const (
	MediaType     = "application/scim+json"
	MediaTypeJSON = "application/json"
)
