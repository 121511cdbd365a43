import assert from 'node:assert/strict'
import { test } from 'node:test'
import { initKeys, keyFiles } from '../../../../core/channel/curve/key-folder.ts'
import { findKeys, keyFolder } from '../../../../core/client.ts'
import { temporaryFolder } from '../../../harness/index.ts'

const local = 'tcp://127.0.0.1:5555'
const remote = 'tcp://10.0.0.7:5555'

/** Run with other variables in the environment. */
async function withEnvironment(values: Record<string, string | undefined>, body: () => Promise<void>): Promise<void> {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const)
  const apply = (pairs: (readonly [string, string | undefined])[]) => {
    for (const [name, value] of pairs) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
  apply(Object.entries(values))
  await body().finally(() => apply(before))
}

test('the default folder', async () => {
  await withEnvironment({ XDG_CONFIG_HOME: '/x' }, async () => assert.equal(keyFolder(), '/x/circus/keys'))
  await withEnvironment({ XDG_CONFIG_HOME: undefined, HOME: '/home/me' }, async () => {
    assert.equal(keyFolder(), process.geteuid!() === 0 ? '/etc/circus/keys' : '/home/me/.config/circus/keys')
  })
})

test('a key that was named is insisted on; none means none; without any there is nothing', async () => {
  using folder = temporaryFolder()
  const { client } = keyFiles(folder.path('keys'))
  initKeys(folder.path('keys'), 'boss')
  await withEnvironment({ XDG_CONFIG_HOME: folder.path('nowhere'), CIRCUS_KEY: undefined }, async () => {
    const named = findKeys(local, client)
    assert.equal(named?.insist, true)
    assert.equal((await named?.load())?.publicKey.length, 40)
    assert.equal(findKeys(local, 'none'), undefined)
    assert.equal(findKeys(remote, undefined)?.insist, false)
    assert.equal(await findKeys(local, undefined)?.load(), undefined)
    await assert.rejects(findKeys(local, '/nonexistent')!.load(), { code: 'ERR_KEY_FILE_INVALID' })
  })
  await withEnvironment({ CIRCUS_KEY: client }, async () => {
    assert.equal(findKeys(local, undefined)?.insist, true)
    assert.equal(findKeys(local, 'none'), undefined)
  })
})

test('the key in the default folder is for who asks, and insisted on where others could listen', async () => {
  using folder = temporaryFolder()
  await withEnvironment({ XDG_CONFIG_HOME: folder.root, CIRCUS_KEY: undefined }, async () => {
    initKeys(keyFolder(), 'boss')
    for (const [endpoint, insist] of [
      [local, false],
      ['ipc:///run/x', false],
      ['tcp://localhost:1', false],
      [remote, true],
    ]) {
      const found = findKeys(String(endpoint), undefined)
      assert.equal(found?.insist, insist, String(endpoint))
      assert.ok(await found?.load())
    }
  })
})
