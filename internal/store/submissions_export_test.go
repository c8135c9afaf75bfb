package store

import (
	"context"
	"fmt"
	"strings"
)

// Dump returns every row of every table as text, as somebody with a backup would read it.
func Dump(ctx context.Context, s *Store) (string, error) {
	tables := map[string]string{
		"sqlite":   `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
		"postgres": `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
	}
	var names []string
	if err := s.selectAll(ctx, &names, tables[s.Engine()]); err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range names {
		if err := dumpTable(ctx, s, name, &all); err != nil {
			return "", fmt.Errorf("dump %s: %w", name, err)
		}
	}
	return all.String(), nil
}

func dumpTable(ctx context.Context, s *Store, name string, out *strings.Builder) error {
	rows, err := s.r.QueryxContext(ctx, `SELECT * FROM "`+name+`"`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s:", name)
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(out, " %v", v)
		}
		out.WriteByte('\n')
	}
	return rows.Err()
}

// SwapSecrets copies a submission's sealed values to another one, as somebody with access to the database could.
func SwapSecrets(ctx context.Context, s *Store, from, to string) error {
	_, err := s.exec(ctx, `
		UPDATE submission_secrets SET value_sealed = (SELECT x.value_sealed FROM submission_secrets x WHERE x.submission_id = $1 AND x.secret_key = submission_secrets.secret_key)
		 WHERE submission_id = $2`, from, to)
	return err
}
