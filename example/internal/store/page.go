package store

import (
	"cmp"
	"slices"
)

// Page selects a part of a listing. By default, records are in the order of their creation.
type Page struct {
	Offset, Limit int
	ByName        bool
	Descending    bool
}

// paginate returns a page of all and the offset of the next page. The last page has the next offset 0. It does not
// change all.
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
