// load sends prepared requests to an API server from many clients at once, and prints how long each took as JSON.
//
// The plan has one JSON object a line. Each client has a connection of its own (HTTP/2 where the server
// offers it, as kubectl's), opened before the clock starts, and takes the next request of the plan when its last one
// is answered. With -rate it repeats the plan at that pace until SIGTERM instead and prints nothing.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// planned is one request; Body is sent as it is.
type planned struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Type   string `json:"type"`
	Body   string `json:"body"`
}

// result is one answer: milliseconds from sending it to its last byte read, status, and what a refusal says.
type result struct {
	Milliseconds float64 `json:"ms"`
	Status       int     `json:"status"`
	Reason       string  `json:"reason,omitempty"`
	Message      string  `json:"message,omitempty"`
}

type report struct {
	Seconds float64  `json:"seconds"`
	Results []result `json:"results"`
}

func main() {
	path := flag.String("plan", "/dev/stdin", "file with the plan")
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file as JSON, everything embedded")
	clients := flag.Int("clients", 1, "how many clients at once")
	seconds := flag.Float64("seconds", 60, "no request is begun later than this")
	rate := flag.Float64("rate", 0, "requests a second, for ever; 0: as fast as the clients get answers, once")
	flag.Func("header", "one more header of each request, as 'Name: value'", addHeader)
	flag.Parse()
	target, err := readKubeconfig(*kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := readPlan(*path)
	if err != nil {
		log.Fatal(err)
	}
	if *rate > 0 {
		repeat(target.client(), plan, time.Duration(float64(time.Second) / *rate))
	}
	if err := json.NewEncoder(os.Stdout).Encode(send(target, plan, *clients, *seconds)); err != nil {
		log.Fatal(err)
	}
}

func readPlan(path string) ([]planned, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var plan []planned
	decoder := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	for {
		var next planned
		if err := decoder.Decode(&next); err == io.EOF {
			return plan, nil
		} else if err != nil {
			return nil, err
		}
		plan = append(plan, next)
	}
}

// send works through the plan once; the results are those of a beginning of the plan, in its order.
func send(target *target, plan []planned, clients int, seconds float64) report {
	connections := make([]*client, clients)
	for number := range connections {
		connections[number] = target.client()
		connections[number].do(planned{Method: "GET", Path: "/version"})
	}
	results := make([]result, len(plan))
	var next atomic.Int64
	var working sync.WaitGroup
	started := time.Now()
	end := started.Add(time.Duration(seconds * float64(time.Second)))
	for _, connection := range connections {
		working.Go(func() {
			for time.Now().Before(end) {
				number := int(next.Add(1)) - 1
				if number >= len(plan) {
					return
				}
				results[number] = connection.do(plan[number])
			}
		})
	}
	working.Wait()
	done := min(int(next.Load()), len(plan))
	return report{time.Since(started).Seconds(), results[:done]}
}

// repeat never ends by itself; a slow answer delays the next request, it is not caught up.
func repeat(connection *client, plan []planned, pace time.Duration) {
	ticks := time.NewTicker(pace)
	for number := 0; ; number++ {
		<-ticks.C
		if done := connection.do(plan[number%len(plan)]); done.Status >= 300 || done.Status == 0 {
			log.Fatalf("background write: %d %s", done.Status, done.Message)
		}
	}
}
