import assert from 'node:assert/strict'
import { test } from 'node:test'
import zeromq from 'zeromq'
import { makeKeyPair, publicKeyOf, sharedSecret } from '../../../../core/channel/curve/key-pair.ts'
import { ProofVerifier, prove } from '../../../../core/channel/curve/proof.ts'
import { decodeKey, encodeKey } from '../../../../core/channel/curve/z85.ts'

test('key pairs are those of libzmq', () => {
  const theirs = zeromq.curveKeyPair()
  assert.equal(publicKeyOf(theirs.secretKey), theirs.publicKey)
  const ours = makeKeyPair()
  assert.equal(publicKeyOf(ours.secretKey), ours.publicKey)
  assert.deepEqual(sharedSecret(ours.secretKey, theirs.publicKey), sharedSecret(theirs.secretKey, ours.publicKey))
})

test('keys are written as ZeroMQ writes them, and what is no key is not read', () => {
  // The example of ZeroMQ's RFC 32, three times and a bit.
  const bytes = Buffer.from('864fd26fb559f75b'.repeat(4), 'hex')
  assert.equal(encodeKey(bytes), 'HelloWorld'.repeat(4))
  assert.deepEqual(decodeKey('HelloWorld'.repeat(4)), bytes)
  for (const text of ['', 'HelloWorld', `${'HelloWorld'.repeat(3)}Hello World`, '#'.repeat(40), 'é'.repeat(40)])
    assert.equal(decodeKey(text), undefined, text)
})

test('a proof shows whose key it is, and nobody else can make it', () => {
  const [server, alice, mallory] = [makeKeyPair(), makeKeyPair(), makeKeyPair()]
  const verifier = new ProofVerifier(server.secretKey)
  const listed = (key: string) => key === alice.publicKey
  const keyOf = (routingId: string) => verifier.keyOf(Buffer.from(routingId), listed)
  const good = prove({ ...alice, serverKey: server.publicKey })

  assert.ok(Buffer.byteLength(good) <= 255)
  assert.equal(keyOf(good), alice.publicKey)
  assert.equal(keyOf(good), alice.publicKey, 'again, from memory')
  assert.notEqual(prove({ ...alice, serverKey: server.publicKey }), good)
  assert.equal(keyOf('0123456789abcdef0123456789abcdef'), 'none')
  // Mallory claims to be Alice, made the proof for another daemon, changed it, cut it, or is not listed.
  assert.equal(keyOf(prove({ ...alice, secretKey: mallory.secretKey, serverKey: server.publicKey })), false)
  assert.equal(keyOf(prove({ ...alice, serverKey: mallory.publicKey })), false)
  assert.equal(keyOf(prove({ ...mallory, serverKey: server.publicKey })), false)
  assert.equal(keyOf(`${good.slice(0, -2)}AA`), false)
  assert.equal(keyOf(good.slice(0, -20)), false)
})

test('a listed key that anybody could have made proves nothing', () => {
  const server = makeKeyPair()
  const zero = encodeKey(Buffer.alloc(32))
  const claim = `CIRCUS1:${Buffer.alloc(80).toString('base64')}`
  assert.equal(
    new ProofVerifier(server.secretKey).keyOf(Buffer.from(claim), (key) => key === zero),
    false,
  )
})
