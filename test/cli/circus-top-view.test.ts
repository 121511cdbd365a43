import assert from 'node:assert/strict'
import test from 'node:test'
import type { Snapshot } from '../../cli/circus-top/board.ts'
import { keysIn } from '../../cli/circus-top/keys.ts'
import { rowsOf } from '../../cli/circus-top/rows.ts'
import { initialView, press, selectedRow, type View } from '../../cli/circus-top/view.ts'

const process = (pid: number, children: number[] = []) => ({
  pid,
  children: children.map((child) => ({ pid: child, children: [] })),
})
const snapshot: Snapshot = {
  watchers: [
    { name: 'a', processes: [process(1), process(2, [3])], minute: [], status: 'active' },
    { name: 'b', processes: [process(4)], minute: [] },
  ],
  helpers: [{ pid: 9, role: 'circusd', children: [] }],
  sockets: [{ fd: 3, name: 'http' }],
}

/** Press keys one after another, from the beginning or from where one was. */
function pressed(keys: readonly string[], from: View = initialView({ sort: 'name', filter: '' }), refusal?: string) {
  let result: ReturnType<typeof press> = { view: from }
  for (const key of keys) {
    const rows = rowsOf(snapshot, result.view)
    result = press(result.view, key, { rows, snapshot, page: 3, refusal })
  }
  return { ...result, row: selectedRow(result.view, rowsOf(snapshot, result.view)) }
}

/** What a confirmed action sends. */
function sent(keys: readonly string[]) {
  const { effect } = pressed([...keys, 'y'])
  return effect?.id === 'act' ? [effect.action.command, effect.action.properties] : undefined
}

test('arrows and pages move the selection over what can be selected, and not beyond', () => {
  assert.equal(pressed([]).row?.label, 'a (2)')
  assert.equal(pressed(['down', 'down']).row?.label, '2')
  assert.equal(pressed(['up']).row?.label, 'a (2)')
  assert.equal(pressed(['pagedown']).row?.label, 'b (1)')
  assert.equal(pressed(['end']).row?.label, 'http')
  assert.equal(pressed(['end', 'up']).row?.label, 'circusd 9')
  assert.equal(pressed(['end', 'home']).row?.label, 'a (2)')
})

test('the selection stays with its row when the order changes, and moves to what takes its place when it is gone', () => {
  const { view } = pressed(['down', 'down', 'down'])
  assert.equal(pressed(['i'], view).row?.label, 'b (1)')
  const without = { ...snapshot, watchers: snapshot.watchers.slice(0, 1) }
  assert.equal(selectedRow(view, rowsOf(without, view))?.label, 'circusd 9')
  assert.equal(selectedRow(view, []), undefined)
})

test('left folds and then goes up, right unfolds, a does it for all', () => {
  assert.equal(pressed(['down', 'left']).row?.label, 'a (2)')
  const folded = pressed(['left'])
  assert.deepEqual([...folded.view.folded], ['watcher a'])
  assert.equal(pressed(['right'], folded.view).view.folded.size, 0)
  assert.equal(pressed(['enter'], folded.view).view.folded.size, 0)
  assert.deepEqual([...pressed(['a']).view.folded], ['watcher a', 'watcher b'])
  assert.equal(pressed(['a', 'a']).view.folded.size, 0)
})

test('a closes all, and what was selected is the watcher then', () => {
  assert.equal(pressed(['down', 'down', 'a']).row?.label, 'a (2)')
})

test('a letter sorts by its column, and turns that round the second time', () => {
  assert.deepEqual([pressed(['C']).view.sort, pressed(['C']).view.reversed], ['cpu', false])
  assert.equal(pressed(['C', 'C']).view.reversed, true)
  assert.equal(pressed(['C', 'C', 'M']).view.reversed, false)
  assert.equal(pressed(['>', '>']).view.sort, 'memory')
  assert.equal(pressed(['<']).view.sort, 'threads')
})

