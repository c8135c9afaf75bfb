package engine

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// asked is the http block of a step.
func (c *call) asked(name string) *program.Input {
	return c.input(program.Key{Group: "http", Name: name})
}

func stepHTTP(c *call) (Values, error) {
	q, err := c.request()
	if err != nil {
		return nil, err
	}
	answer, failed := c.ask(q)
	if failed != nil {
		return nil, failed
	}
	return c.done(answer)
}

// request makes the request that the step describes, without credentials.
func (c *call) request() (Request, error) {
	text := func(name string) string { return value.Text(c.value(c.asked(name))) }
	object := func(name string) map[string]any { o, _ := c.value(c.asked(name)).(map[string]any); return o }
	address := text("path")
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		address = strings.TrimSuffix(c.BaseURL, "/") + "/" + strings.TrimPrefix(address, "/")
	}
	q := Request{Method: text("method"), URL: withQuery(address, object("query")), Header: headers(object("headers"))}
	if q.Header.Get("Accept") == "" {
		q.Header.Set("Accept", "application/json")
	}
	if err := c.content(&q); err != nil {
		return Request{}, err
	}
	if c.err != nil {
		return Request{}, c.err
	}
	return q, nil
}

// content puts the body on a request.
func (c *call) content(q *Request) error {
	media := ""
	switch {
	case c.asked("json") != nil:
		media, q.Body = "application/json", value.Encode(c.value(c.asked("json")))
	case c.asked("form") != nil:
		form, _ := c.value(c.asked("form")).(map[string]any)
		_, query, _ := strings.Cut(withQuery("", form), "?")
		media, q.Body = "application/x-www-form-urlencoded", []byte(query)
	case c.asked("text") != nil:
		media, q.Body = "text/plain; charset=utf-8", []byte(value.Text(c.value(c.asked("text"))))
	case c.asked("multipart") != nil:
		parts, _ := c.value(c.asked("multipart")).(map[string]any)
		return multi(q, parts, c.dice)
	}
	if media != "" && q.Header.Get("Content-Type") == "" {
		q.Header.Set("Content-Type", media)
	}
	return nil
}

// multi writes multipart/form-data (RFC 7578). The boundary comes from the run's dice, so a replay writes the same.
func multi(q *Request, parts map[string]any, d *dice) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	var seed [12]byte
	_, _ = d.Read(seed[:])
	if err := w.SetBoundary(fmt.Sprintf("part-%x", seed)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		var err error
		if file, is := parts[name].(value.File); is {
			part, opened := w.CreateFormFile(name, file.Name)
			if err = opened; err == nil {
				_, err = part.Write(file.Bytes)
			}
		} else {
			err = w.WriteField(name, value.Text(parts[name]))
		}
		if err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	q.Header.Set("Content-Type", w.FormDataContentType())
	q.Body = b.Bytes()
	return nil
}

// ask sends a request with the connection's credentials, again where that is safe, and returns the answer as expressions see it.
func (c *call) ask(q Request) (map[string]any, *Error) {
	renewed := false
	for try := 0; ; try++ {
		sent := q
		sent.Header = q.Header.Clone()
		if c.Authorize != nil {
			if err := c.Rules.check(&sent); err != nil { // before a credential is put on it
				return nil, err
			}
			if err := c.Authorize.Authorize(c.ctx, &sent); err != nil {
				return nil, asError(err)
			}
		}
		answer, failed := c.send(sent)
		if failed == nil {
			if answer.Status == http.StatusUnauthorized && !renewed && c.Authorize != nil && c.Authorize.Renew(sent) {
				renewed = true
				continue
			}
			if c.expected(answer.Status) {
				return seen(answer), nil
			}
			failed = c.failure(answer)
		}
		if !failed.catchable() || try >= c.Retry.Max || !c.again(q.Method, failed) {
			return nil, failed
		}
		if c.sleep(c.ctx, c.pause(failed, try)) != nil {
			return nil, c.ended()
		}
	}
}

// again reports whether a request may be repeated: always after 429 and 503, which were not acted upon; else only where
// doing it twice is the same as once (RFC 9110 §9.2.2).
func (c *call) again(method string, failed *Error) bool {
	repeatable := method != http.MethodPost && method != http.MethodPatch
	if failed.Kind == Unanswered {
		return repeatable
	}
	if !slices.Contains(c.Retry.On, failed.Status) {
		return false
	}
	return repeatable || failed.Status == http.StatusTooManyRequests || failed.Status == http.StatusServiceUnavailable
}

// pause is how long to wait: what the API asks for, else a second, two, four, with a little chance.
func (c *call) pause(failed *Error, try int) time.Duration {
	longest := c.Retry.MaxWait
	if longest == 0 {
		longest = time.Minute
	}
	if asked, ok := failed.RetryAfter(c.now()); ok && c.Retry.Honor {
		return min(asked, longest)
	}
	return min(time.Second<<min(try, 10)+time.Duration(c.dice.below(250))*time.Millisecond, longest)
}

// AnyStatus is what a step expects that judges the answer itself.
const AnyStatus = "any"

func (c *call) expected(status int) bool {
	want := c.value(c.asked("expect"))
	if want == AnyStatus {
		return true
	}
	list, is := want.([]any)
	if !is {
		return status >= 200 && status < 300
	}
	return slices.ContainsFunc(list, func(v any) bool { return value.Equal(v, float64(status)) })
}

