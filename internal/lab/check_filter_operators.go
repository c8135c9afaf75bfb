package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
)

// queryChecks look closer at filters, sorting, projections and paging than an import needs.
var queryChecks = slices.Concat(equalityChecks, comparisonChecks, logicChecks, literalChecks, sortChecks, limitChecks, projectionChecks, searchChecks, cursorChecks)

// equalityChecks compare attributes other than userName.
var equalityChecks = []Check{
	{
		ID: "filter.eq.id", Title: "id eq finds exactly that user, by the letter", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7643 §3.1; RFC 7644 §3.4.2.2",
		Why:   "A client that asks whether an account is still there gets no answer, or somebody else's.",
		Fix:   `Compare id letter by letter, with its case; or answer 400 with "scimType": "invalidFilter".`,
		judge: (*run).judgeByID,
	},
	{
		ID: byExternalID, Title: "externalId eq finds exactly that user, by the letter", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7643 §3.1; RFC 7644 §3.4.2.2",
		Why:   "Clients look accounts up by their own key; a key that differs in case only is another person's.",
		Fix:   `Compare externalId letter by letter, with its case; or answer 400 with "scimType": "invalidFilter".`,
		judge: (*run).judgeByExternalID,
	},
	{
		ID: "filter.eq.active", Title: "active eq true and false are compared as booleans", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, figure 1",
		Why: "A reconciliation that asks for active accounts takes everybody for gone.",
		Fix: "Read true and false without quotes as booleans, and compare them with the stored flag.",
		judge: questioned(func(_ *run, c cast) []question {
			active, inactive := c.activity()
			return []question{{"active eq true", active, inactive}, {"active eq false", inactive, active}}
		}),
	},
	{
		ID: "filter.valuepath", Title: "A filter in brackets asks one and the same value", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{"filter.eq.emails-value", created}, Reference: "RFC 7644 §3.4.2.2, table 5 and figure 1",
		Why:   `emails[type eq "work" and value eq "x"] would find people whose private address x is.`,
		Fix:   "Check all conditions in the brackets on one and the same element: here, on one address.",
		judge: freely((*run).judgeBrackets),
	},
}

// comparisonChecks are the operators of table 3, but for eq.
var comparisonChecks = []Check{
	comparing("ne", "finds those whose value differs", "Return every user whose value is another one.", func(r *run, c cast) []question {
		return []question{{"userName ne " + quote(c.anna.name), []*account{c.bertil}, []*account{c.anna}}}
	}),
	comparing("co", "finds those whose value contains the text", "Search for the whole text anywhere in the value, with % and _ escaped where SQL does the search.", func(r *run, c cast) []question {
		return []question{
			{"userName co " + quote(inTheMiddle(r, c.anna)), []*account{c.anna}, []*account{c.bertil, c.cesar}},
			{"userName co " + quote(r.names.prefix+"%anna"), nil, c.all()},
		}
	}),
	comparing("sw", "finds those whose value starts with the text", "Compare the beginning of the value.", func(r *run, c cast) []question {
		return []question{
			{"userName sw " + quote(r.names.prefix+"q-a"), []*account{c.anna}, []*account{c.bertil, c.cesar}},
			{"userName sw " + quote("q-anna"), nil, c.all()},
		}
	}),
	comparing("ew", "finds those whose value ends with the text", "Compare the end of the value.", func(r *run, c cast) []question {
		return []question{
			{"userName ew " + quote("q-anna"+r.names.domain), []*account{c.anna}, []*account{c.bertil, c.cesar}},
			{"userName ew " + quote("q-anna"), nil, c.all()},
		}
	}),
	comparing("pr", "finds those who have a value", "Match where the attribute has a value, and nowhere else.", func(_ *run, c cast) []question {
		questions := []question{{"userName pr", c.all(), nil}}
		if c.anna.shown.Get("title") != nil && c.cesar.shown.Get("title") == nil {
			questions = append(questions, question{"title pr", []*account{c.anna}, []*account{c.cesar}})
		}
		return questions
	}),
	comparing("gt", "finds what is greater, of texts and of times", ordersFix, func(_ *run, c cast) []question {
		return append(c.changed("gt", longAgo, farAhead),
			question{"userName gt " + quote(c.anna.name), []*account{c.cesar}, []*account{c.anna}})
	}),
	comparing("ge", "finds what is greater or equal, of texts and of times", ordersFix, func(_ *run, c cast) []question {
		return append(c.changed("ge", longAgo, farAhead),
			question{"userName ge " + quote(c.cesar.name), []*account{c.cesar}, []*account{c.anna}})
	}),
	comparing("lt", "finds what is less, of texts and of times", ordersFix, func(_ *run, c cast) []question {
		return append(c.changed("lt", farAhead, longAgo),
			question{"userName lt " + quote(c.cesar.name), []*account{c.anna}, []*account{c.cesar}})
	}),
	comparing("le", "finds what is less or equal, of texts and of times", ordersFix, func(_ *run, c cast) []question {
		return append(c.changed("le", farAhead, longAgo),
			question{"userName le " + quote(c.anna.name), []*account{c.anna}, []*account{c.cesar}})
	}),
	{
		ID: "filter.gt-boolean-400", Title: "An order of booleans is refused with 400", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName}, Reference: "RFC 7644 §3.4.2.2, table 3",
		Why:   "There is no right answer; a list in its place is taken for one.",
		Fix:   `Answer 400 with "scimType": "invalidFilter" to gt, ge, lt and le on boolean and binary attributes.`,
		judge: func(r *run) Finding { return r.refusesFilters(`active gt true`) },
	},
}

