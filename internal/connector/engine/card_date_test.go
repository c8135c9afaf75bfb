package engine

import (
	"strings"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

func day(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

var dateRows = []row{
	{says: "gives the time of the run", op: "date/now", want: gives{
		"date": noon, "iso": "2026-01-31T12:00:00.250Z", "full": "Saturday, January 31, 2026 12:00 PM", "year": 2026.0, "month": "January", "day": 31.0,
		"time": "12:00:00", "hour": 12.0, "minute": 0.0, "second": 0.0, "millisecond": 250.0,
	}},
	{says: "ends at the last day of a shorter month", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.0, "unit", "months"), want: gives{"output": day("2024-02-29T00:00:00Z")}},
	{says: "adds milliseconds", op: "date/add", in: fields("start", "2024-01-31T10:00:00+02:00", "scale", 1.0, "unit", "milliseconds"), want: gives{"output": day("2024-01-31T08:00:00.001Z")}},
	{says: "adds parts of an hour", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.5, "unit", "hour"), want: gives{"output": day("2024-01-31T01:30:00Z")}},
	{says: "rounds days and months, as Moment does", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.6, "unit", "months"), want: gives{"output": day("2024-03-31T00:00:00Z")}},
	{says: "rounds days", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.4, "unit", "days"), want: gives{"output": day("2024-02-01T00:00:00Z")}},
	{says: "adds years to a leap day", op: "date/add", in: fields("start", "2024-02-29", "scale", 1.0, "unit", "years"), want: gives{"output": day("2025-02-28T00:00:00Z")}},
	{says: "names a unit that it does not know", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.0, "unit", "moons"), fails: `unit: "moons" is none`},
	{says: "names what is no date", op: "date/add", in: fields("start", "soon", "scale", 1.0, "unit", "days"), fails: `start: "soon" is no date.`},
	{says: "does not leave what dates can say", op: "date/add", in: fields("start", "2024-01-31", "scale", 1e300, "unit", "years"), fails: "beyond what dates can say"},
	{says: "gives text where the card declares text", op: "date/add", in: fields("start", "2024-01-31", "scale", 1.0, "unit", "days"), shape: func(n *program.Node) { n.Out = []program.Output{{Key: key("output"), Type: value.String}} }, want: gives{"output": "2024-02-01T00:00:00.000Z"}},
	{says: "goes back", op: "date/subtract", in: fields("start", "2024-03-31", "scale", 1.0, "unit", "months"), want: gives{"output": day("2024-02-29T00:00:00Z")}},
	{says: "goes back by quarters", op: "date/subtract", in: fields("start", "2024-03-31", "scale", 1.0, "unit", "quarters"), want: gives{"output": day("2023-12-31T00:00:00Z")}},
	{says: "is positive where start is the later one", op: "date/diff", in: fields("start", "2024-03-01T12:00:00Z", "end", "2023-01-31T00:00:00Z"), want: gives{
		"years": 1.0, "months": 13.0, "days": 395.0, "hours": 9492.0, "minutes": 569520.0, "seconds": 34171200.0, "milliseconds": 34171200000.0,
	}},
	{says: "is negative the other way round, and cut off", op: "date/diff", in: fields("start", "2024-01-01", "end", "2024-01-02T01:00:00Z"), want: gives{
		"years": 0.0, "months": 0.0, "days": -1.0, "hours": -25.0, "minutes": -1500.0, "seconds": -90000.0, "milliseconds": -90000000.0,
	}},
	{says: "needs both", op: "date/diff", in: fields("start", "2024-01-01"), fails: `end: "" is no date.`},
	{says: "writes by tokens of Moment", op: "date/format", in: fields("start", "2016-09-07T16:05:09.678Z", "format", "dddd, MMMM D, Y h:mm a z", "zone", "US/Pacific"), want: gives{"output": "Wednesday, September 7, 2016 9:05 am PDT"}},
	{says: "writes by tokens of Unicode", op: "date/format", in: fields("start", "2016-09-07T16:05:09.678Z", "format", "yyyy-MM-ddTHH:mm:ss.SSS"), want: gives{"output": "2016-09-07T16:05:09.678"}},
	{says: "writes the other tokens", op: "date/format", in: fields("start", "2016-09-07T00:05:09.678Z", "format", "[at] Do Mo Qo YY M/DD DDDD E d dd ddd hh:m:s A k Z ZZ X x W ww"), want: gives{"output": "at 7th 9th 3rd 16 9/07 251 3 3 We Wed 12:5:9 AM 24 +00:00 +0000 1473206709 1473206709678 36 ww"}},
	{says: "takes a zone that does not exist for UTC", op: "date/format", in: fields("start", "2016-09-07T16:05:09Z", "format", "HH:mm z", "zone", "America/Pacific"), want: gives{"output": "16:05 UTC"}},
	{says: "takes the machine's own zone for UTC", op: "date/format", in: fields("start", "2016-09-07T16:05:09Z", "format", "HH:mm z", "zone", "Local"), want: gives{"output": "16:05 UTC"}},
	{says: "reads no file for a zone", op: "date/format", in: fields("start", "2016-09-07T16:05:09Z", "format", "HH:mm", "zone", "../../etc/passwd"), want: gives{"output": "16:05"}},
	{says: "writes as Moment does without a format", op: "date/format", in: fields("start", 1473264309000.0), want: gives{"output": "2016-09-07T16:05:09+00:00"}},
	{says: "refuses a format that is too long", op: "date/format", in: fields("start", "2016-09-07", "format", strings.Repeat("Y", 300)), fails: "format: it has 300 bytes", kind: Limit},
	{says: "converts", op: "date/fromISO", in: fields("start", "2016-09-07T00:01:25.670Z", "format", "M/D/Y", "zone", "Europe/Paris"), want: gives{
		"date": day("2016-09-07T00:01:25.670Z"), "iso": "2016-09-07T00:01:25Z", "epoch": 1473206485.0, "unix": 1473206485670.0, "human": "Wed, September 7th at 12:01 AM", "custom": "9/7/2016",
	}},
	{says: "names what is no date", op: "date/fromISO", in: fields("start", "soon"), fails: `start: "soon" is no date.`},
	{says: "reads by a format", op: "date/parse", in: fields("start", "7 September 2016, 4:05 pm -07:00", "format", "D MMMM YYYY, h:mm a Z"), want: gives{"output": day("2016-09-07T23:05:00Z")}},
	{says: "reads milliseconds", op: "date/parse", in: fields("start", "1473206485670", "format", "x"), want: gives{"output": day("2016-09-07T00:01:25.670Z")}},
	{says: "reads in a zone", op: "date/parse", in: fields("start", "02/01/2016", "format", "DD/MM/YYYY", "zone", "Europe/Paris"), want: gives{"output": day("2016-01-01T23:00:00Z")}},
	{says: "reads ISO 8601 without a format", op: "date/parse", in: fields("start", "2016-09-07"), want: gives{"output": day("2016-09-07T00:00:00Z")}},
	{says: "says what is missing", op: "date/parse", in: fields("start", "2016-09", "format", "YYYY-MM-DD"), fails: `"2016-09" does not follow the format "YYYY-MM-DD": "-" is not there.`},
	{says: "refuses a day that does not exist", op: "date/parse", in: fields("start", "31.02.2016", "format", "DD.MM.YYYY"), fails: `"31.02.2016" is no date`},
	{says: "gives milliseconds", op: "date/unix", in: fields("start", "2016-09-07T00:01:25.670Z"), want: gives{"output": 1473206485670.0}},
	{says: "gives seconds", op: "date/epoch", in: fields("start", "2016-09-07T00:01:25.670Z"), want: gives{"output": 1473206485.0}},
}
