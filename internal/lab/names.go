package lab

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"slipway/internal/scim"
)

// names are the values of one run. They follow from the seed, so that a run can be repeated to the letter.
type names struct {
	prefix   string // begins every userName and displayName
	tag      string // makes values of this run different from those of another
	password string
	token    string // a wrong one
	unknown  string // an id that no resource has
	foreign  string // an id that a client makes up
	domain   string // of every address: "@example.com"
	random   *rand.Rand
	dialect  dialect
}

func namesFrom(seed uint64) names {
	random := rand.New(rand.NewPCG(seed, 0x51197a7))
	tag := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(binary.BigEndian.AppendUint64(nil, random.Uint64())))
	return names{
		prefix:   Prefix + tag + "-",
		tag:      tag[:6],
		password: fmt.Sprintf("Lab-%016x!aZ", random.Uint64()), // long, of four kinds of characters: the usual policies
		token:    fmt.Sprintf("slipway-lab-wrong-token-%016x", random.Uint64()),
		unknown:  unknownID(random),
		foreign:  unknownID(random),
		domain:   "@example.com",
		random:   random,
		dialect:  dialects[SCIM20],
	}
}

// unknownID looks like the ids of most services, so that it passes their parsers and reaches the look-up.
func unknownID(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// userName is unique in this run for every who.
func (n names) userName(who string) string { return n.prefix + who + n.domain }

// plainUser is a user as every service should take one: nothing but what clients always send.
func (n names) plainUser(who, given, family string) scim.Resource {
	address := n.userName(who)
	return scim.Resource{
		"schemas":     []any{n.dialect.user},
		"userName":    address,
		"name":        map[string]any{"givenName": given, "familyName": family},
		"displayName": given + " " + family,
		"title":       "Tester " + n.tag,
		"emails":      []any{map[string]any{"value": address, "type": "work", "primary": true}},
		"active":      true,
	}
}

// clientUser is the document that widespread provisioning clients send on assignment: with a password, with what
// is read-only, and with their own identifier.
func (n names) clientUser(who, given, family string) scim.Resource {
	user := n.plainUser(who, given, family)
	delete(user, "title")
	user["externalId"] = "00u" + n.tag + who
	user["locale"] = n.dialect.locale
	user["groups"] = []any{}
	user["password"] = n.password
	return user
}

func (n names) group(what string, members ...any) scim.Resource {
	group := scim.Resource{"schemas": []any{n.dialect.group}, "displayName": n.prefix + what}
	if members != nil {
		group["members"] = members
	}
	return group
}

func member(id, display string) map[string]any {
	return map[string]any{"value": id, "display": display}
}
