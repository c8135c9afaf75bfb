package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are the same wherever this runs
)

// Formats of dates are Moment's, and those of Unicode that people mix in: yyyy is YYYY, EEEE is dddd. Where a format has
// yyyy, then d and dd are the day of the month, as in Unicode; else they are the weekday, as in Moment.

// tokens are what a format consists of: text in brackets, tokens, single characters.
var tokens = regexp.MustCompile(`\[[^\]]*\]|YYYYYY|YYYY|YY?|yyyy|yyy|yy?|Qo?|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|EEEE|EEE|E|HH?|hh?|kk?|mm?|ss?|S{1,9}|A|a|ZZ?|zz?|XXX|xxx|X|x|WW?|.|\s`)

// maxFormat is the longest format of a date, in bytes.
const maxFormat = 200

// defaultFormat is Moment's.
const defaultFormat = "YYYY-MM-DDTHH:mm:ssZ"

// parts cuts a format into tokens.
func parts(format string) ([]string, error) {
	if len(format) > maxFormat {
		return nil, fail(Limit, "format: it has %d bytes, more than %d.", len(format), maxFormat)
	}
	if format == "" {
		format = defaultFormat
	}
	all := tokens.FindAllString(format, -1)
	if strings.Contains(format, "yyyy") {
		for i, token := range all {
			if day, is := map[string]string{"d": "D", "dd": "DD"}[token]; is {
				all[i] = day
			}
		}
	}
	return all, nil
}

func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// formatDate writes a date in its own zone.
func formatDate(at time.Time, format string) (string, error) {
	all, err := parts(format)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, token := range all {
		b.WriteString(formatToken(at, token))
	}
	return b.String(), nil
}

func padded(n, width int) string { return fmt.Sprintf("%0*d", width, n) }

// formatToken writes one token; what is none stands for itself.
func formatToken(at time.Time, token string) string {
	switch token {
	case "YYYYYY":
		return fmt.Sprintf("%+07d", at.Year())
	case "YYYY", "Y", "yyyy", "yyy", "y":
		return padded(at.Year(), 4)
	case "YY", "yy":
		return padded(at.Year()%100, 2)
	case "Q":
		return strconv.Itoa((int(at.Month()) + 2) / 3)
	case "Qo":
		return ordinal((int(at.Month()) + 2) / 3)
	case "MMMM":
		return at.Month().String()
	case "MMM":
		return at.Month().String()[:3]
	case "MM", "M":
		return padded(int(at.Month()), len(token))
	case "Mo":
		return ordinal(int(at.Month()))
	case "DDDD":
		return padded(at.YearDay(), 3)
	case "DDD":
		return strconv.Itoa(at.YearDay())
	case "DDDo":
		return ordinal(at.YearDay())
	case "DD", "D":
		return padded(at.Day(), len(token))
	case "Do":
		return ordinal(at.Day())
	case "WW", "W":
		_, week := at.ISOWeek()
		return padded(week, len(token))
	}
	if text, is := formatWeekday(at.Weekday(), token); is {
		return text
	}
	return formatTime(at, token)
}

func formatWeekday(day time.Weekday, token string) (string, bool) {
	switch token {
	case "dddd", "EEEE":
		return day.String(), true
	case "ddd", "EEE":
		return day.String()[:3], true
	case "dd":
		return day.String()[:2], true
	case "d":
		return strconv.Itoa(int(day)), true
	case "do":
		return ordinal(int(day)), true
	case "E":
		return strconv.Itoa((int(day)+6)%7 + 1), true
	}
	return "", false
}

func formatTime(at time.Time, token string) string {
	switch token {
	case "HH", "H":
		return padded(at.Hour(), len(token))
	case "hh", "h":
		return padded((at.Hour()+11)%12+1, len(token))
	case "kk", "k":
		return padded((at.Hour()+23)%24+1, len(token))
	case "mm", "m":
		return padded(at.Minute(), len(token))
	case "ss", "s":
		return padded(at.Second(), len(token))
	case "A":
		return at.Format("PM")
	case "a":
		return at.Format("pm")
	case "Z", "XXX", "xxx":
		return at.Format("-07:00")
	case "ZZ":
		return at.Format("-0700")
	case "z", "zz":
		return at.Format("MST")
	case "X":
		return strconv.FormatInt(at.Unix(), 10)
	case "x":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	switch token[0] {
	case 'S':
		return fmt.Sprintf("%09d", at.Nanosecond())[:len(token)]
	case '[':
		return strings.Trim(token, "[]")
	}
	return token
}

// zones are those found so far; there are some 600.
var zones sync.Map

// zone returns a zone by its name in the tz database. One that does not exist, such as America/Pacific, is UTC: that is
// what Moment makes of it.
func zone(name string) *time.Location {
	const longest = 64
	if name == "" || name == "Local" || len(name) > longest {
		return time.UTC
	}
	if known, is := zones.Load(name); is {
		return known.(*time.Location)
	}
	found, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, found)
	return found
}

// parsedDate collects what a text says of a date.
type parsedDate struct {
	year, month, day           int
	hour, minute, second, nano int
	half                       string // am, pm
	zone                       *time.Location
	at                         time.Time // where the text holds the whole instant
}

