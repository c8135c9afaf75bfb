package scim

var schemas = []Schema{userSchema, groupSchema, enterpriseSchema, providerSchema, resourceTypeSchema, schemaSchema}

// commonAttributes belong to every resource and stand in no schema document (RFC 7643 §3.1).
var commonAttributes = []Attribute{
	link("schemas", "URNs of the schemas in use.", "uri").many().required().readOnly().always().foldedCase(),
	text("id", "Identifier given by the service.").exact().readOnly().always().unique(),
	text("externalId", "Identifier given by the client.").exact(),
	complexOf("meta", "About the resource.",
		text("resourceType", "Name of the resource type.").exact(),
		dateTime("created", "When the resource was added."),
		dateTime("lastModified", "When it was last changed."),
		link("location", "URI of the resource.", "uri"),
		text("version", "Entity tag.").exact(),
	).readOnly(),
}

// foldedCase is for URNs, which are compared without regard to case (RFC 8141 §3).
func (a Attribute) foldedCase() Attribute { a.CaseExact = false; return a }

var userSchema = Schema{
	ID: SchemaUser, Name: "User", Description: "User account",
	Attributes: []Attribute{
		text("userName", "Name with which the user signs in; unique in the service.").required().unique(),
		complexOf("name", "The parts of the user's real name.",
			text("formatted", "The full name, ready for display."),
			text("familyName", "Last name."),
			text("givenName", "First name."),
			text("middleName", "Middle names."),
			text("honorificPrefix", "Title before the name."),
			text("honorificSuffix", "Suffix after the name."),
		),
		text("displayName", "The name shown to others."),
		text("nickName", "Casual name."),
		link("profileUrl", "Page about the user.", "external"),
		text("title", "Job title."),
		text("userType", "How the user relates to the organisation."),
		text("preferredLanguage", "Preferred language, as in Accept-Language."),
		text("locale", "Language tag for formats of numbers and dates."),
		text("timezone", "Time zone in Olson form."),
		flag("active", "Whether the user may sign in."),
		password(),
		listOf("emails", "Mail addresses.", plural("work", "home", "other")...),
		listOf("phoneNumbers", "Telephone numbers.", plural("work", "home", "mobile", "fax", "pager", "other")...),
		listOf("ims", "Instant messaging addresses.",
			plural("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo")...),
		listOf("photos", "Pictures of the user.",
			link("value", "URL of the picture.", "external"),
			text("display", "Name for display."),
			text("type", "Size of the picture.").oneOf("photo", "thumbnail"),
			primary(),
		),
		listOf("addresses", "Postal addresses.",
			text("formatted", "The whole address, ready for a label."),
			text("streetAddress", "Street and number."),
			text("locality", "City."),
			text("region", "State or region."),
			text("postalCode", "Postal code."),
			text("country", "Country, ISO 3166-1 alpha-2."),
			text("type", "What the address is for.").oneOf("work", "home", "other"),
			primary(),
		),
		listOf("groups", "Groups of the user; changed at the group only.",
			text("value", "The group's id.").exact(),
			link("$ref", "URI of the group.", "User", "Group"),
			text("display", "The group's name."),
			text("type", "Direct, or through another group.").oneOf("direct", "indirect"),
		).readOnly(),
		listOf("entitlements", "Things the user has a right to.", plural()...),
		listOf("roles", "Roles of the user.", plural()...),
		listOf("x509Certificates", "Certificates of the user.", certificate()...),
	},
}

func primary() Attribute { return flag("primary", "Whether this is the preferred value.") }

// plural is the usual shape of a multi-valued attribute (RFC 7643 §2.4).
func plural(types ...string) []Attribute {
	return []Attribute{
		text("value", "The value itself."),
		text("display", "Name for display."),
		text("type", "What the value is for.").oneOf(types...),
		primary(),
	}
}

func certificate() []Attribute {
	subs := plural()
	subs[0] = attribute("binary", "value", "DER of one certificate in base64.").exact()
	return subs
}

func password() Attribute {
	a := text("password", "Clear text on its way in; never shown.").exact()
	a.Mutability, a.Returned = "writeOnly", "never"
	return a
}

// The ids in members.value, groups.value and manager.value are compared exactly, as id itself is: the
// printed schema of RFC 7643 §8.7.1 says caseExact false there, and would confuse two users whose ids
// differ in case only. A group's displayName is required by §4.2, whatever §8.7.1 prints.
var groupSchema = Schema{
	ID: SchemaGroup, Name: "Group", Description: "Group",
	Attributes: []Attribute{
		text("displayName", "The group's name.").required(),
		listOf("members", "Users and groups in the group.",
			text("value", "The member's id.").exact().immutable(),
			link("$ref", "URI of the member.", "User", "Group").immutable(),
			text("type", "What the member is.").oneOf("User", "Group").immutable(),
			text("display", "The member's name.").immutable(),
		),
	},
}

var enterpriseSchema = Schema{
	ID: SchemaEnterpriseUser, Name: "EnterpriseUser", Description: "Enterprise user",
	Attributes: []Attribute{
		text("employeeNumber", "Number given by the employer."),
		text("costCenter", "Cost centre."),
		text("organization", "Organisation."),
		text("division", "Division."),
		text("department", "Department."),
		complexOf("manager", "The user's manager.",
			text("value", "The manager's id.").exact(),
			link("$ref", "URI of the manager.", "User"),
			text("displayName", "The manager's name.").readOnly(),
		),
	},
}