const ordersFix = "Compare texts as texts, times as points in time and numbers as numbers."

func comparing(operator, does, fix string, questions func(*run, cast) []question) Check {
	return Check{
		ID: "filter." + operator, Title: operator + " " + does, Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, table 3",
		Why:   "A client that filters with " + operator + " works with the wrong people.",
		Fix:   fix + ` Refuse operators that you do not offer with 400 and "scimType": "invalidFilter".`,
		judge: questioned(questions),
	}
}

// inTheMiddle is a part of a name that nobody else has: neither its beginning nor its end.
func inTheMiddle(r *run, who *account) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(who.name), "slipway-"), r.names.domain)
}

// changed asks for anna by the time of her last change, so far away that neither clocks nor digits matter. Nothing is asked
// where the server does not show it.
func (c cast) changed(operator, in, out string) []question {
	if c.anna.shown.String("meta.lastModified") == "" {
		return nil
	}
	filter := "meta.lastModified " + operator + " "
	return []question{{filter + quote(in), []*account{c.anna}, nil}, {filter + quote(out), nil, []*account{c.anna}}}
}

const longAgo, farAhead = "2001-02-03T04:05:06Z", "2099-02-03T04:05:06Z"

// activity tells those who are shown as active from those who are not: a server may wait for them to confirm something.
func (c cast) activity() (active, inactive []*account) {
	for _, who := range c.all() {
		switch is, known := who.shown.Active(); {
		case is:
			active = append(active, who)
		case known:
			inactive = append(inactive, who)
		}
	}
	return active, inactive
}

// judgeByID also asks with the letters of the id in the other case: that is the id of nobody.
func (r *run) judgeByID() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The users that the filter is tried on could not be created.")
	}
	return r.findsExactly("id", c.anna.id, c)
}

func (r *run) judgeByExternalID() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The users that the filter is tried on could not be created.")
	}
	if c.anna.shown.ExternalID() == "" {
		return notApplicable("The server does not keep externalId.")
	}
	return r.findsExactly("externalId", c.anna.shown.ExternalID(), c)
}

func (r *run) findsExactly(attribute, value string, c cast) Finding {
	questions := []question{{attribute + " eq " + quote(value), []*account{c.anna}, []*account{c.bertil, c.cesar}}}
	if other := otherCase(value); other != value {
		questions = append(questions, question{attribute + " eq " + quote(other), nil, c.all()})
	}
	return r.poll(questions)
}

func otherCase(s string) string {
	return strings.Map(func(c rune) rune {
		if lower := []rune(strings.ToLower(string(c)))[0]; lower != c {
			return lower
		}
		return []rune(strings.ToUpper(string(c)))[0]
	}, s)
}

