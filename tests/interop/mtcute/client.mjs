// mtcute as a client: `node client.mjs --dc HOST:PORT --rsa-pub PUBLIC.pem --transport NAME [--pfs] [--auth-key FILE]
// [--calls N] [--update]`.
//
// It makes a key, or takes the one of a file, and with --pfs a temporary one, and prints `auth_key_id HEX` for each it makes
// and `temp key bound`. Then it calls N methods, five at once in a container, the others one after the other, and prints
// `result METHOD` for each; with --update it waits for the update and prints `update NAME`.

import assert from 'node:assert'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  BaseTelegramClient, IntermediatePacketCodec, MemoryStorage, ObfuscatedPacketCodec, PaddedIntermediatePacketCodec, TcpTransport,
} from '@mtcute/node'
import { addPublicKey, NodeCryptoProvider } from '@mtcute/node/utils.js'

const CODECS = {
  intermediate: () => new IntermediatePacketCodec(),
  padded: () => new PaddedIntermediatePacketCodec(),
  obfuscated: () => new ObfuscatedPacketCodec(new IntermediatePacketCodec()),
}

// Requests, and what their results must be like.
const CALLS = [
  [{ _: 'help.getNearestDc' }, (dc) => assert.equal(dc.thisDc, 2)],
  [{ _: 'help.getConfig' }, (config) => assert.deepEqual(config.dcOptions.map((dc) => dc.id), [2])],
  [{ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] }, (users) => assert.deepEqual(users.map((user) => user.id), [1001])],
  [{ _: 'updates.getState' }, (state) => assert.equal(state.unreadCount, 0)],
  [{ _: 'messages.getDhConfig', version: 0, randomLength: 256 }, (config) => assert.equal(config.random.length, 256)],
]

const { values: args } = parseArgs({
  options: {
    'dc': { type: 'string' },
    'rsa-pub': { type: 'string' },
    'transport': { type: 'string' },
    'pfs': { type: 'boolean', default: false },
    'auth-key': { type: 'string' },
    'calls': { type: 'string', default: '0' },
    'update': { type: 'boolean', default: false },
  },
})

class Transport extends TcpTransport {
  packetCodec() {
    return CODECS[args.transport]()
  }
}

/** The low 64 bits of the key's SHA1, as a number's hexadecimal digits. */
function authKeyId(key) {
  return createHash('sha1').update(key).digest().subarray(12).reverse().toString('hex')
}

async function call([request, check]) {
  check(await client.call(request))
  console.log(`result ${request._}`)
}

const DC = 2
const [ipAddress, port] = args.dc.split(':')
const crypto = new NodeCryptoProvider()
await crypto.initialize()
addPublicKey(crypto, readFileSync(args['rsa-pub'], 'utf8'), false)

// Keys are stored once they hold: the permanent one behind its exchange, the temporary one behind its binding.
const storage = new MemoryStorage()
const stored = new Promise((resolve) => {
  const { authKeys } = storage
  const { set, setTemp } = authKeys
  if (args['auth-key']) {
    set.call(authKeys, DC, readFileSync(args['auth-key']))
    if (!args.pfs) resolve()
  }
  authKeys.set = (dc, key) => {
    set.call(authKeys, dc, key)
    console.log(`auth_key_id ${authKeyId(key)}`)
    if (!args.pfs) resolve()
  }
  authKeys.setTemp = (dc, index, key, expires) => {
    setTemp.call(authKeys, dc, index, key, expires)
    console.log(`auth_key_id ${authKeyId(key)}\ntemp key bound`)
    resolve()
  }
})

const dc = { id: DC, ipAddress, port: Number(port) }
const client = new BaseTelegramClient({
  apiId: 1, apiHash: '0', crypto, storage, transport: new Transport(), defaultDcs: { main: dc, media: dc },
  network: { usePfs: args.pfs }, logLevel: Number(process.env.MTCUTE_LOG ?? 2),
})
client.onError.add((error) => {
  console.error(error)
  process.exit(1)
})
const update = new Promise((resolve) => client.onServerUpdate.add((updates) => {
  if (updates._ === 'updateShort') resolve(updates.update._)
}))

await client.connect()
await stored
const calls = Array.from({ length: Number(args.calls) }, (_, number) => CALLS[number % CALLS.length])
await Promise.all(calls.slice(0, CALLS.length).map(call))
for (const one of calls.slice(CALLS.length)) await call(one)
if (args.update) console.log(`update ${await update}`)
process.exit(0)
