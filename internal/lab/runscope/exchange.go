package runscope

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/fault"
)

const (
	maxBody  = 4 << 20  // of an answer
	keptBody = 64 << 10 // of a body, as evidence
	keptURL  = 8 << 10
)

// request performs a request step: templates, scripts that may edit it, the exchange, and the proof.
func (r *run) request(ctx context.Context, q *Request, out *StepResult) {
	out.Subject = r.subject(q)
	defer r.reckon(q, out)
	if problems := r.environment.problems(); len(problems) > 0 {
		out.end(Unsupported, "Nothing was sent. %s.", strings.Join(problems, ". "))
		return
	}
	d, err := q.expand(r.scope(), r.environment.headers())
	if err != nil {
		r.refuse(out, err)
		return
	}
	if why := r.unprepared(q); why != "" {
		out.end(Blocked, "%s", why)
		return
	}
	if d.auth.Type == "" {
		x := expander{scope: r.scope()}
		if d.auth = r.environment.auth().expand(&x); x.result() != nil {
			r.refuse(out, x.result())
			return
		}
	}
	if !r.before(ctx, slices.Concat(r.environment.before(), q.Before), &d, out) {
		return
	}
	if !r.authorize(ctx, &d, out) {
		return
	}
	if d.plus {
		out.warn("A value with a plus sign was put into the query: the server reads it as a blank, and the step may have failed or passed for that.")
	}
	answer, ok := r.send(ctx, &d, out)
	if !ok {
		return
	}
	expect := q.Expect
	expect.After = slices.Concat(r.environment.after(), q.After)
	r.prove(ctx, expect, answer, d.forScript(), out)
	if out.conclude(); out.Outcome == Passed {
		out.Message = out.proof(answer.status)
	}
	if fault := knownDefect(r.suite.Name, *out); fault != "" {
		out.SuiteDefect = true
		out.Message += " This is a fault of the suite: " + fault + "."
	}
}

// proof says how much a passed step proves.
func (r *StepResult) proof(status int) string {
	all, beyond := len(r.Assertions), 0 // the status
	for _, a := range r.Assertions {
		if a.Source != sourceStatus {
			beyond++
		}
	}
	for _, s := range r.Scripts {
		all, beyond = all+s.Passed, beyond+s.Passed
		if s.When == "after" && s.Passed == 0 {
			r.warn("A script ran to its end and asserted nothing, so it proves nothing.")
		}
	}
	switch {
	case all == 0:
		return fmt.Sprintf("Answered %d. The suite asserts nothing here.", status)
	case beyond == 0:
		return fmt.Sprintf("Answered %d, as it should. The suite asserts nothing else here.", status)
	}
	return fmt.Sprintf("Answered %d, and all %d assertions hold.", status, all)
}

// before runs the scripts that may edit the request. What they set as variables comes too late for this request.
func (r *run) before(ctx context.Context, scripts []string, d *draft, out *StepResult) bool {
	for _, code := range scripts {
		request := d.forScript()
		original, err := request.copy()
		if err != nil {
			out.end(Error, "The request could not be shown to its script.")
			return false
		}
		result := (&script{when: "before", code: code, request: request, run: r}).evaluate(ctx)
		out.Scripts = append(out.Scripts, result)
		if result.Outcome != Passed {
			out.end(result.Outcome, "Nothing was sent. %s", result.Message)
			return false
		}
		d.edit(original, request)
	}
	return true
}

// send returns the answer, with the exchange kept as evidence. Without an answer, out says why.
func (r *run) send(ctx context.Context, d *draft, out *StepResult) (*reply, bool) {
	req, err := d.build(ctx)
	if err != nil {
		out.end(Unsupported, "Nothing was sent: %s.", err)
		return nil, false
	}
	host := req.URL.Host
	out.Subject.Elsewhere = r.elsewhere(req.URL)
	if !r.gate.allows(req.URL) {
		out.end(Blocked, "Nothing was sent: the suite wants to call %s, which nobody has named. If that is right, name it: --host %s.", host, host)
		return nil, false
	}
	if step := r.gate.silentSince(host); step != "" {
		out.end(Blocked, "Nothing was sent: %s was not reached in step %s.", host, step)
		return nil, false
	}
	for name, values := range req.Header {
		for _, value := range values {
			r.redactor.consider(name, value)
		}
	}
	answer, err := r.exchange(req, out)
	if err != nil {
		r.unanswered(ctx, req.URL, err, out)
		return nil, false
	}
	r.gate.answered(host)
	r.remember(req, answer, out.Number)
	return answer, true
}

