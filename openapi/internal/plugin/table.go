package plugin

import (
	"cmp"
	"net/http"
	"strconv"
	"sync"

	"google.golang.org/protobuf/proto"

	statusbridgev1 "github.com/statusbridge/statusbridge/openapi/internal/statusbridgev1"
)

// row is a documented status with its sentence.
type row struct {
	status  int
	meaning string
}

// rows returns the status table of the contract in ascending order.
var rows = sync.OnceValue(func() []row {
	var all []row
	values := statusbridgev1.HttpStatus(0).Descriptor().Values()
	for i := range values.Len() {
		value := values.Get(i)
		if r, _ := proto.GetExtension(value.Options(), statusbridgev1.E_Row).(*statusbridgev1.Row); r != nil {
			all = append(all, row{status: int(value.Number()), meaning: r.GetMeaning()})
		}
	}
	return all
})

// classes are the sentences of whole classes of statuses, and of statuses that are not registered.
var classes = map[byte]string{
	'1': "An interim response.",
	'2': "The request succeeded.",
	'3': "The client has to go elsewhere.",
	'4': "The request is invalid.",
	'5': "The server failed.",
}

// describe returns the sentence of a response: an annotation's, the documented one, or a general one.
func describe(key, description string) string {
	status, _ := strconv.Atoi(key)
	return cmp.Or(description, meaning(status), http.StatusText(status), classes[key[0]])
}

// meaning returns the documented sentence of a status, and an empty text if the status is not documented.
func meaning(status int) string {
	for _, row := range rows() {
		if row.status == status {
			return row.meaning
		}
	}
	return ""
}
