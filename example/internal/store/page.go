package store

import (
	"cmp"
	"slices"
)

// Page chooses a part of a listing. Records come in the order of their creation unless ByName is set.
type Page struct {
	Offset, Limit int
	ByName        bool
	Descending    bool
}

// paginate returns the page of all and the offset of the next one, which is 0 after the last. It leaves all as
// it is.
func paginate[T any](all []T, page Page, name func(T) string) ([]T, int) {
	sorted := slices.Clone(all)
	if page.ByName {
		slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	}
	if page.Descending {
		slices.Reverse(sorted)
	}
	start := min(page.Offset, len(sorted))
	end := min(start+page.Limit, len(sorted))
	if end == len(sorted) {
		return sorted[start:], 0
	}
	return sorted[start:end], end
}
