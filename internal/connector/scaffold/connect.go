package scaffold

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/http/httpguts"
)

// place is where an API is: what paths are joined to, the hosts, and what a customer has to enter for it.
type place struct {
	base   string // a template
	origin string // a template of scheme and host
	hosts  []string
	fields list
	above  []string // comment of the base URL
	doubt  []string // comment of the hosts
}

var (
	hostName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$`)
	variable  = regexp.MustCompile(`\{([^{}]*)\}`)
	someplace = "api.example.com"
)

// field is one thing that a customer enters.
func field(key, label, typ string, more ...pair) object {
	return append(object{{key: "key", value: key}, {key: "label", value: label}, {key: "type", value: typ}}, more...)
}

// locate finds out where the API is.
func (s *spec) locate(taken keys) place {
	var servers []*openapi3.Server
	for _, server := range s.Servers {
		if server != nil && server.URL != "" && len(servers) < 10 {
			servers = append(servers, server)
		}
	}
	if len(servers) == 0 {
		servers = []*openapi3.Server{{URL: "/"}}
	}
	if several := fixed(servers); len(several) > 1 {
		return choice(several, taken)
	}
	p := one(servers[0], taken)
	for _, other := range servers[1:] {
		p.above = append(p.above, "Another server of the document: "+line(other.URL, 200))
	}
	return p
}

// fixed are the addresses where each server is a whole https address; nil where one is not.
func fixed(servers []*openapi3.Server) []string {
	var all []string
	for _, server := range servers {
		u, err := url.Parse(server.URL)
		if err != nil || strings.ContainsAny(server.URL, "{}") || u.Scheme != "https" || u.User != nil || !hostName.MatchString(u.Hostname()) {
			return nil
		}
		if address := "https://" + u.Host + strings.TrimRight(u.EscapedPath(), "/"); !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}

// choice lets the customer say which of the servers it is.
func choice(servers []string, taken keys) place {
	key := taken.of("server")
	p := place{base: expr("conn.%s", key), above: []string{"The document names several servers; the customer says which."}}
	var choices list
	for _, address := range servers {
		u, _ := url.Parse(address)
		if !slices.Contains(p.hosts, u.Hostname()) {
			p.hosts = append(p.hosts, u.Hostname())
		}
		choices = append(choices, address)
		if p.origin == "" {
			p.origin = "https://" + u.Host
		}
	}
	p.fields = list{field(key, "Server", "choice", pair{key: "choices", value: choices}, pair{key: "default", value: servers[0]})}
	return p
}

// one reads a server, whose variables become fields of the connection.
func one(server *openapi3.Server, taken keys) place {
	address := strings.TrimSpace(server.URL)
	filled := variable.ReplaceAllStringFunc(address, func(name string) string {
		if v := server.Variables[name[1:len(name)-1]]; v != nil && v.Default != "" {
			return v.Default
		}
		return "x"
	})
	u, err := url.Parse(filled)
	switch {
	case err != nil || u.User != nil || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" || u.Host != "" && !hostName.MatchString(u.Hostname()):
		return entered("", "", taken)
	case u.Host == "" || u.Scheme == "":
		return entered("", u.EscapedPath(), taken)
	case u.Scheme == "http":
		return entered("http://"+u.Host, u.EscapedPath(), taken)
	}
	rest := strings.TrimPrefix(address, "https://")
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	host, path, _ := strings.Cut(rest, "/")
	if rest == address { // the scheme is a variable
		return entered("https://"+u.Host, u.EscapedPath(), taken)
	}
	var p place
	fields := map[string]string{}
	fill := func(text string, inHost bool) string {
		var b strings.Builder
		for text != "" {
			at := variable.FindStringSubmatchIndex(text)
			if at == nil {
				b.WriteString(safePath(text))
				break
			}
			b.WriteString(safePath(text[:at[0]]))
			name := text[at[2]:at[3]]
			port := inHost && strings.HasSuffix(text[:at[0]], ":")
			text = text[at[1]:]
			v := server.Variables[name]
			if v == nil {
				v = &openapi3.ServerVariable{}
			}
			if fields[name] == "" && len(fields) >= 4 {
				b.WriteString(safePath(v.Default))
				continue
			}
			if fields[name] == "" {
				fields[name] = taken.of(name)
				p.fields = append(p.fields, entry(fields[name], name, v, inHost, port))
			}
			b.WriteString(expr("conn.%s", fields[name]))
		}
		return b.String()
	}
	p.origin = "https://" + fill(host, true)
	p.base = p.origin
	if path = strings.TrimRight(path, "/"); path != "" {
		p.base += "/" + fill(path, false)
	}
	p.hosts, p.doubt = reachable(host, u.Hostname(), server.Variables)
	return p
}

// entry is the field for a variable of a server.
func entry(key, name string, v *openapi3.ServerVariable, inHost, port bool) object {
	var more object
	pattern := "[A-Za-z0-9._~-]+"
	switch {
	case port:
		pattern = "[0-9]{1,5}"
	case inHost && strings.Contains(v.Default, "."):
		pattern = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
	case inHost:
		pattern = "[a-z0-9-]{1,63}"
	case strings.Contains(v.Default, "/"):
		pattern = "[A-Za-z0-9._~/-]+"
	}
	typ := "text"
	if choices := plainTexts(v.Enum); len(choices) > 1 {
		typ, more = "choice", object{{key: "choices", value: choices}}
	} else {
		more = object{{key: "pattern", value: pattern}}
	}
	if matched, _ := regexp.MatchString("^(?:"+pattern+")$", v.Default); matched && (typ == "text" || slices.Contains(v.Enum, v.Default)) {
		more = append(more, pair{key: "default", value: v.Default})
	}
	if help := sentence(v.Description); help != "" {
		more = append(more, pair{key: "help", value: help})
	}
	return field(key, labelOf(name), typ, more...)
}

func plainTexts(all []string) list {
	var out list
	for _, text := range all {
		if regexp.MustCompile(`^[A-Za-z0-9._~/-]+$`).MatchString(text) && len(out) < 30 {
			out = append(out, text)
		}
	}
	return out
}

// reachable are the hosts that a server's address may have. host is a template of OpenAPI, usual is it with the defaults.
func reachable(host, usual string, variables map[string]*openapi3.ServerVariable) (hosts, doubt []string) {
	host, _, _ = strings.Cut(host, ":")
	last := strings.LastIndexByte(host, '}')
	if last < 0 {
		return []string{usual}, nil
	}
	names := variable.FindAllStringSubmatch(host, -1)
	if len(names) == 1 {
		if v := variables[names[0][1]]; v != nil && len(v.Enum) > 1 && len(v.Enum) <= 20 {
			for _, value := range v.Enum {
				if name := strings.Replace(host, names[0][0], value, 1); hostName.MatchString(name) && !slices.Contains(hosts, name) {
					hosts = append(hosts, name)
				}
			}
			if len(hosts) > 0 {
				return hosts, nil
			}
		}
	}
	domain, below := strings.CutPrefix(host[last+1:], ".")
	if below && strings.Contains(domain, ".") && hostName.MatchString(domain) {
		return []string{"*." + domain}, nil
	}
	return []string{usual}, []string{"To decide: the customer enters the host. Name every host, or every domain with *., that it may be."}
}

// entered is a place whose address the customer enters, because the document does not say it, or says plain http.
func entered(address, path string, taken keys) place {
	key := taken.of("address")
	more := object{{key: "pattern", value: "https://[^/?#@]+"}}
	host := someplace
	p := place{doubt: []string{"To decide: the document does not say where the API is. Name every host that may be asked."}}
	if address != "" {
		u, _ := url.Parse(address)
		host = u.Hostname()
		more = object{{key: "pattern", value: "https?://[^/?#@]+"}, {key: "default", value: address}}
		p.doubt = []string{"To decide: a network asks over https only. Name every host that may be asked."}
	}
	p.hosts = []string{host}
	p.origin = expr("conn.%s", key)
	p.base = p.origin + escaped(safePath(strings.TrimRight("/"+strings.TrimLeft(path, "/"), "/")))
	p.fields = list{field(key, "Address", "text", append(more, pair{key: "help", value: "Scheme and host, as in https://" + someplace + "."})...)}
	return p
}

// safePath writes a part of a path as a URL may hold it; what is encoded already stays.
func safePath(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/:@!&'()*+,;=%", c) >= 0:
			b.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// methods of a connection, as the document's security schemes describe them.
func (s *spec) methods(p *place, taken keys) (auth list, above []string) {
	schemes := map[string]*openapi3.SecurityScheme{}
	if s.Components != nil {
		for name, ref := range s.Components.SecuritySchemes {
			if ref != nil && ref.Value != nil {
				schemes[name] = ref.Value
			}
		}
	}
	ids := keys{}
	used := map[string]bool{}
	add := func(names []string) {
		if len(auth) >= 8 {
			return
		}
		m := &method{place: p, keys: maps.Clone(taken)}
		for _, name := range names {
			used[name] = true
			if scheme := schemes[name]; scheme != nil {
				m.add(name, scheme)
			}
		}
		above = append(above, m.above...)
		if m.typ != "" {
			auth = append(auth, noted{m.note, m.object(ids.of(strings.Join(names, " ")), line(labelOf(strings.Join(names, " ")), 60))})
		}
	}
	for _, alternative := range s.Security {
		if len(alternative) > 0 {
			add(slices.Sorted(maps.Keys(alternative)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schemes)) {
		if !used[name] {
			add([]string{name})
		}
	}
	if len(auth) == 0 {
		none := object{{key: "id", value: "open"}, {key: "label", value: "Without credentials"}, {key: "type", value: "none"}}
		if len(p.fields) > 0 {
			none = append(none, pair{key: "fields", value: fieldLines(p.fields)})
		}
		auth = list{noted{[]string{"To decide: the document names no credentials that can be used here. See the guide for the ways to connect."}, none}}
	}
	return auth, above
}

// fieldLines writes each field on one line.
func fieldLines(fields list) list {
	var all list
	for _, f := range fields {
		all = append(all, inline{f})
	}
	return all
}

// method is a way to connect under way.
type method struct {
	place          *place
	keys           keys
	typ            string
	fields         list
	headers, query object
	rest           object // urls and scopes
	note, above    []string
}

func (m *method) object(id, label string) object {
	o := object{{key: "id", value: id}, {key: "label", value: label}, {key: "type", value: m.typ}}
	o = append(o, m.rest...)
	if fields := append(slices.Clone(m.place.fields), m.fields...); len(fields) > 0 {
		o = append(o, pair{key: "fields", value: fieldLines(fields[:min(len(fields), 8)])})
	}
	var apply object
	if len(m.headers) > 0 {
		apply = append(apply, pair{key: "headers", value: m.headers})
	}
	if len(m.query) > 0 {
		apply = append(apply, pair{key: "query", value: m.query})
	}
	if len(apply) > 0 {
		o = append(o, pair{key: "apply", value: inline{apply}})
	}
	return o
}

// add puts one security scheme into the method. What is not supported becomes a comment.
func (m *method) add(name string, s *openapi3.SecurityScheme) {
	become := func(typ string) bool {
		if m.typ != "" && m.typ != "custom" && typ != "custom" {
			m.above = append(m.above, "To decide: "+line(name, 60)+" goes along with another scheme of its kind, which cannot be written here.")
			return false
		}
		if typ != "custom" || m.typ == "" {
			m.typ = typ
		}
		return true
	}
	secretField := func(key, label string) string {
		key = m.keys.of(key)
		m.fields = append(m.fields, field(key, label, "secret"))
		return key
	}
	cannot := func(why string) {
		m.above = append(m.above, "Not written: "+line(name, 60)+". "+why)
	}
	switch kind := strings.ToLower(s.Scheme); {
	case s.Type == "http" && kind == "basic":
		become("basic")
	case s.Type == "http" && kind == "bearer":
		if become("custom") {
			m.headers = append(m.headers, pair{key: "Authorization", value: "Bearer " + expr("conn.%s", secretField("api_token", "API token"))})
		}
	case s.Type == "apiKey" && (!httpguts.ValidHeaderFieldName(s.Name) || !nameable(s.Name)):
		cannot("Its name is none that a request can carry.")
	case s.Type == "apiKey" && slices.ContainsFunc(slices.Concat(m.headers, m.query), func(p pair) bool { return strings.EqualFold(p.key, s.Name) }):
		cannot("Another scheme sets " + s.Name + " as well.")
	case s.Type == "apiKey" && s.In == "header" && (strings.EqualFold(s.Name, "authorization") || !slices.Contains(ignored, plain(s.Name))):
		become("custom")
		if strings.EqualFold(s.Name, "authorization") {
			m.note = append(m.note, "To decide: whether the API wants a word, such as Bearer, before the key.")
		}
		m.headers = append(m.headers, pair{key: s.Name, value: expr("conn.%s", secretField("api_key", "API key"))})
	case s.Type == "apiKey" && s.In == "query":
		become("custom")
		m.query = append(m.query, pair{key: s.Name, value: expr("conn.%s", secretField("api_key", "API key"))})
	case s.Type == "apiKey" && s.In == "cookie" && len(m.headers) == 0:
		become("custom")
		m.headers = append(m.headers, pair{key: "Cookie", value: s.Name + "=" + expr("conn.%s", secretField("api_key", "API key"))})
	case s.Type == "oauth2" && s.Flows != nil && s.Flows.ClientCredentials != nil:
		if become("oauth2-client") {
			m.oauth(s.Flows.ClientCredentials, false)
			m.note = append(m.note, "To decide: clientAuth is body where the API wants id and secret in the form, not in a header.")
		}
	case s.Type == "oauth2" && s.Flows != nil && s.Flows.AuthorizationCode != nil:
		if become("oauth2-code") {
			m.oauth(s.Flows.AuthorizationCode, true)
		}
	case s.Type == "oauth2":
		cannot("Only the flows clientCredentials and authorizationCode can be used.")
	case s.Type == "openIdConnect":
		cannot("OpenID Connect is read from " + line(s.OpenIdConnectUrl, 200) + ": write an oauth2-client or oauth2-code by hand.")
	default:
		cannot("There is no way to connect of its kind (" + line(s.Type+" "+s.Scheme, 60) + ").")
	}
}

// oauth writes the addresses and scopes of a flow.
func (m *method) oauth(f *openapi3.OAuthFlow, code bool) {
	address := func(key, raw string, needed bool) {
		if text := m.address(raw, needed); text != "" {
			m.rest = append(m.rest, pair{key: key, value: text})
		}
	}
	if code {
		address("authorizeUrl", f.AuthorizationURL, true)
	}
	address("tokenUrl", f.TokenURL, true)
	if code {
		address("refreshUrl", f.RefreshURL, false)
	} else {
		m.rest = append(m.rest, pair{key: "clientAuth", value: "header"})
	}
	var scopes list
	for _, scope := range slices.Sorted(maps.Keys(f.Scopes)) {
		if printable(scope) && len(scopes) < 50 {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) > 0 {
		m.rest = append(m.rest, pair{key: "scopes", value: inline{scopes}, above: []string{"To decide: the fewest scopes that the actions need."}})
	}
}

// address is that of an authorization server, whose host may be asked from then on.
func (m *method) address(raw string, needed bool) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case raw == "" && !needed:
		return ""
	case err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(u.Path, "/"):
		return m.place.origin + escaped(safePath(u.EscapedPath()))
	case err != nil || u.Host == "" || u.User != nil || !hostName.MatchString(u.Hostname()):
		m.note = append(m.note, "To decide: the document does not say where tokens come from.")
		return m.place.origin + "/oauth/token"
	case u.Scheme != "https" && slices.Contains(m.place.hosts, u.Hostname()):
		return m.place.origin + escaped(safePath(u.EscapedPath()))
	}
	if !slices.ContainsFunc(m.place.hosts, func(h string) bool {
		domain, below := strings.CutPrefix(h, "*")
		return h == u.Hostname() || below && strings.HasSuffix(u.Hostname(), domain)
	}) && len(m.place.hosts) < 20 {
		m.place.hosts = append(m.place.hosts, u.Hostname())
	}
	query := ""
	if u.RawQuery != "" {
		query = "?" + u.Query().Encode()
	}
	return escaped("https://" + u.Host + safePath(u.EscapedPath()) + query)
}
