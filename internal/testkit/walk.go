package testkit

import (
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"strconv"
	"testing"
	"testing/quick"
)

// Walk calls the function of a fuzz target with random inputs: 100, or as many as the variable WALKS says. It is much
// faster than go test -fuzz, which measures the coverage of each input. The number is the seed too, so that other
// numbers give other inputs.
func Walk(t *testing.T, check any) {
	t.Helper()
	inputs, err := strconv.Atoi(os.Getenv("WALKS"))
	if err != nil {
		inputs = 100
	}
	corpus := ""
	defer func() {
		if t.Failed() {
			t.Logf("as a file in testdata/fuzz, the input is\ngo test fuzz v1\n%s", corpus)
		}
	}()
	function, random := reflect.ValueOf(check), rand.New(rand.NewSource(int64(inputs)))
	for range inputs {
		arguments := []reflect.Value{reflect.ValueOf(t)}
		corpus = ""
		for i := 1; i < function.Type().NumIn(); i++ {
			argument, _ := quick.Value(function.Type().In(i), random)
			arguments = append(arguments, argument)
			if program, ok := argument.Interface().([]byte); ok {
				corpus += fmt.Sprintf("[]byte(%q)\n", program)
			} else {
				corpus += fmt.Sprintf("%s(%v)\n", argument.Type(), argument)
			}
		}
		if function.Call(arguments); t.Failed() {
			return
		}
	}
}
