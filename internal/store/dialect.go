package store

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is all that differs between the two engines.
type dialect struct {
	name    string
	goose   goose.Dialect
	overlay string // folder of migrations that only this engine runs
	// types maps the type names of the migrations, which are PostgreSQL's.
	types *strings.Replacer
	// lockRow ends a SELECT that must hold its row until the transaction ends.
	lockRow string
}

var (
	sqliteDialect = &dialect{
		name: "sqlite", goose: goose.DialectSQLite3, overlay: "migrations/sqlite",
		types: strings.NewReplacer("timestamptz", "timestamp", "jsonb", "text", "bytea", "blob", "double precision", "real"),
		// SQLite needs no row lock: a write transaction begins IMMEDIATE and is alone.
	}
	postgresDialect = &dialect{
		name: "postgres", goose: goose.DialectPostgres, overlay: "migrations/postgres",
		types:   strings.NewReplacer(),
		lockRow: " FOR UPDATE",
	}
)

// sqliteParams: WAL lets readers read while one writes; IMMEDIATE takes the write lock at once, so that no
// transaction finds out half-way that somebody else has it; the time format sorts as text.
const sqliteParams = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
	"&_pragma=foreign_keys(1)&_pragma=wal_autocheckpoint(10000)&_txlock=immediate&_time_format=sqlite"

// PoolSize is how many connections to PostgreSQL one node has at most.
const PoolSize = 20

// connect opens the writer and the readers. On SQLite the writer has one connection, shared with the job
// queue, and the readers cannot write; on PostgreSQL both are the same pool.
func connect(url string) (d *dialect, writer, readers *sqlx.DB, err error) {
	if IsPostgres(url) {
		writer, err = sqlx.Open("pgx", url)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("open database: %w", err)
		}
		writer.SetMaxOpenConns(PoolSize)
		return postgresDialect, writer, writer, nil
	}
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || path == "" {
		return nil, nil, nil, errors.New(`open database: the URL must begin with "sqlite:" or "postgres://"`)
	}
	writer, err = sqlx.Open("sqlite", "file:"+path+sqliteParams)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open database: %w", err)
	}
	writer.SetMaxOpenConns(1)
	readers, err = sqlx.Open("sqlite", "file:"+path+sqliteParams+"&_pragma=query_only(1)")
	if err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("open database: %w", err), writer.Close())
	}
	readers.SetMaxOpenConns(8)
	return sqliteDialect, writer, readers, nil
}

// IsPostgres reports whether the URL names a PostgreSQL server.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

var (
	dollar     = regexp.MustCompile(`\$(\d+)`)
	rewritten  sync.Map // statement in PostgreSQL's style → statement in SQLite's
	uniqueCode = "23505"
)

// q returns the statement in the engine's placeholder style. To SQLite "$2" is a name, bound by order of
// first appearance; "?2" is the second argument.
func (d *dialect) q(statement string) string {
	if d.name == "postgres" {
		return statement
	}
	if known, ok := rewritten.Load(statement); ok {
		return known.(string)
	}
	numbered := dollar.ReplaceAllString(statement, "?$1")
	rewritten.Store(statement, numbered)
	return numbered
}

// isUnique reports whether the error is a broken unique index.
func isUnique(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == uniqueCode
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }
