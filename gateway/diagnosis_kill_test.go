package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// backendVariable makes this test's binary a backend that listens on the address that it holds.
const backendVariable = "STATUSBRIDGE_TEST_BACKEND"

// mortal is a service that takes its time, so that it is killed in the middle of calls and streams.
type mortal struct{ testkit.Service }

const (
	mortalMessages = 5
	mortalPause    = 4 * time.Millisecond
)

// Get waits and then succeeds.
func (m *mortal) Get(ctx context.Context, in *testkitv1.GetRequest) (*testkitv1.GetResponse, error) {
	time.Sleep(mortalPause)
	return m.Service.Get(ctx, in)
}

// Watch sends the number of the thing, again and again.
func (*mortal) Watch(in *testkitv1.WatchRequest, stream grpc.ServerStreamingServer[testkitv1.WatchResponse]) error {
	for range mortalMessages {
		if err := stream.Send(&testkitv1.WatchResponse{Sequence: in.GetId()}); err != nil {
			return err
		}
		time.Sleep(mortalPause)
	}
	return nil
}

// beBackend serves until the process is killed.
func beBackend(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, &mortal{})
	fmt.Println(listener.Addr())
	return server.Serve(listener)
}

// ownAddress returns an address whose port the system gives to no other listener. Systems choose ports from 32768, so
// nobody takes the port while the backend is down.
func ownAddress() string { return fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)) }

// startBackend starts a backend in another process and returns its address. Without an address, it tries several. It
// tries again while the address is in use.
func startBackend(t *testing.T, wanted string) (*exec.Cmd, string) {
	t.Helper()
	var failure string
	for range 100 {
		address := cmp.Or(wanted, ownAddress())
		command := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
		command.Env = append(os.Environ(), backendVariable+"="+address)
		var log bytes.Buffer
		command.Stderr = &log
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil {
			t.Cleanup(func() { kill(command) })
			return command, strings.TrimSpace(line)
		}
		kill(command)
		if failure = log.String(); !strings.Contains(failure, "address already in use") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the backend does not listen: %s", failure)
	return nil, ""
}

// kill ends a backend without a word to its clients. The errors of the process are expected.
func kill(command *exec.Cmd) {
	_ = command.Process.Kill()
	_ = command.Wait()
}

// TestDiagnosisOfKilledBackend kills a backend under load several times and starts it again. Every response is
// documented, and successes return with the backend.
func TestDiagnosisOfKilledBackend(t *testing.T) {
	t.Parallel()
	const callers, rounds, calls = 200, 3, 3000
	for name, dial := range sights() {
		t.Run(name, func(t *testing.T) {
			command, address := startBackend(t, "")
			mux := standard.NewServeMux()
			dialUpstream(t, upstream{address, insecure.NewCredentials()}, mux, dial...)
			base := testkit.Serve(t, mux)
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
			t.Cleanup(client.CloseIdleConnections)
			var ids, responded atomic.Int32
			var seen sync.Map // of counters by outcome
			var calling sync.WaitGroup
			for range callers {
				calling.Go(func() {
					for id := ids.Add(1); id <= calls; id = ids.Add(1) {
						outcome, err := callMortal(client, base, id)
						if err != nil {
							t.Errorf("call %d: %v", id, err)
						}
						counter, _ := seen.LoadOrStore(outcome, new(atomic.Int32))
						counter.(*atomic.Int32).Add(1)
						responded.Add(1)
					}
				})
			}
			for round := range rounds {
				waitFor(t, func() bool { return responded.Load() >= int32((round+1)*calls/(rounds+2)) })
				kill(command)
				command, _ = startBackend(t, address)
			}
			calling.Wait()
			seen.Range(func(outcome, counter any) bool {
				t.Logf("%v: %d", outcome, counter.(*atomic.Int32).Load())
				return true
			})
			for _, path := range []string{"/v1/things/%d", "/v1/things/%d/watch"} {
				waitFor(t, func() bool {
					r, err := call{Path: fmt.Sprintf(path, 7)}.Send(client, base)
					return err == nil && r.Status == http.StatusOK && !strings.Contains(r.Body, `"error"`)
				})
			}
		})
	}
}

// waitFor waits until something is so, and gives up in the end.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range testkit.Patience / time.Millisecond {
		if so() {
			return
		}
		<-ticker.C
	}
	t.Fatal("waited in vain")
}

// callMortal makes a call, unary or a stream by its number, and returns its outcome.
func callMortal(client *http.Client, base string, id int32) (outcome string, err error) {
	c := call{Path: fmt.Sprintf("/v1/things/%d", id)}
	streams := id%2 == 1
	if streams {
		c.Path += "/watch"
	}
	r, err := c.Send(client, base)
	if err != nil {
		return "none", err
	}
	if r.Status != http.StatusOK {
		return fmt.Sprint(r.Status), mortalError(r.Status, r.Body, r.ErrorDefect())
	}
	if !streams {
		var body struct{ Thing struct{ ID int32 } }
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil || body.Thing.ID != id {
			return "200", fmt.Errorf("responded with %q to %d: %w", r.Body, id, err)
		}
		return "200", nil
	}
	return mortalStream(r.Body, id)
}

// mortalStream reads a stream: the numbers that were asked for, all of them or an error behind them.
func mortalStream(body string, id int32) (outcome string, err error) {
	got := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	for n, line := range got {
		var message struct {
			Result *struct{ Sequence int32 }
			Error  json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			return "200", fmt.Errorf("line %d is %q: %w", n, line, err)
		}
		if message.Error != nil {
			b, err := testkit.ParseErrorBody(string(message.Error))
			if n != len(got)-1 {
				err = fmt.Errorf("line %d of %d is an error", n, len(got))
			}
			return fmt.Sprint("200, then ", b.Code), mortalError(b.Code, line, err)
		}
		if message.Result == nil || message.Result.Sequence != id {
			return "200", fmt.Errorf("line %d is %q, want %d", n, line, id)
		}
	}
	if len(got) != mortalMessages {
		return "200", fmt.Errorf("the stream ends after %d of %d messages", len(got), mortalMessages)
	}
	return "200, all", nil
}

// mortalError demands of an error that it is one of a backend that is away, with the documented sentence.
func mortalError(httpStatus int, body string, err error) error {
	if err != nil {
		return err
	}
	switch httpStatus {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if strings.Contains(body, testkit.Meanings[httpStatus]) {
			return nil
		}
	}
	return fmt.Errorf("responded with %d %q", httpStatus, body)
}
