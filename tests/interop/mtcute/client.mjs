// mtcute as a client: `node client.mjs --dc HOST:PORT --rsa-pub PUBLIC.pem --transport NAME [--pfs]` prints `auth_key_id
// HEX` for the permanent key and, with --pfs, for the temporary one and `temp key bound`.

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

const { values: args } = parseArgs({
  options: {
    'dc': { type: 'string' },
    'rsa-pub': { type: 'string' },
    'transport': { type: 'string' },
    'pfs': { type: 'boolean', default: false },
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

const [ipAddress, port] = args.dc.split(':')
const crypto = new NodeCryptoProvider()
await crypto.initialize()
addPublicKey(crypto, readFileSync(args['rsa-pub'], 'utf8'), false)

// Keys are stored once they hold: the permanent one behind its exchange, the temporary one behind its binding.
const storage = new MemoryStorage()
const stored = new Promise((resolve) => {
  const { authKeys } = storage
  const { set, setTemp } = authKeys
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

const dc = { id: 2, ipAddress, port: Number(port) }
const client = new BaseTelegramClient({
  apiId: 1, apiHash: '0', crypto, storage, transport: new Transport(), defaultDcs: { main: dc, media: dc },
  network: { usePfs: args.pfs }, logLevel: 2,
})
client.onError.add((error) => {
  console.error(error)
  process.exit(1)
})
await client.connect()
await stored
process.exit(0)
