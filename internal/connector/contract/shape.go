package contract

// shapes say what each shape is, as JSON in short.
var shapes = map[Shape]string{
	Nothing:    "nothing",
	User:       "`user` {`id`, `userName`, …}",
	UserList:   "`resources` [user], `pagination` {`nextCursor`}",
	Group:      "`group` {`id`, `displayName`, …}",
	GroupList:  "`resources` [group], `pagination` {`nextCursor`}",
	Members:    "`resources` [{`value`, `display`}], `pagination` {`nextCursor`}",
	Properties: "`schemaProperties` [{`name`, `propertyType`, …}]",
	Options:    "`schemaPropertyValues` [{`id`, `displayName`, `schemaPropertyName`}]",
	LogoutDone: "`logoutStatus` SUCCESS or FAILURE",
}

// Members is what an answer of the shape holds, for a page in Markdown. Of an object in it, the members that are named must be
// there.
func (s Shape) Members() string { return shapes[s] }
