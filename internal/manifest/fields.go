package manifest

// declared returns every field of the form, in its order. To add a field is to add an entry here.
func declared() []Field {
	var all []Field
	for _, part := range [][]Field{
		appFields(), supportFields(), testAccountFields(),
		protocolFields(), baseURLFields(), authFields(), behaviourFields(), evidenceFields(), connectorFields(),
	} {
		all = append(all, part...)
	}
	return all
}

func appFields() []Field {
	const section = "App information"
	return []Field{
		{
			Ref: "G-01", Key: "existing", Label: "Does your app exist in the network?",
			Help: "Yes if a listing for this app is already in the catalog.",
			Tab:  TabGeneral, Section: section, Type: TypeYesNo, Options: yesNo, Visibility: VisInternal,
			Required: always, class: CatalogOnly,
		},
		{
			Ref: "G-02", Key: "existingName", Label: "Existing app name",
			Help: "Its name in the catalog, so that the network team finds the listing.",
			Tab:  TabGeneral, Section: section, Type: TypeText, Max: 64, Visibility: VisInternal,
			Shown: is("existing", Yes), Required: always, class: CatalogOnly,
			rules: []rule{knownListing},
		},
		{
			Ref: "G-03", Key: "changeSummary", Label: "What changes are you making?",
			Help: "What should be different once this version is published.",
			Tab:  TabGeneral, Section: section, Type: TypeTextArea, Max: 5000, Visibility: VisInternal,
			Shown: is("existing", Yes), Required: always, class: CatalogOnly,
			rules: []rule{text(noSecretsInside)},
		},
		{
			Ref: "G-04", Key: "name", Label: "App name", rule: "L-001",
			Help: "The title of your listing.", Placeholder: "Acme",
			Tab: TabGeneral, Section: section, Type: TypeText, Max: 64, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			rules: []rule{text(plainName), text(confusableName), text(listedAlready), text(protectedName)},
		},
		{
			Ref: "G-05", Key: "website", Label: "App website", rule: "L-008",
			Help: "Your home page, or the page about this product.", Placeholder: "https://acme.example",
			Tab: TabGeneral, Section: section, Type: TypeURL, Max: 1024, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			rules: []rule{text(webAddress("L-008"))},
		},
		{
			Ref: "G-06", Key: "useCases", Label: "Use cases", rule: "L-009",
			Help: "Where customers find your app in the catalog: one to five.",
			Tab:  TabGeneral, Section: section, Type: TypeChoices, Options: useCases, Max: 5, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			rules: []rule{lifecycleUseCase},
		},
		{
			Ref: "G-07", Key: "description", Label: "App description", rule: "L-004",
			Help: "What your app is, and what customers gain from this integration.",
			Tab:  TabGeneral, Section: section, Type: TypeTextArea, Max: 1023, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			rules: []rule{longEnough, text(saysWhatItDoes), text(plainPraise), text(noSecretsInside)},
		},
		{
			Ref: "G-08", Key: "logo", Label: "App icon", rule: "L-010",
			Help: "A PNG, JPEG or GIF of less than 1,000,000 bytes: 244×244, 200×200, 244×156 or 156×244 pixels. An icon, no word mark.",
			Tab:  TabGeneral, Section: section, Type: TypeLogo, Max: maxLogoBytes, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
		},
	}
}

func supportFields() []Field {
	const section = "Customer support"
	return []Field{
		{
			Ref: "G-09", Key: "supportContacts", Label: "Support contacts", rule: "L-030",
			Help: "Where customers get help. A link to an FAQ or a troubleshooting guide counts.",
			Tab:  TabGeneral, Section: section, Type: TypeRows, Max: 10, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			Columns: []Field{
				{
					Ref: "G-09", Key: "type", Label: "Type", Help: "E-mail, URL or phone.",
					Type: TypeChoice, Options: contactTypes, Visibility: VisPublic, Required: always,
				},
				{
					Ref: "G-09", Key: "value", Label: "Contact", Help: "The address or the number.",
					Type: TypeText, Max: 1024, Visibility: VisPublic, Required: always,
					rules: []rule{contactValue},
				},
			},
		},
		{
			Ref: "G-10", Key: "escalationContact", Label: "Escalation support contact", rule: "L-032",
			Help: "A distribution list for the network team only, for emergencies. Customers never see it.", Placeholder: "network-escalations@acme.example",
			Tab: TabGeneral, Section: section, Type: TypeEmail, Max: 255, Visibility: VisInternal,
			Required: always, class: CatalogOnly,
			rules: []rule{text(escalationMail), notPublic, vendorDomain},
		},
		{
			// The e-mail is what is required; a telephone number may stand beside it (D-12).
			Ref: "G-10", Key: "escalationPhone", Label: "Escalation phone", rule: "L-033",
			Help: "A direct number for the network team, if you have one. Not a toll-free line.", Placeholder: "+12025550143",
			Tab: TabGeneral, Section: section, Type: TypePhone, Max: 32, Visibility: VisInternal,
			class: CatalogOnly,
			rules: []rule{text(phoneNumber("L-033")), text(noTollFree), notPublic},
		},
	}
}

