package lab

import (
	"strconv"
	"sync"

	"slipway/internal/egress"
	"slipway/internal/report"
)

// sent is every exchange of a run, in the order in which they ended. Those of a load come from many goroutines.
type sent struct {
	sync.Mutex
	all []egress.Exchange
}

func (s *sent) add(e egress.Exchange) {
	s.Lock()
	defer s.Unlock()
	s.all = append(s.all, e)
}

// maxRest is how many bytes of headers and bodies are kept of what no check shows: a report lies in the database, and most of
// it is there already. Of what goes beyond, the line and its times are kept.
const maxRest = 4 << 20

// rest returns the exchanges that none of the results shows.
func (s *sent) rest(results []report.Result) []egress.Exchange {
	s.Lock()
	defer s.Unlock()
	shown := map[string]bool{}
	for _, c := range results {
		for _, e := range c.Exchanges {
			shown[nameOf(e)] = true
		}
	}
	var rest []egress.Exchange
	kept := 0
	for _, e := range s.all {
		if shown[nameOf(e)] {
			continue
		}
		if kept += sizeOf(e); kept > maxRest {
			e.RequestHeader, e.RequestBody, e.ResponseHeader, e.ResponseBody, e.Truncated = nil, "", nil, "", true
		}
		rest = append(rest, e)
	}
	return rest
}

// nameOf tells an exchange from every other of its run.
func nameOf(e egress.Exchange) string {
	return strconv.FormatInt(e.Started.UnixNano(), 10) + " " + e.Method + " " + e.URL + " " + e.RequestBody
}

func sizeOf(e egress.Exchange) int {
	size := len(e.URL) + len(e.RequestBody) + len(e.ResponseBody)
	for _, h := range []map[string][]string{e.RequestHeader, e.ResponseHeader} {
		for name, values := range h {
			for _, value := range values {
				size += len(name) + len(value)
			}
		}
	}
	return size
}
