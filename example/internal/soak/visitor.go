package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// visitor sends requests, one after the other.
type visitor struct {
	*site

	ctx    context.Context
	random *rand.Rand
}

// markOf returns a text that only the response to one request may contain.
func markOf(number int64) string { return fmt.Sprintf("mark-%08d", number) }

var anyMark = regexp.MustCompile(`mark-\d+`)

// mark returns the mark of a request, or of several requests about one thing.
func (v *visitor) mark() (mark string, number int64) {
	number = v.tally.marks.Add(1)
	return markOf(number), number
}

// errorStatus returns a random status of the documented errors.
func (v *visitor) errorStatus() int {
	return testkit.ErrorStatuses[v.random.IntN(len(testkit.ErrorStatuses))]
}

// result is a response, or an error.
type result struct {
	asked  string
	status int
	header http.Header
	body   string
	err    error

	allowed []int // statuses that an option of the gateway allows
}

// patience limits each request.
const patience = 30 * time.Second

// ask sends a request of the REST API and reads the response.
func (v *visitor) ask(method, url, token, body string, headers ...string) result {
	a := v.exchange(method, url, token, body, headers...)
	if a.status != 0 {
		v.tally.statuses[a.status].Add(1)
	}
	return a
}

// exchange sends a request and reads the response.
func (v *visitor) exchange(method, url, token, body string, headers ...string) result {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	response, err := v.open(ctx, method, url, token, body, headers...)
	a := result{asked: method + " " + url + " " + body, err: err}
	if err != nil {
		return a
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	a.status, a.header, a.body, a.err = response.StatusCode, response.Header, string(content), err
	return a
}

// open sends a request. The caller reads the body.
func (v *visitor) open(
	ctx context.Context, method, url, token, body string, headers ...string,
) (*http.Response, error) {
	if n := v.tally.requests.Add(1); v.outages != nil {
		v.outages.counted(n)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return v.client.Do(request)
}

// want checks the status, the documented form, the texts, and that no other mark is in the response.
func (v *visitor) want(a result, httpStatus int, mark string, texts ...string) bool {
	defect := a.defect(mark)
	if defect == nil && a.status != httpStatus {
		defect = fmt.Errorf("want %d", httpStatus)
	}
	for _, text := range texts {
		if defect == nil && !strings.Contains(a.body, text) {
			defect = fmt.Errorf("want the text %q", text)
		}
	}
	if defect != nil {
		v.tally.fail("%s: got %d %v %.500s: %w", a.asked, a.status, a.header, a.body, defect)
	}
	return defect == nil
}

// defect returns an error if a response is wrong for every request.
func (a result) defect(mark string) error {
	if a.err != nil {
		return a.err
	}
	if !testkit.Documented(a.status) && !slices.Contains(a.allowed, a.status) {
		return fmt.Errorf("the status is not documented")
	}
	if err := errors.Join(a.foreign(mark), testkit.Leak(a.header)); err != nil || a.status < 400 {
		return err
	}
	return a.formDefect()
}

// foreign returns an error if a response has a text that belongs to another request, or to the service.
func (a result) foreign(mark string) error {
	all := a.body + fmt.Sprint(a.header)
	for _, found := range anyMark.FindAllString(all, -1) {
		if mark != "" && found != mark {
			return fmt.Errorf("%s belongs to another request", found)
		}
	}
	if strings.Contains(all, inner) {
		return fmt.Errorf("the response has an internal text")
	}
	return nil
}

// formDefect compares an error with the documented form, byte for byte.
func (a result) formDefect() error {
	var e struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Details string `json:"details,omitempty"`
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		return err
	}
	var form bytes.Buffer
	encoder := json.NewEncoder(&form)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return err
	}
	length := strconv.Itoa(len(a.body))
	switch {
	case strings.TrimSuffix(form.String(), "\n") != a.body || e.Code != a.status || e.Message == "":
		return fmt.Errorf("want the form %s", &form)
	case a.header.Get("Content-Type") != "application/json" || a.header.Get("Content-Length") != length:
		return fmt.Errorf("the header does not fit the body")
	case (a.header.Get("Allow") != "") != (a.status == 405):
		return fmt.Errorf("the Allow header is wrong")
	case (a.header.Get("Www-Authenticate") != "") != (a.status == 401):
		return fmt.Errorf("the challenge is wrong")
	}
	return nil
}

// decoded returns the members of the body.
func (a result) decoded() map[string]any {
	var fields map[string]any
	_ = json.Unmarshal([]byte(a.body), &fields)
	return fields
}

func (a result) member(name string) string {
	text, _ := a.decoded()[name].(string)
	return text
}