func testAccountFields() []Field {
	const section = "Test account"
	return []Field{
		{
			Ref: "G-11", Key: "testAccount.url", Label: "Test account URL", rule: "L-040",
			Help: "The sign-in page of your app, always the same address.", Placeholder: "https://acme.example/login",
			Tab: TabGeneral, Section: section, Type: TypeURL, Max: 512, Visibility: VisInternal,
			Required: always, class: CatalogOnly,
			rules: []rule{text(webAddress("L-040")), text(staticAddress)},
		},
		{
			Ref: "G-12", Key: "testAccount.username", Label: "Test account username or e-mail", rule: "L-041",
			Help: "The account that the network team signs in with. Keep it active after publication.",
			Tab:  TabGeneral, Section: section, Type: TypeText, Max: 255, Visibility: VisInternal,
			Required: always, class: CatalogOnly,
			rules: []rule{preferredAccount},
		},
		{
			Ref: "G-13", Key: "testAccount.password", Label: "Test account password", rule: "L-041",
			Help: "Kept sealed. Reviewers can reveal it, and each reveal is recorded.",
			Tab:  TabGeneral, Section: section, Type: TypeSecret, Max: 255, Visibility: VisSecret,
			Required: always, class: CatalogOnly,
		},
		{
			Ref: "G-14", Key: "testAccount.instructions", Label: "Additional instructions",
			Help: "Anything a reviewer needs: how to get the SCIM base URL and a token, quirks of the test setup.",
			Tab:  TabGeneral, Section: section, Type: TypeTextArea, Max: 2048, Visibility: VisInternal,
			class: CatalogOnly,
			rules: []rule{helpfulInstructions, text(noSecretsInside)},
		},
	}
}

func protocolFields() []Field {
	const section = "Provisioning"
	return []Field{
		{
			Ref: "S-01", Key: "scim.enabled", Label: "SCIM support",
			Help: "Turns this section on. Off means that this integration does not use SCIM.",
			Tab:  TabSCIM, Section: section, Type: TypeSwitch, Options: onOff, Default: No, Visibility: VisPublic,
			class: Compatible, breaks: switchedOff,
		},
		{
			Ref: "S-03", Key: "scim.version", Label: "SCIM version",
			Help: "The version of the protocol that your server speaks.",
			Tab:  TabSCIM, Section: section, Type: TypeChoice, Options: scimVersions, Visibility: VisPublic,
			Required: always, class: Compatible, breaks: anyChange("Installations speak the version that they were installed with."),
			rules: []rule{text(preferVersion2)},
		},
		{
			Ref: "S-04", Key: "scim.guideUrl", Label: "Link to configuration guide",
			Help: "A page or a PDF that shows a customer's admin, step by step, how to set up provisioning.",
			Tab:  TabSCIM, Section: section, Type: TypeURL, Max: 1024, Visibility: VisPublic,
			Required: always, class: CatalogOnly,
			rules: []rule{text(webAddress("S-04"))},
		},
		{
			Ref: "S-05", Key: "scim.features", Label: "Provisioning features",
			Help: "What your server supports. The lab tests what you select.",
			Tab:  TabSCIM, Section: section, Type: TypeChoices, Options: features, Max: len(features), Visibility: VisPublic,
			Required: always, class: Compatible, breaks: featuresRemoved,
			rules: []rule{gatedOption},
		},
	}
}

