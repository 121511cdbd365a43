import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelCommands } from '../../../core/command/index.ts'
import type { Role } from '../../../core/command/role.ts'
import { properties } from '../../../core/schema.ts'
import { startArbiter } from '../../harness/index.ts'

const operating = ['start', 'stop', 'restart', 'reload', 'incr', 'decr', 'signal', 'kill', 'reopenlogs']

test('each command has its role: reading is for view, running programs for operate, the rest for admin', () => {
  const roleOf = ({ role, readOnly }: (typeof kernelCommands)[number]) => role ?? (readOnly ? 'view' : 'admin')
  const named = (role: Role) => kernelCommands.filter((command) => roleOf(command) === role).map(({ name }) => name)
  assert.deepEqual(named('operate').sort(), [...operating].sort())
  assert.deepEqual(named('admin').sort(), [
    'add',
    'announce',
    'publish',
    'quit',
    'reloadconfig',
    'report',
    'rm',
    'serve',
    'set',
  ])
  for (const name of named('view')) assert.ok(kernelCommands.find((command) => command.name === name)?.readOnly, name)
})

test("a plugin's command is for admins unless it declares less, though it only reads", async () => {
  await using running = await startArbiter('')
  const { commands } = running.arbiter
  const command = (name: string, more: object) => ({
    name,
    summary: 'x',
    properties: properties({}),
    execute: () => ({}),
    ...more,
  })
  commands.add(command('wipe', {}), 'test')
  commands.add(command('look', { readOnly: true }), 'test')
  commands.add(command('peek', { readOnly: true, role: 'view' }), 'test')
  commands.add(command('push', { role: 'operate' }), 'test')
  const may = async (name: string, role: Role) =>
    commands.dispatch(name, {}, { via: 'channel', name: 'key x', role }).then(
      () => true,
      ({ code }) => code !== 'ERR_ROLE_TOO_LOW' && code,
    )
  const allowed = async (name: string) =>
    Promise.all((['view', 'operate', 'admin'] as const).map((role) => may(name, role)))
  assert.deepEqual(await allowed('wipe'), [false, false, true])
  assert.deepEqual(await allowed('look'), [false, false, true])
  assert.deepEqual(await allowed('peek'), [true, true, true])
  assert.deepEqual(await allowed('push'), [false, true, true])
})

test('a refused command is not seen by the command hook', async () => {
  await using running = await startArbiter('')
  const seen: string[] = []
  running.arbiter.hooks.command.tap('test', ({ name }) => void seen.push(name))
  const caller = { via: 'channel', name: 'key x', role: 'view' } as const
  await assert.rejects(running.arbiter.commands.dispatch('quit', {}, caller), { code: 'ERR_ROLE_TOO_LOW' })
  await running.arbiter.commands.dispatch('list', {}, caller)
  assert.deepEqual(seen, ['list'])
})
