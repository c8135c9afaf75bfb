package store

import "context"

// CountJobs counts the jobs of a kind that nobody has worked.
func CountJobs(ctx context.Context, s *Store, kind string) (n int, err error) {
	err = s.get(ctx, &n, `SELECT count(*) FROM river_job WHERE kind = $1`, kind)
	return n, err
}

// SwapConnection copies a sealed connection to another row, as somebody with access to the database could.
func SwapConnection(ctx context.Context, s *Store, from, to string) error {
	_, err := s.exec(ctx, `UPDATE installations SET connection_sealed = (SELECT connection_sealed FROM installations WHERE id = $1) WHERE id = $2`, from, to)
	return err
}
