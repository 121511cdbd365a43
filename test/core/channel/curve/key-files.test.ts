import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readClientKey, readServerKey } from '../../../../core/channel/curve/key-file.ts'
import { addKey, initKeys, keyFiles, listKeys, removeKey } from '../../../../core/channel/curve/key-folder.ts'
import { KeyList, parseKeyList } from '../../../../core/channel/curve/key-list.ts'
import { makeKeyPair, publicKeyOf } from '../../../../core/channel/curve/key-pair.ts'
import { temporaryFolder } from '../../../harness/index.ts'
import { memoryLog } from '../place.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('init makes files that only their owner can read, and a pair that fits together', () => {
  using place = temporaryFolder()
  const folder = place.path('circus/keys')
  const files = keyFiles(folder)

  initKeys(folder, 'boss')

  assert.equal(modeOf(folder), '700')
  for (const file of Object.values(files)) assert.equal(modeOf(file), '600', file)
  const server = readServerKey(files.server)
  const client = readClientKey(files.client)
  assert.equal(client.serverKey, server.publicKey)
  assert.deepEqual(listKeys(folder), [{ publicKey: client.publicKey, role: 'admin', name: 'boss' }])
  assert.equal(publicKeyOf(client.secretKey), client.publicKey)
})

test('nothing is ever overwritten: not by init, whichever file is there, and not by add', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const contents = () => readdirSync(folder).map((name) => readFileSync(place.path(`keys/${name}`), 'utf8'))
  const before = contents()
  assert.throws(() => initKeys(folder, 'boss'), { code: 'ERR_KEY_EXISTS' })
  assert.throws(() => addKey(folder, 'boss', 'view'), { code: 'ERR_KEY_EXISTS' })
  assert.throws(() => addKey(folder, 'server', 'view'), { code: 'ERR_PROPERTY_INVALID' })
  assert.throws(() => addKey(folder, '../evil', 'view'), { code: 'ERR_PROPERTY_INVALID' })
  assert.deepEqual(contents(), before)
  for (const name of ['server.key', 'client.key', 'clients']) {
    using other = temporaryFolder({ [name]: 'mine' })
    chmodSync(other.root, 0o700)
    assert.throws(() => initKeys(other.root, 'boss'), { code: 'ERR_KEY_EXISTS' })
    assert.deepEqual(readdirSync(other.root), [name])
    assert.equal(readFileSync(other.path(name), 'utf8'), 'mine')
  }
  writeFileSync(place.path('keys/alice.key'), 'mine')
  assert.throws(() => addKey(folder, 'alice', 'view'), { code: 'ERR_KEY_EXISTS' })
  assert.equal(readFileSync(place.path('keys/alice.key'), 'utf8'), 'mine')
  assert.equal(listKeys(folder).length, 1)
})

test('init does not put keys where others may look', () => {
  using place = temporaryFolder()
  chmodSync(place.root, 0o755)
  assert.throws(() => initKeys(place.root, 'boss'), { code: 'ERR_KEY_FILE_INVALID', message: /chmod 700/ })
  assert.deepEqual(readdirSync(place.root), [])
})

test('keys are added and removed, and what else stands in the list stays', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const file = addKey(folder, 'alice', 'operate')
  assert.equal(modeOf(file), '600')
  appendFileSync(keyFiles(folder).clients, '# the night shift')
  addKey(folder, 'vera', 'view')
  assert.deepEqual(
    listKeys(folder).map(({ name, role }) => [name, role]),
    [
      ['boss', 'admin'],
      ['alice', 'operate'],
      ['vera', 'view'],
    ],
  )
  assert.equal(removeKey(folder, 'alice'), true)
  assert.equal(removeKey(folder, 'alice'), false)
  assert.deepEqual(
    listKeys(folder).map(({ name }) => name),
    ['boss', 'vera'],
  )
  assert.match(readFileSync(keyFiles(folder).clients, 'utf8'), /^# the night shift$/m)
  assert.equal(modeOf(keyFiles(folder).clients), '600')
})

test('a secret that others may read is refused, and the error says what to do', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const { server, client } = keyFiles(folder)
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    for (const [file, read] of [[server, readServerKey] as const, [client, readClientKey] as const]) {
      chmodSync(file, mode)
      assert.throws(() => read(file), { code: 'ERR_KEY_FILE_INVALID', message: /server\.key|client\.key/ })
      assert.throws(() => read(file), /chmod 600/)
    }
  }
  chmodSync(server, 0o600)
  chmodSync(folder, 0o770)
  assert.throws(() => readServerKey(server), /others may replace it/)
  if (process.geteuid!() !== 0) return
  chmodSync(folder, 0o700)
  chownSync(server, 65534, -1)
  assert.throws(() => readServerKey(server), /belongs to another user \(uid 65534\)/)
})

test('a key file that is malformed is told with its line, and never with what stands there', () => {
  using place = temporaryFolder()
  const { publicKey, secretKey } = makeKeyPair()
  const other = makeKeyPair()
  const wrong: [text: string, message: RegExp][] = [
    ['', /key: the line public = KEY is missing$/],
    [`public = ${publicKey}\nsecret = ${secretKey.slice(1)}\n`, /key:2: secret is not a key/],
    [`public = ${publicKey}\nx${secretKey.slice(1)}\n`, /key:2: write public, secret, each as NAME = KEY/],
    [`public = ${publicKey}\nQ5z=${secretKey.slice(4)}\n`, /key:2: write public, secret, each as NAME = KEY/],
    [`# x\n\npublic = ${other.publicKey}\nsecret = ${secretKey}\n`, /key:3: public and secret are not of one pair/],
    [`public = ${publicKey}\npublic = ${publicKey}\n`, /key:2: public is there twice/],
    [`publik = ${publicKey}\n`, /key:1: 'publik' is none of public, secret/],
  ]
  for (const [text, message] of wrong) {
    place.write('key', text)
    chmodSync(place.path('key'), 0o600)
    assert.throws(
      () => readServerKey(place.path('key')),
      (error: Error) => {
        assert.match(error.message, message)
        assert.ok(!error.message.includes(secretKey.slice(1)))
        return true
      },
    )
  }
  assert.throws(() => readServerKey(place.path('none')), { code: 'ERR_KEY_FILE_INVALID', message: /keys init/ })
})

