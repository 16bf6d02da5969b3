// Sends numbered events with go-lumber, the Lumberjack library of the Beats, as Filebeat does: batches of 50, each a window of
// its own, compressed; one after the other, or several on their way. Ends when all are acknowledged.
// Arguments: the address, sync or async, how many, and the text, in which {} is the number.
package main

import (
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"
)

const (
	batchEvents = 50
	inFlight    = 4
)

func main() {
	address, mode, text := os.Args[1], os.Args[2], os.Args[4]
	events, err := strconv.Atoi(os.Args[3])
	check(err)
	batches := make([][]interface{}, 0, events/batchEvents+1)
	for first := 0; first < events; first += batchEvents {
		batches = append(batches, batch(first, min(first+batchEvents, events), text))
	}
	if mode == "sync" {
		sendOneByOne(address, batches)
	} else {
		sendAhead(address, batches)
	}
}

func batch(first, end int, text string) []interface{} {
	var events []interface{}
	for number := first; number < end; number++ {
		events = append(events, map[string]interface{}{
			"@timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
			"message":    strings.Replace(text, "{}", strconv.Itoa(number), 1),
			"log":        map[string]interface{}{"level": "warn", "offset": number},
			"host":       map[string]interface{}{"name": "host1"},
		})
	}
	return events
}

func sendOneByOne(address string, batches [][]interface{}) {
	client, err := lumber.SyncDialWith(net.Dial, address, lumber.CompressionLevel(3))
	check(err)
	defer client.Close()
	for _, events := range batches {
		acknowledged, err := client.Send(events)
		check(err)
		if acknowledged != len(events) {
			log.Fatalf("%d of %d acknowledged", acknowledged, len(events))
		}
	}
}

func sendAhead(address string, batches [][]interface{}) {
	client, err := lumber.AsyncDialWith(net.Dial, address, inFlight, lumber.CompressionLevel(3))
	check(err)
	defer client.Close()
	var open sync.WaitGroup
	for _, events := range batches {
		open.Add(1)
		check(client.Send(func(sequence uint32, err error) {
			check(err)
			if int(sequence) != len(events) {
				log.Fatalf("%d of %d acknowledged", sequence, len(events))
			}
			open.Done()
		}, events))
	}
	open.Wait()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
