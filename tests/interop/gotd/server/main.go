// Command server is gotd's tgtest as a server: it creates keys, permanent and temporary, lets temporary keys be bound, and
// answers one method.
//
// It prints `listening on HOST:PORT` and `rsa fingerprint HEX`, then `temp key bound` for each binding, which it does not
// verify, as tgtest has no means for that, and `call METHOD` for each call that it answers.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
	"github.com/gotd/td/transport"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "HOST:PORT")
	rsaKey := flag.String("rsa-key", "", "the private key, PKCS#1 PEM")
	obfuscated := flag.Bool("obfuscated", false, "take obfuscated connections, and no others")
	flag.Parse()
	if err := run(*listen, *rsaKey, *obfuscated); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen, rsaKey string, obfuscated bool) error {
	key, err := readKey(rsaKey)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	private := tgtest.NewPrivateKey(key)
	fmt.Printf("listening on %s\nrsa fingerprint %016x\n", listener.Addr(), uint64(private.Fingerprint()))
	if obfuscated {
		listener = transport.ObfuscatedListener(listener)
	}
	server := tgtest.NewServer(private, tgtest.UnpackInvoke(tgtest.HandlerFunc(onMessage)), tgtest.ServerOptions{DC: 2})
	return server.Serve(context.Background(), transport.Listen(listener))
}

func onMessage(server *tgtest.Server, req *tgtest.Request) error {
	id, err := req.Buf.PeekID()
	if err != nil {
		return err
	}
	switch id {
	case tg.AuthBindTempAuthKeyRequestTypeID:
		fmt.Println("temp key bound")
		return server.SendBool(req, true)
	case tg.HelpGetNearestDCRequestTypeID:
		fmt.Println("call help.getNearestDc")
		return server.SendResult(req, &tg.NearestDC{Country: "AQ", ThisDC: 2, NearestDC: 2})
	default:
		return tgerr.New(400, "METHOD_INVALID")
	}
}

func readKey(path string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM block in " + path)
	}
	return x509.ParsePKCS1PrivateKey(block.Bytes)
}