// seen is an answer as expressions see it. A body of JSON is read, any other is text.
func seen(a Response) map[string]any {
	var body any = string(a.Body)
	if len(a.Body) == 0 {
		body = nil
	} else if read, err := value.Decode(a.Body); err == nil {
		body = read
	}
	return map[string]any{"status": float64(a.Status), "headers": headerObject(a.Header), "body": body}
}

// failure is the error that an unexpected answer means: as the step says, else the connection, else its status alone.
func (c *call) failure(a Response) *Error {
	e := answered(a, headerObject(a.Header))
	if a.Status < 400 {
		e.Message = fmt.Sprintf("The API answered %d, which is not what this step expects.", a.Status)
	}
	if known, is := c.Errors[a.Status]; is {
		e.Type, e.Code = known.Type, known.Code
		if known.Summary != "" {
			e.Message = known.Summary
		}
	}
	own := c.input(program.Key{Group: "errors", Name: strconv.Itoa(a.Status)})
	if own == nil {
		return e
	}
	env := maps.Clone(c.frame.env)
	env["res"] = seen(a)
	inner := call{run: c.run, frame: &frame{env: env}, node: c.node}
	said, _ := inner.value(own).(map[string]any)
	if inner.err != nil {
		return inner.err
	}
	for into, name := range map[*string]string{&e.Type: "type", &e.Code: "code", &e.Message: "summary"} {
		if text := value.Text(said[name]); text != "" {
			*into = text
		}
	}
	return e
}

func stepPaginate(c *call) (Values, error) {
	first, err := c.request()
	if err != nil {
		return nil, err
	}
	p := pager{by: c.text("by"), param: c.text("param"), size: int(c.number("size", 0)), at: int(c.number("start", -1))}
	most := int(min(c.number("maxPages", float64(c.limits.Pages)), float64(c.limits.Pages)))
	all, q := []any{}, p.first(first)
	var kept atomic.Int64
	defer func() { c.used.memory.Add(-kept.Load()) }() // from here on they count as what the step gives
	for pages := 1; ; pages++ {
		answer, failed := c.ask(q)
		if failed != nil {
			return nil, failed
		}
		env := maps.Clone(c.frame.env)
		env["res"] = answer
		page := call{run: c.run, frame: &frame{env: env}, node: c.node}
		items, is := page.get("items").([]any)
		if page.err != nil {
			return nil, page.err
		}
		if !is && page.get("items") != nil {
			return nil, fail(Unfit, "Page %d: what items names is no list.", pages)
		}
		if all = append(all, items...); len(all) > c.limits.Items {
			return nil, fail(Limit, "All pages together have more than %d items.", c.limits.Items)
		}
		if err := c.keep(&kept, one("items", items)); err != nil {
			return nil, err
		}
		next, more := p.next(first, page.text("next"), items, value.Text(value.Get(answer["headers"], "link")))
		if page.err != nil {
			return nil, page.err
		}
		if !more {
			return c.done(map[string]any{"items": all, "pages": float64(pages)})
		}
		if pages >= most {
			return nil, fail(Limit, "There are more than %d pages.", most)
		}
		q = next
	}
}

// pager finds the next page.
type pager struct {
	by, param string
	size, at  int
	cursor    string
}

func (p *pager) first(q Request) Request {
	switch p.by {
	case "page":
		if p.param = orElse(p.param, "page"); p.at < 0 {
			p.at = 1
		}
		return q.With(p.param, strconv.Itoa(p.at))
	case "offset":
		p.param, p.at = orElse(p.param, "offset"), max(p.at, 0)
		return q.With(p.param, strconv.Itoa(p.at))
	}
	return q
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// next returns the request for the page after this one; false where it was the last. A cursor that comes again is the end:
// there are APIs that send the last one for ever.
func (p *pager) next(q Request, cursor string, items []any, link string) (Request, bool) {
	switch p.by {
	case "cursor":
		if cursor == "" || cursor == p.cursor {
			return Request{}, false
		}
		p.cursor = cursor
		return q.With(p.param, cursor), true
	case "link":
		target := nextLink(q.URL, link)
		if target == "" || target == p.cursor {
			return Request{}, false
		}
		p.cursor = target
		q.URL = target
		return q, true
	}
	if len(items) == 0 || p.size > 0 && len(items) < p.size {
		return Request{}, false
	}
	if p.by == "page" {
		p.at++
	} else {
		p.at += len(items)
	}
	return q.With(p.param, strconv.Itoa(p.at)), true
}

// With is the request with one query parameter set.
func (q Request) With(name, v string) Request {
	base, query, _ := strings.Cut(q.URL, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set(name, v)
	q.URL = base + "?" + values.Encode()
	return q
}

var linkRel = regexp.MustCompile(`(?i)<([^>]*)>(?:[^,<"]|"[^"]*")*;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))`)

// nextLink reads the address of the next page from a Link header (RFC 8288 §3); "" where there is none. A link may have
// several relations, with blanks between them.
func nextLink(base, link string) string {
	for _, m := range linkRel.FindAllStringSubmatch(link, -1) {
		if !slices.ContainsFunc(strings.Fields(m[2]+m[3]), func(rel string) bool { return strings.EqualFold(rel, "next") }) {
			continue
		}
		from, err := url.Parse(base)
		if err != nil {
			return ""
		}
		to, err := from.Parse(m[1])
		if err != nil {
			return ""
		}
		return to.String()
	}
	return ""
}
