// Command client is gotd as a client: it creates a permanent key and, with -pfs, makes a new connection that creates a
// temporary key and binds it. It prints `auth_key_id HEX` and `temp key bound`.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/gotd/td/crypto"
	"github.com/gotd/td/exchange"
	"github.com/gotd/td/mtproto"
	"github.com/gotd/td/mtproxy"
	"github.com/gotd/td/mtproxy/obfuscator"
	"github.com/gotd/td/proto/codec"
	"github.com/gotd/td/transport"
)

const dcID = 2

var protocols = map[string]transport.Protocol{
	"full":         transport.Full,
	"abridged":     transport.Abridged,
	"intermediate": transport.Intermediate,
	"padded":       transport.PaddedIntermediate,
}

func main() {
	dc := flag.String("dc", "", "HOST:PORT of the server")
	rsaPub := flag.String("rsa-pub", "", "the server's public key, PKCS#1 PEM")
	name := flag.String("transport", "intermediate", "full, abridged, intermediate, padded or obfuscated")
	pfs := flag.Bool("pfs", false, "a temporary key as well, and its binding")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, *dc, *rsaPub, *name, *pfs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dc, rsaPub, name string, pfs bool) error {
	key, err := readKey(rsaPub)
	if err != nil {
		return err
	}
	keys := []exchange.PublicKey{{RSA: key}}
	dial := func(ctx context.Context) (transport.Conn, error) { return connect(ctx, dc, name) }
	permKey, err := permanentKey(ctx, dial, keys)
	if err != nil {
		return err
	}
	fmt.Printf("auth_key_id %016x\n", uint64(permKey.IntID()))
	if !pfs {
		return nil
	}
	if err := boundKey(ctx, dial, keys, permKey); err != nil {
		return err
	}
	fmt.Println("temp key bound")
	return nil
}

func permanentKey(ctx context.Context, dial mtproto.Dialer, keys []exchange.PublicKey) (crypto.AuthKey, error) {
	conn, err := dial(ctx)
	if err != nil {
		return crypto.AuthKey{}, err
	}
	result, err := exchange.NewExchanger(conn, dcID).Client(keys).Run(ctx)
	return result.AuthKey, errors.Join(err, conn.Close())
}

// boundKey runs a whole connection, which is ready once its temporary key is bound.
func boundKey(ctx context.Context, dial mtproto.Dialer, keys []exchange.PublicKey, permKey crypto.AuthKey) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := false
	conn := mtproto.New(dial, mtproto.Options{DC: dcID, PublicKeys: keys, PermKey: permKey, EnablePFS: true})
	err := conn.Run(ctx, func(context.Context) error {
		ready = true
		cancel()
		return nil
	})
	if ready {
		return nil
	}
	return err
}

func connect(ctx context.Context, dc, name string) (transport.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", dc)
	if err != nil {
		return nil, err
	}
	if name != "obfuscated" {
		protocol, ok := protocols[name]
		if !ok {
			return nil, fmt.Errorf("no transport %q", name)
		}
		return protocol.Handshake(conn)
	}
	obfuscated := obfuscator.Obfuscated2(rand.Reader, conn)
	if err := obfuscated.Handshake(codec.Intermediate{}.ObfuscatedTag(), dcID, mtproxy.Secret{}); err != nil {
		return nil, err
	}
	withoutTag := transport.NewProtocol(func() transport.Codec { return codec.NoHeader{Codec: codec.Intermediate{}} })
	return withoutTag.Handshake(obfuscated)
}

func readKey(path string) (*rsa.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM block in " + path)
	}
	return x509.ParsePKCS1PublicKey(block.Bytes)
}
