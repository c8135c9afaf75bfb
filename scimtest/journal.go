package scimtest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Phases of an Entry.
const (
	Begun = "begun" // the request is read, and nothing is done yet
	Ended = "ended" // the work is done, and the answer is about to leave
)

// Entry is one line of the journal. Each request writes two, with the same Seq: one when it has begun and one
// when it has ended. A server that is killed in between leaves a begun without its ended.
type Entry struct {
	Seq        int64     `json:"seq"` // 1, 2, … in the order of arrival
	Phase      string    `json:"phase"`
	Time       time.Time `json:"time"` // when the request began
	Method     string    `json:"method"`
	Path       string    `json:"path"`            // as it came, with BasePath, still escaped
	Query      string    `json:"query,omitempty"` // still escaped
	Body       string    `json:"body,omitempty"`
	Status     int       `json:"status,omitempty"` // of the ended line; 0 where the connection was cut
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// journal keeps the entries and writes each of them to its writers as a line of JSON.
type journal struct {
	mu      sync.Mutex
	entries []Entry
	seq     int64
	writers []io.Writer
}

// WithJournal writes each entry to w as a line of JSON, one Write call a line.
func WithJournal(w io.Writer) Option {
	return func(s *Server) { s.journal.writers = append(s.journal.writers, w) }
}

// WithSyncJournal appends each entry to the file before the request goes on. The line is handed to the
// operating system without a buffer, so it is there even when this process is killed a moment later.
func WithSyncJournal(path string) Option {
	return func(s *Server) {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(fmt.Sprintf("scimtest: open journal: %v", err))
		}
		WithJournal(file)(s)
	}
}

// Journal returns a copy of all entries so far.
func (s *Server) Journal() []Entry {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return slices.Clone(s.journal.entries)
}

func (j *journal) begin(e Entry) Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq, e.Phase = j.seq, Begun
	j.write(e)
	return e
}

func (j *journal) end(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Phase = Ended
	j.write(e)
}

func (j *journal) write(e Entry) {
	j.entries = append(j.entries, e)
	if len(j.writers) == 0 {
		return
	}
	line, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("scimtest: write journal: %v", err)) // strings and times always marshal
	}
	for _, w := range j.writers {
		if _, err := w.Write(append(line, '\n')); err != nil {
			panic(fmt.Sprintf("scimtest: write journal: %v", err))
		}
	}
}