func baseURLFields() []Field {
	const section = "Base URL"
	perTenant := is("scim.perTenant", Yes)
	return []Field{
		{
			Ref: "S-06", Key: "scim.perTenant", Label: "Does your base URL vary per tenant?",
			Help: "Yes if each customer has an address of their own.",
			Tab:  TabSCIM, Section: section, Type: TypeYesNo, Options: yesNo, Visibility: VisInternal,
			Required: always, class: Compatible,
		},
		{
			Ref: "S-07", Key: "scim.variables", Label: "Variables", rule: "L-083",
			Help: "What each customer enters when installing, for instance a sub-domain: up to eight.",
			Tab:  TabSCIM, Section: section, Type: TypeRows, Max: 8, Visibility: VisInstall,
			Shown: perTenant, Required: always, class: Compatible, breaks: variablesChanged,
			Columns: variableColumns(),
			rules:   []rule{distinctVariables, usedVariables},
		},
		{
			Ref: "S-08", Key: "scim.baseUrlTemplate", Label: "Dynamic base URL", rule: "L-084",
			Help:        "The address, with ${app.name} where a variable goes. One variable may be the whole beginning.",
			Placeholder: "https://${app.subdomain}.acme.example/scim/v2",
			Tab:         TabSCIM, Section: section, Type: TypeTemplate, Max: 1024, Visibility: VisInternal,
			Shown: perTenant, Required: always, class: Compatible, breaks: hostChanged("scim.baseUrlTemplate", "scim.baseUrl"),
			rules: []rule{addressTemplate},
		},
		{
			Ref: "S-08b", Key: "scim.baseUrl", Label: "Base URL", rule: "L-084",
			Help: "The address under which /Users lies, the same for every customer.", Placeholder: "https://acme.example/scim/v2",
			Tab: TabSCIM, Section: section, Type: TypeURL, Max: 1024, Visibility: VisInternal,
			Shown: is("scim.perTenant", No), Required: always, class: Compatible, breaks: hostChanged("scim.baseUrlTemplate", "scim.baseUrl"),
			rules: []rule{text(staticBase)},
		},
	}
}

func variableColumns() []Field {
	return []Field{
		{
			Ref: "S-07a", Key: "label", Label: "Label name", Help: "What the customer's admin sees.",
			Type: TypeText, Max: 64, Visibility: VisInstall, Required: always,
		},
		{
			Ref: "S-07b", Key: "name", Label: "Variable name", Help: "Made from the label. It stands in the address as ${app.name}.",
			Type: TypeText, Max: 64, Visibility: VisInternal, Required: always,
			rules: []rule{text(variableName)}, reference: func(name string) string { return Variable{Name: name}.Reference() },
		},
		{
			Ref: "S-07c", Key: "help", Label: "Help text", Help: "A hint under the field when installing.",
			Type: TypeText, Max: 255, Visibility: VisInstall,
		},
		{
			Ref: "S-07d", Key: "type", Label: "Type", Help: "What a customer may enter.",
			Type: TypeChoice, Options: variableTypes, Visibility: VisInstall, Required: always,
		},
	}
}

func authFields() []Field {
	const section = "Authentication"
	header, oauth := is("scim.auth.mode", string(AuthHeader)), is("scim.auth.mode", string(AuthOAuth))
	return []Field{
		{
			Ref: "S-10", Key: "scim.auth.mode", Label: "Authentication mode",
			Help: "How calls to your server are authorised.",
			Tab:  TabSCIM, Section: section, Type: TypeChoice, Options: authModes, Visibility: VisInstall,
			Required: always, class: Compatible, breaks: anyChange("Every installation has to enter new credentials."),
			rules: []rule{text(modeAdvice)},
		},
		{
			Ref: "S-10a", Key: "scim.auth.headerName", Label: "Header name",
			Help: "The header that carries the token.", Placeholder: "Authorization", Default: "Authorization",
			Tab: TabSCIM, Section: section, Type: TypeText, Max: 64, Visibility: VisInstall,
			Shown: header, class: Compatible, breaks: anyChange("Installations send the token in the earlier header."),
			rules: []rule{text(headerName)},
		},
		{
			Ref: "S-10a", Key: "scim.auth.headerFormat", Label: "Token format",
			Help: "The header's value, with {token} where the customer's token goes.", Placeholder: "Bearer {token}",
			Tab: TabSCIM, Section: section, Type: TypeText, Options: headerFormats, Max: 255, Visibility: VisInstall,
			Shown: header, Required: always, class: Compatible, breaks: anyChange("Installations send the token in the earlier format."),
			rules: []rule{text(headerFormat)},
		},
		{
			Ref: "S-10b", Key: "scim.auth.authorizeUrl", Label: "Authorization endpoint",
			Help: "Where a customer's admin agrees. Variables may stand in it.",
			Tab:  TabSCIM, Section: section, Type: TypeTemplate, Max: 1024, Visibility: VisInternal,
			Shown: oauth, Required: always, class: Compatible, breaks: hostChanged("scim.auth.authorizeUrl"),
			rules: []rule{addressTemplate},
		},
		{
			Ref: "S-10c", Key: "scim.auth.tokenUrl", Label: "Token endpoint",
			Help: "Where a grant is exchanged for a token. Variables may stand in it.",
			Tab:  TabSCIM, Section: section, Type: TypeTemplate, Max: 1024, Visibility: VisInternal,
			Shown: oauth, Required: always, class: Compatible, breaks: hostChanged("scim.auth.tokenUrl"),
			rules: []rule{addressTemplate},
		},
		{
			Ref: "S-10d", Key: "scim.auth.clientId", Label: "Consumer key",
			Help: "The OAuth client id, the same for all customers.",
			Tab:  TabSCIM, Section: section, Type: TypeText, Max: 255, Visibility: VisInternal,
			Shown: oauth, Required: always, class: Compatible, breaks: anyChange("Grants were given to the earlier client."),
		},
		{
			Ref: "S-10e", Key: "scim.auth.clientSecret", Label: "Consumer secret",
			Help: "The OAuth client secret, the same for all customers. Kept sealed.",
			Tab:  TabSCIM, Section: section, Type: TypeSecret, Max: 1024, Visibility: VisSecret,
			Shown: oauth, Required: always, class: Compatible,
		},
		{
			// Stands where the specification asks for an instance of the vendor's own org (S-02).
			Ref: "S-02", Key: "scim.connection", Label: "Test connection",
			Help: "A value for each variable and the credentials of a test tenant. The lab and the reviewer use them; customers never do.",
			Tab:  TabSCIM, Section: "Test connection", Type: TypeConnection, Visibility: VisSecret,
			Required: always, class: Compatible,
			rules: []rule{connectionStored},
		},
	}
}

