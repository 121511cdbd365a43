import assert from 'node:assert/strict'
import test from 'node:test'
import { bytes, duration, named, percent } from '../../../../plugins/httpd/page/format.ts'
import { iniOf, requestOf, troubleOf } from '../../../../plugins/httpd/page/pages/add/draft.ts'
import { fromReply, goOn } from '../../../../plugins/httpd/page/pages/watcher/history.ts'
import { linkToWatcher, readRoute } from '../../../../plugins/httpd/page/route.ts'
import { mergePatch } from '../../../../plugins/httpd/page/store/merge-patch.ts'

test('a merge patch changes what it names, takes out what is null, and leaves the rest the very same', () => {
  const before = { a: { x: 1, y: 2 }, b: { z: 3 }, c: [1] }
  const after = mergePatch(before, { a: { y: null, w: 4 }, c: [2] }) as typeof before
  assert.deepEqual(after, { a: { x: 1, w: 4 }, b: { z: 3 }, c: [2] })
  assert.equal(after.b, before.b)
  assert.deepEqual(before, { a: { x: 1, y: 2 }, b: { z: 3 }, c: [1] })
  assert.equal(mergePatch(before, { a: { x: 1 }, gone: null }), before)
})

test('a watcher called __proto__ is a name like any other', () => {
  const patch = JSON.parse('{"__proto__": {"alive": 1}}')
  const after = mergePatch({}, patch) as Record<string, unknown>
  assert.deepEqual(Object.keys(after), ['__proto__'])
  assert.equal(({} as { alive?: number }).alive, undefined)
})

test('a name of any signs comes back out of its link', () => {
  for (const name of ['web', 'a/b', 'a b#c?d', '<img src=x>', '100%', 'ünï']) {
    assert.deepEqual(readRoute(linkToWatcher(name, 'output')), { id: 'watcher', name, tab: 'output' })
  }
  assert.deepEqual(readRoute('#/watcher/%zz'), { id: 'watcher', name: '%zz', tab: 'processes' })
})

test('what is added is the same for the daemon and as an ini', () => {
  const draft = {
    name: 'web',
    cmd: 'node web.js',
    options: [
      { id: 1, name: 'numprocesses', value: '2' },
      { id: 2, name: '', value: 'x' },
    ],
    variables: [{ id: 1, name: 'PORT', value: '80' }],
  }
  assert.deepEqual(requestOf(draft), {
    name: 'web',
    cmd: 'node web.js',
    options: { numprocesses: '2', env: { PORT: '80' } },
  })
  assert.equal(iniOf(draft), '[watcher:web]\ncmd = node web.js\nnumprocesses = 2\n\n[env:web]\nPORT = 80\n')
  assert.equal(troubleOf(draft), undefined)
  assert.match(String(troubleOf({ ...draft, options: [{ id: 1, name: 'a', value: 'b ; c' }] })), /comment/)
})

test('a graph goes on by the second, with a gap only where nobody looked for long', () => {
  const history = fromReply({ step: 1, until: 100, points: 5, cpu: [1, 2, 3, 4, 5], rss: [1, 1, 1, 1, 1], count: [] })
  const watcher = { status: 'active', wanted: 1, alive: 1, cpu: 9, rssBytes: 9, singleton: false, priority: 0 } as const
  goOn(history, 102, watcher, false)
  assert.deepEqual(history.times, [98, 99, 100, 101, 102])
  assert.deepEqual(history.lines[0]?.cpu, [3, 4, 5, 9, 9])
  goOn(history, 102.9, watcher, false)
  assert.deepEqual(history.lines[0]?.cpu, [3, 4, 5, 9, 9])
  goOn(history, 106, watcher, false)
  assert.deepEqual(history.lines[0]?.cpu, [9, null, null, null, 9])
})

test('figures have two digits that mean something', () => {
  assert.deepEqual([0, 0.42, 9.97, 37.4, undefined].map(percent), ['0.0 %', '0.4 %', '10 %', '37 %', '–'])
  assert.deepEqual([0, 1023, 1024, 1.5 * 2 ** 20, 3 * 2 ** 30].map(bytes), [
    '0 B',
    '1.0 KB',
    '1.0 KB',
    '1.5 MB',
    '3.0 GB',
  ])
  assert.deepEqual([5, 200, 7500, 90_000].map(duration), ['5s', '3m 20s', '2h 5m', '1d 1h'])
  assert.equal(named(['a', 'b', 'c'], 2), '“a”, “b” and 1 more')
})
