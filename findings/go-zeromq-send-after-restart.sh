#!/usr/bin/env bash
# go-zeromq/zmq4 0.17.0: after the peer has gone, `Send` of a DEALER returns nil, and nothing is sent.
#
# Version   github.com/go-zeromq/zmq4 v0.17.0, default options, Linux, `ipc://`.
# Input     a DEALER and a ROUTER that exchange one message. The ROUTER closes; another one binds the same path. The
#           DEALER goes on sending.
# Seen      the DEALER's `Recv` fails once as the ROUTER closes. Of 20 later calls of `Send` at most the first one fails,
#           the others return nil. The second ROUTER receives none: the DEALER does not dial again by itself.
# Follows   A strategy in Go loses orders without an error once its gateway was restarted. Make both sockets anew when
#           no heartbeat has come for three times `heartbeatMs`, or ask for `zmq4.WithAutomaticReconnect(true)`.
#
# Ends with 1 if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOPATH="$work/go" GOFLAGS=-mod=mod
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/go-zeromq/zmq4"
)

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(1)
	}
}

func main() {
	address := "ipc://" + os.Args[1]
	first := zmq4.NewRouter(context.Background())
	must(first.Listen(address))
	dealer := zmq4.NewDealer(context.Background())
	must(dealer.Dial(address))
	must(dealer.Send(zmq4.NewMsgString("before")))
	message, err := first.Recv()
	must(err)
	fmt.Println("first router got", string(message.Frames[1]))
	must(first.Close())
	_, err = dealer.Recv()
	fmt.Println("recv failed", err != nil)
	os.Remove(os.Args[1])
	second := zmq4.NewRouter(context.Background())
	must(second.Listen(address))
	got := make(chan struct{}, 100)
	go func() {
		for {
			if _, err := second.Recv(); err != nil {
				return
			}
			got <- struct{}{}
		}
	}()
	failed := 0
	for i := 0; i < 20; i++ {
		if dealer.Send(zmq4.NewMsgString("after")) != nil {
			failed++
		}
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Println("at most one send of 20 failed", failed <= 1)
	fmt.Println("second router got", len(got))
	os.Exit(0)
}
GO
go mod init example.invalid/send >/dev/null 2>&1
go get github.com/go-zeromq/zmq4@v0.17.0 >get.log 2>&1 || { cat get.log; echo "zmq4 v0.17.0 could not be downloaded"; exit 1; }
go build -o send . >build.log 2>&1 || { cat build.log; exit 1; }
./send "$work/orders" 2>err.log | tee out.log
diff - out.log <<'SEEN'
first router got before
recv failed true
at most one send of 20 failed true
second router got 0
SEEN
echo "as described: zmq4 0.17.0 sends into nothing"