test('the filter is typed, kept with Enter, and given up with Esc', () => {
  assert.equal(pressed(['/', 'w', 'q', 'backspace', 'e']).view.filter, 'we')
  assert.equal(pressed(['/', 'w', 'enter', 'q']).effect?.id, 'leave')
  assert.equal(pressed(['/', 'w', 'enter', '/', 'x', 'escape']).view.filter, 'w')
  assert.equal(pressed(['/', 'w', 'enter', 'escape']).view.filter, '')
})

test('Ctrl-C leaves wherever one is', () => {
  for (const keys of [[], ['/'], ['?'], ['s'], ['k'], ['o']])
    assert.equal(pressed([...keys, 'ctrl-c']).effect?.id, 'leave')
})

const all = { waiting: true, match: 'simple' }
for (const [keys, command, properties] of [
  [['s'], 'start', { name: 'a', ...all }],
  [['x'], 'stop', { name: 'a', ...all }],
  [['r'], 'restart', { name: 'a', ...all }],
  [['l'], 'reload', { name: 'a', waiting: true }],
  [['+'], 'incr', { name: 'a', waiting: true }],
  [['-'], 'decr', { name: 'a', waiting: true }],
  [['down', 'r'], 'kill', { name: 'a', pid: 1, waiting: true }],
  [['down', 'x'], 'stop', { name: 'a', ...all }],
  [['k', 'enter'], 'signal', { name: 'a', signum: 'TERM' }],
  [['down', 'k', 'h', 'u', 'p', 'enter'], 'signal', { name: 'a', signum: 'HUP', pid: 1 }],
  [['t', 'down', 'down', 'down', 'k', '9', 'enter'], 'signal', { name: 'a', signum: 9, pid: 2, childpid: 3 }],
] as const) {
  test(`${keys.join(' ')} sends ${command}, once it was confirmed`, () => {
    assert.equal(pressed(keys).effect, undefined)
    assert.deepEqual(sent(keys), [command, properties])
  })
}

test('a question names what will be hit', () => {
  const question = (...keys: string[]) => {
    const { mode } = pressed(keys).view
    return mode.id === 'confirm' ? mode.action.question : ''
  }
  assert.equal(question('s'), 'start a (now active)?')
  assert.match(question('x'), /^stop a: its 2 processes \(1, 2\)\?$/)
  assert.match(question('down', 'x'), /^stop a: its 2 processes \(1, 2\)\?$/)
  assert.match(question('down', 'r'), /process 1 of a/)
  assert.match(question('k', 'enter'), /^send TERM to the 2 processes \(1, 2\) of a\?$/)
  assert.match(question('t', 'down', 'down', 'down', 'k', 'enter'), /3, a child of 2 of a/)
  assert.match(question('+'), /add a process to a \(2 now\)/)
})

test('any key but y is a no', () => {
  for (const key of ['n', 'escape', 'enter', ' ', 'x', 'q']) {
    const { view, effect } = pressed(['x', key])
    assert.deepEqual([effect, view.mode.id, view.message?.text], [undefined, 'table', 'nothing was done'])
  }
})

test('where nothing can be done that is said, and nothing asked', () => {
  for (const key of ['s', 'x', 'r', 'l', 'k', '+', '-', 'o']) {
    for (const keys of [
      ['end', key],
      ['end', 'up', key],
    ]) {
      const { view } = pressed(keys)
      assert.deepEqual([view.mode.id, view.message?.kind], ['table', 'failed'])
    }
  }
  const away = pressed(['x'], initialView({ sort: 'name', filter: '' }), 'the daemon does not answer')
  assert.deepEqual([away.view.mode.id, away.view.message?.text], ['table', 'the daemon does not answer'])
})

test('what a terminal sends at once is one key after another, and sequences have names', () => {
  assert.deepEqual(keysIn({ input: 'web\r', key: {} }), ['w', 'e', 'b', 'enter'])
  assert.deepEqual(keysIn({ input: '', key: { upArrow: true } }), ['up'])
  assert.deepEqual(keysIn({ input: 'c', key: { ctrl: true } }), ['ctrl-c'])
  assert.deepEqual(keysIn({ input: 'x', key: { meta: true } }), [])
  assert.deepEqual(keysIn({ input: '\x01\x7f', key: {} }), ['backspace'])
})