// unanswered says whose fault it is that there is no answer. A host that was never heard blocks the step; one that
// falls silent later has failed it.
func (r *run) unanswered(ctx context.Context, u *url.URL, err error, out *StepResult) {
	said := reason(err)
	switch kind := egress.KindOf(err); {
	case ctx.Err() != nil || kind == egress.Canceled:
		out.end(Error, "The run was stopped during this request.")
	case kind == egress.PrivateAddress || kind == egress.NotAllowed:
		r.gate.unanswered(u.Host, out.Number)
		if !strings.Contains(said, "Nothing was sent") {
			said = "Nothing was sent. " + said
		}
		out.end(Blocked, "%s", said)
	case kind == egress.Redirected || kind == egress.TooLarge || kind == egress.NotHTTP || errors.Is(err, errTooLarge):
		r.gate.answered(u.Host)
		out.end(Failed, "%s", said)
	case r.gate.spoke[u.Host]:
		out.end(Failed, "%s", said)
	default:
		r.gate.unanswered(u.Host, out.Number)
		out.end(Blocked, "%s", said)
	}
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)

// reason is the sentence for people where there is one.
func reason(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Message
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return "The server did not answer: " + sentence(err.Error())
}

// exchange sends req, reads the answer and keeps both.
func (r *run) exchange(req *http.Request, out *StepResult) (*reply, error) {
	sent := ""
	if req.GetBody != nil {
		copied, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(copied)
		if err != nil {
			return nil, err
		}
		sent = string(data)
	}
	start := r.options.Now()
	answer, err := receive(r.options.Client.Do(req))
	elapsed := r.options.Now().Sub(start)
	if answer != nil {
		answer.elapsed, answer.redact = elapsed, r.redactor.head
	}
	r.result.Requests++
	r.result.TargetTime += elapsed
	e := egress.Exchange{Method: req.Method, URL: req.URL.String(), RequestHeader: req.Header, RequestBody: sent, Started: start.UTC(), Duration: elapsed}
	if answer != nil {
		e.Status, e.ResponseHeader, e.ResponseBody = answer.status, answer.header, string(answer.body)
	}
	if err != nil {
		e.Err = reason(err)
	}
	out.Exchanges = append(out.Exchanges, e) // redacted when the step ends: it may yet teach us a secret
	return answer, err
}

// receive reads an answer to its end.
func receive(resp *http.Response, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	_, phrase, _ := strings.Cut(resp.Status, " ")
	return &reply{status: resp.StatusCode, reason: phrase, header: resp.Header, body: body}, nil
}

// prove does with an answer what the suite expects of it, in the format's order: extractors, scripts, assertions.
func (r *run) prove(ctx context.Context, e Expect, answer *reply, request *scriptRequest, out *StepResult) {
	for _, x := range e.Extractors {
		value, result := x.extract(answer)
		if result.Outcome == Passed {
			if err := r.set(x.Name, value); err != nil {
				result.Outcome, result.Message = Failed, err.Error()
			}
		}
		out.Extractors = append(out.Extractors, result)
	}
	for _, code := range e.After {
		s := script{when: "after", code: code, request: request, reply: answer, run: r}
		out.Scripts = append(out.Scripts, s.evaluate(ctx))
	}
	for _, a := range e.Assertions {
		if f := answer.find(a.Source, a.Property); isSecretName(a.Property) && len(f.values) > 0 {
			r.redactor.learn(cast(f.values[0]))
		}
		result := a.assert(answer, r.scope())
		if result.Outcome == Blocked {
			result.Message = r.needs(a)
		}
		out.Assertions = append(out.Assertions, result)
	}
}

// needs explains an assertion whose target has no value.
func (r *run) needs(a Assertion) string {
	_, err := r.scope().expand(a.Target)
	if missing, ok := errors.AsType[*missingError](err); ok {
		return r.explain(missing)
	}
	return ""
}
