package service

import (
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// The size of a page: what it is when nobody says, and the most it may be.
const (
	defaultLimit = 50
	maxLimit     = 500
)

// listing is what the requests of all listings have in common.
type listing interface {
	GetSortOrder() string
	GetSortBy() string
	GetFilterBy() []string
	GetSearch() string
}

// readPage reads a listing's parameters. published are the sort keys that the published API offers for it.
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
		wrong.add("sortBy", "is not a field to sort by")
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

// nextOffset is how the published API tells the offset of the next page: not at all on the last one.
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
