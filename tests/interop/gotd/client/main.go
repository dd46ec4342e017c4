// Command client is gotd as a client. Without -calls it creates a permanent key and prints `auth_key_id HEX`.
//
// With -calls N it connects as a user of the library does, with the key of -auth-key or one that it makes and, with -pfs, a
// temporary one that it binds. It calls N methods, five at once, the others one after the other, and prints `result METHOD`
// for each; with -update it waits for the update and prints `update NAME`. -clock-offset is what its clock is told to be
// ahead of the machine's.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gotd/td/clock"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/exchange"
	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/transport"
	"golang.org/x/sync/errgroup"
)

const dcID = 2

type options struct {
	dc, rsaPub, transport, authKey string
	pfs, update                    bool
	calls                          int
	clockOffset                    time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.dc, "dc", "", "HOST:PORT of the server")
	flag.StringVar(&o.rsaPub, "rsa-pub", "", "the server's public key, PKCS#1 PEM")
	flag.StringVar(&o.transport, "transport", "intermediate", "full, abridged, intermediate, padded or obfuscated")
	flag.BoolVar(&o.pfs, "pfs", false, "a temporary key as well, and its binding")
	flag.StringVar(&o.authKey, "auth-key", "", "a file of 256 bytes")
	flag.IntVar(&o.calls, "calls", 0, "how many methods to call")
	flag.BoolVar(&o.update, "update", false, "wait for the update")
	secs := flag.Int("clock-offset", 0, "seconds")
	flag.Parse()
	o.clockOffset = time.Duration(*secs) * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	key, err := readKey(o.rsaPub)
	if err != nil {
		return err
	}
	resolver, addresses, err := route(o)
	if err != nil {
		return err
	}
	keys := []exchange.PublicKey{{RSA: key}}
	if o.calls == 0 {
		return permanentKey(ctx, resolver, addresses, keys)
	}

	storage := &tellingStorage{stored: make(chan struct{})}
	if o.authKey != "" {
		if err := store(ctx, &storage.StorageMemory, o.authKey); err != nil {
			return err
		}
	}
	updates := make(chan tg.UpdateClass, 1)
	client := telegram.NewClient(1, "0", telegram.Options{
		PublicKeys:     keys,
		DC:             dcID,
		DCList:         addresses,
		Resolver:       resolver,
		SessionStorage: storage,
		EnablePFS:      o.pfs,
		Clock:          offsetClock{clock.System, o.clockOffset},
		UpdateHandler: telegram.UpdateHandlerFunc(func(_ context.Context, u tg.UpdatesClass) error {
			if short, ok := u.(*tg.UpdateShort); ok {
				updates <- short.Update
			}
			return nil
		}),
	})
	return client.Run(ctx, func(ctx context.Context) error {
		if err := use(ctx, client.API(), o, updates); err != nil {
			return err
		}
		<-storage.stored
		data, err := (&session.Loader{Storage: storage}).Load(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("auth_key_id %016x\n", binary.LittleEndian.Uint64(data.AuthKeyID))
		return nil
	})
}