func behaviourFields() []Field {
	const section = "Users and groups"
	return []Field{
		{
			Ref: "S-09", Key: "scim.patch", Label: "Does your server support PATCH?",
			Help: "Yes: updates are sent with PATCH. No: they are sent with PUT.",
			Tab:  TabSCIM, Section: section, Type: TypeYesNo, Options: yesNo, Visibility: VisInternal,
			Required: always, class: Compatible,
		},
		{
			Ref: "S-11", Key: "scim.usernameIsEmail", Label: "Is userName an e-mail address?",
			Help: "Yes if your server takes only names such as ada@acme.example.",
			Tab:  TabSCIM, Section: section, Type: TypeYesNo, Options: yesNo, Visibility: VisInternal,
			Required: always, class: Compatible, breaks: emailsDemanded,
		},
		{
			Ref: "S-17", Key: "scim.testDomain", Label: "E-mail domain of test users",
			Help: "The lab makes and removes users of this domain. Empty means example.com; enter yours if your server takes no other.",
			Tab:  TabSCIM, Section: section, Type: TypeText, Max: 253, Visibility: VisInternal,
			class: Compatible, rules: []rule{text(domainAlone)},
		},
		{
			Ref: "S-12", Key: "scim.attributesCleaned", Label: "Have you deleted all unused attributes?",
			Help: "Remove the mappings first, then the attributes that your app does not have.",
			Tab:  TabSCIM, Section: section, Type: TypeYesNo, Options: yesNo, Visibility: VisInternal,
			Required: always, class: Compatible,
			rules: []rule{text(attested)},
		},
		{
			Ref: "S-13", Key: "scim.groupPatchMax", Label: "Group membership changes per PATCH",
			Help: "How many members one call may add or remove: 100 to 1000. Empty means 100. Each call may take 60 seconds.",
			Tab:  TabSCIM, Section: section, Type: TypeInteger, Min: 100, Max: 1000, Default: "100", Visibility: VisInternal,
			class: Compatible,
		},
	}
}

func evidenceFields() []Field {
	const section = "Demo and evidence"
	return []Field{
		{
			Ref: "S-14", Key: "scim.demoUrl", Label: "Demo video link",
			Help: "A video that shows the integration at work, if you have one.",
			Tab:  TabSCIM, Section: section, Type: TypeURL, Max: 1024, Visibility: VisInternal,
			class: CatalogOnly,
			rules: []rule{text(webAddress("S-14"))},
		},
		{
			// A lab run is bound to the content's hash, so a reference to it cannot be part of what is hashed.
			// The pass itself is asked for when a draft is submitted (L-121), not counted in the percentage.
			Ref: "S-15", Key: "scim.specEvidence", Label: "Protocol test results",
			Help: "Filled from the latest lab run. You may add a link to results of your own.",
			Tab:  TabSCIM, Section: section, Type: TypeEvidence, Max: 512, Visibility: VisInternal,
			class: CatalogOnly,
			rules: []rule{text(webAddress("S-15"))},
		},
		{
			Ref: "S-16", Key: "scim.crudEvidence", Label: "Lifecycle test results",
			Help: "Filled from the latest lab run. You may add a link to results of your own.",
			Tab:  TabSCIM, Section: section, Type: TypeEvidence, Max: 512, Visibility: VisInternal,
			class: CatalogOnly,
			rules: []rule{text(webAddress("S-16"))},
		},
	}
}

func connectorFields() []Field {
	return []Field{{
		Ref: "C-01", Key: "connector.enabled", Label: "Connector support",
		Help: "Connectors are not offered yet.",
		Tab:  TabConnector, Section: "Connector", Type: TypeSwitch, Options: onOff, Default: No, Visibility: VisPublic,
		class: Compatible, breaks: switchedOff,
		rules: []rule{text(notOffered)},
	}}
}
