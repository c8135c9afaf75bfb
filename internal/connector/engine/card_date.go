package engine

import (
	"math"
	"strings"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// dateCards compute with dates. Formats are described in moment.go.
var dateCards = []Card{
	{"date/now", "Now", "", "date, iso, full, year, month, day, time, hour, minute, second, millisecond", "of the run's clock, in UTC; month is its name, time is 15:04:05, full a sentence", now},
	{"date/add", "Add", "start, scale, unit", "output", "unit: milliseconds, seconds, minutes, hours, days, weeks, months, quarters, years; where a month is too short, its last day", func(c *call) (Values, error) { return c.moved(1) }},
	{"date/subtract", "Subtract", "start, scale, unit", "output", "as date/add", func(c *call) (Values, error) { return c.moved(-1) }},
	{"date/diff", "Difference", "start, end", "years, months, days, hours, minutes, seconds, milliseconds", "start is the later one; each is the whole difference in that unit, cut off", apart},
	{"date/format", "Date to Text", "start, format, zone", "output", "tokens of Moment, and yyyy, EEEE of Unicode; a zone that does not exist is UTC, as for Moment", dateToText},
	{"date/fromISO", "Convert", "start, format, zone", "date, iso, epoch, unix, human, custom", "epoch in seconds, unix in milliseconds; format and zone are for custom", convertDate},
	{"date/parse", "Text to Date", "start, format, zone", "output", "a text that does not follow the format is an error; without format as ISO 8601", textToDate},
	{"date/unix", "UNIX", "start", "output", "milliseconds since 1970", func(c *call) (Values, error) { return c.since(1) }},
	{"date/epoch", "Epoch", "start", "output", "whole seconds since 1970", func(c *call) (Values, error) { return c.since(1000) }},
}

// date returns an input as a date; what is none, or nothing, is refused.
func (c *call) date(name string) time.Time {
	v := c.get(name)
	at, ok := value.Date(v)
	if number, is := value.Number(v); !ok && is {
		at, ok = value.Date(number)
	}
	if !ok && c.err == nil {
		c.err = fail(Unfit, "%s: %q is no date.", name, shorten(value.Text(v)))
	}
	return at.UTC()
}

// asDeclared gives dates as text where the card's output is declared to be text, for that is what its author was shown.
func (c *call) asDeclared(gave Values) Values {
	for _, out := range c.node.Out {
		if at, is := gave[out.Key].(time.Time); is && out.Type == value.String {
			gave[out.Key] = value.Text(at)
		}
	}
	return gave
}

func now(c *call) (Values, error) {
	at := c.now().UTC().Truncate(time.Millisecond)
	return c.asDeclared(Values{
		key("date"): at, key("iso"): value.Text(at), key("full"): at.Format("Monday, January 2, 2006 3:04 PM"),
		key("year"): float64(at.Year()), key("month"): at.Month().String(), key("day"): float64(at.Day()), key("time"): at.Format("15:04:05"),
		key("hour"): float64(at.Hour()), key("minute"): float64(at.Minute()), key("second"): float64(at.Second()),
		key("millisecond"): float64(at.Nanosecond() / int(time.Millisecond)),
	}), nil
}

// unitNames are the units of dates as people write them: milliseconds of one, or months.
var unitNames = map[string]struct{ milliseconds, months float64 }{
	"millisecond": {milliseconds: 1}, "ms": {milliseconds: 1},
	"second": {milliseconds: 1000}, "s": {milliseconds: 1000},
	"minute": {milliseconds: 60_000}, "m": {milliseconds: 60_000},
	"hour": {milliseconds: 3_600_000}, "h": {milliseconds: 3_600_000},
	"day": {milliseconds: 86_400_000}, "d": {milliseconds: 86_400_000},
	"week": {milliseconds: 604_800_000}, "w": {milliseconds: 604_800_000},
	"month": {months: 1}, "M": {months: 1}, "quarter": {months: 3}, "Q": {months: 3}, "year": {months: 12}, "y": {months: 12},
}

func (c *call) moved(sign float64) (Values, error) {
	at, scale, unit := c.date("start"), c.number("scale", 0)*sign, c.text("unit")
	name := strings.ToLower(unit)
	if len(unit) == 1 { // M is a month, m a minute
		name = unit
	}
	if len(name) > 2 {
		name = strings.TrimSuffix(name, "s")
	}
	u, known := unitNames[name]
	if !known {
		return nil, fail(Unfit, "unit: %q is none; there are milliseconds, seconds, minutes, hours, days, weeks, months, quarters and years.", shorten(unit))
	}
	if c.err != nil {
		return nil, c.err
	}
	if u.milliseconds >= 86_400_000 || u.months > 0 {
		scale = math.Round(scale) // as Moment does with what has no fixed length
	}
	reach := float64(at.UnixMilli()) + scale*(u.milliseconds+u.months*28*86_400_000)
	if !(math.Abs(reach) <= float64(maxInstant)) {
		return nil, fail(Unfit, "The date would lie beyond what dates can say.")
	}
	if u.months == 0 {
		return c.asDeclared(one("output", time.UnixMilli(int64(reach)).UTC())), nil
	}
	later := addMonths(at, int(scale*u.months))
	if later.UnixMilli() > maxInstant || later.UnixMilli() < -maxInstant {
		return nil, fail(Unfit, "The date would lie beyond what dates can say.")
	}
	return c.asDeclared(one("output", later)), nil
}

// addMonths moves by months; the 31st becomes the last day of a shorter one.
func addMonths(at time.Time, months int) time.Time {
	first := time.Date(at.Year(), at.Month()+time.Month(months), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(at.Day(), last)-1)
}

// monthsBetween is the difference in months with a fraction, as Moment counts it.
func monthsBetween(later, earlier time.Time) float64 {
	months := (later.Year()-earlier.Year())*12 + int(later.Month()) - int(earlier.Month())
	anchor := addMonths(earlier, months)
	next := addMonths(earlier, months+1)
	if later.Before(anchor) {
		next = anchor
		months--
		anchor = addMonths(earlier, months)
	}
	return float64(months) + float64(later.UnixMilli()-anchor.UnixMilli())/float64(max(next.UnixMilli()-anchor.UnixMilli(), 1))
}

func apart(c *call) (Values, error) {
	start, end := c.date("start"), c.date("end")
	if c.err != nil {
		return nil, c.err
	}
	sign, months := 1.0, 0.0
	if start.Before(end) {
		sign, months = -1, monthsBetween(end, start)
	} else {
		months = monthsBetween(start, end)
	}
	ms := float64(start.UnixMilli() - end.UnixMilli())
	gave := Values{key("milliseconds"): ms}
	for name, unit := range map[string]float64{"seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000} {
		gave[key(name)] = math.Trunc(ms/unit) + 0
	}
	gave[key("months")] = sign*math.Trunc(months) + 0
	gave[key("years")] = sign*math.Trunc(months/12) + 0
	return gave, nil
}

func dateToText(c *call) (Values, error) {
	at := c.date("start").In(zone(c.text("zone")))
	text, err := formatDate(at, c.text("format"))
	if err != nil {
		return nil, err
	}
	return output(text)
}

func convertDate(c *call) (Values, error) {
	at := c.date("start")
	if c.err != nil {
		return nil, c.err
	}
	custom, err := formatDate(at.In(zone(c.text("zone"))), c.text("format"))
	if err != nil {
		return nil, err
	}
	gave := Values{
		key("date"): at, key("iso"): at.Format("2006-01-02T15:04:05Z"), key("epoch"): float64(at.Unix()), key("unix"): float64(at.UnixMilli()),
		key("human"): at.Format("Mon, January ") + ordinal(at.Day()) + at.Format(" at 3:04 PM"), key("custom"): custom,
	}
	for _, name := range []string{"epoch", "unix"} { // text in the files, but a number is taken as one
		if out := c.output(name); out != nil && out.Type == value.String {
			gave[key(name)] = value.Text(gave[key(name)])
		}
	}
	return c.asDeclared(gave), nil
}

// output returns what the card declares of an output, nil where it has none of that name.
func (c *call) output(name string) *program.Output {
	for i := range c.node.Out {
		if c.node.Out[i].Key.Name == name {
			return &c.node.Out[i]
		}
	}
	return nil
}

func textToDate(c *call) (Values, error) {
	text, format := c.text("start"), c.text("format")
	if format == "" {
		return c.asDeclared(one("output", c.date("start"))), nil
	}
	at, err := parseDate(text, format, zone(c.text("zone")), c.now())
	if err != nil {
		return nil, err
	}
	return c.asDeclared(one("output", at)), nil
}

func (c *call) since(milliseconds int64) (Values, error) {
	ms := c.date("start").UnixMilli()
	return output(math.Floor(float64(ms) / float64(milliseconds)))
}