// use calls the methods and waits for the update.
func use(ctx context.Context, api *tg.Client, o options, updates <-chan tg.UpdateClass) error {
	atOnce, ctxAtOnce := errgroup.WithContext(ctx)
	for number := range min(o.calls, len(calls)) {
		atOnce.Go(func() error { return call(ctxAtOnce, api, number) })
	}
	if err := atOnce.Wait(); err != nil {
		return err
	}
	for number := len(calls); number < o.calls; number++ {
		if err := call(ctx, api, number%len(calls)); err != nil {
			return err
		}
	}
	if !o.update {
		return nil
	}
	select {
	case update := <-updates:
		fmt.Println("update", update.TypeName())
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func call(ctx context.Context, api *tg.Client, number int) error {
	method := calls[number]
	isRight, result, err := method.call(ctx, api)
	if err != nil {
		return fmt.Errorf("%s: %w", method.name, err)
	}
	if !isRight {
		return fmt.Errorf("%s returned %v", method.name, result)
	}
	fmt.Println("result", method.name)
	return nil
}

// calls are methods, and whether what they return is what it must be.
var calls = []struct {
	name string
	call func(context.Context, *tg.Client) (bool, any, error)
}{
	{"help.getNearestDc", func(ctx context.Context, api *tg.Client) (bool, any, error) {
		dc, err := api.HelpGetNearestDC(ctx)
		return err == nil && dc.ThisDC == dcID, dc, err
	}},
	{"help.getConfig", func(ctx context.Context, api *tg.Client) (bool, any, error) {
		config, err := api.HelpGetConfig(ctx)
		return err == nil && len(config.DCOptions) == 1 && config.DCOptions[0].ID == dcID, config, err
	}},
	{"users.getUsers", func(ctx context.Context, api *tg.Client) (bool, any, error) {
		users, err := api.UsersGetUsers(ctx, []tg.InputUserClass{&tg.InputUserSelf{}})
		return len(users) == 1 && users[0].GetID() == 1001, users, err
	}},
	{"updates.getState", func(ctx context.Context, api *tg.Client) (bool, any, error) {
		state, err := api.UpdatesGetState(ctx)
		return err == nil && state.UnreadCount == 0, state, err
	}},
	{"messages.getDhConfig", func(ctx context.Context, api *tg.Client) (bool, any, error) {
		config, err := api.MessagesGetDhConfig(ctx, &tg.MessagesGetDhConfigRequest{RandomLength: 256})
		dh, isNew := config.(*tg.MessagesDhConfig)
		return isNew && len(dh.Random) == 256, config, err
	}},
}

func permanentKey(ctx context.Context, resolver dcs.Resolver, addresses dcs.List, keys []exchange.PublicKey) error {
	conn, err := resolver.Primary(ctx, dcID, addresses)
	if err != nil {
		return err
	}
	result, err := exchange.NewExchanger(conn, dcID).Client(keys).Run(ctx)
	if err := errors.Join(err, conn.Close()); err != nil {
		return err
	}
	fmt.Printf("auth_key_id %016x\n", uint64(result.AuthKey.IntID()))
	return nil
}

// route tells how to get to the server.
func route(o options) (dcs.Resolver, dcs.List, error) {
	plain := dcs.PlainOptions{Obfuscated: o.transport == "obfuscated"}
	switch o.transport {
	case "full":
		plain.Protocol = transport.Full
	case "abridged":
		plain.Protocol = transport.Abridged
	case "intermediate", "obfuscated":
		plain.Protocol = transport.Intermediate
	case "padded":
		plain.Protocol = transport.PaddedIntermediate
	default:
		return nil, dcs.List{}, fmt.Errorf("no transport %q", o.transport)
	}
	host, portText, err := net.SplitHostPort(o.dc)
	if err != nil {
		return nil, dcs.List{}, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, dcs.List{}, err
	}
	return dcs.Plain(plain), dcs.List{Options: []tg.DCOption{{ID: dcID, IPAddress: host, Port: port}}}, nil
}

// store makes a key that of the session.
func store(ctx context.Context, storage session.Storage, path string) error {
	value, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var key crypto.Key
	copy(key[:], value)
	id := key.ID()
	return (&session.Loader{Storage: storage}).Save(ctx, &session.Data{DC: dcID, AuthKey: key[:], AuthKeyID: id[:]})
}

// tellingStorage tells when a session was stored: a client is ready before.
type tellingStorage struct {
	session.StorageMemory
	once   sync.Once
	stored chan struct{}
}

func (s *tellingStorage) StoreSession(ctx context.Context, data []byte) error {
	defer s.once.Do(func() { close(s.stored) })
	return s.StorageMemory.StoreSession(ctx, data)
}

// offsetClock is the machine's clock but for an offset.
type offsetClock struct {
	clock.Clock
	offset time.Duration
}

func (c offsetClock) Now() time.Time {
	return c.Clock.Now().Add(c.offset)
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