// parseDate reads a text by a format. What follows after the format's end is ignored, as by Moment; what the text does not
// say is 0, or the first; a year alone may be of two digits, from 1969 to 2068.
func parseDate(text, format string, in *time.Location, now time.Time) (time.Time, error) {
	all, err := parts(format)
	if err != nil {
		return time.Time{}, err
	}
	d := parsedDate{year: now.In(in).Year(), month: 1, day: 1, zone: in}
	rest := strings.TrimSpace(text)
	for _, token := range all {
		after, ok := d.read(token, rest)
		if !ok {
			return time.Time{}, fail(Unfit, "start: %q does not follow the format %q: %q is not there.", shorten(text), format, token)
		}
		rest = after
	}
	return d.instant(text)
}

func (d *parsedDate) instant(text string) (time.Time, error) {
	if !d.at.IsZero() {
		return d.at, nil
	}
	switch {
	case d.half == "p" && d.hour < 12:
		d.hour += 12
	case d.half == "a" && d.hour == 12:
		d.hour = 0
	}
	last := time.Date(d.year, time.Month(d.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > last || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return time.Time{}, fail(Unfit, "start: %q is no date: there is no such month, day or time.", shorten(text))
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, d.nano, d.zone).UTC(), nil
}

// read takes a token off the text.
func (d *parsedDate) read(token, text string) (rest string, ok bool) {
	number := func(into *int, digits int) (string, bool) {
		n, after, ok := leading(text, digits)
		*into = int(n)
		return after, ok
	}
	switch token {
	case "YYYY", "Y", "yyyy", "yyy", "y":
		return number(&d.year, 4)
	case "YY", "yy":
		rest, ok = number(&d.year, 2)
		if d.year += 1900; d.year < 1969 {
			d.year += 100
		}
		return rest, ok
	case "MMMM", "MMM":
		return d.readMonth(text)
	case "MM", "M":
		return number(&d.month, 2)
	case "DD", "D":
		return number(&d.day, 2)
	case "Do":
		rest, ok = number(&d.day, 2)
		return strings.TrimLeft(rest, "stndrh"), ok
	case "HH", "H", "hh", "h", "kk", "k":
		return number(&d.hour, 2)
	case "mm", "m":
		return number(&d.minute, 2)
	case "ss", "s":
		return number(&d.second, 2)
	case "A", "a":
		return d.readHalf(text)
	case "Z", "ZZ", "XXX", "xxx", "z", "zz":
		return d.readZone(text)
	case "X", "x":
		return d.readInstant(token, text)
	case "dddd", "ddd", "dd", "EEEE", "EEE": // the date says which day of the week it is
		return strings.TrimLeftFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }), true
	}
	switch token[0] {
	case 'S':
		return d.readFraction(text)
	case '[':
		token = strings.Trim(token, "[]")
	}
	return strings.CutPrefix(text, token)
}

// leading reads the digits that a text begins with.
func leading(text string, most int) (n int64, rest string, ok bool) {
	i := 0
	for i < len(text) && i < most && text[i] >= '0' && text[i] <= '9' {
		n = n*10 + int64(text[i]-'0')
		i++
	}
	return n, text[i:], i > 0
}

func (d *parsedDate) readMonth(text string) (string, bool) {
	for m := time.January; m <= time.December; m++ {
		for _, name := range []string{m.String(), m.String()[:3]} {
			if len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
				d.month = int(m)
				return text[len(name):], true
			}
		}
	}
	return text, false
}

func (d *parsedDate) readHalf(text string) (string, bool) {
	if len(text) < 2 || text[1] != 'm' && text[1] != 'M' {
		return text, false
	}
	d.half = strings.ToLower(text[:1])
	return text[2:], d.half == "a" || d.half == "p"
}

var offset = regexp.MustCompile(`^([+-])(\d\d):?(\d\d)`)

func (d *parsedDate) readZone(text string) (string, bool) {
	for _, name := range []string{"UTC", "GMT", "Z", "z"} {
		if rest, is := strings.CutPrefix(text, name); is {
			d.zone = time.UTC
			return rest, true
		}
	}
	m := offset.FindStringSubmatch(text)
	if m == nil {
		return text, false
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	d.zone = time.FixedZone("", seconds)
	return text[len(m[0]):], true
}

func (d *parsedDate) readFraction(text string) (string, bool) {
	const digits = 9
	n, rest, ok := leading(text, digits)
	for range digits - (len(text) - len(rest)) {
		n *= 10
	}
	d.nano = int(n)
	return rest, ok
}

// readInstant reads seconds (X) or milliseconds (x) since 1970.
func (d *parsedDate) readInstant(token, text string) (string, bool) {
	const digits = 16
	digitsOf, negative := strings.CutPrefix(text, "-")
	n, rest, ok := leading(digitsOf, digits)
	if negative {
		n = -n
	}
	if token == "X" {
		n *= 1000
	}
	if n > maxInstant || n < -maxInstant {
		return text, false
	}
	d.at = time.UnixMilli(n).UTC()
	return rest, ok
}

// maxInstant is the last millisecond since 1970 that JavaScript's dates know.
const maxInstant = int64(8.64e15)
