package scim

// The schemas of the three documents with which a service describes itself (RFC 7643 §8.7.2).

var providerSchema = Schema{
	ID: SchemaSPC, Name: "ServiceProviderConfig", Description: "What the service can do",
	Attributes: readOnlyAll(
		link("documentationUri", "Help for people.", "external"),
		complexOf("patch", "PATCH.", supported()).required(),
		complexOf("bulk", "Bulk requests.", supported(),
			integer("maxOperations", "Most operations in one request.").required(),
			integer("maxPayloadSize", "Most bytes in one request.").required(),
		).required(),
		complexOf("filter", "Filters.", supported(),
			integer("maxResults", "Most resources in one answer.").required(),
		).required(),
		complexOf("changePassword", "Changing passwords.", supported()).required(),
		complexOf("sort", "Sorting.", supported()).required(),
		complexOf("etag", "Entity tags.", supported()).required(),
		listOf("authenticationSchemes", "How clients prove who they are.",
			text("type", "Kind of scheme.").required().
				oneOf("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"),
			text("name", "Common name of the scheme.").required(),
			text("description", "About the scheme.").required(),
			link("specUri", "The scheme's specification.", "external"),
			link("documentationUri", "How to use it.", "external"),
			primary(),
		).required(),
	),
}

func supported() Attribute { return flag("supported", "Whether the service does this.").required() }

var resourceTypeSchema = Schema{
	ID: SchemaResourceType, Name: "ResourceType", Description: "A kind of resource of the service",
	Attributes: readOnlyAll(
		text("id", "Same as the name."),
		text("name", "Name of the resource type.").required(),
		text("description", "About the resource type."),
		link("endpoint", "Path below the base URL.", "uri").required(),
		link("schema", "URN of the base schema.", "uri").required(),
		listOf("schemaExtensions", "Extensions of the base schema.",
			link("schema", "URN of the extension.", "uri").required(),
			flag("required", "Whether a resource must have it.").required(),
		),
	),
}

var schemaSchema = Schema{
	ID: SchemaSchema, Name: "Schema", Description: "A schema of the service",
	Attributes: readOnlyAll(
		text("id", "URN of the schema.").required(),
		text("name", "Name of the schema.").required(),
		text("description", "About the schema."),
		listOf("attributes", "Attributes of the schema.",
			append(characteristics(),
				listOf("subAttributes", "Parts of a complex attribute.", characteristics()...))...,
		).required(),
	),
}

func characteristics() []Attribute {
	return []Attribute{
		text("name", "Name of the attribute.").required().exact(),
		text("type", "Its data type.").required().
			oneOf("string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"),
		flag("multiValued", "Whether it holds several values.").required(),
		text("description", "About the attribute."),
		flag("required", "Whether it must have a value."),
		text("canonicalValues", "Suggested values.").many().exact(),
		flag("caseExact", "Whether case matters in comparisons."),
		text("mutability", "When it may be written.").oneOf("readOnly", "readWrite", "immutable", "writeOnly").exact(),
		text("returned", "When it is shown.").oneOf("always", "never", "default", "request").exact(),
		text("uniqueness", "Where its value is unique.").oneOf("none", "server", "global").exact(),
		text("referenceTypes", "What it may refer to.").many().exact(),
	}
}

func readOnlyAll(list ...Attribute) []Attribute {
	for i, a := range list {
		list[i] = a.readOnly()
	}
	return list
}