test('a list that is malformed is told with its line', () => {
  const { publicKey: key } = makeKeyPair()
  const wrong: [text: string, message: RegExp][] = [
    [`${key}\n`, /list:1: '' is no role: view, operate, admin/],
    [`# x\n${key} boss alice\n`, /list:2: 'boss' is no role/],
    [`${key} view\n`, /list:1: after the role comes a name/],
    [`${key} view a b\n`, /list:1: after the role comes a name/],
    [`${key.slice(1)} view alice\n`, /list:1: .*public key/],
    [`${key} view alice\n${key} admin bob\n`, /list:2: this key is there twice/],
    [`${key} view alice\n${makeKeyPair().publicKey} admin alice\n`, /list:2: the name alice is there twice/],
  ]
  for (const [text, message] of wrong) assert.throws(() => parseKeyList(text, 'list'), message)
  assert.deepEqual(parseKeyList(`\r\n  ${key}\tview   alice \r\n`, 'list'), [
    { publicKey: key, role: 'view', name: 'alice' },
  ])
})

test('a list is read again when it changed; a malformed, open or missing one leaves the last good one in force', () => {
  using place = temporaryFolder()
  const [alice, bob] = [makeKeyPair(), makeKeyPair()]
  const file = place.path('clients')
  place.write('clients', `${alice.publicKey} view alice\n`)
  chmodSync(file, 0o600)
  const log = memoryLog()
  const list = new KeyList(file, log)
  let removals = 0
  list.onRemoved(() => removals++)

  appendFileSync(file, `${bob.publicKey} admin bob\n`)
  assert.equal(list.find(bob.publicKey)?.role, 'admin')
  appendFileSync(file, 'nonsense\n')
  assert.equal(list.find(bob.publicKey)?.role, 'admin')
  assert.match(log.records.at(-1)!, /^error .*clients:3: .*remain in force/)
  place.write('clients', '')
  chmodSync(file, 0o666)
  assert.equal(list.find(bob.publicKey)?.role, 'admin')
  assert.match(log.records.at(-1)!, /^error .*others may change it: chmod go-w/)
  assert.equal(removals, 0)

  chmodSync(file, 0o600)
  assert.equal(list.find(bob.publicKey), undefined)
  assert.equal(removals, 1)
  assert.equal(list.nameOf(bob.publicKey), 'bob')
})

test('a list that could not be read for another reason than itself is tried again, and told once', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  addKey(folder, 'vera', 'view')
  const { clients } = keyFiles(folder)
  const log = memoryLog()
  const list = new KeyList(clients, log)
  const vera = list.listed.find(({ name }) => name === 'vera')!
  removeKey(folder, 'vera')
  chmodSync(folder, 0o777)
  for (let look = 0; look < 3; look++) assert.equal(list.find(vera.publicKey)?.name, 'vera')
  assert.equal(log.records.filter((record) => /others may replace it/.test(record)).length, 1)

  chmodSync(folder, 0o700)
  assert.equal(list.find(vera.publicKey), undefined)
})

test('a pipe in place of the list keeps nobody waiting', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const { clients } = keyFiles(folder)
  const log = memoryLog()
  const list = new KeyList(clients, log)
  const [boss] = list.listed
  execFileSync('mkfifo', [place.path('pipe')])
  renameSync(place.path('pipe'), clients)

  assert.equal(list.find(boss!.publicKey)?.name, 'boss')
  assert.match(log.records.at(-1)!, /clients: it is not a file; .*remain in force/)
})

test('a link to where others could put another file is refused, and removing a key leaves a link as it is', () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const { clients } = keyFiles(folder)
  mkdirSync(place.path('open'))
  renameSync(clients, place.path('open/list'))
  symlinkSync(place.path('open/list'), place.path('open/link'))
  symlinkSync(place.path('open/link'), clients)
  addKey(folder, 'vera', 'view')
  assert.equal(removeKey(folder, 'vera'), true)
  assert.ok(lstatSync(clients).isSymbolicLink())
  assert.deepEqual(
    listKeys(folder).map(({ name }) => name),
    ['boss'],
  )

  chmodSync(place.path('open'), 0o777)
  assert.throws(() => listKeys(folder), /others may replace it: chmod go-w .*open/)
})

test('keys that are added and removed by several people at once are all added, and all removed', async () => {
  using place = temporaryFolder()
  const folder = place.path('keys')
  initKeys(folder, 'boss')
  const names = Array.from({ length: 8 }, (_, number) => `u${number}`)
  for (const name of names) addKey(folder, name, 'view')
  const source = new URL('../../../../core/channel/curve/key-folder.ts', import.meta.url).href
  const script = `import { addKey, removeKey } from '${source}'
    const [folder, name] = process.argv.slice(1)
    removeKey(folder, name)
    addKey(folder, name + '-again', 'view')`
  const run = promisify(execFile)
  await Promise.all(
    names.map((name) => run(process.execPath, ['--input-type=module-typescript', '-e', script, folder, name])),
  )
  assert.deepEqual(
    listKeys(folder)
      .map(({ name }) => name)
      .sort(),
    ['boss', ...names.map((name) => `${name}-again`)],
  )
})
