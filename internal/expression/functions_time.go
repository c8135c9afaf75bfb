package expression

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var timeFunctions = []Function{
	{
		Signature: "now()",
		Sentence:  "The time of the evaluation.",
		Example:   `now()`, Result: `"2026-01-02T03:04:05.000Z"`,
		volatile: true,
		call:     func(r *run, _ []any) (any, error) { return r.now() },
	},
	{
		Signature: "date(text: text|time)",
		Sentence:  "The time that the text is: RFC 3339, or a day, which begins at midnight UTC.",
		Example:   `date('2026-01-02T05:04:05+02:00') > date('2026-01-02')`, Result: `true`,
		call: func(_ *run, a []any) (any, error) { return readTime(a[0]) },
	},
	{
		Signature: "formatDate(time: time|text, format: text)",
		Sentence:  "The time in UTC, as the format says: YYYY YY MMMM MMM MM M DD D dddd ddd HH H hh h mm m ss s SSS A Z X (seconds since 1970) x (milliseconds), and '…' for text.",
		Example:   `formatDate('2026-01-02T03:04:05Z', "DD.MM.YYYY 'at' H:mm")`, Result: `"02.01.2026 at 3:04"`,
		call: func(r *run, a []any) (any, error) {
			t, err := readTime(a[0])
			if err != nil {
				return nil, err
			}
			return r.formatTime(t, a[1].(string))
		},
	},
	{
		Signature: "addTime(time: time|text, amount: number, unit: text)",
		Sentence:  "The time so many seconds, minutes, hours, days, weeks, months or years later; earlier if the amount is negative.",
		Example:   `addTime('2026-01-31', -1, 'days')`, Result: `"2026-01-30T00:00:00.000Z"`,
		call: func(_ *run, a []any) (any, error) {
			t, err := readTime(a[0])
			if err != nil {
				return nil, err
			}
			return addTime(t, a[1], a[2].(string))
		},
	},
}

func (r *run) now() (time.Time, error) {
	if r.env.Now.IsZero() {
		return time.Time{}, errors.New("there is no time here")
	}
	return r.env.Now.UTC(), nil
}

var readable = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly}

func readTime(v any) (time.Time, error) {
	if t, ok := v.(time.Time); ok {
		return t.UTC(), nil
	}
	s, _ := v.(string)
	for _, layout := range readable {
		if t, err := time.Parse(layout, s); err == nil && len(s) < 50 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("the text is no time of RFC 3339, such as 2026-01-02T03:04:05Z or 2026-01-02")
}

var seconds = map[string]float64{"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}

func addTime(t time.Time, amount any, unit string) (any, error) {
	n := float(amount)
	unit = strings.TrimSuffix(unit, "s")
	switch size, fixed := seconds[unit]; {
	case fixed && math.Abs(n*size) < 1e12:
		// Not Add: a time.Duration ends after 292 years.
		whole, part := math.Modf(n * size)
		t = time.Unix(t.Unix()+int64(whole), int64(t.Nanosecond())+int64(part*1e9)).UTC()
	case !fixed && (unit == "month" || unit == "year"):
		if n != math.Trunc(n) || math.Abs(n) > 120000 {
			return nil, errors.New("months and years are added as whole numbers")
		}
		if unit == "year" {
			n *= 12
		}
		t = addMonths(t, int(n))
	case !fixed:
		return nil, errors.New("the unit is one of seconds, minutes, hours, days, weeks, months, years")
	default:
		return nil, errYears
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, errYears
	}
	return t, nil
}

var errYears = errors.New("the time lies before the year 1 or after 9999")

// addMonths keeps the day, or takes the month's last: a month after 31 January is the end of February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// tokens are the letters of a format, those of Moment and of Unicode, and the layout of Go that each means.
var tokens = map[string]string{
	"YYYY": "2006", "yyyy": "2006", "YY": "06", "yy": "06",
	"MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "DD": "02", "dd": "02", "D": "2", "d": "2",
	"dddd": "Monday", "ddd": "Mon", "EEEE": "Monday", "EEE": "Mon",
	"HH": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5",
	"A": "PM", "a": "pm", "Z": "Z07:00", "ZZ": "Z0700",
}

// maxFormat is how long a format may be, in bytes.
const maxFormat = 200

func (r *run) formatTime(t time.Time, format string) (any, error) {
	if len(format) > maxFormat {
		return nil, fmt.Errorf("the format is longer than %d bytes", maxFormat)
	}
	if err := r.spend(8 * len(format)); err != nil {
		return nil, err
	}
	var b strings.Builder
	for letters := []rune(format); len(letters) > 0; {
		n := 1
		switch l := letters[0]; {
		case l == '\'' || l == '[':
			quoted := strings.IndexRune(string(letters[1:]), map[rune]rune{'\'': '\'', '[': ']'}[l])
			if quoted < 0 {
				return nil, errors.New("a text in the format has no end")
			}
			inside := string(letters[1:])[:quoted]
			b.WriteString(inside)
			n = len([]rune(inside)) + 2
		case !unicode.IsLetter(l):
			b.WriteRune(l)
		default:
			for n < len(letters) && letters[n] == l {
				n++
			}
			written, err := formatToken(t, string(letters[:n]))
			if err != nil {
				return nil, err
			}
			b.WriteString(written)
		}
		letters = letters[n:]
	}
	return b.String(), nil
}

func formatToken(t time.Time, token string) (string, error) {
	switch token {
	case "H":
		return strconv.Itoa(t.Hour()), nil
	case "S", "SS", "SSS":
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)[:len(token)], nil
	case "X":
		return strconv.FormatInt(t.Unix(), 10), nil
	case "x":
		return strconv.FormatInt(t.UnixMilli(), 10), nil
	}
	layout, known := tokens[token]
	if !known {
		return "", errors.New("the format has letters that mean nothing; text stands between ' and '")
	}
	return t.Format(layout), nil
}
