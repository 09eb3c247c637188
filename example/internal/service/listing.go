package service

import (
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// The default and the maximal number of records that a listing returns.
const (
	defaultLimit = 50
	maxLimit     = 500
)

// listing contains the parameters that all listings share.
type listing interface {
	GetSortOrder() string
	GetSortBy() string
	GetFilterBy() []string
	GetSearch() string
}

// readPage reads the parameters of a listing. published contains the sort keys of the published API.
func readPage(request listing, offset, limit *int32, published map[string]bool) (store.Page, error) {
	page := store.Page{Limit: defaultLimit}
	var wrong violations
	if offset != nil {
		page.Offset = int(*offset)
		if page.Offset < 0 {
			wrong.add("offset", "must not be negative")
		}
	}
	if limit != nil {
		page.Limit = int(*limit)
		if page.Limit < 1 || page.Limit > maxLimit {
			wrong.add("limit", "must be between 1 and %d", maxLimit)
		}
	}
	switch request.GetSortOrder() {
	case "", "asc":
	case "desc":
		page.Descending = true
	default:
		wrong.add("sortOrder", "must be asc or desc")
	}
	key := request.GetSortBy()
	page.ByName = key == "name"
	if key != "" && !published[key] {
		wrong.add("sortBy", "is not a sort key")
	}
	if err := wrong.err(); err != nil {
		return store.Page{}, err
	}
	switch {
	case len(request.GetFilterBy()) > 0:
		return store.Page{}, unsupported("filterBy")
	case request.GetSearch() != "":
		return store.Page{}, unsupported("search")
	case key != "" && key != "name" && key != "createdAt":
		return store.Page{}, unsupported("sortBy " + key)
	}
	return page, nil
}

// nextOffset returns the offset as the published API sends it: missing on the last page.
func nextOffset(next int) *int32 {
	if next == 0 {
		return nil
	}
	offset := int32(next)
	return &offset
}

func set(names ...string) map[string]bool {
	members := make(map[string]bool, len(names))
	for _, name := range names {
		members[name] = true
	}
	return members
}
