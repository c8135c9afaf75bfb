package store_test

import (
	"bytes"
	"sync"
	"testing"

	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// A network has one key, whoever asks first, and it lies in the database sealed.
func TestTranscriptKeyIsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		keys := make([][]byte, 8)
		var wait sync.WaitGroup
		for i := range keys {
			wait.Go(func() {
				key, err := s.TranscriptKey(t.Context())
				if err != nil {
					t.Error(err)
				}
				keys[i] = key
			})
		}
		wait.Wait()
		for i := range keys {
			if len(keys[i]) == 0 || !bytes.Equal(keys[i], keys[0]) {
				t.Fatalf("asked at once, %d and 0 got two keys", i)
			}
		}
	})
}
