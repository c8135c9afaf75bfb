package manifest

// The answers of a yes/no question and of a switch, as a Content keeps them.
const (
	Yes = "yes"
	No  = "no"
)

// Features that a SCIM integration can offer.
const (
	CreateUsers     = "create_users"
	UpdateUsers     = "update_users"
	DeactivateUsers = "deactivate_users"
	SyncPassword    = "sync_password"
	ImportUsers     = "import_users"
	ImportGroups    = "import_groups"
	GroupPush       = "group_push"
	ProfileSourcing = "profile_sourcing"
	SchemaDiscovery = "schema_discovery"
)

// LifecycleManagement is the use case that every provisioning integration belongs to.
const LifecycleManagement = "lifecycle_management"

var yesNo = []Option{{Value: Yes, Label: "Yes"}, {Value: No, Label: "No"}}

var onOff = []Option{{Value: Yes, Label: "On"}, {Value: No, Label: "Off"}}

var useCases = []Option{
	{Value: "automation", Label: "Automation"},
	{Value: "centralized_logging", Label: "Centralized Logging"},
	{Value: "directory_hr_sync", Label: "Directory and HR Sync"},
	{Value: LifecycleManagement, Label: "Lifecycle Management"},
	{Value: "identity_verification", Label: "Identity Verification"},
	{Value: "identity_governance", Label: "Identity Governance and Administration"},
	{Value: "zero_trust", Label: "Zero Trust"},
	{Value: "bot_fraud_detection", Label: "Bot or Fraud Detection"},
	{Value: "multifactor_authentication", Label: "Multifactor Authentication"},
	{Value: "risk_signal_sharing", Label: "Risk Signal Sharing"},
}

var contactTypes = []Option{
	{Value: "email", Label: "E-mail"},
	{Value: "url", Label: "URL"},
	{Value: "phone", Label: "Phone"},
}

var scimVersions = []Option{
	{Value: "2.0", Label: "2.0", Help: "Preferred. The lab verifies this version."},
	{Value: "1.1", Label: "1.1", Help: "The older one. The lab verifies it; installations provision people over 2.0 only, for now."},
}

var features = []Option{
	{Value: CreateUsers, Label: "Create users"},
	{Value: UpdateUsers, Label: "Update user attributes"},
	{Value: DeactivateUsers, Label: "Deactivate users", Help: "And reactivate them when they are assigned again."},
	{Value: SyncPassword, Label: "Sync password"},
	{Value: ImportUsers, Label: "Import users"},
	{Value: ImportGroups, Label: "Import groups"},
	{Value: GroupPush, Label: "Group push"},
	{Value: ProfileSourcing, Label: "Profile sourcing", Help: "Only while the network's team has opened it for your org.", Gated: true},
	{Value: SchemaDiscovery, Label: "Schema discovery"},
}

var variableTypes = []Option{
	{Value: VariableString, Label: "String", Help: "A part of the address, such as a sub-domain."},
	{Value: VariableURL, Label: "URL", Help: "A whole address that may begin with http."},
	{Value: VariableHTTPS, Label: "HTTPS URL", Help: "A whole address that begins with https."},
}

var authModes = []Option{
	{Value: string(AuthBearer), Label: "Bearer token", Help: "Authorization: Bearer, followed by the customer's token."},
	{Value: string(AuthHeader), Label: "Header", Help: "A header of your choice that carries the customer's token."},
	{Value: string(AuthBasic), Label: "Basic", Help: "A user name and a password. Prefer a token for new integrations."},
	{Value: string(AuthOAuth), Label: "OAuth 2.0", Help: "Comes with a later version: the fields are kept, but the lab cannot sign in yet."},
}

var headerFormats = []Option{
	{Value: "{token}", Label: "The token as it is"},
	{Value: "Bearer {token}", Label: "Bearer and the token"},
	{Value: "Token {token}", Label: "Token and the token"},
}

// GatedOptions returns every option that the network's team opens for single orgs.
func GatedOptions() []Option {
	var gated []Option
	for _, f := range fields {
		for _, o := range f.Options {
			if o.Gated {
				gated = append(gated, o)
			}
		}
	}
	return gated
}

// GatedOption finds one of them by its value.
func GatedOption(value string) (Option, bool) {
	for _, o := range GatedOptions() {
		if o.Value == value {
			return o, true
		}
	}
	return Option{}, false
}
