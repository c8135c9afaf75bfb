// Package storetest runs a test on every database that the store supports.
//
// SQLite is always there. PostgreSQL is the server that SLIPWAY_TEST_POSTGRES names; without it the test
// skips aloud, and under SLIPWAY_REQUIRE=all it fails.
package storetest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/require"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// Each runs f on a fresh, migrated SQLite file and in a fresh PostgreSQL schema.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, Postgres(t))) })
}

// SQLite returns the URL of a database file that does not exist yet.
func SQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "slipway.db") }

// Postgres returns a URL whose search_path is a fresh schema, dropped at the end of the test.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SLIPWAY_TEST_POSTGRES")
	require.Part(t, "PostgreSQL", server != "", "set SLIPWAY_TEST_POSTGRES, or run `make test`")
	schema := strings.ReplaceAll(access.NewID("test"), "_", "")
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatalf("create schema: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Errorf("drop schema: %v", err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

// Open opens the database with a keyset of its own and closes it at the end of the test.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	keys, _, err := secret.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), url, keys)
	if err != nil {
		t.Fatalf("open %s: %v", strings.SplitN(url, ":", 2)[0], err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}
