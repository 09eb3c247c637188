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

// Walk calls a function like that of a fuzz target with random inputs, until the test fails. It makes 100 inputs, or
// the number in the environment variable WALKS. The number is the seed too, so that other numbers give other inputs.
// Walk is much faster than go test -fuzz, which measures the coverage of each input.
func Walk(t *testing.T, check any) {
	t.Helper()
	inputs := 100
	if variable := os.Getenv("WALKS"); variable != "" {
		var err error
		if inputs, err = strconv.Atoi(variable); err != nil {
			t.Fatalf("WALKS is not a number: %v", err)
		}
	}
	input, passed := "", false
	defer func() {
		if !passed { // check may panic, or end the goroutine
			t.Logf("the input is, in the format of testdata/fuzz\ngo test fuzz v1\n%s", input)
		}
	}()
	function, random := reflect.ValueOf(check), rand.New(rand.NewSource(int64(inputs)))
	for range inputs {
		arguments := []reflect.Value{reflect.ValueOf(t)}
		input = ""
		for i := 1; i < function.Type().NumIn(); i++ {
			argument, _ := quick.Value(function.Type().In(i), random)
			arguments = append(arguments, argument)
			if program, ok := argument.Interface().([]byte); ok {
				input += fmt.Sprintf("[]byte(%q)\n", program)
			} else {
				input += fmt.Sprintf("%s(%v)\n", argument.Type(), argument)
			}
		}
		if function.Call(arguments); t.Failed() {
			return
		}
	}
	passed = true
}
