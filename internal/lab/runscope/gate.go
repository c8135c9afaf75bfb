package runscope

import (
	"net/url"
	"strings"
)

// gate decides which hosts a run may talk to. A suite is foreign content: it would otherwise send the caller's
// token wherever its author likes. Which addresses may be reached at all is egress's business.
type gate struct {
	allowed map[string]bool   // host, or host:port
	silent  map[string]string // hosts that have never answered → the step that found out
	spoke   map[string]bool
}

// newGate consents to the hosts that the caller named: in variables, in an environment given beside the suite, or outright.
func newGate(o Options) *gate {
	g := &gate{allowed: map[string]bool{}, silent: map[string]string{}, spoke: map[string]bool{}}
	for _, host := range o.Hosts {
		g.allow(host)
	}
	for _, value := range o.Vars {
		g.allow(value)
	}
	for _, value := range o.Environment.initial() {
		g.allow(value)
	}
	g.allow(o.Environment.auth().TokenURL)
	return g
}

// allow takes a URL, a host or a host with its port; any other text does no harm, because no host is equal to it.
func (g *gate) allow(text string) {
	text = strings.ToLower(strings.TrimSpace(text))
	if strings.Contains(text, "://") {
		u, err := url.Parse(encodeURL(text))
		if err != nil {
			return
		}
		text = u.Host
	}
	if text != "" {
		g.allowed[text] = true
	}
}

func (g *gate) allows(u *url.URL) bool {
	return g.allowed[strings.ToLower(u.Host)] || g.allowed[strings.ToLower(u.Hostname())]
}

// answered and unanswered remember who speaks: a host that was never heard is asked only once.
func (g *gate) answered(host string) { g.spoke[host] = true }

func (g *gate) unanswered(host, step string) {
	if !g.spoke[host] {
		g.silent[host] = step
	}
}

// silentSince returns the step at which host turned out not to answer, "" if it does.
func (g *gate) silentSince(host string) string { return g.silent[host] }

// allSilent reports that requests were made and nobody ever answered.
func (g *gate) allSilent() bool { return len(g.silent) > 0 && len(g.spoke) == 0 }