// judgeBrackets asks for anna by her address at work, and by the same address as one at home.
func (r *run) judgeBrackets() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The users that the filter is tried on could not be created.")
	}
	list, _ := c.anna.shown.Get("emails").([]any)
	types := map[string]string{}
	for _, element := range list {
		if email, ok := element.(map[string]any); ok {
			kind, _ := email["type"].(string)
			types[kind], _ = email["value"].(string)
		}
	}
	if types["work"] == "" || types["home"] == "" {
		return notApplicable("The server does not keep two e-mail addresses with their types.")
	}
	in := func(kind string) string {
		return `emails[type eq "` + kind + `" and value eq ` + quote(types["work"]) + `]`
	}
	return r.poll([]question{{in("work"), []*account{c.anna}, []*account{c.bertil, c.cesar}}, {in("home"), nil, c.all()}})
}

// logicChecks try the operators of tables 4 and 5 on userName eq alone, which every server knows.
var logicChecks = []Check{
	reasoning("and", "and finds those for whom both sides hold", "A client that narrows a search gets people whom it excluded.", func(c cast) []question {
		return []question{
			{is(c.anna) + " and " + is(c.anna), []*account{c.anna}, []*account{c.bertil, c.cesar}},
			{is(c.anna) + " and " + is(c.bertil), nil, c.all()},
		}
	}),
	reasoning("or", "or finds those for whom one side holds", "A client that asks for several people at once misses some, and creates them again.", func(c cast) []question {
		return []question{
			{is(c.anna) + " or " + is(c.bertil), []*account{c.anna, c.bertil}, []*account{c.cesar}},
			{"userName eq \"nobody-at-all\" or " + is(c.bertil), []*account{c.bertil}, []*account{c.anna, c.cesar}},
		}
	}),
	reasoning("not", "not finds everybody else", "A client that excludes somebody gets exactly that person.", func(c cast) []question {
		return []question{{"not (" + is(c.anna) + ")", []*account{c.bertil, c.cesar}, []*account{c.anna}}}
	}),
	reasoning("paren", "Parentheses come first, then not, and, or", "A condition that is read in another order means other people.", func(c cast) []question {
		return []question{
			{is(c.anna) + " or " + is(c.bertil) + " and " + is(c.cesar), []*account{c.anna}, []*account{c.bertil, c.cesar}},
			{"(" + is(c.anna) + " or " + is(c.bertil) + ") and " + is(c.bertil), []*account{c.bertil}, []*account{c.anna, c.cesar}},
			{"not (" + is(c.anna) + ") and " + is(c.bertil), []*account{c.bertil}, []*account{c.anna, c.cesar}},
			{"((" + is(c.anna) + ") or (" + is(c.bertil) + " and not (" + is(c.cesar) + ")))", []*account{c.anna, c.bertil}, []*account{c.cesar}},
		}
	}),
}

func reasoning(id, title, why string, questions func(cast) []question) Check {
	return Check{
		ID: "filter." + id, Title: title, Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, tables 4 and 5",
		Why:   why,
		Fix:   `Parse filters with a real parser: parentheses bind first, then not, then and, then or. Or answer 400 with "scimType": "invalidFilter".`,
		judge: questioned(func(_ *run, c cast) []question { return questions(c) }),
	}
}

func is(who *account) string { return "userName eq " + quote(who.name) }

// nobodyOrRefused passes where a filter finds nobody or is refused.
func (r *run) nobodyOrRefused(filter string) Finding {
	a := r.find(filter)
	if a.err == nil && (a.status == http.StatusBadRequest || a.status == http.StatusNotImplemented || a.status == http.StatusForbidden) {
		return passed("The server declines such a filter (%s).", a.shown())
	}
	if f, bad := a.want(http.StatusOK, http.StatusNotFound); bad {
		f.Message += " The filter was " + filter + "."
		return f
	}
	if n := len(a.resources()); n > 0 && a.is2xx() {
		return fails("The filter %s, which nobody matches, returned %d users.", filter, n)
	}
	return passes()
}
